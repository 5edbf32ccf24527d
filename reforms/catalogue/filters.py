"""The one set of filters, and the orders that may be asked for. Page, API and export read the address through it;
unknown keys and values are refused."""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import django_filters as df
from django.core.exceptions import ValidationError
from django.db.models import Case, DateField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.access import Principal
from agencies.models import Agency, GroupMember
from reforms.catalogue.rows import Viewpoint, viewpoint
from reforms.lib.filters import (
    FilterProblem,
    Many,
    One,
    Problems,
    StrictFilter,
    _existing,
    check_not_ahead,
    me_is_nobody,
    read_agencies,
    read_agencies_or_me,
    read_choice,
    read_choices,
    read_day,
    read_days,
    read_moment,
    read_numbers,
    read_yes_or_no,
    stripped,
    unknown,
)
from reforms.models import (
    DECLARED,
    Assignment,
    Disposition,
    Duty,
    Item,
    Light,
    Measure,
    MeasureQuerySet,
    NamedMember,
    Part,
    ReformList,
    Section,
    Status,
    deadline_moved,
    is_closed,
    is_held_by,
    is_printed_for,
    light_rank,
)
from reforms.search.agencies import KnownNames
from reforms.search.measures import holding

# The orders in which measures may be asked for, by a column, one way or the other. Each ends with the id: where values
# are equal, no row stands on two pages or on none. All columns of an order run in the same direction, as cursors of the
# API need it; measures without a value come last either way.
ORDERINGS = {
    "number": ("reform_list_id", "row", "id"),
    "-number": ("-reform_list_id", "-row", "-id"),
    "lead": ("lead_or_last", "reform_list_id", "row", "id"),
    "-lead": ("-lead_or_first", "-reform_list_id", "-row", "-id"),
    "deadline": ("deadline_or_last", "id"),
    "-deadline": ("-deadline_or_first", "-id"),
    "light": ("light_rank", "deadline_or_last", "id"),
    "-light": ("-light_rank", "-deadline_or_first", "-id"),
    "last_report_on": ("reported_or_last", "id"),
    "-last_report_on": ("-reported_or_first", "-id"),
    "closed_on": ("closed_or_last", "id"),
    "-closed_on": ("-closed_or_first", "-id"),
    "updated_at": ("updated_at", "id"),
    "-updated_at": ("-updated_at", "-id"),
}
# The order alone would tell where measures stand and what moved last. No test can know which these are.
STATUS_ORDERINGS = frozenset(
    sign + name for name in ("light", "last_report_on", "closed_on", "updated_at") for sign in ("", "-")
)
# Beyond any id.
NO_LEAD_FIRST, NO_LEAD_LAST = 0, 2**31 - 1


def sort_keys(order_by: Sequence[str], view: Viewpoint) -> dict[str, Combinable]:
    """What of an order is no column of a measure, seen from there, by the names used above. The deadlines are with
    every query of the filters (`with_shown_deadline`)."""
    wanted = {name.removeprefix("-") for name in order_by}
    return {name: key(view) for name, key in KEYS.items() if name in wanted}


def _first_lead() -> Subquery:
    """The agency that is printed first as lead. By its id, in which order agencies stand everywhere."""
    leads = Assignment.objects.filter(measure=OuterRef("pk"), part=Part.LEAD).order_by("order")
    return Subquery(leads.values("agency_id")[:1], output_field=IntegerField())


def _reported_by(view: Viewpoint) -> Combinable:
    # As rows show it: of a past day today's, if it had come by then (PastState does not keep it).
    if not view.past:
        return F("last_report_on")
    return Case(When(Q(last_report_on__lte=view.on), then=F("last_report_on")), default=None)


def _day(day: dt.date) -> Value:
    return Value(day, output_field=DateField())


