"""The change log read as sentences: a measure's history, and what changed this week."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import localtime

from agencies.access import Principal
from agencies.models import Agency, Change
from reforms.catalogue.rows import Viewpoint
from reforms.history.actions import sentence_of
from reforms.history.readable import readable_changes
from reforms.models import Disposition, Measure, Milestone

NEWS_DAYS = 7
NEWS_SHOWN = 8
NEWS_READ = 1_000  # changes of a week; where there are more it is not counted how many measures they are of
TELLING = ("report.submitted", "report.entered", "claim.written", "claim.submitted", "measure.filled_in")
DISPOSING = ("measure.suspended", "measure.cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One thing that happened: when (real time), who (None where names may not be seen), what, and its difference.
    `entered_on` is told where that was another day than the one for which it holds; `agencies` are those it was said
    to."""

    recorded_at: dt.datetime
    on: dt.date
    who: str
    what: str
    before: str
    after: str
    detail: str = ""
    measure: Measure | None = None
    is_beginning: bool = False
    entered_on: dt.date | None = None
    agencies: Sequence[Agency] = ()


@dataclass(frozen=True, slots=True)
class News:
    """The measures whose status changed, each once with its last step, newest first: the `first` of them, and of how
    many. `count` is None where they are more than are counted."""

    first: list[HistoryEntry]
    count: int | None

    @property
    def others(self) -> int:
        """How many are not among the first; 0 where it is not known."""
        return self.count - len(self.first) if self.count else 0


def newest_first(entries: Iterable[HistoryEntry]) -> list[HistoryEntry]:
    """By the day for which each holds, which is shown; of one day what was entered later is newer. What was filled in
    for days before a measure came into the portal did not happen before it came."""
    return sorted(entries, key=lambda one: (not one.is_beginning, one.on, one.recorded_at), reverse=True)


def history_of(measure: Measure, who: Principal, *, after: int = 0) -> list[HistoryEntry]:
    """Everything that was done to a measure (after the change with that sequence) and `who` may read, newest first."""
    return in_history(changes_to(measure, who, after=after))


def changes_to(measure: Measure, who: Principal, *, after: int = 0) -> list[Any]:
    """The same as entries of the log, each with `is_named` (see `readable_changes`) and its agency."""
    changes = readable_changes(who).filter(kind="measure", object_id=measure.pk, sequence__gt=after)
    return list(changes.select_related("agency").order_by("-sequence"))


def last_acts_on(milestone: Milestone, who: Principal, count: int) -> list[HistoryEntry]:
    """The last so many things that were done to a milestone and `who` may read, newest first."""
    changes = readable_changes(who).filter(
        kind="measure", object_id=milestone.measure_id, after__milestone=milestone.pk
    )
    return in_history(changes.select_related("agency").order_by("-sequence")[:count])


def in_history(changes: Iterable[Any]) -> list[HistoryEntry]:
    """Entries of `changes_to` as a history tells them."""
    return [_happening(change, named=bool(change.is_named)) for change in changes]


def happening_of(change: Change) -> HistoryEntry:
    """One thing that was done, for whoever may read everything of it."""
    return _happening(change, named=True)


def last_disposal(measure: Measure) -> Change | None:
    """The office's latest decision on whether the measure goes on (its reason is internal); None while it does."""
    if measure.disposition not in (Disposition.SUSPENDED, Disposition.CANCELLED):
        return None
    disposed = Change.objects.filter(kind="measure", object_id=measure.pk, action__in=DISPOSING)
    return disposed.order_by("-sequence").first()


def public_news(view: Viewpoint, slugs: Collection[str] = (), *, shown: int = NEWS_SHOWN) -> News:
    """Which measures changed their status over the last NEWS_DAYS days, of the lists looked at (or of `slugs`) that
    tell theirs."""
    if not view.sees_status:
        return News([], 0)
    # By business date first: what was filled in later for an earlier day stands with that day.
    steps = list(_steps(view, slugs).order_by("-on", "-sequence").values_list("object_id", "pk")[: NEWS_READ + 1])
    last: dict[int, int] = {}
    for measure, change in steps:
        last.setdefault(measure, change)
    return News(_last_steps(list(last.items())[:shown]), len(last) if len(steps) <= NEWS_READ else None)


def _steps(view: Viewpoint, slugs: Collection[str]) -> "QuerySet[Change]":
    telling = Measure.objects.filter(view.shows(), view.tells_status(), pk=OuterRef("object_id"))
    if slugs:
        telling = telling.filter(reform_list__slug__in=slugs)
    return Change.objects.filter(
        Exists(telling),
        kind="measure",
        action="measure.status_changed",
        on__gt=view.on - dt.timedelta(days=NEWS_DAYS),
        on__lte=view.on,
    )


def _last_steps(last: list[tuple[int, int]]) -> list[HistoryEntry]:
    measures = Measure.objects.select_related("item").in_bulk([measure for measure, _change in last])
    changes = Change.objects.select_related("agency").in_bulk([change for _measure, change in last])
    return [_happening(changes[change], named=False, measure=measures[measure]) for measure, change in last]


def _happening(change: Change, *, named: bool, measure: Measure | None = None) -> HistoryEntry:
    before, after = _difference(change)
    return HistoryEntry(
        recorded_at=change.recorded_at,
        on=change.on,
        who=change.actor if named else _agency_name(change),
        what=sentence_of(change),
        before=before,
        after=after,
        detail=_detail(change) if named else "",
        measure=measure,
        is_beginning=change.action == "measure.added",
        entered_on=_entered_on(change),
    )


def _entered_on(change: Change) -> dt.date | None:
    entered = localtime(change.recorded_at).date()
    # In the demonstration every day has been another one.
    return entered if entered > change.on and not settings.PORTAL_TODAY else None


def _detail(change: Change) -> str:
    """What somebody wrote: the text of a report, the name of a file, a reason. Internal, like the names of persons."""
    told = dict.fromkeys(TELLING, "progress")
    told |= {"evidence.added": "name", "evidence.removed": "name"}
    if change.action == "measure.chased":
        return "、".join(change.after.get("agencies", [])) + (f"：{change.reason}" if change.reason else "")
    name = told.get(change.action)
    return str({**change.before, **change.after}.get(name, "")) if name else change.reason


def _agency_name(change: Change) -> str:
    return change.agency.name if change.agency else ""


def _difference(change: Change) -> tuple[str, str]:
    """What was and what is, for a reprinted measure; other actions say it in their sentence."""
    if change.action not in {"measure.reprinted", "measure.reinstated"}:
        return "", ""
    return _facts(change.before), _facts(change.after)


def _facts(facts: dict[str, Any]) -> str:
    # Whether it is in the list the sentence says.
    printed = (value for name, value in facts.items() if name != "disposition")
    return "\n".join("、".join(value) if isinstance(value, list) else str(value) for value in printed)
