"""The facets of the measures page: for each dimension its values, how many measures have them, and where they lead.

A facet counts under every filter in force but its own, so that a count is what choosing the value would show.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from agencies.models import Agency
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.found import OF_STATUS, Tally
from reforms.lib.filters import NONE
from reforms.lib.folding import fold, words_of
from reforms.lib.words import day_text, in_language
from reforms.models import (
    SHAPES,
    Disposition,
    Light,
    Part,
    Section,
    Status,
    is_open_to,
)
from reforms.search.agencies import KnownNames

# So many values of a facet stand on the page, and some more where they are nearly all; the others are a click away.
FIRST_SHOWN, ALL_SHOWN = 8, 12


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet; `address` is the query string that chooses it, or lets go of it when it is chosen."""

    value: str
    label: str
    count: int
    chosen: bool
    address: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """One dimension with the values that are shown, of `count`: the first few, and every chosen one."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    count: int

    @property
    def has_more(self) -> bool:
        """Whether there are others than those shown."""
        return self.count > len(self.choices)


# Value, how it is said, how many measures.
Counted = Sequence[tuple[str, str, int]]


def facets(filters: MeasureFilter, tally: Tally | None = None) -> list[Facet]:
    """All facets for the filters in force, counted in memory (reforms.catalogue.found); queries for names only."""
    values = _Values(filters, tally or Tally(filters))
    return [_facet(filters, name, values.of(name)) for name in values.names]


def whole_facet(filters: MeasureFilter, name: str, query: str = "") -> tuple[str, list[Choice]] | None:
    """The label of one facet and all its values, or those that hold every word of a query; agencies by any of their
    names. None where there is no such facet for these filters."""
    values = _Values(filters, Tally(filters))
    if name not in values.names:
        return None
    words, counted = words_of(query), values.of(name)
    if words and name in OF_AGENCIES_BY_PART:
        called = set(map(str, KnownNames().called_all(words)))
        counted = [one for one in counted if one[0] in called]
    elif words:
        counted = [one for one in counted if all(word in fold(one[1]) for word in words)]
    return str(LABELS[name]), _choices(filters, name, counted)


LABELS = {
    "list": gettext_lazy("清单"),
    "light": gettext_lazy("亮灯"),
    "section": gettext_lazy("任务类别"),
    "lead": gettext_lazy("牵头单位"),
    "responsible": gettext_lazy("责任单位"),
    "deadline": gettext_lazy("时限"),
    "status": gettext_lazy("状态"),
    "disposition": gettext_lazy("在册情况"),
    "national": gettext_lazy("国家改革任务"),
    "standing": gettext_lazy("是否持续巩固"),
}
OF_AGENCIES_BY_PART = {"lead": Part.LEAD, "responsible": Part.RESPONSIBLE}


class _Values:
    """The values of facets with their counts, said in words. Sections are numbered anew in every list, so they are
    offered for one list only."""

    def __init__(self, filters: MeasureFilter, counts: Tally) -> None:
        self.filters, self.counts = filters, counts

    @cached_property
    def names(self) -> list[str]:
        """The facets that are offered, in their order."""
        return [name for name in LABELS if self._is_offered(name)]

    def _is_offered(self, name: str) -> bool:
        if name == "list":
            return self.counts.several_lists
        if name == "section":
            return self.counts.one_list
        if name == "disposition":
            # Nothing to choose from where every measure is in the list and worked on.
            told = self.filters.view.sees_status
            return told and bool(set(self.counts.of(name)) - {Disposition.ACTIVE.value})
        return self.filters.view.sees_status or name not in OF_STATUS

    @cached_property
    def _agency_names(self) -> dict[int, str]:
        rows = Agency.objects.values_list("pk", "name", "name_en")
        return {pk: in_language(name, name_en) for pk, name, name_en in rows}

    def of(self, name: str) -> Counted:
        """Those of one facet."""
        if name in OF_AGENCIES_BY_PART:
            return _agencies(self.counts.of_agencies(name, OF_AGENCIES_BY_PART[name]), self._agency_names)
        counts = self.counts.of(name)
        if name in ("list", "section"):
            return _lists(self.counts, counts) if name == "list" else _sections(self.filters, counts)
        if name in ("status", "disposition"):
            return _labelled(Status if name == "status" else Disposition, counts)
        if name == "light":
            return _lights(counts)
        return _deadlines(counts) if name == "deadline" else _yes_or_no(counts)


def address_with(data: QueryDict, name: str, value: str) -> str:
    """The query string with one value chosen, or let go when it is; pages start anew."""
    query = data.copy()
    query.pop("page", None)
    values = query.getlist(name)
    query.setlist(name, [v for v in values if v != value] if value in values else [*values, value])
    return "?" + query.urlencode()


def _facet(filters: MeasureFilter, name: str, counted: Counted) -> Facet:
    given = {str(value) for value in _given(filters, name)}
    shown = {value for value, _text, _count in _first(name, counted, filters.view.on)} | given
    choices = _choices(filters, name, [one for one in counted if one[0] in shown])
    return Facet(name, str(LABELS[name]), tuple(choices), count=len(counted))


def _first(name: str, counted: Counted, on: dt.date) -> Counted:
    """The values that are always shown; of days those around the one that is looked at."""
    if len(counted) <= ALL_SHOWN:
        return counted
    if name != "deadline":
        return counted[:FIRST_SHOWN]
    dated = [one for one in counted if one[0] != NONE]
    dated.sort(key=lambda one: abs((dt.date.fromisoformat(one[0]) - on).days))
    return dated[:FIRST_SHOWN]


def _choices(filters: MeasureFilter, name: str, counted: Counted) -> list[Choice]:
    given = [str(value) for value in _given(filters, name)]
    data = _canonical(filters, name, given)
    return [
        Choice(value, text, count, value in given, address_with(data, name, value), _shape(name, value))
        for value, text, count in counted
    ]


def _shape(name: str, value: str) -> str:
    return SHAPES[Light(value)] if name == "light" else ""


def _given(filters: MeasureFilter, name: str) -> list[Any]:
    chosen = filters.chosen(name)
    if isinstance(chosen, bool):
        return [str(chosen).lower()]
    return [NONE if value is None else value for value in chosen or []]


def _canonical(filters: MeasureFilter, name: str, given: list[str]) -> QueryDict:
    """The address with this facet's values as the facet writes them (an agency given by name becomes its id)."""
    data: QueryDict = filters.data.copy()
    data.setlist(name, given)
    return data


