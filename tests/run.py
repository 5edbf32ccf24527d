"""Run the whole suite: once on SQLite, once on a real PostgreSQL with a real Redis. This is `make test`.

python -m tests.run [--services 0] [options and paths for pytest]

Environment: TEST_DATABASE_URL, TEST_REDIS_URL (servers to use instead of private ones), TEST_BROWSER (a
Chromium), REQUIRE_BROWSER=1 (its absence is a failure), TEST_TURN (tests/turns.py). The tests themselves
get DATABASE_URL and TEST_REDIS_URL in the half with servers, and TEST_BROWSER where there is one.
"""

import argparse
import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.migrated import VARIABLE, migrated
from tests.services import ROOT, Services, ServicesError, end_with_parent, services

# The settings of the portal. What a developer's shell holds of them must not reach the tests.
PORTAL_SETTINGS = {
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_URL",
    "DATA_DIR",
    "DEBUG",
    "DEMO",
    "DJANGO_SETTINGS_MODULE",
    "EMAIL_URL",
    "HOST",
    "HTTPS",
    "LOG_HEADS_FILE",
    "LOG_LEVEL",
    "MAIL_DIR",
    "MAIL_FROM",
    "PORT",
    "PORTAL_TODAY",
    "QUEUE_DIR",
    "REDIS_URL",
    "SECRET_KEY",
    "SITE_URL",
    "TRUSTED_PROXIES",
    "UPLOADS_DIR",
    "WORKERS",
}
# A make around the tests must not look like one around the portal they start.
MAKE_VARIABLES = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
BROWSER_TESTS = "tests/browser"
TOOLING_TESTS = "tests/tooling"
READING_TESTS = "tests/importers/documents"
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
HOW_TO_GET_A_BROWSER = "apt install chromium, or .venv/bin/python -m playwright install chromium"
NOTHING_SELECTED = 5
INTERRUPTED = 2


@dataclass(frozen=True, slots=True)
class Half:
    """One run of the suite: what it runs on, the environment that makes it so, and what it leaves out."""

    name: str
    environment: dict[str, str]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one run ended."""

    name: str
    code: int
    seconds: float

    def __str__(self) -> str:
        words = {0: "passed", NOTHING_SELECTED: "nothing selected"}
        word = words.get(self.code, f"FAILED (pytest code {self.code})")
        return f"{self.name}: {word}, {self.seconds:.0f} s"


def main(arguments: Sequence[str]) -> int:
    """Run both halves and say what was run and what was not; 0 when all of it passed."""
    started = time.monotonic()
    options, pytest_arguments = parse(arguments)
    browser = find_browser()
    if not browser and os.environ.get("REQUIRE_BROWSER") == "1":
        print(f"REQUIRE_BROWSER=1, but there is no Chromium: {HOW_TO_GET_A_BROWSER}.", file=sys.stderr)
        return 1
    try:
        with ExitStack() as stack:
            found = stack.enter_context(services()) if options.services else None
            bytecode = stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-bytecode-"))
            prepared = [compiled_once(half, bytecode) for half in halves(found, browser)]
            if whole(pytest_arguments):
                prepared = stack.enter_context(migrated_once(prepared))
            outcomes = [run_half(half, pytest_arguments) for half in prepared]
    except ServicesError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n" + "\n".join(report(outcomes, found, browser)))
    print(f"In all {time.monotonic() - started:.0f} s.")
    return verdict(outcomes)


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Our own option, and the rest for pytest."""
    parser = argparse.ArgumentParser(prog="python -m tests.run", allow_abbrev=False, description=__doc__)
    parser.add_argument("--services", type=int, choices=(0, 1), default=1, help="0: without PostgreSQL and Redis")
    return parser.parse_known_args(arguments)


def halves(found: Services | None, browser: Path | None) -> list[Half]:
    """SQLite always, PostgreSQL with Redis unless it was left out on purpose; of both, each sees its share."""
    environment = clean_environment()
    no_browser = () if browser else (BROWSER_TESTS,)
    if browser:
        environment["TEST_BROWSER"] = str(browser)
    environment.setdefault("TEST_TURN", turn_of_today())  # every process must find the same tests
    if not found:
        return [Half("SQLite", environment, no_browser)]
    on_servers = {"DATABASE_URL": found.database_url, "TEST_REDIS_URL": found.redis_url, "TEST_HALF": "server"}
    # These look at pages, at processes of their own and at files; another database would change nothing for them.
    left_out = (BROWSER_TESTS, TOOLING_TESTS, READING_TESTS)
    return [
        Half("SQLite", environment | {"TEST_HALF": "sqlite"}, no_browser),
        Half("PostgreSQL and Redis", environment | on_servers, left_out),
    ]


