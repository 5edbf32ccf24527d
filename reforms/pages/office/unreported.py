"""本期未报送: who has not reported in a period, and the office's word to them."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import Principal, Verb, access, acting, may, principal_of, today
from agencies.models import Agency
from reforms.lib.filters import is_ahead
from reforms.lib.tables import csv_response
from reforms.models import DutyQuerySet, ReformList
from reforms.office.steer import Chased, chase_owing
from reforms.pages.forms import short_words
from reforms.pages.office.forms import TickAgencies
from reforms.pages.paging import PAGE_SIZE
from reforms.reports.periods import Asked, asked_on, by_agency, of_late_claimants, readable_by, unreported


class ShownForm(forms.Form):
    """What the address asks for; what cannot be read is refused by the page."""

    list = forms.ModelChoiceField(ReformList.objects.all(), to_field_name="slug", required=False)
    agency = forms.ModelChoiceField(Agency.objects.known(), required=False)
    on = forms.DateField(required=False)
    overdue = forms.ChoiceField(choices=[("true", "true")], required=False)


@dataclass(frozen=True, slots=True)
class ShownDuties:
    """The duties an address asks for, of those that may be seen, and what it asked for."""

    duties: DutyQuerySet
    periods: list[Asked]
    on: dt.date
    agency: Agency | None
    reform_list: ReformList | None
    overdue: bool
    query: str

    @property
    def is_present(self) -> bool:
        """Whether it is today's periods that are shown: only in those somebody can still report."""
        return self.periods == asked_on(today(), [asked.reform_list for asked in self.periods])


def _shown(data: QueryDict, who: Principal) -> ShownDuties | None:
    form = ShownForm(data)
    form.fields["list"].queryset = ReformList.objects.readable_by(who)  # type: ignore[attr-defined]  # a model choice field
    # A parameter that does not exist is refused: without it more would be shown than was asked for.
    if not form.is_valid() or set(data) - {*form.fields, "page"}:
        return None
    said = form.cleaned_data
    # Nobody owes anything yet on a day to come: today is shown, and the page says so.
    on = min(said["on"] or today(), today())
    lists = [said["list"]] if said["list"] else list(ReformList.objects.in_work().readable_by(who))
    duties = readable_by(who, unreported(on, lists))
    if said["overdue"]:
        duties = of_late_claimants(duties, on)
    if said["agency"]:
        duties = duties.of([said["agency"].pk])
    query = urlencode([(name, value) for name, value in data.items() if value and name != "page"])
    return ShownDuties(duties, asked_on(on, lists), on, said["agency"], said["list"], bool(said["overdue"]), query)


@access(Verb.READ_REPORTS)
@require_http_methods(["GET", "HEAD", "POST"])
def unreported_page(request: HttpRequest) -> HttpResponse:
    """Who has not reported, by list and period; the office chases those it ticks."""
    who = principal_of(request)
    shown = _shown(request.GET, who)
    if shown is None:
        return render(request, "office/unreported_refused.html", status=400)
    request.answers_day = not is_ahead(request.GET.get("on", ""), today())  # type: ignore[attr-defined]  # for base.html
    if request.method == "POST":
        return _chase(request, shown)
    every = may(who, Verb.READ_REPORTS, ())
    # The office looks at one agency at a time.
    named = _rows(shown.duties) if shown.agency or not every else shown.duties.none()
    context = {
        "shown": shown,
        "owing": by_agency(shown.duties),
        "duties": Paginator(named, PAGE_SIZE).get_page(request.GET.get("page")),
        "sees_all": every,
        "lists": ReformList.objects.in_work().readable_by(who),
        "may_chase": may(who, Verb.STEER) and shown.is_present,
        "without_agency": _query_without_agency(shown),
    }
    return render(request, "office/unreported.html", context)


def _query_without_agency(shown: ShownDuties) -> str:
    query = QueryDict(shown.query, mutable=True)
    query.pop("agency", None)
    return query.urlencode()


def _rows(duties: DutyQuerySet) -> DutyQuerySet:
    found = duties.select_related("agency", "measure__item", "measure__reform_list")
    return found.order_by("agency", "measure__reform_list", "measure__row")


def _chase(request: HttpRequest, shown: ShownDuties) -> HttpResponse:
    who = principal_of(request)
    if not may(who, Verb.STEER) or not shown.is_present:
        raise PermissionDenied
    form = TickAgencies(request.POST)
    back = reverse("unreported") + (f"?{shown.query}" if shown.query else "")
    if form.is_valid():
        words = form.cleaned_data["words"]
        done = chase_owing(shown.duties, form.cleaned_data["agency"], words=words, **acting(request))
        messages.success(request, _told(done))
    else:
        messages.error(request, short_words(form))
    return redirect(back)


def _told(done: Chased) -> str:
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
    if shown is None:
        return render(request, "office/unreported_refused.html", status=400)
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
        for duty in _rows(shown.duties)
    )
    return csv_response(_("未报送") + f"-{shown.on.isoformat()}", headings, rows)


def owing_of(agency: Agency, who: Principal, on: dt.date) -> DutyQuerySet:
    """What one agency owes in the present period, for its page; nothing for those who may not read it."""
    if not may(who, Verb.READ_REPORTS, [agency.pk]):
        return unreported(on, [])
    return _rows(unreported(on).of([agency.pk]))