KEYS: dict[str, Callable[[Viewpoint], Combinable]] = {
    "lead_or_first": lambda _view: Coalesce(_first_lead(), NO_LEAD_FIRST),
    "lead_or_last": lambda _view: Coalesce(_first_lead(), NO_LEAD_LAST),
    "light_rank": lambda view: light_rank(view.on, prefix=view.facts),
    "reported_or_first": lambda view: Coalesce(_reported_by(view), _day(dt.date.min)),
    "reported_or_last": lambda view: Coalesce(_reported_by(view), _day(dt.date.max)),
    "closed_or_first": lambda view: Coalesce(F(f"{view.facts}closed_on"), _day(dt.date.min)),
    "closed_or_last": lambda view: Coalesce(F(f"{view.facts}closed_on"), _day(dt.date.max)),
}


# What tells of status. Visitors may ask for whatever is missing here, also of lists that publish none; no test knows.
STATUS_FILTERS = frozenset({"status", "light", "outlook", "extended", "closed_late", "updated_since", "disposition"})


def read_slugs(values: list[str]) -> list[str]:
    """Lists by the last part of their address. Raises ValidationError for one that is not there."""
    return _existing(values, ReformList.objects.filter(slug__in=values).values_list("slug", flat=True))


def read_sections(values: list[str]) -> list[int]:
    """Numbers of sections, of whatever list. Raises ValidationError for one that no list has."""
    numbers = read_numbers(values)
    return _existing(numbers, _numbers(Section.objects.filter(number__in=numbers)))


def read_items(values: list[str]) -> list[int]:
    """Numbers of items, of whatever list. Raises ValidationError for one that no list has."""
    numbers = read_numbers(values)
    return _existing(numbers, _numbers(Item.objects.filter(number__in=numbers)))


def _numbers(found: QuerySet[Any]) -> QuerySet[Any]:
    # Each once: every list has a section and an item of that number.
    return found.order_by().values_list("number", flat=True).distinct()


def _asked_day(data: QueryDict) -> dt.date | None:
    """The date `on` of the address; None when it is missing or wrong (which `problems` will say)."""
    try:
        return parse_date(data.get("on", ""))
    except ValueError:
        return None


class SectionFilter(StrictFilter):
    """The filters on sections."""

    list = Many(field_name="reform_list__slug", read=read_slugs, label=_("清单"))

    class Meta:
        model = Section
        fields: tuple[str, ...] = ()


class ItemFilter(SectionFilter):
    """The filters on items."""

    section = Many(field_name="section__number", read=read_sections, label=_("任务类别"))
    number = Many(field_name="number", read=read_items, label=_("事项序号"))
    national = One(field_name="is_national", read=read_yes_or_no, label=_("国家改革任务"))

    class Meta:
        model = Item
        fields: tuple[str, ...] = ()


class AgencyFilter(StrictFilter):
    """The filters on agencies."""

    name = Many(method="by_name", read=read_agencies, label=pgettext_lazy("one", "单位"))
    kind = Many(read=read_choices(Agency.Kind.values), label=_("类别"))
    printed = One(method="by_print", read=read_yes_or_no, label=_("清单印有其名"))

    class Meta:
        model = Agency
        fields: tuple[str, ...] = ()

    def by_name(self, qs: QuerySet[Agency], name: str, value: Sequence[int]) -> QuerySet[Agency]:
        """Names, other names and ids were read into ids."""
        return qs.filter(pk__in=value)

    def by_print(self, qs: QuerySet[Agency], name: str, value: bool) -> QuerySet[Agency]:  # noqa: FBT001  # django-filter calls it so
        """Those beside which measures that count are printed, or the others."""
        printed = Exists(Assignment.objects.filter(self.view.counts("measure__"), agency=OuterRef("pk")))
        return qs.filter(printed if value else ~printed)


