"""Which reminders ought to exist; running it again, or twice at once, adds nothing twice. And to whom a 督办单 ought to
be drafted: by a person, where the ladder of reminders came to its end."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from agencies.models import Agency
from reforms.models import (
    Duty,
    DutyQuerySet,
    Extension,
    OrderedMeasure,
    Part,
    ReformList,
    Reminder,
    Successors,
    SupervisionOrder,
)
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.stages import A_WEEK, AFTER, EARLIEST, WEEKLY, Rules, order_due, rules_of, stage_due

NEAR = dt.timedelta(days=30)  # 临近到期
BATCH = 1000
ListStart = tuple[int, dt.date]
DEADLINE = "measure__deadline_in_force"
TOLD = ("measure_id", "agency_id", "deadline", "stage", "due_on")
ToldRow = tuple[int, int, dt.date, str, dt.date]
told_row = attrgetter(*TOLD)  # of a Reminder
# By measure, agency and deadline: the stages told, each with its day.
ToldByPlace = dict[tuple[int, int, dt.date], dict[str, dt.date]]


def chaseable() -> DutyQuerySet:
    """Open duties whose clock runs: it rests while the office has a request for more time before it."""
    asked = Extension.objects.filter(state=Extension.State.UNDER_REVIEW)
    return Duty.objects.open().exclude(measure__in=asked.values("measure"))


def duties_due(lists: Collection[int], on: dt.date) -> DutyQuerySet:
    """All that is late or due within 30 days in these lists, whoever holds it."""
    return chaseable().filter(measure__reform_list__in=lists, measure__deadline_in_force__lte=on + NEAR)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The duties of some lists that are near their deadline or past it, and what was told of each by which rules: four
    queries, however many days are asked about."""

    duties: list[Duty]
    first_days: Mapping[int, dt.date]
    told: ToldByPlace
    days: WorkingDays
    rules: Mapping[int, Rules]

    @classmethod
    def of(
        cls,
        on: dt.date,
        lists: Collection[ListStart] | None = None,
        until: dt.date | None = None,
        *,
        deadlines: Collection[dt.date] | None = None,
    ) -> "Ladder":
        """For the day `on`, or the days from then to `until`; `lists` with their first days, without it those that are
        switched on; of all deadlines, or of these."""
        first_days = dict(switched_on() if lists is None else lists)
        near = _near(first_days, until or on)
        if deadlines is not None:
            near = near.filter(measure__deadline_in_force__in=deadlines)
        # Without the long texts, which no letter shows.
        duties = list(near.select_related("measure__item").defer("measure__text", "measure__search_text"))
        return cls(duties, first_days, _told(duties, on), WorkingDays.stored(), rules_of(first_days))

    def owed(self, on: dt.date) -> list[Reminder]:
        """The reminders that fall due by `on` and were not told yet, unsaved, with their measures; none on a day off.
        Only stages that fall on or after a list's first day are owed."""
        if not self.days.works(on):
            return []
        found = []
        for duty in self.duties:
            deadline = duty.measure.deadline_in_force
            if deadline is None:
                continue
            told = self.told.get((duty.measure_id, duty.agency_id, deadline), {})
            start, rules = self.first_days[duty.measure.reform_list_id], self.rules[duty.measure.reform_list_id]
            if stage := stage_due(deadline, on, told, start, self.days, rules=rules):
                # By the day on which it is told: the next step waits from then (reforms.reminders.stages).
                found.append(
                    Reminder(measure=duty.measure, agency_id=duty.agency_id, deadline=deadline, stage=stage, due_on=on)
                )
        return found

    def tell(self, reminders: Iterable[Reminder]) -> None:
        """Go on as if these had been told."""
        add_told(self.told, map(told_row, reminders))


def owed_on(on: dt.date, lists: Collection[ListStart] | None = None) -> list[Reminder]:
    """The reminders owed by `on` that are not there yet. `lists` asks what would be owed if just these were switched on
    from these days; without it, the lists that are."""
    return Ladder.of(on, lists).owed(on)


def create_owed(on: dt.date) -> int:
    """Write the reminders owed by `on`; how many were new. Where none is, nothing is read of single duties: a handful
    of queries, however many duties are open."""
    places = _places_due(on)
    if not places:
        return 0
    lists = [one for one in switched_on() if one[0] in {list_id for list_id, _deadline in places}]
    new = Ladder.of(on, lists, deadlines={deadline for _list_id, deadline in places}).owed(on)
    now = timezone.now()
    for reminder in new:
        reminder.created_at = now
    # Of two that run at once one writes each row (told_once); the other's conflict is no error.
    Reminder.objects.bulk_create(new, ignore_conflicts=True, batch_size=BATCH)
    return len(new)


