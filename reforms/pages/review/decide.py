"""One case at a time: the page on which a claim or an extension is decided, for the office and for an agency's
approvers alike. After a decision the next one opens."""

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

from agencies.access import Principal, acting, principal_of, today
from reforms.lib.words import named_text
from reforms.models import ProgressReport, RequestKind, ReviewRequest, Stale
from reforms.pages.forms import add_errors
from reforms.pages.review.case import case_of, meanwhile
from reforms.pages.review.forms import AnswerForm
from reforms.review.queue import QueuePlace, Waiting, place_of

APPROVE, REFUSE = "approve", "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One of the two answers to a case: `label` is on its button, `done` in the message afterwards. `act` takes
    the id, what the form says, `who` and `on`."""

    label: Any
    done: Any
    form: type[AnswerForm]
    act: Callable[..., ReviewRequest]
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewStage:
    """Where decisions are made: `state` is what waits there, `queue` who waits, `pages` the names of the addresses."""

    name: str
    state: str
    heading: Any
    home: str
    pages: Mapping[RequestKind, str]
    queue: Callable[[HttpRequest], Sequence[Waiting]]
    why_not: Callable[[ReviewRequest, Principal], str]
    decisions: Mapping[RequestKind, Mapping[str, Decision]]

    def url(self, waiting: Waiting | None, query: str) -> str:
        """The address of a case in the queue that `query` filters; empty for none."""
        if waiting is None:
            return ""
        return self.address(waiting.request.kind, waiting.pk) + (f"?{query}" if query else "")

    def address(self, kind: RequestKind, pk: int) -> str:
        return reverse(self.pages[kind], args=[pk])

    def home_url(self, query: str) -> str:
        return reverse(self.home) + (f"?{query}" if query else "")


def decide(request: HttpRequest, stage: ReviewStage, requests: QuerySet[Any], pk: int) -> HttpResponse:
    """Show a case; by POST decide it. 422 for what cannot be taken, 409 when somebody else was quicker."""
    asked = _asked(requests, pk)
    barred = stage.why_not(asked, principal_of(request))
    if request.method != "POST":
        return _page(request, stage, asked, barred=barred)
    name, decisions = request.POST.get("decision", ""), stage.decisions[asked.kind]
    if name not in decisions:
        raise Http404
    form = _form(decisions[name], name, asked, data=request.POST)
    if not form.is_valid():
        return _page(request, stage, asked, barred=barred, sent={name: form}, status=422)
    try:
        done = decisions[name].act(pk, **form.answer, **acting(request))
    except Stale:
        # Read anew: it is shown as whoever was quicker left it.
        return _page(request, stage, _asked(requests, pk), barred=barred, late=(name, form), status=409)
    except ValidationError as error:
        add_errors(form, error)
        return _page(request, stage, asked, barred=barred, sent={name: form}, status=422)
    messages.success(request, _told(stage, done, name))
    return redirect(_next(request, stage, done))


def _asked(requests: QuerySet[Any], pk: int) -> ReviewRequest:
    beside = ("measure__item", "measure__reform_list", "agency")
    asked: ReviewRequest | None = requests.select_related(*beside).filter(pk=pk).first()
    if asked is None:
        raise Http404
    return asked


def _form(
    decision: Decision,
    name: str,
    asked: ReviewRequest,
    *,
    data: Any = None,
    initial: Mapping[str, Any] | None = None,
) -> AnswerForm:
    options = decision.form.options_for(asked)
    return decision.form(data, auto_id=f"{name}_%s", initial=dict(initial or {}), **options)


def _page(
    request: HttpRequest,
    stage: ReviewStage,
    asked: ReviewRequest,
    *,
    barred: str,
    sent: Mapping[str, AnswerForm] | None = None,
    late: tuple[str, AnswerForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    who, query = principal_of(request), request.GET.urlencode()
    place = place_of(asked, stage.queue(request))
    waits = asked.state == stage.state
    context = {
        "stage": stage,
        "kind": asked.kind,
        "asked": asked,
        "case": case_of(asked, who, today()),
        "place": place,
        "home": stage.home_url(query),
        "before": stage.url(place.before, query),
        "after": stage.url(place.after, query),
        "barred": barred if waits else "",
        "waits": waits,
        "forms": _forms(stage, asked, sent or {}, late) if waits and not barred else [],
        "meanwhile": meanwhile(asked) if late else None,
        # Nobody can answer any more: what was written is shown once, to be copied.
        "lost": _words(late[1]) if late and not waits else "",
    }
    return render(request, f"review/{asked.kind}.html", context, status=status)


def _forms(
    stage: ReviewStage, asked: ReviewRequest, sent: Mapping[str, AnswerForm], late: tuple[str, AnswerForm] | None
) -> list[tuple[str, Decision, AnswerForm]]:
    """The two forms: one that was sent as it was; one that came too late with its words, for what is there now."""
    found = []
    for name, decision in stage.decisions[asked.kind].items():
        written = late[1].cleaned_data if late and late[0] == name else {}
        initial = decision.form.initial_for(asked, written)
        found.append((name, decision, sent.get(name) or _form(decision, name, asked, initial=initial)))
    return found


def _words(form: AnswerForm) -> str:
    return str(form.cleaned_data.get("reason") or form.cleaned_data.get("remark") or "")


def _told(stage: ReviewStage, asked: ReviewRequest, name: str) -> SafeString:
    """What was just done, with a link to it."""
    return format_html(
        '{}{}<a href="{}">{} <span lang="zh-CN">{}（{}）</span></a>',
        stage.decisions[asked.kind][name].done,
        _("："),
        stage.address(asked.kind, asked.pk),
        named_text(asked.measure.item.number, asked.measure.seq_in_item),
        asked.measure.title,
        asked.agency.name,
    )


def _next(request: HttpRequest, stage: ReviewStage, done: ReviewRequest) -> str:
    """The next case that may be decided, from the first one again after the last; the queue when none is left."""
    queue, query = stage.queue(request), request.GET.urlencode()
    place: QueuePlace = place_of(done, queue)
    first = next((waiting for waiting in queue if not waiting.barred), None)
    return stage.url(place.after or first, query) or stage.home_url(query)


def claims() -> QuerySet[ProgressReport]:
    """Every report that claims completion."""
    return ProgressReport.objects.filter(is_claim=True)
