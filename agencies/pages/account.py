"""Signing in and out, choosing a password by a one-time link or a code; and 账户: one's own roles, password, sessions
and sign-ins."""

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash, views
from django.contrib.auth.forms import SetPasswordForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import Principal, Verb, access, acting, today
from agencies.lib.requests import is_number
from agencies.models import User
from agencies.pages.forms import WRONG_CODE, ChoosePasswordForm, CodeForm, ContactForm, OwnPasswordForm, SignInForm
from agencies.people.accounts import PersonChanged, edit_person, password_chosen, version_of
from agencies.people.attempts import TooManyTries
from agencies.people.codes import DAYS, CodeIsGone, issue_codes, use_code
from agencies.people.links import link_tokens
from agencies.people.sessions import end_own_sessions, moved_to, open_sessions, sign_in_failed, sign_ins_of


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


@access(Verb.USE_DESK)
@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Who one is here, and where one is signed in."""
    return _page(request)


def _page(
    request: HttpRequest,
    *,
    password: OwnPasswordForm | None = None,
    contact: ContactForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, this = _own(request), request.session.session_key
    context: dict[str, Any] = {
        "form": password or OwnPasswordForm(request),
        "contact": contact or ContactForm(instance=user, initial={"version": version_of(user)}),
        "places": user.memberships.select_related("agency"),
        "sessions": open_sessions(user, this),
        "sign_ins": sign_ins_of(user, this),
    }
    return render(request, "people/account.html", context, status=status)


def _own(request: HttpRequest) -> User:
    return cast("User", request.user)  # AccessMiddleware lets nobody else in


@access(Verb.USE_DESK)
@never_cache
@require_POST
def contact(request: HttpRequest) -> HttpResponse:
    """How one is reached, unless an administrator changed one's details meanwhile."""
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _page(request, contact=form, status=422)
    entered = {name: form.cleaned_data[name] for name in form.Meta.fields}
    try:
        changed = edit_person(_own(request), entered, seen=form.cleaned_data["version"], **acting(request))
    except PersonChanged as stale:
        messages.warning(
            request, _("您打开本页后，您的资料已由别人修改，没有保存；表单中是您填写的，再次保存即以您的为准。")
        )
        again = ContactForm(initial=entered | {"version": version_of(stale.current)})
        return _page(request, contact=again, status=409)
    messages.success(request, _("已保存。") if changed else _("没有变化。"))
    return redirect("account")


@access(Verb.USE_DESK)
@never_cache
@sensitive_post_parameters()
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """Another password. Sessions elsewhere end with the old one."""
    form = OwnPasswordForm(request, request.POST)
    try:
        is_right = form.is_valid()
    except TooManyTries as refused:
        return too_many_tries(request, refused)
    user, before = _own(request), request.session.session_key
    if not is_right:
        if "old_password" in form.errors and form.attempt:
            sign_in_failed({"username": user.username}, request)
        return _page(request, password=form, status=422)
    with transaction.atomic():
        form.save()
        password_chosen(user, keep=before, **acting(request))
    update_session_auth_hash(request, user)
    moved_to(before, request.session.session_key)
    messages.success(request, _("密码已修改，其他登录已全部退出。"))
    return redirect("account")


@access(Verb.USE_DESK)
@never_cache
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End one of one's other sessions (`session`), or all of them."""
    sent = request.POST.get("session", "")
    only = int(sent) if is_number(sent) else None
    if sent and only is None:
        return redirect("account")
    ended = end_own_sessions(_own(request), keep=request.session.session_key, only=only, **acting(request))
    if ended:
        text = ngettext("已退出%(count)d处登录。", "已退出%(count)d处登录。", ended)
        messages.success(request, text % {"count": ended})
    else:
        messages.info(request, _("没有其他登录。"))
    return redirect("account")
