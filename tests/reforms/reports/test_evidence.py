"""佐证材料: handed in with a report, read by whoever reads the report, kept once, and taken off again."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html

from agencies.access import Principal
from agencies.models import Agency, Change, Role, User
from reforms.files import storage as files
from reforms.models import Duty, Evidence, Measure, ProgressReport, StoredFile
from reforms.reports.evidence import add_evidence, remove_evidence
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, PersonMaker
from tests.reforms.documents import IN_MEMORY, PDF, office, pdf, png, upload
from tests.reforms.shown import words

SignIn = Callable[[User], Client]


@pytest.fixture(params=["a folder", "memory"], autouse=True)
def storage(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> Iterator[None]:
    """Every test runs with the files in a folder, and with a storage that has no folder."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    if request.param == "memory":
        settings.STORAGES = settings.STORAGES | {"default": IN_MEMORY}
    yield
    assert (request.param == "a folder") or not (tmp_path / "uploads").exists()


@pytest.fixture
def who(reporter: User) -> Principal:
    """The reporter of 市交通运输局."""
    return Principal.of_user(reporter)


@pytest.fixture
def report(led: Measure, transport: Agency, who: Principal) -> ProgressReport:
    return submit_report(led.pk, transport.pk, ReportContent(progress="已完成。"), who=who, on=ON)


@pytest.fixture
def another(led: Measure, transport: Agency, who: Principal) -> ProgressReport:
    """A second report of the same agency."""
    return submit_report(led.pk, transport.pk, ReportContent(progress="又有进展。"), who=who, on=ON)


def add(report: ProgressReport, name: str, data: bytes, who: Principal) -> Evidence:
    return add_evidence(report.pk, upload(name, data), who=who, on=ON)[0]


def stored_names() -> list[str]:
    """The names of all files that lie in the storage."""
    if not default_storage.exists("evidence"):
        return []
    folders = default_storage.listdir("evidence")[0]
    return [f"evidence/{one}/{name}" for one in folders for name in default_storage.listdir(f"evidence/{one}")[1]]


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


# Keeping ----------------------------------------------------------------------------------------


def test_a_file_lies_under_its_hash_and_nobody_s_name(report: ProgressReport, who: Principal) -> None:
    found = add(report, "批复.pdf", PDF, who)
    sha256 = hashlib.sha256(PDF).hexdigest()
    assert stored_names() == [f"evidence/{sha256[:2]}/{sha256}"]
    assert (found.stored.sha256, found.stored.size, found.stored.content_type) == (sha256, len(PDF), "application/pdf")
    assert (found.name, found.added_by, found.added_by_user_id) == ("批复.pdf", who.label, who.user_id)


def test_the_same_file_again_is_the_same_evidence(report: ProgressReport, who: Principal) -> None:
    first = add(report, "批复.pdf", PDF, who)
    again, is_new = add_evidence(report.pk, upload("批复（终稿）.pdf", PDF), who=who, on=ON)
    assert (again, again.name, is_new) == (first, "批复.pdf", False)
    assert Change.objects.filter(action="evidence.added").count() == 1


def test_the_same_file_of_another_report_is_stored_once(
    report: ProgressReport, another: ProgressReport, who: Principal
) -> None:
    first, second = add(report, "批复.pdf", PDF, who), add(another, "附件1.pdf", PDF, who)
    assert first.stored == second.stored
    assert (second.name, len(stored_names())) == ("附件1.pdf", 1)


def test_a_large_upload_is_read_in_pieces_and_left_where_it_was(report: ProgressReport, who: Principal) -> None:
    large = TemporaryUploadedFile("大.pdf", "application/pdf", 0, None)
    large.write(PDF.ljust(5 * 1024 * 1024, b" "))
    found, _is_new = add_evidence(report.pk, large, who=who, on=ON)
    assert found.stored.size == 5 * 1024 * 1024
    assert Path(large.temporary_file_path()).exists()
    with found.stored.file.open("rb") as stored:
        assert hashlib.file_digest(stored, "sha256").hexdigest() == found.stored.sha256


