"""阶段节点: planning the steps of a measure, changing and withdrawing them, reporting that they are reached; and how
they stand on a day."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.access import Principal, Verb, agencies_for, may
from agencies.log.write import Entry, Facts, record
from agencies.models import Change
from reforms.duties import leads_of
from reforms.lib.words import day_text
from reforms.models import Measure, Milestone, check_version, lock_measure, takes_part
from reforms.status.settle import measure_entry

MOST = 50  # of one measure, so that its page stays one
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
# Acts that a past day takes back; what was reported later for an earlier day stands with that day.
RESTATED = ("milestone.changed", "milestone.reopened")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """What is planned: a step, the last day on which it is on time, and what helps to understand it."""

    title: str
    due_on: dt.date
    note: str = ""


def plan_milestone(measure_id: int, step: PlannedStep, *, who: Principal, on: dt.date) -> Milestone:
    """Plan a step of a measure. The same step of the same person on the same day again is the one that is there.
    Raises PermissionDenied, ValidationError."""
    with transaction.atomic():
        measure = _held(measure_id, who)
        facts = {"title": step.title.strip(), "due_on": step.due_on, "note": step.note.strip()}
        standing = Milestone.objects.standing().filter(measure=measure)
        # A form that is sent twice is one plan.
        if same := standing.filter(planned_by=who.label, planned_on=on, **facts).first():
            return same
        if standing.count() >= MOST:
            said = ngettext("一条举措最多安排%(n)d个阶段节点。", "一条举措最多安排%(n)d个阶段节点。", MOST) % {
                "n": MOST
            }
            raise ValidationError(said, code="too_many")
        agency = min(leads_of(measure) & agencies_for(who, Verb.PLAN), default=None)
        milestone = Milestone(measure=measure, agency_id=agency, planned_by=who.label, planned_on=on, **facts)
        _check_step(milestone)
        milestone.save()
        record([entry_of("milestone.planned", milestone, reason=milestone.note)], who=who, on=on)
    return milestone


def change_milestone(pk: int, step: PlannedStep, *, seen: int | None, who: Principal, on: dt.date) -> Milestone:
    """Another day, title or note for a step that is not reached yet. Raises as `report_milestone` does."""
    with transaction.atomic():
        milestone = _own(pk, who, seen)
        _check_open(milestone)
        before = facts_of(milestone)
        note, milestone.note = milestone.note, step.note.strip()
        milestone.title, milestone.due_on = step.title.strip(), step.due_on
        _check_step(milestone)
        after = facts_of(milestone)
        if after != before or milestone.note != note:
            _save(milestone)
            was = {name: value for name, value in before.items() if after[name] != value}
            record([entry_of("milestone.changed", milestone, before=was, reason=milestone.note)], who=who, on=on)
    return milestone


def report_milestone(
    pk: int, *, done_on: dt.date, words: str, seen: int | None, who: Principal, on: dt.date
) -> Milestone:
    """That a step was reached on a day, and what is said of it. Raises PermissionDenied, Stale, ValidationError."""
    with transaction.atomic():
        milestone = _own(pk, who, seen)
        _check_not_done(milestone)
        if not EARLIEST <= done_on <= on:
            said = _("完成日期应不早于%(first)s，不晚于今天（%(last)s）。")
            days = {"first": day_text(EARLIEST), "last": day_text(on)}
            raise ValidationError({"done_on": ValidationError(said % days, code="not_yet")})
        if not words.strip():
            raise ValidationError({"done_words": ValidationError(_("请填写完成情况。"), code="required")})
        milestone.done_on, milestone.done_words = done_on, words.strip()
        milestone.done_by, milestone.reported_on = who.label, on
        milestone.clean_fields(exclude=["measure", "agency"])
        _save(milestone)
        entry = entry_of("milestone.done", milestone, done_on=done_on, reason=milestone.done_words)
        record([entry], who=who, on=on)
    return milestone


def take_report_back(pk: int, *, seen: int | None, who: Principal, on: dt.date) -> Milestone:
    """A step that was reported as reached by mistake is not reached. Raises as `report_milestone` does."""
    with transaction.atomic():
        milestone = _own(pk, who, seen)
        if milestone.done_on is None:
            raise ValidationError(_("该节点尚未报告完成。"), code="not_done")
        before = {"done_on": milestone.done_on.isoformat()}
        words = milestone.done_words
        milestone.done_on = milestone.reported_on = None
        milestone.done_words = milestone.done_by = ""
        _save(milestone)
        record([entry_of("milestone.reopened", milestone, before=before, reason=words)], who=who, on=on)
    return milestone


def withdraw_milestone(pk: int, *, reason: str, seen: int | None, who: Principal, on: dt.date) -> Milestone:
    """A step that is no longer planned; it stays in the history. Raises as `report_milestone` does."""
    with transaction.atomic():
        milestone = _own(pk, who, seen)
        _check_open(milestone)
        milestone.withdrawn_on, milestone.withdrawn_by = on, who.label
        _save(milestone)
        record([entry_of("milestone.withdrawn", milestone, reason=reason.strip())], who=who, on=on)
    return milestone


def _held(measure_id: int, who: Principal) -> Measure:
    """The measure, held, where its steps may be written."""
    measure = lock_measure(measure_id)
    if not may(who, Verb.PLAN, leads_of(measure)):
        raise PermissionDenied
    if not takes_part(measure):
        raise ValidationError(_("该举措已销号或已不在册，不能再安排或报告阶段节点。"), code="not_open")
    return measure


def _own(pk: int, who: Principal, seen: int | None) -> Milestone:
    """A milestone as it is while its measure is held."""
    _held(Milestone.objects.values_list("measure_id", flat=True).get(pk=pk), who)
    # Read once the measure is held: somebody may have changed it while this waited.
    milestone = Milestone.objects.select_related("measure").get(pk=pk)
    check_version(milestone, seen)
    if milestone.withdrawn_on:
        raise ValidationError(_("该节点已撤销。"), code="withdrawn")
    return milestone


def _check_open(milestone: Milestone) -> None:
    """Whether the plan itself may be changed."""
    if milestone.is_printed:
        raise ValidationError(_("清单印发的节点不能修改或撤销，只能报告完成。"), code="printed")
    _check_not_done(milestone)


def _check_not_done(milestone: Milestone) -> None:
    if milestone.done_on:
        raise ValidationError(_("该节点已报告完成；如有误，请先撤回报告。"), code="done")


def _check_step(milestone: Milestone) -> None:
    if not EARLIEST <= milestone.due_on <= LATEST:
        said = _("计划日期应在%(first)s至%(last)s之间。") % {"first": day_text(EARLIEST), "last": day_text(LATEST)}
        raise ValidationError({"due_on": ValidationError(said, code="implausible")})
    milestone.clean_fields(exclude=["measure", "agency"])
    milestone.validate_constraints(exclude=["agency"])


def _save(milestone: Milestone) -> None:
    milestone.version += 1
    milestone.save()


def facts_of(milestone: Milestone) -> Facts:
    """What the log keeps of a step."""
    return {"step": milestone.title, "due_on": milestone.due_on.isoformat()}


def entry_of(
    action: str, milestone: Milestone, *, before: Facts | None = None, done_on: dt.date | None = None, reason: str = ""
) -> Entry:
    """What was done to a step, for whoever sees the status; what was written of it (the reason) is internal."""
    done = {"done_on": done_on.isoformat()} if done_on else {}
    return measure_entry(
        action,
        milestone.measure_id,
        agency_id=milestone.agency_id,
        visibility=Change.Visibility.STATUS,
        before=before,
        after={"milestone": milestone.pk, **facts_of(milestone), **done},
        reason=reason,
    )


def doubts(measure: Measure, due_on: dt.date, on: dt.date) -> list[str]:
    """What of a planned day looks like a slip, in sentences; it is allowed all the same."""
    last = measure.deadline_in_force
    said = []
    if last and due_on > last:
        said.append(_("计划日期晚于这条举措的现行时限（%(day)s），请核对。") % {"day": day_text(last)})
    if due_on < on:
        said.append(_("计划日期已过，请核对；已完成的，请报告完成。"))
    return said


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMilestone:
    """A step as it stood on a day (`on`); `is_ended` where its measure was no longer worked on, `is_beyond` where it is
    due after the measure's deadline. `milestone` is as it is now."""

    milestone: Milestone
    title: str
    due_on: dt.date
    done_on: dt.date | None
    on: dt.date
    is_ended: bool
    is_beyond: bool

    @property
    def is_missed(self) -> bool:
        """Whether its day had gone by without it, while somebody still had to reach it."""
        return self._is_asked_for and self.due_on < self.on

    @property
    def is_ahead(self) -> bool:
        """Whether it was still to come."""
        return self._is_asked_for and self.due_on >= self.on

    @property
    def _is_asked_for(self) -> bool:
        return self.done_on is None and not self.is_ended

    @property
    def days_left(self) -> int:
        """Days to its day."""
        return (self.due_on - self.on).days

    @property
    def days_past(self) -> int:
        """Days since its day."""
        return -self.days_left


