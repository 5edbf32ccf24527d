"""No index stands beside another that begins with the same column, and what is counted is read from an index."""

import pytest
from django.db import connection, models
from django.db.models import Count

from reforms.models import (
    Acknowledgement,
    Assignment,
    Duty,
    Evidence,
    Item,
    ListEdition,
    Measure,
    NamedMember,
    PastState,
    PrintedRow,
    ProgressReport,
    ReformList,
    Section,
    Takeover,
)
from tests.conftest import ON

GROWING: tuple[type[models.Model], ...] = (
    *(ListEdition, Section, Item, PrintedRow, Measure, Assignment, Duty, NamedMember, Takeover, PastState),
    *(ProgressReport, Evidence, Acknowledgement),
)


def doubled(model: type[models.Model]) -> list[str]:
    """Its columns that have an index of their own and begin another one as well."""
    whole = [
        *model._meta.indexes,
        *(one for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)),
    ]
    first = {one.fields[0].removeprefix("-") for one in whole if one.fields and not one.condition}
    alone = {field.name for field in model._meta.local_fields if field.db_index and not field.unique}
    return [f"{model.__name__}.{name}" for name in sorted(first & alone)]


@pytest.mark.parametrize("model", GROWING)
def test_no_column_is_indexed_twice(model: type[models.Model]) -> None:
    assert doubled(model) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is SQLite's")
def test_counting_reads_an_index_and_no_texts(reform_list: ReformList) -> None:
    plan = Measure.objects.counted().order_by().with_light(ON).values("light").annotate(n=Count("pk")).explain()
    assert "USING COVERING INDEX measure_facts" in plan
