"""我的工作台: what waits for the people of an agency, most urgent first. Each duty stands in one group only."""

import datetime as dt
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Count
from django.db.models.enums import TextChoices
from django.utils.translation import gettext_lazy as _

from agencies.access import Principal, Verb, agencies_for
from agencies.models import Agency
from reforms.catalogue.rows import Viewpoint
from reforms.lib.words import period_text
from reforms.models import Duty, Light, ListEdition, ProgressReport, Status, SupervisionOrder, light_of
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.report_days import report_due
from reforms.reports.acknowledge import to_acknowledge
from reforms.reports.periods import asked_of, span_on, unreported
from reforms.review.queue import Waiting, to_sign

State = ProgressReport.State


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
class DeskRow:
    """One duty on the desk. `period` names the period for which a report is owed, `due` is the day of report; `draft`
    and `unsigned` are the agency's own report that has not left it."""

    duty: Duty
    light: Light
    on: dt.date
    may_report: bool
    period: str = ""
    due: dt.date | None = None
    returned: ProgressReport | None = None
    draft: ProgressReport | None = None
    unsigned: bool = False

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
        """The first that applies; None for what asks for nothing: what is closed, or in place and reported."""
        done = self.duty.status in (Status.UNDER_REVIEW, Status.CLOSED)
        ways: tuple[tuple[bool, Group | None], ...] = (
            (self.light == Light.CLOSED, None),
            # What came back goes before its deadline: the claim is the next step.
            (self.returned is not None, Group.RETURNED),
            (not done and self.light == Light.OVERDUE, Group.OVERDUE),
            (not done and self.light == Light.DUE_SOON, Group.DUE_SOON),
            (bool(self.period), Group.OWING),
            (self.draft is not None, Group.DRAFTS),
            # After what is owed for the period: a claim that waits inside the agency is no report yet.
            (done or self.unsigned or self.light == Light.UNDER_REVIEW, Group.CLAIMED),
            (self.light == Light.STANDING, None),
        )
        return next((group for applies, group in ways if applies), Group.OTHERS)

    @property
    def acts(self) -> bool:
        """Whether a report can be written now."""
        return self.may_report and not self.unsigned and self.duty.status != Status.CLOSED

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
    """`held` counts the measures that are shown or settled, `settled` those that are done or in place: each once, also
    where several of one's agencies act on it. `orders` are 督办单 that wait for an answer.
    """

    groups: dict[Group, list[DeskRow]]
    held: int
    settled: int
    acknowledge: list[ToAcknowledge] = field(default_factory=list)
    sign: list[Waiting] = field(default_factory=list)
    orders: list[SupervisionOrder] = field(default_factory=list)

    @property
    def periods(self) -> list[str]:
        """The periods for which reports are owed, by name."""
        return list(dict.fromkeys(row.period for row in self.groups.get(Group.OWING, ())))


def desk_of(view: Viewpoint, *, mine: bool = False) -> Desk:
    """What waits for `view.who`; with `mine` only the duties of which they are the officer. A fixed number of
    queries, however many duties there are."""
    rows = desk_rows(view, mine=mine)
    groups = {group: [row for row in rows if row.group == group] for group in Group}
    return Desk(
        groups={group: found for group, found in groups.items() if found},
        held=len({row.duty.measure_id for row in rows}),
        settled=len({row.duty.measure_id for row in rows if row.light in (Light.CLOSED, Light.STANDING)}),
        acknowledge=_to_acknowledge(agencies_for(view.who, Verb.REPORT)),
        sign=to_sign(view.who),
        orders=_orders(agencies_for(view.who, Verb.READ_REPORTS)),
    )


def desk_rows(view: Viewpoint, *, mine: bool = False, only: Collection[int] | None = None) -> list[DeskRow]:
    """Every living duty of one's agencies, by deadline; or those with the ids `only`, whatever became of them."""
    own = view.who.agencies()
    duties = Duty.objects.in_work().of(own)
    if mine:
        # 0 is nobody's id; for a token, which is no person, None would find all duties without an officer.
        duties = duties.filter(officer_user=view.who.user_id or 0)
    duties = duties.filter(measure__disposition="active") if only is None else duties.filter(pk__in=only)
    # Without the long texts, which no row of the desk shows.
    found = duties.select_related("measure__item", "measure__reform_list", "agency", "via", "officer_user").defer(
        "measure__text", "measure__search_text"
    )
    owing = set(unreported(view.on).of(own).values_list("pk", flat=True))
    inside, days = _inside(view.who), WorkingDays.stored()
    rows = [_row(duty, view, owing=owing, inside=inside, days=days) for duty in found]
    return sorted(rows, key=_by_deadline)


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


def _row(duty: Duty, view: Viewpoint, *, owing: Collection[int], inside: _Inside, days: WorkingDays) -> DeskRow:
    span = span_on(view.on, asked_of(duty.measure)) if duty.pk in owing else None
    return DeskRow(
        duty=duty,
        light=light_of(duty.measure, view.on),
        on=view.on,
        may_report=duty.agency_id in inside.reporting,
        period=period_text(span.first, span.last) if span else "",
        due=report_due(duty.measure, view.on, days) if span else None,
        returned=inside.returned.get(duty.pk),
        draft=inside.drafts.get(duty.pk),
        unsigned=duty.pk in inside.unsigned,
    )


def _by_deadline(row: DeskRow) -> tuple[dt.date, int, int, int]:
    measure = row.duty.measure
    return measure.deadline_in_force or dt.date.max, measure.reform_list_id, measure.row, row.duty.pk


def _orders(agencies: frozenset[int]) -> list[SupervisionOrder]:
    waiting = SupervisionOrder.objects.filter(agency__in=agencies, state="issued")
    return list(waiting.select_related("agency").order_by("reply_by", "pk"))


def _to_acknowledge(agencies: frozenset[int]) -> list[ToAcknowledge]:
    waiting = to_acknowledge(agencies)
    if not waiting:
        return []
    held = Duty.objects.of(agencies).filter(measure__disposition="active").order_by()
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
