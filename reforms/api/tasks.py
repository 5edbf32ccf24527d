"""待办 and the change log by API."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from agencies.access.rules import Verb
from agencies.clock import today
from reforms.api.filters import TaskFilter
from reforms.api.http.authentication import principal
from reforms.api.http.base import paged, refuse
from reforms.api.http.cursors import CONTROLS, page_of_rows
from reforms.api.permissions import Verbs
from reforms.api.schema import PROBLEM_SCHEMA, CursorPages
from reforms.api.shapes import lists as shapes
from reforms.api.shapes import work as work_shapes
from reforms.desk.tasks import Party, Task, tasks_of
from reforms.history.actions import sentence_of
from reforms.history.feed import BeyondHead, Seen, changes_after
from reforms.lib.filters import ME, FilterProblem
from reforms.models import Measure

SOME, MOST = 100, 1000
LARGEST_SEQUENCE = 18  # digits


class Gone(APIException):
    """410: read everything anew."""

    status_code = 410
    default_code = "beyond_head"

    def __init__(self) -> None:
        super().__init__(_("after 超出变更日志的末尾（数据库可能已恢复到较早的备份），请重新读取全部数据。"))


@method_decorator(conditional_page, name="dispatch")
class TaskView(GenericViewSet[Any]):
    """What waits for whom."""

    verbs: ClassVar[Verbs] = {"list": Verb.USE_DESK}
    filters = TaskFilter
    pagination_class = CursorPages
    serializer_class = work_shapes.TaskShape
    queryset = Measure.objects.none()

    def list(self, request: Request) -> Response:
        """待办: what waits for your agency, and for the office where you review; what is due first comes first. A task
        that was done is gone."""
        who, data = principal(request), request._request.GET
        strict = TaskFilter(data, queryset=self.queryset, controls=CONTROLS)
        refuse(strict.problems())
        named, kinds = strict.chosen("agency"), strict.chosen("kind")
        wanted = None if not named or None in named else frozenset(named)
        if wanted and not wanted <= who.agencies():
            raise PermissionDenied
        tasks = [task for task in tasks_of(who, today(), wanted) if not kinds or task.kind in kinds]
        page = page_of_rows([task.key for task in tasks], "tasks", data)
        return paged(request, page, {at: of_task(tasks[at]) for at in page.keys}, work_shapes.TaskShape)


def of_task(task: Task) -> dict[str, Any]:
    """In the shape of TaskShape."""
    return {
        "id": task.id,
        "kind": task.kind.value,
        "title": task.title,
        "sender": _of_party(task.sender),
        "receiver": _of_party(task.receiver),
        "created": task.created,
        "due": task.due,
        "address": settings.SITE_URL + task.address,
        "state": "overdue" if task.is_overdue else "open",
        "measure": task.measure_id,
        "subject": {"kind": task.subject, "id": task.subject_id},
    }


def _of_party(party: Party) -> dict[str, Any]:
    return {"agency": party.agency_id, "name": party.name}


@method_decorator(conditional_page, name="dispatch")
class ChangesView(ViewSet):
    """The change log, for whoever keeps a copy."""

    verbs: ClassVar[Verbs] = {"follow": Verb.READ}

    @extend_schema(
        responses={
            200: work_shapes.ChangesShape,
            (410, "application/problem+json"): OpenApiResponse(PROBLEM_SCHEMA, "After lies beyond the head"),
        },
        parameters=[
            OpenApiParameter("after", int, description="The sequence up to which you have read; 0 by default."),
            OpenApiParameter("agency", str, enum=[ME], description="me: of measures only those of your own agency."),
            OpenApiParameter("limit", int, description=f"1 to {MOST}, {SOME} by default."),
        ],
    )
    def follow(self, request: Request) -> Response:
        """What was done since, in commit order: none missed, none twice, withdrawals included. Store `next_after` with
        what you made of the answer, and send it as `after` next time."""
        who, asked = principal(request), _Asked(request._request.GET)
        own = who.agencies() if asked.mine else None
        refuse(asked.problems if own is None or own else [*asked.problems, _not_signed_in()])
        try:
            found = changes_after(asked.after, who, limit=asked.limit, agencies=own)
        except BeyondHead:
            raise Gone from None
        results = [of_change(seen) for seen in found.changes]
        return Response({"results": results, "next_after": found.next_after, "more": found.more})


class _Asked:
    """The parameters of an address, and what is wrong with them."""

    def __init__(self, data: QueryDict) -> None:
        strangers = sorted(set(data) - {"after", "agency", "limit"})
        self.problems = [FilterProblem(name, "unknown_parameter", _("没有这个参数。")) for name in strangers]
        self.after = self._number(data, "after", 0, least=0, most=10**LARGEST_SEQUENCE)
        self.limit = self._number(data, "limit", SOME, least=1, most=MOST)
        self.mine = bool(data.get("agency"))
        if data.get("agency") not in {None, "", ME}:
            self.problems.append(FilterProblem("agency", "unknown_value", _("这里只能是 agency=me。")))

    def _number(self, data: QueryDict, name: str, otherwise: int, *, least: int, most: int) -> int:
        text = data.get(name, "").strip() or str(otherwise)
        if text.isascii() and text.isdigit() and len(text) <= LARGEST_SEQUENCE and least <= int(text) <= most:
            return int(text)
        said = _("%(name)s 应为%(least)d至%(most)d的整数。") % {"name": name, "least": least, "most": most}
        self.problems.append(FilterProblem(name, "unknown_value", said))
        return otherwise


def _not_signed_in() -> FilterProblem:
    return FilterProblem("agency", "not_signed_in", _("agency=me 需要用某单位的身份登录或使用其令牌。"))


def of_change(seen: Seen) -> dict[str, Any]:
    """In the shape of ChangeShape."""
    change = seen.change
    as_is = ("sequence", "on", "action", "kind", "object_id", "visibility")
    return {name: getattr(change, name) for name in as_is} | {
        "before": seen.before,
        "after": seen.after,
        "reason": change.reason if seen.named else "",
        "recorded_at": shapes.local_time(change.recorded_at),
        "text": sentence_of(change),
        "agency": work_shapes.of_agency(change.agency) if change.agency else None,
        "actor": change.actor if seen.named else "",
    }
