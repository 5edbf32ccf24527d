"""One file handed in by several people at the same moment. These tests empty the database, and make what they need."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection  # noqa: F401  # the condition below names it

from agencies.access import Principal
from agencies.models import Agency, Role
from reforms.files import storage
from reforms.models import Evidence, Measure, ProgressReport, ReformList, StoredFile
from reforms.reports.evidence import add_evidence, remove_evidence
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON
from tests.importers.editions.test_apply_writers import apply
from tests.importers.jobs.test_jobs import small
from tests.importers.samples import duty
from tests.reforms.documents import PDF, upload
from tests.threads import in_thread, on_postgresql

ENOUGH = 20.0
WRITERS = 4
pytestmark = [
    pytest.mark.django_db(transaction=True),
    on_postgresql,
]


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "uploads"


@pytest.fixture
def reform_list() -> ReformList:
    """A list of one measure, led by 市甲局."""
    return apply(small(duty("1", lead="市甲局")), None)


@pytest.fixture
def who(reform_list: ReformList) -> Principal:
    agency = Agency.objects.get(name="市甲局")
    return Principal(label="李填报", roles=frozenset({(Role.REPORTER, agency.pk)}))


@pytest.fixture
def reports(who: Principal, reform_list: ReformList) -> list[ProgressReport]:
    measure = Measure.objects.get(reform_list=reform_list)
    (agency,) = who.agencies()
    texts = [f"第{number}次。" for number in range(WRITERS)]
    return [submit_report(measure.pk, agency, ReportContent(progress=text), who=who, on=ON) for text in texts]


def stored_files() -> list[str]:
    return [
        f"evidence/{folder}/{name}"
        for folder in default_storage.listdir("evidence")[0]
        for name in default_storage.listdir(f"evidence/{folder}")[1]
    ]


def all_at_once(monkeypatch: pytest.MonkeyPatch, who: Principal, reports: list[ProgressReport]) -> None:
    """Everybody hands in the same file; nobody begins to store it before all have found it unknown."""
    together, keep = threading.Barrier(len(reports)), storage._save

    def save_together(*args: Any) -> str:
        together.wait(ENOUGH)
        return keep(*args)

    monkeypatch.setattr(storage, "_save", save_together)
    threads = [
        in_thread(lambda pk=report.pk: add_evidence(pk, upload("批复.pdf", PDF), who=who, on=ON) and None)  # type: ignore[misc]
        for report in reports
    ]
    for thread in threads:
        thread.join(ENOUGH)


def test_one_file_for_many_reports_is_stored_once(
    monkeypatch: pytest.MonkeyPatch, who: Principal, reports: list[ProgressReport]
) -> None:
    all_at_once(monkeypatch, who, reports)
    stored = StoredFile.objects.get()
    assert Evidence.objects.filter(stored=stored).count() == WRITERS
    assert stored_files() == [stored.file.name]
    assert stored.file.read() == PDF


def test_one_file_for_one_report_is_one_piece_of_evidence(
    monkeypatch: pytest.MonkeyPatch, who: Principal, reports: list[ProgressReport]
) -> None:
    all_at_once(monkeypatch, who, [reports[0]] * 2)
    assert Evidence.objects.get().report == reports[0]
    assert stored_files() == [StoredFile.objects.get().file.name]


def test_the_limit_holds_when_two_add_the_last_file_at_once(
    monkeypatch: pytest.MonkeyPatch, settings: Any, who: Principal, reports: list[ProgressReport]
) -> None:
    settings.EVIDENCE_MAX_FILES = 1
    together, keep = threading.Barrier(2), storage.store

    def keep_together(*args: Any) -> str:
        together.wait(ENOUGH)
        return keep(*args)

    monkeypatch.setattr("reforms.reports.evidence.store", keep_together)
    refused: list[Exception] = []

    def add(words: bytes) -> None:
        try:
            add_evidence(reports[0].pk, upload("批复.pdf", PDF + words), who=who, on=ON)
        except Exception as error:
            refused.append(error)

    threads = [in_thread(lambda words=words: add(words)) for words in (b"% 1", b"% 2")]  # type: ignore[misc]
    for thread in threads:
        thread.join(ENOUGH)
    assert Evidence.objects.count() == 1
    assert [getattr(error, "code", error) for error in refused] == ["too_many"]


def test_a_file_that_is_handed_in_while_it_is_taken_off_elsewhere_is_there(
    monkeypatch: pytest.MonkeyPatch, who: Principal, reports: list[ProgressReport]
) -> None:
    """The second report has found the stored file when the first one lets go of it."""
    first, _is_new = add_evidence(reports[0].pk, upload("批复.pdf", PDF), who=who, on=ON)
    found, removed, keep = threading.Event(), threading.Event(), storage.store

    def keep_and_wait(*args: Any) -> str:
        name = keep(*args)
        found.set()
        removed.wait(ENOUGH)
        return name

    monkeypatch.setattr("reforms.reports.evidence.store", keep_and_wait)
    thread = in_thread(lambda: add_evidence(reports[1].pk, upload("批复.pdf", PDF), who=who, on=ON) and None)
    assert found.wait(ENOUGH)
    remove_evidence(first.pk, who=who, on=ON)
    removed.set()
    thread.join(ENOUGH)
    kept = Evidence.objects.get()
    assert kept.report == reports[1]
    assert kept.stored.file.read() == PDF
    assert stored_files() == [kept.stored.file.name]
