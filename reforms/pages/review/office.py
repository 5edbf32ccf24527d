"""审核: what waits for the office, one case at a time or several alike at once."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Manager
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import Principal, Verb, access, principal_of, today
from agencies.lib.left_out import LeftOut, usable_form
from agencies.lib.requests import is_number
from reforms.lib.words import named_text
from reforms.models import Extension, ProgressReport, RequestKind, ReviewRequest, Stale, Status
from reforms.pages.paging import PAGE_SIZE
from reforms.pages.review.case import case_of
from reforms.pages.review.decide import APPROVE, REFUSE, Decision, ReviewStage, claims, decide
from reforms.pages.review.forms import (
    ChecksForm,
    GrantForm,
    QueueForm,
    RefuseForm,
    ReturnForm,
    VerifyForm,
    is_signed,
)
from reforms.review.decisions import return_claim, verify_claim
from reforms.review.extensions import grant_extension, refuse_extension
from reforms.review.queue import Waiting, to_review, why_not_review

RETURNING = (
    "佐证材料不全，请补充验收报告、印发文件等材料。",
    "所述内容与举措原文不符，请对照原文逐项说明完成情况。",
    "责任单位进展未汇总，请会商责任单位后再申请。",
    "请补充本单位审签意见。",
)
REFUSING = (
    "延期理由不充分，请按现行时限推进。",
    "请先报送阶段进展，并说明延期后的时间安排。",
    "申请延期的时间过长，请重新提出。",
)


def shown_queue(request: HttpRequest) -> Sequence[Waiting]:
    """What waits, under the filters of the address."""
    form, _left_out = _read_queue(request, to_review(principal_of(request)))
    return form.shown()


def _read_queue(request: HttpRequest, waiting: Sequence[Waiting]) -> tuple[QueueForm, LeftOut]:
    return usable_form(lambda usable: QueueForm(usable, queue=waiting), request.GET)


REVIEW = ReviewStage(
    name="review",
    state="under_review",
    heading=gettext_lazy("审核"),
    home="review",
    pages={RequestKind.CLAIM: "review-claim", RequestKind.EXTENSION: "review-extension"},
    queue=shown_queue,
    why_not=why_not_review,
    decisions={
        RequestKind.CLAIM: {
            APPROVE: Decision(
                label=pgettext_lazy("do", "核验通过"),
                done=gettext_lazy("已核验通过"),
                form=VerifyForm,
                act=verify_claim,
            ),
            REFUSE: Decision(
                label=pgettext_lazy("do", "退回修改"),
                done=gettext_lazy("已退回修改"),
                form=ReturnForm,
                act=return_claim,
                phrases=RETURNING,
            ),
        },
        RequestKind.EXTENSION: {
            APPROVE: Decision(
                label=pgettext_lazy("do", "同意延期"),
                done=gettext_lazy("已同意延期"),
                form=GrantForm,
                act=grant_extension,
            ),
            REFUSE: Decision(
                label=pgettext_lazy("do", "不同意延期"),
                done=gettext_lazy("已答复不同意延期"),
                form=RefuseForm,
                act=refuse_extension,
                phrases=REFUSING,
            ),
        },
    },
)


@access(Verb.REVIEW)
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The queue, oldest first, with what of it the one who looks may not decide, and why."""
    waiting = to_review(principal_of(request))
    form, left_out = _read_queue(request, waiting)
    shown = form.shown()
    page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    # The filters go along to what is decided next, wherever in the queue it stands.
    query = urlencode([(name, value) for name, value in form.data.items() if name in form.fields])
    context = {
        "form": form,
        "left_out": left_out,
        "page": page,
        "rows": [(one, REVIEW.url(one, query)) for one in page],
        "total": len(waiting),
        "counts": [(kind, sum(1 for one in waiting if one.request.kind == kind)) for kind in RequestKind],
        "late": sum(1 for one in waiting if one.request.days_late),
        "first": next((REVIEW.url(one, query) for one in shown if not one.barred), ""),
        "query": query,
        "on": today(),
    }
    return render(request, "review/queue.html", context)


@access(Verb.REVIEW)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """A claim beside what was said before and what is printed; verified or returned."""
    # What its agency has not signed has not reached the office.
    return decide(request, REVIEW, claims().exclude(state__in=("draft", "awaiting_signature")), pk)


@access(Verb.REVIEW)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def extension(request: HttpRequest, pk: int) -> HttpResponse:
    """A request for a later deadline; granted (also to another day) or refused."""
    return decide(request, REVIEW, Extension.objects.sent(), pk)


MOST = 50
REQUESTS: Mapping[RequestKind, Manager[Any]] = {
    RequestKind.CLAIM: ProgressReport.objects,
    RequestKind.EXTENSION: Extension.objects,
}


@dataclass(frozen=True, slots=True)
class Picked:
    """What was chosen in the queue, as id and the version seen (0 on the way to the page that shows it)."""

    kind: RequestKind
    versions: dict[int, int]

    def names(self, asked: ReviewRequest) -> bool:
        return asked.kind == self.kind and asked.pk in self.versions


def picked(data: QueryDict) -> Picked | None:
    """What the address or the form names (`claim=12` or `claim=12:3`); None when it is nothing, of both kinds, or no
    number."""
    kinds = [kind for kind in RequestKind if data.getlist(kind.value)]
    if len(kinds) != 1:
        return None
    versions = {}
    for text in data.getlist(kinds[0].value)[:MOST]:
        pk, _colon, version = text.partition(":")
        if not is_number(pk) or not (version == "" or is_number(version)):
            return None
        versions[int(pk)] = int(version or 0)
    return Picked(kinds[0], versions)


