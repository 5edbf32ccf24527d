"""审核: what waits for the office, one case at a time or several alike at once."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import Verb, access, principal_of
from agencies.clock import today
from reforms.models import Extension, RequestKind
from reforms.pages.review.decide import APPROVE, REFUSE, Decision, ReviewStage, claims, decide
from reforms.pages.review.forms import GrantForm, QueueForm, RefuseForm, ReturnForm, VerifyForm
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
    return QueueForm(request.GET, queue=to_review(principal_of(request))).shown()


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
    form = QueueForm(request.GET, queue=waiting)
    shown = form.shown()
    query = request.GET.urlencode()
    context = {
        "form": form,
        "rows": [(one, REVIEW.url(one, query)) for one in shown],
        "total": len(waiting),
        "counts": [(kind, sum(1 for one in waiting if one.request.kind == kind)) for kind in RequestKind],
        "late": sum(1 for one in waiting if one.request.days_late),
        "first": next((REVIEW.url(one, query) for one in shown if not one.barred), ""),
        "query": query,
        "on": today(),
    }
    return render(request, "review/queue.html", context, status=200 if form.is_valid() else 400)


@access(Verb.REVIEW)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """A claim beside what was said before and what is printed; verified or returned."""
    return decide(request, REVIEW, claims().exclude(state__in=("draft", "awaiting_signature")), pk)


@access(Verb.REVIEW)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def extension(request: HttpRequest, pk: int) -> HttpResponse:
    """A request for a later deadline; granted (also to another day) or refused."""
    return decide(request, REVIEW, Extension.objects.sent(), pk)
