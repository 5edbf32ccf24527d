"""延期申请: asked for before expiry, decided by the office, counted, and shown beside the printed deadline."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from agencies.models import Agency, Role, User
from reforms.models import Assignment, Duty, Extension, Measure, Part, ReformList
from reforms.pages.forms import measure_named
from reforms.review.extensions import ExtensionTerms, adjust_deadline, ask_extension, grant_extension
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.shown import asked as filtered
from tests.reforms.shown import get, plain

SignIn = Callable[[User], Client]
JUNE, SEPTEMBER, DECEMBER = dt.date(2022, 6, 30), dt.date(2022, 9, 30), dt.date(2022, 12, 31)
REASON, REMARK = "上级文件尚未印发。", "请抓紧推进。"


@pytest.fixture
def cast(person: PersonMaker, transport: Agency) -> Cast:
    return Cast(person, transport)


@pytest.fixture
def agency(signed_in: SignIn, cast: Cast) -> Client:
    """The leading agency's reporter."""
    return signed_in(cast.reporter)


def address(measure: Measure) -> str:
    return f"/measures/{measure.pk}/extension/"


def form_of(client: Client, measure: Measure, **changes: str) -> dict[str, Any]:
    form = client.get(address(measure)).context["form"]
    fields = {"agency": form.fields["agency"].initial, "form_key": form.fields["form_key"].initial}
    return {**fields, "until": "2022-09-30", "reason": REASON, **changes}


def text(response: Any) -> str:
    return plain(response.content.decode())


def waiting(led: Measure, cast: Cast) -> Extension:
    wanted = ExtensionTerms(until=SEPTEMBER, reason=REASON)
    return ask_extension(led.pk, cast.agency.pk, wanted, who=acting(cast.reporter), on=ON)


def granted(led: Measure, cast: Cast) -> Extension:
    one = waiting(led, cast)
    return grant_extension(one.pk, until=SEPTEMBER, remark=REMARK, seen=None, who=acting(cast.supervisor), on=ON)


class TestAsking:
    def test_it_waits_for_the_office_and_stands_on_the_measure(self, agency: Client, led: Measure) -> None:
        assert address(led) in agency.get(led.get_absolute_url()).content.decode()
        page = agency.post(address(led), form_of(agency, led), follow=True)
        assert f"{measure_named(led)}：已提交，待督办部门批复。" in text(page)
        assert Extension.objects.get().state == "under_review"
        for words in ("待批复", "2022年9月30日", REASON):
            assert words in text(page)

    def test_a_form_sent_twice_asks_once(self, agency: Client, led: Measure) -> None:
        form = form_of(agency, led)
        assert [agency.post(address(led), form).status_code for _ in range(2)] == [302, 302]
        assert Extension.objects.count() == 1

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [("until", "2022-06-30", "必须晚于现行时限"), ("until", "soon", "日期"), ("reason", "　", "必填")],
    )
    def test_what_cannot_be_asked_is_said_beside_its_field(
        self, agency: Client, led: Measure, field: str, value: str, said: str
    ) -> None:
        response = agency.post(address(led), form_of(agency, led, **{field: value}))
        assert response.status_code == 422
        assert list(response.context["form"].errors) == [field]
        assert said in str(response.context["form"].errors[field])
        assert not Extension.objects.exists()

    def test_after_the_deadline_a_sentence_says_what_to_do(self, agency: Client, led: Measure, settings: Any) -> None:
        settings.PORTAL_TODAY = JUNE + dt.timedelta(days=1)
        page = agency.get(address(led))
        assert "现行时限已过，只能在到期前申请延期；请联系督办人员。" in text(page)
        assert "<textarea" not in page.content.decode()
        # Nor does the measure offer what would be refused; it says why where one would look for it.
        measure = agency.get(led.get_absolute_url())
        assert address(led) not in measure.content.decode()
        assert "不能申请延期：现行时限已过，只能在到期前申请延期；请联系督办人员。" in text(measure)

    def test_only_one_is_asked_for_at_a_time(self, agency: Client, led: Measure, cast: Cast) -> None:
        form = form_of(agency, led)
        waiting(led, cast)
        assert "已有一份延期申请在办理" in text(agency.get(address(led)))
        assert address(led) not in agency.get(led.get_absolute_url()).content.decode()
        assert agency.post(address(led), form).status_code == 422
        assert Extension.objects.count() == 1

    def test_whoever_does_not_claim_is_sent_to_the_lead(
        self, signed_in: SignIn, person: PersonMaker, led: Measure, cast: Cast
    ) -> None:
        other = Agency.objects.filter(kind="single").exclude(duties__measure=led)[0]
        Assignment.objects.create(measure=led, agency=other, part=Part.RESPONSIBLE, order=99, printed_name=other.name)
        Duty.objects.create(measure=led, agency=other, part=Part.RESPONSIBLE)
        client = signed_in(person(Role.REPORTER, agency=other))
        assert "请与牵头单位联系" in text(client.get(address(led)))
        assert address(led) not in client.get(led.get_absolute_url()).content.decode()
        stranger = signed_in(person(Role.REPORTER, agency=Agency.objects.exclude(duties__measure=led)[3]))
        assert stranger.get(address(led)).status_code == 403

    def test_where_the_agency_signs_the_form_takes_a_signature_given_elsewhere(
        self, agency: Client, led: Measure, cast: Cast
    ) -> None:
        assert "signed_by" not in agency.get(address(led)).context["form"].fields
        Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
        half = agency.post(address(led), form_of(agency, led, signed_by="周局长"))
        assert list(half.context["form"].errors) == ["signed_on"]
        page = agency.post(address(led), form_of(agency, led), follow=True)
        assert "已提交，待本单位审签。" in text(page)
        Extension.objects.all().delete()
        agency.post(address(led), form_of(agency, led, signed_by="周局长", signed_on="2022-06-14"))
        assert Extension.objects.get().state == "under_review"


