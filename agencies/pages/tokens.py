"""Bearer tokens of agencies, for administrators."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agencies.access import Verb, access, acting
from agencies.models import Token
from agencies.pages.forms import TokenForm
from agencies.people.tokens import issue_token, revoke_token


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
    facts = form.cleaned_data
    _token, secret = issue_token(
        agency=facts["agency"],
        name=facts["name"],
        read_only=facts["read_only"],
        days=facts["days"],
        **acting(request),
    )
    return secret


@access(Verb.MANAGE_TOKENS)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """A revoked token stops working at once and for good."""
    token = get_object_or_404(Token, pk=pk, revoked_at=None)
    revoke_token(token, **acting(request))
    messages.success(request, _("令牌已停用。"))
    return redirect("tokens")
