"""各单位办理情况: the table, as a page and as a workbook, and the reports and claims behind its numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agencies.access import Principal, Verb, access, agencies_for, may, principal_of, today
from agencies.lib.left_out import LeftOut, usable_form
from agencies.models import Agency
from reforms.catalogue.rows import Viewpoint, viewpoint
from reforms.lib.filters import tell_day_ahead
from reforms.lib.tables import download
from reforms.models import ReformList
from reforms.office.performance import lists_of, numbers_of, performances, reach_of, returned_claims
from reforms.office.performance_sheet import TITLE, write_performance
from reforms.office.punctuality import Outcome, asked_rows, judged, passed_periods
from reforms.pages.paging import PAGE_SIZE

PERIODS_SAID = 3


class PerformanceForm(forms.Form):
    """What the address asks for."""

    list = forms.ModelChoiceField(
        ReformList.objects.none(), label=gettext_lazy("清单"), to_field_name="slug", required=False
    )
    on = forms.DateField(label=gettext_lazy("截至"), required=False)

    def __init__(self, data: QueryDict, *, who: Principal) -> None:
        super().__init__(data)
        self.fields["list"].queryset = ReformList.objects.readable_by(who)  # type: ignore[attr-defined]  # a model choice field


class RowsForm(PerformanceForm):
    """The same, of one agency or all."""

    agency = forms.ModelChoiceField(Agency.objects.known(), label=pgettext_lazy("one", "单位"), required=False)


class ReportsForm(RowsForm):
    outcome = forms.ChoiceField(label=gettext_lazy("结果"), choices=Outcome, required=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """What an address asks for, seen by whoever asks, and what of it was left out. `query` is what other pages take of
    it: list and day."""

    said: Mapping[str, Any]
    view: Viewpoint
    reform_list: ReformList | None
    left_out: LeftOut

    @property
    def query(self) -> str:
        """Empty, or with an ampersand at the end."""
        asked = {"list": self.reform_list.slug} if self.reform_list else {}
        if self.view.past:
            asked["on"] = self.view.on.isoformat()
        return f"{urlencode(asked)}&" if asked else ""


def shown_of(request: HttpRequest, form: type[PerformanceForm]) -> Shown:
    """The address of this page, read by its form."""
    who = principal_of(request)
    read, left_out = usable_form(lambda usable: form(usable, who=who), request.GET)
    tell_day_ahead(request, today())
    said = read.cleaned_data
    on, chosen = min(said["on"] or today(), today()), said["list"]
    view = viewpoint(who, on, [chosen.slug] if chosen else [], today=today())
    return Shown(said, view, chosen, left_out)


@access(Verb.READ_STATUS)
@never_cache
@require_safe
def performance(request: HttpRequest) -> HttpResponse:
    """The table, page by page."""
    shown, who = shown_of(request, PerformanceForm), principal_of(request)
    numbers = numbers_of(shown.view, shown.reform_list)
    reach = reach_of(who, shown.view, shown.reform_list)
    page = Paginator(numbers.agencies(reach), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "shown": shown,
        "view": shown.view,
        "page": page,
        "rows": performances(numbers, list(page), reach),
        "lists": list(lists_of(who, None).only("slug", "title", "short_title")),
        "passed": passed_periods(shown.view.on, lists_of(who, shown.reform_list))[:PERIODS_SAID],
        "only_own": reach.rows is not None,
        "scope": shown.query,
    }
    return render(request, "performance/table.html", context)


@access(Verb.READ_STATUS)
@never_cache
@require_safe
def performance_xlsx(request: HttpRequest) -> HttpResponseBase:
    """The whole table as a workbook."""
    shown, who = shown_of(request, PerformanceForm), principal_of(request)
    # A file cannot say what was left out of it; the page can.
    if shown.left_out.struck or not request.answers_day:  # type: ignore[attr-defined]  # set by shown_of
        return redirect(f"{reverse('performance')}?{request.GET.urlencode()}")
    numbers = numbers_of(shown.view, shown.reform_list)
    reach = reach_of(who, shown.view, shown.reform_list)
    rows = performances(numbers, numbers.agencies(reach), reach)
    name, day = str(shown.reform_list or ""), shown.view.on
    return download(f"{TITLE}-{day.isoformat()}.xlsx", lambda file: write_performance(rows, name, day, file))


@access(Verb.READ_REPORTS)
@never_cache
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """The reports that were asked for in the last period, with when they came: all, or those with one outcome."""
    shown, who = shown_of(request, ReportsForm), principal_of(request)
    lists, outcome = lists_of(who, shown.reform_list), shown.said["outcome"]
    passed = passed_periods(shown.view.on, lists)
    outcomes = [Outcome(outcome)] if outcome else list(Outcome)
    found = judged(passed, lists).with_outcomes(outcomes)
    if not may(who, Verb.READ_REPORTS, ()):
        found = found.of(agencies_for(who, Verb.READ_REPORTS))
    if shown.said["agency"]:
        found = found.of([shown.said["agency"].pk])
    page = Paginator(found.in_order(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "shown": shown,
        "page": page,
        "rows": asked_rows(list(page), passed),
        "outcome": outcome,
        "outcomes": Outcome,
    }
    return render(request, "performance/reports.html", context)


@access(Verb.READ_REPORTS)
@never_cache
@require_safe
def returned(request: HttpRequest) -> HttpResponse:
    """The claims that came back, the latest first."""
    shown, who = shown_of(request, RowsForm), principal_of(request)
    found = returned_claims(shown.view.on, lists_of(who, shown.reform_list))
    if not may(who, Verb.READ_REPORTS, ()):
        found = found.filter(holder__in=agencies_for(who, Verb.READ_REPORTS))
    if shown.said["agency"]:
        found = found.filter(holder=shown.said["agency"].pk)
    found = found.select_related("agency", "duty__agency", "measure__item", "measure__reform_list")
    page = Paginator(found.order_by("-decided_on", "-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "performance/returned.html", {"shown": shown, "page": page})
