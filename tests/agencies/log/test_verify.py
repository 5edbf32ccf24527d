"""manage.py verify_log: what it says of a whole log, and of one that somebody has been at."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from agencies.access import PORTAL
from agencies.log import chain
from agencies.log.chain import verify
from agencies.log.check import export_head
from agencies.log.write import Entry, hash_of, record
from agencies.models import Change, ChangeHead
from tests.conftest import ON
from tests.unlocked import log_unlocked


def last() -> int:
    return ChangeHead.objects.get().sequence


def verified(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit status, and what was said."""
    capsys.readouterr()
    try:
        call_command("verify_log", *arguments)
    except SystemExit as end:
        return int(str(end.code)), capsys.readouterr().out
    return 0, capsys.readouterr().out


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    status, said = verified(capsys, "--json", *arguments)
    found: dict[str, Any] = json.loads(said)
    assert found["whole"] is (status == 0)
    return found


def write(count: int) -> None:
    entry = Entry(action="measure.added", kind="measure", object_id=1, visibility=Change.Visibility.PUBLIC)
    record([entry] * count, who=PORTAL, on=ON)


def test_a_whole_log(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert verified(capsys) == (0, f"日志完整：已核验至第{last()}条，与0个导出的链头相符。\n")
    assert verified(capsys, "--english")[1].startswith("The log is whole: ")
    assert told(capsys)["verified_to"] == last()


def test_an_empty_log_is_whole(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with log_unlocked():
        Change.objects.all().delete()
        ChangeHead.objects.all().delete()
    assert verified(capsys)[0] == 0


def test_an_edit(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with log_unlocked():
        Change.objects.filter(pk=7).update(reason="改")
    status, said = verified(capsys)
    assert status == 1
    assert "第7条的内容与校验值不符" in said
    assert "第7条起不可信" in said
    assert "备份" in said
    assert told(capsys)["first_broken"] == 7


def test_an_edit_said_in_english(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with log_unlocked():
        Change.objects.filter(pk=7).update(reason="改")
    _status, said = verified(capsys, "--english")
    assert "Row 7" in said
    assert "backup" in said
    assert not [sign for sign in said if "\u4e00" <= sign <= "\u9fff"]


def test_a_row_that_holds_no_json(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL takes nothing but JSON")
    with log_unlocked(), connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute("UPDATE agencies_change SET before = '{not json' WHERE sequence = 7")
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
    assert told(capsys)["first_broken"] == 7


def test_a_deletion(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with log_unlocked():
        Change.objects.filter(pk=7).delete()
    assert told(capsys)["first_broken"] == 7
    assert "第7条缺失，其位置上是第8条" in verified(capsys)[1]


def test_rows_in_another_order(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with log_unlocked():
        for old, new in ((7, -1), (9, 7), (-1, 9)):
            Change.objects.filter(pk=old).update(sequence=new)
    assert told(capsys)["first_broken"] == 7


@pytest.mark.parametrize("place", [-5, 0])
def test_a_row_before_the_first(db: None, capsys: pytest.CaptureFixture[str], place: int) -> None:
    row = Change.objects.get(pk=7)
    row.sequence = place
    row.save(force_insert=True)
    assert told(capsys)["first_broken"] == 1


def test_a_row_behind_the_last(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    """Made as the portal would make it, but for the head."""
    row = Change.objects.get(pk=last())
    row.sequence, row.previous_hash = last() + 1, row.hash
    row.hash = hash_of(row)
    row.save(force_insert=True)
    found = told(capsys)
    assert (found["first_broken"], found["faults"][0]["code"]) == (last() + 1, "behind_head")


def test_an_end_that_was_cut_off(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with log_unlocked():
        Change.objects.filter(pk__gt=last() - 5).delete()
    assert told(capsys)["first_broken"] == last() - 4
    assert f"日志止于第{last() - 5}条，而链头为第{last()}条" in verified(capsys)[1]


def test_everything_cut_off(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with log_unlocked():
        Change.objects.all().delete()
    assert told(capsys)["first_broken"] == 1


def test_a_head_that_is_gone(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with log_unlocked():
        ChangeHead.objects.all().delete()
    assert told(capsys)["faults"][0]["code"] == "no_head"


def rewrite_from(sequence: int) -> None:
    """Alter a row, then every hash behind it and the head's."""
    row = Change.objects.get(pk=sequence)
    row.reason, previous = "改", row.previous_hash
    for later in [row, *Change.objects.filter(pk__gt=sequence).order_by("sequence")]:
        later.previous_hash = previous
        previous = later.hash = hash_of(later)
        later.save(force_update=True)
    ChangeHead.objects.update(hash=previous)


def test_a_chain_written_anew_is_found_by_an_exported_head(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    export_head()
    exported = last()
    write(5)
    with log_unlocked():
        rewrite_from(7)
    assert verify().fault is None, "in itself the log is whole again"
    found = told(capsys)
    assert (found["faults"][0]["code"], found["first_broken"]) == ("rewritten", 1)
    assert f"第1条至第{exported}条之间的记录被改写" in verified(capsys)[1]


def test_what_was_written_anew_lies_between_two_exports(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    export_head()
    trusted = last()
    write(5)
    export_head()
    with log_unlocked():
        rewrite_from(trusted + 2)
    assert told(capsys)["first_broken"] == trusted + 1


def test_an_end_cut_off_together_with_the_head_is_found_by_an_exported_head(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    export_head()
    left = Change.objects.get(pk=last() - 5)
    with log_unlocked():
        Change.objects.filter(pk__gt=left.pk).delete()
        ChangeHead.objects.update(sequence=left.pk, hash=left.hash)
    assert verify().fault is None
    assert told(capsys)["first_broken"] == left.pk + 1


def test_a_file_of_heads_from_elsewhere(
    db: None, capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path
) -> None:
    export_head()
    elsewhere = settings.LOG_HEADS_FILE.rename(tmp_path / "kept.jsonl")
    assert told(capsys)["exported_heads_found"] == 0
    assert told(capsys, "--head", str(elsewhere))["exported_heads_found"] == 1
    with pytest.raises(CommandError, match="没有文件"):
        call_command("verify_log", "--head", str(tmp_path / "none"))


def test_beginning_behind_a_row(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with log_unlocked():
        Change.objects.filter(pk=7).update(reason="改")
    assert told(capsys, "--after", "7")["whole"]
    assert told(capsys, "--after", "6")["first_broken"] == 7
    assert told(capsys, "--after", "1000000")["faults"][0]["code"] == "no_such_row"


def test_a_log_that_is_not_locked(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with log_unlocked():
        status, said = verified(capsys)
    assert status == 1
    assert "缺少触发器" in said
    assert "manage.py lock_log" in said


def test_it_holds_few_rows_at_a_time(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches of any size it comes to the same."""
    for size in (1, 7, last(), last() + 1):
        monkeypatch.setattr(chain, "BATCH", size)
        assert verify().sequence == last()


def test_somebody_writes_meanwhile(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    look, before = chain._head, last()

    def look_after_somebody_wrote(place: chain.Chain) -> Any:
        if place.sequence == before:
            write(3)
        return look(place)

    monkeypatch.setattr(chain, "_head", look_after_somebody_wrote)
    found = verify()
    assert (found.fault, found.sequence) == (None, before + 3)
