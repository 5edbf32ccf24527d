"""The programs behind `make fuzz` and `make bench` start, do a little, and say what they found."""

import subprocess
import sys

import pytest

from tests.migrated import handed_on
from tests.run import clean_environment
from tests.tooling.processes import ROOT


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("tests.bench", "--rows", "216", "--times", "1", "--only", "/api/v1/measures?lead=", "--seconds", "2"),
            ("Reading 216 measures", "Comparing two", "Applying 216", "/api/v1/measures?lead=", "API, of one lead"),
        ),
        (("tests.fuzz", "--n", "20", "--seed", "7", "--jobs", "1"), ("Slowest", "Biggest")),
    ],
)
def test_it_runs_and_says_what_it_found(arguments: tuple[str, ...], said: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=clean_environment() | handed_on(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [words for words in said if words not in done.stdout] == []
