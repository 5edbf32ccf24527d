"""A process that starts reads the columns from the disk and what was written since; what it cannot trust it reads
anew."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from reforms.columns import kept
from reforms.columns.facts import differing, read_all
from reforms.columns.kept import columns
from reforms.models import Disposition, Measure, ReformList
from reforms.office.steer import dispose
from tests.conftest import ON
from tests.reforms.columns.test_kept import OFFICE


@pytest.fixture(autouse=True)
def folder(reform_list: ReformList, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[Path]:
    """As in a portal of many measures; where the columns are stored."""
    monkeypatch.setattr("tests.conftest._forget_all", lambda: None)
    monkeypatch.setattr(kept, "WORTH_STORING", 1)
    settings.DATA_DIR = tmp_path
    kept.path.cache_clear()
    columns()
    yield tmp_path / "columns"
    kept.path.cache_clear()


def suspended(number: int) -> Measure:
    found = Measure.objects.get(item__number=number)
    dispose(found.pk, Disposition.SUSPENDED, reason="缓。", seen=None, who=OFFICE, on=ON)
    return found


def read_at_a_start() -> str:
    """What a process that starts reads of the measures before it has the columns: all, some, or none."""
    kept.forget()
    with CaptureQueriesContext(connection) as queries:
        found = columns()
    assert differing(found, read_all()) == []
    read = [query["sql"] for query in queries if 'FROM "reforms_measure"' in query["sql"]]
    return "none" if not read else "some" if all("WHERE" in sql for sql in read) else "all"


def test_a_start_reads_no_measure_where_nothing_was_written(folder: Path) -> None:
    assert [path.suffix for path in folder.iterdir()] == [".npz"]
    assert read_at_a_start() == "none"


def test_a_start_reads_what_was_written_since() -> None:
    suspended(3)
    assert read_at_a_start() == "some"


def test_the_worker_stores_them_anew_where_much_was_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    suspended(3)
    kept.keep_ready()
    assert read_at_a_start() == "some"
    monkeypatch.setattr(kept, "STALE_AFTER", 1)
    kept.keep_ready()
    assert read_at_a_start() == "none"


def test_what_is_written_without_the_log_is_found_by_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    """The control: what is stored is what is seen."""
    Measure.objects.filter(item__number=3).update(disposition=Disposition.SUSPENDED)
    kept.forget()
    assert differing(columns(), read_all()) == ["disposition"]
    with pytest.raises(SystemExit, match="1"):
        call_command("check_derived")
    assert "存盘的举措数据与数据库不符（disposition）" in capsys.readouterr().out
    call_command("check_derived", "--rebuild", "--english")
    call_command("check_derived", "--english")
    assert "are what the log says" in capsys.readouterr().out
    kept.forget()
    assert differing(columns(), read_all()) == []


def test_what_was_stored_and_never_committed_is_not_trusted() -> None:
    with transaction.atomic():
        suspended(3)
        kept.forget()
        kept.path().unlink()
        columns()
        assert kept.path().exists()
        transaction.set_rollback(True)
    suspended(4)
    assert read_at_a_start() == "all"


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no zip"),
        lambda path: path.write_bytes(path.read_bytes()[:2000]),
        lambda path: path.unlink(),
    ],
    ids=["empty", "other", "cut", "gone"],
)
def test_a_file_that_cannot_be_read_costs_time_alone(damage: Callable[[Path], Any]) -> None:
    damage(kept.path())
    assert read_at_a_start() == "all"
    # And it was stored again.
    assert read_at_a_start() == "none"


def test_a_disk_that_takes_nothing_stops_nobody(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept.path().unlink()
    folder.rmdir()
    folder.write_text("no folder")
    assert read_at_a_start() == "all"
    assert "could not be stored" in caplog.text


def test_another_version_does_not_read_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept.path()
    monkeypatch.setattr(kept, "Disposition", ["one", "more"])
    kept.path.cache_clear()
    assert kept.path() != before
    kept.path.cache_clear()


def test_files_of_another_version_are_taken_away_when_these_are_stored(folder: Path) -> None:
    for name in ("0123456789abcdef.npz", "columns-0123456789abcdef.npz", "texts-0123456789abcdef.npz"):
        (folder / name).write_bytes(b"old")
    kept.store_anew()
    assert {path.name for path in folder.glob("*.npz")} == {kept.path().name, kept.path("texts").name}


def test_few_are_not_stored(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.path().unlink()
    monkeypatch.setattr(kept, "WORTH_STORING", 1_000)
    read_at_a_start()
    assert list(folder.iterdir()) == []
