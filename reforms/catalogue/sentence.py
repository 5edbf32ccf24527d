"""The filters in force as one sentence: 市交通运输局牵头、已逾期的举措（12条）."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.said import LABELS, Speaker
from reforms.lib.words import day_text
from reforms.models import Light, Part

# So many values of a filter are said; a title is no list.
SAID = 3
# How the values of a filter are said, in the order of the sentence.
OF_VALUES = {
    "list": gettext_lazy("列入%(values)s"),
    "section": gettext_lazy("属“%(values)s”"),
    "item": gettext_lazy("第%(values)s项"),
    "agency": "",
    "lead": gettext_lazy("%(values)s牵头"),
    "responsible": gettext_lazy("%(values)s为责任单位"),
    "holder": gettext_lazy("由%(values)s承担"),
    "via": gettext_lazy("经由%(values)s"),
    "light": "%(values)s",
    "status": gettext_lazy("状态为%(values)s"),
    "disposition": gettext_lazy("在册情况为%(values)s"),
    "outlook": gettext_lazy("申报%(values)s"),
    "deadline": "",
    "deadline_after": gettext_lazy("时限不早于%(values)s"),
    "deadline_before": gettext_lazy("时限不晚于%(values)s"),
    "search": gettext_lazy("含“%(values)s”"),
    "updated_since": gettext_lazy("%(values)s以来有更新"),
    "id": gettext_lazy("编号为%(values)s"),
}
YES_OR_NO = {
    "national": (gettext_lazy("属国家改革任务"), gettext_lazy("不属国家改革任务")),
    "standing": (gettext_lazy("属持续巩固"), gettext_lazy("不属持续巩固")),
    "extended": (gettext_lazy("时限经延期或调整"), gettext_lazy("时限未经延期或调整")),
    "closed_late": (gettext_lazy("属逾期销号"), gettext_lazy("属按期销号")),
    "without_members": (gettext_lazy("有成员待定的统称"), gettext_lazy("没有成员待定的统称")),
}


def sentence(filters: MeasureFilter, total: int, say: Speaker) -> str:
    """What the filters ask for, how many measures that are, and of which day where that is asked for."""
    said = [_phrase(filters, name, say) for name in OF_VALUES] + [_yes_or_no(filters, name) for name in YES_OR_NO]
    conditions = _("、").join(phrase for phrase in said if phrase)
    values = {"conditions": conditions, "n": total, "day": day_text(filters.chosen("on"))}
    if filters.chosen("on"):
        text = _("%(conditions)s的举措（%(n)s条，截至%(day)s）") if conditions else _("举措（%(n)s条，截至%(day)s）")
    else:
        text = _("%(conditions)s的举措（%(n)s条）") if conditions else _("举措（%(n)s条）")
    return text % values


def _yes_or_no(filters: MeasureFilter, name: str) -> str:
    chosen = filters.chosen(name)
    return "" if chosen is None else str(YES_OR_NO[name][0 if chosen else 1])


def _phrase(filters: MeasureFilter, name: str, say: Speaker) -> str:
    chosen = filters.chosen(name)
    values = chosen if isinstance(chosen, list) else [chosen] if chosen else []
    if not values:
        return ""
    if name == "agency":
        return _of_agency(filters.chosen("role"), values, say)
    if name == "deadline":
        return _of_deadline(values)
    return str(OF_VALUES[name]) % {"values": _any_of(_value(name, value, say) for value in dict.fromkeys(values))}


def _value(name: str, value: Any, say: Speaker) -> str:
    if name in LABELS:
        label = _("已逾期") if value == Light.OVERDUE else str(LABELS[name](value).label)
        return label[:1].lower() + label[1:]
    if isinstance(value, dt.date):
        return day_text(localdate(value) if isinstance(value, dt.datetime) else value)
    return say.value(name, str(value))


def _any_of(values: Iterable[str]) -> str:
    """A、B或C; of many the first, and how many they are."""
    every = list(values)
    if len(every) > SAID:
        return _("%(first)s等%(n)s个之一") % {"first": _("、").join(every[:SAID]), "n": len(every)}
    return pgettext("values", "或").join(every)


def _of_agency(parts: Sequence[str] | None, agencies: Sequence[int | None], say: Speaker) -> str:
    """Printed beside the measure; one's own, by what one must act on."""
    printed = [say.value("agency", str(pk)) for pk in agencies if pk is not None]
    own = None in agencies
    if set(parts or ()) == {Part.LEAD}:
        texts = _("%(values)s牵头"), _("本单位牵头承担")
    elif set(parts or ()) == {Part.RESPONSIBLE}:
        texts = _("%(values)s为责任单位"), _("本单位作为责任单位承担")
    else:
        texts = _("列有%(values)s"), _("由本单位承担")
    found = [texts[0] % {"values": _any_of(printed)}] if printed else []
    return pgettext("values", "或").join([*found, texts[1]] if own else found)


def _of_deadline(days: Sequence[dt.date | None]) -> str:
    dated = _any_of(day_text(day) for day in dict.fromkeys(days) if day)
    found = [_("时限为%(values)s") % {"values": dated}] if dated else []
    return pgettext("values", "或").join([*found, pgettext("measures", "未印发时限")] if None in days else found)
