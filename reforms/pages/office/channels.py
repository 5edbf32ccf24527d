"""渠道测试: mail and the robots of chat groups, tried one by one, and in a sentence what is wrong with each."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Verb, access
from agencies.lib.requests import is_number
from agencies.models import ChatRobot, User
from reforms.reminders.sending.bounces import configured, try_mailbox
from reforms.reminders.sending.mail_check import faults, seen_otherwise, send_test, unknown_site
from reforms.reminders.sending.robot_check import try_robot
from reforms.reminders.sending.robots import Robots, name_of

A_PAGE = 50
AT_MOST = 20  # robots tried at once
TIME = 40.0  # seconds after which no other is begun


@dataclass(frozen=True, slots=True)
class Tried:
    """A channel that was tried; `wrong` is empty where nothing was, and `well` what is said then. It was not tried
    where time was up."""

    name: str
    wrong: str = ""
    well: str = ""
    skipped: bool = False
    is_group: bool = False


@access(Verb.MANAGE_AGENCIES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest) -> HttpResponse:
    """What speaks against the settings, and the channels to tick; those that were ticked are tried."""
    tried: list[Tried] = []
    said = ""
    if request.method == "POST":
        wanted = [int(pk) for pk in request.POST.getlist("robot") if is_number(pk)]
        if not wanted and not {"mail", "bounces"} & request.POST.keys():
            said = _("请勾选要测试的渠道。")
        elif len(wanted) > AT_MOST:
            said = _("一次最多测试%(most)d个群机器人。") % {"most": AT_MOST}
        else:
            robots = ChatRobot.objects.in_use().filter(pk__in=wanted).select_related("agency")
            mail = _mail(request) if "mail" in request.POST else ()
            tried = [*mail, *(_bounces() if "bounces" in request.POST else ()), *_robots(list(robots))]
    found = ChatRobot.objects.in_use().select_related("agency")
    opened = f"{request.scheme}://{request.get_host()}"
    asked = [unknown_site()] if tried else []
    context = {
        "faults": [fault for fault in (*faults(), seen_otherwise(opened), *asked) if fault],
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
        "tried": tried,
        "reads_bounces": configured() is not None,
        "wrong": said,
    }
    return render(request, "office/channels.html", context, status=422 if said else 200)


def _mail(request: HttpRequest) -> Iterator[Tried]:
    user = request.user
    address = user.email if isinstance(user, User) else ""
    wrong = send_test(address) if address else _("您还没有填写邮箱，无处可发。")
    unsent = "" if settings.MAIL_GOES_OUT else _("没有邮件服务器，只写成了文件。")
    yield Tried(_("邮件 %(address)s") % {"address": address}, wrong or unsent)


def _bounces() -> Iterator[Tried]:
    wrong = try_mailbox()
    said = _("退信邮箱读不了，请核对BOUNCE_URL：%(why)s") % {"why": wrong} if wrong else ""
    yield Tried(_("退信邮箱"), said, well=_("能够读取。"))


def _robots(found: Sequence[ChatRobot]) -> Iterator[Tried]:
    begun, robots = time.monotonic(), Robots()
    for robot in found:
        if time.monotonic() - begun > TIME:
            yield Tried(name_of(robot), skipped=True, is_group=True)
        else:
            yield Tried(name_of(robot), try_robot(robot, robots), is_group=True)