class MeasureFilter(StrictFilter):
    """The filters on measures. Bounds are inclusive; a repeated parameter means any of its values.

    Without `disposition` only those that count are meant: neither withdrawn nor suspended nor cancelled.
    """

    id = Many(field_name="pk", read=read_numbers, label=_("编号"))
    list = Many(field_name="reform_list__slug", read=read_slugs, label=_("清单"))
    section = Many(field_name="section__number", read=read_sections, label=_("任务类别"))
    item = Many(field_name="item__number", read=read_items, label=_("事项序号"))
    agency = Many(method="by_agency", read=read_agencies_or_me, label=pgettext_lazy("one", "单位"))
    role = Many(method="read_elsewhere", read=read_choices(Part.values), label=_("分工"))
    lead = Many(method="by_lead", read=read_agencies, label=_("牵头单位"))
    responsible = Many(method="by_responsible", read=read_agencies, label=_("责任单位"))
    holder = Many(method="by_holder", read=read_agencies, label=_("承担单位"))
    via = Many(method="by_way", read=read_agencies, label=_("经由"))
    without_members = One(method="by_members", read=read_yes_or_no, label=_("统称尚无成员"))
    deadline = Many(method="by_deadline", read=read_days, label=_("时限"))
    deadline_after = One(method="by_first_day", read=read_day, label=_("时限不早于"))
    deadline_before = One(method="by_last_day", read=read_day, label=_("时限不晚于"))
    status = Many(method="by_status", read=read_choices(Status.values), label=_("状态"))
    disposition = Many(method="by_disposition", read=read_choices(Disposition.values), label=_("在册情况"))
    light = Many(method="by_light", read=read_choices(Light.values), label=_("亮灯"))
    outlook = Many(method="by_outlook", read=read_choices(DECLARED), label=_("申报情况"))
    national = One(field_name="item__is_national", read=read_yes_or_no, label=_("国家改革任务"))
    standing = One(method="by_standing", read=read_yes_or_no, label=_("持续巩固"))
    extended = One(method="by_extension", read=read_yes_or_no, label=_("经延期或调整"))
    closed_late = One(method="by_lateness", read=read_yes_or_no, label=_("逾期销号"))
    search = df.CharFilter(method="by_words", label=_("搜索"), max_length=100)
    updated_since = One(method="by_change", read=read_moment, label=_("更新不早于"))
    on = One(method="read_elsewhere", read=read_day, label=_("截至"))
    ordering = One(method="read_elsewhere", read=read_choice(ORDERINGS), label=_("排序"))

    class Meta:
        model = Measure
        fields: tuple[str, ...] = ()

    def __init__(
        self,
        data: QueryDict,
        *,
        view: Viewpoint,
        today: dt.date | None = None,
        controls: frozenset[str] = frozenset(),
    ) -> None:
        self.today = today or view.on
        super().__init__(data, queryset=Measure.objects.all(), controls=controls, view=view)

    @classmethod
    def read(
        cls, data: QueryDict, *, who: Principal, today: dt.date, controls: frozenset[str] = frozenset()
    ) -> "MeasureFilter":
        """The filters of an address, seen by `who` on `today` (or on the date the address asks for)."""
        said = stripped(data)
        # PostgreSQL refuses a NUL in a text. `problems` says so of the value.
        slugs = [slug for slug in said.getlist("list") if slug and "\x00" not in slug]
        asked = _asked_day(said)
        # A day to come is refused by `problems`; the view never lies ahead.
        view = viewpoint(who, min(asked or today, today), slugs, today=today)
        return cls(said, view=view, today=today, controls=controls)

    def problems(self) -> Problems:
        """Also what only whoever asks, or two parameters together, make wrong."""
        found = super().problems()
        try:
            check_not_ahead(self.chosen("on") or self.today, self.today)
        except ValidationError as error:
            found.append(FilterProblem("on", error.code or "", error.messages[0]))
        if self.chosen("role") and not self.chosen("agency"):
            found.append(FilterProblem("role", "needs_agency", str(_("请同时给出 agency。"))))
        if None in (self.chosen("agency") or ()) and not self.view.who.agencies():
            found.append(me_is_nobody())
        found += [FilterProblem("list", "unknown_value", unknown(slug).messages[0], slug) for slug in self._not_open()]
        why = str(_("该清单的进展状态未公开，请先登录。"))
        return found + [FilterProblem(name, "not_public", why) for name in self._not_public()]

    def _not_open(self) -> set[str]:
        """Lists that are there but not open to whoever asks: they are told of as of lists that do not exist."""
        slugs = set(self.chosen("list") or ())
        known = ReformList.objects.readable_by(self.view.who).filter(slug__in=slugs) if slugs else ()
        return slugs - {one.slug for one in known}

    def _not_public(self) -> Sequence[str]:
        """What cannot be told: a filter on status where no list tells it, an order by it where one does not."""
        asked = {name for name in self.data if self.data[name]}
        filters = () if self.view.sees_status else sorted(STATUS_FILTERS & asked)
        by_status = self.chosen("ordering") in STATUS_ORDERINGS and not self.view.sees_every_status
        return [*filters, "ordering"] if by_status else filters

    def measures(self, *, without: str = "", every_disposition: bool = False) -> MeasureQuerySet:
        """The measures asked for, unordered; `without` leaves one filter out (for its facet)."""
        every = every_disposition or self.chosen("disposition")
        known: MeasureQuerySet = self.queryset.known(self.view.then)
        asked = known.filter(self.view.shows() if every else self.view.counts())
        # Before the filters, several of which ask for `shown_deadline`.
        found = asked.with_shown_deadline(self.view.deadline)
        for name, value in self.form.cleaned_data.items():
            if name != without:
                found = self.filters[name].filter(found, value)
        return found

    def ordered(self) -> MeasureQuerySet:
        """The measures asked for, in the order asked for."""
        return self.sortable().order_by(*self.order_by)

    def sortable(self) -> MeasureQuerySet:
        """The measures asked for with what that order needs, unordered."""
        return self.measures().annotate(**sort_keys(self.order_by, self.view))

    @property
    def order_by(self) -> tuple[str, ...]:
        """The columns of that order; as printed where none is given."""
        return ORDERINGS[self.chosen("ordering") or "number"]

    def by_agency(self, qs: MeasureQuerySet, name: str, value: Sequence[int | None]) -> MeasureQuerySet:
        """Printed agencies by what is printed; one's own by what one must act on, groups included
        (docs/adr/0001-printed-agency-and-duty.md)."""
        parts = self.chosen("role")
        printed = is_printed_for([pk for pk in value if pk is not None], parts)
        own = is_held_by(self.view.who.agencies() if None in value else (), parts)
        return qs.filter(Q(printed) | Q(own))

    def read_elsewhere(self, qs: MeasureQuerySet, name: str, value: Any) -> MeasureQuerySet:
        """A parameter that changes how others are read and filters nothing itself."""
        return qs

    def by_lead(self, qs: MeasureQuerySet, name: str, value: Sequence[int]) -> MeasureQuerySet:
        """Those beside which one of the agencies is printed as lead."""
        return qs.printed_for(value, Part.LEAD)

    def by_responsible(self, qs: MeasureQuerySet, name: str, value: Sequence[int]) -> MeasureQuerySet:
        """Those beside which one of the agencies is printed as responsible."""
        return qs.printed_for(value, Part.RESPONSIBLE)

    def by_holder(self, qs: MeasureQuerySet, name: str, value: Sequence[int]) -> MeasureQuerySet:
        """Those on which one of the agencies must act."""
        return qs.held_by(value)

    def by_way(self, qs: MeasureQuerySet, name: str, value: Sequence[int]) -> MeasureQuerySet:
        """Those on which somebody (one of `holder` where that is given) acts through a group, or a dissolved agency,
        that is printed: not those beside which they are printed themselves."""
        through = Duty.objects.filter(measure=OuterRef("pk"), via__in=value)
        holders = self.chosen("holder")
        return qs.filter(Exists(through.of(holders) if holders else through))

    def by_members(self, qs: MeasureQuerySet, name: str, value: bool) -> MeasureQuerySet:  # noqa: FBT001  # django-filter calls it so
        """Those beside which a group is printed for which nobody acts yet, or the others."""
        named = NamedMember.objects.filter(measure=OuterRef("measure"), group=OuterRef("agency"))
        members = GroupMember.objects.filter(group=OuterRef("agency"))
        beside = Assignment.objects.filter(measure=OuterRef("pk")).exclude(agency__kind=Agency.Kind.SINGLE)
        nobody = Exists(beside.filter(~Exists(named), ~Exists(members)))
        return qs.filter(nobody if value else ~nobody)

    def by_deadline(self, qs: MeasureQuerySet, name: str, value: Sequence[dt.date | None]) -> MeasureQuerySet:
        """By the deadline that may be shown; `none` finds those without one."""
        days = [day for day in value if day]
        # Q(pk=None) matches nothing.
        return qs.filter(Q(shown_deadline__in=days) | (Q(shown_deadline=None) if None in value else Q(pk=None)))

    def by_first_day(self, qs: MeasureQuerySet, name: str, value: dt.date | None) -> MeasureQuerySet:
        """Those with a deadline on that day or later."""
        return qs.filter(shown_deadline__gte=value)

    def by_last_day(self, qs: MeasureQuerySet, name: str, value: dt.date | None) -> MeasureQuerySet:
        """Those with a deadline on that day or earlier."""
        return qs.filter(shown_deadline__lte=value)

    def by_light(self, qs: MeasureQuerySet, name: str, value: Sequence[str]) -> MeasureQuerySet:
        """Those that show one of the lights on the day that is looked at."""
        return self._told(qs).with_light(self.view.on, facts=self.view.facts).filter(light__in=value)

    def by_status(self, qs: MeasureQuerySet, name: str, value: Sequence[str]) -> MeasureQuerySet:
        """Those with one of the statuses on the day that is looked at."""
        return self._told(qs).filter(**{f"{self.view.facts}status__in": value})

    def _told(self, qs: MeasureQuerySet) -> MeasureQuerySet:
        """Those whose status may be seen; the others match no filter on it."""
        return qs.filter(self.view.tells_status())

    def by_disposition(self, qs: MeasureQuerySet, name: str, value: Sequence[str]) -> MeasureQuerySet:
        """Those with one of the dispositions on the day that is looked at."""
        return self._told(qs).filter(**{f"{self.view.facts}disposition__in": value})

    def by_standing(self, qs: MeasureQuerySet, name: str, value: bool) -> MeasureQuerySet:  # noqa: FBT001  # django-filter calls it so
        """Those in place (持续巩固), or the others."""
        return qs.filter(**{f"{self.view.facts}is_standing": value})

    def by_outlook(self, qs: MeasureQuerySet, name: str, value: Sequence[str]) -> MeasureQuerySet:
        """Those of which an agency that acts on them declares it in its latest report."""
        return self._told(qs).filter(Exists(Duty.objects.filter(measure=OuterRef("pk"), outlook__in=value)))

    def by_extension(self, qs: MeasureQuerySet, name: str, value: bool) -> MeasureQuerySet:  # noqa: FBT001  # django-filter calls it so
        """Those whose deadline was moved by the day that is looked at, or the others."""
        moved = deadline_moved(self.view.then)
        return self._told(qs).filter(moved if value else ~moved)

    def by_lateness(self, qs: MeasureQuerySet, name: str, value: bool) -> MeasureQuerySet:  # noqa: FBT001  # django-filter calls it so
        """Those closed by the day that is looked at that were claimed after their deadline, or those in time."""
        return self._told(qs).filter(is_closed(self.view.on, late=value, prefix=self.view.facts))

    def by_change(self, qs: MeasureQuerySet, name: str, value: dt.datetime) -> MeasureQuerySet:
        """Those changed at that moment or later."""
        return self._told(qs).filter(updated_at__gte=value)

    def by_words(self, qs: MeasureQuerySet, name: str, value: str) -> MeasureQuerySet:
        """Those that hold every word, or are of agencies called so."""
        # Facets, count and rows ask for the same words; the names are read once for all of them.
        return holding(qs, value, lambda: self.known_names)

    @cached_property
    def known_names(self) -> KnownNames:
        """Every name of every agency."""
        return KnownNames()
