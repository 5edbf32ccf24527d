"""我的工作台: what waits for the person who signed in."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agencies.access import Verb, access, agencies_for, may, principal_of
from agencies.clock import today
from agencies.models import Agency
from reforms.catalogue.viewpoint import viewpoint
from reforms.desk.agency import Desk, DeskRow, Group, desk_of
from reforms.desk.office import office_groups
from reforms.models import ProgressReport
from reforms.pages.desk.forms import OfficersForm
from reforms.pages.review.sign import SIGN
from reforms.reports.officers import colleagues_of

SHOWN_OF_EACH, PAGE_SIZE = 20, 50
RESTING = (Group.CLAIMED, Group.OTHERS)


@dataclass(frozen=True, slots=True)
class Shelf:
    """One group as the page shows it: the first rows, or a page of them when it is asked for alone."""

    group: Group
    rows: list[DeskRow]
    total: int


@access(Verb.USE_DESK)
@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What one's agencies must act on, what burns first; `?show=` opens one group, `?mine=1` keeps to one's own."""
    who = principal_of(request)
    view = viewpoint(who, today())
    found = desk_of(view, mine=request.GET.get("mine") == "1")
    alone = Group(request.GET["show"]) if request.GET.get("show") in Group.values else None
    page = Paginator(found.groups.get(alone, []), PAGE_SIZE).get_page(request.GET.get("page")) if alone else None
    shelves = _shelves(found, alone, page)
    own, reporting = who.agencies(), agencies_for(who, Verb.REPORT)
    context = {
        "view": view,
        "office": office_groups(who, view.on),
        "agencies": Agency.objects.filter(pk__in=own),
        "desk": found,
        "to_sign": [(one, SIGN.url(one, "")) for one in found.sign],
        "burning": [shelf for shelf in shelves if shelf.group not in RESTING],
        "resting": [shelf for shelf in shelves if shelf.group in RESTING],
        "alone": alone,
        "page": page,
        "mine": request.GET.get("mine") == "1",
        "reporting": reporting,
        "officers": OfficersForm(colleagues=colleagues_of(reporting)) if reporting else None,
        "reports": _latest(own) if may(who, Verb.READ_REPORTS, own) else [],
        "heading": _("我的工作台"),
    }
    return render(request, "desk/desk.html", context)


def _shelves(found: Desk, alone: Group | None, page: "Page[DeskRow] | None") -> list[Shelf]:
    if alone and page is not None:
        return [Shelf(alone, list(page.object_list), page.paginator.count)]
    return [Shelf(group, rows[:SHOWN_OF_EACH], len(rows)) for group, rows in found.groups.items()]


def _latest(agencies: frozenset[int]) -> list[ProgressReport]:
    return list(ProgressReport.objects.sent().filter(agency__in=agencies).select_related("measure__item", "agency")[:5])
