"""When the log was last verified, and with which result: kept, so that whoever answers for it is told."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import timezone

from agencies.log.check import check_log, export_head, log_state
from agencies.models import Change, ChangeHead, LogCheck
from agencies.tasks import export_log_head
from tests.unlocked import log_unlocked


def last() -> int:
    return ChangeHead.objects.get().sequence


def test_a_verification_by_hand_is_kept(db: None) -> None:
    assert log_state().check is None
    call_command("verify_log")
    kept = LogCheck.objects.get()
    assert (kept.sequence, kept.heads, kept.faults, kept.is_whole) == (last(), 0, [], True)
    assert timezone.now() - kept.checked_at < dt.timedelta(minutes=1)


def test_so_is_that_of_every_night(db: None) -> None:
    export_log_head()
    export_log_head()
    assert [(one.sequence, one.heads) for one in LogCheck.objects.all()] == [(last(), 1), (last(), 0)]
    assert log_state().exports == 2


def test_what_was_found_is_kept_in_words(db: None) -> None:
    with log_unlocked():
        Change.objects.filter(pk=7).update(reason="改")
        with pytest.raises(SystemExit):
            call_command("verify_log")
    found = LogCheck.objects.get()
    assert [(fault["code"], fault["sequence"]) for fault in found.faults] == [("altered", 7), ("unlocked", None)]
    assert "第7条的内容与校验值不符" in found.faults[0]["message"]
    assert (found.sequence, found.is_whole) == (6, False)


def test_the_nightly_one_finds_a_missing_lock_and_a_forged_line_as_well(db: None, settings: Any) -> None:
    settings.LOG_HEADS_FILE.write_text('{"sequence": 1}\n', encoding="utf-8")
    with log_unlocked():
        assert [fault.code for fault in export_head().faults] == ["forged_line", "unlocked"]


def test_what_begins_behind_a_row_is_no_result_of_the_whole(db: None) -> None:
    with log_unlocked():
        Change.objects.filter(pk=7).update(reason="改")
    with pytest.raises(SystemExit):
        call_command("verify_log")
    call_command("verify_log", "--after", "7")
    assert not LogCheck.objects.get().is_whole


def test_looking_alone_keeps_nothing(db: None) -> None:
    check_log()
    assert not LogCheck.objects.exists()


def test_a_database_that_takes_no_writes_is_verified_all_the_same(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_: object) -> None:
        raise DatabaseError("attempt to write a readonly database")

    monkeypatch.setattr(LogCheck.objects, "create", refuse)
    call_command("verify_log")
    assert "日志完整" in capsys.readouterr().out


def test_it_is_due_when_two_nights_went_by(db: None) -> None:
    assert not log_state().is_due, "the log itself is younger than that"
    export_head()
    assert not log_state().needs_somebody
    LogCheck.objects.update(checked_at=timezone.now() - dt.timedelta(days=2, minutes=1))
    assert log_state().is_due
    assert log_state().needs_somebody


def test_a_log_that_nobody_ever_verified_becomes_due(db: None) -> None:
    with log_unlocked():
        Change.objects.filter(pk=1).update(recorded_at=timezone.now() - dt.timedelta(days=3))
    assert log_state().is_due
