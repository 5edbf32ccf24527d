"""The reminder rules: which word is due to whom on which day. These are the defaults; a list may have its own
(reforms.reminders.rules). To add a reminder, add a row to BEFORE, AFTER, REPORT or ACKNOWLEDGE.

Before its deadline a duty is reminded on the working day of each stage, or on the last one before it; of several that
passed unseen (the portal was off) only the latest is told. After it the ladder is climbed step by step, by what this
addressee was told before, and it never ends: 首次催办, 再次催办, then every week. Words and days are those that offices
use (docs/reminders.md).
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agencies.models import Role
from reforms.reminders.calendar import WorkingDays

# Beside them every letter goes to the agency's own address.
REPORTERS = frozenset({Role.REPORTER})
TOLD_FIRST = REPORTERS | {Role.APPROVER}
WITH_HEADS = TOLD_FIRST | {Role.HEAD}


@dataclass(frozen=True, slots=True)
class Stage:
    """`days` from the deadline: before it days of the calendar (negative), after it working days. A step of the ladder
    comes at least `gap` working days after the step before it was told. `to` are the roles in the agency that are told,
    `words` what the office adds (with placeholders, reforms.reminders.rules)."""

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
