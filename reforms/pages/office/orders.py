"""督办单: to whom one is due, those that there are, and the page on which one goes from draft to answer."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import Principal, Verb, access, acting, may, principal_of, require, today
from agencies.models import Agency
from reforms.lib.tables import DOCX, download
from reforms.models import Duty, SupervisionOrder
from reforms.office.drafted import is_own, may_sign, may_steer
from reforms.office.order_document import write_order
from reforms.office.orders import (
    WRITTEN,
    Signature,
    answer_order,
    back_to_draft,
    draft_order,
    edit_order,
    issue_order,
    may_answer,
    measures_of,
    next_number,
    reply_until,
    sign_order,
    submit_order,
    void_order,
)
from reforms.pages.acts import LOOKED_AT, SIGNING, Act, BackForm, SentForm, act_of, carry_out, forms_of, shown
from reforms.pages.forms import CHINESE, Day, SeenForm, Words, add_errors
from reforms.reminders.owed import OrderDue, orders_due, to_draft

PAGE_SIZE = 50
State = SupervisionOrder.State
RESTING = "resting"

# What may be done in each state, the next step first.
OFFERED = {
    State.DRAFT: ("edit", "submit", "void"),
    State.SUBMITTED: ("issue", "sign", "back", "void"),
    State.ISSUED: ("answer", "void"),
}


class StateChoice(forms.Form):
    """Which orders are shown; without a state those that are under way. What rests with its list is asked for by
    itself."""

    state = forms.ChoiceField(choices=(*State.choices, (RESTING, gettext_lazy("随清单停办"))), required=False)


class OrderForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What an order says."""

    class Meta:
        model = SupervisionOrder
        fields = WRITTEN
        widgets = {
            "subject": forms.TextInput(attrs=CHINESE),
            "content": forms.Textarea(attrs={"rows": 6, **CHINESE}),
            "leader": forms.TextInput(attrs=CHINESE),
            "contact": forms.TextInput(attrs=CHINESE),
        }


class NewOrderForm(OrderForm):
    """The same, and about which measures; all that are due are ticked at first."""

    measures = forms.TypedMultipleChoiceField(label=gettext_lazy("列入的举措"), coerce=int)


class EditOrderForm(SeenForm, OrderForm):
    """The same, of a draft that was looked at."""


class IssueForm(SeenForm):
    number = forms.CharField(label=gettext_lazy("文号"), max_length=60, widget=forms.TextInput(attrs=CHINESE))
    signed_by = forms.CharField(
        label=gettext_lazy("签发人"),
        max_length=60,
        widget=forms.TextInput(attrs=CHINESE),
        help_text=gettext_lazy("批准签发的负责同志，不能是拟稿人本人。"),
    )
    issued_on = Day(label=gettext_lazy("签发日期"))
    reply_by = Day(label=gettext_lazy("反馈时限"), help_text=gettext_lazy("默认为签发后第5个工作日。"))


class SignOrderForm(SeenForm):
    """By the office's head, in their own name."""

    number = IssueForm.declared_fields["number"]
    reply_by = IssueForm.declared_fields["reply_by"]


class VoidForm(SeenForm):
    reason = Words(label=gettext_lazy("作废的理由"), max_length=500)


class OrderAnswerForm(SeenForm):
    situation = Words(label=gettext_lazy("办理情况"), max_length=4000)
    cause = Words(label=gettext_lazy("未完成原因"), max_length=2000)
    next_step = Words(label=gettext_lazy("下一步措施"), max_length=2000)
    expected_on = Day(label=gettext_lazy("预计完成时间"))
    responsible = forms.CharField(label=gettext_lazy("负责人"), max_length=60, widget=forms.TextInput(attrs=CHINESE))


@access(Verb.READ_REPORTS)
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """To whom an order is due (for those who draft them), and the orders that one may read, the latest first."""
    who, chosen = principal_of(request), StateChoice(request.GET)
    state = chosen.cleaned_data["state"] if chosen.is_valid() else ""
    found = SupervisionOrder.objects.readable_by(who).select_related("agency")
    if state == RESTING:
        found = found.resting()
    else:
        found = (found.filter(state=state) if state else found.under_way()).exclude(pk__in=found.resting().values("pk"))
    context = {
        "due": _due(who),
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "states": chosen.fields["state"].choices,  # type: ignore[attr-defined]  # a choice field
        "state": state,
        "query": f"state={state}" if state else "",
        "may_steer": may(who, Verb.STEER),
        "on": today(),
    }
    return render(request, "office/orders.html", context)


def _due(who: Principal) -> list[tuple[OrderDue, int]]:
    """With the days of the longest; not to the agency of whoever drafts."""
    if not may(who, Verb.STEER):
        return []
    return [(one, one.longest(today())) for one in orders_due(today()) if may(who, Verb.STEER, [one.agency.pk])]


