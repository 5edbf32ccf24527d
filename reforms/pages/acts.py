"""Pages on which one thing goes from draft to issue: what may be done to it now stands there as forms, one of which is
sent with the name of its act. The parts of templates for it are those in `templates/acts/`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from agencies.access import principal_of
from reforms.models import Bulletin, Stale, SupervisionOrder
from reforms.pages.forms import SeenForm, Words, add_errors

Thing = TypeVar("Thing", SupervisionOrder, Bulletin)
CarryOut = Callable[[HttpRequest, int, dict[str, Any]], object]
# They send one form: 保存, 保存并送审, and of a bulletin 按最新数据重拟.
EDITING = ("edit", "submit", "reword")
# What the office's head does with what waits for a signature.
SIGNING = ("sign", "back")


@dataclass(frozen=True, slots=True)
class Act:
    """What may be done: the form it takes, what does it with what was filled in, and what is said afterwards."""

    form: Any
    carry_out: CarryOut
    done: Any


@dataclass(frozen=True, slots=True)
class SentForm:
    """The act that was asked for and its form, and with which status the page answers; nothing on a mere look."""

    act: str = ""
    form: Any = None
    status: int = 200


LOOKED_AT = SentForm()


class BackForm(SeenForm):
    """退回修改. Whoever takes back what they drafted need not say why (`reforms.office.drafted`)."""

    reason = Words(label=gettext_lazy("退回的理由"), max_length=500, required=False)


def act_of(request: HttpRequest, acts: Mapping[str, Act]) -> str:
    """The act that is asked for. Raises Http404 for another one."""
    act = request.POST.get("act", "")
    if act not in acts:
        raise Http404
    return act


def carry_out(
    request: HttpRequest,
    act: str,
    acts: Mapping[str, Act],
    thing: Thing,
    *,
    fresh: Callable[[], Thing],
    page: Callable[[HttpRequest, Thing, SentForm], HttpResponse],
) -> HttpResponse:
    """Do it; or the page with what was filled in and what is wrong with it, or with what the thing is by now."""
    form = acts[act].form(request.POST, auto_id=_ids(act))
    if not form.is_valid():
        return page(request, thing, SentForm(act, form, 422))
    try:
        acts[act].carry_out(request, thing.pk, dict(form.cleaned_data))
    except Stale:
        # What was filled in stays, to be sent again.
        now, data = fresh(), request.POST.copy()
        data["seen"] = str(now.version)
        return page(request, now, SentForm(act, acts[act].form(data, auto_id=_ids(act)), 409))
    except ValidationError as error:
        add_errors(form, error)
        return page(request, fresh(), SentForm(act, form, 422))
    messages.success(request, str(acts[act].done))
    # The office's head reads no draft, so not what they just sent back.
    readable = type(thing).objects.readable_by(principal_of(request))
    return redirect(thing if readable.filter(pk=thing.pk).exists() else "desk")


def shown(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    sent: SentForm,
    forms: Mapping[str, Any],
    *,
    is_own: bool,
) -> HttpResponse:
    """The page with these forms, those of what is `offered`, for whoever drafted it or for another."""
    if "back" in forms:
        forms["back"].fields["reason"].required = not is_own
    acts = {
        "is_own": is_own,
        "forms": forms,
        "edit": forms.get(sent.act if sent.act in EDITING else "edit"),
        "open_act": sent.act,
        # What was sent and can no longer be done is shown with its words all the same.
        "refused": sent.form if sent.act and sent.act not in forms else None,
        "stale": sent.status == 409,
    }
    return render(request, template, {**context, **acts}, status=sent.status)


def forms_of(
    thing: SupervisionOrder | Bulletin,
    offered: Iterable[str],
    acts: Mapping[str, Act],
    sent: SentForm,
    first: Callable[[str], dict[str, Any]],
) -> dict[str, Any]:
    """The forms of what is offered, by act: the one that was sent as it was, the others blank or with what stands
    there `first`."""
    return {act: sent.form if act == sent.act else _blank(thing, act, acts[act].form, first(act)) for act in offered}


def _blank(thing: SupervisionOrder | Bulletin, act: str, form: Any, first: dict[str, Any]) -> Any:
    what = {"instance": thing} if act in EDITING else {}
    return form(initial={"seen": thing.version, **first}, auto_id=_ids(act), **what)


def _ids(act: str) -> str:
    # Several forms stand on one page.
    return f"id_{act}_%s"
