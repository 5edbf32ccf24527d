"""减负: how often each agency was asked for something in twelve months, and what it was."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agencies.access import Principal, Verb, access, agencies_for, may, principal_of, today
from agencies.lib.left_out import usable_form
from agencies.models import Agency
from reforms.catalogue.course import month_end
from reforms.lib.filters import tell_day_ahead
from reforms.office.requests import Kind, Request, asked_agencies, months_to, requests, requests_by_month
from reforms.pages.paging import PAGE_SIZE


class RequestsForm(forms.Form):
    """The twelve months that end with that of `on`; by one way of asking, or all."""

    on = forms.DateField(label=gettext_lazy("截至"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("方式"), choices=Kind, required=False)


class MonthField(forms.Field):
    """2022-06, as its first day."""

    def clean(self, value: object) -> dt.date | None:
        """Raises ValidationError for what is no month."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return dt.date.fromisoformat(f"{text}-01")
        except ValueError:
            raise ValidationError(_("不是月份，请写成2022-06的样子。"), code="invalid") from None


class MonthRowsForm(RequestsForm):
    """The same of one agency, and one month."""

    agency = forms.ModelChoiceField(Agency.objects.known(), label=pgettext_lazy("one", "单位"), required=False)
    month = MonthField(label=gettext_lazy("月份"), required=False)


@dataclass(frozen=True, slots=True)
class RequestsRow:
    """An agency with its counts by month."""

    agency: Agency
    counts: list[tuple[dt.date, int]]

    @property
    def total(self) -> int:
        """Of all months."""
        return sum(count for _month, count in self.counts)


def _readable(who: Principal, agencies: Collection[int]) -> list[int]:
    """Everybody's for the office, agencies their own; in the order of the directory."""
    if may(who, Verb.READ_REPORTS, ()):
        return sorted(agencies)
    return sorted(agencies_for(who, Verb.READ_REPORTS).intersection(agencies))


def _kinds(said: str) -> list[Kind]:
    return [Kind(said)] if said else list(Kind)


def _last_month(request: HttpRequest, on: dt.date | None) -> list[dt.date]:
    tell_day_ahead(request, today())
    # Of days to come nothing was asked yet.
    return months_to(min(on or today(), today()))


@access(Verb.READ_REPORTS)
@never_cache
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """Agencies by month, page by page."""
    form, left_out = usable_form(RequestsForm, request.GET)
    months, kind = _last_month(request, form.cleaned_data["on"]), form.cleaned_data["kind"]
    span = months[0], month_end(months[-1])
    page = Paginator(_readable(principal_of(request), asked_agencies(*span)), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    # Of the agencies of this page alone: each page costs the same, however many agencies there are.
    counts = requests_by_month(list(page), *span, _kinds(kind))
    known = Agency.objects.in_bulk(list(page))
    context = {
        "page": page,
        "months": months,
        "rows": [RequestsRow(known[pk], [(month, counts[pk, month]) for month in months]) for pk in page],
        "kind": kind,
        "kinds": Kind,
        "left_out": left_out,
        "query": _query(request, kind),
    }
    return render(request, "performance/asked.html", context)


def _query(request: HttpRequest, kind: str) -> str:
    """What the pages of rows take of the address; with an ampersand at the end."""
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in (("kind", kind), ("on", request.GET.get("on", ""))) if value})
    return f"{query.urlencode()}&" if query else ""


@dataclass(frozen=True, slots=True)
class AskedRow:
    agency: Agency
    request: Request


@access(Verb.READ_REPORTS)
@never_cache
@require_safe
def asked_rows(request: HttpRequest) -> HttpResponse:
    """What was asked: of one agency or all, in one month or twelve."""
    form, left_out = usable_form(MonthRowsForm, request.GET)
    said = form.cleaned_data
    months = _last_month(request, said["on"])
    first, last = (said["month"] or months[0]), month_end(said["month"] or months[-1])
    # Whatever is chosen goes through `_readable` below, as all of them do.
    chosen = {said["agency"].pk} if said["agency"] else asked_agencies(first, last)
    found = requests(_readable(principal_of(request), chosen), first, last, _kinds(said["kind"]))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    known = Agency.objects.in_bulk({one.agency for one in page})
    context = {
        "page": page,
        "rows": [AskedRow(known[one.agency], one) for one in page],
        "agency": said["agency"],
        "month": said["month"],
        "first": first,
        "last": last,
        "kind": Kind(said["kind"]).label if said["kind"] else "",
        "left_out": left_out,
    }
    return render(request, "performance/asked_rows.html", context)