def test_a_file_that_was_cut_off_by_a_crash_is_stored_anew(report: ProgressReport, who: Principal) -> None:
    cut_off = upload("x", PDF[:20])
    default_storage.save(files.name_of(hashlib.sha256(PDF).hexdigest()), cut_off)
    found = add(report, "批复.pdf", PDF, who)
    assert found.stored.file.read() == PDF


def test_a_file_that_a_crash_left_whole_is_taken_up(report: ProgressReport, who: Principal) -> None:
    name = default_storage.save(files.name_of(hashlib.sha256(PDF).hexdigest()), upload("x", PDF))
    assert add(report, "批复.pdf", PDF, who).stored.file.name == name
    assert stored_names() == [name]


def test_a_file_that_was_lost_comes_back_with_the_same_upload(
    report: ProgressReport, another: ProgressReport, who: Principal
) -> None:
    lost = add(report, "批复.pdf", PDF, who)
    default_storage.delete(str(lost.stored.file.name))
    add(another, "批复.pdf", PDF, who)
    lost.stored.refresh_from_db()
    assert lost.stored.file.read() == PDF


def test_a_file_that_is_swept_away_at_the_last_moment_is_stored_again(
    report: ProgressReport, who: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = files.store

    def keep_and_lose(*args: Any) -> str:
        name = keep(*args)
        assert files.delete_unused(name, hashlib.sha256(PDF).hexdigest())
        return name

    monkeypatch.setattr("reforms.reports.evidence.store", keep_and_lose)
    assert add(report, "批复.pdf", PDF, who).stored.file.read() == PDF


def test_two_uploads_of_one_file_at_once_leave_one_file(
    report: ProgressReport,
    another: ProgressReport,
    who: Principal,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """The second upload runs from beginning to end while the first one's file is half written."""
    save, under_way = files._save, []

    def save_meanwhile(file: Any, sha256: str) -> str:
        if not under_way:
            under_way.append(default_storage.save(files.name_of(sha256), upload("x", PDF[:20])))
            add(another, "批复.pdf", PDF, who)
        return save(file, sha256)

    monkeypatch.setattr(files, "_save", save_meanwhile)
    with django_capture_on_commit_callbacks(execute=True):
        first = add(report, "批复.pdf", PDF, who)
    assert StoredFile.objects.get() == first.stored
    assert first.stored.file.read() == PDF
    assert [name for name in stored_names() if name not in under_way] == [first.stored.file.name]


def test_a_refused_upload_leaves_nothing(report: ProgressReport, who: Principal) -> None:
    changes = Change.objects.count()
    with pytest.raises(ValidationError, match=r"“安装\.pdf”"):
        add(report, "安装.pdf", b"MZ\x90", who)
    assert (stored_names(), StoredFile.objects.count(), Change.objects.count()) == ([], 0, changes)


def test_a_report_takes_so_many_files_and_no_more(report: ProgressReport, who: Principal, settings: Any) -> None:
    settings.EVIDENCE_MAX_FILES = 2
    for number in range(2):
        add(report, f"附件{number}.pdf", pdf(str(number)), who)
    with pytest.raises(ValidationError, match=r"最多附2个文件，“附件3\.pdf”未保存"):
        add(report, "附件3.pdf", pdf("3"), who)
    assert not add_evidence(report.pk, upload("附件0.pdf", pdf("0")), who=who, on=ON)[1]
    assert (report.evidence.count(), len(stored_names())) == (2, 2)


# Taking off -------------------------------------------------------------------------------------


def test_a_file_that_no_report_uses_any_more_is_deleted(
    report: ProgressReport, another: ProgressReport, who: Principal, django_capture_on_commit_callbacks: Any
) -> None:
    first, second = add(report, "批复.pdf", PDF, who), add(another, "批复.pdf", PDF, who)
    with django_capture_on_commit_callbacks(execute=True):
        remove_evidence(first.pk, who=who, on=ON)
    assert len(stored_names()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        remove_evidence(second.pk, who=who, on=ON)
    assert (stored_names(), StoredFile.objects.count()) == ([], 0)


def test_the_log_says_what_was_added_and_removed(report: ProgressReport, who: Principal) -> None:
    found = add(report, "批复.pdf", PDF, who)
    facts = {"report": report.pk, "name": "批复.pdf", "sha256": found.stored.sha256, "size": len(PDF)}
    remove_evidence(found.pk, who=who, on=ON)
    added, removed = Change.objects.filter(action__startswith="evidence.").order_by("sequence")
    assert (added.action, added.after, added.before) == ("evidence.added", facts, {})
    assert (removed.action, removed.before, removed.after) == ("evidence.removed", facts, {})
    for change in (added, removed):
        assert (change.kind, change.object_id, change.agency_id) == ("measure", report.measure_id, report.agency_id)
        assert (change.visibility, change.actor) == ("internal", who.label)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.REPORTER, Role.APPROVER}))