class TestTakingBack:
    def test_an_own_request_is_withdrawn(self, agency: Client, led: Measure, cast: Cast) -> None:
        one = waiting(led, cast)
        where = f"/extensions/{one.pk}/withdraw/"
        assert where in agency.get(led.get_absolute_url()).content.decode()
        page = agency.post(where, {"seen": one.version}, follow=True)
        assert f"{measure_named(led)}：已撤回延期申请。" in text(page)
        assert where not in page.content.decode()
        one.refresh_from_db()
        assert one.state == "withdrawn"

    def test_one_that_was_decided_meanwhile_is_not(self, agency: Client, led: Measure, cast: Cast) -> None:
        one = granted(led, cast)
        page = agency.post(f"/extensions/{one.pk}/withdraw/", {"seen": 1}, follow=True)
        assert "现为“同意延期”，未撤回" in text(page)

    def test_another_agency_cannot(
        self, signed_in: SignIn, person: PersonMaker, market: Agency, led: Measure, cast: Cast
    ) -> None:
        one = waiting(led, cast)
        client = signed_in(person(Role.REPORTER, agency=market))
        assert client.post(f"/extensions/{one.pk}/withdraw/", {"seen": 1}).status_code == 404


class TestDeciding:
    @pytest.fixture
    def office(self, signed_in: SignIn, cast: Cast) -> Client:
        return signed_in(cast.supervisor)

    def where(self, one: Extension) -> str:
        return f"/review/extensions/{one.pk}/"

    def test_it_is_granted_to_the_day_asked_for_unless_another_is_given(
        self, office: Client, led: Measure, cast: Cast
    ) -> None:
        one = waiting(led, cast)
        forms = {name: form for name, _decision, form in office.get(self.where(one)).context["forms"]}
        assert forms["approve"]["until"].value() == SEPTEMBER
        office.post(self.where(one), {"decision": "approve", "seen": one.version, "until": "2022-12-31"})
        led.refresh_from_db()
        assert (led.deadline, led.deadline_in_force) == (JUNE, DECEMBER)

    def test_a_day_that_is_no_later_is_said_beside_it(self, office: Client, led: Measure, cast: Cast) -> None:
        one = waiting(led, cast)
        form = {"decision": "approve", "seen": one.version, "until": "2022-06-30"}
        refused = office.post(self.where(one), form)
        assert refused.status_code == 422
        assert "必须晚于现行时限" in text(refused)

    def test_it_is_refused_with_a_reason_only(self, office: Client, led: Measure, cast: Cast) -> None:
        one = waiting(led, cast)
        form = {"decision": "refuse", "seen": one.version, "reason": ""}
        assert office.post(self.where(one), form).status_code == 422
        office.post(self.where(one), form | {"reason": "理由不充分。"})
        one.refresh_from_db()
        assert (one.state, one.decision) == ("refused", "理由不充分。")

    def test_the_page_says_how_often_and_what_was_reported_last(self, office: Client, led: Measure, cast: Cast) -> None:
        granted(led, cast)
        again = ask_extension(
            led.pk, cast.agency.pk, ExtensionTerms(until=DECEMBER, reason=REASON), who=acting(cast.reporter), on=ON
        )
        page = text(office.get(self.where(again)))
        for words in ("已延期或调整1次", "1条举措经延期或调整", "还有107天", "该单位还没有填报"):
            assert words in page

    def test_whoever_is_late_is_told(self, office: Client, led: Measure, cast: Cast) -> None:
        one = granted(led, cast)
        late = office.post(self.where(one), {"decision": "refuse", "seen": 1, "reason": "不同意。"})
        assert late.status_code == 409
        assert "同意延期至2022年9月30日" in text(late)


