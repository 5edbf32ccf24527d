"""联络员名册: whom to call, in the order of the directory; printed in full."""

import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from agencies.models import Agency, Role, User
from reforms.models import Duty, ReformList
from tests.conftest import PersonMaker
from tests.reforms.people import Cast
from tests.reforms.printing import needs_a_printer, pages_of


def rows_of(client: Any) -> tuple[bytes, list[dict[str, Any]]]:
    data = b"".join(client.get("/agencies/roster/").streaming_content)
    heading, *rows = load_workbook(io.BytesIO(data))["联络员名册"].iter_rows(min_row=3, values_only=True)
    return data, [dict(zip(heading, row, strict=True)) for row in rows]


@pytest.fixture
def liaison(public: ReformList, transport: Agency, cast: Cast, person: PersonMaker) -> User:
    facts = {"position": "一级主任科员", "phone": "=0755-88101234", "mobile": "13800000000", "email": "lin@sz.gov.cn"}
    User.objects.filter(pk=cast.reporter.pk).update(full_name="林联络", **facts)
    approver, gone = (person(Role.APPROVER, agency=transport, username=name) for name in ("zhou", "wu"))
    User.objects.filter(pk=approver.pk).update(full_name="周审核", phone="88105678")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    return User.objects.get(pk=cast.reporter.pk)


def test_it_says_whom_to_call_in_each_agency(liaison: User, transport: Agency, cast: Cast, signed_in: Any) -> None:
    _data, rows = rows_of(signed_in(cast.supervisor))
    held = Duty.objects.in_work().values("agency")
    expected = Agency.objects.living().filter(pk__in=held).order_by("pk").values_list("name", flat=True)
    assert [row["单位"] for row in rows if row["单位"]] == list(expected)
    row = next(row for row in rows if row["单位"] == transport.name)
    assert (row["联络员"], row["职务"], row["办公电话"]) == ("林联络", "一级主任科员", "=0755-88101234")
    assert (row["手机"], row["邮箱"]) == ("13800000000", "lin@sz.gov.cn")
    assert row["审核人"].split("\n") == [str(cast.approver), "周审核（88105678）"]
    # Whom nobody can reach yet is seen.
    assert [row["联络员"] for row in rows if row["单位"] == "市司法局"] == [None]


@needs_a_printer
def test_every_character_is_printed(liaison: User, cast: Cast, signed_in: Any, tmp_path: Path) -> None:
    data, rows = rows_of(signed_in(cast.supervisor))
    pages = pages_of(data, "xlsx", tmp_path)
    asked = Counter("".join(str(value) for row in rows for value in row.values() if value))
    missing = asked - Counter("".join(pages))
    assert {letter: n for letter, n in missing.items() if letter.isalnum()} == {}
    assert all("联络员" in page and "审核人" in page for page in pages)
