"""Signing in and out, and choosing a password by a one-time link."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, views
from django.contrib.auth.forms import SetPasswordForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from agencies.access import Principal, Verb, access, acting, today
from agencies.lib.requests import is_number
from agencies.models import User
from agencies.pages.forms import WRONG_CODE, ChoosePasswordForm, CodeForm, SignInForm
from agencies.people.accounts import password_chosen
from agencies.people.attempts import TooManyTries
from agencies.people.codes import DAYS, CodeIsGone, issue_codes, use_code
from agencies.people.links import link_tokens
from agencies.people.sessions import sign_in_failed


def too_many_tries(request: HttpRequest, refused: TooManyTries) -> HttpResponse:
    """The page that says for how long nobody is let in."""
    response = render(request, "errors/429.html", {"refused": refused}, status=429)
    response["Retry-After"] = str(refused.seconds)
    return response


class SignIn(views.LoginView):
    """By username and password; after too many wrong ones not for a quarter of an hour."""

    template_name = "people/sign_in.html"
    form_class = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except TooManyTries as refused:
            return too_many_tries(request, refused)

    def form_valid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]  # it is form_class
        if form.attempt:
            form.attempt.succeeded()
        return super().form_valid(form)

    def form_invalid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]
        if form.attempt:
            form.attempt.failed()
        return self.render_to_response(self.get_context_data(form=form), status=422)


class SignOut(views.LogoutView):
    """By POST only, so that no link or image can sign somebody out."""


class Welcome(views.PasswordResetConfirmView):
    """The one-time link: choose a password, and be signed in."""

    template_name = "people/welcome.html"
    form_class = ChoosePasswordForm
    token_generator = link_tokens
    post_reset_login = True
    post_reset_login_backend = "agencies.people.sign_in.PasswordBackend"
    success_url = reverse_lazy("desk")

    def get_user(self, uidb64: str) -> User | None:
        # Django finds everybody, also those who are shut out.
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and user.is_active else None

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:  # type: ignore[type-arg]  # not generic at run time
        user: User = form.user
        with transaction.atomic():
            password_chosen(user, who=Principal.of_user(user), on=today())
            return super().form_valid(form)


BACKEND = "agencies.people.sign_in.PasswordBackend"


@access(Verb.MANAGE_PEOPLE)
@never_cache
@require_POST
def print_codes(request: HttpRequest) -> HttpResponse:
    """A slip for each of the people ticked, shown this once."""
    wanted = {int(pk) for pk in request.POST.getlist("people") if is_number(pk)}
    if not wanted:
        messages.error(request, _("请先勾选人员，再打印一次性代码。"))
        return redirect("people")
    slips = issue_codes(wanted, **acting(request))
    return render(request, "people/codes.html", {"slips": slips, "skipped": len(wanted) - len(slips)} | where_to_go())


def where_to_go() -> dict[str, object]:
    """What a slip says beside username and code."""
    return {"address": f"{settings.SITE_URL}{reverse('code')}", "days": DAYS}


@access(Verb.READ)
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Choose a password by username and code, and be signed in. Wrong codes count as wrong passwords do."""
    form = CodeForm(request, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return render(request, "people/code.html", {"form": form})
    try:
        is_right = form.is_valid()
    except TooManyTries as refused:
        return too_many_tries(request, refused)
    if is_right and _let_in(request, form):
        return redirect(settings.LOGIN_REDIRECT_URL)
    if form.attempt and not form.found:
        sign_in_failed({"username": form.cleaned_data["username"]}, request)
    if form.attempt:
        # Whoever had the code and chose an unfit password was not guessing.
        (form.attempt.was_no_guess if form.found else form.attempt.failed)()
    return render(request, "people/code.html", {"form": form}, status=422)


def _let_in(request: HttpRequest, form: CodeForm) -> bool:
    """Set the password and sign in; False when the code went away at the last moment."""
    if form.found is None or form.attempt is None:
        return False
    try:
        user = use_code(form.found, form.cleaned_data["new_password1"], on=today())
    except CodeIsGone:
        form.add_error(None, WRONG_CODE)
        return False
    form.attempt.succeeded()
    login(request, user, backend=BACKEND)
    return True