def compiled_once(half: Half, folder: str) -> Half:
    """The tests start some hundred processes, which would each compile all of it where Python may keep no bytecode."""
    if not half.environment.get("PYTHONDONTWRITEBYTECODE"):
        return half
    kept = {name: value for name, value in half.environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return replace(half, environment=kept | {"PYTHONPYCACHEPREFIX": folder})


@contextmanager
def migrated_once(prepared: Sequence[Half]) -> Iterator[list[Half]]:
    """Each process of the tests and each portal they start would run all migrations, which copies a file instead."""
    given = [half.environment for half in prepared]
    with tempfile.TemporaryDirectory(prefix="portal-migrated-") as folder, migrated(given, Path(folder)) as found:
        yield [replace(half, environment=one) for half, one in zip(prepared, found, strict=True)]


def whole(pytest_arguments: Sequence[str]) -> bool:
    """Whether nobody named the tests to run."""
    return all(argument.startswith("-") for argument in pytest_arguments)


def turn_of_today() -> str:
    """The number of the day: what takes turns in a browser has its own."""
    return str(dt.datetime.now(dt.UTC).date().toordinal())


def clean_environment() -> dict[str, str]:
    """The environment of this shell without the settings of the portal, and without servers to test with."""
    taken_out = (
        PORTAL_SETTINGS
        | MAKE_VARIABLES
        | {"TEST_DATABASE_URL", "TEST_REDIS_URL", "TEST_BROWSER", "TEST_HALF", VARIABLE}
    )
    kept = {name: value for name, value in os.environ.items() if name not in taken_out}
    return kept | {"DEMO": "0", "SECRET_KEY": "for-tests-only", "PYTHONUNBUFFERED": "1"}


def run_half(half: Half, pytest_arguments: Sequence[str]) -> Outcome:
    """Run pytest in its own process, on all cores, with a data folder that goes afterwards."""
    print(f"\n== {half.name} ==", flush=True)
    command = [sys.executable, "-m", "pytest", *(f"--ignore={path}" for path in half.left_out)]
    one_process = ("-n", "--numprocesses", "--pdb", "--trace")
    if not any(argument.startswith(one_process) for argument in pytest_arguments):
        command += ["-n", str(os.cpu_count() or 1)]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="portal-data-") as data:
        done = subprocess.run(
            [*command, *pytest_arguments],
            cwd=ROOT,
            env=half.environment | {"DATA_DIR": data} | ({} if whole(pytest_arguments) else {"TEST_HALF": ""}),
            check=False,
            preexec_fn=lambda: end_with_parent(signal.SIGTERM),
        )
    if done.returncode == INTERRUPTED:
        raise KeyboardInterrupt
    return Outcome(half.name, done.returncode, time.monotonic() - started)


def find_browser() -> Path | None:
    """A Chromium: the one TEST_BROWSER names, one on the path, or one that Playwright has installed."""
    named = os.environ.get("TEST_BROWSER")
    if named:
        return Path(named) if os.access(named, os.X_OK) else None
    on_path = next(filter(None, map(shutil.which, BROWSER_NAMES)), None)
    if on_path:
        return Path(on_path)
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return max(cache.glob("chromium-*/chrome-linux*/chrome"), default=None)


def report(outcomes: Sequence[Outcome], found: Services | None, browser: Path | None) -> list[str]:
    """What was run, on what, and what was not run and how to have it run."""
    lines = [str(outcome) for outcome in outcomes]
    if found:
        lines.append(f"Servers: {'; '.join(found.how)}.")
    else:
        lines.append("NOT RUN: PostgreSQL and Redis, left out with SERVICES=0.")
    if browser:
        lines.append(f"Browser: {browser}.")
    else:
        lines.append(f"NOT RUN: the tests in a browser, there is no Chromium: {HOW_TO_GET_A_BROWSER}.")
    return lines


def verdict(outcomes: Sequence[Outcome]) -> int:
    """0 when nothing failed and something ran. One half may have had nothing to run, as -k can cause."""
    codes = {outcome.code for outcome in outcomes}
    return 0 if codes <= {0, NOTHING_SELECTED} and 0 in codes else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Interrupted.")
