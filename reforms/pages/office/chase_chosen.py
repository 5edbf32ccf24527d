"""催办所选举措: the measures that were ticked in the table, shown once more with whom they go to, then chased."""

from collections.abc import Collection, Sequence

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Principal, Verb, access, acting, principal_of, today
from agencies.lib.requests import is_number
from reforms.models import Disposition, Duty, DutyQuerySet, Measure, MeasureQuerySet, Status
from reforms.office.chasing import TO_ACT, Chase, ChasedMeanwhile, asked_in_period, chase_owing
from reforms.pages.forms import short_words
from reforms.pages.office.forms import TickAgencies
from reforms.pages.office.unreported import owing_rows, told_of
from reforms.reports.periods import by_agency

MOST = 200  # as many as stand on a page of the table


class WordsForm(forms.Form):
    """What to tell them."""

    words = forms.CharField(
        label=gettext_lazy("催办内容"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


@access(Verb.STEER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def chase_chosen(request: HttpRequest) -> HttpResponse:
    """The measures in the address, with the agencies that still have to act on them; sent, each of these is told once.
    Where somebody else chased one of them meanwhile, nobody is told."""
    chosen = _chosen(request.GET.getlist("measure"), principal_of(request))
    duties = _waiting(chosen)
    if request.method != "POST":
        return _page(request, chosen, duties)
    form = TickAgencies(request.POST)
    if not form.is_valid():
        messages.error(request, short_words(form))
        return _page(request, chosen, duties, status=422)
    ticks = dict(form.cleaned_data["agency"])
    seen = {pk: last for pk, last in ticks.items() if last is not None}
    try:
        done = chase_owing(duties, list(ticks), words=form.cleaned_data["words"], seen=seen, **acting(request))
    except ChasedMeanwhile as told:
        return _page(request, chosen, duties, meanwhile=told.chases, status=409)
    messages.success(request, told_of(done))
    return redirect(_back(request))


def _chosen(ids: Sequence[str], who: Principal) -> MeasureQuerySet:
    wanted = [int(pk) for pk in ids[:MOST] if is_number(pk)]
    found: MeasureQuerySet = Measure.objects.readable_by(who).filter(pk__in=wanted)
    return found


def _waiting(chosen: MeasureQuerySet) -> DutyQuerySet:
    """The duties on them that somebody still has to act on, as when a measure is chased alone."""
    worked_on = chosen.filter(disposition=Disposition.ACTIVE).exclude(status=Status.CLOSED)
    found: DutyQuerySet = Duty.objects.in_work().filter(measure__in=worked_on.values("pk"), status__in=TO_ACT)
    return found


def _back(request: HttpRequest) -> str:
    """The page of measures as it was."""
    return f"{reverse('measures')}?{request.GET.get('query', '')}"


def _page(
    request: HttpRequest,
    chosen: MeasureQuerySet,
    duties: DutyQuerySet,
    *,
    meanwhile: Collection[Chase] = (),
    status: int = 200,
) -> HttpResponse:
    waiting = duties.values("measure")
    context = {
        "rows": owing_rows(by_agency(duties), today()),
        "again": asked_in_period(duties, today()),
        "measures": chosen.filter(pk__in=waiting).select_related("item", "reform_list").order_by("reform_list", "row"),
        "left": chosen.exclude(pk__in=waiting).count(),
        "form": WordsForm(request.POST or None),
        "meanwhile": meanwhile,
        "back": _back(request),
    }
    return render(request, "office/chase_chosen.html", context, status=status)
