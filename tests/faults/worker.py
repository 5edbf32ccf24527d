"""A worker: a process of its own, forked from this one, that carries out one job and can be held at a point of it."""

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from django.db import connections
from django.db.models import QuerySet

import importers.editions.apply
import importers.editions.taking_back
import importers.editions.write
import importers.jobs.editions
import importers.jobs.run
from agencies.lib.jobs.watch import Watch

# Where a worker may be held: right after the function has done its work (module, name).
APPLY, WRITE, RUN = importers.editions.apply, importers.editions.write, importers.jobs.run
Point = tuple[ModuleType | type, str]
WRITING: tuple[Point, ...] = (
    (APPLY, "_new_edition"),
    (APPLY, "agencies_of"),
    (WRITE, "_write_sections"),
    (WRITE, "_write_items"),
    (WRITE, "_write_measures"),
    (WRITE, "_write_assignments"),
    (WRITE, "_withdraw"),
    (APPLY, "write_printed_rows"),
    (WRITE, "derive_duties"),
    (APPLY, "record"),
    (RUN, "apply_plan"),
    (RUN, "_claim"),
    (RUN, "plan_of"),
    (RUN, "_write"),
    (RUN, "_apply"),
)
EDITIONS = importers.jobs.editions
TAKING_BACK: tuple[Point, ...] = (
    (EDITIONS, "_still_allowed"),
    (APPLY, "_plan"),
    (APPLY, "_put_back"),
    (WRITE, "_write_measures"),
    (WRITE, "_withdraw"),
    (WRITE, "derive_duties"),
    (APPLY, "record"),
    (importers.editions.taking_back, "revert"),
    (EDITIONS, "_write"),
    (EDITIONS, "_take_back"),
)
READING: tuple[Point, ...] = tuple((RUN, name) for name in ("_claim", "packed", "plan_of", "keep_plan", "_make_plan"))


def name_of(point: Point) -> str:
    module, name = point
    return f"{module.__name__}.{name}"


SMALL_BATCH = 40
REACHED, GO_ON = b"r", b"g"
FAILED = 70


class Process:
    """One process that does `work`. `at` is the point where it waits."""

    def __init__(self, work: Callable[[], int], *, at: Point | None = None) -> None:
        connections.close_all()
        heard, says = os.pipe()
        hears, self._tell = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            _work(work, at, says, hears)
        os.close(says)
        os.close(hears)
        self._heard = heard
        self._status: int | None = None

    def wait_until_reached(self) -> bool:
        """Whether it came to its point, rather than to its end."""
        return os.read(self._heard, 1) == REACHED

    def go_on(self) -> None:
        os.write(self._tell, GO_ON)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        """Its exit code; 1 when it had the job, 0 when somebody else did."""
        if self._status is None:
            self._status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            os.close(self._heard)
            os.close(self._tell)
        if self._status == FAILED:
            raise AssertionError("the worker failed, see above")
        return self._status

    def children(self) -> list[int]:
        """The processes it has started."""
        found = []
        for file in Path(f"/proc/{self.pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(pid) for pid in file.read_text().split()]
        return found


class Worker(Process):
    """Carries out one job; with `careless` it works without a transaction."""

    def __init__(
        self,
        job: int,
        *,
        at: Point | None = None,
        careless: bool = False,
        run: Callable[[int], bool] = importers.jobs.run.run,
    ) -> None:
        def work() -> int:
            importers.editions.write.BATCH = SMALL_BATCH
            Watch.TOLD_EVERY = 0.0
            if careless:
                _without_transactions()
            return int(run(job))

        super().__init__(work, at=at)


def is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked for does not."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        return said.rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def seconds_used(pid: int) -> float:
    """The processor time that a process has used; 0 once it has ended."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        # utime and stime, the 14th and 15th of all (proc(5)).
        return (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return 0


def _work(work: Callable[[], int], at: Point | None, says: int, hears: int) -> None:
    """In the child: never returns."""
    code = FAILED
    try:
        if at:
            _hold(*at, says, hears)
        else:
            os.write(says, REACHED)
        code = work()
    except BaseException:  # whatever it is, the parent is told
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _hold(place: ModuleType | type, name: str, says: int, hears: int) -> None:
    carry_out: Callable[..., Any] = getattr(place, name)

    def held(*args: Any, **kwargs: Any) -> Any:
        done = carry_out(*args, **kwargs)
        setattr(place, name, carry_out)
        os.write(says, REACHED)
        os.read(hears, 1)
        return done

    setattr(place, name, held)


def _without_transactions() -> None:
    """The negative control: each statement is committed by itself."""

    @contextlib.contextmanager
    def nothing(*_args: object, **_kwargs: object) -> Iterator[None]:
        yield

    careless = SimpleNamespace(atomic=nothing)
    importers.editions.apply.transaction = importers.jobs.run.transaction = careless  # type: ignore[assignment]
    importers.editions.taking_back.transaction = importers.jobs.editions.transaction = careless  # type: ignore[assignment]
    QuerySet.select_for_update = lambda self, *_args, **_kwargs: self  # type: ignore[method-assign]
