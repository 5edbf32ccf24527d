"""截至: where every measure stood on a past day, read from the change log.

The log says of each change on which business day it holds. What was entered later for an earlier day holds from that
day on, and what was known before of the days after it no longer counts. A measure of a list's first edition counts as
having been there always, since the list is older than its import; a later one from the day of its edition.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Min

from agencies.lib.bulk import insert
from agencies.models import Change, ChangeHead
from reforms.models import LightFlow, Measure, PastRead, PastState, PrintedRow
from reforms.status import trend

FACTS = PastState.FACTS
DAYS = frozenset({"deadline_in_force", "first_report_on", "claimed_on", "closed_on"})
TOLD = ("object_id", "on", "action", "before", "after")
COLUMNS = ("measure_id", "since", "until", *FACTS)
BATCH = 2_000
ALWAYS = dt.date.min


def follow(*, rows: Sequence[Change], **_signal: Any) -> None:
    """Read new entries of the log in the transaction that writes them, so that no reader of a past day ever writes."""
    if any(row.kind == "measure" for row in rows):
        catch_up()


def read_what_was_there(**_signal: Any) -> None:
    """Once tables are up to date: a log from before it was followed this way is read to its end."""
    # States from before their lights were kept by month: first, since `rebuild` only adds what it changes.
    if PastState.objects.exists() and not LightFlow.objects.exists():
        trend.fill()
    catch_up()


def catch_up() -> int:
    """Read what the log says of measures since last time; how many were read anew. Cheap when nothing is new."""
    # Looked at without a lock: who asks when nothing is new waits for nobody.
    head, _hash = ChangeHead.reached()
    if head == (PastRead.objects.values_list("sequence", flat=True).first() or 0):
        return 0
    with transaction.atomic():
        # Two that catch up at once would write the same rows twice.
        read, _new = PastRead.objects.select_for_update().get_or_create(pk=1)
        news = Change.objects.filter(kind="measure", sequence__gt=read.sequence, sequence__lte=head)
        changed = list(news.order_by("object_id").values_list("object_id", flat=True).distinct())
        for at in range(0, len(changed), BATCH):
            rebuild(changed[at : at + BATCH])
        PastRead.objects.filter(pk=1).update(sequence=head)
    return len(changed)


def rebuild(measure_ids: Sequence[int]) -> None:
    """Write the past standings of these measures anew, and what their lights add to the months."""
    rows = read_from_log(measure_ids)
    before = trend.states_of(measure_ids)
    PastState.objects.filter(measure__in=measure_ids).delete()
    insert(PastState, COLUMNS, rows)
    trend.keep(before, trend.states_of(measure_ids))


def read_from_log(measure_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """The past standings of these measures as the log has them, each in the order of COLUMNS."""
    measures = Measure.objects.only(*FACTS).in_bulk(list(measure_ids))
    told: defaultdict[int, list[Change]] = defaultdict(list)
    # The whole log of a measure, not only what is new: an entry for an earlier day changes what came after it.
    log = Change.objects.filter(kind="measure", object_id__in=measure_ids).only(*TOLD)
    for change in log.order_by("sequence"):
        told[change.object_id].append(change)
    first = dict(
        PrintedRow.objects.filter(measure__in=measure_ids)
        .order_by()
        .values_list("measure")
        .annotate(first=Min("edition__number"))
    )
    return [
        row
        for pk, measure in measures.items()
        for row in _rows(measure, told[pk], is_from_the_start=first.get(pk, 1) == 1)
    ]


@dataclass(slots=True)
class _Fact:
    """One fact over time: from each day on its value, the first from the beginning."""

    steps: list[tuple[dt.date, Any]] = field(default_factory=list)

    def holds_from(self, day: dt.date, value: Any) -> None:
        # Told later for an earlier day: what was known of the days after it no longer counts.
        while self.steps and self.steps[-1][0] >= day:
            self.steps.pop()
        self.steps.append((day, value))

    def on(self, day: dt.date) -> Any:
        return next((value for since, value in reversed(self.steps) if since <= day), self.steps[0][1])


def _rows(measure: Measure, told: Sequence[Change], *, is_from_the_start: bool) -> list[tuple[Any, ...]]:
    """In the order of COLUMNS."""
    added = next((change.on for change in told if change.action == "measure.added"), ALWAYS)
    start = ALWAYS if is_from_the_start else added
    facts = {name: _over_time(name, measure, told, start) for name in FACTS}
    # A row from each day on which any fact changed up to the next such day.
    days = sorted({day for fact in facts.values() for day, _value in fact.steps})
    until = [*days[1:], None]
    return [
        (measure.pk, day, end, *(facts[name].on(day) for name in FACTS)) for day, end in zip(days, until, strict=True)
    ]


def _over_time(name: str, measure: Measure, told: Iterable[Change], start: dt.date) -> _Fact:
    changes = [(change, *_said(name, change)) for change in told if _speaks_of(name, change)]
    fact = _Fact()
    fact.holds_from(start, changes[0][1] if changes else getattr(measure, name))
    for change, _before, after in changes:
        fact.holds_from(max(change.on, start), after)
    return fact


def _speaks_of(name: str, change: Change) -> bool:
    return name in change.before or name in change.after or (name == "disposition" and change.action in OLD_FORM)


# How coming and going was logged before the facts were written beside it.
OLD_FORM = {"measure.withdrawn": ("active", "withdrawn"), "measure.reinstated": ("withdrawn", "active")}


def _said(name: str, change: Change) -> tuple[Any, Any]:
    """A fact before and after a change."""
    if name not in change.before and name not in change.after:
        return OLD_FORM[change.action]
    return _read(name, change.before.get(name)), _read(name, change.after.get(name))


def _read(name: str, value: Any) -> Any:
    return dt.date.fromisoformat(value) if value and name in DAYS else value
