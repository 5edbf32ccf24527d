"""A list's own reminder rules: what the office set, kept as rows, against the defaults of reforms.reminders.stages."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.since import check_unchanged
from agencies.log.write import Entry, record
from agencies.models import Change, Role
from reforms.lib.placeholders import check_placeholders
from reforms.models import ReformList, ReminderRule
from reforms.reminders.stages import BEFORE, DEFAULT, Rules, Stage, before_name

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
        raise ValidationError(_("“%(kind)s”不能省去。") % {"kind": missing[0].label}, code="missing")
    ladder = [days[kind] for kind in LADDER]
    if ladder != sorted(set(ladder)):
        raise ValidationError(_("首次催办、再次催办、每周催办应一步比一步晚。"), code="order")
    if days[Kind.ORDER] <= ladder[-2]:
        raise ValidationError(_("督办单应在再次催办之后。"), code="order")
    if days.get(Kind.ACKNOWLEDGE_LATE, 99) <= days.get(Kind.ACKNOWLEDGE, 0):
        raise ValidationError(_("再次提醒签收应在签收期满之后。"), code="order")
    before = [row.days for row in rows if row.kind == Kind.BEFORE]
    if len(before) != len(set(before)):
        raise ValidationError(_("到期前提醒的天数有重复。"), code="twice")


def check_row(row: RuleFacts) -> None:
    """Raises ValidationError by field where a row cannot be."""
    first, last = DAYS[Kind(row.kind)]
    if not first <= row.days <= last:
        raise ValidationError({"days": _("应为%(first)d至%(last)d天。") % {"first": first, "last": last}})
    if row.kind != Kind.ORDER and not (row.to_reporters or row.to_approvers or row.to_heads):
        raise ValidationError({"to_reporters": _("至少选一类收件人。")})
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
