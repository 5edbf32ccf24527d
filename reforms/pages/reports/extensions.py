"""延期申请: asking for a later deadline before it has passed, and taking the request back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agencies.access import Verb, access, acting, agencies_for, principal_of, require, today
from agencies.models import Agency
from reforms.catalogue.rows import measure_rows, viewpoint
from reforms.duties import claimants_of, holders
from reforms.models import Extension, Measure, Stale
from reforms.pages.forms import SeenForm, add_errors, answered
from reforms.pages.review.forms import AskForm
from reforms.reports.permissions import readable_extension
from reforms.review.deadline_moves import moves_of, times_moved
from reforms.review.extensions import ask_extension, refusal_to_ask, withdraw_extension


@access(Verb.REPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """The form, or the sentence why no extension can be asked for now; sent, back to the measure."""
    measure = get_object_or_404(Measure.objects.readable_by(principal_of(request)).select_related("reform_list"), pk=pk)
    agencies = _agencies(request, measure)
    refused = refusal_to_ask(measure, agencies[0].pk, today())
    signs = any(agency.signs_claims for agency in agencies)
    names = [(agency.pk, agency.name) for agency in agencies]
    form = AskForm(request.POST if request.method == "POST" else None, agencies=names, signs=signs)
    if request.method == "POST" and form.is_valid() and (asked := _ask(request, form, pk)):
        return asked
    view, moves = viewpoint(**acting(request)), moves_of(measure, everything=True)
    context = {
        "form": form,
        "refused": "" if form.is_bound else refused,
        "row": measure_rows(Measure.objects.filter(pk=pk), view)[0],
        "view": view,
        "times": times_moved(moves),
        "moves": moves,
    }
    return render(request, "reports/extension.html", context, status=422 if form.is_bound else 200)


def _agencies(request: HttpRequest, measure: Measure) -> list[Agency]:
    """The agencies for which this person may ask, only claimants where there are any. Raises PermissionDenied where
    there is none."""
    own = agencies_for(principal_of(request), Verb.REPORT)
    held = [duty.agency for duty in holders(measure) if duty.agency_id in own]
    if not held:
        raise PermissionDenied
    must = claimants_of(measure)
    return [agency for agency in held if agency.pk in must] or held


def _ask(request: HttpRequest, form: AskForm, pk: int) -> HttpResponse | None:
    try:
        asked = ask_extension(pk, form.cleaned_data["agency"], form.wanted, **acting(request))
    except ValidationError as error:
        add_errors(form, error)
        return None
    waits = asked.state == Extension.State.AWAITING_SIGNATURE
    said = _("已提交，待本单位审签。") if waits else _("已提交，待督办部门批复。")
    messages.success(request, answered(asked.measure, said))
    return _back(pk)


@access(Verb.REPORT)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an own request that nobody has decided; whoever is too late is told what it is now."""
    extension = readable_extension(principal_of(request), pk)
    require(request, Verb.REPORT, frozenset({extension.agency_id}))
    form = SeenForm(request.POST)
    try:
        # No request has version 0: what cannot be read was not seen.
        withdraw_extension(pk, seen=form.cleaned_data["seen"] if form.is_valid() else 0, **acting(request))
    except Stale as stale:
        said: Any = stale.current
        state = said.get_state_display()
        messages.warning(request, _("该申请已有变化，现为“%(state)s”，未撤回。") % {"state": state})
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, answered(extension.measure, _("已撤回延期申请。")))
    return _back(extension.measure_id)


def _back(pk: int) -> HttpResponse:
    return redirect(Measure(pk=pk).get_absolute_url() + "#deadlines")
