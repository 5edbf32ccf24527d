"""What the portal writes is read back as what it was written from: the 台账 and the editions, as xlsx and csv."""

import io
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext
from openpyxl import load_workbook

from agencies.access import COMMAND_LINE
from importers.documents.layout.labels import SHOWN_AS
from importers.documents.read import ENGLISH_HEADINGS, read_document
from importers.documents.values import ParsedList
from importers.editions.apply import Source, apply_plan
from importers.editions.known import plan_import
from importers.editions.new_list import list_for
from importers.plans.compare import compare
from reforms.models import ReformList
from tests.conftest import ON, REAL_LIST
from tests.importers.samples import check, duty, header, para, row, table

FORMULA_LIKE = ["=合计", "+新增", "-压减", "@专员", "'引号", "'=不算"]
KINDS = ("xlsx", "csv")


def without_sections() -> ParsedList:
    """A list without sections whose titles and texts look like formulas."""
    rows = [duty(str(no), text, f"{text}落实。", helps="市司法局") for no, text in enumerate(FORMULA_LIKE, 1)]
    return check(para("二〇二二年清单"), table(header(), *rows, row("", "", "-又一举措", "市财政局", "", "持续推进")))


def with_other_columns() -> ParsedList:
    labels = ("序号", "改革事项", "具体举措", "牵头单位", "责任单位", "完成时限", "督导单位")
    rows = (row("1", "某事", "某举措", "市财政局", "", "2022年6月底", "市政府督查室"),)
    return check(para("二〇二二年清单"), table(header(*labels), *rows))


def imported(parsed: ParsedList) -> ReformList:
    reform_list = list_for(parsed, slug="round-trip", year=2022, on=ON)
    source = Source(file_name="清单.docx", file_sha256="0" * 64, who=COMMAND_LINE, on=ON)
    apply_plan(plan_import(parsed, reform_list), reform_list, source)
    ReformList.objects.filter(pk=reform_list.pk).update(public_status=True)
    return reform_list


def read_back(client: Client, address: str) -> ParsedList:
    response = client.get(address)
    assert response.status_code == 200
    return read_document(b"".join(response), "台账")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("made", [without_sections, with_other_columns])
def test_an_export_of_a_list_is_read_back_without_a_change(client: Client, made, kind: str) -> None:
    parsed = made()
    reform_list = imported(parsed)
    ReformList.objects.update(open_to="public")
    for address in (
        f"/measures/export/{kind}/?list={reform_list.slug}",
        f"/lists/{reform_list.slug}/editions/1/list.{kind}",
    ):
        again = read_back(client, address)
        assert again.error is None
        assert compare(parsed, again).changes == ()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_the_ledger_of_the_real_list_is_read_back(client: Client, reform_list: ReformList, kind: str) -> None:
    ReformList.objects.update(public_status=True)
    again = read_back(client, f"/measures/export/{kind}/?list={reform_list.slug}")
    printed = read_document(Path(REAL_LIST).read_bytes(), "清单")
    assert [one.kind for one in compare(printed, again).changes] == []


@pytest.mark.django_db
def test_what_was_edited_in_the_ledger_and_nothing_else_is_proposed(client: Client, reform_list: ReformList) -> None:
    ReformList.objects.update(public_status=True)
    response = client.get(f"/measures/export/xlsx/?list={reform_list.slug}")
    book = load_workbook(io.BytesIO(b"".join(response)))
    sheet = book["台账"]
    text, deadline = sheet["D40"].value, sheet["G41"].value
    sheet["D40"], sheet["G41"] = f"{text}并每季度评估。", "2023年3月底"
    edited = io.BytesIO()
    book.save(edited)
    printed = read_document(Path(REAL_LIST).read_bytes(), "清单")
    changes = compare(printed, read_document(edited.getvalue(), "台账")).changes
    assert [(one.kind, one.new) for one in changes] == [
        ("text_changed", f"{text}并每季度评估。"),
        ("deadline_changed", "2023年3月底"),
    ]
    assert deadline != "2023年3月底"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_was_exported_from_an_english_page_is_told_apart(
    client: Client, reform_list: ReformList, kind: str
) -> None:
    """Its agencies and sections have English names, which are none of the list's."""
    client.cookies["django_language"] = "en"
    response = client.get(f"/measures/export/{kind}/?list={reform_list.slug}")
    refused = read_document(b"".join(response), "ledger")
    assert refused.error
    assert "请在中文页面导出" in refused.error.message
    with translation.override("en"):
        assert {gettext(label) for label in ("任务类别", *SHOWN_AS.values())} == ENGLISH_HEADINGS
