"""审核: the office's queue, one case at a time, several at once, and reopening."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from agencies.models import Agency, Change, Membership, Role, User
from reforms.models import Duty, Extension, Measure, Part, ProgressReport
from reforms.reports.submit import ReportContent, submit_report, withdraw_report
from reforms.review.decisions import return_claim, verify_claim
from reforms.review.extensions import ExtensionTerms, ask_extension
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting, attach
from tests.reforms.shown import get, plain

SignIn = Callable[[User], Client]
BEFORE = ReportContent(progress="系统开发完成，正在联调测试。")
DONE = ReportContent(progress="系统开发完成，已上线运行。", is_claim=True)
CHECKS = ["evidence", "matches", "agreed"]
CHECKED = "已核对：佐证材料齐全、内容与举措原文相符、责任单位意见一致。"
SIGNED = "已经申请单位审签"
SEPTEMBER = dt.date(2022, 9, 30)


@pytest.fixture
def cast(person: PersonMaker, transport: Agency) -> Cast:
    return Cast(person, transport)


@pytest.fixture
def office(signed_in: SignIn, cast: Cast) -> Client:
    return signed_in(cast.supervisor)


def led_by(agency: Agency) -> list[Measure]:
    """Those of which it is the first-named lead."""
    first = {"assignments__agency": agency, "assignments__part": Part.LEAD, "assignments__order": 1}
    return list(Measure.objects.filter(**first, deadline__gte=ON, lead_note="").order_by("row"))


def claimed(measure: Measure, cast: Cast, said: ReportContent = DONE, on: dt.date = ON) -> ProgressReport:
    if said.is_claim:
        attach(measure, cast.agency, cast.reporter)
    return submit_report(measure.pk, cast.agency.pk, said, who=acting(cast.reporter), on=on)


def asked(measure: Measure, cast: Cast) -> Extension:
    wanted = ExtensionTerms(until=dt.date(2023, 3, 31), reason="上级文件尚未印发。")
    return ask_extension(measure.pk, cast.agency.pk, wanted, who=acting(cast.reporter), on=ON)


def address(claim: ProgressReport) -> str:
    return f"/review/claims/{claim.pk}/"


def text(response: Any) -> str:
    return plain(response.content.decode())


def sent(thing: Any, decision: str, **fields: Any) -> dict[str, Any]:
    return {"decision": decision, "seen": thing.version, **fields}


def state(thing: Any) -> str:
    thing.refresh_from_db()
    return str(thing.state)


class TestTheQueue:
    def test_it_holds_claims_and_extensions_oldest_first(self, office: Client, cast: Cast) -> None:
        one, two, three = led_by(cast.agency)[:3]
        extension = asked(one, cast)
        late = claimed(two, cast)
        early = claimed(three, cast, on=ON - dt.timedelta(days=9))
        rows = office.get("/review/").context["rows"]
        assert [where for _row, where in rows] == [
            address(early),
            address(late),
            f"/review/extensions/{extension.pk}/",
        ]
        assert "共3件申请待办理" in text(office.get("/review/"))

    def test_each_filter_keeps_what_it_says(self, office: Client, cast: Cast) -> None:
        one, two = led_by(cast.agency)[:2]
        claim, extension = claimed(one, cast), asked(two, cast)
        Measure.objects.filter(pk=one.pk).update(deadline_in_force=ON - dt.timedelta(days=3))

        def shown(query: str) -> list[Any]:
            return [row.request for row, _where in office.get(f"/review/?{query}").context["rows"]]

        assert shown("kind=claim") == shown("late=true") == [claim]
        assert shown("kind=extension") == shown("late=false") == [extension]
        assert shown(f"agency={cast.agency.pk}&list=shenzhen-2022") == [claim, extension]
        assert "逾期3天申请" in text(office.get("/review/?late=true"))

    def test_what_nobody_can_mean_is_struck_out(self, office: Client) -> None:
        page = get(office, "/review/?kind=everything&late=true&from=singlemessage")
        assert (page.status, page.struck, page.unknown) == (200, ["类别：everything"], ["from"])
        assert page.tree.xpath('//select[@name="late"]/option[@selected]/@value') == ["true"]

    def test_an_own_agencys_measure_stays_grey_and_says_why(self, office: Client, cast: Cast, led: Measure) -> None:
        claim = claimed(led, cast)
        Membership.objects.create(user=cast.supervisor, agency=cast.agency, role=Role.VIEWER)
        page = office.get("/review/")
        assert "您所在的单位承担这条举措，请由其他督办人员办理。" in text(page)
        assert address(claim) not in page.content.decode()
        assert not office.get(address(claim)).context["forms"]
        assert office.post(address(claim), sent(claim, "approve", checks=CHECKS)).status_code == 403
        assert state(claim) == "under_review"

    def test_what_one_entered_oneself_is_for_another(self, office: Client, cast: Cast, led: Measure) -> None:
        said = ReportContent(progress="来函告知已完成。", is_claim=True, source="深交函〔2022〕88号")
        claim = submit_report(led.pk, cast.agency.pk, said, who=acting(cast.supervisor), on=ON)
        assert "请由另一位督办人员核验" in text(office.get("/review/"))
        assert "深交函〔2022〕88号" in text(office.get(address(claim)))
        assert not office.get(address(claim)).context["forms"]
        refused = office.post(address(claim), sent(claim, "approve", checks=CHECKS))
        assert refused.status_code == 422
        assert state(claim) == "under_review"

    def test_it_costs_no_query_per_row(self, office: Client, cast: Cast, django_assert_max_num_queries: Any) -> None:
        for measure in led_by(cast.agency)[:4]:
            claimed(measure, cast)
        with django_assert_max_num_queries(14):
            assert len(office.get("/review/").context["rows"]) == 4


class TestOneClaim:
    def test_it_stands_beside_what_was_said_before_and_what_is_printed(
        self, office: Client, cast: Cast, led: Measure
    ) -> None:
        submit_report(led.pk, cast.agency.pk, BEFORE, who=acting(cast.reporter), on=ON)
        page = office.get(address(claimed(led, cast)))
        assert led.text in page.content.decode()
        assert "正在联调测试" in str(
            [piece for piece in page.context["case"].said[0].pieces if piece.kind == "deleted"]
        )
        assert "已上线运行" in str([piece for piece in page.context["case"].said[0].pieces if piece.kind == "inserted"])
        assert "按期申请，提前15天" in text(page)
        assert "第1/1件" in text(page)

    def test_its_heading_names_the_measure_and_not_the_item_alone(self, office: Client, cast: Cast) -> None:
        fourth = next(measure for measure in led_by(cast.agency) if measure.seq_in_item > 1)
        heading = get(office, address(claimed(fourth, cast))).tree.xpath("//h1//*[@class='no']")
        assert [one.text for one in heading] == ["51-4"]

    def test_a_late_claim_says_by_how_many_days(self, office: Client, cast: Cast, led: Measure) -> None:
        claim = claimed(led, cast)
        Measure.objects.filter(pk=led.pk).update(deadline_in_force=ON - dt.timedelta(days=4))
        assert "逾期4天申请" in text(office.get(address(claim)))

    def test_verified_it_is_closed_logged_with_the_checks_and_the_next_one_opens(
        self, office: Client, cast: Cast
    ) -> None:
        first, second = (claimed(measure, cast) for measure in led_by(cast.agency)[:2])
        response = office.post(address(first), sent(first, "approve", checks=CHECKS), follow=True)
        assert response.redirect_chain == [(address(second), 302)]
        assert f'已核验通过：<a href="{address(first)}">' in response.content.decode()
        first.measure.refresh_from_db()
        assert first.measure.status == "closed"
        assert Change.objects.get(action="claim.verified").reason == CHECKED
        assert "该申请现为“核验通过”" in text(office.get(address(first)))

    def test_a_signature_is_checked_where_the_agency_signs(self, office: Client, cast: Cast, led: Measure) -> None:
        claim = claimed(led, cast)
        assert SIGNED not in text(office.get(address(claim)))
        Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
        assert SIGNED in text(office.get(address(claim)))
        refused = office.post(address(claim), sent(claim, "approve", checks=CHECKS))
        assert (refused.status_code, "有形式要件未勾选" in text(refused)) == (422, True)
        office.post(address(claim), sent(claim, "approve", checks=[*CHECKS, "signed"]))
        assert (state(claim), SIGNED in claim.reason) == ("verified", True)

    def test_a_signature_on_paper_is_checked_as_well(self, office: Client, cast: Cast, led: Measure) -> None:
        claim = claimed(led, cast, replace(DONE, signed_by="王局长", signed_on=ON))
        assert SIGNED in text(office.get(address(claim)))

    def test_the_queue_opens_after_the_last_one(self, office: Client, cast: Cast, led: Measure) -> None:
        claim = claimed(led, cast)
        response = office.post(address(claim) + "?kind=claim", sent(claim, "approve", checks=CHECKS))
        assert response["Location"] == "/review/?kind=claim"

    def test_what_is_not_checked_needs_a_word(self, office: Client, cast: Cast, led: Measure) -> None:
        claim = claimed(led, cast)
        refused = office.post(address(claim), sent(claim, "approve", checks=CHECKS[:2]))
        assert refused.status_code == 422
        assert "有形式要件未勾选" in text(refused)
        assert state(claim) == "under_review"
        office.post(address(claim), sent(claim, "approve", checks=CHECKS[:2], remark="责任单位另行来函。"))
        assert (state(claim), claim.reason) == (
            "verified",
            "已核对：佐证材料齐全、内容与举措原文相符。责任单位另行来函。",
        )

    def test_it_is_returned_with_a_reason_only(self, office: Client, cast: Cast, led: Measure) -> None:
        claim = claimed(led, cast)
        refused = office.post(address(claim), sent(claim, "refuse", reason="　"))
        assert refused.status_code == 422
        office.post(address(claim), sent(claim, "refuse", reason="请补验收报告。"))
        assert (state(claim), claim.reason) == ("returned", "请补验收报告。")

    def test_whoever_is_late_reads_what_happened_and_keeps_their_words(
        self, office: Client, cast: Cast, led: Measure
    ) -> None:
        claim = claimed(led, cast)
        form = sent(claim, "refuse", reason="我想退回的理由。")
        verify_claim(claim.pk, seen=None, who=acting(cast.second_supervisor), on=ON)
        late = office.post(address(claim), form)
        assert late.status_code == 409
        for words in ("您的决定没有写入", "核验通过", "life.supervisor.2", "我想退回的理由。"):
            assert words in text(late)
        assert state(claim) == "verified"

    def test_a_claim_that_moved_on_and_still_waits_is_decided_on_the_second_look(
        self, office: Client, cast: Cast, led: Measure
    ) -> None:
        claim = claimed(led, cast)
        ProgressReport.objects.filter(pk=claim.pk).update(version=claim.version + 1)
        late = office.post(address(claim), sent(claim, "refuse", reason="请补材料。"))
        assert late.status_code == 409
        form = {name: form for name, _decision, form in late.context["forms"]}["refuse"]
        assert (form["reason"].value(), form["seen"].value()) == ("请补材料。", claim.version + 1)

    def test_a_withdrawn_claim_is_not_decided(self, office: Client, cast: Cast, led: Measure) -> None:
        claim = claimed(led, cast)
        form = sent(claim, "approve", checks=CHECKS)
        withdraw_report(claim.pk, seen=None, who=acting(cast.reporter), on=ON)
        assert office.post(address(claim), form).status_code == 409
        assert "撤回填报" in text(office.post(address(claim), form))

    def test_a_draft_or_a_plain_report_has_no_such_page(self, office: Client, cast: Cast, led: Measure) -> None:
        report = submit_report(led.pk, cast.agency.pk, BEFORE, who=acting(cast.reporter), on=ON)
        draft = ProgressReport.objects.create(
            measure=led,
            agency=cast.agency,
            state="draft",
            is_claim=True,
            on=ON,
            recorded_at=report.recorded_at,
            author="x",
        )
        assert {office.get(address(one)).status_code for one in (report, draft)} == {404}

    def test_previous_and_next_keep_to_the_filter(self, office: Client, cast: Cast) -> None:
        one, two, three = led_by(cast.agency)[:3]
        first, second = claimed(one, cast), claimed(two, cast)
        asked(three, cast)
        page = office.get(address(first) + "?kind=claim")
        assert (page.context["before"], page.context["after"]) == ("", address(second) + "?kind=claim")
        page = office.get(address(second) + "?kind=claim")
        assert (page.context["before"], page.context["after"]) == (address(first) + "?kind=claim", "")

    def test_it_names_the_other_leads_that_must_claim(self, office: Client, person: PersonMaker) -> None:
        duties = Duty.objects.filter(part=Part.LEAD, via=None, measure__lead_note__contains="按职责分工负责")
        duty = duties.filter(measure__is_standing=False).select_related("agency")[0]
        others = Duty.objects.filter(measure=duty.measure, part=Part.LEAD).exclude(agency=duty.agency)
        user = person(Role.REPORTER, agency=duty.agency)
        reporter = acting(user)
        attach(duty.measure, duty.agency, user)
        claim = submit_report(duty.measure_id, duty.agency_id, DONE, who=reporter, on=ON)
        page = office.get(address(claim))
        assert [waiting.agency for waiting in page.context["case"].waits_for] == [
            other.agency for other in others.order_by("pk")
        ]
        assert page.context["case"].waits_for


class TestSeveralAtOnce:
    def test_claims_are_listed_with_their_texts_and_verified(self, office: Client, cast: Cast) -> None:
        claims = [claimed(measure, cast) for measure in led_by(cast.agency)[:3]]
        page = office.get("/review/batch/", {"claim": [claim.pk for claim in claims]})
        assert text(page).count("已上线运行") == 3
        form = {"claim": [f"{claim.pk}:{claim.version}" for claim in claims], "checks": CHECKS}
        done = office.post("/review/batch/", form, follow=True)
        assert "已核验通过：共3件。" in text(done)
        assert [state(claim) for claim in claims] == ["verified"] * 3

    def test_one_that_moved_on_is_said_and_the_others_are_done(self, office: Client, cast: Cast) -> None:
        claims = [claimed(measure, cast) for measure in led_by(cast.agency)[:3]]
        form = {"claim": [f"{claim.pk}:{claim.version}" for claim in claims] + ["999999:1"], "checks": CHECKS}
        return_claim(claims[1].pk, reason="缺报告。", seen=None, who=acting(cast.second_supervisor), on=ON)
        done = text(office.post("/review/batch/", form, follow=True))
        assert "已核验通过：共2件。" in done
        assert "已有变化，现为“退回修改”" in done
        assert "没有这件申请" in done
        assert [state(claim) for claim in claims] == ["verified", "returned", "verified"]

    def test_all_must_be_checked(self, office: Client, cast: Cast, led: Measure) -> None:
        claim = claimed(led, cast)
        assert office.post("/review/batch/", {"claim": f"{claim.pk}:{claim.version}"}).status_code == 422
        assert state(claim) == "under_review"

    def test_extensions_are_granted_to_the_dates_asked_for(self, office: Client, cast: Cast) -> None:
        extensions = [asked(measure, cast) for measure in led_by(cast.agency)[:2]]
        office.post("/review/batch/", {"extension": [f"{one.pk}:{one.version}" for one in extensions]})
        assert [state(one) for one in extensions] == ["granted"] * 2
        moved = {Measure.objects.get(pk=one.measure_id).deadline_in_force for one in extensions}
        assert moved == {dt.date(2023, 3, 31)}

    def test_claims_and_extensions_are_never_mixed(self, office: Client, cast: Cast) -> None:
        one, two = led_by(cast.agency)[:2]
        claim, extension = claimed(one, cast), asked(two, cast)
        mixed = {"claim": f"{claim.pk}:1", "extension": f"{extension.pk}:1", "checks": CHECKS}
        for response in (office.get("/review/batch/", mixed), office.post("/review/batch/", mixed)):
            assert response["Location"] == "/review/"
        assert (state(claim), state(extension)) == ("under_review", "under_review")

    def test_what_one_may_not_review_is_left_out(self, office: Client, cast: Cast, led: Measure) -> None:
        claim = claimed(led, cast)
        Membership.objects.create(user=cast.supervisor, agency=cast.agency, role=Role.VIEWER)
        assert "1件已不在待办或不能由您办理" in text(office.get("/review/batch/", {"claim": claim.pk}))
        form = {"claim": f"{claim.pk}:{claim.version}", "checks": CHECKS}
        assert "您所在的单位承担这条举措" in text(office.post("/review/batch/", form, follow=True))
        assert state(claim) == "under_review"


class TestReopening:
    @pytest.fixture
    def closed(self, cast: Cast, led: Measure) -> Measure:
        claim = claimed(led, cast)
        verify_claim(claim.pk, seen=None, who=acting(cast.supervisor), on=ON)
        led.refresh_from_db()
        return led

    def test_the_office_finds_it_on_the_page_of_a_closed_measure_and_gives_a_reason(
        self, office: Client, cast: Cast, closed: Measure
    ) -> None:
        where = f"/measures/{closed.pk}/reopen/"
        assert where in office.get(closed.get_absolute_url()).content.decode()
        assert "须重新申请" in text(office.get(where))
        assert office.post(where, {"seen": closed.version, "reason": ""}).status_code == 422
        done = office.post(where, {"seen": closed.version, "reason": "抽查发现未上线。"}, follow=True)
        assert "已恢复督办" in text(done)
        closed.refresh_from_db()
        assert (closed.status, closed.closed_on) == ("in_progress", None)
        assert where not in done.content.decode()

    def test_whoever_saw_an_older_measure_is_told_and_keeps_the_reason(
        self, office: Client, cast: Cast, closed: Measure
    ) -> None:
        where = f"/measures/{closed.pk}/reopen/"
        late = office.post(where, {"seen": closed.version - 1, "reason": "抽查发现未上线。"})
        assert late.status_code == 409
        assert "抽查发现未上线。" in text(late)
        assert late.context["form"]["seen"].value() == str(closed.version)
        closed.refresh_from_db()
        assert closed.status == "closed"

    def test_the_agency_is_not_offered_it(self, signed_in: SignIn, cast: Cast, closed: Measure) -> None:
        client = signed_in(cast.reporter)
        assert "恢复督办" not in text(client.get(closed.get_absolute_url()))
        assert client.post(f"/measures/{closed.pk}/reopen/", {"seen": 1, "reason": "x"}).status_code == 403


def test_the_page_of_a_measure_leads_to_its_claim(office: Client, cast: Cast, led: Measure) -> None:
    claim = claimed(led, cast)
    assert address(claim) in office.get(led.get_absolute_url()).content.decode()


def test_reasons_stay_inside_where_the_status_is_public(
    client: Client, cast: Cast, led: Measure, public: Any, signed_in: SignIn
) -> None:
    extension = asked(led, cast)
    office = signed_in(cast.supervisor)
    form = sent(extension, "approve", until="2022-09-30", remark="内部批示口径")
    office.post(f"/review/extensions/{extension.pk}/", form)
    office.logout()
    page = text(client.get(led.get_absolute_url()))
    assert "现行时限由2022年6月30日调整为2022年9月30日" in page
    assert "内部批示口径" not in page
    assert "上级文件尚未印发" not in page
