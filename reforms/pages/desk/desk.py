"""我的工作台: what waits for the person who signed in."""

import datetime as dt
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import Principal, Verb, access, acting, agencies_for, may, principal_of
from agencies.lib.requests import HtmxHttpRequest, is_number
from agencies.models import Agency, User
from agencies.people.sessions import last_visit
from reforms.catalogue.rows import Viewpoint, measure_rows, viewpoint
from reforms.desk.administrator import administrator_desk
from reforms.desk.agency import Desk, DeskRow, desk_of, desk_rows
from reforms.desk.auditor import auditor_desk
from reforms.desk.duties import DutiesOnDesk, DutyOnDesk, Group
from reforms.desk.office import office_groups
from reforms.desk.saved_views import starred_views
from reforms.models import Duty, ListEdition, Measure, ProgressReport, Stale, is_open_to
from reforms.pages.desk.entry import EntryOutcome, EntryRow, fresh_entries, keep, posted_entries, send, send_one
from reforms.pages.desk.forms import OfficerForm, OfficersForm
from reforms.pages.forms import answered, form_key_of, measure_named
from reforms.pages.office.unreported import to_paste
from reforms.reports.acknowledge import acknowledge as take_note
from reforms.reports.officers import colleagues_of, name_officers
from reforms.reports.submit import report_unchanged

SHOWN_OF_EACH, PAGE_SIZE = 20, 50
RESTING = (Group.CLAIMED, Group.OTHERS)


@dataclass(frozen=True, slots=True)
class Shelf:
    """One group as the page shows it: the first rows, or a page of them when it is asked for alone."""

    group: Group
    rows: list[DeskRow]
    total: int


@access(Verb.USE_DESK)
@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What waits for the office, for administrators and auditors, each for those who are; then what one's agencies must
    act on: what is done only here (orders, signatures, what came back, 签收), then by deadline. `?show=` opens one
    group, `?mine=1` keeps to one's own."""
    who = principal_of(request)
    view = viewpoint(**acting(request))
    found = desk_of(view, mine=request.GET.get("mine") == "1")
    alone = Group(request.GET["show"]) if request.GET.get("show") in Group.values else None
    page = Paginator(found.groups.get(alone, []), PAGE_SIZE).get_page(request.GET.get("page")) if alone else None
    shelves = _shelves(view, found, alone, page)
    own, reporting = who.agencies(), agencies_for(who, Verb.REPORT)
    office = office_groups(who, view.on)
    context = {
        "view": view,
        "office": office,
        "late": to_paste(office.late_of, view.on, overdue=True) if office else None,
        "administrator": administrator_desk(who, view.on),
        "auditor": auditor_desk(who, request.GET.get("days", ""), _visited(request, who)),
        "agencies": Agency.objects.filter(pk__in=own),
        "desk": found,
        "starred": starred_views(who, view.on) if alone is None else [],
        "to_sign": [(one, reverse(f"sign-{one.request.kind}", args=[one.request.pk])) for one in found.sign],
        "returned": [shelf for shelf in shelves if shelf.group == Group.RETURNED],
        "burning": [shelf for shelf in shelves if shelf.group not in (Group.RETURNED, *RESTING)],
        "resting": [shelf for shelf in shelves if shelf.group in RESTING],
        "alone": alone,
        "page": page,
        "mine": request.GET.get("mine") == "1",
        "reporting": reporting,
        "form_key": secrets.token_hex(16),
        "officers": OfficersForm(colleagues=colleagues_of(reporting)) if reporting else None,
        "reports": _latest(own) if may(who, Verb.READ_REPORTS, own) else [],
        "heading": _("我的工作台"),
    }
    return render(request, "desk/desk.html", context)


def _visited(request: HttpRequest, who: Principal) -> dt.datetime | None:
    """When an auditor was here last."""
    if not may(who, Verb.READ_LOG) or not isinstance(request.user, User):
        return None
    return last_visit(request.user, request.session.session_key)


