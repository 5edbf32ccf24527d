"""台账 as a Word document: the cells of the page to print, and every character of them on paper."""

import io
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from reforms.models import ReformList
from tests.reforms.pages.test_printed_page import rows_of
from tests.reforms.people import Cast
from tests.reforms.printing import needs_a_printer, pages_of


@pytest.fixture
def office(cast: Cast, signed_in: Any) -> Any:
    return signed_in(cast.supervisor)


def docx_of(client: Any, query: str) -> bytes:
    return b"".join(client.get(f"/measures/export/docx/{query}").streaming_content)


def cells_of(data: bytes) -> list[list[str]]:
    rows = Document(io.BytesIO(data)).tables[0].rows
    return [[cell.text for cell in row.cells] for row in rows]


def test_its_cells_are_those_of_the_page_to_print(demo: ReformList, office: Any) -> None:
    query = "?section=5&light=on_track&ordering=-deadline&on=2022-05-20"
    heading, *rows = cells_of(docx_of(office, query))
    assert rows == rows_of(office, query)
    assert heading[:4] == ["序号", "任务类别", "改革事项", "具体举措"]


@needs_a_printer
def test_every_character_is_printed_below_its_head(demo: ReformList, office: Any, tmp_path: Path) -> None:
    data = docx_of(office, "?section=5")
    pages = pages_of(data, "docx", tmp_path)
    asked = Counter("".join(text for row in cells_of(data)[1:] for text in row if text))
    printed = Counter(unicodedata.normalize("NFKC", "".join(pages)) + "".join(pages))
    assert {letter: n for letter, n in (asked - printed).items() if letter.isalnum()} == {}
    assert len(pages) > 3
    for page in pages:
        said = "".join(page.split())
        assert "数据截至2022年6月15日任务类别：" in said
        assert "具体举措" in said
