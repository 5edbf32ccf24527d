"""Measures as plain values. Pages, API and exports all show these rows, so that they agree; API and files of JSON as
the same plain objects."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.expressions import Combinable
from django.urls import reverse

from agencies.access import Principal, Verb, may
from agencies.models import Agency
from reforms.lib.words import in_language, local_time
from reforms.models import (
    DONE,
    RUNNING,
    SHAPES,
    STOPPED,
    Assignment,
    Dates,
    Disposition,
    Duty,
    Light,
    Measure,
    MeasureQuerySet,
    Part,
    PastState,
    ReformList,
    ReformListQuerySet,
    Section,
    Status,
    has_begun,
    is_open_to,
    light_of,
    that_count,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """Status is public list by list: `sees_status` says that it may be seen of one of the lists looked at, and
    `sees_every_status` of all. It covers status, light, current deadline and the counts made from them. `past` says
    that `on` has gone by, so that the facts are those of that day (reforms.status.past). `sees_agencies` says that
    tables may compare agencies: internal, unless every list that tells its status publishes them. Archived lists are
    looked at where they were named."""

    who: Principal
    on: dt.date
    sees_status: bool
    sees_every_status: bool
    sees_agencies: bool = False
    past: bool = False
    archived: bool = False

    @property
    def facts(self) -> str:
        """What leads from a measure to the facts to be shown: nothing, or the standing of the past day."""
        return "past__" if self.past else ""

    @property
    def then(self) -> dt.date | None:
        """The past day, if it is one."""
        return self.on if self.past else None

    @property
    def deadline(self) -> Combinable:
        """The deadline that may be shown: the current one goes with the status, the printed one is public."""
        current = F(f"{self.facts}deadline_in_force")
        if self.sees_every_status:
            return current
        return Case(When(self.tells_status(), then=current), default=F("deadline"))

    def tells_status(self, measure: str = "") -> Q:
        """Whether the status of a measure (to which the prefix leads) may be seen."""
        if self.sees_every_status:
            return Q()
        return Q(**{f"{measure}reform_list__public_status": True})

    def lists(self) -> ReformListQuerySet:
        """The lists looked at where none is named; of a past day those that had begun."""
        readable: ReformListQuerySet = ReformList.objects.readable_by(self.who)
        begun = readable.filter(has_begun(self.on)) if self.past else readable
        return begun if self.archived else begun.filter(archived_on=None)

    def shows(self, measure: str = "") -> Q:
        """Whether a measure is in one of the lists looked at."""
        here = is_open_to(self.who, f"{measure}reform_list__")
        return here if self.archived else here & Q(**{f"{measure}reform_list__archived_on": None})

    def counts(self, measure: str = "") -> Q:
        """Whether a measure is in one of the lists looked at, and counts as far as may be seen."""
        # Also where only some lists tell their status: `that_count` lets the stopped measures of the others count.
        return self.shows(measure) & that_count(measure, facts=self.facts, sees_status=self.sees_every_status)


def counted_measures(view: Viewpoint) -> MeasureQuerySet:
    """The measures that count, seen from there."""
    known: MeasureQuerySet = Measure.objects.known(view.then)
    return known.filter(view.counts())


def viewpoint(who: Principal, on: dt.date, slugs: Collection[str] = (), *, today: dt.date | None = None) -> Viewpoint:
    """The viewpoint on the lists `slugs`; on all that are open to `who` and not archived when empty.

    With `today`, an earlier `on` is a past day.
    """
    published = {(True, True)} if may(who, Verb.READ_STATUS) else _published(who, slugs)
    told = {status for status, _agencies in published}
    return Viewpoint(
        who=who,
        on=on,
        sees_status=True in told,
        sees_every_status=told == {True},
        sees_agencies=(True, True) in published and (True, False) not in published,
        past=today is not None and on < today,
        archived=bool(slugs),
    )


def _published(who: Principal, slugs: Collection[str]) -> set[tuple[bool, bool]]:
    """Whether lists publish their status, and tables of agencies: each pair that there is."""
    lists = ReformList.objects.readable_by(who)
    lists = lists.filter(slug__in=slugs) if slugs else lists.filter(archived_on=None)
    return set(lists.order_by().values_list("public_status", "public_agencies").distinct())


@dataclass(frozen=True, slots=True)
class Party:
    """An agency as printed beside a measure; `status` is its own, None for groups and where it may not be seen.
    An open group is a collective name whose members are named beside each measure."""

    id: int
    name: str
    full_name: str
    name_en: str
    is_collective: bool
    is_open: bool
    status: Status | None

    @property
    def said(self) -> str:
        """The name for the page's language."""
        return in_language(self.name, self.name_en)


