"""本期未报送: who has not reported in a period, and the office's word to them (催办)."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import Principal, Verb, access, acting, agencies_for, may, principal_of, today
from agencies.lib.left_out import LeftOut, usable_form
from agencies.models import Agency
from reforms.lib.filters import tell_day_ahead
from reforms.lib.tables import csv_response
from reforms.models import Delivery, Duty, DutyQuerySet, Measure, Notice, ReformList
from reforms.office.chasing import Chase, Chased, ChasedMeanwhile, asked_in_period, chase_owing, chases, last_chases
from reforms.office.chat import NAMED, chat_line
from reforms.pages.forms import short_words
from reforms.pages.office.forms import TickAgencies
from reforms.pages.paging import PAGE_SIZE
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.letters import contacts_of
from reforms.reminders.report_days import due_by, due_in, not_on_time
from reforms.reminders.told import LastReminder, last_reminders
from reforms.reports.owed import OwedReports
from reforms.reports.periods import Asked, Owing, Span, asked_on, unreported

# Lists with the same periods are counted beyond these, and a text for a chat names no more contacts.
LISTS_NAMED = CONTACTS_NAMED = 5


class ShownForm(forms.Form):
    """What the address asks for."""

    list = forms.ModelChoiceField(
        ReformList.objects.all(), label=gettext_lazy("清单"), to_field_name="slug", required=False
    )
    agency = forms.ModelChoiceField(Agency.objects.known(), label=pgettext_lazy("one", "单位"), required=False)
    on = forms.DateField(label=gettext_lazy("含此日的报送期"), required=False)
    overdue = forms.ChoiceField(label=gettext_lazy("逾期未报"), choices=[("true", "true")], required=False)
    late = forms.ChoiceField(label=gettext_lazy("未按时报送"), choices=[("true", "true")], required=False)

    def __init__(self, data: QueryDict, *, who: Principal) -> None:
        super().__init__(data)
        self.fields["list"].queryset = ReformList.objects.readable_by(who)  # type: ignore[attr-defined]  # a model choice field


@dataclass(frozen=True, slots=True)
class ShownDuties:
    """The duties an address asks for, of those that may be seen, what it asked for and what of it was left out; `late`
    are those of them whose day of report has passed, and `only_late` says that no others were asked for."""

    duties: OwedReports
    periods: list[Asked]
    on: dt.date
    agency: Agency | None
    reform_list: ReformList | None
    overdue: bool
    late: OwedReports
    only_late: bool
    query: str
    left_out: LeftOut

    @property
    def is_present(self) -> bool:
        """Whether it is today's periods that are shown: only in those somebody can still report."""
        return self.periods == asked_on(today(), [asked.reform_list for asked in self.periods])

    def of(self, agencies: Collection[int]) -> DutyQuerySet:
        """Those of these agencies, as they are once the database is asked: whoever reported meanwhile is not among
        them."""
        shown = self.duties.of(agencies)
        found = unreported(self.on, [asked.reform_list for asked in self.periods]).of(shown.counts())
        if self.only_late:
            found = not_on_time(found, self.on, today(), WorkingDays.stored())
        # Only where it must be: the ids of all duties may be more than a query takes.
        return found.filter(pk__in=shown.ids) if self.overdue else found


def _shown(data: QueryDict, who: Principal) -> ShownDuties:
    form, left_out = usable_form(lambda usable: ShownForm(usable, who=who), data)
    said = form.cleaned_data
    # Nobody owes anything yet on a day to come: today is shown, and the page says so.
    on = min(said["on"] or today(), today())
    named = ReformList.objects.filter(pk=said["list"].pk) if said["list"] else None
    lists = named or ReformList.objects.in_work().readable_by(who)
    duties = _owed(who, on, lists, said["agency"])
    if said["overdue"]:
        duties = duties.of_late_claimants()
    late = duties.late(due_by(WorkingDays.stored()), today())
    query = urlencode([(name, value) for name, value in form.data.items() if value and name in form.fields])
    return ShownDuties(
        duties=late if said["late"] else duties,
        periods=asked_on(on, lists),
        on=on,
        agency=said["agency"],
        reform_list=said["list"],
        overdue=bool(said["overdue"]),
        late=late,
        only_late=bool(said["late"]),
        query=query,
        left_out=left_out,
    )


