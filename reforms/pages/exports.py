"""Long files: ordering one, watching how far it is, fetching it."""

from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from agencies.access import Verb, access, acting, principal_of
from agencies.lib.jobs.wake import wake
from agencies.lib.requests import load_anew
from reforms.exports.makers import Order
from reforms.exports.orders import MOST_WAITING, TooMany, find, order, told_of, watch_of
from reforms.models import Export
from reforms.notices.inbox import see
from reforms.pages.files import at_once_or_ordered
from reforms.tasks import run_exports


@access(Verb.ENTER_FOR)
@require_safe
def sheets(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Offers 任务清单 and 填报表 of each agency of a list as one zip."""
    return at_once_or_ordered(request, "sheets", urlencode({"list": slug}), back=reverse("list", args=[slug]))


@access(Verb.READ)
@require_POST
def order_file(request: HttpRequest) -> HttpResponse:
    """Have a file made, and go where one can see how far it is."""
    asked = Order(query=QueryDict(request.POST.get("query", "")), **acting(request))
    try:
        export = order(request.POST.get("kind", ""), asked)
    except TooMany:
        return render(request, "exports/too_many.html", {"most": MOST_WAITING}, status=429)
    wake(run_exports)
    return redirect(export)


@access(Verb.READ)
@never_cache
@require_safe
def made_file(request: HttpRequest, token: str) -> HttpResponse:
    """How far a file is, or where it can be fetched, or that it could not be made."""
    export = find(token, principal_of(request))
    return render(request, "exports/export.html", _context(export))


@access(Verb.READ)
@never_cache
@require_safe
def progress(request: HttpRequest, token: str) -> HttpResponse:
    """The progress bar alone; when there is nothing to wait for, the page is loaded anew."""
    export = find(token, principal_of(request))
    if export.state == Export.State.WAITING:
        return render(request, "exports/progress.html", _context(export))
    return load_anew()


def _context(export: Export) -> dict[str, Any]:
    return {"export": export, "reached": watch_of(export.pk).reached()}


@access(Verb.READ)
@never_cache
@require_safe
def fetch(request: HttpRequest, token: str) -> FileResponse:
    """The file itself."""
    export = find(token, principal_of(request))
    if not export.file or not export.file.storage.exists(str(export.file.name)):
        raise Http404
    see(principal_of(request), told_of(export))
    return FileResponse(
        export.file.open("rb"), as_attachment=True, filename=export.file_name, content_type=export.content_type
    )
