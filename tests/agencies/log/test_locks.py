"""The database itself refuses to alter the change log, whoever asks and by whatever statement."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from agencies.access import PORTAL
from agencies.log.locks import missing_locks
from agencies.log.write import Entry, record
from agencies.models import Change, ChangeHead
from tests.conftest import ON
from tests.unlocked import log_unlocked

on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="only PostgreSQL truncates")
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite replaces rows")


def sql(statement: str) -> Callable[[], None]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run


def assert_refused(deed: Callable[[], object], sentence: str) -> None:
    before = list(Change.objects.order_by("sequence").values()), ChangeHead.objects.values().get()
    with pytest.raises(DatabaseError, match=sentence), transaction.atomic():
        deed()
    assert (list(Change.objects.order_by("sequence").values()), ChangeHead.objects.values().get()) == before


@pytest.mark.parametrize(
    "deed",
    [
        lambda: Change.objects.filter(sequence=3).update(reason="改"),
        lambda: Change.objects.filter(sequence=3).update(reason=F("reason")),
        lambda: Change.objects.get(sequence=3).save(),
        lambda: Change.objects.filter(sequence=3).delete(),
        lambda: Change.objects.get(sequence=3).delete(),
        lambda: Change.objects.all().delete(),
        sql("UPDATE agencies_change SET hash = '' WHERE sequence = 1"),
        sql("DELETE FROM agencies_change"),
    ],
)
def test_no_row_is_changed_or_deleted(db: None, deed: Callable[[], object]) -> None:
    assert_refused(deed, "append-only.*只能追加")


@on_postgresql
@pytest.mark.parametrize("table", ["agencies_change", "agencies_agency CASCADE"])
def test_the_log_is_not_truncated(db: None, table: str) -> None:
    assert_refused(sql(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {table}"), "append-only")


@on_sqlite
def test_no_row_is_replaced(db: None) -> None:
    columns = ", ".join(f'"{field.column}"' for field in Change._meta.concrete_fields)
    copied = f"SELECT {columns} FROM agencies_change WHERE sequence = 3"
    assert_refused(sql(f"INSERT OR REPLACE INTO agencies_change ({columns}) {copied}"), "append-only")
    assert_refused(sql("INSERT OR REPLACE INTO agencies_changehead VALUES (1, 0, '')"), "only advances")


@pytest.mark.parametrize(
    "deed",
    [
        lambda: ChangeHead.objects.update(sequence=F("sequence") - 1),
        lambda: ChangeHead.objects.update(hash="0" * 64),
        lambda: ChangeHead.objects.update(sequence=0, hash=""),
        lambda: ChangeHead.objects.update(id=2, sequence=F("sequence") + 1),
        lambda: ChangeHead.objects.all().delete(),
        lambda: ChangeHead.objects.create(pk=2, sequence=10**9),
    ],
)
def test_the_head_only_advances(db: None, deed: Callable[[], object]) -> None:
    assert_refused(deed, "only advances.*只能前进")


def write_one() -> int:
    entry = Entry(action="measure.added", kind="measure", object_id=1, visibility=Change.Visibility.PUBLIC)
    return record([entry], who=PORTAL, on=ON)


def test_the_portal_goes_on_writing(db: None) -> None:
    before = Change.objects.count()
    assert write_one() == before + 1
    assert write_one() == before + 2 == ChangeHead.objects.get().sequence


def test_every_trigger_is_in_place_after_all_migrations(db: None) -> None:
    assert missing_locks() == []


def test_the_lock_is_off_only_for_who_says_so(db: None) -> None:
    write_one()
    with log_unlocked():
        assert missing_locks()
        assert Change.objects.filter(sequence=3).update(reason="改") == 1
    assert missing_locks() == []
    assert_refused(lambda: Change.objects.filter(sequence=3).update(reason="又改"), "append-only")


def test_a_trigger_that_is_gone_can_be_put_back(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    table = " ON agencies_change" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER change_is_not_updated{table}")
    call_command("lock_log")
    assert capsys.readouterr().out == "已恢复：change_is_not_updated。\n"
    assert missing_locks() == []
    call_command("lock_log")
    assert capsys.readouterr().out == "触发器齐全，无需恢复。\n"