@access(Verb.STEER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft to one agency, about all or some of what is due to it."""
    agency = get_object_or_404(Agency.objects.known(), pk=pk)
    require(request, Verb.STEER, frozenset({pk}))
    due = next(iter(to_draft(today(), [pk])), None)
    if due is None and request.method != "POST":
        messages.warning(request, _("目前没有需要拟制督办单的举措。"))
        return redirect("orders")
    duties = due.duties if due else ()
    sent = request.POST if request.method == "POST" else None
    form = NewOrderForm(sent, initial=_first_words(agency, duties))
    form.fields["measures"].choices = [(duty.measure_id, "") for duty in duties]  # type: ignore[attr-defined]  # a choice field
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            order = draft_order(pk, said["measures"], said, **acting(request))
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("已拟制草稿，可修改后送审。"))
            return redirect(order)
    ticked = {str(pk) for pk in form["measures"].value() or ()} if form.is_bound else None
    rows = [(duty, ticked is None or str(duty.measure_id) in ticked) for duty in duties]
    context = {"form": form, "agency": agency, "rows": rows, "on": today()}
    return render(request, "office/order_new.html", context, status=422 if form.is_bound else 200)


def _first_words(agency: Agency, duties: Sequence[Duty]) -> dict[str, str]:
    """What a draft begins with: the machine's words, and the contact of the first list it is about."""
    contact = next((duty.measure.reform_list for duty in duties), None)
    named, count = agency.full_name or agency.name, len(duties)
    return {
        "subject": f"关于{named}牵头的{count}条举措逾期未完成的督办",
        "content": (
            f"贵单位牵头的{count}条举措已超过完成时限，经催办仍未完成。请抓紧办理，查明原因，"
            "明确下一步措施和完成时间，并按反馈时限填报回执。"
        ),
        "contact": contact.contact if contact else "",
        "contact_phone": contact.contact_phone if contact else "",
    }


@access(Verb.READ_REPORTS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order, and what may be done to it now."""
    readable = SupervisionOrder.objects.readable_by(principal_of(request)).select_related("agency", "drafted_by_user")
    found = get_object_or_404(readable, pk=pk)
    if request.method != "POST":
        return _page(request, found)
    act = act_of(request, ACTS)
    if not _may(principal_of(request), act, found):
        raise PermissionDenied
    return carry_out(request, act, ACTS, found, fresh=lambda: _any(pk), page=_page)


def _any(pk: int) -> SupervisionOrder:
    return SupervisionOrder.objects.select_related("agency", "drafted_by_user").get(pk=pk)


def _page(request: HttpRequest, found: SupervisionOrder, sent: SentForm = LOOKED_AT) -> HttpResponse:
    who, on = principal_of(request), today()
    rests = found.rests()
    offered = [name for name in OFFERED.get(State(found.state), ()) if _may(who, name, found)]
    # Nothing is asked for by what rests with its list.
    offered = [name for name in offered if not (rests and name in {"issue", "sign", "answer"})]
    context = {
        "order": found,
        "lines": [(line, ((found.issued_on or on) - line.deadline).days) for line in measures_of(found)],
        "is_late": not rests and found.state == State.ISSUED and found.reply_by is not None and found.reply_by < on,
        "rests": rests,
        "heirs": Agency.objects.filter(pk__in=found.holders) if found.agency.successor_id else (),
        "by_office": not may(who, Verb.REPORT, found.holders),
    }
    acts = forms_of(found, offered, ACTS, sent, _first)
    return shown(request, "office/order.html", context, sent, acts, is_own=is_own(found, who))


def _may(who: Principal, act: str, found: SupervisionOrder) -> bool:
    if act == "answer":
        return may_answer(found, who)
    if may_steer(found, who):
        return act != "sign"
    return act in SIGNING and may_sign(found, who)


def _first(act: str) -> dict[str, Any]:
    """What stands in the form of an act at first."""
    if act in ("issue", "sign"):
        return {"number": next_number(today()), "issued_on": today(), "reply_by": reply_until(today())}
    return {}


@access(Verb.READ_REPORTS)
@require_safe
def docx(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The order as a Word document, with its 回执."""
    found = get_object_or_404(SupervisionOrder.objects.readable_by(principal_of(request)), pk=pk)
    name = f"督办单-{found.number or found.pk}.docx"
    return download(name, lambda file: write_order(found, today(), file), DOCX)


def _edit(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    return edit_order(pk, said, seen=said["seen"], **acting(request))


def _submit(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    """With what was typed and not saved."""
    with transaction.atomic():
        edited = edit_order(pk, said, seen=said["seen"], **acting(request))
        return submit_order(pk, seen=edited.version, **acting(request))


def _back(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    return back_to_draft(pk, **said, **acting(request))


def _issue(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    seen = said.pop("seen")
    return issue_order(pk, Signature(**said), seen=seen, **acting(request))


def _sign(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    return sign_order(pk, **said, **acting(request))


def _void(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    return void_order(pk, reason=said["reason"], seen=said["seen"], **acting(request))


def _answer(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    return answer_order(pk, said, seen=said["seen"], **acting(request))


ACTS = {
    "edit": Act(EditOrderForm, _edit, gettext_lazy("已保存。")),
    "submit": Act(EditOrderForm, _submit, gettext_lazy("已送审。")),
    "back": Act(BackForm, _back, gettext_lazy("已退回修改。")),
    "issue": Act(IssueForm, _issue, gettext_lazy("已签发，单位会收到消息。")),
    "sign": Act(SignOrderForm, _sign, gettext_lazy("已签发，单位会收到消息。")),
    "void": Act(VoidForm, _void, gettext_lazy("已作废。")),
    "answer": Act(OrderAnswerForm, _answer, gettext_lazy("已反馈。")),
}
