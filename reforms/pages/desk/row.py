"""What is done from a row of the desk: report in place, say who is in charge, take note of an edition."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agencies.access import Verb, access, agencies_for, principal_of
from agencies.clock import today
from reforms.catalogue.rows import measure_rows
from reforms.catalogue.viewpoint import viewpoint
from reforms.desk.agency import DeskRow, desk_rows
from reforms.models import Duty, ListEdition, Measure
from reforms.pages.desk.entry import EntryRow, fresh_entries, posted_entries, send_one
from reforms.pages.desk.forms import OfficerForm, OfficersForm
from reforms.pages.forms import is_number
from reforms.reports.acknowledge import acknowledge as take_note
from reforms.reports.officers import colleagues_of, name_officers


@access(Verb.REPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The short form within a row of the desk, for htmx; sent, the row says so. Whoever comes without htmx is sent to
    the full page, or back to the desk."""
    row = _row(request, pk)
    if request.method == "POST":
        return _reported(request, row)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{reverse('report', args=[pk])}?agency={row.duty.agency_id}")
    if "shut" in request.GET or not row.opens_here:
        response = render(
            request, "desk/duty_row.html", {"row": row, "reporting": agencies_for(principal_of(request), Verb.REPORT)}
        )
    else:
        response = render(request, "desk/entry_row.html", {"entry": fresh_entries([row])[0]})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _row(request: HttpRequest, pk: int) -> DeskRow:
    """The row of one's own duty on the measure."""
    who = principal_of(request)
    get_object_or_404(Measure, pk=pk)
    asked = request.POST.get("agency") or request.GET.get("agency") or ""
    duties = Duty.objects.of(agencies_for(who, Verb.REPORT)).filter(measure=pk)
    duty = duties.filter(agency=int(asked)).first() if is_number(asked) else duties.first()
    rows = desk_rows(viewpoint(who, today()), only=[duty.pk]) if duty else []
    if not rows:
        raise PermissionDenied
    return rows[0]


def _reported(request: HttpRequest, row: DeskRow) -> HttpResponse:
    entry = send_one(posted_entries([row], request.POST)[0], who=principal_of(request), on=today())
    if not request.htmx:  # type: ignore[attr-defined]
        return _without_htmx(request, entry)
    if entry.sent:
        return render(request, "desk/entry_sent_row.html", {"entry": entry})
    return render(request, "desk/entry_row.html", {"entry": entry}, status=409 if entry.current else 422)


def _without_htmx(request: HttpRequest, entry: EntryRow) -> HttpResponse:
    if entry.sent:
        messages.success(request, _("已报送，进展已生效并记入历史。"))
        return redirect("desk")
    return render(request, "desk/entry_page.html", {"entry": entry}, status=409 if entry.current else 422)


@access(Verb.REPORT)
@require_POST
def officers(request: HttpRequest) -> HttpResponse:
    """责任处室 and 经办人 of the duties that were ticked; what was left empty stays as it is."""
    who = principal_of(request)
    chosen = [int(pk) for pk in request.POST.getlist("duty") if is_number(pk)]
    form = OfficersForm(request.POST, colleagues=colleagues_of(agencies_for(who, Verb.REPORT)))
    if not chosen:
        messages.warning(request, _("请先勾选举措，再设置责任处室、经办人。"))
    elif not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    else:
        _name(request, form, chosen)
    return redirect(_back(request))


def _name(request: HttpRequest, form: OfficersForm, chosen: list[int]) -> None:
    try:
        changed = name_officers(chosen, form.named, who=principal_of(request), on=today())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return
    said = ngettext("已设置%(n)d条举措的责任处室、经办人。", "已设置%(n)d条举措的责任处室、经办人。", len(changed))
    messages.success(request, said % {"n": len(changed)})


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else reverse("desk")


@access(Verb.REPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def duty(request: HttpRequest, pk: int) -> HttpResponse:
    """责任处室 and 经办人 of one's own agency on one measure."""
    who = principal_of(request)
    row = _row(request, pk)
    found = row.duty
    form = OfficerForm(
        request.POST if request.method == "POST" else None,
        colleagues=colleagues_of([found.agency_id]),
        initial={"division": found.division, "officer": found.officer, "officer_user": found.officer_user_id or 0},
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = name_officers([found.pk], form.named, who=who, on=today())
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("已保存责任处室、经办人。") if changed else _("责任处室、经办人没有变化。"))
            return redirect("measure", pk=pk)
    view = viewpoint(who, today())
    context = {"form": form, "duty": found, "row": measure_rows(Measure.objects.filter(pk=pk), view)[0]}
    return render(request, "desk/duty.html", context, status=422 if form.is_bound else 200)


@access(Verb.REPORT)
@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """签收 an edition for one's agency."""
    edition = get_object_or_404(ListEdition.objects.select_related("reform_list"), pk=pk)
    agency = request.POST.get("agency", "")
    if not is_number(agency):
        raise Http404
    try:
        take_note(edition.pk, int(agency), who=principal_of(request), on=today())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("已签收%(list)s。") % {"list": edition.reform_list})
    return redirect("desk")