def _owed(who: Principal, on: dt.date, lists: QuerySet[ReformList], agency: Agency | None) -> OwedReports:
    """The office sees everybody's, agencies their own."""
    seen = None if may(who, Verb.READ_REPORTS, ()) else agencies_for(who, Verb.READ_REPORTS)
    if agency:
        seen = frozenset({agency.pk}) & (frozenset({agency.pk}) if seen is None else seen)
    return OwedReports.on(on, list(lists.values_list("pk", flat=True)), seen)


@dataclass(frozen=True, slots=True)
class OwingRow:
    """An agency that owes, when it was last chased by hand and by a reminder, whether it is ticked, and on how many the
    day of report has passed; `chat` is what one pastes into a chat."""

    owing: Owing
    chase: Chase | None
    ticked: bool
    late: int = 0
    reminded: LastReminder | None = None
    chat: str = ""

    @property
    def value(self) -> str:
        """What the tick sends: the agency, and the chase that was looked at."""
        return f"{self.owing.agency.pk}:{self.chase.pk if self.chase else 0}"


def owing_rows(
    owing: Sequence[Owing],
    on: dt.date,
    *,
    ticked: Collection[int] | None = None,
    tick: bool = False,
    late: Mapping[int, int] | None = None,
) -> list[OwingRow]:
    """With the last chase of each. Ticked are `ticked`; where they are None and `tick` is set, all that were not chased
    `on` this day already. `late` counts by agency. Three queries."""
    agencies = [one.agency.pk for one in owing]
    last, reminded = last_chases(agencies), last_reminders(agencies)

    def is_ticked(pk: int) -> bool:
        if ticked is not None:
            return pk in ticked
        return tick and not (pk in last and last[pk].on == on)

    return [
        OwingRow(one, last.get(pk), is_ticked(pk), (late or {}).get(pk, 0), reminded.get(pk))
        for one in owing
        for pk in [one.agency.pk]
    ]


@access(Verb.READ_REPORTS)
@require_http_methods(["GET", "HEAD", "POST"])
def unreported_page(request: HttpRequest) -> HttpResponse:
    """Who has not reported, by list and period; the office chases those it ticks."""
    shown = _shown(request.GET, principal_of(request))
    if request.method == "POST":
        return _chase(request, shown)
    return _page(request, shown)


def _page(
    request: HttpRequest,
    shown: ShownDuties,
    *,
    ticked: Collection[int] | None = None,
    words: str = "",
    meanwhile: Sequence[Chase] = (),
) -> HttpResponse:
    who = principal_of(request)
    tell_day_ahead(request, today())
    every = may(who, Verb.READ_REPORTS, ())
    # The office looks at one agency at a time.
    named = shown.duties.in_order() if shown.agency or not every else ()
    late = shown.late.counts()
    tick = shown.agency is not None
    rows = owing_rows(shown.duties.by_agency(), today(), ticked=ticked, tick=tick, late=late)
    context = {
        "shown": shown,
        "periods": _periods(shown.periods),
        "owing": _with_chat(rows, overdue=shown.overdue, duties=list(named[:NAMED]) if shown.agency else ()),
        "chat_end": _end(asked.reform_list for asked in shown.periods),
        "late": late.total(),
        "today": today(),
        "duties": Paginator(named, PAGE_SIZE).get_page(request.GET.get("page")),
        "sees_all": every,
        "lists": ReformList.objects.in_work().readable_by(who),
        "may_chase": may(who, Verb.STEER) and shown.is_present,
        "without_agency": _query_without_agency(shown),
        "words": words,
        "meanwhile": meanwhile,
    }
    return render(request, "office/unreported.html", context, status=409 if meanwhile else 200)


def _with_chat(rows: Sequence[OwingRow], *, overdue: bool, duties: Sequence[Duty] = ()) -> list[OwingRow]:
    """With what one pastes into a chat; `duties` are the first of the only agency's, which are named."""
    measures = [duty.measure for duty in duties]
    return [replace(row, chat=chat_line(row.owing, row.late, overdue=overdue, measures=measures)) for row in rows]


