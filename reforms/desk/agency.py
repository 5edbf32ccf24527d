"""我的工作台: what waits for the people of an agency, most urgent first. Each duty stands in one group only."""

import datetime as dt
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.enums import TextChoices
from django.utils.translation import gettext_lazy as _

from agencies.access import Principal, Verb, agencies_for
from agencies.models import Agency
from reforms.catalogue.rows import Viewpoint
from reforms.duties import opening_of, with_openings
from reforms.lib.words import period_text
from reforms.models import (
    Dates,
    Duty,
    DutyQuerySet,
    Light,
    ListEdition,
    Milestone,
    MilestoneQuerySet,
    ProgressReport,
    Status,
    SupervisionOrder,
    SupervisionOrderQuerySet,
    is_in_work,
    light_of,
)
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.report_days import report_due
from reforms.reports.acknowledge import to_acknowledge
from reforms.reports.periods import span_on, unreported
from reforms.review.queue import Waiting, to_sign

State = ProgressReport.State
ACKNOWLEDGE_SHOWN = 20
MILESTONES_SHOWN, MILESTONES_NEAR = 10, dt.timedelta(days=14)


class Group(TextChoices):
    """In the order in which they stand on the desk."""

    RETURNED = "returned", _("退回修改")
    OVERDUE = "overdue", _("已逾期")
    DUE_SOON = "due_soon", _("临近到期")
    OWING = "owing", _("本期待报送")
    DRAFTS = "drafts", _("草稿")
    CLAIMED = "claimed", _("已报待核验")
    OTHERS = "others", _("其他在办")


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyOnDesk:
    """What says where one duty stands on the desk, and in which order: of all of them, of which few are shown. `asked`
    is how often a report is asked for where one is owed now; what is `returned`, `draft` and `unsigned` is the agency's
    own report that has not left it, or came back."""

    id: int
    measure_id: int
    agency_id: int
    status: Status
    light: Light
    claimed_on: dt.date | None
    by_deadline: tuple[dt.date, int, int, int]
    may_report: bool
    asked: str = ""
    returned: ProgressReport | None = None
    draft: ProgressReport | None = None
    unsigned: bool = False

    @property
    def group(self) -> Group | None:
        """The first that applies; None for what asks for nothing: what is closed, or in place and reported."""
        done = self.status in (Status.UNDER_REVIEW, Status.CLOSED)
        ways: tuple[tuple[bool, Group | None], ...] = (
            (self.light == Light.CLOSED, None),
            # What came back goes before its deadline: the claim is the next step.
            (self.returned is not None, Group.RETURNED),
            (not done and self.light == Light.OVERDUE, Group.OVERDUE),
            (not done and self.light == Light.DUE_SOON, Group.DUE_SOON),
            (bool(self.asked), Group.OWING),
            (self.draft is not None, Group.DRAFTS),
            # After what is owed for the period: a claim that waits inside the agency is no report yet.
            (done or self.unsigned or self.light == Light.UNDER_REVIEW, Group.CLAIMED),
            (self.light == Light.STANDING, None),
        )
        return next((group for applies, group in ways if applies), Group.OTHERS)

    @property
    def acts(self) -> bool:
        """Whether a report can be written now."""
        return self.may_report and not self.unsigned and self.status != Status.CLOSED


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
        """Days to the deadline in force; negative when past, None without one."""
        day = self.duty.measure.deadline_in_force
        return (day - self.on).days if day else None

    @property
    def is_late_report(self) -> bool:
        """未按时报送: whether the day of report has passed; never said of those outside the government's line."""
        return self.due is not None and self.due < self.on and not self.duty.agency.outside_line

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
    are 督办单 that wait for an answer. Of the `milestones_due`, which are near or missed, `milestones` are the first.
    """

    groups: dict[Group, list[DutyOnDesk]]
    periods: list[str]
    held: int
    settled: int
    acknowledge: list[ToAcknowledge] = field(default_factory=list)
    unacknowledged: int = 0
    sign: list[Waiting] = field(default_factory=list)
    orders: list[SupervisionOrder] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    milestones_due: int = 0

    @property
    def waits(self) -> bool:
        """Whether there is anything to do that has a place of its own."""
        return bool(self.groups or self.orders or self.milestones)


def desk_of(view: Viewpoint, *, mine: bool = False) -> Desk:
    """What waits for `view.who`; with `mine` only the duties of which they are the officer. A fixed number of
    queries, however many duties there are; none for those who belong to no agency."""
    if not view.who.agencies():
        return Desk(groups={}, periods=[], held=0, settled=0)
    held = _living(view.who, mine=mine).order_by()
    settled = held.filter(Q(measure__closed_on__lte=view.on) | Q(measure__is_standing=True))
    groups: dict[Group, list[DutyOnDesk]] = {}
    for one in duties_on_desk(view, mine=mine):
        if one.group:
            groups.setdefault(one.group, []).append(one)
    # The one just sent first: whoever sent it looks for it here.
    groups.get(Group.CLAIMED, []).sort(key=lambda one: one.claimed_on or dt.date.min, reverse=True)
    asked = dict.fromkeys(one.asked for one in groups.get(Group.OWING, ()))
    waiting = to_acknowledge(agencies_for(view.who, Verb.REPORT))
    steps = milestones_near(view, mine=mine)
    return Desk(
        groups={group: groups[group] for group in Group if group in groups},
        periods=[_period(view.on, every) for every in asked],
        held=held.aggregate(n=Count("measure", distinct=True))["n"],
        settled=settled.aggregate(n=Count("measure", distinct=True))["n"],
        acknowledge=_to_acknowledge(waiting[:ACKNOWLEDGE_SHOWN]),
        unacknowledged=len(waiting),
        sign=to_sign(view.who),
        orders=_orders(agencies_for(view.who, Verb.READ_REPORTS)),
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


def count_only_here(who: Principal) -> int:
    """How much on the desk is done only there: 督办单 that wait for an answer, and claims that came back. Two queries,
    bounded by what waits."""
    # Signatures have a queue of their own, and a new list is told of in 消息: counting on every page what was not taken
    # note of would read all duties of the agency.
    reading = agencies_for(who, Verb.READ_REPORTS)
    if not reading:
        return 0
    came_back = ProgressReport.objects.unanswered_returns().filter(is_in_work("measure__reform_list__"))
    returned = came_back.filter(duty__agency__in=reading).order_by().values("duty").distinct()
    return _waiting_orders(reading).count() + returned.count()


def duties_on_desk(view: Viewpoint, *, mine: bool = False, only: Collection[int] | None = None) -> list[DutyOnDesk]:
    """The living duties of one's agencies that ask for something, by deadline; or those with the ids `only`, whatever
    became of them. As values: there may be thousands, and objects of all of them would take seconds."""
    duties = _living(view.who, mine=mine) if only is None else Duty.objects.in_work().of(view.who.agencies())
    owed = unreported(view.on).of(view.who.agencies()).order_by()
    inside = _inside(view.who)
    if only is None:
        # What is done or in place is most of it after some years, and on no group of the desk unless it is under way.
        begun = {pk for pk in (*inside.returned, *inside.drafts, *inside.unsigned) if pk}
        asking = Q(measure__is_standing=False) | Q(pk__in=begun) | Q(pk__in=owed.values("pk"))
        duties = duties.exclude(measure__closed_on__lte=view.on).filter(asking)
    else:
        duties, owed = duties.filter(pk__in=only), owed.filter(pk__in=only)
    owing = set(owed.values_list("pk", flat=True))
    values = duties.order_by().values(*PLACED_BY, **{name: F(f"measure__{name}") for name in OF_MEASURE}, **OF_LIST)
    return sorted((_placed(value, view.on, owing, inside) for value in values), key=lambda one: one.by_deadline)


PLACED_BY = ("id", "agency_id", "status", "measure_id")
OF_MEASURE = ("reform_list_id", "row", *Dates.__slots__)
OF_LIST = {name: F(f"measure__reform_list__{name}") for name in ("report_every", "standing_every")}


def _placed(value: dict[str, Any], on: dt.date, owing: Collection[int], inside: "_Inside") -> DutyOnDesk:
    pk, deadline = value["id"], value["deadline_in_force"]
    asked = value["standing_every"] if value["is_standing"] else value["report_every"]
    return DutyOnDesk(
        id=pk,
        measure_id=value["measure_id"],
        agency_id=value["agency_id"],
        status=Status(value["status"]),
        light=light_of(Dates(**{name: value[name] for name in Dates.__slots__}), on),
        claimed_on=value["claimed_on"],
        by_deadline=(deadline or dt.date.max, value["reform_list_id"], value["row"], pk),
        may_report=value["agency_id"] in inside.reporting,
        asked=asked if pk in owing else "",
        returned=inside.returned.get(pk),
        draft=inside.drafts.get(pk),
        unsigned=pk in inside.unsigned,
    )


def desk_rows(view: Viewpoint, places: Sequence[DutyOnDesk]) -> list[DeskRow]:
    """The rows of these, in their order."""
    days = WorkingDays.stored()
    beside = ("measure__item", "measure__reform_list", "agency", "via", "officer_user")
    found = with_openings(Duty.objects.filter(pk__in=[one.id for one in places]).select_related(*beside)).order_by()
    duties = {duty.pk: duty for duty in found}
    return [_row(duties[one.id], one, view.on, days) for one in places if one.id in duties]


def _living(who: Principal, *, mine: bool) -> DutyQuerySet:
    """The duties of one's agencies on measures that count; with `mine` those of which they are the officer."""
    duties = Duty.objects.in_work().of(who.agencies()).filter(measure__disposition="active")
    # 0 is nobody's id; for a token, which is no person, None would find all duties without an officer.
    return duties.filter(officer_user=who.user_id or 0) if mine else duties


