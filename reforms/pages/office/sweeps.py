"""巡检: when the outbox was looked through, a clock to confirm, and a letter to oneself to try the settings of mail."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from agencies.access import Verb, access, acting
from agencies.models import User
from reforms.models import ClockStop, SweepRun
from reforms.reminders.sending.bounces import last_reading
from reforms.reminders.sending.heartbeat import confirm_clock, heartbeat
from reforms.reminders.sending.mail_check import faults, send_test
from reforms.tasks import wake

SHOWN = 50


@access(Verb.MANAGE_REMINDERS)
@never_cache
@require_safe
def sweeps(request: HttpRequest) -> HttpResponse:
    """The sweeps, the latest first; what is wrong with clock, scheduler and mail above them."""
    context = {
        "page": Paginator(SweepRun.objects.all(), SHOWN).get_page(request.GET.get("page")),
        "beat": heartbeat(),
        "now": timezone.now(),
        "stops": ClockStop.objects.exclude(confirmed_at=None)[:5],
        "faults": faults(),
        "bounces": last_reading(),
    }
    return render(request, "office/sweeps.html", context)


@access(Verb.MANAGE_REMINDERS)
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The clock is right now: letters go out again."""
    get_object_or_404(ClockStop, pk=pk)
    if confirm_clock(pk, **acting(request)):
        wake()
        messages.success(request, _("时钟已确认，恢复发送。"))
    else:
        messages.warning(request, _("已有人确认过。"))
    return redirect("sweeps")


@access(Verb.MANAGE_REMINDERS)
@require_POST
def test_mail(request: HttpRequest) -> HttpResponse:
    """One letter to whoever asks."""
    user = request.user
    if not (isinstance(user, User) and user.email):
        messages.warning(request, _("您还没有填写邮箱，无处可发。"))
    elif refused := send_test(user.email):
        messages.error(request, _("测试信没有发出：%(why)s") % {"why": refused})
    else:
        messages.success(request, _("测试信已发往%(address)s，请查收。") % {"address": user.email})
    return redirect("sweeps")
