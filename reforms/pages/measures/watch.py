"""通知我: one button that begins, and one that ends it, on a measure, on a view and on 账户."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agencies.access import Verb, access, principal_of
from reforms.desk.saved_views import views_of
from reforms.desk.watching import watch_measure, watch_view, watches_of
from reforms.models import Measure


@access(Verb.USE_DESK)
@require_POST
def measure(request: HttpRequest, pk: int) -> HttpResponse:
    """Begins to tell whoever asks what happens to the measure."""
    who = principal_of(request)
    found = get_object_or_404(Measure.objects.readable_by(who), pk=pk)
    return _begun(request, lambda: watch_measure(found, who=who), found.get_absolute_url())


@access(Verb.USE_DESK)
@require_POST
def view(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for the measures that a view finds."""
    who = principal_of(request)
    found = get_object_or_404(views_of(who), pk=pk)
    return _begun(request, lambda: watch_view(found, who=who), reverse("saved-views"))


def _begun(request: HttpRequest, begin: Callable[[], None], back: str) -> HttpResponse:
    try:
        begin()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("有新动态时将在“消息”中通知您；可在“我的账户”取消。"))
    return redirect(back)


@access(Verb.USE_DESK)
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends one of one's own, or, with `mail`, begins or ends to put it into one's letters."""
    found = get_object_or_404(watches_of(principal_of(request)), pk=pk)
    if request.POST.get("mail") in {"on", "off"}:
        found.by_mail = request.POST["mail"] == "on"
        found.save(update_fields=["by_mail"])
    else:
        found.delete()
        messages.success(request, _("已取消通知。"))
    if request.POST.get("from") == "measure" and found.measure:
        return redirect(found.measure)
    return redirect("saved-views" if request.POST.get("from") == "views" else f"{reverse('account')}#watches")
