"""The worker: real Celery, on the broker of this half of the tests (the filesystem's, or Redis)."""

import socket

from config.celery import app
from tests.config.portal import Portal, run
from tests.services import free_port
from tests.tooling.processes import eventually

WAKE = "from agencies.lib.jobs.wake import wake; from reforms.tasks import send_reminders; wake(send_reminders)"
LONGEST_WAIT = 12  # a queue that is waited for hangs the page for half a minute and more
SWALLOWED = "the queue could not be reached; the next beat will do it"


def test_a_woken_worker_writes_digests_into_the_mail_folder(portal_without_mail_server: Portal) -> None:
    portal = portal_without_mail_server
    done = run(portal, "manage.py", "shell", "--no-imports", "-c", WAKE)
    assert (done.returncode, SWALLOWED in done.stderr) == (0, False), done.stderr
    portal.start_worker()
    assert eventually(portal.has_told_all, seconds=60), portal.said()
    agencies = {address for address, _measure in portal.owed}
    assert len(list((portal.folder / "mail").glob("*.eml"))) == len(agencies)


def test_a_woken_worker_that_finds_all_told_sends_nothing_more(portal_without_mail_server: Portal) -> None:
    portal = portal_without_mail_server
    assert run(portal, "manage.py", "send_reminders").returncode == 0
    before = sorted((portal.folder / "mail").iterdir())
    portal.wake()
    portal.start_worker()
    assert eventually(lambda: "succeeded" in portal.said(), seconds=60), portal.said()
    assert sorted((portal.folder / "mail").iterdir()) == before


def seconds_to_wake(portal: Portal, *, broker: str) -> float:
    """How long whoever saves a page waits for a broker that is no use; it must be logged and swallowed."""
    timed = f"import time; before = time.monotonic(); {WAKE}; print(time.monotonic() - before)"
    done = run(portal, "manage.py", "shell", "--no-imports", "-c", timed, REDIS_URL=broker, seconds=30)
    assert done.returncode == 0, done.stderr
    assert SWALLOWED in done.stderr
    return float(done.stdout)


def test_waking_a_worker_over_a_redis_that_is_gone_is_logged_and_swallowed(portal_without_mail_server: Portal) -> None:
    assert seconds_to_wake(portal_without_mail_server, broker=f"redis://127.0.0.1:{free_port()}/0") < LONGEST_WAIT


def test_waking_a_worker_over_a_redis_that_does_not_answer_keeps_nobody_waiting(
    portal_without_mail_server: Portal,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        assert seconds_to_wake(portal_without_mail_server, broker=broker) < LONGEST_WAIT


def test_waking_a_worker_whose_queue_folder_is_gone_is_logged_and_swallowed(
    portal_without_mail_server: Portal,
) -> None:
    take_away = (
        "import shutil, pathlib; from django.conf import settings; "
        "queue = pathlib.Path(settings.QUEUE_DIR, 'messages'); shutil.rmtree(queue); queue.touch(); "
    )
    done = run(portal_without_mail_server, "manage.py", "shell", "--no-imports", "-c", take_away + WAKE, REDIS_URL="")
    assert done.returncode == 0, done.stderr
    assert SWALLOWED in done.stderr


def test_the_scheduler_names_a_task_the_worker_knows() -> None:
    app.loader.import_default_modules()
    assert {planned["task"] for planned in app.conf.beat_schedule.values()} <= set(app.tasks)
