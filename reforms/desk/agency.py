"""我的工作台: what waits for the people of an agency, most urgent first. Each duty stands in one group only."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef

from agencies.access import Principal, Verb, agencies_for
from agencies.models import Agency
from reforms.catalogue.rows import Viewpoint
from reforms.desk.duties import DutiesOnDesk, DutyOnDesk, Group
from reforms.duties import opening_of, with_openings
from reforms.lib.words import period_text
from reforms.models import (
    RUNNING,
    Bulletin,
    Duty,
    Light,
    ListEdition,
    Milestone,
    MilestoneQuerySet,
    ProgressReport,
    SupervisionOrder,
    is_in_work,
    is_open_to,
    signs_papers,
)
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.report_days import report_due
from reforms.reports.acknowledge import first_to_acknowledge
from reforms.reports.periods import span_on
from reforms.review.queue import Waiting, to_sign

State = ProgressReport.State
ACKNOWLEDGE_SHOWN = 20
MILESTONES_SHOWN, MILESTONES_NEAR = 10, dt.timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """One duty as the desk shows it. `period` names the period for which a report is owed, `due` is the day of
    report."""

    duty: Duty
    on: dt.date
    place: DutyOnDesk
    period: str = ""
    due: dt.date | None = None

    @property
    def light(self) -> Light:
        """That of its measure."""
        return self.place.light

    @property
    def returned(self) -> ProgressReport | None:
        """The claim that came back."""
        return self.place.returned

    @property
    def draft(self) -> ProgressReport | None:
        """What was begun and not sent."""
        return self.place.draft

    @property
    def unsigned(self) -> bool:
        """Whether a claim waits for the agency's own signature."""
        return self.place.unsigned

    @property
    def may_report(self) -> bool:
        """Whether whoever looks reports for the agency."""
        return self.place.may_report

    @property
    def opening(self) -> str:
        """How the measure's text begins: what tells those of one item apart."""
        return opening_of(self.duty)

    @property
    def days_left(self) -> int | None:
        """Days to the deadline in force; negative when past, None without one and where they are not counted."""
        day = self.duty.measure.deadline_in_force if self.light in RUNNING else None
        return (day - self.on).days if day else None

    @property
    def is_late_report(self) -> bool:
        """未按时报送: whether the day of report has passed; never said of those outside the government's line."""
        return self.due is not None and self.due < self.on and not self.duty.agency.outside_line

    @property
    def report_by(self) -> dt.date | None:
        """The day of report while it has not passed."""
        return self.due if self.due and self.due >= self.on else None

    @property
    def unchanged_address(self) -> str:
        """Where 本期无变化 is sent."""
        return f"/measures/{self.duty.measure_id}/unchanged/"

    @property
    def form_key(self) -> str:
        """A new one for each form."""
        return secrets.token_hex(16)

    @property
    def group(self) -> Group | None:
        """Where it stands on the desk."""
        return self.place.group

    @property
    def acts(self) -> bool:
        """Whether a report can be written now."""
        return self.place.acts

    @property
    def opens_here(self) -> bool:
        """Whether the short form on the desk will do; a claim is written on its page."""
        return self.acts and not self.returned and not (self.draft and self.draft.is_claim)

    @property
    def may_be_unchanged(self) -> bool:
        """Whether 本期无变化 can be said: there is something that did not change, and nothing else begun."""
        said_before = self.duty.last_report_on is not None or self.duty.measure.is_standing
        return self.opens_here and said_before and self.draft is None


