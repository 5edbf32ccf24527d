"""结果摘要: proposed with a claim, released when it is verified, told once the measure is closed, and never before."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from agencies.models import Agency, Change, Role
from reforms.models import Duty, Measure, ProgressReport, ReformList
from reforms.reports.drafts import save_draft
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import reopen, verify_claim
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting, attach
from tests.reforms.shown import get, words

PROPOSED, TOLD = "已开通“一件事”联办，办理时限由10天减至3天。", "办理时限由10天减至3天。"
CLAIM = ReportContent(progress="系统已上线，任务完成。", is_claim=True, result=PROPOSED)
BACKEND = "agencies.people.sign_in.PasswordBackend"


@pytest.fixture
def claim(led: Measure, cast: Cast) -> ProgressReport:
    ReformList.objects.update(public_status=True)
    attach(led, cast.agency, cast.reporter)
    return submit_report(led.pk, cast.agency.pk, CLAIM, who=acting(cast.reporter), on=ON)


def shown(client: Client, measure: Measure) -> tuple[str, str | None, bool, bool]:
    """What page, API, csv and the API's feed tell a visitor of it."""
    page = get(client, measure.get_absolute_url()).tree.xpath('//h2[@id="result"]/following-sibling::p[1]')
    told = client.get(f"/api/v1/measures/{measure.pk}").json()["result"]
    file = b"".join(client.get(f"/measures/export/csv/?id={measure.pk}")).decode()  # type: ignore[arg-type]
    feed = client.get("/api/v1/changes?page_size=100").content.decode()
    return (words(page[0]) if page else "", told, TOLD in file, TOLD in feed)


NOTHING = ("", "", False, False)


def test_it_is_public_with_the_release_and_as_the_office_worded_it(
    client: Client, led: Measure, cast: Cast, claim: ProgressReport
) -> None:
    assert shown(client, led) == NOTHING
    verify_claim(claim.pk, seen=None, who=acting(cast.supervisor), on=ON, result=f" {TOLD}\n")
    assert shown(client, led) == (TOLD, TOLD, True, False)
    ReformList.objects.update(public_status=False)
    assert shown(client, led) == ("", None, False, False)


@pytest.mark.parametrize("said", [None, "", "  "])
def test_what_the_office_does_not_release_stays_internal(
    client: Client, led: Measure, cast: Cast, claim: ProgressReport, said: str | None
) -> None:
    verify_claim(claim.pk, seen=None, who=acting(cast.supervisor), on=ON, result=said)
    assert shown(client, led) == NOTHING
    assert ProgressReport.objects.get(pk=claim.pk).result == PROPOSED


def test_a_measure_that_is_reopened_tells_it_no_more(
    client: Client, led: Measure, cast: Cast, claim: ProgressReport
) -> None:
    verify_claim(claim.pk, seen=None, who=acting(cast.supervisor), on=ON, result=TOLD)
    version = Measure.objects.get(pk=led.pk).version
    reopen(led.pk, reason="仍有窗口未上线。", seen=version, who=acting(cast.supervisor), on=ON)
    assert shown(client, led) == NOTHING
    logged = Change.objects.filter(action="measure.result_told").order_by("sequence")
    assert [(one.before["result"], one.after["result"]) for one in logged] == [("", TOLD), (TOLD, "")]


def test_where_others_have_not_claimed_yet_nothing_is_told(
    client: Client, led: Measure, cast: Cast, claim: ProgressReport, market: Agency
) -> None:
    Measure.objects.filter(pk=led.pk).update(lead_note="按职责分工负责")
    Duty.objects.create(measure=led, agency=market, part="lead")
    verify_claim(claim.pk, seen=None, who=acting(cast.supervisor), on=ON, result=TOLD)
    found = Measure.objects.get(pk=led.pk)
    assert (found.result, found.status != "closed") == (TOLD, True)
    assert shown(client, led) == NOTHING


def test_on_a_day_before_it_was_closed_it_is_not_told(
    client: Client, led: Measure, cast: Cast, claim: ProgressReport
) -> None:
    verify_claim(claim.pk, seen=None, who=acting(cast.supervisor), on=ON, result=TOLD)
    earlier = (ON - dt.timedelta(days=1)).isoformat()
    assert TOLD not in get(client, f"{led.get_absolute_url()}?on={earlier}").text


def test_it_stands_ready_for_the_office_which_loses_nothing(
    client: Client, led: Measure, cast: Cast, claim: ProgressReport
) -> None:
    client.force_login(cast.supervisor, backend=BACKEND)
    address = f"/review/claims/{claim.pk}/"
    assert words(get(client, address).tree.xpath('//textarea[@name="result"]')[0]) == PROPOSED
    body = {"decision": "approve", "seen": claim.version, "checks": ["evidence", "matches", "agreed"], "remark": "好"}
    refused = client.post(address, {**body, "result": "长" * 201})
    assert (refused.status_code, "长" * 201 in refused.content.decode()) == (422, True)
    assert client.post(address, {**body, "result": TOLD}).status_code == 302
    client.logout()
    assert shown(client, led)[0] == TOLD


def test_only_a_claim_has_one_and_not_a_long_one(led: Measure, cast: Cast) -> None:
    plain = ReportContent(progress="推进中。", result=PROPOSED)
    assert submit_report(led.pk, cast.agency.pk, plain, who=acting(cast.reporter), on=ON).result == ""
    with pytest.raises(ValidationError) as refused:
        save_draft(led.pk, cast.agency.pk, {"result": "长" * 201}, seen=0, who=acting(cast.reporter), on=ON)
    assert "result" in refused.value.message_dict


def test_others_neither_read_nor_release_it(
    client: Client, led: Measure, claim: ProgressReport, market: Agency, person: PersonMaker
) -> None:
    outsider = person(Role.REPORTER, agency=market)
    with pytest.raises(PermissionDenied):
        verify_claim(claim.pk, seen=None, who=acting(outsider), on=ON, result=TOLD)
    client.force_login(outsider, backend=BACKEND)
    assert PROPOSED not in get(client, led.get_absolute_url()).text