@dataclass(frozen=True, slots=True)
class SectionHeading:
    """A section's title in both languages."""

    title: str
    title_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRow:
    """One measure with everything a list shows. What the viewpoint may not see is None."""

    id: int
    list_slug: str
    list_title: str
    list_short_title: str
    section_no: int
    section_title: str
    section_title_en: str
    item_no: int
    item_title: str
    is_national: bool
    seq_in_item: int
    title: str
    text: str
    lead_note: str
    deadline_text: str
    deadline: dt.date | None
    deadline_in_force: dt.date | None
    is_standing: bool
    status: Status | None
    disposition: Disposition
    light: Light | None
    first_report_on: dt.date | None
    last_report_on: dt.date | None
    claimed_on: dt.date | None
    closed_on: dt.date | None
    result: str | None
    version: int | None
    updated_at: dt.datetime | None
    edition_no: int
    file_name: str
    row: int
    on: dt.date
    several: bool
    leads: tuple[Party, ...]
    responsible: tuple[Party, ...]

    @property
    def list_said(self) -> str:
        """The short name of its list where it has one."""
        return self.list_short_title or self.list_title

    @property
    def section(self) -> SectionHeading:
        """Its section in both languages, for `said` in templates."""
        return SectionHeading(self.section_title, self.section_title_en)

    @property
    def is_done(self) -> bool:
        """Whether it was claimed or closed as a whole, as far as may be seen."""
        return self.status in DONE

    @property
    def days_left(self) -> int | None:
        """Days to the shown deadline; negative when past, None without one, and while they are not counted: of what is
        claimed in time, done, in place, suspended, cancelled or withdrawn."""
        stands_still = self.disposition != Disposition.ACTIVE or (self.light and self.light not in RUNNING)
        day = None if stands_still else self.shown_deadline
        return (day - self.on).days if day else None

    @property
    def shown_deadline(self) -> dt.date | None:
        """The current deadline, or the printed one where there is none to be seen."""
        return self.deadline_in_force or self.deadline

    @property
    def shape(self) -> str:
        """That of its light; empty where the light may not be seen."""
        return SHAPES[self.light] if self.light else ""

    @property
    def number(self) -> str:
        """The item's number as printed, star included: 7*."""
        return f"{self.item_no}{'*' if self.is_national else ''}"

    @property
    def place(self) -> str:
        """That of the item, and where this has several measures in its list also which of them it is: 51-2."""
        return f"{self.item_no}-{self.seq_in_item}" if self.several else str(self.item_no)


VALUES = {
    "list_slug": F("reform_list__slug"),
    "list_title": F("reform_list__title"),
    "list_short_title": F("reform_list__short_title"),
    "section_no": F("section__number"),
    "section_title": F("section__title"),
    "section_title_en": F("section__title_en"),
    "item_no": F("item__number"),
    "item_title": F("item__title"),
    "is_national": F("item__is_national"),
    "edition_no": F("edition__number"),
    "file_name": F("edition__file_name"),
    # Whether its item has other measures in the list.
    "several": Exists(
        Measure.objects.filter(item=OuterRef("item"))
        .exclude(pk=OuterRef("pk"))
        .exclude(disposition=Disposition.WITHDRAWN)
    ),
    # Not shown; it says of which rows the status may be told.
    "public_status": F("reform_list__public_status"),
}
PLAIN = (
    "id",
    "seq_in_item",
    "title",
    "text",
    "lead_note",
    "deadline_text",
    "deadline",
    "deadline_in_force",
    "is_standing",
    "status",
    "disposition",
    "first_report_on",
    "last_report_on",
    "claimed_on",
    "closed_on",
    "result",
    "version",
    "updated_at",
    "row",
)
# None for whoever may not see the status. What is missing here everybody sees; no test can know it.
STATUS_ONLY = (
    "deadline_in_force",
    "status",
    "first_report_on",
    "last_report_on",
    "claimed_on",
    "closed_on",
    "result",
    "version",
    "updated_at",
)
CHUNK = 1000


def measure_rows(measures: MeasureQuerySet, view: Viewpoint) -> list[MeasureRow]:
    """The rows of a page of measures in its order: three queries, whatever its size."""
    values = list(_values(measures, view))
    ids = [value["id"] for value in values]
    told = {value["id"] for value in values if view.sees_every_status or value["public_status"]}
    # The log is read for measures only: on a past day single agencies show no status.
    parties = _parties(ids, told if not view.past else set())
    return [_row(value, parties, view) for value in values]


def _values(measures: MeasureQuerySet, view: Viewpoint) -> Iterator[dict[str, Any]]:
    """The plain values; of a past day where the measures stood then."""
    if not view.past:
        yield from measures.values(*PLAIN, **VALUES)
        return
    then = {f"then_{name}": F(f"past__{name}") for name in PastState.FACTS}
    for value in measures.as_of(view.on).values(*PLAIN, **VALUES, **then):
        told = value["last_report_on"]
        value |= {name: value.pop(f"then_{name}") for name in PastState.FACTS}
        # PastState does not keep it: today's is shown where it had come by then.
        value["last_report_on"] = told if told and told <= view.on else None
        yield value


