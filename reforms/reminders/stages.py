"""The reminder rules: which word is due to whom on which day. These are the defaults; a list may have its own, which
the office set and which are kept as rows (`rules_of`). To add a reminder, add a row to BEFORE, AFTER, REPORT or
ACKNOWLEDGE.

Before its deadline a duty is reminded on the working day of each stage, or on the last one before it; of several that
passed unseen (the portal was off) only the latest is told. After it the ladder is climbed step by step, by what this
addressee was told before, and it never ends: 首次催办, 再次催办, then every week. Words and days are those that offices
use (docs/reminders.md).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.access import Principal, Verb, may
from agencies.log.since import check_unchanged
from agencies.log.write import Entry, record
from agencies.models import Change, Role
from reforms.lib.placeholders import check_placeholders
from reforms.models import ReformList, ReminderRule
from reforms.reminders.calendar import WorkingDays

# Beside them every letter goes to the agency's own address.
REPORTERS = frozenset({Role.REPORTER})
TOLD_FIRST = REPORTERS | {Role.APPROVER}
WITH_HEADS = TOLD_FIRST | {Role.HEAD}


@dataclass(frozen=True, slots=True)
class Stage:
    """`days` from the deadline: before it days of the calendar (negative), after it working days. A step of the ladder
    comes at least `gap` working days after the step before it was told. `to` are the roles in the agency that are told,
    `words` what the office adds (with placeholders, reforms.reminders.stages)."""

    name: str
    label: Promise
    days: int
    gap: int = 0
    to: frozenset[Role] = TOLD_FIRST
    words: str = ""


BEFORE = (
    Stage("before_30", _("到期提醒"), -30, to=REPORTERS),
    Stage("before_15", _("到期提醒"), -15, to=REPORTERS),
    Stage("before_7", _("到期提醒"), -7),
    Stage("on_the_day", _("到期提醒"), 0),
)
AFTER = (
    Stage("first_chase", _("首次催办"), 1),
    Stage("second_chase", _("再次催办"), 5, gap=4, to=WITH_HEADS),
)
# The ladder's end, every week without end; each turn is told under the day on which the week's work begins.
WEEKLY = Stage("week_", _("再次催办"), 10, gap=3)  # week_2022-07-18
# What a person then drafts (reforms.office.orders); no letter of the ladder.
ORDER = Stage("order", _("督办单"), 10, gap=5)
# In working days from a period's day of report. The last is not told outside the government's line.
REPORT = (
    Stage("report_ahead", _("报送提醒"), -3, to=REPORTERS),
    Stage("report_day", _("报送提醒"), 0, to=REPORTERS),
    Stage("report_late", _("未按时报送"), 1),
)
# In working days since an agency was given an edition that it has not taken note of; the first is the last day for it.
ACKNOWLEDGE = (Stage("acknowledge_day", _("签收提醒"), 3), Stage("acknowledge_late", _("签收提醒"), 8))


@dataclass(frozen=True, slots=True)
class Rules:
    """The stages of one list."""

    before: tuple[Stage, ...] = BEFORE
    after: tuple[Stage, ...] = AFTER
    weekly: Stage = WEEKLY
    order: Stage = ORDER
    report: tuple[Stage, ...] = REPORT
    acknowledge: tuple[Stage, ...] = ACKNOWLEDGE

    def stage(self, name: str) -> Stage:
        """The one of this name as it is now; by the defaults where the list has none of it any more."""
        found = (*self.before, *self.after, *self.report, *self.acknowledge)
        if name.startswith(WEEKLY.name):
            return self.weekly
        return next((stage for stage in found if stage.name == name), None) or stage_of(name)


DEFAULT = Rules()
A_WEEK = dt.timedelta(days=7)
EARLIEST = dt.timedelta(days=30 + 15)  # before the deadline, the longest holiday included
BY_NAME = {stage.name: stage for stage in (*BEFORE, *AFTER, *REPORT, *ACKNOWLEDGE)}

Told = Mapping[str, dt.date]


def before_name(days: int) -> str:
    """What the stage so many days before the deadline is called in the rows."""
    return f"before_{days}" if days else "on_the_day"


def stage_due(
    deadline: dt.date, on: dt.date, told: Told, start: dt.date, days: WorkingDays, *, rules: Rules = DEFAULT
) -> str | None:
    """The name of the stage that is due on the working day `on`; None where there is none.

    `told` are the stages of this deadline that this addressee was told, with the day of each. Nothing is due before
    `start`: what was late by then is chased from the week after it, step by step.
    """
    ahead = on <= deadline
    due = _before(deadline, on, days, rules) if ahead else _after(deadline, on, told, days, rules, start=start)
    return due[0] if due and due[0] not in told and start <= due[1] <= on else None


def _before(deadline: dt.date, on: dt.date, days: WorkingDays, rules: Rules) -> tuple[str, dt.date] | None:
    falls = [(stage.name, days.by(deadline + dt.timedelta(days=stage.days))) for stage in rules.before]
    return next((found for found in reversed(falls) if found[1] <= on), None)


def _after(
    deadline: dt.date, on: dt.date, told: Told, days: WorkingDays, rules: Rules, *, start: dt.date
) -> tuple[str, dt.date] | None:
    """The step after the highest one that was told."""
    steps = rules.after
    reached = max((step for step, stage in enumerate(steps) if stage.name in told), default=-1)
    if reached + 1 == len(steps):
        return _weekly(deadline, on, told, days, rules)
    step = steps[reached + 1]
    falls = days.after(deadline, step.days)
    if reached >= 0:
        falls = max(falls, days.after(told[steps[reached].name], step.gap))
    return step.name, falls if falls >= start else days.week_start(start + A_WEEK)


def _weekly(deadline: dt.date, on: dt.date, told: Told, days: WorkingDays, rules: Rules) -> tuple[str, dt.date] | None:
    """This week's turn, unless the word before it is too near: a week that begins with a working Saturday after a
    holiday is followed by a Monday that is too soon."""
    turn = days.week_start(on)
    turns = [dt.date.fromisoformat(name.removeprefix(WEEKLY.name)) for name in told if name.startswith(WEEKLY.name)]
    words, weekly = [told[rules.after[-1].name], *turns], rules.weekly
    earliest = max(days.after(deadline, weekly.days), *(days.after(word, weekly.gap) for word in words))
    return (f"{WEEKLY.name}{turn.isoformat()}", turn) if turn >= earliest else None


def falls_of(
    steps: Iterable[Stage], day: dt.date, days: WorkingDays, *, earliest: dt.date = dt.date.min
) -> dict[dt.date, Stage]:
    """When each of these, counted in working days from `day`, falls due, none before `earliest`; of two on one day the
    later."""
    return {max(days.after(day, step.days), earliest): step for step in steps}


def latest_step(
    steps: Iterable[Stage], day: dt.date, on: dt.date, days: WorkingDays, *, earliest: dt.date = dt.date.min
) -> Stage | None:
    """The last of these that fell due by `on`; None where that was over a week ago."""
    come = [fell for fell in falls_of(steps, day, days, earliest=earliest).items() if fell[0] <= on]
    return come[-1][1] if come and on <= come[-1][0] + A_WEEK else None


def order_due(deadline: dt.date, on: dt.date, told: Told, days: WorkingDays, *, rules: Rules = DEFAULT) -> bool:
    """Whether a 督办单 ought to be drafted: the ladder was climbed, and time was given after its last step."""
    last, order = told.get(rules.after[-1].name), rules.order
    return last is not None and on >= max(days.after(deadline, order.days), days.after(last, order.gap))


def stage_of(name: str) -> Stage:
    """What a stage is by the defaults; all turns of the weeks are of one. A list's own days before a deadline are told
    by name."""
    if name.startswith("before_") and name not in BY_NAME:
        return Stage(name, BEFORE[0].label, -int(name.removeprefix("before_")))
    return BY_NAME.get(name, WEEKLY)


def step_of(told: Iterable[str]) -> Stage | None:
    """How far an addressee is on the ladder, by the stages told; None before its first step."""
    steps = [stage for stage in map(stage_of, told) if stage.days > 0]
    return max(steps, key=lambda stage: stage.days, default=None)


Kind = ReminderRule.Kind
RULED = "reminders.ruled"
# A list may leave them out; the ladder never falls silent.
MAY_BE_LEFT_OUT = frozenset(
    {Kind.BEFORE, Kind.REPORT_AHEAD, Kind.REPORT_DAY, Kind.REPORT_LATE, Kind.ACKNOWLEDGE, Kind.ACKNOWLEDGE_LATE}
)
# What each may be set to, both ends included; 临近到期 is 30 days everywhere, so that nothing is told before.
DAYS = {
    Kind.BEFORE: (0, 30),
    Kind.FIRST: (1, 10),
    Kind.SECOND: (2, 30),
    Kind.WEEKLY: (3, 60),
    Kind.ORDER: (3, 60),
    Kind.REPORT_AHEAD: (1, 10),
    Kind.REPORT_DAY: (0, 0),
    Kind.REPORT_LATE: (1, 5),
    Kind.ACKNOWLEDGE: (1, 10),
    Kind.ACKNOWLEDGE_LATE: (2, 30),
}
# A stage is of the kind that has its name; only of those before a deadline there may be several.
LADDER = (*(Kind(stage.name) for stage in DEFAULT.after), Kind.WEEKLY)
PLACEHOLDERS = ("单位", "逾期条数", "最长逾期天数", "临近条数", "未报送条数")


@dataclass(frozen=True, slots=True, order=True)
class RuleFacts:
    """One row as the office sets it; `days` as in ReminderRule."""

    kind: str
    days: int
    to_reporters: bool = True
    to_approvers: bool = True
    to_heads: bool = False
    words: str = ""


def rules_of(lists: Iterable[int]) -> Mapping[int, Rules]:
    """The rules of these lists by id, of any other list the defaults: one query."""
    rows: defaultdict[int, list[RuleFacts]] = defaultdict(list)
    for list_id, facts in _stored(lists):
        rows[list_id].append(facts)
    return defaultdict(lambda: DEFAULT, {pk: _rules(found) for pk, found in rows.items()})


def rows_of(list_id: int) -> list[RuleFacts]:
    """What a list has now: its own rows, else the defaults."""
    return [facts for _pk, facts in _stored([list_id])] or default_rows()


def has_own(list_id: int) -> bool:
    """Whether a list has rules of its own."""
    return ReminderRule.objects.filter(reform_list=list_id).exists()


def default_rows() -> list[RuleFacts]:
    """The defaults as rows."""
    stages = [
        *((Kind.BEFORE, stage) for stage in DEFAULT.before),
        *((Kind(stage.name), stage) for stage in DEFAULT.after),
        (Kind.WEEKLY, DEFAULT.weekly),
        (Kind.ORDER, DEFAULT.order),
        *((Kind(stage.name), stage) for stage in (*DEFAULT.report, *DEFAULT.acknowledge)),
    ]
    return [
        RuleFacts(
            kind,
            abs(stage.days),
            to_reporters=Role.REPORTER in stage.to,
            to_approvers=Role.APPROVER in stage.to,
            to_heads=Role.HEAD in stage.to,
        )
        for kind, stage in stages
    ]


def set_rules(
    reform_list: ReformList, rows: Sequence[RuleFacts], *, who: Principal, on: dt.date, as_of: int | None = None
) -> None:
    """Give a list these rules; none, or just the defaults, takes its own away. What was told stays told. Raises
    PermissionDenied, ValidationError, and ChangedSince where others set them after the entry `as_of` of the log."""
    if not may(who, Verb.MANAGE_REMINDERS):
        raise PermissionDenied
    check_rows(rows)
    with transaction.atomic():
        locked = ReformList.objects.select_for_update(no_key=True).get(pk=reform_list.pk)
        check_unchanged("list", [locked.pk], [RULED], seen=as_of)
        before, after = rows_of(locked.pk), list(rows) or default_rows()
        if sorted(before) == sorted(after):
            return
        ReminderRule.objects.filter(reform_list=locked).delete()
        if sorted(after) != sorted(default_rows()):
            ReminderRule.objects.bulk_create(
                [ReminderRule(reform_list=locked, **{name: getattr(one, name) for name in FIELDS}) for one in after]
            )
        record([_entry(locked, before, after)], who=who, on=on)


def check_rows(rows: Sequence[RuleFacts]) -> None:
    """Raises ValidationError where a row cannot be, or they contradict each other. None is the defaults."""
    for row in rows:
        check_row(row)
    days = {Kind(row.kind): row.days for row in rows}
    if not rows:
        return
    missing = [kind for kind in (*LADDER, Kind.ORDER) if kind not in days]
    if missing:
        raise ValidationError(gettext("“%(kind)s”不能省去。") % {"kind": missing[0].label}, code="missing")
    ladder = [days[kind] for kind in LADDER]
    if ladder != sorted(set(ladder)):
        raise ValidationError(gettext("首次催办、再次催办、每周催办应一步比一步晚。"), code="order")
    if days[Kind.ORDER] <= ladder[-2]:
        raise ValidationError(gettext("督办单应在再次催办之后。"), code="order")
    if days.get(Kind.ACKNOWLEDGE_LATE, 99) <= days.get(Kind.ACKNOWLEDGE, 0):
        raise ValidationError(gettext("再次提醒签收应在签收期满之后。"), code="order")
    before = [row.days for row in rows if row.kind == Kind.BEFORE]
    if len(before) != len(set(before)):
        raise ValidationError(gettext("到期前提醒的天数有重复。"), code="twice")


def check_row(row: RuleFacts) -> None:
    """Raises ValidationError by field where a row cannot be."""
    first, last = DAYS[Kind(row.kind)]
    if not first <= row.days <= last:
        raise ValidationError({"days": gettext("应为%(first)d至%(last)d天。") % {"first": first, "last": last}})
    if row.kind != Kind.ORDER and not (row.to_reporters or row.to_approvers or row.to_heads):
        raise ValidationError({"to_reporters": gettext("至少选一类收件人。")})
    try:
        check_placeholders(row.words, PLACEHOLDERS)
    except ValidationError as error:
        raise ValidationError({"words": error}) from None


FIELDS = tuple(RuleFacts.__dataclass_fields__)


def _stored(lists: Iterable[int]) -> list[tuple[int, RuleFacts]]:
    found = ReminderRule.objects.filter(reform_list__in=set(lists)).values_list("reform_list", *FIELDS)
    return [(list_id, RuleFacts(*facts)) for list_id, *facts in found]


def _rules(rows: Collection[RuleFacts]) -> Rules:
    by_kind = {Kind(row.kind): row for row in rows}
    before = [
        replace(_stage(BEFORE[0], row), name=before_name(row.days), days=-row.days)
        for row in rows
        if row.kind == Kind.BEFORE
    ]
    steps = [_stage(stage, by_kind.get(Kind(stage.name))) for stage in DEFAULT.after]
    later = [replace(step, gap=step.days - one_before.days) for one_before, step in pairwise(steps)]
    order = _stage(DEFAULT.order, by_kind.get(Kind.ORDER))
    return Rules(
        before=tuple(sorted(before, key=lambda stage: stage.days)),
        after=(steps[0], *later),
        weekly=_stage(DEFAULT.weekly, by_kind.get(Kind.WEEKLY)),
        order=replace(order, gap=order.days - steps[-1].days),
        report=_those_set(DEFAULT.report, by_kind),
        acknowledge=_those_set(DEFAULT.acknowledge, by_kind),
    )


def _those_set(stages: Iterable[Stage], by_kind: Mapping[Kind, RuleFacts]) -> tuple[Stage, ...]:
    return tuple(_stage(stage, by_kind[Kind(stage.name)]) for stage in stages if Kind(stage.name) in by_kind)


def _stage(stage: Stage, row: RuleFacts | None) -> Stage:
    if row is None:
        return stage
    roles = zip(
        (Role.REPORTER, Role.APPROVER, Role.HEAD), (row.to_reporters, row.to_approvers, row.to_heads), strict=True
    )
    days = -row.days if stage.days < 0 else row.days
    return replace(stage, days=days, to=frozenset(role for role, told in roles if told), words=row.words)


def _entry(reform_list: ReformList, before: Iterable[RuleFacts], after: Iterable[RuleFacts]) -> Entry:
    old, new = ({"rules": [{name: getattr(one, name) for name in FIELDS} for one in rows]} for rows in (before, after))
    return Entry(
        action=RULED,
        kind="list",
        object_id=reform_list.pk,
        visibility=Change.Visibility.INTERNAL,
        before=old,
        after=new,
    )
