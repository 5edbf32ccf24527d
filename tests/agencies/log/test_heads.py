"""The head of the log, exported every night into a file that is kept elsewhere."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agencies.log.heads import known_heads, last_export
from agencies.models import Change, ChangeHead
from agencies.tasks import export_log_head
from config.celery import app
from tests.unlocked import log_unlocked


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_each_export_appends_a_line(db: None, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("export_log_head")
    export_log_head()
    head = ChangeHead.objects.get()
    one, two = lines(settings.LOG_HEADS_FILE)
    assert (one["sequence"], one["hash"], one["first_broken"]) == (head.sequence, head.hash, None)
    assert two["at"] >= one["at"]
    assert f"至第{head.sequence}条" in capsys.readouterr().out


def test_it_is_exported_every_night() -> None:
    assert "agencies.tasks.export_log_head" in {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert "agencies.tasks.export_log_head" in app.tasks


def test_a_line_that_somebody_changed_does_not_count(db: None, settings: Any) -> None:
    export_log_head()
    file = settings.LOG_HEADS_FILE
    [line] = lines(file)
    forged = [line | {"sequence": 1}, line | {"hash": "0" * 64}, line | {"mac": ""}, {"at": "x"}, [], line | {"x": 1}]
    file.write_text("\n".join([json.dumps(line), *map(json.dumps, forged), "", "{"]), encoding="utf-8")
    heads, faults = known_heads(file)
    assert [head.hash for head in heads] == [line["hash"]]
    assert len(faults) == len(forged) + 2
    assert "第2行不是本平台写的" in faults[0].message
    with pytest.raises(SystemExit):
        call_command("verify_log")


def test_under_another_key_no_line_counts_but_under_one_that_was_kept(db: None, settings: Any) -> None:
    export_log_head()
    settings.SECRET_KEY, old = "another", settings.SECRET_KEY
    assert known_heads(settings.LOG_HEADS_FILE)[0] == []
    settings.SECRET_KEY_FALLBACKS = [old]
    assert len(known_heads(settings.LOG_HEADS_FILE)[0]) == 1


def test_a_broken_log_is_told_of_and_its_head_is_no_proof(
    db: None, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with log_unlocked():
        Change.objects.filter(pk=7).update(reason="改")
    export_log_head()
    assert "the change log is broken" in caplog.text
    assert lines(settings.LOG_HEADS_FILE)[0]["first_broken"] == 7
    assert known_heads(settings.LOG_HEADS_FILE) == ([], [])
    with pytest.raises(CommandError, match="第7条"):
        call_command("export_log_head")


def test_the_last_export(db: None, settings: Any) -> None:
    assert last_export() is None
    for _ in range(40):
        export_log_head()
    found = last_export()
    assert found is not None
    assert (found.sequence, found.first_broken) == (ChangeHead.objects.get().sequence, None)
    settings.LOG_HEADS_FILE.write_text('{"at":', encoding="utf-8")
    assert last_export() is None
