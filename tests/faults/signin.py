"""Run as a program, with DATABASE_URL naming an empty database: guesses passwords there, tells in JSON what came of it.

The portal is served as `make run` serves it, with the real password hasher.
"""

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from config.serve import Address, ask, collect_static, die_with_this_process, listening, web_server
from tests.faults.visitors import NO_ANSWER, Guesser, read_pages
from tests.services import free_port

LOOKED_AT, REFUSED = 422, 429
PAGES = ("/", "/measures/")
FLOOD_A_SECOND = 20
WEB_PROCESSES = 2
START_SECONDS = 60
CONTROL_SECONDS = 3.0
NAME = "jtj.reporter"
PORTAL = "config.wsgi:application"
WITHOUT_LIMITS = "tests.faults.careless:without_limits()"
COUNTED_AFTER = "tests.faults.careless:counted_after()"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.signin")
    parser.add_argument("--guesses", type=int, default=200, help="how many at once at one account")
    parser.add_argument("--seconds", type=float, default=15, help="how long the flood lasts; 0 leaves it out")
    options = parser.parse_args()
    django.setup()
    prepare(to_read=options.seconds > 0)
    found: dict[str, Any] = {"guesses at once": guesses(PORTAL, options.guesses)}
    found["guesses at once, counted after the check"] = guesses(COUNTED_AFTER, options.guesses)
    if options.seconds:
        found["flood"] = flood(PORTAL, options.seconds)
        found["flood without limits"] = flood(WITHOUT_LIMITS, CONTROL_SECONDS)
    print(json.dumps(found, ensure_ascii=False))
    return 0


def prepare(*, to_read: bool) -> None:
    """Somebody to guess at, the static files and, if pages are to be read, the real list."""
    from django.conf import settings
    from django.db import connections

    from agencies.models import User
    from tests.conftest import import_real_list

    with contextlib.redirect_stdout(sys.stderr):
        call_command("migrate", verbosity=0)
        if to_read:
            import_real_list()
        collect_static(Path(settings.STATIC_ROOT))
    User.objects.create_user(NAME, password="correct horse 2022")
    connections.close_all()


@contextmanager
def served(application: str) -> Iterator[int]:
    """The port on which it answers; nothing that was counted before counts."""
    from django.db import connections

    from agencies.models import SignInTries

    SignInTries.objects.all().delete()
    connections.close_all()
    address = Address("127.0.0.1", free_port())
    with listening(address) as listener:
        process = subprocess.Popen(
            web_server(listener.fileno(), WEB_PROCESSES, application),
            pass_fds=(listener.fileno(),),
            stdout=sys.stderr,
            preexec_fn=die_with_this_process(signal.SIGTERM),  # noqa: PLW1509  # there are no threads yet
        )
        try:
            wait_for_answer(address)
            yield address.port
        finally:
            process.terminate()
            process.wait()


def wait_for_answer(address: Address) -> None:
    """Until it has answered a few times, so that every web process is warm."""
    deadline, answers = time.monotonic() + START_SECONDS, 0
    while answers < 4 * WEB_PROCESSES:
        assert time.monotonic() < deadline
        try:
            ask(address)
        except OSError:
            time.sleep(0.2)
        else:
            answers += 1


def guesses(application: str, number: int) -> dict[str, int]:
    """How many of so many guesses at one account were looked at."""
    with served(application) as port:
        answers = Guesser(port).all_at_once(NAME, number)
    return {"looked at": answers[LOOKED_AT], "refused": answers[REFUSED], "unanswered": answers[NO_ANSWER]}


def flood(application: str, seconds: float) -> dict[str, Any]:
    """How long pages take while nothing else happens, and while one address guesses names."""
    with served(application) as port:
        quiet = read_pages(port, PAGES, seconds=8)
        guesser = Guesser(port)
        with ThreadPoolExecutor(1) as pool:
            guessing = pool.submit(guesser.flood, a_second=FLOOD_A_SECOND, seconds=seconds)
            beside = read_pages(port, PAGES, seconds=seconds)
            answers = guessing.result()
    told = {path: {"quiet": quiet[path].as_told(), "beside": beside[path].as_told()} for path in PAGES}
    ratios = {path: round(one["beside"]["median"] / one["quiet"]["median"], 2) for path, one in told.items()}
    return {"ratios": ratios, "milliseconds": told, "looked at": answers[LOOKED_AT], "refused": answers[REFUSED]}


if __name__ == "__main__":
    sys.exit(main())
