"""The facets of the measures page: for each dimension its values, how many measures have them, and where they lead.

A facet counts under every filter in force but its own, so that a count is what choosing the value would show. All in
which nothing is chosen count under the same filters, and are counted together.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from django.db.models import Case, Count, F, TextChoices, Value, When
from django.db.models.expressions import Combinable
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.lib.left_out import LeftOut, StruckValue
from agencies.models import Agency
from reforms.catalogue.filters import MeasureFilter
from reforms.lib.filters import NONE
from reforms.lib.words import day_text, in_language
from reforms.models import (
    SHAPES,
    Assignment,
    Disposition,
    Light,
    MeasureQuerySet,
    Part,
    ProgressReport,
    ReformList,
    Section,
    Status,
    is_open_to,
    light_case,
    that_count,
)

FIRST_SHOWN = 8
# No facet offers more values; the rest is found by the search, or on the page of lists.
MOST_OFFERED = 100


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
    """One dimension with its values, of which `left_out` are not offered."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    left_out: int = 0

    @property
    def first(self) -> tuple[Choice, ...]:
        """What is always shown: the first few, and every chosen one."""
        rest = self.choices[FIRST_SHOWN:]
        return self.choices[:FIRST_SHOWN] + tuple(choice for choice in rest if choice.chosen)

    @property
    def rest(self) -> tuple[Choice, ...]:
        """What is shown on demand."""
        return tuple(choice for choice in self.choices[FIRST_SHOWN:] if not choice.chosen)


Counted = Iterable[tuple[str, str, int]]


def facets(filters: MeasureFilter, tally: "Tally | None" = None) -> list[Facet]:
    """All facets for the filters in force: a query for those in which nothing is chosen, one for agencies, one for each
    in which something is, and those for names.

    Sections are numbered anew in every list, so they are offered for one list only.
    """
    counts = tally or Tally(filters)
    sees_status, names = filters.view.sees_status, _agency_names()
    offered: list[tuple[str, Any, Counted]] = []
    if counts.several_lists:
        offered.append(("list", gettext_lazy("清单"), _lists(filters, counts.of("list"))))
    if sees_status:
        offered.append(("light", gettext_lazy("亮灯"), _lights(counts.of("light"))))
    if counts.one_list:
        offered.append(("section", gettext_lazy("任务类别"), _sections(filters, counts.of("section"))))
    offered += [
        ("lead", gettext_lazy("牵头单位"), _agencies(counts.of_agencies("lead", Part.LEAD), names)),
        (
            "responsible",
            gettext_lazy("责任单位"),
            _agencies(counts.of_agencies("responsible", Part.RESPONSIBLE), names),
        ),
        ("deadline", gettext_lazy("时限"), _deadlines(counts.of("deadline"))),
    ]
    if sees_status:
        offered.append(("status", gettext_lazy("状态"), _labelled(Status, counts.of("status"))))
        dispositions = counts.of("disposition")
        # Nothing to choose from where every measure is in the list and worked on.
        if set(dispositions) - {Disposition.ACTIVE.value}:
            offered.append(("disposition", gettext_lazy("在册情况"), _labelled(Disposition, dispositions)))
    offered += [
        ("national", gettext_lazy("国家改革任务"), _yes_or_no(counts.of("national"))),
        ("standing", gettext_lazy("是否持续巩固"), _yes_or_no(counts.of("standing"))),
    ]
    return [_facet(filters, name, label, counted) for name, label, counted in offered]


class Tally:
    """How many measures have each value of each facet, and how many are found in all (`total`)."""

    def __init__(self, filters: MeasureFilter) -> None:
        self.filters, self.view = filters, filters.view
        # Two tell whether there are several; how many more does not matter.
        readable = ReformList.objects.readable_by(self.view.who).order_by()
        self.several_lists = len(readable.values_list("pk")[:2]) > 1
        self.one_list = not self.several_lists or len(filters.chosen("list") or ()) == 1

    @cached_property
    def total(self) -> int:
        """How many the filters in force find."""
        return sum(group.count for group in self._groups if group.counts)

    def of(self, name: str) -> dict[Any, int]:
        """The counts of one facet by value: of those whose status may be told where it tells that. What may not be told
        must not be counted either, since the number would tell it."""
        found: Counter[Any] = Counter()
        for group in self._groups if name in self._free else self._grouped([name], without=name):
            # What does not count stands in 在册情况, of which it is one of the values.
            if group.counts or name == "disposition":
                found[group.values[name]] += group.count
        if name in OF_STATUS:
            del found[None]
        return dict(found)

    def of_agencies(self, name: str, part: Part) -> dict[int, int]:
        """The same of the agencies printed beside the measures."""
        beside = self._beside if _is_free(self.filters, name) else _agencies_beside(self.filters.measures(without=name))
        return {agency: n for (found, agency), n in beside.items() if found == part}

    @cached_property
    def _beside(self) -> dict[tuple[str, int], int]:
        return _agencies_beside(self.filters.measures())

    @cached_property
    def _free(self) -> list[str]:
        """The facets that are counted together."""
        names = ["deadline", "national", "standing"]
        names += ["list"] if self.several_lists else []
        names += ["section"] if self.one_list else []
        names += OF_STATUS if self.view.sees_status else []
        return [name for name in names if _is_free(self.filters, name)]

    @cached_property
    def _groups(self) -> "list[_Group]":
        return self._grouped(self._free)

    def _grouped(self, names: Sequence[str], *, without: str = "") -> "list[_Group]":
        every = "disposition" in names
        facts, sees_every = self.view.facts, self.view.sees_every_status
        counts = Case(When(that_count(facts=facts, sees_status=sees_every), then=True), default=False)
        columns = {f"of_{name}": self._column(name) for name in names}
        rows = (
            # order_by(): an order would be grouped by as well.
            self.filters.measures(without=without, every_disposition=every)
            .order_by()
            .annotate(it_counts=counts if every else Value(True), **columns)  # noqa: FBT003  # a value in SQL
            .values_list("it_counts", *columns)
            .annotate(n=Count("pk"))
        )
        found = rows.values_list("it_counts", "n", *columns)
        return [_Group(bool(it), n, dict(zip(names, values, strict=True))) for it, n, *values in found]

    def _column(self, name: str) -> Combinable:
        facts, told = self.view.facts, self.view.tells_status()
        if name == "light":
            return light_case(self.view.on, prefix=facts, told=told)
        if name in OF_STATUS:
            field = F(f"{facts}{name}")
            return Case(When(told, then=field)) if told else field
        return F(f"{facts}is_standing") if name == "standing" else F(COLUMNS[name])