def test_nobody_else_in_the_agency_adds_or_removes(
    report: ProgressReport, who: Principal, transport: Agency, role: Role
) -> None:
    found = add(report, "批复.pdf", PDF, who)
    somebody = Principal(label="王", roles=frozenset({(role, transport.pk)}))
    with pytest.raises(PermissionDenied):
        add(report, "现场.png", png(), somebody)
    with pytest.raises(PermissionDenied):
        remove_evidence(found.pk, who=somebody, on=ON)
    assert report.evidence.count() == 1


def test_a_report_that_is_closed_to_changes_keeps_its_evidence(
    report: ProgressReport, who: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = add(report, "批复.pdf", PDF, who)
    monkeypatch.setattr("reforms.reports.evidence.takes_evidence", lambda report: False)
    with pytest.raises(ValidationError, match="不能增删"):
        add(report, "现场.png", png(), who)
    with pytest.raises(ValidationError, match="不能增删"):
        remove_evidence(found.pk, who=who, on=ON)


# The sweep --------------------------------------------------------------------------------------


def swept(**options: bool) -> str:
    said = StringIO()
    call_command("sweep_evidence", stdout=said, **options)
    return said.getvalue()


def test_the_sweep_takes_what_nothing_names_once_it_is_a_day_old(
    report: ProgressReport, who: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = add(report, "批复.pdf", PDF, who)
    left = default_storage.save(files.name_of(hashlib.sha256(png()).hexdigest()), upload("x", png()))
    assert "无记录的文件0个" in swept()
    later = timezone.now() + dt.timedelta(days=1, minutes=1)
    monkeypatch.setattr("reforms.management.commands.sweep_evidence.timezone.now", lambda: later)
    assert left in swept(dry_run=True)
    assert left in stored_names()
    assert left in swept()
    assert stored_names() == [kept.stored.file.name]


def test_the_sweep_fails_where_a_file_is_missing(report: ProgressReport, who: Principal) -> None:
    assert "无记录的文件0个" in swept()
    lost = add(report, "批复.pdf", PDF, who)
    default_storage.delete(str(lost.stored.file.name))
    said = StringIO()
    with pytest.raises(CommandError, match="缺失文件1个"):
        call_command("sweep_evidence", stdout=said)
    assert "“批复.pdf”" in said.getvalue()


# Downloading ------------------------------------------------------------------------------------


def test_it_comes_as_a_file_to_save_and_can_do_nothing(
    report: ProgressReport, who: Principal, reporter: User, signed_in: SignIn
) -> None:
    found = add(report, "第101项 批复“终稿”.pdf", PDF, who)
    response = signed_in(reporter).get(found.get_absolute_url())
    assert (response.status_code, body(response)) == (200, PDF)
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E7%AC%AC101")
    assert (response["Content-Type"], response["Content-Length"]) == ("application/pdf", str(len(PDF)))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("name", "data", "shown"),
    [
        ("批复.pdf", PDF, True),
        ("现场.png", png(), True),
        ("文件.docx", office("docx"), False),
        ("说明.txt", b"x", False),
    ],
    ids=["pdf", "png", "docx", "txt"],
)
def test_only_a_pdf_or_an_image_is_shown_and_only_when_asked(
    report: ProgressReport, who: Principal, reporter: User, signed_in: SignIn, name: str, data: bytes, shown: bool
) -> None:
    found, client = add(report, name, data, who), signed_in(reporter)
    viewed = client.get(f"{found.get_absolute_url()}?view=1")
    assert viewed["Content-Disposition"].split(";")[0] == ("inline" if shown else "attachment")
    assert viewed["Content-Security-Policy"].startswith("sandbox")
    assert client.get(found.get_absolute_url())["Content-Disposition"].startswith("attachment")


def test_it_is_read_by_whoever_reads_the_report(
    report: ProgressReport, who: Principal, person: PersonMaker, transport: Agency, signed_in: SignIn
) -> None:
    found = add(report, "批复.pdf", PDF, who)
    readers = [person(Role.VIEWER, agency=transport), person(Role.SUPERVISOR), person(Role.AUDITOR)]
    assert [signed_in(one).get(found.get_absolute_url()).status_code for one in readers] == [200] * 3


def test_for_all_others_it_is_not_there(
    report: ProgressReport, who: Principal, person: PersonMaker, market: Agency, signed_in: SignIn
) -> None:
    found = add(report, "批复.pdf", PDF, who)
    client = signed_in(person(Role.REPORTER, agency=market))
    assert client.get(found.get_absolute_url()).status_code == 404
    assert client.get("/evidence/99999999/").status_code == 404
    assert client.post(f"{found.get_absolute_url()}remove/").status_code == 404
    assert client.post(f"/reports/{report.pk}/evidence/", {"files": upload("x.pdf", PDF)}).status_code == 404
    assert report.evidence.count() == 1


def test_a_lead_reads_the_evidence_of_others_and_cannot_touch_it(
    led: Measure, who: Principal, reporter: User, market: Agency, signed_in: SignIn
) -> None:
    Duty.objects.get_or_create(measure=led, agency=market, defaults={"part": "responsible"})
    other = Principal(label="王", roles=frozenset({(Role.REPORTER, market.pk)}))
    report = submit_report(led.pk, market.pk, ReportContent(progress="已配合。"), who=other, on=ON)
    found, client = add(report, "批复.pdf", PDF, other), signed_in(reporter)
    assert client.get(found.get_absolute_url()).status_code == 200
    assert client.post(f"{found.get_absolute_url()}remove/").status_code == 403
    assert client.post(f"/reports/{report.pk}/evidence/", {"files": upload("x.pdf", pdf("2"))}).status_code == 403
    assert report.evidence.count() == 1


def test_who_is_not_signed_in_or_shut_out_is_asked_to_sign_in(
    report: ProgressReport, who: Principal, reporter: User, signed_in: SignIn
) -> None:
    found = add(report, "批复.pdf", PDF, who)
    sign_in = f"/sign-in/?next={found.get_absolute_url()}"
    assert Client().get(found.get_absolute_url())["Location"] == sign_in
    client = signed_in(reporter)
    User.objects.filter(pk=reporter.pk).update(is_active=False)
    assert client.get(found.get_absolute_url())["Location"] == sign_in


def test_a_file_missing_from_the_storage_is_not_found(
    report: ProgressReport, who: Principal, reporter: User, signed_in: SignIn
) -> None:
    found = add(report, "批复.pdf", PDF, who)
    default_storage.delete(str(found.stored.file.name))
    assert signed_in(reporter).get(found.get_absolute_url()).status_code == 404


# On the page ------------------------------------------------------------------------------------


def test_the_good_files_are_kept_when_others_are_refused(
    report: ProgressReport, reporter: User, signed_in: SignIn
) -> None:
    files = [upload("批复.pdf", PDF), upload("安装.exe", b"MZ\x90"), upload("空.txt", b""), upload("现场.png", png())]
    response = signed_in(reporter).post(f"/reports/{report.pk}/evidence/", {"files": files}, follow=True)
    assert response.redirect_chain == [(f"/measures/{report.measure_id}/#report-{report.pk}", 302)]
    text = response.content.decode()
    sentences = ("已添加“批复.pdf”", "“安装.exe”是网页、脚本或程序", "“空.txt”是空文件", "已添加“现场.png”")
    assert [one for one in sentences if one not in text] == []
    assert [one.name for one in report.evidence.all()] == ["批复.pdf", "现场.png"]


def test_htmx_gets_the_evidence_alone(report: ProgressReport, reporter: User, signed_in: SignIn) -> None:
    client = signed_in(reporter)
    address, headers = f"/reports/{report.pk}/evidence/", {"HX-Request": "true"}
    text = client.post(address, {"files": upload("批复.pdf", PDF)}, headers=headers).content.decode()
    assert text.strip().startswith('<div class="evidence">')
    assert "已添加“批复.pdf”" in text
    removed = client.post(f"{report.evidence.get().get_absolute_url()}remove/", headers=headers).content.decode()
    assert "已删除“批复.pdf”" in removed
    assert not report.evidence.exists()


def test_a_form_without_a_file_says_so(report: ProgressReport, reporter: User, signed_in: SignIn) -> None:
    response = signed_in(reporter).post(f"/reports/{report.pk}/evidence/", follow=True)
    assert "没有选择文件" in response.content.decode()


def test_the_measure_s_page_shows_evidence_and_offers_the_form_under_one_s_own_reports(
    report: ProgressReport, who: Principal, reporter: User, person: PersonMaker, transport: Agency, signed_in: SignIn
) -> None:
    found = add(report, "批复.pdf", PDF, who)
    page = f"/measures/{report.measure_id}/"
    own = signed_in(reporter).get(page).content.decode()
    read = signed_in(person(Role.VIEWER, agency=transport)).get(page).content.decode()
    for text in (own, read):
        assert f'href="{found.get_absolute_url()}"' in text
        details = html.fromstring(text).xpath('//*[@class="history"]//*[@class="detail"]')
        assert words(details[0]) == "批复.pdf"
    offered = (f"/reports/{report.pk}/evidence/", f"{found.get_absolute_url()}remove/")
    assert [address in own for address in offered] == [True, True]
    assert [address in read for address in offered] == [False, False]


def test_visitors_and_other_agencies_learn_no_file_s_name(
    report: ProgressReport, who: Principal, person: PersonMaker, market: Agency, signed_in: SignIn, public: Any
) -> None:
    add(report, "只对内.pdf", PDF, who)
    for client in (Client(), signed_in(person(Role.REPORTER, agency=market))):
        assert "只对内" not in client.get(f"/measures/{report.measure_id}/").content.decode()


def test_many_files_take_no_more_queries_than_one(
    report: ProgressReport, another: ProgressReport, who: Principal, reporter: User, signed_in: SignIn
) -> None:
    client, page = signed_in(reporter), f"/measures/{report.measure_id}/"

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(page)
        return len(asked)

    add(report, "附件.pdf", pdf("0"), who)
    queries()
    before = queries()
    for number in range(1, 5):
        add(report, f"附件{number}.pdf", pdf(str(number)), who)
        add(another, f"附件{number}.pdf", pdf(str(number)), who)
    assert queries() == before