@dataclass(frozen=True, slots=True)
class ToPaste:
    """What one pastes into a chat on other pages: the agencies with their lines, and whom to ask."""

    rows: Sequence[OwingRow] = ()
    end: str = ""


def to_paste(owed: OwedReports, on: dt.date, *, overdue: bool = False, named: bool = False) -> ToPaste:
    """What agencies owe in today's periods; `named` names the first of it."""
    if not len(owed):
        return ToPaste()
    late = owed.late(due_by(WorkingDays.stored()), on).counts()
    rows = owing_rows(owed.by_agency(), on, tick=True, late=late)
    lists = list(ReformList.objects.filter(pk__in=set(owed.lists.tolist()))[: CONTACTS_NAMED + 1])
    return ToPaste(
        _with_chat(rows, overdue=overdue, duties=owed.in_order()[:NAMED] if named else ()),
        _end(lists) if len(lists) <= CONTACTS_NAMED else "",
    )


def _end(lists: Iterable[ReformList]) -> str:
    said = contacts_of(lists)
    return "\n".join(said) if len(said) <= CONTACTS_NAMED else ""


Due = tuple[str, Span | None, dt.date | None]


@dataclass(frozen=True, slots=True)
class SamePeriods:
    """The lists that ask for the same periods by the same days: of what is under way and of what stands."""

    lists: Sequence[ReformList]
    spans: tuple[Due, ...]

    @property
    def named(self) -> Sequence[ReformList]:
        """As many of the lists as are named."""
        return self.lists[:LISTS_NAMED]


def _periods(periods: Sequence[Asked]) -> list[SamePeriods]:
    days = WorkingDays.stored()

    def due(asked: Asked, span: Span | None) -> dt.date | None:
        return due_in(span, asked.reform_list.report_day, days) if span else None

    by_spans: dict[tuple[Due, ...], list[ReformList]] = {}
    for asked in periods:
        under_way = (_("推进中的举措"), asked.under_way, due(asked, asked.under_way))
        standing = (_("持续巩固的举措"), asked.standing, due(asked, asked.standing))
        by_spans.setdefault((under_way, standing), []).append(asked.reform_list)
    return [SamePeriods(lists, spans) for spans, lists in by_spans.items()]


def _query_without_agency(shown: ShownDuties) -> str:
    query = QueryDict(shown.query, mutable=True)
    query.pop("agency", None)
    return query.urlencode()


# More agencies than this are shown once more before they are told.
UNASKED = 5


def _chase(request: HttpRequest, shown: ShownDuties) -> HttpResponse:
    """Tells those that are ticked. Where somebody else chased some of them meanwhile, nobody is told: the page says so
    and no longer ticks them."""
    if not may(principal_of(request), Verb.STEER) or not shown.is_present:
        raise PermissionDenied
    form = TickAgencies(request.POST)
    back = reverse("unreported") + (f"?{shown.query}" if shown.query else "")
    if not form.is_valid():
        messages.error(request, short_words(form))
        return redirect(back)
    words, ticks = form.cleaned_data["words"], dict(form.cleaned_data["agency"])
    seen = {pk: last for pk, last in ticks.items() if last is not None}
    again = _asked_again(shown.of(ticks), seen)
    if (len(ticks) > UNASKED or again) and "confirmed" not in request.POST:
        return _confirm(request, shown, ticks, words, again)
    try:
        done = chase_owing(shown.of(ticks), list(ticks), words=words, seen=seen, **acting(request))
    except ChasedMeanwhile as told:
        chased = {chase.agency.pk for chase in told.chases}
        return _page(request, shown, ticked=set(ticks) - chased, words=words, meanwhile=told.chases)
    messages.success(request, told_of(done))
    return redirect(back)


def _asked_again(owing: DutyQuerySet, seen: Mapping[int, int]) -> frozenset[int]:
    """Who was asked in this period already, and not by somebody meanwhile, which is told otherwise."""
    last = last_chases(list(seen))
    return frozenset(
        pk for pk in asked_in_period(owing, today()) if pk in last and last[pk].pk == seen.get(pk, last[pk].pk)
    )