@dataclass(frozen=True, slots=True)
class ToAcknowledge:
    """An edition of which an agency has not taken note, and how many duties it gives the agency."""

    edition: ListEdition
    agency: Agency
    duties: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Of each group all duties, whose rows `desk_rows` gives, and the `periods` for which reports are owed, by name.
    `held` counts the measures that are shown or settled, `settled` those that are done or in place: each once, also
    where several of one's agencies act on it. Of the `unacknowledged` editions `acknowledge` are the first; `orders`
    are 督办单 that wait for an answer, `papers` 送审稿 that the office's head, who `signs`, finds here. Of the
    `milestones_due`, which are near or missed, `milestones` are the first.
    """

    groups: dict[Group, DutiesOnDesk]
    periods: list[str]
    held: int
    settled: int
    acknowledge: list[ToAcknowledge] = field(default_factory=list)
    unacknowledged: int = 0
    sign: list[Waiting] = field(default_factory=list)
    orders: list[SupervisionOrder] = field(default_factory=list)
    papers: list[SupervisionOrder | Bulletin] = field(default_factory=list)
    signs: bool = False
    milestones: list[Milestone] = field(default_factory=list)
    milestones_due: int = 0

    @property
    def waits(self) -> bool:
        """Whether there is anything to do that has a place of its own."""
        return bool(self.groups or self.orders or self.papers or self.milestones)


def desk_of(view: Viewpoint, *, mine: bool = False) -> Desk:
    """What waits for `view.who`; with `mine` only the duties of which they are the officer. A fixed number of
    queries, however many duties there are; none for those who belong to no agency."""
    if not view.who.agencies():
        return Desk(groups={}, periods=[], held=0, settled=0)
    found = DutiesOnDesk.of(view, mine=mine)
    groups = found.groups()
    waiting, unacknowledged = first_to_acknowledge(agencies_for(view.who, Verb.REPORT), ACKNOWLEDGE_SHOWN)
    steps = milestones_near(view, mine=mine)
    signs = signs_papers(view.who)
    return Desk(
        groups=groups,
        periods=[_period(view.on, every) for every in groups[Group.OWING].asked_for()] if Group.OWING in groups else [],
        held=found.measures(),
        settled=found.settled(),
        acknowledge=_to_acknowledge(waiting),
        unacknowledged=unacknowledged,
        sign=to_sign(view.who),
        orders=_orders(agencies_for(view.who, Verb.READ_REPORTS)),
        papers=_submitted(view.who) if signs else [],
        signs=signs,
        milestones=list(steps.select_related("measure__item").order_by("due_on", "pk")[:MILESTONES_SHOWN]),
        milestones_due=steps.count(),
    )


def milestones_near(view: Viewpoint, *, mine: bool = False) -> MilestoneQuerySet:
    """Those that are due soon, or missed, on measures that one's agencies lead; with `mine` where one is the officer of
    such a duty."""
    due = Milestone.objects.open().led_by(view.who.agencies()).filter(due_on__lte=view.on + MILESTONES_NEAR)
    if not mine:
        return due
    # 0 is nobody's id.
    own = Duty.objects.of(view.who.agencies()).filter(officer_user=view.who.user_id or 0, measure=OuterRef("measure"))
    return due.filter(Exists(own))


def papers_to_sign(who: Principal) -> list[SupervisionOrder | Bulletin]:
    """What is handed up to the office's head: the orders, then 通报, 专报 and 函. Three queries for such a one, one for
    the heads of other agencies, else none."""
    return _submitted(who) if signs_papers(who) else []


def _submitted(who: Principal) -> list[SupervisionOrder | Bulletin]:
    orders = SupervisionOrder.objects.filter(state="submitted").in_work().select_related("agency").order_by("pk")
    own = who.agencies()
    bulletins = Bulletin.objects.filter(is_open_to(who, "reform_list__"), state="submitted")
    return [
        *(order for order in orders if own.isdisjoint(order.holders)),
        *bulletins.select_related("agency", "reform_list").order_by("pk"),
    ]


def count_only_here(who: Principal) -> int:
    """How much on the desk is done only there: 督办单 that wait for an answer, claims that came back, and what the
    office's head signs. Two queries, bounded by what waits; two more while a dissolved agency has such an order, and
    those of `papers_to_sign`."""
    # Signatures have a queue of their own, and a new list is told of in 消息: counting on every page what was not taken
    # note of would read all duties of the agency.
    reading = agencies_for(who, Verb.READ_REPORTS)
    if not reading:
        return 0
    came_back = ProgressReport.objects.unanswered_returns().filter(is_in_work("measure__reform_list__"))
    returned = came_back.filter(duty__agency__in=reading).order_by().values("duty").distinct()
    return len(_waiting_orders(reading)) + returned.count() + len(papers_to_sign(who))


def desk_rows(view: Viewpoint, places: Sequence[DutyOnDesk]) -> list[DeskRow]:
    """The rows of these, in their order."""
    days = WorkingDays.stored()
    beside = ("measure__item", "measure__reform_list", "agency", "via", "officer_user")
    found = with_openings(Duty.objects.filter(pk__in=[one.id for one in places]).select_related(*beside)).order_by()
    duties = {duty.pk: duty for duty in found}
    return [_row(duties[one.id], one, view.on, days) for one in places if one.id in duties]


def _row(duty: Duty, place: DutyOnDesk, on: dt.date, days: WorkingDays) -> DeskRow:
    return DeskRow(
        duty=duty,
        on=on,
        place=place,
        period=_period(on, place.asked) if place.asked else "",
        due=report_due(duty.measure, on, days) if place.asked else None,
    )


def _period(on: dt.date, every: str) -> str:
    span = span_on(on, every)
    return period_text(span.first, span.last) if span else ""


def _waiting_orders(agencies: frozenset[int]) -> frozenset[int]:
    return SupervisionOrder.objects.filter(state="issued").in_work().held_by(agencies)


def _orders(agencies: frozenset[int]) -> list[SupervisionOrder]:
    waiting = SupervisionOrder.objects.filter(pk__in=_waiting_orders(agencies))
    return list(waiting.select_related("agency").order_by("reply_by", "pk"))


def _to_acknowledge(waiting: Sequence[tuple[ListEdition, int]]) -> list[ToAcknowledge]:
    if not waiting:
        return []
    lists = {edition.reform_list_id for edition, _agency in waiting}
    held = Duty.objects.of({agency for _edition, agency in waiting}).filter(measure__reform_list__in=lists)
    held = held.filter(measure__disposition="active").order_by()
    counts = {
        (list_id, agency_id): count
        for list_id, agency_id, count in held.values_list("measure__reform_list", "agency").annotate(n=Count("pk"))
    }
    editions = ListEdition.objects.select_related("reform_list").in_bulk({edition.pk for edition, _agency in waiting})
    names = Agency.objects.in_bulk({agency_id for _edition, agency_id in waiting})
    return [
        ToAcknowledge(editions[edition.pk], names[agency_id], counts[edition.reform_list_id, agency_id])
        for edition, agency_id in waiting
    ]
