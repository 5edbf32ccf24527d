"""The filters in force, said in words: each as a chip that can be taken away."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

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