def _shelves(view: Viewpoint, found: Desk, alone: Group | None, page: "Page[DutyOnDesk] | None") -> list[Shelf]:
    if alone and page is not None:
        return [Shelf(alone, desk_rows(view, list(page.object_list)), page.paginator.count)]
    # All that is shown is read at once.
    rows = desk_rows(view, [one for places in found.groups.values() for one in places[:SHOWN_OF_EACH]])
    return [
        Shelf(group, [row for row in rows if row.group == group], len(places)) for group, places in found.groups.items()
    ]


def _latest(agencies: frozenset[int]) -> list[ProgressReport]:
    sent = ProgressReport.objects.sent().filter(agency__in=agencies).select_related("measure__item", "agency")
    # By id, in which order an index has an agency's reports: by the time of writing all of them were sorted.
    return list(sent.order_by("-pk")[:5])


@access(Verb.REPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """The short form within a row of the desk, for htmx; sent, the row says so. Whoever comes without htmx is sent to
    the full page, or back to the desk."""
    row = _row(request, pk)
    if request.method == "POST":
        return _reported(request, row)
    if not request.htmx:
        return redirect(f"{reverse('report', args=[pk])}?agency={row.duty.agency_id}")
    if "shut" in request.GET or not row.opens_here:
        response = render(
            request, "desk/duty_row.html", {"row": row, "reporting": agencies_for(principal_of(request), Verb.REPORT)}
        )
    else:
        response = render(request, "desk/entry_row.html", {"entry": fresh_entries([row])[0]})
    # One address with two answers: none may be taken for the other.
    patch_vary_headers(response, ["HX-Request"])
    return response


def _rows(request: HttpRequest, duties: Collection[int]) -> list[DeskRow]:
    """The rows of these duties, those of them that are one's own."""
    view = viewpoint(**acting(request))
    return desk_rows(view, DutiesOnDesk.of(view, only=duties))


def _row(request: HttpRequest, pk: int) -> DeskRow:
    """The row of one's own duty on the measure."""
    who = principal_of(request)
    # 404 where there is no such measure, 403 below where it is none of theirs.
    get_object_or_404(Measure.objects.readable_by(who), pk=pk)
    asked = request.POST.get("agency") or request.GET.get("agency") or ""
    duties = Duty.objects.of(agencies_for(who, Verb.REPORT)).filter(measure=pk)
    duty = duties.filter(agency=int(asked)).first() if is_number(asked) else duties.first()
    rows = _rows(request, [duty.pk]) if duty else []
    if not rows:
        raise PermissionDenied
    return rows[0]


def _reported(request: HtmxHttpRequest, row: DeskRow) -> HttpResponse:
    posted = posted_entries([row], request.POST)[0]
    if "draft" in request.POST:
        return _drafted(request, posted)
    entry = send_one(posted, **acting(request))
    if not request.htmx:
        return _without_htmx(request, entry)
    if entry.sent:
        return render(request, "desk/entry_sent_row.html", {"entry": entry})
    return render(request, "desk/entry_row.html", {"entry": entry}, status=409 if entry.current else 422)


def _drafted(request: HtmxHttpRequest, posted: EntryRow) -> HttpResponse:
    """What was written is kept as the draft; the row shuts, or (`draft=page`) the full page goes on with it."""
    if posted.form.edited:
        entry = keep(posted, **acting(request))
        if entry.form.errors:
            name = "desk/entry_row.html" if request.htmx else "desk/entry_page.html"
            return render(request, name, {"entry": entry}, status=409 if entry.current else 422)
    duty = posted.row.duty
    goes_on = request.POST["draft"] == "page"
    address = f"{reverse('report', args=[duty.measure_id])}?agency={duty.agency_id}" if goes_on else reverse("desk")
    if not request.htmx:
        return redirect(address)
    if goes_on:
        return HttpResponse(headers={"HX-Redirect": address})
    row = _rows(request, [duty.pk])[0]
    context = {"row": row, "reporting": agencies_for(principal_of(request), Verb.REPORT), "kept": True}
    return render(request, "desk/duty_row.html", context)


def _without_htmx(request: HttpRequest, entry: EntryRow) -> HttpResponse:
    if entry.sent:
        said = _("%(measure)s已报送，进展已生效并记入历史。") % {"measure": measure_named(entry.row.duty.measure)}
        messages.success(request, said)
        return redirect("desk")
    return render(request, "desk/entry_page.html", {"entry": entry}, status=409 if entry.current else 422)


@access(Verb.REPORT)
@require_POST
def officers(request: HttpRequest) -> HttpResponse:
    """责任处室 and 经办人 of the duties that were ticked; what was left empty stays as it is."""
    who = principal_of(request)
    chosen = _chosen(request)
    form = OfficersForm(request.POST, colleagues=colleagues_of(agencies_for(who, Verb.REPORT)))
    if not chosen:
        messages.warning(request, _("请先勾选举措，再设置责任处室、经办人。"))
    elif not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    else:
        _name(request, form, chosen)
    return redirect(_back(request))


def _chosen(request: HttpRequest) -> list[int]:
    """The duties that were ticked; in a table of measures, those on them for which one reports."""
    named, measures = ([int(pk) for pk in request.POST.getlist(name) if is_number(pk)] for name in ("duty", "measure"))
    own = Duty.objects.in_work().of(agencies_for(principal_of(request), Verb.REPORT)).filter(measure__in=measures)
    return named + (list(own.order_by("pk").values_list("pk", flat=True)) if measures else [])


def _name(request: HttpRequest, form: OfficersForm, chosen: list[int]) -> None:
    try:
        changed = name_officers(chosen, form.named, **acting(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return
    said = ngettext("已设置%(n)d条举措的责任处室、经办人。", "已设置%(n)d条举措的责任处室、经办人。", len(changed))
    messages.success(request, said % {"n": len(changed)})


@access(Verb.REPORT)
@require_POST
def unchanged(request: HttpRequest) -> HttpResponse:
    """本期无变化 for each of the duties that were ticked; what could not be reported so is named with the reason."""
    chosen = _chosen(request)
    if not chosen:
        messages.warning(request, _("请先勾选举措，再报送“本期无变化”。"))
        return redirect(_back(request))
    key = form_key_of(request)
    rows = [row for row in _rows(request, chosen) if row.may_report]
    if not rows:
        raise PermissionDenied
    refused = {row: why for row in rows if (why := _said_unchanged(request, row, key))}
    if count := len(rows) - len(refused):
        said = ngettext("已报送%(n)d条举措“本期无变化”。", "已报送%(n)d条举措“本期无变化”。", count)
        messages.success(request, said % {"n": count})
    for row, why in refused.items():
        messages.warning(
            request, _("%(measure)s未报送：%(why)s") % {"measure": measure_named(row.duty.measure), "why": why}
        )
    return redirect(_back(request))


def _said_unchanged(request: HttpRequest, row: DeskRow, key: str) -> str:
    """Report it; else why not."""
    if not row.may_be_unchanged:
        return _("还没有可沿用的填报，或有草稿、退回的申请待办。")
    try:
        report_unchanged(row.duty.measure_id, row.duty.agency_id, form_key=key, **acting(request))
    except Stale:
        return _("本单位有一份尚未报送的草稿，请先报送或放弃。")
    except ValidationError as error:
        return error.messages[0]
    return ""


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    # No host is allowed: addresses of ours are sent without one.
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else reverse("desk")


@access(Verb.REPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def duty(request: HttpRequest, pk: int) -> HttpResponse:
    """责任处室 and 经办人 of one's own agency on one measure."""
    row = _row(request, pk)
    found = row.duty
    form = OfficerForm(
        request.POST if request.method == "POST" else None,
        colleagues=colleagues_of([found.agency_id]),
        initial={"division": found.division, "officer": found.officer, "officer_user": found.officer_user_id or 0},
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = name_officers([found.pk], form.named, **acting(request))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            said = _("已保存责任处室、经办人。") if changed else _("责任处室、经办人没有变化。")
            messages.success(request, answered(found.measure, said))
            return redirect("measure", pk=pk)
    view = viewpoint(**acting(request))
    context = {"form": form, "duty": found, "row": measure_rows(Measure.objects.filter(pk=pk), view)[0]}
    return render(request, "desk/duty.html", context, status=422 if form.is_bound else 200)


@access(Verb.REPORT)
@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """签收 an edition for one's agency."""
    open_ones = ListEdition.objects.filter(is_open_to(principal_of(request), "reform_list__"))
    edition = get_object_or_404(open_ones.select_related("reform_list"), pk=pk)
    agency = request.POST.get("agency", "")
    if not is_number(agency):
        raise Http404
    try:
        take_note(edition.pk, int(agency), **acting(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("已签收%(list)s。") % {"list": edition.reform_list})
    return redirect("desk")


OWING, OPEN = "owing", "open"


@access(Verb.REPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest) -> HttpResponse:
    """A row for each duty of one agency that owes a report (`?scope=open`: that is open at all). Sent, each edited row
    is reported for itself; those that were not taken stay with their text and the reason."""
    who = principal_of(request)
    agency = own_agency(request, agencies_for(who, Verb.REPORT))
    view = viewpoint(**acting(request))
    places = DutiesOnDesk.of(view)
    if request.method == "POST":
        return _posted(request, agency, places)
    return _page(request, agency, places, EntryOutcome(), status=200)


def own_agency(request: HttpRequest, allowed: frozenset[int]) -> Agency:
    """The one in the address, else the first that is allowed. Raises PermissionDenied for any other."""
    asked = request.GET.get("agency", "")
    pk = int(asked) if is_number(asked) else min(allowed, default=0)
    if pk not in allowed:
        raise PermissionDenied
    return Agency.objects.get(pk=pk)


def _posted(request: HttpRequest, agency: Agency, places: DutiesOnDesk) -> HttpResponse:
    sent = [int(pk) for pk in request.POST.getlist("duty") if is_number(pk)]
    # By what was sent: a row that left the table meanwhile is answered, and does not vanish.
    posted = [row for row in _rows(request, sent) if row.duty.agency_id == agency.pk]
    entries = posted_entries(posted, request.POST)
    if "draft" in request.POST:
        return _kept(request, agency, places, [keep(one, **acting(request)) for one in entries if one.form.edited])
    outcome = send(entries, **acting(request))
    if outcome.kept:
        return _page(request, agency, places, outcome, status=409 if any(one.current for one in outcome.kept) else 422)
    count = len(outcome.sent)
    if count:
        messages.success(request, ngettext("已报送%(n)d条举措。", "已报送%(n)d条举措。", count) % {"n": count})
    else:
        messages.warning(request, ngettext("没有改动，未报送。", "没有改动，未报送。", 1))
    return redirect(request.get_full_path())


def _kept(request: HttpRequest, agency: Agency, places: DutiesOnDesk, entries: list[EntryRow]) -> HttpResponse:
    failed = [entry for entry in entries if entry.form.errors]
    if failed:
        return _page(request, agency, places, EntryOutcome(kept=failed), status=422)
    count = len(entries)
    messages.success(request, ngettext("已保存%(n)d份草稿。", "已保存%(n)d份草稿。", count) % {"n": count})
    return redirect(request.get_full_path())


def _page(
    request: HttpRequest, agency: Agency, places: DutiesOnDesk, outcome: EntryOutcome, *, status: int
) -> HttpResponse:
    who = principal_of(request)
    scope = OPEN if request.GET.get("scope") == OPEN else OWING
    done = {entry.row.duty.pk for entry in (*outcome.sent, *outcome.kept)}
    owing, open_ones = places.to_enter(agency.pk, owed=True), places.to_enter(agency.pk)
    page = Paginator((open_ones if scope == OPEN else owing).without(done), PAGE_SIZE).get_page(request.GET.get("page"))
    here = desk_rows(viewpoint(**acting(request)), list(page.object_list))
    short = [row for row in here if row.opens_here][: PAGE_SIZE - len(outcome.kept)]
    context: dict[str, Any] = {
        "agency": agency,
        "agencies": Agency.objects.filter(pk__in=agencies_for(who, Verb.REPORT)),
        "scope": scope,
        "page": page,
        "outcome": outcome,
        "entries": [*outcome.kept, *fresh_entries(short)],
        "long": [row for row in here if not row.opens_here],
        "owing": len(owing),
        "open": len(open_ones),
    }
    return render(request, "desk/table.html", context, status=status)
