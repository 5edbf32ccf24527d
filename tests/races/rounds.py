"""Rounds in which many writers act on one measure in the same moment, and what became of each.

Three kinds take turns: colleagues who write on one draft, reviewers who verify and return one claim, and supervisors
who move one deadline. All begin on the same version. Without it (`guarded=False`, the negative control) whoever comes
later overwrites what came before, and that is counted as lost.
"""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F

from agencies.access import Principal
from agencies.models import Agency, Membership, Role, User
from reforms.models import Duty, Measure, Part, ProgressReport, Stale, lock_measure
from reforms.reports.drafts import draft_of, save_draft
from reforms.review.decisions import return_claim, verify_claim
from reforms.review.extensions import adjust_deadline
from reforms.status.settle import settle

ON = dt.date(2022, 6, 15)
State = ProgressReport.State
Deed = Callable[[int], object]


@dataclass(slots=True)
class Tally:
    """Over all rounds: how many won, were told, and won and were overwritten; `wrong` says what else happened."""

    won: int = 0
    told: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One measure, its agency and its claim, and those who act: the agency's reporter and a supervisor."""

    measure: int
    agency: int
    claim: int
    reporter: Principal
    supervisor: Principal


def make_scene() -> Scene:
    """On a measure with one lead, which has claimed it."""
    duty = Duty.objects.filter(part=Part.LEAD, via=None, measure__is_standing=False, measure__deadline__gt=ON)[0]
    office = Agency.objects.get_or_create(name="督办办公室")[0]
    people = [(Role.REPORTER, duty.agency), (Role.SUPERVISOR, office)]
    reporter, supervisor = (_person(f"race.{role}", role, agency) for role, agency in people)
    with transaction.atomic():
        claim = ProgressReport.objects.create(
            measure_id=duty.measure_id,
            duty=duty,
            agency=duty.agency,
            state=State.UNDER_REVIEW,
            is_claim=True,
            progress="任务完成。",
            on=ON,
            claimed_on=ON,
            recorded_at=dt.datetime.now(dt.UTC),
            author="填报人",
        )
        settle([duty.measure_id])
    return Scene(
        measure=duty.measure_id, agency=duty.agency_id, claim=claim.pk, reporter=reporter, supervisor=supervisor
    )


def _person(name: str, role: Role, agency: Agency) -> Principal:
    user = User.objects.create_user(name)
    Membership.objects.create(user=user, agency=agency, role=role)
    return Principal.of_user(user)


def race(scene: Scene, *, writers: int, rounds: int, guarded: bool = True) -> Tally:
    """Let `writers` threads act on the measure at once, `rounds` times."""
    tally = Tally()
    kinds = (_drafting, _deciding, _adjusting) if guarded else (_drafting, _adjusting)
    with _threads(writers) as at_once:
        for number in range(rounds):
            deed, check = kinds[number % len(kinds)](scene, number, guarded=guarded)
            outcomes = at_once(deed)
            winners = [place for place, outcome in enumerate(outcomes) if outcome is None]
            tally.won += len(winners)
            tally.told += sum(isinstance(outcome, Stale | ValidationError) for outcome in outcomes)
            tally.lost += max(len(winners) - 1, 0)
            tally.wrong += [repr(one) for one in outcomes if one and not isinstance(one, Stale | ValidationError)]
            if guarded:
                tally.wrong += check(winners)
    return tally


@contextmanager
def _threads(writers: int) -> Iterator[Callable[[Deed], "list[BaseException | None]"]]:
    """Runs a deed in every thread from the same moment on; each thread keeps its connection."""
    gate = threading.Barrier(writers)

    def act(deed: Deed, place: int) -> BaseException | None:
        gate.wait()
        try:
            deed(place)
        except Exception as error:  # what became of each is the question
            return error
        return None

    def end(_place: int) -> None:
        gate.wait()
        connection.close()

    with ThreadPoolExecutor(writers) as pool:
        yield lambda deed: list(pool.map(lambda place: act(deed, place), range(writers)))
        list(pool.map(end, range(writers)))


Round = tuple[Deed, Callable[[list[int]], list[str]]]


def _drafting(scene: Scene, number: int, *, guarded: bool) -> Round:
    _open(scene)
    before = draft_of(scene.measure, scene.agency)
    version = before.version if before else 0

    def write(place: int) -> None:
        text = {"progress": f"第{number}轮，第{place}人"}
        seen = version if guarded else None
        save_draft(scene.measure, scene.agency, text, seen=seen, who=scene.reporter, on=ON)

    def check(winners: list[int]) -> list[str]:
        draft = draft_of(scene.measure, scene.agency)
        kept = draft and (draft.progress, draft.version)
        right = [(f"第{number}轮，第{place}人", version + 1) for place in winners]
        return [] if len(winners) == 1 and kept == right[0] else [f"draft {kept}, won by {winners}"]

    return write, check


def _deciding(scene: Scene, number: int, *, guarded: bool) -> Round:
    _open(scene)
    version = ProgressReport.objects.get(pk=scene.claim).version

    def decide(place: int) -> None:
        if place % 2:
            verify_claim(scene.claim, seen=version, who=scene.supervisor, on=ON)
        else:
            return_claim(scene.claim, reason=f"第{place}人", seen=version, who=scene.supervisor, on=ON)

    def check(winners: list[int]) -> list[str]:
        claim = ProgressReport.objects.select_related("measure").get(pk=scene.claim)
        verified = bool(winners and winners[0] % 2)
        wanted = (State.VERIFIED, "closed") if verified else (State.RETURNED, "in_progress")
        right = len(winners) == 1 and (claim.state, claim.measure.status) == wanted
        return [] if right and claim.version == version + 1 else [f"claim {claim.state}, won by {winners}"]

    return decide, check


def _adjusting(scene: Scene, number: int, *, guarded: bool) -> Round:
    _open(scene)
    version = Measure.objects.get(pk=scene.measure).version

    def deadline(place: int) -> dt.date:
        return dt.date(2023, 1, 1) + dt.timedelta(days=100 * (number % 7) + place)

    def adjust(place: int) -> None:
        seen = version if guarded else None
        reference = f"第{number}轮，第{place}人"
        adjust_deadline(scene.measure, deadline(place), reference=reference, seen=seen, who=scene.supervisor, on=ON)

    def check(winners: list[int]) -> list[str]:
        measure = Measure.objects.get(pk=scene.measure)
        right = len(winners) == 1 and measure.deadline_in_force == deadline(winners[0])
        return [] if right else [f"deadline {measure.deadline_in_force}, won by {winners}"]

    return adjust, check


def _open(scene: Scene) -> None:
    """The claim waits for the office again."""
    with transaction.atomic():
        lock_measure(scene.measure)
        claim = ProgressReport.objects.filter(pk=scene.claim)
        claim.update(state=State.UNDER_REVIEW, version=F("version") + 1)
        settle([scene.measure])
