"""The command `check_list`."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from importers.documents.stated_totals import counted
from importers.management.commands.check_list import Command
from importers.management.files import check_path

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
DOCX = FIXTURES / "shenzhen-2022-first-batch.docx"
EXPECTED = json.loads((FIXTURES / "shenzhen-2022-first-batch.expected.json").read_text(encoding="utf-8"))


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(Command(stdout=out), *arguments)
    return out.getvalue()


def test_it_shows_totals_to_people():
    shown = run(str(DOCX))
    assert "任务类别12个，改革事项200项（国家事项101项），具体举措216条，单位名称74个" in shown
    assert "没有提示" in shown


def test_numbers_that_begin_anew_are_counted_as_on_the_page_that_asks_to_confirm(tmp_path):
    text = FIXTURES / "samples" / "numbers-in-doubt.docx"
    parsed = check_path(text)
    as_on_the_page = "改革事项{items}项（国家事项{national}项），具体举措{measures}条".format(**counted(parsed))
    assert as_on_the_page in run(str(text))
    assert len({one.item_no for one in parsed.measures}) < counted(parsed)["items"]


def test_it_prints_the_schema():
    assert json.loads(run(str(DOCX), "--json")) == EXPECTED


def test_it_writes_one_file_for_each(tmp_path):
    run(str(DOCX), "--out", str(tmp_path))
    assert json.loads((tmp_path / f"{DOCX.name}.json").read_text(encoding="utf-8")) == EXPECTED


def test_a_rejected_file_gives_exit_code_1(tmp_path):
    bad = tmp_path / "bad.docx"
    bad.write_bytes(b"")
    with pytest.raises(SystemExit) as stopped:
        run(str(DOCX), str(bad))
    assert stopped.value.code == 1


def test_a_missing_file_gives_exit_code_2(tmp_path):
    with pytest.raises(CommandError) as stopped:
        run(str(tmp_path / "none.docx"))
    assert stopped.value.returncode == 2
