"""待办 by API."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from agencies.access import Verb, today
from reforms.api.filters import TaskFilter
from reforms.api.http.authentication import Verbs, principal
from reforms.api.http.base import paged, refuse
from reforms.api.http.cursors import CONTROLS, page_of_rows
from reforms.api.http.etags import Conditional
from reforms.api.schema import CursorPages
from reforms.api.shapes import work as work_shapes
from reforms.desk.tasks import Task, TaskParty, tasks_of
from reforms.models import Measure


class TaskView(Conditional, GenericViewSet[Any]):
    """What waits for whom."""

    verbs: ClassVar[Verbs] = {"list": Verb.USE_DESK}
    filters = TaskFilter
    pagination_class = CursorPages
    serializer_class = work_shapes.TaskShape
    queryset = Measure.objects.none()  # tasks are no table, and the filter wants one

    def list(self, request: Request) -> Response:
        """待办: what waits for your agency, and for the office where you review; what is due first comes first. A task
        that was done is gone."""
        who, data = principal(request), request._request.GET
        strict = TaskFilter(data, queryset=self.queryset, controls=CONTROLS)
        refuse(strict.problems())
        named, kinds = strict.chosen("agency"), strict.chosen("kind")
        # None among them stands for agency=me: all of the own agencies, as without the parameter.
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


def _of_party(party: TaskParty) -> dict[str, Any]:
    return {"agency": party.agency_id, "name": party.name}
