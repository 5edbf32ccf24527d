"""A command that cannot run says why in one sentence, whichever command it is."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, ManagementUtility, call_command, get_commands

from importers.management.files import LONGEST_COLUMNS
from reforms.models import ReformList
from tests.run import clean_environment
from tests.tooling.processes import ROOT

LIST = "fixtures/shenzhen-2022-first-batch.docx"
ARGUMENTS = {
    "check_list": [LIST],
    "compare_lists": [LIST, LIST],
    "import_list": [LIST, "--yes"],
    "issue_token": ["市交通运输局"],
    "load_agencies": ["fixtures/agencies-shenzhen.json"],
}
WITHOUT_DATABASE = {"check_list", "compare_lists"}
NEED_NO_TABLES = WITHOUT_DATABASE | {"send_test_mail"}
OURS = sorted(name for name, app in get_commands().items() if app in {"agencies", "reforms", "importers"})


def run(*command: str, root: Path = ROOT, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=root,
        env=clean_environment() | settings,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("command", [name for name in OURS if name not in NEED_NO_TABLES] + ["clearsessions"])
def test_without_tables_every_command_says_how_to_make_them(tmp_path: Path, command: str) -> None:
    done = run(command, *ARGUMENTS.get(command, ()), DATA_DIR=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"The database of {tmp_path} lacks tables of this portal; make them with manage.py migrate."
    ]


@pytest.mark.parametrize("command", sorted(WITHOUT_DATABASE))
def test_what_only_reads_documents_needs_none(tmp_path: Path, command: str) -> None:
    done = run(command, *ARGUMENTS[command], DATA_DIR=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


def test_beside_a_demonstration_it_says_how_to_mean_that_one(tmp_path: Path) -> None:
    root = tmp_path / "portal"
    for folder in ("agencies", "config", "importers", "reforms"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", root)
    (root / "static").mkdir()
    (root / "data" / "demo").mkdir(parents=True)
    (root / "data" / "demo" / "portal.sqlite3").touch()
    done = run("send_reminders", root=root)
    assert len(done.stderr.splitlines()) == 1
    assert f"or run this with DEMO=1 if you mean the demonstration in {root}/data/demo" in done.stderr


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    address = "postgres://portal:word@127.0.0.1:1/portal"
    done = run("verify_log", DATA_DIR=str(tmp_path), DATABASE_URL=address)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("The database cannot be reached (")


def test_a_wrong_setting_is_one_sentence(tmp_path: Path) -> None:
    done = run("send_reminders", DATA_DIR=str(tmp_path), DEMO="perhaps")
    assert done.stderr.splitlines() == ["DEMO='perhaps' is not a yes or no; use 1 or 0."]


@pytest.mark.parametrize("app", ["config", "config.celery:app"])
def test_a_wrong_setting_is_one_sentence_for_the_worker_too(tmp_path: Path, app: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", app, "worker"],
        cwd=ROOT,
        env=clean_environment() | {"DATA_DIR": str(tmp_path), "DEMO": "perhaps"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["DEMO='perhaps' is not a yes or no; use 1 or 0."]


def test_whoever_wants_the_traceback_gets_it(tmp_path: Path) -> None:
    done = run("send_reminders", "--traceback", DATA_DIR=str(tmp_path))
    assert "Traceback" in done.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["import_list", LIST, "--year", "99999"], "argument --year: '99999' is not a whole number from 1990 to 2100"),
        (["check_list", LIST, "--year", "-1"], "argument --year: '-1' is not a whole number"),
        (["compare_lists", LIST, LIST, "--year", "２０２２"], "argument --year: '２０２２' is not a whole number"),
        (["import_list", LIST, "--issued", "1月"], "argument --issued: '1月' is not a date; write it like 2022-06-15"),
        (["import_list", LIST, "--on", "today"], "argument --on: 'today' is not a date; write it like 2022-06-15"),
        (["send_reminders", "--on", "x"], "argument --on: 'x' is not a date; write it like 2022-06-15"),
        (["verify_log", "--after", "9" * 30], "is not a whole number from 0 to 9223372036854775807"),
        (["send_test_mail", "nobody"], "'nobody' is not an e-mail address; write it like name@example.cn"),
    ],
)
def test_a_wrong_argument_is_answered_with_what_is_meant(
    capsys: pytest.CaptureFixture[str], command: list[str], said: str
) -> None:
    """By the same parser as from a shell, which also prints how the command is used."""
    with pytest.raises(SystemExit, match="2"):
        ManagementUtility(["manage.py", *command]).execute()
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_columns_that_could_not_be_kept_are_refused() -> None:
    """As long as a list keeps them: PostgreSQL refused more in its own words, in the middle of the import."""
    wide = "事项=1," + ",".join(f"不导入={place}" for place in range(2, 99))
    with pytest.raises(CommandError, match=r"--columns：共\d+字，最多300字"):
        call_command("import_list", LIST, columns=wide, yes=True)
    assert ReformList._meta.get_field("columns").max_length == LONGEST_COLUMNS