def _confirm(
    request: HttpRequest, shown: ShownDuties, ticks: Collection[int], words: str, again: Collection[int]
) -> HttpResponse:
    """Whom it goes to, of how much, and who was asked in this period already."""
    asked = shown.duties.of(ticks)
    rows = owing_rows(asked.by_agency(), today(), late=shown.late.counts())
    context = {
        "shown": shown,
        "owing": _with_chat(rows, overdue=shown.overdue),
        "chat_end": _end(asked.reform_list for asked in shown.periods),
        "words": words,
        "measures": asked.measures,
        "again": again,
        "sent": request.POST.getlist("agency"),
    }
    return render(request, "office/chase_confirm.html", context)


def told_of(done: Chased) -> str:
    """What a chase has done, in words."""
    said = _("已催办%(agencies)d个单位，涉及%(measures)d条举措。") % {
        "agencies": done.agencies,
        "measures": done.measures,
    }
    if done.apart:
        said += _("另有%(n)d条由您所在单位承担，须由另一位督办人员催办。") % {"n": done.apart}
    return said


@access(Verb.READ_REPORTS)
@require_safe
def unreported_csv(request: HttpRequest) -> HttpResponse:
    """The same, one row a duty."""
    shown = _shown(request.GET, principal_of(request))
    # A file cannot say what was left out of it; the page can.
    if shown.left_out.struck:
        return redirect(f"{reverse('unreported')}?{request.GET.urlencode()}")
    headings = [_("单位"), _("清单"), _("序号"), _("改革事项"), _("分工"), _("现行时限"), _("最近填报")]
    rows = (
        (
            duty.agency.name,
            str(duty.measure.reform_list),
            duty.measure.item.number,
            duty.measure.title,
            duty.get_part_display(),
            duty.measure.deadline_in_force or "",
            duty.last_report_on or "",
        )
        for duty in shown.duties.in_order()
    )
    return csv_response(_("未报送") + f"-{shown.on.isoformat()}", headings, rows)


def owing_of(agency: Agency, who: Principal, on: dt.date) -> OwedReports:
    """What one agency owes in the present period, for its page; nothing for those who may not read it."""
    return OwedReports.on(on, None if may(who, Verb.READ_REPORTS, [agency.pk]) else (), [agency.pk])


CHASES_SHOWN = 30
MEASURES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ChaseRow:
    """A chase with its letter, whether one is still to be written, and the measures it asked for as far as they are
    shown."""

    chase: Chase
    letter: Delivery | None
    waits: bool
    measures: Sequence[Measure]


@access(Verb.READ_REPORTS)
@require_safe
def chases_page(request: HttpRequest) -> HttpResponse:
    """催办记录: who chased whom when, for what, and what became of the letter. Agencies see their own."""
    who = principal_of(request)
    found = chases(who)
    told = Agency.objects.filter(pk__in=found.order_by().values("agency"))
    form, left_out = usable_form(lambda usable: OneAgencyForm(usable, agencies=told), request.GET)
    agency = form.cleaned_data["agency"]
    page = Paginator(found.filter(agency=agency) if agency else found, CHASES_SHOWN).get_page(request.GET.get("page"))
    context = {"page": page, "rows": _chase_rows(list(page), who), "agencies": told, "agency": agency}
    context["left_out"] = left_out
    return render(request, "office/chases.html", context)


class OneAgencyForm(forms.Form):
    """One agency, or none."""

    agency = forms.ModelChoiceField(Agency.objects.none(), label=pgettext_lazy("one", "单位"), required=False)

    def __init__(self, data: QueryDict, *, agencies: QuerySet[Agency]) -> None:
        super().__init__(data)
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]  # a model choice field


def _chase_rows(notices: Sequence[Notice], who: Principal) -> list[ChaseRow]:
    shown = {notice.pk: Chase.of(notice).measures[:MEASURES_SHOWN] for notice in notices}
    asked = {pk for found in shown.values() for pk in found}
    measures = Measure.objects.readable_by(who).select_related("item").in_bulk(asked)
    return [
        ChaseRow(
            chase=Chase.of(notice),
            letter=notice.delivery,
            waits=notice.by_mail,
            measures=[measures[pk] for pk in shown[notice.pk] if pk in measures],
        )
        for notice in notices
    ]