@dataclass(frozen=True, slots=True)
class _Inside:
    """What one's agencies have under way, by duty, and the agencies for which one reports."""

    reporting: frozenset[int]
    returned: dict[int | None, ProgressReport]
    drafts: dict[int | None, ProgressReport]
    unsigned: frozenset[int | None]


def _inside(who: Principal) -> _Inside:
    reporting, reading = agencies_for(who, Verb.REPORT), agencies_for(who, Verb.READ_REPORTS)
    returned = ProgressReport.objects.unanswered_returns().filter(duty__agency__in=reading)
    kept = ProgressReport.objects.filter(agency__in=reading, by_office=False, state__in=("draft", "awaiting_signature"))
    found = list(kept)
    return _Inside(
        reporting,
        {report.duty_id: report for report in returned},
        {one.duty_id: one for one in found if one.state == State.DRAFT and one.agency_id in reporting},
        frozenset(one.duty_id for one in found if one.state == State.AWAITING_SIGNATURE),
    )


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


def _waiting_orders(agencies: frozenset[int]) -> SupervisionOrderQuerySet:
    return SupervisionOrder.objects.filter(agency__in=agencies, state="issued")


def _orders(agencies: frozenset[int]) -> list[SupervisionOrder]:
    return list(_waiting_orders(agencies).select_related("agency").order_by("reply_by", "pk"))


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