def _lights(counts: Mapping[str, int]) -> Counted:
    return [(light.value, str(light.label), counts.get(light.value, 0)) for light in Light]


def _labelled(choices: type[TextChoices], counts: Mapping[str, int]) -> Counted:
    return [(one.value, str(one.label), counts[one.value]) for one in choices if counts.get(one.value)]


def _lists(tally: Tally, counts: Mapping[int, int]) -> Counted:
    return [(slug, short or title, counts[pk]) for pk, slug, short, title in tally.lists if counts.get(pk)]


def _sections(filters: MeasureFilter, counts: Mapping[int, int]) -> Counted:
    shown = filters.chosen("list")
    sections = Section.objects.filter(is_open_to(filters.view.who, "reform_list__"))
    titles = {
        section.number: in_language(section.title, section.title_en)
        for section in (sections.filter(reform_list__slug__in=shown) if shown else sections)
    }
    return [(str(number), f"{number} {titles[number]}", counts[number]) for number in sorted(counts)]


def _agencies(counts: Mapping[int, int], names: Mapping[int, str]) -> Counted:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(str(agency), names[agency], count) for agency, count in ordered]


def _deadlines(counts: Mapping[dt.date | None, int]) -> Counted:
    dated = [(day.isoformat(), day_text(day), counts[day]) for day in sorted(day for day in counts if day)]
    return dated + ([(NONE, str(gettext_lazy("未印发时限")), counts[None])] if None in counts else [])


def _yes_or_no(counts: Mapping[bool, int]) -> Counted:
    labels = {True: gettext_lazy("是"), False: gettext_lazy("否")}
    return [(str(value).lower(), str(labels[value]), counts[value]) for value in (True, False) if counts.get(value)]
