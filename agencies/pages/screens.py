"""Screens on a wall and their addresses, for administrators."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agencies.access import Verb, access, acting
from agencies.models import Screen
from agencies.pages.forms import ScreenForm
from agencies.people.screens import end_screen, make_screen


@access(Verb.MANAGE_TOKENS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def screens(request: HttpRequest) -> HttpResponse:
    """All screens; the form makes one, whose address is shown this once."""
    form, address = ScreenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        _screen, key = make_screen(**form.cleaned_data, **acting(request))
        address, form = f"{settings.SITE_URL}{reverse('screen-of-key', args=[key])}", ScreenForm()
    context = {
        "form": form,
        "screens": Screen.objects.select_related("agency"),
        "address": address,
    }
    return render(request, "people/screens.html", context, status=422 if form.is_bound and form.errors else 200)


@access(Verb.MANAGE_TOKENS)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Its address opens nothing any more."""
    end_screen(get_object_or_404(Screen.objects.living(), pk=pk), **acting(request))
    messages.success(request, _("大屏地址已停用。"))
    return redirect("screens")
