"""One case at a time: the page on which a claim or an extension is decided, for the office and for an agency's
approvers alike. After a decision the next one opens."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from agencies.access.principal import Principal
from agencies.access.views import principal_of
from agencies.clock import today
from reforms.lib.versions import Stale
from reforms.lib.words import item_text
from reforms.models import Extension, ProgressReport
from reforms.pages.forms import SeenForm, add_errors
from reforms.pages.review.case import case_of, meanwhile
from reforms.review.queue import Kind, Place, Thing, Waiting, place_of

APPROVE, REFUSE = "approve", "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One of the two answers to a case: `label` is on its button, `done` in the message afterwards."""

    label: Any
    done: Any
    form: type[SeenForm]
    act: Callable[[int, Mapping[str, Any], Principal, dt.date], Thing]
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where decisions are made: `state` is what waits there, `queue` who waits, `pages` the names of the addresses."""

    name: str
    state: str
    heading: Any
    home: str
    pages: Mapping[Kind, str]
    queue: Callable[[HttpRequest], Sequence[Waiting]]
    why_not: Callable[[Thing, Principal], str]
    decisions: Mapping[Kind, Mapping[str, Decision]]

    def url(self, waiting: Waiting | None, query: str) -> str:
        """The address of a case in the queue that `query` filters; empty for none."""
        if waiting is None:
            return ""
        return self.address(waiting.kind, waiting.pk) + (f"?{query}" if query else "")

    def address(self, kind: Kind, pk: int) -> str:
        return reverse(self.pages[kind], args=[pk])

    def home_url(self, query: str) -> str:
        return reverse(self.home) + (f"?{query}" if query else "")


def decide(request: HttpRequest, stage: Stage, kind: Kind, things: QuerySet[Any], pk: int) -> HttpResponse:
    """Show a case; by POST decide it. 422 for what cannot be taken, 409 when somebody else was quicker."""
    thing = _thing(things, pk)
    barred = stage.why_not(thing, principal_of(request))
    if request.method != "POST":
        return _page(request, stage, kind, thing, barred=barred)
    name = request.POST.get("decision", "")
    if name not in stage.decisions[kind]:
        raise Http404
    form = _form(stage.decisions[kind][name], name, data=request.POST)
    if not form.is_valid():
        return _page(request, stage, kind, thing, barred=barred, sent={name: form}, status=422)
    try:
        done = stage.decisions[kind][name].act(pk, form.cleaned_data | {"form": form}, principal_of(request), today())
    except Stale:
        return _page(request, stage, kind, _thing(things, pk), barred=barred, late=(name, form), status=409)
    except ValidationError as error:
        add_errors(form, error)
        return _page(request, stage, kind, thing, barred=barred, sent={name: form}, status=422)
    messages.success(request, _told(stage, kind, done, name))
    return redirect(_next(request, stage, done))


def _thing(things: QuerySet[Any], pk: int) -> Thing:
    found: Thing | None = things.select_related("measure__item", "measure__reform_list", "agency").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _form(decision: Decision, name: str, data: Any = None, initial: Mapping[str, Any] | None = None) -> SeenForm:
    return decision.form(data, auto_id=f"{name}_%s", initial=dict(initial or {}))


def _page(
    request: HttpRequest,
    stage: Stage,
    kind: Kind,
    thing: Thing,
    *,
    barred: str,
    sent: Mapping[str, SeenForm] | None = None,
    late: tuple[str, SeenForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    who, query = principal_of(request), request.GET.urlencode()
    place = place_of(thing, stage.queue(request))
    waits = thing.state == stage.state
    context = {
        "stage": stage,
        "kind": kind,
        "thing": thing,
        "case": case_of(thing, who, today()),
        "place": place,
        "home": stage.home_url(query),
        "before": stage.url(place.before, query),
        "after": stage.url(place.after, query),
        "barred": barred if waits else "",
        "waits": waits,
        "forms": _forms(stage, kind, thing, sent or {}, late) if waits and not barred else [],
        "meanwhile": meanwhile(thing) if late else None,
        "lost": _words(late[1]) if late and not waits else "",
    }
    return render(request, f"review/{kind}.html", context, status=status)


def _forms(
    stage: Stage, kind: Kind, thing: Thing, sent: Mapping[str, SeenForm], late: tuple[str, SeenForm] | None
) -> list[tuple[str, Decision, SeenForm]]:
    """The two forms: one that was sent as it was; one that came too late with its words, for what is there now."""
    found = []
    for name, decision in stage.decisions[kind].items():
        initial = dict(late[1].cleaned_data) if late and late[0] == name else {}
        if isinstance(thing, Extension):
            initial.setdefault("until", thing.proposed)
        initial["seen"] = thing.version
        found.append((name, decision, sent.get(name) or _form(decision, name, initial=initial)))
    return found


def _words(form: SeenForm) -> str:
    return str(form.cleaned_data.get("reason") or form.cleaned_data.get("remark") or "")


def _told(stage: Stage, kind: Kind, thing: Thing, name: str) -> SafeString:
    """What was just done, with a link to it."""
    return format_html(
        '{}{}<a href="{}">{} <span lang="zh-CN">{}（{}）</span></a>',
        stage.decisions[kind][name].done,
        _("："),
        stage.address(kind, thing.pk),
        item_text(thing.measure.item.number),
        thing.measure.title,
        thing.agency.name,
    )


def _next(request: HttpRequest, stage: Stage, done: Thing) -> str:
    """The next case that may be decided, from the first one again after the last; the queue when none is left."""
    queue, query = stage.queue(request), request.GET.urlencode()
    place: Place = place_of(done, queue)
    first = next((waiting for waiting in queue if not waiting.barred), None)
    return stage.url(place.after or first, query) or stage.home_url(query)


def claims() -> QuerySet[ProgressReport]:
    """Every report that claims completion."""
    return ProgressReport.objects.filter(is_claim=True)
