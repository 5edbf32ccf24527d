"""The worker: real Celery, on the broker of this half of the tests (the filesystem's, or Redis)."""

import socket
import time

import pytest

from tests.config.portal import Portal, run
from tests.services import free_port
from tests.tooling.processes import eventually

WAKE = "from reforms.tasks import wake; wake()"
SWALLOWED = "the queue could not be reached; the next beat will do it"


def test_a_woken_worker_writes_digests_into_the_mail_folder(portal_without_mail_server: Portal) -> None:
    portal = portal_without_mail_server
    done = run(portal, "manage.py", "shell", "--no-imports", "-c", WAKE)
    assert (done.returncode, SWALLOWED in done.stderr) == (0, False), done.stderr
    portal.start_worker()
    assert eventually(portal.has_told_all, seconds=20), portal.said()
    agencies = {address for address, _measure in portal.owed}
    assert len(list((portal.folder / "mail").glob("*.eml"))) == len(agencies)


def test_a_woken_worker_that_finds_all_told_sends_nothing_more(portal_without_mail_server: Portal) -> None:
    portal = portal_without_mail_server
    assert run(portal, "manage.py", "send_reminders").returncode == 0
    before = sorted((portal.folder / "mail").iterdir())
    portal.wake()
    portal.start_worker()
    assert eventually(lambda: "succeeded" in portal.said(), seconds=20), portal.said()
    assert sorted((portal.folder / "mail").iterdir()) == before


def test_waking_a_worker_over_a_redis_that_is_gone_is_logged_and_swallowed(portal_without_mail_server: Portal) -> None:
    gone = f"redis://127.0.0.1:{free_port()}/0"
    done = run(portal_without_mail_server, "manage.py", "shell", "--no-imports", "-c", WAKE, REDIS_URL=gone)
    assert done.returncode == 0, done.stderr
    assert SWALLOWED in done.stderr


def test_waking_a_worker_over_a_redis_that_does_not_answer_takes_no_longer_than_a_page_may(
    portal_without_mail_server: Portal,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        started = time.monotonic()
        done = run(portal_without_mail_server, "manage.py", "shell", "--no-imports", "-c", WAKE, REDIS_URL=address)
    assert done.returncode == 0, done.stderr
    assert SWALLOWED in done.stderr
    assert time.monotonic() - started < 15


def test_waking_a_worker_whose_queue_folder_is_gone_is_logged_and_swallowed(
    portal_without_mail_server: Portal,
) -> None:
    take_away = (
        "import shutil, pathlib; from django.conf import settings; "
        "queue = pathlib.Path(settings.QUEUE_DIR, 'messages'); shutil.rmtree(queue); queue.touch(); "
    )
    done = run(
        portal_without_mail_server, "manage.py", "shell", "--no-imports", "-c", take_away + WAKE, REDIS_URL=""
    )
    assert done.returncode == 0, done.stderr
    assert SWALLOWED in done.stderr


@pytest.mark.parametrize("name", ["send-reminders"])
def test_the_scheduler_names_a_task_the_worker_knows(name: str) -> None:
    from config.celery import app

    app.loader.import_default_modules()
    assert app.conf.beat_schedule[name]["task"] in app.tasks
