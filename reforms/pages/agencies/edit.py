"""Keeping the directory: adding an agency by hand, and changing what is known of one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Verb, access, acting, principal_of, require
from agencies.lib.likeness import Suggestion
from agencies.log.since import ChangedSince, check_unchanged, last_change
from agencies.models import Agency, User
from agencies.names import suggest
from reforms.catalogue.rows import measure_rows, viewpoint
from reforms.duties import leads_of
from reforms.history.audit import in_words
from reforms.models import Measure
from reforms.organisation import handover as handing_over
from reforms.organisation.directory import (
    FACTS_MOVED,
    MEMBERS_MOVED,
    NAMED,
    add_agency,
    change_agency,
    name_members,
    named_members,
    open_groups,
    plan_members,
    set_members,
)
from reforms.organisation.handover import HandOver, colleagues_of, roles_to_give, work_of
from reforms.pages.agencies.forms import AgencyForm, HandOverForm, MembersForm, NamedMembersForm, NewAgencyForm
from reforms.pages.confirm import key_of, to_confirm, was_seen
from reforms.pages.forms import known_again


@access(Verb.MANAGE_AGENCIES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new agency; one that resembles a known one is added only after somebody has looked at those."""
    form = NewAgencyForm(request.POST or None, initial={"name": request.GET.get("name", "")})
    alike: list[Suggestion] = []
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        alike = suggest([name])[name]
        # The name itself is confirmed: another name typed afterwards is looked at anew.
        if not alike or request.POST.get("confirmed") == name:
            names = form.cleaned_data["other_names"]
            added = add_agency(form.save(commit=False), names, **acting(request))
            messages.success(request, _("已新增。"))
            return redirect(added)
    context = {"form": form, "alike": alike, "name": form.cleaned_data.get("name", "") if form.is_bound else ""}
    return render(request, "agencies/new.html", context, status=422 if form.is_bound else 200)


