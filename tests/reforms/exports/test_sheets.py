"""任务清单 and 填报表 of every agency of a list: made by the worker, told of, unpacked anywhere."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document
from openpyxl import load_workbook

from agencies.models import Agency, Role
from reforms.duties import acting_in
from reforms.exports.makers import safe_name
from reforms.exports.orders import run_waiting
from reforms.models import Duty, Export, Measure, Notice, ReformList
from reforms.pages import exports as pages
from tests.conftest import SLUG, PersonMaker
from tests.reforms.people import Cast


@pytest.fixture
def office(cast: Cast, signed_in: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Client:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    monkeypatch.setattr(pages, "wake", lambda _task: None)
    return signed_in(cast.supervisor)


def few(reform_list: ReformList, names: list[str]) -> None:
    """Only these agencies have anything to do, so that little is made."""
    Duty.objects.filter(measure__reform_list=reform_list).exclude(agency__name__in=names).delete()


def made(office: Client) -> zipfile.ZipFile:
    answer = office.get(f"/lists/{SLUG}/sheets/")
    fields = {name: answer.context[name] for name in ("kind", "query")}
    token = office.post("/files/", fields)["Location"].strip("/").split("/")[-1]
    run_waiting()
    answer = office.get(f"/files/{token}/file/")
    assert ".zip" in answer["Content-Disposition"]
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_each_agency_has_its_tasks_and_its_form(demo: ReformList, office: Client) -> None:
    few(demo, ["市交通运输局", "市司法局"])
    package = made(office)
    names = package.namelist()
    assert names == [
        f"{number}-{agency.name}-{kind}"
        for number, agency in enumerate(acting_in(demo), 1)
        for kind in ("任务清单.docx", "进展填报表.xlsx")
    ]
    assert "市交通运输局" in "".join(names)
    # Unpacked as Chinese wherever it is: the names are marked as UTF-8.
    assert all(one.flag_bits & 0x800 for one in package.infolist())
    for agency in acting_in(demo):
        tasks, form = (name for name in names if agency.name in name)
        held = Measure.objects.counted().held_by([agency.pk])
        rows = Document(io.BytesIO(package.read(tasks))).tables[0].rows[1:]
        assert sorted(row.cells[3].text for row in rows) == sorted(held.values_list("text", flat=True))
        sheet = load_workbook(io.BytesIO(package.read(form)))["填报"]
        assert sheet["A1"].value == f"改革举措进展填报表　{agency.name}　2022-06-15"
        assert sheet.max_row - 3 == held.exclude(status="closed").count()


def test_whoever_ordered_it_is_told_until_it_is_fetched(demo: ReformList, office: Client, cast: Cast) -> None:
    few(demo, ["市司法局"])
    made(office)
    notice = Notice.objects.get(kind="file_made")
    assert (notice.user, notice.by_mail) == (cast.supervisor, False)
    assert notice.sightings.filter(user=cast.supervisor).exists()
    assert office.get(f"/notices/{notice.pk}/")["Location"] == Export.objects.get().get_absolute_url()


def test_a_form_of_it_comes_back_from_its_agency(
    demo: ReformList, office: Client, signed_in: Any, cast: Cast, transport: Agency
) -> None:
    few(demo, [transport.name])
    package = made(office)
    book = load_workbook(io.BytesIO(package.read(package.namelist()[1])))
    heading = [cell.value for cell in book["填报"][3]]
    book["填报"].cell(4, heading.index("工作进展") + 1, "方案已印发。")
    filled = io.BytesIO()
    book.save(filled)
    answer = signed_in(cast.reporter).post("/desk/sheet/", {"file": SimpleUploadedFile("a.xlsx", filled.getvalue())})
    assert [one.line.measure_id for one in answer.context["findings"].proposals] == [book["填报"]["A4"].value]


def test_it_is_the_offices_alone(demo: ReformList, signed_in: Any, cast: Cast, person: PersonMaker) -> None:
    for other in (cast.reporter, person(Role.ADMINISTRATOR)):
        client = signed_in(other)
        assert client.get(f"/lists/{SLUG}/sheets/").status_code == 403
        assert client.post("/files/", {"kind": "sheets", "query": f"list={SLUG}"}).status_code == 403


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\甲", "C__甲"),
        ('=HYPERLINK("a")', "=HYPERLINK(_a_)"),
        ("甲\u202egnp.exe\x07\n", "甲_gnp.exe__"),
        (" . ", "_"),
        ("长" * 300, "长" * 60),
    ],
)
def test_names_lead_nowhere(demo: ReformList, office: Client, name: str, said: str) -> None:
    assert safe_name(name) == said
    few(demo, ["市司法局"])
    Agency.objects.filter(name="市司法局").update(name=name[:120])
    assert made(office).namelist()[0] == f"1-{said}-任务清单.docx"


def test_an_agencys_page_leads_to_its_tasks_and_for_whoever_may_to_its_form(
    demo: ReformList, office: Client, client: Client, transport: Agency
) -> None:
    form = f'href="/desk/sheet/file/?agency={transport.pk}"'
    tasks = f'href="/measures/export/docx/?holder={transport.pk}"'
    seen, public = (one.get(transport.get_absolute_url()).content.decode() for one in (office, Client()))
    assert tasks in seen
    assert tasks in public
    assert form in seen
    assert form not in public
