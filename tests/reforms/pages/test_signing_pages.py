"""审签: an agency's approvers sign, or send back, what their agency wants to send to the office."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from agencies.models import Agency, Role, User
from reforms.models import Extension, Measure, ProgressReport
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import send_back
from reforms.review.extensions import ExtensionTerms, ask_extension
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting, attach
from tests.reforms.shown import get, plain, words

SignIn = Callable[[User], Client]
DONE = ReportContent(progress="系统已上线，任务完成。", is_claim=True)


@pytest.fixture
def cast(person: PersonMaker, transport: Agency) -> Cast:
    Agency.objects.filter(pk=transport.pk).update(signs_claims=True)
    return Cast(person, transport)


@pytest.fixture
def approver(signed_in: SignIn, cast: Cast) -> Client:
    return signed_in(cast.approver)


@pytest.fixture
def claim(led: Measure, cast: Cast) -> ProgressReport:
    attach(led, cast.agency, cast.reporter)
    return submit_report(led.pk, cast.agency.pk, DONE, who=acting(cast.reporter), on=ON)


def asked(measure: Measure, cast: Cast) -> Extension:
    wanted = ExtensionTerms(until=dt.date(2023, 3, 31), reason="上级文件尚未印发。")
    return ask_extension(measure.pk, cast.agency.pk, wanted, who=acting(cast.reporter), on=ON)


def another(cast: Cast, led: Measure) -> Measure:
    found = Measure.objects.printed_for([cast.agency.pk], "lead").filter(deadline__gte=ON).exclude(pk=led.pk)
    return found.order_by("row")[0]


def text(response: Any) -> str:
    return plain(response.content.decode())


def test_signed_it_reaches_the_office_and_the_next_one_opens(
    approver: Client, claim: ProgressReport, cast: Cast, led: Measure
) -> None:
    extension = asked(another(cast, led), cast)
    page = approver.get("/sign/")
    assert [where for _row, where in page.context["rows"]] == [
        f"/sign/claims/{claim.pk}/",
        f"/sign/extensions/{extension.pk}/",
    ]
    form = {"decision": "approve", "seen": claim.version}
    done = approver.post(f"/sign/claims/{claim.pk}/", form, follow=True)
    assert done.redirect_chain == [(f"/sign/extensions/{extension.pk}/", 302)]
    claim.refresh_from_db()
    assert (claim.state, claim.signed_by_user, claim.claimed_on) == ("under_review", cast.approver, ON)
    approver.post(f"/sign/extensions/{extension.pk}/", {"decision": "approve", "seen": extension.version})
    extension.refresh_from_db()
    assert extension.state == "under_review"
    assert "没有待审签的申请" in text(approver.get("/sign/"))


def test_sent_back_it_is_a_draft_with_the_reason(approver: Client, claim: ProgressReport) -> None:
    address = f"/sign/claims/{claim.pk}/"
    assert approver.post(address, {"decision": "refuse", "seen": claim.version, "reason": ""}).status_code == 422
    approver.post(address, {"decision": "refuse", "seen": claim.version, "reason": "请补数据。"})
    claim.refresh_from_db()
    assert (claim.state, claim.reason) == ("draft", "请补数据。")


def test_an_extension_sent_back_ends_with_the_reason(approver: Client, led: Measure, cast: Cast) -> None:
    extension = asked(led, cast)
    form = {"decision": "refuse", "seen": extension.version, "reason": "按原时限推进。"}
    approver.post(f"/sign/extensions/{extension.pk}/", form)
    extension.refresh_from_db()
    assert (extension.state, extension.decision) == ("sent_back", "按原时限推进。")


def test_nobody_signs_what_they_wrote(approver: Client, cast: Cast, led: Measure) -> None:
    attach(led, cast.agency, cast.approver)
    own = submit_report(led.pk, cast.agency.pk, DONE, who=acting(cast.approver), on=ON)
    assert "不能审签本人填写的申请，请由另一位审核人审签。" in text(approver.get("/sign/"))
    page = approver.get(f"/sign/claims/{own.pk}/")
    assert not page.context["forms"]
    refused = approver.post(f"/sign/claims/{own.pk}/", {"decision": "approve", "seen": own.version})
    assert refused.status_code == 422
    own.refresh_from_db()
    assert own.state == "awaiting_signature"


def test_whoever_is_late_reads_what_happened(approver: Client, claim: ProgressReport, cast: Cast, person: Any) -> None:
    colleague = person(Role.APPROVER, agency=cast.agency, username="another.approver")
    send_back(claim.pk, reason="请补数据。", seen=None, who=acting(colleague), on=ON)
    late = approver.post(f"/sign/claims/{claim.pk}/", {"decision": "approve", "seen": claim.version})
    assert late.status_code == 409
    for told in ("本单位审签退回", "another.approver", "请补数据。"):
        assert told in text(late)


def test_another_agency_and_the_reporter_are_refused(
    signed_in: SignIn, person: PersonMaker, market: Agency, claim: ProgressReport, cast: Cast
) -> None:
    address = f"/sign/claims/{claim.pk}/"
    for user, status in ((person(Role.APPROVER, agency=market), 404), (cast.reporter, 403), (cast.supervisor, 403)):
        client = signed_in(user)
        assert client.get(address).status_code == status
        assert client.post(address, {"decision": "approve", "seen": claim.version}).status_code == status
    claim.refresh_from_db()
    assert claim.state == "awaiting_signature"


def test_another_agencys_queue_does_not_show_it(
    signed_in: SignIn, person: PersonMaker, market: Agency, claim: ProgressReport
) -> None:
    client = signed_in(person(Role.APPROVER, agency=market))
    assert client.get("/sign/").context["rows"] == []


def test_the_office_does_not_see_it_before_it_is_signed(signed_in: SignIn, claim: ProgressReport, cast: Cast) -> None:
    office = signed_in(cast.supervisor)
    assert office.get("/review/").context["rows"] == []
    assert office.get(f"/review/claims/{claim.pk}/").status_code == 404


def test_an_administrator_decides_whether_an_agency_signs(
    signed_in: SignIn, person: PersonMaker, market: Agency
) -> None:
    client = signed_in(person(Role.ADMINISTRATOR))
    page = client.get(f"/agencies/{market.pk}/edit/")
    assert "销号和延期申请须经本单位审签" in text(page)
    form = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}
    client.post(f"/agencies/{market.pk}/edit/", {**form, "outside_line": "", "signs_claims": "on"})
    market.refresh_from_db()
    assert market.signs_claims


def test_its_own_agency_sees_on_the_measure_what_waits_for_the_signature_and_takes_it_back(
    signed_in: SignIn, claim: ProgressReport, cast: Cast, led: Measure
) -> None:
    address = f"/measures/{led.pk}/"
    for person, takes_back in ((cast.approver, True), (cast.reporter, True), (cast.supervisor, False)):
        tree = get(signed_in(person), address).tree
        lines = [words(one) for one in tree.xpath('//ul[@class="under-way"]/li')]
        links = tree.xpath('//ul[@class="under-way"]//a/@href')
        if takes_back:
            assert lines == [f"申请销号 待本单位审签 {cast.agency.name} 2022年6月15日 查看"]
            [shown] = tree.xpath(f'//*[@id="{links[0].removeprefix("#")}"]')
            assert DONE.progress in words(shown)
            assert words(shown.xpath(".//form[contains(@action, 'withdraw')]//button")[0]) == "撤回修改"
        else:
            assert lines == []
            assert DONE.progress not in words(tree)
    client = signed_in(cast.reporter)
    client.post(f"/reports/{claim.pk}/withdraw/", {"seen": claim.version})
    claim.refresh_from_db()
    assert claim.state == "draft"
    assert not get(client, address).tree.xpath('//ul[@class="under-way"]')
