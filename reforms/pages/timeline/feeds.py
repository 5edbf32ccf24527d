"""订阅: deadlines as a calendar and what happened as news, for programs that ask again and again without signing in."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from agencies.access import NOBODY, Principal, Verb, access, acting, principal_of, today
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.layout import LAYOUT, TableFilter, without_layout
from reforms.desk.feeds import MOST, end_feed, feed_with, feeds_of, filters_of_feed, make_feed, renew_feed
from reforms.desk.saved_views import views_of
from reforms.lib.filters import usable_filters, without_empty
from reforms.lib.tables import call_file
from reforms.models import PersonalFeed, SavedView
from reforms.pages.visitors import kept_for_visitors
from reforms.timeline.feed import calendar_of, subject_of
from reforms.timeline.news import news_of

TEXT = "text/plain; charset=utf-8"
GONE = gettext_lazy("此订阅已失效：订阅人已没有相应的权限，或所订阅的内容已不存在。请在日历或阅读器中删除。")
ICAL, ATOM = "text/calendar; charset=utf-8", "application/atom+xml; charset=utf-8"
# Of an address, beside the filters: the language, and what is the timeline page's own.
LANGUAGE, YEAR = "lang", "year"


@access(Verb.READ)
@require_safe
@kept_for_visitors
def calendar(request: HttpRequest) -> HttpResponse:
    """The deadlines of measures under filters, as a visitor may read them, whoever asks."""
    return _public(request, _calendar)


@access(Verb.READ)
@require_safe
@kept_for_visitors
def news(request: HttpRequest) -> HttpResponse:
    """What happened to the same measures."""
    return _public(request, partial(_news, name=request.build_absolute_uri(), own=request.build_absolute_uri()))


def _public(request: HttpRequest, write: Callable[[MeasureFilter], HttpResponse]) -> HttpResponse:
    data = request.GET.copy()
    for name in (LANGUAGE, YEAR, *LAYOUT):
        data.pop(name, None)
    filters, left_out = usable_filters(partial(MeasureFilter.read, who=NOBODY, today=today()), without_empty(data))
    # A feed cannot say what was left out of it; the page can.
    if left_out.struck:
        return redirect(f"{reverse('timeline')}?{request.GET.urlencode()}")
    language = request.GET.get(LANGUAGE, "")
    with translation.override(language if language in dict(settings.LANGUAGES) else get_language()):
        return _once(request, write(filters))


@access(Verb.READ)
@require_safe
def personal_calendar(request: HttpRequest, key: str) -> HttpResponse:
    """The deadlines of what a personal address was made for, as its owner may read them now."""
    return _personal(request, key, lambda _feed, filters: _calendar(filters))


@access(Verb.READ)
@require_safe
def personal_news(request: HttpRequest, key: str) -> HttpResponse:
    """What happened to the same measures."""
    # By the person's feed and not by its address, which is renewed.
    name, own = f"{settings.SITE_URL}/feeds/%s", request.build_absolute_uri()
    return _personal(request, key, lambda feed, filters: _news(filters, name=name % feed.pk, own=own))


def _personal(
    request: HttpRequest, key: str, write: Callable[[PersonalFeed, MeasureFilter], HttpResponse]
) -> HttpResponse:
    """404 for an address that was never or is no longer given out, 410 where its owner may no longer read what it was
    for."""
    feed = feed_with(key)
    if feed is None:
        raise Http404
    with translation.override(feed.user.language):
        filters = filters_of_feed(feed, today())
        answer = write(feed, filters) if filters else HttpResponse(GONE, status=410, content_type=TEXT)
    answer.headers["X-Robots-Tag"], answer.headers["Referrer-Policy"] = "noindex", "no-referrer"
    patch_cache_control(answer, private=True, no_cache=True)
    return _once(request, answer)


def _calendar(filters: MeasureFilter) -> HttpResponse:
    response = HttpResponse(calendar_of(filters), content_type=ICAL)
    call_file(response, "deadlines.ics")
    return response


def _news(filters: MeasureFilter, *, name: str, own: str) -> HttpResponse:
    page = f"{settings.SITE_URL}{reverse('measures')}?{filters.data.urlencode()}"
    return HttpResponse(news_of(filters, name=name, own=own, page=page), content_type=ATOM)


def _once(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer with the ETag of what it says, or 304 to whoever has that."""
    if response.status_code != 200:
        return response
    tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response.headers["ETag"] = tag
    return get_conditional_response(request, etag=tag, response=response) or response