class TestOnTheMeasure:
    def test_both_deadlines_and_every_move_are_there(self, agency: Client, led: Measure, cast: Cast) -> None:
        granted(led, cast)
        adjust_deadline(led.pk, DECEMBER, reference="深府函〔2022〕9号", seen=None, who=acting(cast.supervisor), on=ON)
        page = text(agency.get(led.get_absolute_url()))
        for words in (
            "印发时限 2022年6月30日",
            "现行时限 2022年12月31日",
            "已延期或调整2次",
            "深府函〔2022〕9号",
            REMARK,
        ):
            assert words in page

    def test_others_see_the_dates_with_the_status_and_no_reasons(
        self, client: Client, led: Measure, cast: Cast, public: ReformList
    ) -> None:
        granted(led, cast)
        page = text(client.get(led.get_absolute_url()))
        assert "延至" in page
        assert "2022年9月30日" in page
        assert [words for words in (REASON, REMARK, "life.") if words in page] == []

    def test_a_request_that_waits_is_not_for_others(
        self, client: Client, led: Measure, cast: Cast, public: ReformList
    ) -> None:
        waiting(led, cast)
        assert "2022年9月30日" not in text(client.get(led.get_absolute_url()))

    def test_visitors_see_nothing_where_the_status_is_hidden(self, client: Client, led: Measure, cast: Cast) -> None:
        granted(led, cast)
        assert "2022年9月30日" not in text(client.get(led.get_absolute_url()))


class TestTheFilter:
    def test_it_finds_what_was_extended_or_adjusted(
        self, client: Client, led: Measure, cast: Cast, public: ReformList
    ) -> None:
        granted(led, cast)
        other = Measure.objects.exclude(pk=led.pk).filter(deadline=DECEMBER).order_by("row")[0]
        adjust_deadline(other.pk, SEPTEMBER, reference="号", seen=None, who=acting(cast.supervisor), on=ON)
        page = get(client, "/measures/?extended=true")
        assert sorted(page.measure_ids) == sorted([led.pk, other.pk])
        assert page.chips == ["经延期或调整：是"]
        assert filtered("?extended=false").ordered().count() == 214
        assert client.get("/api/v1/measures?extended=true&count=true").json()["count"] == 2

    def test_it_needs_a_public_status(self, client: Client, led: Measure) -> None:
        page = get(client, "/measures/?extended=true")
        assert (page.total, page.chips, page.struck) == (216, [], ["经延期或调整：true"])
        assert client.get("/api/v1/measures?extended=true").status_code == 401

    def test_the_number_on_an_agencys_page_is_that_of_its_rows(
        self, client: Client, led: Measure, cast: Cast, public: ReformList
    ) -> None:
        granted(led, cast)
        page = get(client, cast.agency.get_absolute_url())
        link = f"/measures/?holder={cast.agency.pk}&extended=true"
        assert page.tree.xpath(f'//a[@href="{link}"]/span[@class="count"]/text()') == ["1"]
        assert get(client, link).measure_ids == [led.pk]
