"""消息: the inbox. Opening a notice is seeing it."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from agencies.access import Verb, access, principal_of
from reforms.models import Notice, NoticeQuerySet
from reforms.notices.inbox import inbox, notices_for, place_of, see, told

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for in the address; what it does not know is not asked for."""

    unseen: bool
    kind: str

    def __bool__(self) -> bool:
        return self.unseen or bool(self.kind)

    def of(self, found: NoticeQuerySet) -> NoticeQuerySet:
        found = found.filter(seen=False) if self.unseen else found
        return found.filter(kind=self.kind) if self.kind else found


@access(Verb.USE_DESK)
@require_safe
@never_cache
def notices(request: HttpRequest) -> HttpResponse:
    """What one is told, unseen first, newest first."""
    who = principal_of(request)
    kind = request.GET.get("kind", "")
    filters = Filters(unseen=request.GET.get("unseen") == "1", kind=kind if kind in Notice.Kind.values else "")
    page = Paginator(filters.of(inbox(who)), PER_PAGE).get_page(request.GET.get("page"))
    kinds = set(notices_for(who).order_by().values_list("kind", flat=True).distinct())
    context = {
        "page": page,
        "told": told(page.object_list),
        "filters": filters,
        "newest": notices_for(who).order_by("-pk").values_list("pk", flat=True).first(),
        "kinds": [(value, label) for value, label in Notice.Kind.choices if value in kinds],
    }
    return render(request, "desk/notices.html", context)


@access(Verb.USE_DESK)
@require_safe
@never_cache
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """On to where one acts on it."""
    found = _theirs(request, pk)
    see(principal_of(request), found)
    return redirect(place_of(found.select_related("measure").get(), principal_of(request)))


@access(Verb.USE_DESK)
@require_POST
def see_one(request: HttpRequest, pk: int) -> HttpResponse:
    see(principal_of(request), _theirs(request, pk))
    return _back(request)


@access(Verb.USE_DESK)
@require_POST
def see_all(request: HttpRequest) -> HttpResponse:
    """All that was there when the page was shown; what came since stays unseen."""
    newest, who = request.POST.get("newest", ""), principal_of(request)
    if newest.isdecimal() and len(newest) < 19:
        see(who, notices_for(who).filter(pk__lte=int(newest)))
        messages.success(request, _("已全部标为已读。"))
    return _back(request)


def _theirs(request: HttpRequest, pk: int) -> NoticeQuerySet:
    found = notices_for(principal_of(request)).filter(pk=pk)
    if not found.exists():
        raise Http404
    return found


def _back(request: HttpRequest) -> HttpResponse:
    """To the page with its filters, as far as it is one of ours."""
    asked = request.POST.get("next", "")
    # No host is allowed, so that nobody is led to another site.
    safe = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return redirect(asked if safe else "notices")
