"""The filters in force, said in words, each with the address that lets go of it."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from agencies.models import Agency
from reforms.catalogue.filters import MeasureFilter
from reforms.lib.words import day_text, in_language
from reforms.models import Disposition, Light, Part, ProgressReport, Section, Status

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


class _Speaker:
    """Says values in words; looks names up once."""

    def __init__(self, filters: MeasureFilter) -> None:
        self.filters = filters
        ids = {pk for name in ("lead", "responsible", "holder", "agency") for pk in filters.chosen(name) or () if pk}
        self.agencies = {str(agency.pk): agency for agency in Agency.objects.filter(pk__in=ids)} if ids else {}
        numbers = filters.chosen("section") or ()
        self.sections = {str(s.number): s for s in Section.objects.filter(number__in=numbers)} if numbers else {}

    def value(self, name: str, value: str) -> str:
        if name in {"lead", "responsible", "holder", "agency"}:
            agency = self.agencies.get(value)
            return in_language(agency.name, agency.name_en) if agency else _own(value)
        if name == "section" and value in self.sections:
            section = self.sections[value]
            return in_language(section.title, section.title_en)
        return _plain(name, value)


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
    if name in {"national", "standing", "extended"}:
        return _("是") if value in {"true", "1"} else _("否")
    if name in {"deadline", "deadline_after", "deadline_before", "on"}:
        return _("未印发时限") if value == "none" else _day(value)
    return value


def _day(value: str) -> str:
    return day_text(parse_date(value))
