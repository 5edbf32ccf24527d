"""账户: one's own roles, password, sessions and sign-ins."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from agencies.access import Verb, access, acting
from agencies.lib.requests import is_number
from agencies.models import User
from agencies.pages.forms import ContactForm, OwnPasswordForm
from agencies.pages.sign_in import too_many_tries
from agencies.people.accounts import PersonChanged, edit_person, password_chosen, version_of
from agencies.people.attempts import TooManyTries
from agencies.people.sessions import end_own_sessions, moved_to, open_sessions, sign_in_failed, sign_ins_of


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
