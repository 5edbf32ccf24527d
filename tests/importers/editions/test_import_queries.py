"""How many statements an import needs: a number that grows with batches, never with rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import importers.editions.write
from importers.documents.read import read_document
from importers.documents.values import ParsedList
from importers.editions.apply import apply_plan, revert
from importers.editions.known import plan_import
from importers.editions.new_list import list_for
from importers.plans.plan import Plan
from reforms.models import Duty, ListEdition, Measure, ReformList
from tests.bench.documents import list_of
from tests.conftest import ON
from tests.importers.editions.test_import_list import SOURCE

SMALL, LARGE = 216, 1080
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importers.editions.write, "BATCH", 100_000)


def parsed(rows: int, *, changed: bool = False) -> ParsedList:
    found = read_document(list_of(rows, changed=changed), "list.docx")
    assert len(found.measures) == rows
    return found


def statements(plan: Plan, reform_list: ReformList) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        apply_plan(plan, reform_list, SOURCE)
    return len(captured)


def first_edition(rows: int) -> tuple[ReformList, int]:
    printed = parsed(rows)
    reform_list = list_for(printed, slug=f"list-of-{rows}", year=2022, on=ON)
    return reform_list, statements(plan_import(printed, reform_list), reform_list)


def test_five_times_the_rows_of_a_first_edition_take_hardly_more_statements(db: None) -> None:
    """Past days are read by ids, on SQLite a thousand at a time."""
    small, large = first_edition(SMALL), first_edition(LARGE)
    assert Measure.objects.filter(reform_list=large[0]).count() == LARGE
    assert (
        Duty.objects.filter(measure__reform_list=large[0]).count()
        == 5 * Duty.objects.filter(measure__reform_list=small[0]).count()
    )
    assert large[1] - small[1] <= 2


def test_a_further_edition_and_its_way_back_take_a_few_statements_more_for_five_times_the_rows(db: None) -> None:
    """What is known is fetched by ids, on SQLite a thousand at a time."""
    taken = {}
    for rows in (SMALL, LARGE):
        reform_list, _ = first_edition(rows)
        apart = statements(plan_import(parsed(rows, changed=True), reform_list), reform_list)
        edition = ListEdition.objects.get(reform_list=reform_list, is_in_force=True)
        with CaptureQueriesContext(connection) as back:
            revert(edition, who=SOURCE.who, on=ON)
        taken[rows] = (apart, len(back))
    more = [large - small for small, large in zip(taken[SMALL], taken[LARGE], strict=True)]
    assert max(more) <= 6, taken


def test_with_small_batches_there_are_more_statements(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the count sees what grows."""
    _, at_once = first_edition(SMALL)
    monkeypatch.setattr(importers.editions.write, "BATCH", 20)
    printed = parsed(SMALL)
    reform_list = list_for(printed, slug="in-batches", year=2022, on=ON)
    assert statements(plan_import(printed, reform_list), reform_list) > at_once
