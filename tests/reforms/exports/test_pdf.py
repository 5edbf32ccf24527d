"""PDF of documents and of the 台账: offered where LibreOffice is, made by the worker, for who may read the document."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from agencies.lib.untrusted import libreoffice
from agencies.lib.untrusted.libreoffice import Bounds, NotConverted, convert
from agencies.models import Agency, Role
from reforms.bulletins.drafts import draft_bulletin
from reforms.exports.orders import run_waiting
from reforms.models import Bulletin, Export, Notice, ReformList, SupervisionOrder
from reforms.pages import exports as pages
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.printing import needs_a_printer
from tests.reforms.shown import get

Made = list[str]


@pytest.fixture
def office(cast: Cast, signed_in: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Client:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    monkeypatch.setattr(pages, "wake", lambda _task: None)
    return signed_in(cast.supervisor)


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch) -> Made:
    """One that says what it was given."""
    given: Made = []

    def converted(data: bytes, suffix: str, target: str) -> bytes:
        assert data.startswith(b"PK")
        given.append(f"{suffix}>{target}")
        return b"%PDF-1.7"

    monkeypatch.setattr(libreoffice, "program", lambda: "soffice")
    monkeypatch.setattr(libreoffice, "convert", converted)
    return given


@pytest.fixture
def bulletin(demo: ReformList, cast: Cast) -> Bulletin:
    return draft_bulletin(demo, ON, who=acting(cast.supervisor), on=ON)


@pytest.fixture
def order(transport: Agency) -> SupervisionOrder:
    said = {"subject": "督办", "content": "请办理。", "drafted_on": ON, "drafted_by": "何督办"}
    return SupervisionOrder.objects.create(agency=transport, **said)


def ordered(client: Client, kind: str, query: str) -> Export:
    answer = client.post("/files/", {"kind": kind, "query": query})
    assert answer.status_code == 302
    run_waiting()
    return Export.objects.latest("pk")


def test_it_is_made_by_the_worker_and_told_of(office: Client, printer: Made, bulletin: Bulletin) -> None:
    page = get(office, bulletin.get_absolute_url())
    form = page.tree.xpath('//form[@action="/files/"]')[0]
    fields = {one.get("name"): one.get("value") for one in form.xpath(".//input[@type='hidden']")}
    export = ordered(office, fields["kind"], fields["query"])
    assert (export.state, export.file_name) == ("ready", "通报-第1期-2022-06-15.pdf")
    assert export.content_type == "application/pdf"
    assert printer == ["docx>pdf"]
    assert Notice.objects.filter(kind=Notice.Kind.FILE_MADE).count() == 1
    answer = office.get(f"{export.get_absolute_url()}file/")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7"


def test_orders_and_the_ledger_have_it_too(office: Client, printer: Made, demo: ReformList, order: Any) -> None:
    assert 'value="order-pdf"' in get(office, order.get_absolute_url()).text
    assert ordered(office, "order-pdf", f"pk={order.pk}").state == "ready"
    assert "/measures/export/pdf/?light=overdue" in get(office, "/measures/?light=overdue").text
    offered = office.get("/measures/export/pdf/?light=overdue")
    assert offered.context["made"].name.endswith(".pdf")
    assert ordered(office, offered.context["kind"], offered.context["query"]).state == "ready"
    assert printer == ["docx>pdf", "xlsx>pdf"]


def test_where_there_is_none_it_is_not_offered(
    office: Client, monkeypatch: pytest.MonkeyPatch, bulletin: Bulletin, order: Any
) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    for address in (bulletin.get_absolute_url(), order.get_absolute_url(), "/measures/"):
        assert "PDF" not in get(office, address).text, address
    for kind, query in (("bulletin-pdf", f"pk={bulletin.pk}"), ("order-pdf", f"pk={order.pk}"), ("measures-pdf", "")):
        assert office.post("/files/", {"kind": kind, "query": query}).status_code == 404


def test_who_may_not_read_the_document_gets_none(
    office: Client, printer: Made, bulletin: Bulletin, order: Any, person: PersonMaker, market: Agency, signed_in: Any
) -> None:
    stranger = signed_in(person(Role.REPORTER, agency=market, username="stranger"))
    for kind, pk in (("bulletin-pdf", bulletin.pk), ("order-pdf", order.pk), ("order-pdf", "x"), ("order-pdf", "")):
        assert stranger.post("/files/", {"kind": kind, "query": f"pk={pk}"}).status_code == 404
    assert Client().post("/files/", {"kind": "bulletin-pdf", "query": f"pk={bulletin.pk}"}).status_code == 404


def test_what_cannot_be_made_is_said_and_not_tried_again(
    office: Client, printer: Made, bulletin: Bulletin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_given: Any) -> bytes:
        raise NotConverted("too_long")

    monkeypatch.setattr(libreoffice, "convert", stopped)
    export = ordered(office, "bulletin-pdf", f"pk={bulletin.pk}")
    assert (export.state, export.attempts) == ("failed", 1)
    assert "文件未能生成" in get(office, export.get_absolute_url()).text


@needs_a_printer
def test_a_bulletin_is_printed(office: Client, bulletin: Bulletin) -> None:
    export = ordered(office, "bulletin-pdf", f"pk={bulletin.pk}")
    data = b"".join(office.get(f"{export.get_absolute_url()}file/").streaming_content)
    assert data.startswith(b"%PDF-")
    assert len(data) > 10_000


@needs_a_printer
def test_it_is_stopped_when_its_time_is_up() -> None:
    with pytest.raises(NotConverted) as stopped:
        convert(b"words", "txt", "pdf", bounds=Bounds(seconds=0))
    assert stopped.value.code == "too_long"
