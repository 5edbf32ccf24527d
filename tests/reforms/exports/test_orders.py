"""Long files: offered, ordered, made by the worker, fetched by whoever ordered them, and forgotten."""

import datetime as dt
import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.storage import default_storage
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from agencies.lib.jobs.lease import Lease
from agencies.models import Change, Membership, Role, User
from importers.documents.read import read_document
from importers.documents.values import ParsedList
from reforms.exports import orders as making
from reforms.exports.orders import run, run_waiting, watch_of
from reforms.models import Export, ListEdition, Measure, ReformList
from reforms.pages import exports as pages
from tests.conftest import ON, REAL_LIST, SLUG, PersonMaker
from tests.reforms.large import repeated

SignIn = Callable[[User], Client]
LOG = {"kind": "log", "query": "action=measure.added"}


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> list[Any]:
    """Any file is a long one here, and the worker works when the test says so."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    calls: list[Any] = []
    settings.ROWS_EXPORTED_AT_ONCE = 100
    monkeypatch.setattr(pages, "wake", calls.append)
    return calls


@pytest.fixture
def user(person: PersonMaker, reform_list: ReformList) -> User:
    return person(Role.AUDITOR)


@pytest.fixture
def auditor(signed_in: SignIn, user: User) -> Client:
    return signed_in(user)


def ordered(client: Client, **asked: str) -> Export:
    response = client.post("/files/", {**LOG, **asked})
    assert response.status_code == 302
    return Export.objects.get(token=response["Location"].strip("/").split("/")[-1])


def sheet(client: Client, export: Export) -> list[list[Any]]:
    response = client.get(f"{export.get_absolute_url()}file/")
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def understood(parsed: ParsedList) -> list[tuple[Any, ...]]:
    return [(one.item_no, one.text, one.lead, one.responsible, one.deadline) for one in parsed.measures]


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_long_file_is_offered_with_what_comes_at_once(auditor: Client) -> None:
    page = auditor.get("/audit/export/xlsx/?action=measure.added")
    assert "文件较长" in text(page)
    assert 'href="/audit/export/csv/?action=measure.added"' in text(page)
    assert not Export.objects.exists()


def test_it_is_ordered_made_and_fetched_with_every_row(auditor: Client, woken: list[Any]) -> None:
    page = auditor.post("/files/", LOG, follow=True)
    assert woken == [pages.run_exports]
    assert "排队等待处理…" in text(page)
    pages.run_exports()
    export = Export.objects.get()
    address = export.get_absolute_url()
    assert auditor.get(f"{address}progress/")["HX-Refresh"] == "true"
    assert "文件已生成" in text(auditor.get(address))
    numbers = set(Change.objects.filter(action="measure.added").values_list("sequence", flat=True))
    assert {row[0] for row in sheet(auditor, export)[1:]} == numbers
    disposition = unquote(auditor.get(f"{address}file/")["Content-Disposition"])
    assert f"变更日志-{timezone.localdate().isoformat()}.xlsx" in disposition


def test_how_far_it_is_can_be_watched(auditor: Client) -> None:
    export = ordered(auditor)
    watch_of(export.pk).during("writing")(54, 216)
    assert "正在生成：54 / 216" in text(auditor.get(export.get_absolute_url()))
    assert 'value="25"' in text(auditor.get(f"{export.get_absolute_url()}progress/"))


def test_nobody_else_gets_it(auditor: Client, person: PersonMaker) -> None:
    export = ordered(auditor)
    run(export.pk)
    another, visitor = Client(), Client()
    another.force_login(person(Role.AUDITOR, username="another"), backend="agencies.people.sign_in.PasswordBackend")
    for address in ("", "progress/", "file/"):
        for client in (another, visitor):
            assert client.get(f"{export.get_absolute_url()}{address}").status_code == 404


def test_neither_does_its_owner_without_the_role(auditor: Client, user: User) -> None:
    export = ordered(auditor)
    run(export.pk)
    Membership.objects.filter(user=user).update(role=Role.VIEWER)
    assert auditor.get(f"{export.get_absolute_url()}file/").status_code == 404


def test_what_one_may_not_have_by_then_is_not_made(auditor: Client, user: User) -> None:
    export = ordered(auditor)
    Membership.objects.filter(user=user).update(role=Role.VIEWER)
    run(export.pk)
    export.refresh_from_db()
    assert (export.state, str(export.file)) == (Export.State.FAILED, "")


def test_what_one_may_not_have_cannot_be_ordered(signed_in: SignIn, reporter: User) -> None:
    assert signed_in(reporter).post("/files/", LOG).status_code == 403
    assert Client().post("/files/", LOG).status_code == 403
    assert Client().post("/files/", {"kind": "secrets"}).status_code == 404
    assert Client().post("/files/", {"kind": "measures", "query": "light=?"}).status_code == 404
    for query in ("", "list=%00&number=x&as=docx", f"list={SLUG}&number=1&as=exe"):
        assert Client().post("/files/", {"kind": "edition", "query": query}).status_code == 404


def test_what_a_killed_worker_left_is_made_by_the_next(auditor: Client) -> None:
    export = ordered(auditor)
    held = Export.objects.filter(pk=export.pk)
    held.update(holder="killed", lease_until=Now() + Lease.LENGTH, attempts=1)
    assert run_waiting() == 0
    held.update(lease_until=Now() - dt.timedelta(seconds=1))
    assert run_waiting() == 1
    assert len(sheet(auditor, export)) == 217


def test_one_that_kills_its_workers_is_given_up(auditor: Client) -> None:
    export = ordered(auditor)
    Export.objects.filter(pk=export.pk).update(attempts=making.MOST_ATTEMPTS)
    run(export.pk)
    assert "文件未能生成" in text(auditor.get(export.get_absolute_url()))


def test_a_worker_that_lost_it_leaves_nothing_behind(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    export = ordered(auditor)
    made = making.made

    def taken_over(*asked: Any) -> Any:
        Export.objects.filter(pk=export.pk).update(holder="another")
        return made(*asked)

    monkeypatch.setattr(making, "made", taken_over)
    run(export.pk)
    export.refresh_from_db()
    assert (export.state, export.holder, str(export.file)) == (Export.State.WAITING, "another", "")
    assert default_storage.listdir("exports")[1] == []


def test_after_a_day_it_is_gone_with_its_file(auditor: Client) -> None:
    export = ordered(auditor)
    run(export.pk)
    export.refresh_from_db()
    Export.objects.filter(pk=export.pk).update(created_at=timezone.now() - dt.timedelta(hours=23))
    run_waiting()
    assert default_storage.exists(export.file.name)
    Export.objects.filter(pk=export.pk).update(created_at=timezone.now() - dt.timedelta(hours=25))
    run_waiting()
    assert not default_storage.exists(export.file.name)
    assert auditor.get(export.get_absolute_url()).status_code == 404


def test_the_same_is_made_once_and_only_a_few_at_a_time(auditor: Client) -> None:
    first = ordered(auditor)
    assert ordered(auditor) == first
    for query in ("", "who=张"):
        Export.objects.create(kind="log", query=query, on=ON, created_at=timezone.now(), user=first.user)
    refused = auditor.post("/files/", LOG | {"query": "kind=measure"})
    assert refused.status_code == 429
    assert "同时最多生成3个文件" in text(refused)
    assert ordered(auditor) == first
    run(first.pk)
    assert ordered(auditor) != first  # the log has gone on since


def test_a_visitor_gets_a_public_file_by_its_address(client: Client, public: ReformList) -> None:
    page = client.get("/measures/export/xlsx/?search=&page=2")
    assert page.status_code == 200
    export = ordered(client, kind="measures", query="section=1")
    assert export.user is None
    run(export.pk)
    assert sheet(Client(), export)[2][0] == "序号"


def test_it_speaks_the_language_in_which_it_was_ordered(auditor: Client) -> None:
    auditor.cookies["django_language"] = "en"
    export = ordered(auditor)
    run_waiting()
    assert sheet(auditor, export)[0][:3] == ["No.", "Recorded at", "Business date"]


def test_it_tells_of_the_day_on_which_it_was_ordered(auditor: Client, settings: Any, public: ReformList) -> None:
    export = ordered(auditor, kind="measures", query="")
    settings.PORTAL_TODAY = ON + dt.timedelta(days=400)
    run(export.pk)
    assert "数据截至2022年6月15日" in sheet(auditor, export)[1][0]


def test_a_file_of_an_edition_reads_back_the_same(client: Client, public: ReformList) -> None:
    page = client.get(f"/lists/{SLUG}/editions/1/list.docx")
    assert "生成文件" in text(page)
    export = ordered(client, kind="edition", query=f"list={SLUG}&number=1&as=docx")
    run(export.pk)
    response = client.get(f"{export.get_absolute_url()}file/")
    again = read_document(b"".join(response.streaming_content), "list.docx")
    assert understood(again) == understood(read_document(REAL_LIST.read_bytes(), "list.docx"))


def test_the_file_of_an_edition_with_a_long_title_has_a_name_that_can_be_kept(
    client: Client, public: ReformList
) -> None:
    """On PostgreSQL the worker could not write it down, on a disk it was too long for a file."""
    ListEdition.objects.update(title="深圳市" + "很长" * 200 + "清单")
    export = ordered(client, kind="edition", query=f"list={SLUG}&number=1&as=docx")
    run(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.READY
    assert export.file_name.endswith("…（第1版）.docx")
    assert len(export.file_name.encode()) <= 255


def test_thousands_of_rows_are_all_there(auditor: Client, public: ReformList) -> None:
    repeated(Measure.objects.filter(duties__part="lead").order_by("row")[0], 2_000)
    export = ordered(auditor, kind="measures", query="")
    run(export.pk)
    rows = sheet(auditor, export)[3:]
    assert len(rows) == Measure.objects.counted().count() == 2_216
    assert "共2216条" in sheet(auditor, export)[1][0]


def test_a_long_file_of_json_is_made_by_the_worker_too(client: Client, public: ReformList) -> None:
    page = client.get("/measures/export/json/?standing=false")
    assert "文件较长" in text(page)
    assert 'value="measures-json"' in text(page)
    export = ordered(client, kind="measures-json", query="standing=false")
    run(export.pk)
    response = client.get(f"{export.get_absolute_url()}file/")
    assert len(json.loads(b"".join(response.streaming_content))["results"]) == 185
    assert response["Content-Type"] == "application/json"
