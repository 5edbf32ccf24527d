"""截至: what pages and API say of a past day is what held then, read from the change log."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reforms.models import Disposition, Light, Measure, PastRead, PastState, ReformList, light_of
from reforms.office.steer import dispose
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import reopen, verify_claim
from reforms.review.extensions import ExtensionTerms, ask_extension, grant_extension
from reforms.status.past import FACTS, catch_up
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting, attach
from tests.reforms.shown import get

JUNE, SEPTEMBER = dt.date(2022, 6, 30), dt.date(2022, 9, 30)
DONE = ReportContent(progress="任务完成。", is_claim=True)


def days(number: int) -> dt.date:
    return ON + dt.timedelta(days=number)


@pytest.fixture
def cast(person: PersonMaker, transport: Any) -> Cast:
    return Cast(person, transport)


def stood(measure: Measure, day: dt.date) -> PastState:
    return PastState.objects.filter(measure=measure, since__lte=day).exclude(until__lte=day).get()


def lived(led: Measure, cast: Cast) -> None:
    """Reported on day 0, extended on day 2, claimed on 4, closed on 6, reopened on 10, suspended on 12."""
    reporter, office = acting(cast.reporter), acting(cast.supervisor)
    submit_report(led.pk, cast.agency.pk, ReportContent(progress="已启动。"), who=reporter, on=ON)
    asked = ask_extension(
        led.pk, cast.agency.pk, ExtensionTerms(until=SEPTEMBER, reason="待批。"), who=reporter, on=days(1)
    )
    grant_extension(asked.pk, until=SEPTEMBER, seen=None, who=office, on=days(2))
    attach(led, cast.agency, cast.reporter)
    claim = submit_report(led.pk, cast.agency.pk, DONE, who=reporter, on=days(4))
    verify_claim(claim.pk, seen=None, who=office, on=days(6))
    reopen(led.pk, reason="抽查未通过。", seen=None, who=office, on=days(10))
    dispose(led.pk, Disposition.SUSPENDED, reason="机构调整。", seen=None, who=office, on=days(12))


def test_each_day_has_the_standing_it_had(led: Measure, cast: Cast) -> None:
    lived(led, cast)
    told = [
        (stood(led, days(n)).status, stood(led, days(n)).deadline_in_force, stood(led, days(n)).disposition)
        for n in (-1, 0, 2, 4, 6, 9, 10, 12)
    ]
    assert told == [
        ("not_reported", JUNE, "active"),
        ("in_progress", JUNE, "active"),
        ("in_progress", SEPTEMBER, "active"),
        ("under_review", SEPTEMBER, "active"),
        ("closed", SEPTEMBER, "active"),
        ("closed", SEPTEMBER, "active"),
        ("in_progress", SEPTEMBER, "active"),
        ("in_progress", SEPTEMBER, "suspended"),
    ]


def test_a_deadline_was_moved_from_the_day_on_which_it_was(
    led: Measure, cast: Cast, settings: Any, client: Client, signed_in: Any
) -> None:
    lived(led, cast)
    settings.PORTAL_TODAY = days(12)
    office = signed_in(cast.supervisor)
    for day, moved in ((1, []), (2, [led.pk]), (9, [led.pk])):
        assert get(office, f"/measures/?extended=true&on={days(day)}").measure_ids == moved, day
    # Closed from the sixth day to the tenth, in time.
    for day, closed in ((5, []), (6, [led.pk]), (11, [])):
        assert get(office, f"/measures/?closed_late=false&on={days(day)}").measure_ids == closed, day
    assert get(office, f"/measures/?closed_late=true&on={days(8)}").measure_ids == []


def test_the_last_standing_is_the_one_the_measure_has(demo: ReformList) -> None:
    for measure in Measure.objects.all():
        last = PastState.objects.get(measure=measure, until=None)
        assert [getattr(last, name) for name in FACTS] == [getattr(measure, name) for name in FACTS]


def test_pages_and_api_count_a_past_day_as_it_was(
    led: Measure, cast: Cast, client: Client, settings: Any, signed_in: Any
) -> None:
    lived(led, cast)
    settings.PORTAL_TODAY = days(30)
    page = signed_in(cast.supervisor)
    address = f"/api/v1/measures?agency={cast.agency.pk}&role=lead&on={days(8)}"
    then = {measure["id"]: measure for measure in page.get(address).json()["results"]}
    assert (then[led.pk]["status"], then[led.pk]["light"]) == ("closed", "closed")
    assert then[led.pk]["deadline_in_force"] == "2022-09-30"
    now = page.get(f"/api/v1/measures?agency={cast.agency.pk}&role=lead").json()["results"]
    assert led.pk not in {measure["id"] for measure in now}
    stats = page.get(f"/api/v1/stats?on={days(8)}").json()
    assert (stats["measures"], stats["lights"]["closed"]) == (216, 1)
    assert page.get("/api/v1/stats").json()["measures"] == 215
    for name, value in (("status", "closed"), ("light", "closed")):
        found = page.get(f"/measures/?{name}={value}&on={days(8)}")
        assert [row.id for row in found.context["rows"]] == [led.pk]
        assert not page.get(f"/measures/?{name}={value}").context["rows"]


def test_the_overview_of_a_past_day_adds_up_and_leads_to_its_rows(demo: ReformList, client: Client) -> None:
    for day in (dt.date(2022, 3, 31), dt.date(2022, 6, 1)):
        page = client.get(f"/?on={day}")
        totals = page.context["numbers"].totals
        assert sum(counted.count for counted in totals.lights) == totals.measures == 216
        for counted in totals.lights:
            rows = client.get(f"/measures/?on={day}&light={counted.light.value}").context["page"].paginator.count
            assert rows == counted.count
        assert f"on={day}&" in page.content.decode().replace("&amp;", "&")


def test_what_is_entered_later_for_an_earlier_day_holds_from_that_day(led: Measure, cast: Cast) -> None:
    submit_report(led.pk, cast.agency.pk, ReportContent(progress="已启动。"), who=acting(cast.reporter), on=days(5))
    attach(led, cast.agency, cast.reporter)
    submit_report(led.pk, cast.agency.pk, DONE, who=acting(cast.reporter), on=days(2))
    assert stood(led, days(1)).status == "not_reported"
    assert stood(led, days(3)).status == stood(led, days(6)).status == "under_review"


def test_the_light_of_a_past_day_is_that_of_its_facts(led: Measure, cast: Cast) -> None:
    lived(led, cast)
    lights = [light_of(stood(led, days(n)), days(n)) for n in (0, 3, 5, 7)]
    assert lights == [Light.DUE_SOON, Light.ON_TRACK, Light.UNDER_REVIEW, Light.CLOSED]


def test_a_log_from_before_past_days_were_kept_is_read_once(demo: ReformList) -> None:
    kept = list(PastState.objects.order_by("measure", "since").values_list("measure", "since", "until", *FACTS))
    PastState.objects.all().delete()
    PastRead.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert kept == list(PastState.objects.order_by("measure", "since").values_list("measure", "since", "until", *FACTS))
    assert catch_up() == 0


@pytest.mark.parametrize("address", ["/", "/measures/", "/api/v1/measures", "/api/v1/stats"])
def test_who_reads_a_past_day_writes_nothing(address: str, demo: ReformList, client: Client) -> None:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(f"{address}?on=2022-03-31").status_code == 200
    statements = [query["sql"].split()[0] for query in seen.captured_queries]
    assert statements
    # PostgreSQL reads much at a time by a cursor that it declares.
    assert set(statements) <= {"SELECT", "DECLARE"}
