"""What may happen to a worker that takes an edition back, and what must be true afterwards."""

import datetime as dt
from dataclasses import dataclass

import pytest
from django.db.models import Value

from agencies.models import Agency, Membership, Role, User
from importers.jobs import editions as jobs
from importers.models import EditionJob
from reforms.models import ListEdition
from tests.faults.scenarios import LONG_AGO, Faults, here
from tests.faults.state import difference, levelled, log_is_whole, state
from tests.faults.worker import APPLY, TAKING_BACK, WRITE, Point, Worker, name_of


def taking_back(faults: Faults, kills: int) -> None:
    """Edition 2 is in force, and taking it back is confirmed; workers are killed at every point of that."""
    tried = TakenBack(faults)
    tried.begin()
    for point in TAKING_BACK[: max(6, kills // 10)]:
        tried.kill_at(point)
    tried.without_a_transaction()
    tried.race()


@dataclass
class TakenBack:
    """The database of the other faults, one edition further."""

    faults: Faults

    def begin(self) -> None:
        """Bring the second edition into force, look what taking it back would change, and confirm that."""
        self.faults.ground.restore()
        assert Worker(self.faults.to_write).wait() == 1
        with here():
            who = User.objects.create_user("administrator")
            Membership.objects.create(user=who, agency=Agency.objects.all()[0], role=Role.ADMINISTRATOR)
            job = jobs.look_later(ListEdition.objects.get(is_in_force=True), EditionJob.Kind.REVERT)
        self.job = job.pk
        assert self._worker().wait() == 1
        with here():
            job.refresh_from_db()
            jobs.confirm(job, jobs.Principal.of_user(who), job.key)
        self.faults.ground.save()
        self.since = dt.datetime.now(dt.UTC)
        self.before = state()
        assert self._worker().wait() == 1
        self.undisturbed = levelled(state(), self.since)
        with here():
            assert ListEdition.objects.get(is_in_force=True).number == 1

    def _worker(self, at: Point | None = None, *, careless: bool = False) -> Worker:
        return Worker(self.job, at=at, careless=careless, run=jobs.run)

    def kill_at(self, point: Point) -> None:
        """Right after one step has done its work."""
        self.faults.ground.restore()
        worker = self._worker(point)
        assert worker.wait_until_reached(), f"{point} is no step of taking back any more"
        worker.kill()
        self.faults.outcomes[f"killed while taking back, after {name_of(point)}: {self._look()}"] += 1

    def _look(self) -> str:
        """All or nothing; and a second worker comes to the same as if nothing had happened."""
        self.faults.ground.settle()
        found = state()
        assert log_is_whole(), "the change log is broken"
        if found != self.before:
            assert levelled(found, self.since) == self.undisturbed, f"half taken back: {difference(found, self.before)}"
            return "all was written"
        assert self._worker().wait() == 0, "a job is taken while its lease runs"
        with here():
            EditionJob.objects.filter(pk=self.job).update(lease_until=Value(LONG_AGO))
        assert self._worker().wait() == 1
        again = levelled(state(), self.since)
        assert again == self.undisturbed, (
            f"the second try came to something else: {difference(again, self.undisturbed)}"
        )
        return "nothing was written"

    def without_a_transaction(self) -> None:
        """The negative control: the same look must see what is left half done."""
        for point in ((APPLY, "_put_back"), (WRITE, "_write_measures")):
            self.faults.ground.restore()
            worker = self._worker(point, careless=True)
            assert worker.wait_until_reached()
            worker.kill()
            with pytest.raises(AssertionError, match="half taken back"):
                self._look()
            self.faults.outcomes["negative control, without a transaction: seen half taken back"] += 1

    def race(self) -> None:
        """Two workers find the same job."""
        self.faults.ground.restore()
        both = [self._worker() for _ in range(2)]
        assert sorted(worker.wait() for worker in both) == [0, 1]
        assert levelled(state(), self.since) == self.undisturbed
        self.faults.outcomes["two workers, one taking back: one did it"] += 1
