"""审签: an agency's approvers sign its claims and extension requests before they reach the office."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import Verb, access, agencies_for, principal_of
from reforms.models import Extension, RequestKind
from reforms.pages.review.decide import APPROVE, REFUSE, Decision, ReviewStage, claims, decide
from reforms.pages.review.forms import ReturnForm, SignForm
from reforms.review.decisions import send_back, sign_claim
from reforms.review.extensions import send_back_extension, sign_extension
from reforms.review.queue import Waiting, to_sign, why_not_sign

PHRASES = ("请补充数据和佐证材料。", "请先与责任单位核对后再报。", "表述需进一步核实。")
SIGN_LABEL, SIGNED = gettext_lazy("审签同意"), gettext_lazy("已审签同意，报督办部门")
BACK_LABEL, SENT_BACK = gettext_lazy("退回"), gettext_lazy("已退回填报人")


def own_queue(request: HttpRequest) -> list[Waiting]:
    """What waits for a signature in the agencies of whoever asks."""
    return to_sign(principal_of(request))


SIGN = ReviewStage(
    name="sign",
    state="awaiting_signature",
    heading=gettext_lazy("审签"),
    home="sign",
    pages={RequestKind.CLAIM: "sign-claim", RequestKind.EXTENSION: "sign-extension"},
    queue=own_queue,
    why_not=why_not_sign,
    decisions={
        RequestKind.CLAIM: {
            APPROVE: Decision(label=SIGN_LABEL, done=SIGNED, form=SignForm, act=sign_claim),
            REFUSE: Decision(label=BACK_LABEL, done=SENT_BACK, form=ReturnForm, act=send_back, phrases=PHRASES),
        },
        RequestKind.EXTENSION: {
            APPROVE: Decision(label=SIGN_LABEL, done=SIGNED, form=SignForm, act=sign_extension),
            REFUSE: Decision(
                label=BACK_LABEL, done=SENT_BACK, form=ReturnForm, act=send_back_extension, phrases=PHRASES
            ),
        },
    },
)


@access(Verb.SIGN)
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for a signature in one's own agencies; one's own writing says why another must sign it."""
    rows = [(one, SIGN.url(one, "")) for one in own_queue(request)]
    return render(request, "review/to_sign.html", {"rows": rows})


@access(Verb.SIGN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """A claim of one's own agency; signed or sent back."""
    return decide(request, SIGN, claims().filter(agency__in=_signed_for(request)), pk)


@access(Verb.SIGN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def extension(request: HttpRequest, pk: int) -> HttpResponse:
    """A request of one's own agency for a later deadline; signed or sent back."""
    return decide(request, SIGN, Extension.objects.filter(agency__in=_signed_for(request)), pk)


def _signed_for(request: HttpRequest) -> frozenset[int]:
    """The ids of the agencies for which this person signs; what is another's is not there for them."""
    return agencies_for(principal_of(request), Verb.SIGN)