# The page about it --------------------------------------------------------------------------------


@access(Verb.READ)
@require_safe
@kept_for_visitors
def subscribe(request: HttpRequest) -> HttpResponse:
    """The addresses for what the query asks for, or for a saved view (`view`), and how they are used."""
    return render(request, "timeline/subscribe.html", _wanted(request))


@access(Verb.USE_DESK)
@never_cache
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """A personal address for the same; it is shown this once."""
    context = _wanted(request)
    try:
        _feed, key = make_feed(context["what"], context["query"], context["view"], **acting(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(f"{reverse('subscribe')}?{request.GET.urlencode()}")
    return render(request, "timeline/subscribe.html", context | {"made": _of_key(key)})


def _wanted(request: HttpRequest) -> dict[str, Any]:
    who = principal_of(request)
    view = _view(request, who)
    data = QueryDict(view.query, mutable=True) if view else request.GET.copy()
    for name in ("on", "view", "page", "ordering"):
        data.pop(name, None)
    filters = usable_filters(partial(TableFilter.read, who=who, today=today()), without_empty(data))[0]
    query = without_layout(filters.data).urlencode()
    public = _addresses(reverse("timeline-feed"), reverse("timeline-news"), _in_language(query))
    return {
        "what": view.name if view else subject_of(filters),
        "query": query,
        "asked": request.GET.urlencode(),
        "view": view,
        "public": public if _is_public(query) else None,
        "most": MOST,
    }


def _view(request: HttpRequest, who: Principal) -> SavedView | None:
    asked = request.GET.get("view", "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 10):
        raise Http404
    found: SavedView = get_object_or_404(views_of(who), pk=int(asked))
    return found


def _is_public(query: str) -> bool:
    """Whether visitors may ask the same."""
    data = QueryDict(query)
    filters, left_out = usable_filters(partial(MeasureFilter.read, who=NOBODY, today=today()), data)
    return not left_out.struck and filters.measures(every_disposition=True).exists()


def _in_language(query: str) -> str:
    return "&".join(filter(None, (query, f"{LANGUAGE}=en" if get_language() == "en" else "")))


def _of_key(key: str) -> dict[str, str]:
    return _addresses(reverse("personal-calendar", args=[key]), reverse("personal-news", args=[key]), "")


def _addresses(ics: str, atom: str, query: str) -> dict[str, str]:
    """Both, and the calendar's as phones open it."""
    asked = f"?{query}" if query else ""
    site = settings.SITE_URL
    return {
        "ics": f"{site}{ics}{asked}",
        "atom": f"{site}{atom}{asked}",
        "webcal": f"webcal://{site.partition('://')[2]}{ics}{asked}",
    }


@access(Verb.USE_DESK)
@never_cache
@require_POST
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Another address for the same; it is shown this once."""
    feed = _own(request, pk)
    key = renew_feed(feed, **acting(request))
    return render(request, "timeline/renewed.html", {"feed": feed, "made": _of_key(key)})


@access(Verb.USE_DESK)
@never_cache
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Its address opens nothing any more."""
    end_feed(_own(request, pk), **acting(request))
    messages.success(request, _("订阅地址已停用。"))
    return redirect(f"{reverse('account')}#feeds")


def _own(request: HttpRequest, pk: int) -> PersonalFeed:
    found: PersonalFeed = get_object_or_404(feeds_of(principal_of(request)), pk=pk)
    return found
