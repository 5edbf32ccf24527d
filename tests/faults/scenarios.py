"""What may happen to an import, and what must be true afterwards; where it is not, an AssertionError says so."""

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connections
from django.db.models import Value

from agencies.access import Principal
from importers.jobs import decide
from importers.jobs import run as jobs
from importers.jobs.decide import NEW, Entered
from importers.jobs.run import Upload
from importers.models import ImportJob
from reforms.models import ListEdition, ReformList
from tests.conftest import FIXTURES
from tests.faults.ground import Ground
from tests.faults.state import State, difference, levelled, log_is_whole, state
from tests.faults.worker import APPLY, READING, RUN, WRITE, WRITING, Point, Worker, is_running, name_of, seconds_used

FIRST = FIXTURES / "shenzhen-2022-first-batch.txt"
SECOND = FIXTURES / "shenzhen-2022-second-edition.txt"
ONE, OTHER = Principal(label="管理员甲"), Principal(label="管理员乙")
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
LONGEST_WAIT = 10.0


def beginning(file: Path, blocks: int | None) -> bytes:
    """The first blocks (rows and headings) of a text export."""
    return b"\n\n".join(file.read_bytes().split(b"\n\n")[:blocks])


@contextmanager
def here() -> Iterator[None]:
    """Something this process does with the database itself; no connection is left open for a fork to inherit."""
    try:
        yield
    finally:
        connections.close_all()


def upload(data: bytes, name: str = "第二版.txt") -> int:
    with here():
        return jobs.start(Upload(name=name, data=data, reform_list=ReformList.objects.get()), ONE).pk


def read(job: int) -> None:
    """Let a worker read and plan it."""
    assert Worker(job).wait() == 1


def confirm(job: int, who: Principal = ONE) -> None:
    """As an administrator who takes every unseen name for a new agency."""
    with here():
        found = ImportJob.objects.get(pk=job)
        decide.take_in(found, Entered(agencies=dict.fromkeys(found.agencies, NEW)))
        decide.confirm(found, who, decide.key_of(found))


def facts(job: int) -> dict[str, Any]:
    with here():
        return ImportJob.objects.values("state", "error", "lease_until", "attempts").get(pk=job)


def is_claimable(job: int) -> bool:
    with here():
        return ImportJob.objects.filter(pk=job).claimable().exists()


def let_the_lease_pass(job: int) -> None:
    with here():
        ImportJob.objects.filter(pk=job).exclude(lease_until=None).update(lease_until=Value(LONG_AGO))


