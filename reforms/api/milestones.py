"""阶段节点 by API."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import QueryDict

from agencies.access import Verb, agencies_for, may
from reforms.api.filters import MilestoneFilter
from reforms.api.http.authentication import Verbs, principal
from reforms.api.http.base import ReadView, Shaped, refuse
from reforms.api.http.cursors import CONTROLS
from reforms.api.shapes import work as work_shapes
from reforms.models import Duty, Milestone


class MilestoneView(ReadView):
    """Steps of measures (阶段节点) that are planned or printed, of lists whose status you see. One that was withdrawn
    is gone. Writing them is for people."""

    told_by_log = True
    verbs: ClassVar[Verbs] = {"list": Verb.READ}
    queryset = Milestone.objects.all()
    filters = MilestoneFilter
    order_by = ("due_on", "id")
    serializer_class = work_shapes.MilestoneShape

    def read_filters(self, data: QueryDict) -> QuerySet[Any]:
        who, view = principal(self.request), self.view
        told = Milestone.objects.standing().filter(view.counts("measure__"), view.tells_status("measure__"))
        found = told if view.sees_status else Milestone.objects.none()
        strict = MilestoneFilter.read(data, queryset=found, own=who.agencies(), controls=CONTROLS)
        strict.on = view.on
        refuse(strict.problems())
        return strict.qs  # type: ignore[no-any-return]  # django-filter is not typed

    def shape_all(self, found: QuerySet[Any]) -> dict[int, Shaped]:
        rows = list(found.select_related("agency", "measure"))
        inner = self._inner([one.measure_id for one in rows])
        on = self.view.on
        return {one.pk: work_shapes.of_milestone(one, on, inner=one.measure_id in inner) for one in rows}

    def _inner(self, measures: list[int]) -> set[int]:
        """Those of the measures on which the caller may read what was written: the office, and who acts on them."""
        who = principal(self.request)
        if may(who, Verb.READ_REPORTS, ()):
            return set(measures)
        own = Duty.objects.of(agencies_for(who, Verb.READ_REPORTS)).filter(measure__in=measures)
        return set(own.values_list("measure_id", flat=True))