def milestones_of(
    measure: Measure, on: dt.date, *, past: bool, deadline: dt.date | None, ended: bool
) -> list[ShownMilestone]:
    """The steps of a measure as they stood on a day, by day; of a `past` day as far as dates and the log tell. Of a
    measure that has `ended` none is missed. One query, two for a past day."""
    found = Milestone.objects.filter(measure=measure).select_related("agency")
    found = found.stood_on(on) if past else found.standing()
    shown = [_shown(one, on, deadline=deadline, ended=ended) for one in found]
    if past:
        shown = list(_as_of(shown, measure, on, deadline=deadline, ended=ended))
    return sorted(shown, key=lambda one: (one.due_on, one.milestone.pk))


def _shown(
    milestone: Milestone, on: dt.date, *, deadline: dt.date | None, ended: bool, facts: dict[str, Any] | None = None
) -> ShownMilestone:
    """`facts` are those of another day, where they were others."""
    told = {name: getattr(milestone, name) for name in ("title", "due_on", "done_on")} | (facts or {})
    if told["done_on"] and told["done_on"] > on:
        told["done_on"] = None
    beyond = deadline is not None and told["due_on"] > deadline
    return ShownMilestone(milestone=milestone, **told, on=on, is_ended=ended, is_beyond=beyond)


def _as_of(
    shown: Iterable[ShownMilestone], measure: Measure, on: dt.date, *, deadline: dt.date | None, ended: bool
) -> Iterable[ShownMilestone]:
    since = Change.objects.filter(kind="measure", object_id=measure.pk, action__in=RESTATED, on__gt=on)
    before: dict[int, dict[str, Any]] = {}
    # Back from now: of each fact the earliest entry says last what it was.
    for change in since.order_by("-sequence"):
        before.setdefault(change.after["milestone"], {}).update(change.before)
    for one in shown:
        facts = _facts_before(before.get(one.milestone.pk, {}))
        yield _shown(one.milestone, on, deadline=deadline, ended=ended, facts=facts) if facts else one


def _facts_before(logged: Facts) -> dict[str, Any]:
    facts: dict[str, Any] = {"title": logged["step"]} if "step" in logged else {}
    days = {name: dt.date.fromisoformat(str(logged[name])) for name in ("due_on", "done_on") if name in logged}
    return facts | days


def next_of(shown: Iterable[ShownMilestone]) -> ShownMilestone | None:
    """The next step to come."""
    return next((one for one in shown if one.is_ahead), None)
