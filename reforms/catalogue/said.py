"""The filters in force, said in words: each as a chip that can be taken away, and all as one sentence,
市交通运输局牵头、已逾期的举措（12条）."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from agencies.lib.left_out import LeftOut, StruckValue
from agencies.models import Agency
from reforms.catalogue.filters import MeasureFilter
from reforms.lib.words import day_text, in_language
from reforms.models import Disposition, Light, Part, ProgressReport, ReformList, Section, Status, is_open_to

# A section's number means another one in every list.
TITLES_SAID = 3
# No chips for these: they choose no measures.
SILENT = frozenset({"ordering", "page", "columns", "density", "page_size"})


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter value in force: 牵头单位：市交通运输局."""

    label: str
    value: str
    without: str


def chips(filters: MeasureFilter, speaker: "Speaker | None" = None) -> list[Chip]:
    """One chip per value in force, in the order of the address."""
    say = speaker or Speaker(filters)
    return [
        Chip(str(filters.filters[name].label), say.value(name, value), _without(filters.data, name, value))
        # As the address has them: a chip takes away just what stands there.
        for name, values in filters.data.lists()
        if name in filters.filters and name not in SILENT
        for value in values
        if value
    ]


def in_words(left_out: LeftOut, also: Mapping[str, type[TextChoices]] = MappingProxyType({})) -> LeftOut:
    """What was left out of an address, with the values that mean something said in words: of filters, and of what else
    the page reads from its address."""
    labels = {**LABELS, **also}

    def said(one: StruckValue) -> StruckValue:
        known = one.name in labels and one.value in labels[one.name].values
        return replace(one, value=str(labels[one.name](one.value).label)) if known else one

    return replace(left_out, struck=tuple(map(said, left_out.struck)))


def _without(data: QueryDict, name: str, value: str) -> str:
    query = data.copy()
    query.setlist(name, [other for other in query.getlist(name) if other != value])
    query.pop("page", None)
    return "?" + query.urlencode()


OF_AGENCIES = ("lead", "responsible", "holder", "via", "agency")


class Speaker:
    """Says values in words; looks names up once."""

    def __init__(self, filters: MeasureFilter) -> None:
        self.filters = filters
        ids = {pk for name in OF_AGENCIES for pk in filters.chosen(name) or () if pk}
        self.agencies = {str(agency.pk): agency for agency in Agency.objects.filter(pk__in=ids)} if ids else {}
        slugs = filters.chosen("list") or ()
        known = ReformList.objects.readable_by(filters.view.who)
        self.lists = {one.slug: str(one) for one in known.filter(slug__in=slugs)} if slugs else {}
        numbers = filters.chosen("section") or ()
        self.sections = _titles(filters, numbers, self.lists) if numbers else {}

    def value(self, name: str, value: str) -> str:
        """One value of the address, or as it was read."""
        if name in OF_AGENCIES:
            agency = self.agencies.get(value)
            return in_language(agency.name, agency.name_en) if agency else _own(value)
        if name == "section" and value in self.sections:
            return self.sections[value]
        if name == "list":
            return self.lists.get(value, value)
        return _plain(name, value)


def _titles(filters: MeasureFilter, numbers: Sequence[int], slugs: Collection[str]) -> dict[str, str]:
    """What sections of these numbers are called, in every list that is meant."""
    meant = Section.objects.filter(is_open_to(filters.view.who, "reform_list__"), number__in=numbers)
    found: dict[str, list[str]] = {}
    for section in meant.filter(reform_list__slug__in=slugs) if slugs else meant:
        found.setdefault(str(section.number), []).append(in_language(section.title, section.title_en))
    return {number: _together(list(dict.fromkeys(titles))) for number, titles in found.items()}


def _together(titles: Sequence[str]) -> str:
    return " / ".join([*titles[:TITLES_SAID], "…"] if len(titles) > TITLES_SAID else titles)


def _own(value: str) -> str:
    return _("本单位") if value == "me" else value


LABELS: dict[str, type[TextChoices]] = {
    "light": Light,
    "status": Status,
    "role": Part,
    "outlook": ProgressReport.Outlook,
    "disposition": Disposition,
}


def _plain(name: str, value: str) -> str:
    if name in LABELS:
        return str(LABELS[name](value).label)
    if name in {"national", "standing", "extended", "closed_late", "without_members"}:
        return _("是") if value in {"true", "1"} else _("否")
    if name in {"deadline", "deadline_after", "deadline_before", "on"}:
        return _("未印发时限") if value == "none" else _day(value)
    return value


def _day(value: str) -> str:
    return day_text(parse_date(value))


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