@access(Verb.REVIEW)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: HttpRequest) -> HttpResponse:
    """Everything chosen with its texts on one page; confirmed, each is decided by itself, and what moved on is said."""
    found = picked(request.POST if request.method == "POST" else request.GET)
    if found is None:
        messages.error(request, _("请勾选同一类申请：只能一并核验销号申请，或一并同意延期申请。"))
        return redirect("review")
    ready = [one for one in to_review(principal_of(request)) if not one.barred and found.names(one.request)]
    signs = any(is_signed(one.request) for one in ready)
    form = ChecksForm(request.POST if request.method == "POST" else None, signs=signs)
    needs_checks = found.kind == RequestKind.CLAIM
    if request.method == "POST" and (not needs_checks or form.is_valid()):
        remark = form.said if needs_checks else ""
        # All that were chosen, also those that are no longer ready: what became of them is said.
        proposed = _proposed(found)
        results = {pk: text for pk, text in proposed.items() if pk in _released(request)}
        left = _carry_out(found, remark, results, principal_of(request), today())
        answer = _done(request, found, left)
        _tell_results(request, proposed, results, left)
        return answer
    context = {
        "kind": found.kind,
        "cases": _cases(ready, principal_of(request)),
        "gone": len(found.versions) - len(ready),
        "form": form if needs_checks else None,
        "released": _released(request) if request.method == "POST" else frozenset(found.versions),
        "label": REVIEW.decisions[found.kind][APPROVE].label,
    }
    return render(request, "review/batch.html", context, status=422 if form.is_bound else 200)


def _cases(rows: Iterable[Waiting], who: Principal) -> list[tuple[Waiting, str, Any]]:
    return [(one, REVIEW.url(one, ""), case_of(one.request, who, today())) for one in rows]


@dataclass(frozen=True, slots=True)
class Left:
    """One that was not decided: its id and why."""

    pk: int
    why: str


def _carry_out(found: Picked, remark: str, results: Mapping[int, str], who: Principal, on: dt.date) -> list[Left]:
    """Decide each in a transaction of its own, with what the public is told; those that could not be."""
    act, left = REVIEW.decisions[found.kind][APPROVE].act, []
    for pk, seen in found.versions.items():
        try:
            result = {"result": results[pk]} if pk in results else {}
            act(pk, seen=seen, remark=remark, **result, who=who, on=on)
        except Stale as stale:
            left.append(Left(pk, _("已有变化，现为“%(state)s”") % {"state": stale.current.get_state_display()}))  # type: ignore[attr-defined]  # both kinds have a state
        except ValidationError as error:
            left.append(Left(pk, error.messages[0]))
        except ObjectDoesNotExist:
            left.append(Left(pk, _("没有这件申请。")))
        except PermissionDenied:
            left.append(Left(pk, _("您所在的单位承担这条举措，请由其他督办人员办理。")))
    return left


def _done(request: HttpRequest, found: Picked, left: list[Left]) -> HttpResponse:
    decision = REVIEW.decisions[found.kind][APPROVE]
    n = len(found.versions) - len(left)
    if n:
        said = ngettext("%(done)s：共%(n)d件。", "%(done)s：共%(n)d件。", n)
        messages.success(request, said % {"done": decision.done, "n": n})
    if left:
        messages.warning(request, _left(found.kind, left))
    return redirect("review")


def _left(kind: RequestKind, left: list[Left]) -> str:
    """Which were not decided, each a link, and why."""
    called = _called(kind, [one.pk for one in left])
    rows = [(REVIEW.address(kind, one.pk), called.get(one.pk, ""), _("："), one.why) for one in left]
    return format_html_join(" ", '<a href="{}">{}</a>{}{}', rows)


def _called(kind: RequestKind, pks: list[int]) -> dict[int, str]:
    asked = REQUESTS[kind].filter(pk__in=pks).values_list("pk", "measure__item__number", "measure__seq_in_item")
    return {pk: named_text(number, place) for pk, number, place in asked}


def _released(request: HttpRequest) -> frozenset[int]:
    """The claims whose result is ticked to be told."""
    return frozenset(int(pk) for pk in request.POST.getlist("release") if is_number(pk))


def _proposed(found: Picked) -> dict[int, str]:
    """What agencies would have the public told, by claim. That it is what was seen is asked with the version."""
    if found.kind != RequestKind.CLAIM:
        return {}
    claims = ProgressReport.objects.filter(pk__in=found.versions).exclude(result="")
    return dict(claims.values_list("pk", "result"))


def _tell_results(
    request: HttpRequest, proposed: Mapping[int, str], results: Mapping[int, str], left: Sequence[Left]
) -> None:
    """How many results are told the public, and which of those proposed are not, and why."""
    decided = set(proposed) - {one.pk for one in left}
    measures = dict(ProgressReport.objects.filter(pk__in=decided).values_list("pk", "measure__status"))
    told = [pk for pk in decided & set(results) if measures[pk] == Status.CLOSED]
    if told:
        said = ngettext("公开结果摘要%(n)d条。", "公开结果摘要%(n)d条。", len(told))
        messages.success(request, said % {"n": len(told)})
    why = {pk: _("已审定，其他牵头单位核验通过后公开。") for pk in decided & set(results) - set(told)}
    why |= {pk: _("未勾选，未公开结果摘要。") for pk in decided - set(results)}
    if why:
        messages.info(request, _left(RequestKind.CLAIM, [Left(pk, text) for pk, text in sorted(why.items())]))