def rows_with(ids: Sequence[int], view: Viewpoint) -> list[MeasureRow]:
    """The rows of the measures with these ids in that order; one that has gone is left out. What finds and sorts them
    is asked for the ids alone, since long texts make rows slow to sort."""
    by_id = {row.id: row for row in measure_rows(Measure.objects.filter(pk__in=ids), view)}
    return [by_id[pk] for pk in ids if pk in by_id]


def all_rows(measures: MeasureQuerySet, view: Viewpoint) -> Iterator[MeasureRow]:
    """The rows of any number of measures in their order, read in chunks of CHUNK so that memory stays flat."""
    ids = list(measures.values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        yield from rows_with(ids[start : start + CHUNK], view)


def _row(value: dict[str, Any], parties: "dict[tuple[int, str], list[Party]]", view: Viewpoint) -> MeasureRow:
    pk = value["id"]
    leads = tuple(parties.get((pk, Part.LEAD), ()))
    responsible = tuple(parties.get((pk, Part.RESPONSIBLE), ()))
    facts = dict(value, disposition=Disposition(value["disposition"]), on=view.on, leads=leads, responsible=responsible)
    if facts.pop("public_status") or view.sees_every_status:
        facts |= {"status": Status(value["status"]), "light": light_of(_dates(value), view.on)}
        # Of what others have not yet claimed, or was not done by then, no result is told.
        facts["result"] = value["result"] if value["status"] == Status.CLOSED else ""
    else:
        facts |= dict.fromkeys(STATUS_ONLY) | {"light": None}
        # That the office stopped it is status too.
        if value["disposition"] in STOPPED:
            facts["disposition"] = Disposition.ACTIVE
    return MeasureRow(**facts)


def _dates(value: dict[str, Any]) -> Dates:
    return Dates(**{name: value[name] for name in Dates.__slots__})


def _parties(ids: list[int], told: Collection[int]) -> dict[tuple[int, str], list[Party]]:
    """The agencies beside the measures, with their own status on those of which it is `told`."""
    own = _own_statuses(list(told)) if told else {}
    parties: dict[tuple[int, str], list[Party]] = {}
    # Values: as objects, assignments and agencies were a third of what a page of the API costs.
    beside = Assignment.objects.filter(measure__in=ids).order_by("measure", "part", "order")
    for measure, part, agency, name, full_name, name_en, kind in beside.values_list(
        "measure_id", "part", "agency_id", "printed_name", "agency__full_name", "agency__name_en", "agency__kind"
    ):
        party = Party(
            id=agency,
            name=name,  # as printed, whatever the agency is called by now
            full_name=full_name,
            name_en=name_en,
            is_collective=kind != Agency.Kind.SINGLE,
            is_open=kind == Agency.Kind.OPEN,
            status=own.get((measure, agency)),
        )
        parties.setdefault((measure, part), []).append(party)
    return parties


def _own_statuses(ids: list[int]) -> dict[tuple[int, int], Status]:
    """By measure and agency; a dissolved agency that is printed shows the status of who took over from it."""
    own = {}
    duties = Duty.objects.filter(measure__in=ids).order_by()
    for measure, agency, via, kind, status in duties.values_list(
        "measure_id", "agency_id", "via_id", "via__kind", "status"
    ):
        own[measure, agency] = Status(status)
        if via and kind == Agency.Kind.SINGLE:
            own[measure, via] = Status(status)
    return own


def sections_with_counts(sections: QuerySet[Section], view: Viewpoint) -> QuerySet[Any]:
    """Adds `item_count` and `measure_count`: how many items and measures of each count."""
    counts = view.counts("measures__")
    return sections.annotate(
        measure_count=Count("measures", filter=counts, distinct=True),
        item_count=Count("measures__item", filter=counts, distinct=True),
    )


def of_measure(row: MeasureRow, via: Agency | None = None) -> dict[str, Any]:
    """A measure in the shape of reforms.api.shapes.lists.MeasureShape."""
    return {
        "id": row.id,
        "list": {"slug": row.list_slug, "title": row.list_title},
        "section": {"number": row.section_no, "title": row.section_title},
        "item": {"number": row.item_no, "title": row.item_title, "national": row.is_national},
        "seq_in_item": row.seq_in_item,
        "title": row.title,
        "text": row.text,
        "lead_note": row.lead_note,
        "lead": [of_party(party) for party in row.leads],
        "responsible": [of_party(party) for party in row.responsible],
        "via": {"id": via.pk, "name": via.name} if via else None,
        "deadline_text": row.deadline_text,
        "deadline": row.deadline,
        "deadline_in_force": row.deadline_in_force,
        "standing": row.is_standing,
        "status": row.status,
        "light": row.light,
        "disposition": row.disposition,
        "last_report_on": row.last_report_on,
        "closed_on": row.closed_on,
        "result": row.result,
        "updated_at": local_time(row.updated_at),
        "version": row.version,
        "source": {"edition": row.edition_no, "file": row.file_name, "row": row.row},
        "url": settings.SITE_URL + reverse("measure", args=[row.id]),
    }


def of_party(party: Party) -> dict[str, Any]:
    return {"id": party.id, "name": party.name, "full_name": party.full_name, "status": party.status}