def _near(lists: Collection[int], on: dt.date) -> DutyQuerySet:
    """The duties of these lists that are so near their deadline, or past it, that something may be told of them."""
    return chaseable().filter(measure__reform_list__in=lists, measure__deadline_in_force__lte=on + EARLIEST)


def _places_due(on: dt.date) -> set[tuple[int, dt.date]]:
    """The lists and deadlines of which some duty is due to be told on the day `on`. Duties of one list and deadline
    that were told the same are looked at as one."""
    first_days, days = dict(switched_on()), WorkingDays.stored()
    if not first_days or not days.works(on):
        return set()
    rules, near, place = rules_of(first_days), _near(first_days, on).order_by(), ("measure__reform_list", DEADLINE)
    words = [day_told(stage.name) for stage in AFTER]
    late = near.filter(**{f"{DEADLINE}__lt": on}).values_list(*place, *words, _last_told(WEEKLY.name)).distinct()
    ahead = near.filter(**{f"{DEADLINE}__gte": on}).values_list(*place, _last_told("")).distinct()
    found = [(pk, deadline, _steps(told, week)) for pk, deadline, *told, week in late]
    # Before the deadline the latest word that was told says enough: of the others nothing hangs.
    found += [(pk, deadline, {name: on} if name else {}) for pk, deadline, name in ahead]
    return {
        (pk, deadline)
        for pk, deadline, told in found
        if stage_due(deadline, on, told, first_days[pk], days, rules=rules[pk])
    }


def _steps(told: Sequence[dt.date | None], week: str | None) -> dict[str, dt.date]:
    steps = {stage.name: day for stage, day in zip(AFTER, told, strict=True) if day}
    return steps | ({week: dt.date.fromisoformat(week.removeprefix(WEEKLY.name))} if week else {})


def _told_of() -> QuerySet[Reminder]:
    """What was told of a duty, of the deadline it has."""
    here = {"measure": OuterRef("measure"), "agency": OuterRef("agency"), "deadline": OuterRef(DEADLINE)}
    return Reminder.objects.filter(**here).order_by("-due_on", "-pk")


def day_told(stage: str) -> Subquery:
    """Of duties: the day on which each was told this stage of the deadline it has; None where it was not."""
    return Subquery(_told_of().filter(stage=stage).values("due_on")[:1])


def _last_told(beginning: str) -> Subquery:
    """The stage of the last word whose name begins so."""
    return Subquery(_told_of().filter(stage__startswith=beginning).values("stage")[:1])


def still_owed(reminders: list[Reminder]) -> list[Reminder]:
    """Those whose duty is still open with the same deadline: nobody is chased for what was done meanwhile."""
    open_now = set(
        chaseable()
        .filter(measure__in=[reminder.measure_id for reminder in reminders])
        .values_list("measure_id", "agency_id", "measure__deadline_in_force")
    )
    # With the deadline: one that moved since is reminded of anew, at its own stages.
    return [r for r in reminders if (r.measure_id, r.agency_id, r.deadline) in open_now]


def switched_on() -> list[ListStart]:
    """The lists whose reminders are on, each with the first day that counts."""
    on = ReformList.objects.in_work().filter(reminders_on=True)
    return [(pk, first) for pk, first in on.values_list("pk", "reminders_from") if first]


def add_told(told: ToldByPlace, rows: Iterable[ToldRow]) -> ToldByPlace:
    """The same with these as well."""
    for measure, agency, deadline, stage, day in rows:
        told.setdefault((measure, agency, deadline), {})[stage] = day
    return told


def steps_told(agencies: Collection[Agency], duties: Collection[Duty]) -> ToldByPlace:
    """How far these agencies were told of these duties; not every week's turn."""
    # By deadline, of which there are few: the ids of all measures may be more than a query takes.
    deadlines = {day for duty in duties if (day := duty.measure.deadline_in_force)}
    steps = [stage.name for stage in AFTER]
    stored = Reminder.objects.filter(agency__in=agencies, deadline__in=deadlines, stage__in=steps)
    return add_told({}, stored.values_list(*TOLD))


def _told(duties: Collection[Duty], on: dt.date) -> ToldByPlace:
    """What was told of these duties; of the weekly turns only those that can still matter."""
    deadlines = {day for duty in duties if (day := duty.measure.deadline_in_force)}
    recent = ~Q(stage__startswith=WEEKLY.name) | Q(due_on__gt=on - 2 * A_WEEK)
    return add_told({}, Reminder.objects.filter(recent, deadline__in=deadlines).values_list(*TOLD))


# The day on which a duty was told the ladder's last word before its end.
LAST_WORD = day_told(AFTER[-1].name)


@dataclass(frozen=True, slots=True)
class OrderDue:
    """An agency to which an order is due: about how many duties, and the oldest of their deadlines."""

    agency: Agency
    count: int
    first: dt.date

    def longest(self, on: dt.date) -> int:
        """Days that the oldest is overdue."""
        return (on - self.first).days


