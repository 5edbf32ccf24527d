"""One milestone reported by several people at the same moment. These tests empty the database, and make what they
need."""

import threading

import pytest
from django.db import connection  # noqa: F401  # the condition below names it

from agencies.access import Principal
from agencies.models import Agency, Change, Role
from reforms.models import Measure, Milestone, Stale
from reforms.reports import milestones
from reforms.reports.milestones import PlannedStep, plan_milestone, report_milestone
from tests.conftest import ON
from tests.importers.editions.test_apply_writers import apply
from tests.importers.jobs.test_jobs import small
from tests.importers.samples import duty
from tests.threads import in_thread, on_postgresql

ENOUGH = 20.0
WRITERS = 4
pytestmark = [pytest.mark.django_db(transaction=True), on_postgresql]


@pytest.fixture
def milestone() -> Milestone:
    """Of a list of one measure, led by 市甲局."""
    measure = Measure.objects.get(reform_list=apply(small(duty("1", lead="市甲局")), None))
    return plan_milestone(measure.pk, PlannedStep(title="形成初稿", due_on=ON), who=somebody(0), on=ON)


def somebody(number: int) -> Principal:
    agency = Agency.objects.get(name="市甲局")
    return Principal(label=f"李填报{number}", roles=frozenset({(Role.REPORTER, agency.pk)}))


def reported_at_once(milestone: Milestone) -> list[str]:
    """Who was told that somebody else had been first."""
    together, late = threading.Barrier(WRITERS), []

    def report(number: int) -> None:
        who = somebody(number)
        together.wait(ENOUGH)
        try:
            report_milestone(milestone.pk, done_on=ON, words=who.label, seen=1, who=who, on=ON)
        except Stale:
            late.append(who.label)

    threads = [in_thread(lambda number=number: report(number)) for number in range(WRITERS)]  # type: ignore[misc]
    for thread in threads:
        thread.join(ENOUGH)
    return late


def test_of_several_who_report_at_once_one_is_first(milestone: Milestone) -> None:
    assert len(reported_at_once(milestone)) == WRITERS - 1
    assert Change.objects.filter(action="milestone.done").count() == 1


def test_without_asking_what_was_seen_the_last_would_win(milestone: Milestone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milestones, "check_version", lambda _milestone, _seen: None)
    monkeypatch.setattr(milestones, "_check_not_done", lambda _milestone: None)
    assert not reported_at_once(milestone)
    assert Change.objects.filter(action="milestone.done").count() == WRITERS
