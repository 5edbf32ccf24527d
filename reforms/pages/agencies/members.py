"""Who belongs to a group, and whom an open group means beside one measure."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Verb, access, require
from agencies.clock import today
from agencies.models import Agency
from reforms.catalogue.rows import measure_rows
from reforms.catalogue.viewpoint import viewpoint
from reforms.models import Measure
from reforms.organisation.membership import (
    leads_of,
    name_members,
    named_members,
    open_groups,
    plan_members,
    set_members,
)
from reforms.pages.agencies.forms import MembersForm, NamedMembersForm
from reforms.pages.confirm import key_of, to_confirm, was_seen


@access(Verb.NAME_MEMBERS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_group(request: HttpRequest, pk: int) -> HttpResponse:
    """The members of a group; what other ones would change is shown before it is done."""
    who = require(request, Verb.NAME_MEMBERS, frozenset())
    group = get_object_or_404(Agency.objects.known(), pk=pk, kind=Agency.Kind.GROUP)
    chosen = list(group.member_places.values_list("member_id", flat=True))
    form = MembersForm(request.POST if request.method == "POST" else None, chosen=chosen)
    if not form.is_valid():
        context = {"form": form, "agency": group}
        return render(request, "agencies/members.html", context, status=422 if form.is_bound else 200)
    wanted = sorted(agency.pk for agency in form.cleaned_data["members"])
    plan = plan_members(group, wanted)
    if plan and not was_seen(request, key_of(plan)):
        context = {"agency": group, "plan": plan} | to_confirm(request, key_of(plan), ["members"])
        return render(request, "agencies/members_preview.html", context)
    set_members(group, wanted, actor=who, on=today())
    messages.success(request, _("已保存，任务分工已随之更新。") if plan else _("成员没有变化。"))
    return redirect(group)


@access(Verb.NAME_MEMBERS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_measure(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom the open groups printed beside a measure mean; for the office and for the agencies that lead it."""
    measure = get_object_or_404(Measure.objects.counted(), pk=pk)
    who = require(request, Verb.NAME_MEMBERS, leads_of(measure))
    chosen = named_members(measure)
    form = NamedMembersForm(
        request.POST if request.method == "POST" else None, groups=open_groups(measure), chosen=chosen
    )
    if request.method == "POST" and form.is_valid():
        changed = name_members(measure, form.members, actor=who, on=today())
        messages.success(request, _("已保存，任务分工已随之更新。") if changed else _("成员没有变化。"))
        return redirect(measure)
    view = viewpoint(who, today())
    context = {
        "form": form,
        "view": view,
        "row": measure_rows(Measure.objects.filter(pk=pk), view)[0],
    }
    return render(request, "measures/members.html", context, status=422 if form.is_bound else 200)