@dataclass(frozen=True, slots=True)
class ToDraft:
    """An agency to which an order is due, and its duties that are the reason, the longest overdue first."""

    agency: Agency
    duties: Sequence[Duty]


def orders_due(on: dt.date, agencies: Collection[int] | None = None) -> list[OrderDue]:
    """As `to_draft`, without the duties: they are counted by how far they were told, and none is read."""
    place = ("agency", "measure__reform_list", "measure__deadline_in_force")
    rows = list(_told_last(on, agencies).order_by().values_list(*place, "told").annotate(n=Count("pk")))
    days, rules = WorkingDays.stored(), rules_of({list_id for _agency, list_id, *_rest in rows})
    counts: Counter[int] = Counter()
    first: dict[int, dt.date] = {}
    for agency_id, list_id, deadline, last, n in rows:
        if order_due(deadline, on, {AFTER[-1].name: last}, days, rules=rules[list_id]):
            counts[agency_id] += n
            first[agency_id] = min(deadline, first.get(agency_id, deadline))
    named = Agency.objects.in_bulk(counts)
    return [OrderDue(named[pk], counts[pk], first[pk]) for pk in sorted(counts, key=lambda pk: (-counts[pk], pk))]


def to_draft(on: dt.date, agencies: Collection[int] | None = None) -> list[ToDraft]:
    """To whom an order is due by the ladder (reforms.reminders.stages.ORDER), those with most first: to agencies of the
    government's line, about measures they lead, unless one is under way or was answered with a day still to come.
    A constant number of queries."""
    late = _told_last(on, agencies).select_related("measure__item", "measure__reform_list", "agency")
    # Without the long texts, which nobody reads before there is an order.
    duties = list(late.defer("measure__text", "measure__search_text"))
    told, days = steps_told({duty.agency for duty in duties}, duties), WorkingDays.stored()
    rules = rules_of(duty.measure.reform_list_id for duty in duties)
    by_agency: dict[Agency, list[Duty]] = {}
    for duty in duties:
        deadline = duty.measure.deadline_in_force
        steps = told.get((duty.measure_id, duty.agency_id, deadline), {}) if deadline else {}
        if deadline and order_due(deadline, on, steps, days, rules=rules[duty.measure.reform_list_id]):
            by_agency.setdefault(duty.agency, []).append(duty)
    found = [ToDraft(agency, held) for agency, held in by_agency.items()]
    return sorted(found, key=lambda one: (-len(one.duties), one.agency.pk))


def _told_last(on: dt.date, agencies: Collection[int] | None) -> DutyQuerySet:
    """Those that are late and were told the ladder's last word, with the day (`told`)."""
    # Found by what was told: all that is late may be a hundred times as much.
    last = Reminder.objects.filter(stage=AFTER[-1].name).values("measure")
    return _late(on, agencies).filter(measure__in=last).annotate(told=LAST_WORD).exclude(told=None)  # type: ignore[misc, no-any-return]


def _late(on: dt.date, agencies: Collection[int] | None) -> DutyQuerySet:
    late = chaseable().filter(part=Part.LEAD, agency__outside_line=False, measure__deadline_in_force__lt=on)
    ordered = OrderedMeasure.objects.filter(
        Q(order__in=SupervisionOrder.objects.under_way()) | Q(order__state="answered", order__expected_on__gte=on)
    )
    here = ordered.filter(
        measure=OuterRef("measure"),
        order__agency=OuterRef("agency"),
        deadline=OuterRef("measure__deadline_in_force"),
    )
    if agencies is not None:
        late = late.filter(agency__in=agencies)
    late = late.exclude(Exists(here)).exclude(_inherited(ordered))
    return late.order_by("measure__deadline_in_force", "measure__reform_list", "measure__row")


def _inherited(ordered: "QuerySet[OrderedMeasure]") -> Q:
    """Of duties: their agency succeeded one that has such an order about the measure, and answers for it."""
    gone = ordered.exclude(order__agency__successor=None).order_by()
    lines = list(gone.values_list("measure_id", "order__agency_id", "deadline"))
    if not lines:
        # Matches nothing, where an empty Q() would match everything.
        return Q(pk__in=[])
    heirs = Successors.for_measures([measure for measure, *_line in lines])
    # One term for each heir and deadline: SQLite takes a thousand, and there may be as many lines.
    measures: dict[tuple[int, dt.date], list[int]] = {}
    for measure, agency, deadline in lines:
        measures.setdefault((heirs.of(agency, measure), deadline), []).append(measure)
    found = Q()
    for (heir, deadline), about in measures.items():
        found |= Q(measure__in=about, agency=heir, measure__deadline_in_force=deadline)
    return found