@dataclass
class Faults:
    """One database with edition 1 in force, and the jobs that are tried on it; puts it back before each try."""

    ground: Ground
    random: Random
    second: bytes
    outcomes: Counter[str] = field(default_factory=Counter)

    def begin(self) -> None:
        """Prepare the jobs: one that is to be read, one that is confirmed."""
        self.to_read = upload(self.second)
        self.to_write = upload(self.second)
        read(self.to_write)
        confirm(self.to_write)
        self.ground.save()
        self.since = dt.datetime.now(dt.UTC)
        self.before = state()
        self.undisturbed_reading = self._undisturbed(self.to_read)
        self._undisturbed(self.to_write)  # the first one is slow, which would shift all random moments
        self.undisturbed = self._undisturbed(self.to_write)

    def _undisturbed(self, job: int) -> State:
        """What it comes to when nothing happens; all others are held against it."""
        self.ground.restore()
        started = time.monotonic()
        assert Worker(job).wait() == 1
        self.seconds = time.monotonic() - started
        return levelled(state(), self.since)

    # Kills while writing ------------------------------------------------------------------------

    def kill_at(self, point: Point) -> None:
        """Right after one step of writing has done its work."""
        self.ground.restore()
        worker = Worker(self.to_write, at=point)
        assert worker.wait_until_reached(), f"{point} is no step of writing any more"
        worker.kill()
        self.outcomes[f"killed after {name_of(point)}: {self._look()}"] += 1

    def kill_at_random(self) -> None:
        """At any moment."""
        self.ground.restore()
        worker = Worker(self.to_write)
        worker.wait_until_reached()
        time.sleep(self.random.uniform(0, 1.1 * self.seconds))
        worker.kill()
        self.outcomes[f"killed at a random moment: {self._look()}"] += 1

    def _look(self) -> str:
        """All or nothing; and a second worker comes to the same as if nothing had happened."""
        self.ground.settle()
        found = state()
        assert log_is_whole(), "the change log is broken"
        if found == self.before:
            self._take_up(self.to_write, self.undisturbed)
            return "nothing was written"
        assert levelled(found, self.since) == self.undisturbed, f"half written: {difference(found, self.before)}"
        assert not is_claimable(self.to_write)
        return "all was written"

    def _take_up(self, job: int, expected: State) -> None:
        if facts(job)["lease_until"] is not None:
            assert not is_claimable(job), "a job is taken while its lease runs"
            assert Worker(job).wait() == 0
        let_the_lease_pass(job)
        assert is_claimable(job)
        assert Worker(job).wait() == 1
        found = levelled(state(), self.since)
        assert found == expected, f"the second try came to something else: {difference(found, expected)}"
        assert log_is_whole(), "the change log is broken"
        with here():
            assert ListEdition.objects.filter(is_in_force=True).count() == 1

    def without_a_transaction(self) -> None:
        """The negative control: the same look must see what is left half done."""
        for point in ((WRITE, "_write_sections"), (WRITE, "_write_measures"), (WRITE, "derive_duties")):
            self.ground.restore()
            worker = Worker(self.to_write, at=point, careless=True)
            assert worker.wait_until_reached()
            worker.kill()
            with pytest.raises(AssertionError, match="half written"):
                self._look()
            self.outcomes["negative control, without a transaction: seen half written"] += 1

    # Kills while reading and planning -----------------------------------------------------------

    def kill_while_reading(self, point: Point) -> None:
        self.ground.restore()
        worker = Worker(self.to_read, at=point)
        assert worker.wait_until_reached(), f"{point} is no step of reading any more"
        worker.kill()
        self.ground.settle()
        found = state()
        if found == self.before:
            self._take_up(self.to_read, self.undisturbed_reading)
        else:
            assert levelled(found, self.since) == self.undisturbed_reading, difference(found, self.before)
        self.outcomes[f"killed while reading, after {name_of(point)}: all or nothing"] += 1

    def reader_ends_with_its_worker(self) -> None:
        """The process that reads a large document is gone when the worker that started it is."""
        self.ground.restore()
        job = upload(_large())
        worker = Worker(job)
        end = time.monotonic() + LONGEST_WAIT
        while not (readers := worker.children()) and time.monotonic() < end:
            time.sleep(0.01)
        assert readers, "no process reads"
        time.sleep(0.3)
        assert all(map(is_running, readers)), "it had been read before the worker could be killed"
        had = sum(map(seconds_used, readers))
        worker.kill()
        used, end = had, time.monotonic() + LONGEST_WAIT
        while any(map(is_running, readers)) and time.monotonic() < end:
            used = max(used, sum(map(seconds_used, readers)))
            time.sleep(0.01)
        # By the processor's clock: a busy machine is slow to end anything, and reading on takes two seconds of it.
        assert used - had < 1, "the reader outlived its worker"
        self.outcomes["killed while the reader read: the reader ended too"] += 1

    # More than one ------------------------------------------------------------------------------

    def race(self) -> None:
        """Two workers find the same job."""
        self.ground.restore()
        both = [Worker(self.to_write) for _ in range(2)]
        assert sorted(worker.wait() for worker in both) == [0, 1]
        found = levelled(state(), self.since)
        assert found == self.undisturbed, difference(found, self.undisturbed)
        self.outcomes["two workers, one job: one did it"] += 1

    def cancelled_at(self, point: Point, *, job: int) -> None:
        """An administrator cancels while a worker is at it."""
        self.ground.restore()
        worker = Worker(job, at=point)
        assert worker.wait_until_reached()
        with here():
            decide.cancel(ImportJob.objects.get(pk=job), OTHER)
        worker.go_on()
        worker.wait()
        assert facts(job)["state"] == "cancelled", facts(job)
        assert _beside_jobs(state()) == _beside_jobs(self.before)
        self.outcomes[f"cancelled after {name_of(point)}: nothing was written"] += 1

    def overtaken(self) -> None:
        """A plan made for edition 1 is confirmed, and then edition 2 comes into force: the person is asked again."""
        self.ground.restore()
        assert "开展".encode() in self.second
        late = upload(self.second.replace("开展".encode(), "稳妥开展".encode()), "晚.txt")
        read(late)
        confirm(late, OTHER)
        assert Worker(self.to_write).wait() == 1
        before = state()
        assert Worker(late).wait() == 1
        assert (facts(late)["state"], facts(late)["error"]["kind"]) == ("ready", jobs.BASE_MOVED)
        assert _beside_jobs(state()) == _beside_jobs(before)
        confirm(late, OTHER)
        assert Worker(late).wait() == 1
        with here():
            in_force = list(ListEdition.objects.filter(is_in_force=True).values_list("number", "imported_by"))
        assert in_force == [(3, OTHER.label)]
        assert log_is_whole()
        self.outcomes["confirmed for an edition that is no longer in force: asked again"] += 1


def _beside_jobs(found: State) -> dict[str, Any]:
    return {model.__name__: rows for model, rows in found.items() if model.__name__ not in ("ImportJob", "PlannedRow")}


def _large() -> bytes:
    head = "序号\t改革事项\t具体举措\t牵头单位\t责任单位\t完成时限\n"
    return (head + "".join(f"{n}\t事项{n}\t举措{n}。\t市财政局\t\t2022年6月底\n" for n in range(1, 40_000))).encode()


def every_kill(faults: Faults, kills: int) -> None:
    """`kills` kills while writing: at every point in turn, and between them at random moments."""
    for number in range(kills):
        if number % 2:
            faults.kill_at_random()
        else:
            faults.kill_at(WRITING[number // 2 % len(WRITING)])


def everything_else(faults: Faults, kills: int) -> None:
    faults.without_a_transaction()
    for point in READING[: max(2, kills // 10)]:
        faults.kill_while_reading(point)
    faults.reader_ends_with_its_worker()
    faults.race()
    faults.cancelled_at((RUN, "_claim"), job=faults.to_read)
    faults.cancelled_at((RUN, "plan_of"), job=faults.to_read)
    for point in ((WRITE, "_write_measures"), (WRITE, "_write_assignments"), (APPLY, "_new_edition")):
        faults.cancelled_at(point, job=faults.to_write)
    faults.overtaken()
