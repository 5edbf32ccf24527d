"""The change log read as sentences: a measure's history, and what changed this week."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from agencies.models import Change
from reforms.models import Disposition, Matter, Measure, ReformList, Status
from reforms.reading import Readable
from reforms.viewpoint import Viewpoint
from reforms.wording import day_text

DISPOSING = ("measure.suspended", "measure.cancelled")
NEWS_DAYS = 7
NEWS_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened: when (real time), who (None where names may not be seen), what, and its difference."""

    recorded_at: dt.datetime
    on: dt.date
    who: str
    what: str
    before: str
    after: str
    detail: str = ""
    measure_id: int | None = None
    title: str = ""
    number: int | None = None


def history_of(measure: Measure, view: Viewpoint, readable: Readable, *, after: int = 0) -> list[Happening]:
    """Everything that was done to a measure (after the change with that sequence) and may be seen, newest first."""
    internal = Q(visibility=Change.Visibility.INTERNAL)
    if not readable.everything:
        internal &= Q(agency__in=readable.agencies)
    changes = Change.objects.filter(Q(visibility__in=_visible(view)) | internal, kind="measure", object_id=measure.pk)
    changes = changes.filter(sequence__gt=after)
    found = changes.select_related("agency").order_by("-sequence")
    return [_happening(change, named=_may_name(change, readable)) for change in found]


def last_disposal(measure: Measure) -> Change | None:
    """The office's last word on whether the measure goes on (its reason is internal); None while it does."""
    if measure.disposition not in (Disposition.SUSPENDED, Disposition.CANCELLED):
        return None
    disposed = Change.objects.filter(kind="measure", object_id=measure.pk, action__in=DISPOSING)
    return disposed.order_by("-sequence").first()


def _may_name(change: Change, readable: Readable) -> bool:
    """Names of persons are internal: for the office, the measure's leads, and the person's own agency."""
    return readable.everything or change.agency_id in readable.agencies


def public_news(lists: Iterable[ReformList], view: Viewpoint) -> list[Happening]:
    """What changed in the standing of measures over the last NEWS_DAYS days, newest first."""
    if not view.sees_status:
        return []
    changes = Change.objects.filter(
        kind="measure",
        action="measure.status_changed",
        on__gt=view.on - dt.timedelta(days=NEWS_DAYS),
        on__lte=view.on,
        object_id__in=Measure.objects.filter(reform_list__in=list(lists)).values("pk"),
    )
    found = list(changes.select_related("agency").order_by("-on", "-sequence")[:NEWS_SHOWN])
    measures = Measure.objects.select_related("item").in_bulk({change.object_id for change in found})
    return [_happening(change, named=False, measure=measures[change.object_id]) for change in found]


def _visible(view: Viewpoint) -> list[str]:
    """What needs no right to read reports."""
    seen = [Change.Visibility.PUBLIC, *([Change.Visibility.STATUS] if view.sees_status else [])]
    return [str(visibility) for visibility in seen]


def _happening(change: Change, *, named: bool, measure: Measure | None = None) -> Happening:
    before, after = _difference(change)
    return Happening(
        recorded_at=change.recorded_at,
        on=change.on,
        who=change.actor if named else _agency_name(change),
        what=SENTENCES[change.action](change) if change.action in SENTENCES else change.action,
        before=before,
        after=after,
        detail=_detail(change, named=named),
        measure_id=measure.pk if measure else None,
        title=measure.title if measure else "",
        number=measure.item.number if measure else None,
    )


def _detail(change: Change, *, named: bool) -> str:
    """What was said with it. Why the office did something is internal, as names are."""
    if change.action in SAYING_PROGRESS:
        return str(change.after.get("progress", ""))
    return change.reason if named or change.action not in STEERING else ""


def _agency_name(change: Change) -> str:
    return change.agency.name if change.agency else ""


def _status(change: Change) -> str:
    labels = dict(Status.choices)
    old, new = (labels.get(facts.get("status", ""), "—") for facts in (change.before, change.after))
    return _("状态由“%(old)s”变为“%(new)s”") % {"old": old, "new": new}


