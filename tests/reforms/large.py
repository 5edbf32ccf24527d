"""A list made long: one of its measures over and over, each a measure of its own."""

from itertools import product
from typing import Any, TypeVar

from django.db import models

from reforms.duties import derive_duties
from reforms.models import Assignment, Measure

Row = TypeVar("Row", bound=models.Model)


def repeated(measure: Measure, times: int) -> list[Measure]:
    """So many more measures of its item, behind all others, with the same text, agencies and duties."""
    last = Measure.objects.filter(reform_list=measure.reform_list).order_by("-row")[0].row
    made = Measure.objects.bulk_create(
        [_copy(measure, row=last + n, seq_in_item=measure.seq_in_item + n) for n in range(1, times + 1)],
        batch_size=500,
    )
    beside = product(made, measure.assignments.all())
    assignments = [_copy(assignment, measure_id=one.pk) for one, assignment in beside]
    Assignment.objects.bulk_create(assignments, batch_size=500)
    derive_duties([one.pk for one in made])
    return made


def _copy(original: Row, **changed: Any) -> Row:
    names = [field.attname for field in original._meta.concrete_fields if not field.primary_key]
    return type(original)(**{name: getattr(original, name) for name in names} | changed)
