"""The 台账 on paper: opened by LibreOffice and printed, every character of every printed cell is there."""

import io
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from agencies.models import Agency
from reforms.models import Measure, ReformList
from tests.reforms.ledger.test_ledger import report
from tests.reforms.people import Cast
from tests.reforms.printing import needs_a_printer, pages_of

pytestmark = needs_a_printer


@pytest.fixture
def ledger(demo: ReformList, led: Measure, cast: Cast, transport: Agency, client: Any) -> bytes:
    """A section of the real list with a report as long as one may be."""
    report(led, transport, cast.reporter, progress="".join(f"第{n}阶段工作已经完成。" for n in range(400))[:4990])
    client.force_login(cast.supervisor, backend="agencies.people.sign_in.PasswordBackend")
    response = client.get(f"/measures/export/xlsx/?section={led.section.number}&section=5")
    return b"".join(response.streaming_content)


def printed(data: bytes, folder: Path) -> Counter[str]:
    """How often each character stands on the pages."""
    return Counter("".join(pages_of(data, "xlsx", folder)))


def asked_for(data: bytes) -> Counter[str]:
    """How often each character stands in the cells that are printed; shapes and white space apart, for which fonts have
    characters of their own."""
    sheet = load_workbook(io.BytesIO(data))["台账"]
    area = sheet[sheet.print_area.replace("'台账'!", "").replace("$", "")]
    return Counter(
        letter
        for row in area
        for cell in row
        if isinstance(cell.value, str)
        for letter in cell.value
        if letter.isalnum()
    )


def test_nothing_is_cut(ledger: bytes, tmp_path: Path) -> None:
    assert asked_for(ledger) - printed(ledger, tmp_path) == Counter()


def test_without_heights_it_would_be(ledger: bytes, tmp_path: Path) -> None:
    """The control."""
    missing = asked_for(ledger) - printed(without_heights(ledger), tmp_path)
    assert missing.total() > 1000


def without_heights(data: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as parts, zipfile.ZipFile(kept, "w") as package:
        for name in parts.namelist():
            content = parts.read(name)
            package.writestr(name, re.sub(rb' ht="[0-9.]+"', b"", content) if "sheet1" in name else content)
    return kept.getvalue()