FACT_NAMES: dict[str, Callable[[], str]] = {
    "number": lambda: _("序号"),
    "section": lambda: _("任务类别"),
    "national": lambda: _("国家改革任务"),
    "title": lambda: _("改革事项"),
    "text": lambda: _("具体举措"),
    "lead": lambda: _("牵头单位"),
    "lead_order": lambda: _("牵头单位排序"),
    "responsible": lambda: _("责任单位"),
    "responsible_order": lambda: _("责任单位排序"),
    "deadline": lambda: _("完成时限"),
}


def _reprinted(change: Change) -> str:
    facts = _("、").join(FACT_NAMES[name]() for name in change.after if name in FACT_NAMES)
    return _("新版清单调整了%(facts)s") % {"facts": facts}


def _moved(change: Change) -> str:
    names = {"old": change.before.get("agency", ""), "new": change.after.get("agency", "")}
    return _("因机构变更，任务分工由“%(old)s”转至“%(new)s”") % names


def _members_named(change: Change) -> str:
    group, members = change.after.get("group", ""), _("、").join(change.after.get("members", []))
    if not members:
        return _("“%(group)s”不再指定成员") % {"group": group}
    return _("“%(group)s”的成员指定为：%(members)s") % {"group": group, "members": members}


def _deadline_moved(change: Change) -> str:
    days = {name: day_text(parse_date(facts.get("deadline_in_force") or "")) for name, facts in _sides(change)}
    return _("现行时限由%(old)s调整为%(new)s") % days


def _sides(change: Change) -> tuple[tuple[str, dict[str, Any]], ...]:
    return ("old", change.before), ("new", change.after)


def _reassigned(change: Change) -> str:
    names = {name: facts.get("agency", "") for name, facts in _sides(change)}
    return _("改派：任务分工由“%(old)s”转至“%(new)s”") % names


def _chased(change: Change) -> str:
    return _("催办：%(agencies)s") % {"agencies": _("、").join(change.after.get("agencies", []))}


def _entered(change: Change) -> str:
    return _("督办人员代录进展（依据：%(source)s）") % {"source": change.after.get("source", "")}


def _filled_in(change: Change) -> str:
    return _("补录为已完成") if change.after.get("done") else _("补录进展")


def _matter_handled(change: Change) -> str:
    state = Matter.State(change.after["state"]).label
    said = {"state": state, "answer": change.after.get("answer") or "—"}
    return _("需协调事项转为“%(state)s”：%(answer)s") % said


SAYING_PROGRESS = frozenset({"report.submitted", "report.entered", "measure.filled_in"})
STEERING: dict[str, Callable[[Change], str]] = {
    "measure.deadline_moved": _deadline_moved,
    "measure.suspended": lambda _change: _("中止"),
    "measure.cancelled": lambda _change: _("终止"),
    "measure.resumed": lambda _change: _("恢复推进"),
    "measure.reassigned": _reassigned,
    "measure.chased": _chased,
    "measure.filled_in": _filled_in,
    "matter.handled": _matter_handled,
    "report.entered": _entered,
}
SENTENCES: dict[str, Callable[[Change], str]] = {
    "measure.added": lambda _change: _("列入清单"),
    "measure.reprinted": _reprinted,
    "measure.reinstated": lambda _change: _("重新列入清单"),
    "measure.withdrawn": lambda _change: _("调出清单"),
    "measure.status_changed": _status,
    "measure.duty_moved": _moved,
    "measure.members_named": _members_named,
    "report.submitted": lambda _change: _("报送进展"),
    **STEERING,
}


def _difference(change: Change) -> tuple[str, str]:
    """What was and what is, for a reprinted measure; other actions say it in their sentence."""
    if change.action not in {"measure.reprinted", "measure.reinstated"}:
        return "", ""
    return _facts(change.before), _facts(change.after)


def _facts(facts: dict[str, Any]) -> str:
    return "\n".join("、".join(value) if isinstance(value, list) else str(value) for value in facts.values())
