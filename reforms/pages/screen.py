"""大屏: how far the lists are, scene after scene, for a wall on which nobody presses anything. No name of a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agencies.access import Principal, Verb, access, principal_of, today
from agencies.lib.addresses import origin_of
from agencies.lib.requests import is_number
from agencies.people.screens import open_screen, principal_of_screen
from reforms.catalogue.course import MonthEnd
from reforms.catalogue.overview import (
    Overview,
    leads_of,
    lists_of_overview,
    overview_of,
    progress_of_lists,
    progress_of_sections,
    sections_of,
)
from reforms.catalogue.rows import Viewpoint, viewpoint
from reforms.history.measure import News, public_news
from reforms.lib.filters import asked_day
from reforms.models import ReformList
from reforms.pages.overview.charts import ProgressLine, bar, curve, line, trend

LINES, ROWS = 12, 7  # of a table, and of measures in words: what can be read from five metres
SHORTEST, USUAL, LONGEST = 5, 15, 120  # seconds that a scene stays


class Scene(TextChoices):
    """In the order in which they follow each other."""

    TOTALS = "totals", _("总体进展")
    OVERDUE = "overdue", _("逾期举措")
    SECTIONS = "sections", _("各类进展")
    AGENCIES = "agencies", _("各单位牵头情况")
    COURSE = "course", _("时限与完成")
    SOON = "soon", _("30天内到期")
    LATEST = "latest", _("本周变化")


@dataclass(frozen=True, slots=True)
class Wall:
    """What is shown: the scenes, how many seconds each, and of which list (None: of all)."""

    scenes: list[Scene]
    seconds: int
    alone: ReformList | None


@access(Verb.READ)
@never_cache
@require_safe
def screen(request: HttpRequest) -> HttpResponse:
    """For whoever is signed in, and for visitors what is public."""
    return _shown(request, principal_of(request))


@access(Verb.READ)
@never_cache
@require_safe
def screen_of_key(request: HttpRequest, key: str) -> HttpResponse:
    """For a screen on a wall; from elsewhere than its own addresses there is none."""
    found = open_screen(key, origin_of(request))
    if found is None:
        raise Http404
    return _shown(request, principal_of_screen(found))


def _shown(request: HttpRequest, who: Principal) -> HttpResponse:
    """`?list=` keeps to one list, `?scenes=totals,course` to some scenes, `?seconds=` says how long each stays, `?on=`
    shows a past day."""
    slug = request.GET.get("list", "")
    lists = list(lists_of_overview(who, [slug] if slug else [])[: LINES + 1])
    if slug and not lists:
        raise Http404
    alone = lists[0] if len(lists) == 1 else None
    view = viewpoint(who, asked_day(request, today()) or today(), [slug] if slug else [], today=today())
    wall = Wall(_scenes(request.GET.get("scenes", ""), view), _seconds(request.GET.get("seconds", "")), alone)
    heads = [(scene, "") for scene in wall.scenes]
    context: dict[str, Any] = {"heads": heads, "wall": wall, "view": view, "made_at": timezone.now(), "day": view.on}
    if lists:
        context |= _numbers(view, wall, lists, [slug] if slug else [])
    return render(request, "screen/screen.html", context)


def _seconds(asked: str) -> int:
    return min(max(int(asked), SHORTEST), LONGEST) if is_number(asked) else USUAL


def _scenes(asked: str, view: Viewpoint) -> list[Scene]:
    """Those asked for (all, when none of them is one), without those that may not be seen."""
    open_ones = list(_open_to(view))
    return [scene for scene in open_ones if scene in asked.split(",")] or open_ones


def _open_to(view: Viewpoint) -> Iterator[Scene]:
    for scene in Scene:
        is_of_status = scene in (Scene.OVERDUE, Scene.LATEST)
        if (view.sees_status or not is_of_status) and (view.sees_agencies or scene != Scene.AGENCIES):
            yield scene


def _numbers(view: Viewpoint, wall: Wall, lists: list[ReformList], slugs: list[str]) -> dict[str, Any]:
    numbers = overview_of(view, slugs)
    leads, agencies = leads_of(view, LINES, wall.alone) if Scene.AGENCIES in wall.scenes else ([], 0)
    news = public_news(view, slugs, shown=ROWS) if Scene.LATEST in wall.scenes else News([], 0)
    counts = {
        Scene.OVERDUE: _of_measures(numbers.totals.overdue),
        Scene.SOON: _of_measures(numbers.soon_count),
        Scene.AGENCIES: ngettext("共%(n)d家", "共%(n)d家", agencies) % {"n": agencies},
        Scene.LATEST: _of_measures(news.count or 0),
    }
    return {
        "numbers": numbers,
        "totals": numbers.totals,
        "bar": bar(numbers.totals.lights),
        "overdue": numbers.overdue[:ROWS],
        "soon": numbers.soon[:ROWS],
        "lines": _lines(view, wall.alone, lists) if Scene.SECTIONS in wall.scenes else [],
        "leads": [line(one, "") for one in leads],
        "heads": [(scene, counts.get(scene, "")) for scene in wall.scenes],
        **_charts(numbers, view),
        "news": news.first,
    }


def _lines(view: Viewpoint, alone: ReformList | None, lists: list[ReformList]) -> list[ProgressLine]:
    if alone is None:
        return [line(one, "") for one in progress_of_lists(lists[:LINES], view)]
    return [line(one, "") for one in progress_of_sections(list(sections_of(alone, view)[:LINES]), view)]


def _of_measures(n: int) -> str:
    """How many there are, beside the name of a scene that has room for the first of them."""
    return ngettext("共%(n)d条", "共%(n)d条", n) % {"n": n} if n else ""


def _charts(numbers: Overview, view: Viewpoint) -> dict[str, Any]:
    return {
        "curve": curve(numbers.course, view.on),
        "trend": trend(numbers.trend, MonthEnd(view.on, numbers.totals.lights)) if view.sees_status else None,
    }