# None stands for measures whose status may not be told.
OF_STATUS = ["light", "status", "disposition"]
COLUMNS = {
    "deadline": "shown_deadline",
    "list": "reform_list_id",
    "national": "item__is_national",
    "section": "section__number",
}


@dataclass(frozen=True, slots=True)
class _Group:
    """So many measures with these values, by facet; `counts` is false of those that were withdrawn or stopped."""

    counts: bool
    count: int
    values: dict[str, Any]


def _is_free(filters: MeasureFilter, name: str) -> bool:
    chosen = filters.chosen(name)
    return chosen is None or chosen == []


def _agencies_beside(measures: MeasureQuerySet) -> dict[tuple[str, int], int]:
    beside = Assignment.objects.filter(measure__in=measures.order_by().values("pk")).order_by()
    counts = beside.values_list("part", "agency").annotate(n=Count("measure"))
    return {(part, agency): n for part, agency, n in counts.values_list("part", "agency", "n")}


def address_with(data: QueryDict, name: str, value: str) -> str:
    """The query string with one value chosen, or let go when it is; pages start anew."""
    query = data.copy()
    query.pop("page", None)
    values = query.getlist(name)
    query.setlist(name, [v for v in values if v != value] if value in values else [*values, value])
    return "?" + query.urlencode()


def _facet(filters: MeasureFilter, name: str, label: Any, counted: Counted) -> Facet:
    given = [str(value) for value in _given(filters, name)]
    data = _canonical(filters, name, given)
    every = list(counted)
    first = every[:MOST_OFFERED] if name != "deadline" else _nearest(every, filters.view.on)
    offered = {value for value, _text, _count in first} | set(given)
    choices = [
        Choice(value, text, count, value in given, address_with(data, name, value), _shape(name, value))
        for value, text, count in every
        if value in offered
    ]
    return Facet(name, str(label), tuple(choices), left_out=len(every) - len(choices))


def _nearest(counted: Sequence[tuple[str, str, int]], on: dt.date) -> list[tuple[str, str, int]]:
    """Of many days those around the one that is looked at."""
    dated = [one for one in counted if one[0] != NONE]
    dated.sort(key=lambda one: abs((dt.date.fromisoformat(one[0]) - on).days))
    return [*(one for one in counted if one[0] == NONE), *dated][:MOST_OFFERED]


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


def _lists(filters: MeasureFilter, counts: Mapping[int, int]) -> Counted:
    lists = ReformList.objects.readable_by(filters.view.who).only("slug", "title", "short_title")
    return [(found.slug, str(found), counts[found.pk]) for found in lists if counts.get(found.pk)]


def _sections(filters: MeasureFilter, counts: Mapping[int, int]) -> Counted:
    shown = filters.chosen("list")
    sections = Section.objects.filter(is_open_to(filters.view.who, "reform_list__"))
    titles = {
        section.number: in_language(section.title, section.title_en)
        for section in (sections.filter(reform_list__slug__in=shown) if shown else sections)
    }
    return [(str(number), f"{number} {titles[number]}", counts[number]) for number in sorted(counts)]


def _agency_names() -> dict[int, str]:
    return {pk: in_language(name, name_en) for pk, name, name_en in Agency.objects.values_list("pk", "name", "name_en")}


def _agencies(counts: Mapping[int, int], names: Mapping[int, str]) -> Counted:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(str(agency), names[agency], count) for agency, count in ordered]


def _deadlines(counts: Mapping[dt.date | None, int]) -> Counted:
    dated = [(day.isoformat(), day_text(day), counts[day]) for day in sorted(day for day in counts if day)]
    return dated + ([(NONE, str(gettext_lazy("未印发时限")), counts[None])] if None in counts else [])


def _yes_or_no(counts: Mapping[bool, int]) -> Counted:
    labels = {True: gettext_lazy("是"), False: gettext_lazy("否")}
    return [(str(value).lower(), str(labels[value]), counts[value]) for value in (True, False) if counts.get(value)]


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


def chips(filters: MeasureFilter) -> list[Chip]:
    """One chip per value in force, in the order of the address."""
    say = _Speaker(filters)
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


class _Speaker:
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


LABELS: dict[str, Any] = {
    "light": Light,
    "status": Status,
    "role": Part,
    "outlook": ProgressReport.Outlook,
    "disposition": Disposition,
}


def _plain(name: str, value: str) -> str:
    if name in LABELS:
        return str(LABELS[name](value).label)
    if name in {"national", "standing", "extended", "without_members"}:
        return _("是") if value in {"true", "1"} else _("否")
    if name in {"deadline", "deadline_after", "deadline_before", "on"}:
        return _("未印发时限") if value == "none" else _day(value)
    return value


def _day(value: str) -> str:
    return day_text(parse_date(value))
