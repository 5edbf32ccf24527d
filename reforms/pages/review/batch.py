"""Several cases of one kind answered alike: claims verified, or extensions granted as asked. Nothing is returned or
refused in a batch."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db.models import Manager
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Principal, Verb, access, principal_of
from agencies.clock import today
from reforms.lib.words import item_text
from reforms.models import Extension, ProgressReport, RequestKind, ReviewRequest, Stale
from reforms.pages.forms import is_number
from reforms.pages.review.case import case_of
from reforms.pages.review.decide import APPROVE
from reforms.pages.review.forms import ChecksForm
from reforms.pages.review.office import REVIEW
from reforms.review.queue import Waiting, to_review

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
    form = ChecksForm(request.POST if request.method == "POST" else None)
    needs_checks = found.kind == RequestKind.CLAIM
    if request.method == "POST" and (not needs_checks or form.is_valid()):
        remark = form.said if needs_checks else ""
        return _done(request, found, _carry_out(found, remark, principal_of(request), today()))
    ready = [one for one in to_review(principal_of(request)) if not one.barred and found.names(one.request)]
    context = {
        "kind": found.kind,
        "cases": _cases(ready, principal_of(request)),
        "gone": len(found.versions) - len(ready),
        "form": form if needs_checks else None,
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


def _carry_out(found: Picked, remark: str, who: Principal, on: dt.date) -> list[Left]:
    """Decide each in a transaction of its own; those that could not be."""
    act, left = REVIEW.decisions[found.kind][APPROVE].act, []
    for pk, seen in found.versions.items():
        try:
            act(pk, seen=seen, remark=remark, who=who, on=on)
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
    numbers = dict(_numbers(kind, [one.pk for one in left]))
    rows = [(REVIEW.address(kind, one.pk), item_text(numbers.get(one.pk, 0)), _("："), one.why) for one in left]
    return format_html_join(" ", '<a href="{}">{}</a>{}{}', rows)


def _numbers(kind: RequestKind, pks: list[int]) -> Any:
    return REQUESTS[kind].filter(pk__in=pks).values_list("pk", "measure__item__number")
