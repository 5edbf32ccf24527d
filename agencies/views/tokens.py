"""Bearer tokens of agencies, for administrators."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agencies.access import access, principal_of
from agencies.clock import today
from agencies.forms import TokenForm
from agencies.log import Entry, record
from agencies.models import Change, Token
from agencies.rules import Verb


@access(Verb.MANAGE_TOKENS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """All tokens; the form issues one, whose secret is shown this once."""
    form, secret = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        secret, form = _issue(request, form), TokenForm()
    context = {"form": form, "tokens": Token.objects.select_related("agency", "created_by"), "secret": secret}
    return render(request, "people/tokens.html", context, status=422 if form.is_bound and form.errors else 200)


def _issue(request: HttpRequest, form: TokenForm) -> str:
    facts, who = form.cleaned_data, principal_of(request)
    with transaction.atomic():
        token, secret = Token.issue(
            agency=facts["agency"],
            name=facts["name"],
            read_only=facts["read_only"],
            days=facts["days"],
            by_id=who.user_id,
        )
        record([_entry("token.issued", token)], actor=who, on=today())
    return secret


@access(Verb.MANAGE_TOKENS)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """A revoked token stops working at once and for good."""
    token = get_object_or_404(Token, pk=pk, revoked_at=None)
    with transaction.atomic():
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record([_entry("token.revoked", token)], actor=principal_of(request), on=today())
    messages.success(request, _("令牌已停用。"))
    return redirect("tokens")


def _entry(action: str, token: Token) -> Entry:
    return Entry(
        action=action,
        kind="token",
        object_id=token.pk,
        agency_id=token.agency_id,
        visibility=Change.Visibility.INTERNAL,
        after={"name": token.name, "prefix": token.prefix, "read_only": token.read_only},
    )
