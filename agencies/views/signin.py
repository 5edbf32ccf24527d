"""Signing in and out, and choosing a password by a one-time link."""

from typing import Any

from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy

from agencies.codes import end_code
from agencies.models import User
from agencies.signin import PAUSE, count_failure, forget_failures, is_paused


class SignIn(views.LoginView):
    """Ten wrong passwords pause a username for a quarter of an hour."""

    template_name = "people/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_paused(request.POST.get("username", "")):
            response = render(request, "errors/429.html", status=429)
            response["Retry-After"] = str(PAUSE)
            return response
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        forget_failures(form.cleaned_data["username"])
        return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        count_failure(form.data.get("username", ""))
        return self.render_to_response(self.get_context_data(form=form), status=422)


class SignOut(views.LogoutView):
    """By POST only, so that no link or image can sign somebody out."""


class Welcome(views.PasswordResetConfirmView):
    """The one-time link: choose a password, and be signed in."""

    template_name = "people/welcome.html"
    post_reset_login = True
    post_reset_login_backend = "agencies.signin.PasswordBackend"
    success_url = reverse_lazy("desk")

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and user.is_active else None

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:  # type: ignore[type-arg]  # not generic at run time
        end_code(form.user)
        return super().form_valid(form)
