"""Handing work over when somebody leaves, for administrators: first what would move, then doing it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Verb, access, principal_of
from agencies.clock import today
from agencies.models import User
from reforms.organisation import handover as handing_over
from reforms.organisation.handover import HandOver, colleagues_of, roles_to_give, work_of
from reforms.pages.agencies.forms import HandOverForm
from reforms.pages.confirm import key_of, to_confirm, was_seen


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
    handing_over.hand_over(leaver, colleague, asked, who=principal_of(request), on=today())
    messages.success(request, _("工作已移交。"))
    return redirect("person", leaver.pk)


def _what_moves(leaver: User, colleague: User, asked: HandOver) -> dict[str, Any]:
    new = roles_to_give(leaver, colleague, asked.agency) if asked.roles else []
    return {"work": work_of(leaver, asked.agency), "roles_given": [str(role.label) for role in new]}
