"""结果摘要: proposed with a claim, released when it is verified, told once the measure is closed, and never before."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from agencies.models import Agency, Change, Role
from reforms.models import Duty, Measure, ProgressReport, ReformList
from reforms.reports.drafts import save_draft
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import reopen, return_claim, verify_claim
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting, attach
from tests.reforms.shown import get, plain, words

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


class TestReleasedTogether:
    """What is proposed is ticked on the page that verifies several; what is not told is named, with the reason."""

    def verified(self, client: Client, cast: Cast, claim: ProgressReport, **more: object) -> str:
        client.force_login(cast.supervisor, backend=BACKEND)
        form = {"claim": f"{claim.pk}:{claim.version}", "checks": ["evidence", "matches", "agreed"], **more}
        return plain(client.post("/review/batch/", form, follow=True).content.decode())

    def test_it_is_offered_ticked_and_told(
        self, client: Client, led: Measure, cast: Cast, claim: ProgressReport
    ) -> None:
        client.force_login(cast.supervisor, backend=BACKEND)
        page = get(client, f"/review/batch/?claim={claim.pk}").tree
        box = page.xpath('//input[@name="release"]')[0]
        assert (box.get("value"), box.get("checked") is not None) == (str(claim.pk), True)
        assert PROPOSED in words(box.getparent())
        assert "公开结果摘要1条。" in self.verified(client, cast, claim, release=claim.pk)
        assert shown(Client(), led)[:2] == (PROPOSED, PROPOSED)

    def test_unticked_it_stays_internal_and_is_named(
        self, client: Client, led: Measure, cast: Cast, claim: ProgressReport
    ) -> None:
        said = self.verified(client, cast, claim)
        assert "未勾选，未公开结果摘要。" in said
        assert Measure.objects.get(pk=led.pk).status == "closed"
        assert shown(Client(), led) == NOTHING

    def test_where_others_must_be_verified_first_that_is_said(
        self, client: Client, led: Measure, cast: Cast, claim: ProgressReport, market: Agency
    ) -> None:
        Measure.objects.filter(pk=led.pk).update(lead_note="按职责分工负责")
        Duty.objects.create(measure=led, agency=market, part="lead")
        said = self.verified(client, cast, claim, release=claim.pk)
        assert "其他牵头单位核验通过后公开" in said
        assert "公开结果摘要1条。" not in said
        assert shown(Client(), led) == NOTHING

    def test_one_that_moved_on_tells_nothing(
        self, client: Client, led: Measure, cast: Cast, claim: ProgressReport
    ) -> None:
        return_claim(claim.pk, reason="缺报告。", seen=None, who=acting(cast.second_supervisor), on=ON)
        said = self.verified(client, cast, claim, release=claim.pk)
        assert "已有变化" in said
        assert "结果摘要" not in said.split("已有变化")[0]
        assert Measure.objects.get(pk=led.pk).result == ""


def test_the_demonstration_shows_some_and_has_some_proposed(client: Client, demo: ReformList) -> None:
    told = Measure.objects.exclude(result="")
    assert {one.status for one in told} == {"closed"}
    assert told.count() >= 2
    assert get(client, told[0].get_absolute_url()).tree.xpath('//h2[@id="result"]')
    assert ProgressReport.objects.filter(state="under_review").exclude(result="").count() >= 2
