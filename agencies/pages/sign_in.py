"""Signing in and out, and choosing a password by a one-time link."""

from typing import Any

from django.contrib.auth import views
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy

from agencies.models import User
from agencies.pages.forms import SignInForm
from agencies.people.attempts import TooManyTries
from agencies.people.codes import end_code
from agencies.people.links import link_tokens


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
    token_generator = link_tokens
    post_reset_login = True
    post_reset_login_backend = "agencies.people.sign_in.PasswordBackend"
    success_url = reverse_lazy("desk")

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and user.is_active else None

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:  # type: ignore[type-arg]  # not generic at run time
        end_code(form.user)
        return super().form_valid(form)