@access(Verb.MANAGE_AGENCIES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Names, code, e-mail and kind of an agency."""
    agency = get_object_or_404(Agency.objects.known(), pk=pk)
    form = _agency_form(request.POST or None, pk)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "agency": agency}
        return render(request, "agencies/edit.html", context, status=422 if form.is_bound else 200)
    facts = {name: value for name, value in form.cleaned_data.items() if name not in ("other_names", "as_of")}
    known = {"as_of": form.cleaned_data["as_of"]}
    try:
        change_agency(agency, facts, form.cleaned_data["other_names"], **acting(request), **known)
    except ChangedSince as since:
        again = _agency_form(known_again(request.POST, since.changes[-1].sequence), pk)
        refused: dict[str, Any] = {"form": again, "agency": agency, "meanwhile": in_words(since.changes)}
        return render(request, "agencies/edit.html", refused, status=409)
    messages.success(request, _("已保存。"))
    return redirect(agency)


def _agency_form(data: QueryDict | None, pk: int) -> AgencyForm:
    # Of a row of its own: a form that was sent writes on its instance while it checks.
    agency = Agency.objects.get(pk=pk)
    first = {
        "other_names": "\n".join(agency.other_names.values_list("name", flat=True)),
        "as_of": last_change("agency", [pk], FACTS_MOVED),
    }
    return AgencyForm(data, instance=agency, initial=first)


@access(Verb.NAME_MEMBERS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def members_of_group(request: HttpRequest, pk: int) -> HttpResponse:
    """The members of a group; what other ones would change is shown before it is done."""
    # A group is no agency's own: what reporters may do on their measures opens nothing here.
    require(request, Verb.NAME_MEMBERS, frozenset())
    group = get_object_or_404(Agency.objects.known(), pk=pk, kind=Agency.Kind.GROUP)
    chosen = list(group.member_places.values_list("member_id", flat=True))
    known = {"as_of": last_change("agency", [pk], MEMBERS_MOVED)}
    form = MembersForm(request.POST if request.method == "POST" else None, chosen=chosen, initial=known)
    context: dict[str, Any] = {"form": form, "agency": group}
    if not form.is_valid():
        return render(request, "agencies/members.html", context, status=422 if form.is_bound else 200)
    try:
        return _preview_or_set(request, group, form)
    except ChangedSince as since:
        sent = known_again(request.POST, since.changes[-1].sequence)
        context |= {"form": MembersForm(sent, chosen=chosen), "meanwhile": in_words(since.changes)}
        return render(request, "agencies/members.html", context, status=409)


def _preview_or_set(request: HttpRequest, group: Agency, form: MembersForm) -> HttpResponse:
    as_of = form.cleaned_data["as_of"]
    check_unchanged("agency", [group.pk], MEMBERS_MOVED, seen=as_of)
    wanted = sorted(agency.pk for agency in form.cleaned_data["members"])
    plan = plan_members(group, wanted)
    if plan and not was_seen(request, key_of(plan)):
        context = {"agency": group, "plan": plan} | to_confirm(request, key_of(plan), ["members", "as_of"])
        return render(request, "agencies/members_preview.html", context)
    set_members(group, wanted, **acting(request), as_of=as_of)
    messages.success(request, _("已保存，任务分工已随之更新。") if plan else _("成员没有变化。"))
    return redirect(group)


@access(Verb.NAME_MEMBERS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def members_of_measure(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom the open groups printed beside a measure mean; for the office and for the agencies that lead it."""
    measure = get_object_or_404(Measure.objects.readable_by(principal_of(request)).counted(), pk=pk)
    require(request, Verb.NAME_MEMBERS, leads_of(measure))
    chosen = named_members(measure)
    asked: dict[str, Any] = {"groups": open_groups(measure), "chosen": chosen}
    known = {"as_of": last_change("measure", [pk], NAMED)}
    form = NamedMembersForm(request.POST if request.method == "POST" else None, initial=known, **asked)
    view = viewpoint(**acting(request))
    context = {"form": form, "view": view, "row": measure_rows(Measure.objects.filter(pk=pk), view)[0]}
    if request.method != "POST" or not form.is_valid():
        return render(request, "measures/members.html", context, status=422 if form.is_bound else 200)
    try:
        changed = name_members(measure, form.members, **acting(request), as_of=form.cleaned_data["as_of"])
    except ChangedSince as since:
        sent = known_again(request.POST, since.changes[-1].sequence)
        context |= {"form": NamedMembersForm(sent, **asked), "meanwhile": in_words(since.changes)}
        return render(request, "measures/members.html", context, status=409)
    messages.success(request, _("已保存，任务分工已随之更新。") if changed else _("成员没有变化。"))
    return redirect(measure)


@access(Verb.MANAGE_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a colleague, look at what would move, confirm."""
    leaver = get_object_or_404(User, pk=pk)
    is_self = leaver.pk == principal_of(request).user_id
    form = HandOverForm(
        request.POST if request.method == "POST" else None, places=colleagues_of(leaver), may_deactivate=not is_self
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _preview_or_do(request, leaver, form)
        except ValidationError as error:
            form.add_error(None, error)
    context = {"form": form, "person": leaver, "has_colleagues": form.has_colleagues}
    return render(request, "people/hand_over.html", context, status=422 if form.is_bound else 200)


def _preview_or_do(request: HttpRequest, leaver: User, form: HandOverForm) -> HttpResponse:
    colleague, asked = form.place.user, form.asked
    shown = _what_moves(leaver, colleague, asked)
    key = key_of(leaver.pk, colleague.pk, asked.agency.pk, asked.roles, asked.deactivate, asked.reason, shown)
    if not was_seen(request, key):
        context = {"person": leaver, "colleague": colleague, "asked": asked} | shown
        context |= to_confirm(request, key, [*form.fields])
        return render(request, "people/hand_over_preview.html", context)
    handing_over.hand_over(leaver, colleague, asked, **acting(request))
    messages.success(request, _("工作已移交。"))
    return redirect("person", leaver.pk)


def _what_moves(leaver: User, colleague: User, asked: HandOver) -> dict[str, Any]:
    new = roles_to_give(leaver, colleague, asked.agency) if asked.roles else []
    return {"work": work_of(leaver, asked.agency), "roles_given": [str(role.label) for role in new]}
