"""阶段节点 by API: found by measure, lead, day and how far they are; what was written for those who act on it."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from agencies.models import Agency
from reforms.models import Duty, Measure, Milestone, Part, ReformList, Status
from reforms.reports.milestones import PlannedStep, plan_milestone, report_milestone, withdraw_milestone
from tests.conftest import ON
from tests.reforms.api.contract import API, departures, document_of
from tests.reforms.people import Cast, acting


@pytest.fixture
def steps(public: ReformList, led: Measure, cast: Cast) -> dict[str, Milestone]:
    """One missed, one near, one reached."""
    by: dict[str, Any] = {"who": acting(cast.reporter), "on": ON}
    days = {"过期": dt.date(2022, 6, 1), "临近": dt.date(2022, 6, 24), "完成": dt.date(2022, 7, 1)}
    made = {
        name: plan_milestone(led.pk, PlannedStep(title=name, due_on=day, note="内部说明"), **by)
        for name, day in days.items()
    }
    made["完成"] = report_milestone(made["完成"].pk, done_on=ON, words="已印发。", seen=None, **by)
    return made


def answer(client: Client, query: str = "", **headers: str) -> Any:
    response = client.get(f"{API}/milestones{query}", headers=headers)
    assert not departures(document_of(client), "/milestones", response)
    return response


def titles(client: Client, query: str = "", **headers: str) -> list[str]:
    return [one["title"] for one in answer(client, query, **headers).json()["results"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["过期", "临近", "完成"]),
        ("?stage=open", ["过期", "临近"]),
        ("?stage=missed", ["过期"]),
        ("?stage=done", ["完成"]),
        ("?due_after=2022-06-24&due_before=2022-06-30", ["临近"]),
        ("?page_size=1", ["过期"]),
    ],
)
def test_by_day_and_by_how_far_they_are(
    client: Client, steps: dict[str, Milestone], query: str, found: list[str]
) -> None:
    assert titles(client, query) == found


def test_pages_lead_on(client: Client, steps: dict[str, Milestone]) -> None:
    first = answer(client, "?page_size=2&count=true").json()
    assert first["count"] == 3
    assert [one["title"] for one in client.get(first["next"]).json()["results"]] == ["完成"]


def test_of_a_measure_and_of_those_that_one_leads(
    client: Client, steps: dict[str, Milestone], led: Measure, transport: Agency, market: Agency, bearer: Any
) -> None:
    other = Measure.objects.exclude(pk=led.pk).exclude(duties__agency=transport).order_by("row")[0]
    Milestone.objects.create(measure=other, title="另一条", due_on=ON, planned_on=ON)
    assert titles(client, f"?measure={other.pk}") == ["另一条"]
    assert titles(client, "?agency=me", **bearer(transport)) == ["过期", "临近", "完成"]
    Duty.objects.update_or_create(measure=led, agency=market, defaults={"part": Part.RESPONSIBLE})
    assert "过期" not in titles(client, f"?agency={market.pk}")


def test_what_was_written_is_for_those_who_act(
    client: Client, steps: dict[str, Milestone], transport: Agency, market: Agency, bearer: Any, led: Measure
) -> None:
    def written(**headers: str) -> tuple[Any, Any]:
        done = answer(client, "?stage=done", **headers).json()["results"][0]
        return done["note"], done["done_words"]

    Duty.objects.filter(measure=led, agency=market).delete()
    assert written() == written(**bearer(market)) == (None, None)
    assert written(**bearer(transport)) == ("内部说明", "已印发。")


def test_visitors_get_none_of_lists_that_do_not_tell_their_status(
    client: Client, steps: dict[str, Milestone], transport: Agency, bearer: Any
) -> None:
    ReformList.objects.update(public_status=False)
    assert titles(client) == []
    assert len(titles(client, **bearer(transport))) == 3


def test_withdrawn_it_is_gone_and_what_is_claimed_is_not_missed(
    client: Client, steps: dict[str, Milestone], cast: Cast, led: Measure
) -> None:
    withdraw_milestone(steps["临近"].pk, reason="", seen=None, who=acting(cast.reporter), on=ON)
    assert titles(client) == ["过期", "完成"]
    assert [one["is_missed"] for one in answer(client).json()["results"]] == [True, False]
    Measure.objects.filter(pk=led.pk).update(status=Status.UNDER_REVIEW, claimed_on=ON)
    assert [one["is_missed"] for one in answer(client).json()["results"]] == [False, False]
    assert titles(client, "?stage=missed") == []


@pytest.mark.parametrize("query", ["stage=late", "due_after=soon", "colour=blue", "on=2022-05-01", "agency=me"])
def test_what_cannot_be_asked_is_refused(client: Client, steps: dict[str, Milestone], query: str) -> None:
    response = client.get(f"{API}/milestones?{query}")
    assert response.status_code in (400, 401)


def test_what_has_not_changed_is_told_so(client: Client, steps: dict[str, Milestone]) -> None:
    tag = answer(client)["ETag"]
    assert client.get(f"{API}/milestones", headers={"If-None-Match": tag}).status_code == 304
