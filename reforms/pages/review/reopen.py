"""恢复督办: a closed measure is open again."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Principal, Verb, access, acting, require, today
from reforms.catalogue.rows import measure_rows, viewpoint
from reforms.duties import holders_of
from reforms.models import Measure, Stale, Status
from reforms.pages.forms import add_errors, answered
from reforms.pages.review.forms import ReopenForm
from reforms.reports.claims import verified_claims
from reforms.review import decisions


@access(Verb.REVIEW)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """What reopening undoes, and why it is done; 409 when the measure changed since it was looked at."""
    measure = get_object_or_404(Measure, pk=pk)
    who = require(request, Verb.REVIEW, frozenset(holders_of(measure)))
    form = ReopenForm(request.POST if request.method == "POST" else None, initial={"seen": measure.version})
    if request.method == "POST" and form.is_valid():
        status = _reopen(form, pk, who)
        if status == 200:
            messages.success(request, answered(measure, _("已恢复督办，须重新申请销号。")))
            return redirect(measure)
        return _page(request, form, pk, who, status=status)
    return _page(request, form, pk, who, status=422 if form.is_bound else 200)


def _reopen(form: ReopenForm, pk: int, who: Principal) -> int:
    """The HTTP status of the answer; errors are in the form."""
    said = form.cleaned_data
    try:
        decisions.reopen(pk, reason=said["reason"], seen=said["seen"], who=who, on=today())
    except Stale:
        form.add_error(None, _("您打开后该举措已有变化，请核对下列最新情况后再确认。您写的理由仍在。"))
        return 409
    except ValidationError as error:
        add_errors(form, error)
        return 422
    return 200


def _page(request: HttpRequest, form: ReopenForm, pk: int, who: Principal, *, status: int) -> HttpResponse:
    measure = Measure.objects.get(pk=pk)
    if status == 409:
        # Sent again, it is decided on the version that is shown now.
        data = request.POST.copy()
        data["seen"] = str(measure.version)
        form.data = data
    view = viewpoint(**acting(request))
    verified = list(verified_claims(measure).select_related("agency"))
    is_closed = measure.status == Status.CLOSED
    context = {
        "form": form,
        "row": measure_rows(Measure.objects.filter(pk=pk), view)[0],
        "view": view,
        "claims": verified,
        "is_closed": is_closed,
        "can_be": is_closed or bool(verified),
    }
    return render(request, "review/reopen.html", context, status=status)
