"""One object as it is now, for whoever asks: the answer to a deed, and what an outdated decision is shown."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Model
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from agencies.access import Principal, today
from reforms.api.http.authentication import principal
from reforms.api.shapes import work as work_shapes
from reforms.catalogue.rows import measure_rows, of_measure, viewpoint
from reforms.models import Extension, Measure, ProgressReport
from reforms.reports.permissions import with_evidence


def measure_as_seen(pk: int, who: Principal) -> dict[str, Any]:
    """A measure in the shape of MeasureShape; Http404 where there is none."""
    measure = get_object_or_404(Measure.objects.readable_by(who).select_related("reform_list"), pk=pk)
    # Its list is named, so that measures of archived lists are shown too.
    view = viewpoint(who, today(), [measure.reform_list.slug])
    return of_measure(measure_rows(Measure.objects.filter(pk=pk), view)[0])


def report_as_is(pk: int) -> dict[str, Any]:
    """A report in the shape of ReportShape, for those who may read it."""
    return work_shapes.of_report(with_evidence(ProgressReport.objects.filter(pk=pk)).get())


def extension_as_is(pk: int) -> dict[str, Any]:
    """An extension in the shape of ExtensionShape, for those who may read it."""
    return work_shapes.of_extension(Extension.objects.select_related("agency").get(pk=pk))


AS_IS: Mapping[type[Model], Callable[[int], dict[str, Any]]] = {
    ProgressReport: report_as_is,
    Extension: extension_as_is,
}


class AnswersOutdated:
    """For views that take If-Match: what an outdated decision is shown."""

    request: Request

    def as_is(self, current: Model) -> dict[str, Any]:
        """What the decision was about, as it is now: a request for review, or else a measure."""
        found = AS_IS.get(type(current))
        return found(current.pk) if found else measure_as_seen(current.pk, principal(self.request))
