"""The facets of the measures page: for each dimension its values, how many measures have them, and where they lead.

A facet counts under every filter in force but its own, so that a count is what choosing the value would show.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.models import Agency
from reforms.catalogue.filters import MeasureFilter
from reforms.lib.filters import NONE
from reforms.lib.words import day_text, in_language
from reforms.models import (
    EVERY,
    SHAPES,
    Assignment,
    Disposition,
    Light,
    Part,
    ProgressReport,
    ReformList,
    Section,
    Status,
    is_open_to,
)

FIRST_SHOWN = 8


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
    """One dimension with its values."""

    name: str
    label: str
    choices: tuple[Choice, ...]

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


def facets(filters: MeasureFilter) -> list[Facet]:
    """All facets for the filters in force: one query each, one for the names of agencies and one for the lists.

    Sections are numbered anew in every list, so they are offered for one list only.
    """
    names = _agency_names()
    lists = {found.pk: found for found in ReformList.objects.readable_by(filters.view.who)}
    found = []
    if len(lists) > 1:
        found.append(_facet(filters, "list", gettext_lazy("清单"), _lists(filters, lists)))
    if filters.view.sees_status:
        found.append(_facet(filters, "light", gettext_lazy("亮灯"), _lights(filters)))
    if len(lists) == 1 or len(filters.chosen("list") or []) == 1:
        found.append(_facet(filters, "section", gettext_lazy("任务类别"), _sections(filters)))
    found += [
        _facet(filters, "lead", gettext_lazy("牵头单位"), _agencies(filters, "lead", Part.LEAD, names)),
        _facet(
            filters, "responsible", gettext_lazy("责任单位"), _agencies(filters, "responsible", Part.RESPONSIBLE, names)
        ),
        _facet(filters, "deadline", gettext_lazy("时限"), _deadlines(filters)),
    ]
    if filters.view.sees_status:
        found += [
            _facet(filters, "status", gettext_lazy("状态"), _statuses(filters)),
            *_unless_all_count(_facet(filters, "disposition", gettext_lazy("在册情况"), _dispositions(filters))),
        ]
    found += [
        _facet(filters, "national", gettext_lazy("国家改革任务"), _yes_or_no(filters, "national", "item__is_national")),
        _facet(filters, "standing", gettext_lazy("是否持续巩固"), _standing(filters)),
    ]
    return found


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
    choices = [
        Choice(value, text, count, value in given, address_with(data, name, value), _shape(name, value))
        for value, text, count in counted
    ]
    return Facet(name, str(label), tuple(choices))


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


def _counts(filters: MeasureFilter, name: str, field: str, among: Q = EVERY) -> dict[Any, int]:
    # order_by(): an order would be grouped by as well.
    rows = filters.measures(without=name).filter(among).order_by().values_list(field).annotate(n=Count("pk"))
    return dict(rows.values_list(field, "n"))


def _lights(filters: MeasureFilter) -> Counted:
    # What may not be told must not be counted either: the number would tell it.
    told = filters.measures(without="light").filter(filters.view.tells_status())
    counts = told.light_counts(filters.view.on, facts=filters.view.facts)
    return [(light.value, str(light.label), counts[light]) for light in Light]


def _statuses(filters: MeasureFilter) -> Counted:
    counts = _counts(filters, "status", f"{filters.view.facts}status", filters.view.tells_status())
    return [(status.value, str(status.label), counts[status]) for status in Status if counts.get(status)]


def _dispositions(filters: MeasureFilter) -> Counted:
    # With what does not count, of which the other values are.
    told = filters.measures(without="disposition", every_disposition=True).filter(filters.view.tells_status())
    field = f"{filters.view.facts}disposition"
    counts = dict(told.order_by().values_list(field).annotate(n=Count("pk")).values_list(field, "n"))
    return [(one.value, str(one.label), counts[one.value]) for one in Disposition if counts.get(one.value)]


def _unless_all_count(facet: Facet) -> list[Facet]:
    """Nothing to choose from where every measure is in the list and worked on."""
    return [facet] if any(choice.value != Disposition.ACTIVE for choice in facet.choices) else []


def _lists(filters: MeasureFilter, lists: Mapping[int, ReformList]) -> Counted:
    counts: dict[int, int] = _counts(filters, "list", "reform_list")
    return [(found.slug, str(found), counts[pk]) for pk, found in lists.items() if counts.get(pk)]


def _sections(filters: MeasureFilter) -> Counted:
    counts: dict[int, int] = _counts(filters, "section", "section__number")
    shown = filters.chosen("list")
    sections = Section.objects.filter(is_open_to(filters.view.who, "reform_list__"), number__in=counts)
    titles = {
        section.number: in_language(section.title, section.title_en)
        for section in (sections.filter(reform_list__slug__in=shown) if shown else sections)
    }
    return [(str(number), f"{number} {titles[number]}", counts[number]) for number in sorted(counts)]


def _agency_names() -> dict[int, str]:
    return {pk: in_language(name, name_en) for pk, name, name_en in Agency.objects.values_list("pk", "name", "name_en")}


def _agencies(filters: MeasureFilter, name: str, part: Part, names: dict[int, str]) -> Counted:
    measures = filters.measures(without=name).order_by().values("pk")
    beside = Assignment.objects.filter(part=part, measure__in=measures).order_by().values_list("agency")
    counts = beside.annotate(n=Count("measure")).values_list("agency", "n")
    ordered = sorted(counts, key=lambda pair: (-pair[1], pair[0]))
    return [(str(agency), names[agency], count) for agency, count in ordered]


def _deadlines(filters: MeasureFilter) -> Counted:
    counts = _counts(filters, "deadline", "shown_deadline")
    dated = [(day.isoformat(), day_text(day), counts[day]) for day in sorted(day for day in counts if day)]
    return dated + ([(NONE, str(gettext_lazy("未印发时限")), counts[None])] if None in counts else [])


def _standing(filters: MeasureFilter) -> Counted:
    return _yes_or_no(filters, "standing", f"{filters.view.facts}is_standing")


def _yes_or_no(filters: MeasureFilter, name: str, field: str) -> Counted:
    counts = _counts(filters, name, field)
    labels = {True: gettext_lazy("是"), False: gettext_lazy("否")}
    return [(str(value).lower(), str(labels[value]), counts[value]) for value in (True, False) if counts.get(value)]


# No chips for these: they choose no measures.
SILENT = frozenset({"ordering", "page"})


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
    return {number: " / ".join(dict.fromkeys(titles)) for number, titles in found.items()}


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
