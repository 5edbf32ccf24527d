"""走势: the lights kept by month are those of the past states, whatever was done and in whatever order."""

import datetime as dt
import random
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from reforms.models import Disposition, Light, LightFlow, Measure, PastState, ReformList, light_of
from reforms.office.steer import dispose
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import reopen, verify_claim
from reforms.status import trend
from reforms.status.derived import check
from reforms.status.past import read_what_was_there
from tests.conftest import ON
from tests.reforms.people import Cast, acting, attach

DONE = ReportContent(progress="任务完成。", is_claim=True)


def shown_at(end: dt.date) -> dict[tuple[int, str], int]:
    """By list and light at the end of a month, from the table."""
    found: dict[tuple[int, str], int] = {}
    for (listed, month, light), change in trend.kept().items():
        if month <= end:
            found[listed, light] = found.get((listed, light), 0) + change
    return {key: count for key, count in found.items() if count}


def stood_at(end: dt.date) -> dict[tuple[int, str], int]:
    """The same, measure by measure."""
    found: dict[tuple[int, str], int] = {}
    states = PastState.objects.filter(since__lte=end, disposition="active").exclude(until__lte=end)
    for state in states.select_related("measure"):
        key = state.measure.reform_list_id, light_of(state, end).value
        found[key] = found.get(key, 0) + 1
    return found


def ends(year: int) -> list[dt.date]:
    return [dt.date(year, month + 1, 1) - dt.timedelta(days=1) for month in range(1, 12)]


def test_the_lights_of_each_month_are_those_of_its_last_day(demo: ReformList) -> None:
    for end in ends(2022):
        assert shown_at(end) == stood_at(end) != {}
    assert len({tuple(sorted(shown_at(end).items())) for end in ends(2022)}) > 5, "they change over the year"


def test_a_life_moves_them_and_what_is_entered_later_does_too(led: Measure, cast: Cast) -> None:
    reporter, office = acting(cast.reporter), acting(cast.supervisor)
    deadline = led.deadline_in_force or ON

    def lights() -> list[str]:
        told = []
        for end in ends(2022)[4:8]:
            one = stood_at(end)
            assert shown_at(end) == one
            told += [
                light_of(state, end)
                for state in PastState.objects.filter(measure=led, since__lte=end)
                .exclude(until__lte=end)
                .filter(disposition="active")
            ]
        return told

    assert lights() == [Light.DUE_SOON, Light.DUE_SOON, Light.OVERDUE, Light.OVERDUE]
    submit_report(led.pk, cast.agency.pk, ReportContent(progress="已启动。"), who=reporter, on=ON)
    attach(led, cast.agency, cast.reporter)
    claim = submit_report(led.pk, cast.agency.pk, DONE, who=reporter, on=deadline)
    assert lights()[1:] == [Light.UNDER_REVIEW] * 3
    verify_claim(claim.pk, seen=None, who=office, on=deadline + dt.timedelta(days=9))
    assert lights()[1:] == [Light.UNDER_REVIEW, Light.CLOSED, Light.CLOSED]
    reopen(led.pk, reason="抽查未通过。", seen=None, who=office, on=dt.date(2022, 8, 3))
    assert lights()[1:] == [Light.UNDER_REVIEW, Light.CLOSED, Light.OVERDUE]
    dispose(led.pk, Disposition.SUSPENDED, reason="调整。", seen=None, who=office, on=dt.date(2022, 8, 20))
    assert lights()[1:] == [Light.UNDER_REVIEW, Light.CLOSED]
    assert not check()


@pytest.mark.parametrize("seed", range(3))
def test_states_in_any_order_leave_what_counting_anew_finds(demo: ReformList, seed: int) -> None:
    chance = random.Random(seed)
    ids = list(Measure.objects.values_list("pk", flat=True))
    for _step in range(6):
        some = chance.sample(ids, 20)
        before = trend.states_of(some)
        for state in PastState.objects.filter(measure__in=some):
            moved = dt.date(2022, chance.randint(1, 12), chance.randint(1, 28))
            PastState.objects.filter(pk=state.pk).update(deadline_in_force=chance.choice([None, moved]))
        trend.keep(before, trend.states_of(some))
        assert trend.kept() == trend.counted_anew()


def test_a_database_from_before_it_was_kept_is_filled_once(demo: ReformList) -> None:
    before = trend.kept()
    LightFlow.objects.all().delete()
    read_what_was_there()
    assert trend.kept() == before
    LightFlow.objects.filter(light="overdue").delete()
    read_what_was_there()
    assert trend.kept() != before, "what is there is not written again"


def said(**options: Any) -> str:
    out = StringIO()
    call_command("check_derived", stdout=out, **options)
    return out.getvalue()


def test_a_command_finds_and_mends_what_differs(demo: ReformList, led: Measure) -> None:
    assert said() == "各举措的历史状态、各月亮灯数与日志一致，搜索文本与印发内容一致。\n"
    before = trend.kept()
    LightFlow.objects.filter(light="overdue").order_by("month")[:1].get().delete()
    with pytest.raises(SystemExit, match="1"):
        said()
    PastState.objects.filter(measure=led, until=None).update(closed_on=ON, status="closed")
    assert "1条举措的历史状态与日志不符" in said(rebuild=True)
    assert said(english=True).startswith("The past states of measures")
    assert trend.kept() == before
