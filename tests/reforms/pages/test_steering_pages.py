"""督办 and 代录 on a measure's own pages; and where suspended and cancelled measures are found."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agencies.models import Agency, Membership, Role, User
from reforms.models import DeadlineAdjustment, Disposition, Duty, Measure, Notice, ProgressReport, ReformList
from reforms.office.steer import dispose
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.shown import get

SignIn = Callable[[User], Client]
JUNE, OCTOBER = dt.date(2022, 6, 30), dt.date(2022, 10, 31)
REASON = "等待上级方案"


@pytest.fixture
def cast(person: PersonMaker, transport: Agency) -> Cast:
    return Cast(person, transport)


@pytest.fixture
def office(signed_in: SignIn, cast: Cast) -> Client:
    return signed_in(cast.supervisor)


def steer_of(measure: Measure) -> str:
    return f"/measures/{measure.pk}/steer/"


def enter_of(measure: Measure) -> str:
    return f"/measures/{measure.pk}/enter/"


def filled(client: Client, measure: Measure, act: str, **said: Any) -> dict[str, Any]:
    """A form as the page hands it out, filled in."""
    form = next(form for form in client.get(steer_of(measure)).context["forms"] if form.act == act)
    return {"act": act, "seen": form["seen"].value(), "since": form["since"].value(), **said}


def acts(client: Client, measure: Measure) -> set[str]:
    return {form.act for form in client.get(steer_of(measure)).context["forms"]}


def suspend(measure: Measure, cast: Cast, disposition: Disposition = Disposition.SUSPENDED) -> None:
    dispose(measure.pk, disposition, reason=REASON, seen=None, who=acting(cast.supervisor), on=ON)


# Steering -----------------------------------------------------------------------------------------


def adjusting(client: Client, measure: Measure, deadline: str, reference: str = "深府办〔2022〕9号") -> dict[str, Any]:
    return filled(client, measure, "adjust", deadline=deadline, reference=reference, reason="")


def adjust(client: Client, measure: Measure, deadline: str, reference: str = "深府办〔2022〕9号") -> str:
    """Confirmed as well; the page one comes to."""
    form = adjusting(client, measure, deadline, reference)
    return client.post(steer_of(measure), {**form, "confirmed": "1"}, follow=True).content.decode()


def test_a_deadline_is_adjusted_on_the_strength_of_a_document_and_confirmed(office: Client, led: Measure) -> None:
    form = adjusting(office, led, "2022-10-31")
    shown = office.post(steer_of(led), form).content.decode()
    assert "现行时限由2022年6月30日改为2022年10月31日，推后123天。" in shown
    assert "这将是第1次延期或调整。" in shown
    led.refresh_from_db()
    assert led.deadline_in_force == JUNE
    sent = office.post(steer_of(led), {**form, "confirmed": "1"}, follow=True)
    assert "已调整现行时限" in sent.content.decode()
    led.refresh_from_db()
    assert led.deadline_in_force == OCTOBER
    assert DeadlineAdjustment.objects.get().reference == "深府办〔2022〕9号"
    assert "现行时限由2022年6月30日调整为2022年10月31日" in office.get(led.get_absolute_url()).content.decode()


def test_before_confirming_it_says_who_is_told_and_who_has_no_mailbox(office: Client, led: Measure, cast: Cast) -> None:
    Duty.objects.filter(measure=led).exclude(agency=cast.agency).delete()
    other = Agency.objects.get(name="市水务局")
    Duty.objects.create(measure=led, agency=other, part="responsible")
    shown = office.post(steer_of(led), adjusting(office, led, "2022-10-31")).content.decode()
    assert "将以消息告知2个单位：" in shown
    assert "不发邮件：该清单从未开启提醒。" in shown
    ReformList.objects.update(reminders_on=True, reminders_from=ON)
    Agency.objects.filter(pk=cast.agency.pk).update(email="jtj@sz.gov.cn")
    shown = office.post(steer_of(led), adjusting(office, led, "2022-10-31")).content.decode()
    assert "将发邮件1封。" in shown
    assert "没有收件邮箱，邮件暂不能发出（请系统管理员在“单位邮箱”中填写）：市水务局。" in shown


@pytest.mark.parametrize(
    ("deadline", "warned"),
    [
        ("2022-06-01", "所填日期已过去14天，请核对。"),
        ("2032-10-31", "所填日期与调整前的时限相差3776天，超过一年，请核对年份。"),
        ("2022-10-31", None),
    ],
)
def test_a_past_day_and_one_far_away_are_warned_of(
    office: Client, led: Measure, deadline: str, warned: str | None
) -> None:
    shown = office.post(steer_of(led), adjusting(office, led, deadline))
    assert shown.context["warnings"] == ([warned] if warned else [])


def test_a_day_that_no_calendar_of_work_has_is_refused_at_once(office: Client, led: Measure) -> None:
    response = office.post(steer_of(led), adjusting(office, led, "9999-12-31"))
    assert response.status_code == 422
    assert "超过20年" in str(response.context["sent"].errors["deadline"])


def test_from_the_page_that_asks_one_goes_back_with_what_was_typed(office: Client, led: Measure) -> None:
    back = office.post(steer_of(led), {**adjusting(office, led, "2022-10-31"), "amend": "1"})
    assert back.context["sent"]["deadline"].value() == "2022-10-31"
    led.refresh_from_db()
    assert led.deadline_in_force == JUNE


def test_a_slip_that_is_corrected_counts_once_and_its_history_has_both(office: Client, led: Measure) -> None:
    adjust(office, led, "2032-10-31")
    shown = office.post(steer_of(led), adjusting(office, led, "2022-10-31"))
    assert "不另计次数，延期或调整仍为1次。" in shown.content.decode()
    assert shown.context["warnings"] == [], "it is measured from the deadline before the slip"
    text = adjust(office, led, "2022-10-31")
    assert "已更正，不另计次数" in text
    assert "已延期或调整1次" in text
    assert "现行时限由2022年6月30日调整为2032年10月31日" in text
    assert "更正时限调整：现行时限由2032年10月31日改为2022年10月31日" in text


def test_one_that_is_taken_back_is_not_counted(office: Client, led: Measure) -> None:
    adjust(office, led, "2022-10-31")
    shown = office.post(steer_of(led), adjusting(office, led, "2022-06-30")).content.decode()
    assert "该次调整不再计数，延期或调整共0次。" in shown
    assert "已延期或调整" not in adjust(office, led, "2022-06-30")


def test_the_second_of_two_is_told_who_moved_the_deadline_and_when(
    office: Client, signed_in: SignIn, led: Measure, cast: Cast
) -> None:
    second = signed_in(cast.second_supervisor)
    form = adjusting(second, led, "2022-12-31")
    adjust(signed_in(cast.supervisor), led, "2022-10-31")
    # Not only on confirming: whoever has not seen the other's day is not asked to confirm against it.
    for sent in (form, {**form, "confirmed": "1"}):
        late = signed_in(cast.second_supervisor).post(steer_of(led), sent)
        assert late.status_code == 409
        told = late.context["meanwhile"][0]
        assert (told.what, told.who) == (
            "现行时限由2022年6月30日调整为2022年10月31日",
            acting(cast.supervisor).label,
        )
        assert f"{timezone.localtime(told.recorded_at):%H:%M}" in late.content.decode()


def test_an_adjustment_without_a_document_is_refused_beside_the_field(office: Client, led: Measure) -> None:
    response = office.post(steer_of(led), filled(office, led, "adjust", deadline="2022-10-31", reference=""))
    assert response.status_code == 422
    assert "reference" in response.context["sent"].errors
    same = office.post(steer_of(led), filled(office, led, "adjust", deadline="2022-06-30", reference="文号"))
    assert "与现行时限相同" in same.content.decode()


@pytest.mark.parametrize(("act", "disposition"), [("suspend", "suspended"), ("cancel", "cancelled")])
def test_what_is_grave_is_shown_once_more_before_it_is_done(
    office: Client, led: Measure, act: str, disposition: str
) -> None:
    form = filled(office, led, act, reason=REASON)
    shown = office.post(steer_of(led), form).content.decode()
    assert "请核对" in shown
    assert "不再计入统计" in shown
    led.refresh_from_db()
    assert led.disposition == "active"
    office.post(steer_of(led), {**form, "confirmed": "1"})
    led.refresh_from_db()
    assert led.disposition == disposition


def test_a_suspended_measure_says_why_to_those_who_act_on_it_and_is_resumed(
    office: Client, signed_in: SignIn, cast: Cast, led: Measure, public: ReformList
) -> None:
    suspend(led, cast)
    assert acts(office, led) == {"resume", "cancel"}
    visitor = Client().get(led.get_absolute_url()).content.decode()
    assert "已中止" in visitor
    assert REASON not in visitor
    assert REASON in signed_in(cast.reporter).get(led.get_absolute_url()).content.decode()
    client = signed_in(cast.supervisor)
    client.post(steer_of(led), filled(client, led, "resume", reason="方案已印发。"))
    led.refresh_from_db()
    assert led.disposition == "active"


def test_given_to_another_agency_after_confirmation(office: Client, led: Measure, cast: Cast, market: Agency) -> None:
    said = {"holder": cast.agency.pk, "heir": "市市场监管局", "reason": "职责调整。"}
    form = filled(office, led, "reassign", **said)
    shown = office.post(steer_of(led), form).content.decode()
    assert "“市交通运输局”不再承担这条举措，由“市市场监管局”承担" in shown
    assert not Duty.objects.filter(measure=led, agency=market).exists()
    office.post(steer_of(led), {**form, "confirmed": "1"})
    assert Duty.objects.filter(measure=led, agency=market).exists()
    assert "改派：任务分工由“市交通运输局”转至“市市场监管局”" in office.get(led.get_absolute_url()).content.decode()


def test_an_unknown_heir_is_refused_with_what_may_be_meant(office: Client, led: Measure, cast: Cast) -> None:
    said = {"holder": cast.agency.pk, "heir": "市市场监管局局", "reason": "调整。"}
    response = office.post(steer_of(led), filled(office, led, "reassign", **said))
    assert response.status_code == 422
    assert "heir" in response.context["sent"].errors


def test_chasing_tells_the_holders(office: Client, led: Measure, cast: Cast) -> None:
    office.post(steer_of(led), filled(office, led, "chase", words="请本周报送。"))
    assert Notice.objects.get(kind="chased", agency=cast.agency).facts["words"] == "请本周报送。"


def test_whoever_was_looking_at_an_old_state_sees_what_changed_and_keeps_what_they_wrote(
    office: Client, led: Measure, cast: Cast
) -> None:
    form = filled(office, led, "adjust", deadline="2022-10-31", reference="深府办〔2022〕9号", reason="")
    submit_report(led.pk, cast.agency.pk, ReportContent(progress="刚刚报送的进展。"), who=acting(cast.reporter), on=ON)
    late = office.post(steer_of(led), form)
    text = late.content.decode()
    assert late.status_code == 409
    assert "刚刚报送的进展。" in text
    assert "列入清单" not in text
    assert "深府办〔2022〕9号" in text
    led.refresh_from_db()
    assert led.deadline_in_force != OCTOBER
    again = {**form, "seen": late.context["sent"]["seen"].value(), "confirmed": "1"}
    assert office.post(steer_of(led), again).status_code == 302


def test_a_grave_act_on_an_old_state_is_not_done_either(office: Client, led: Measure, cast: Cast) -> None:
    form = filled(office, led, "cancel", reason=REASON)
    submit_report(led.pk, cast.agency.pk, ReportContent(progress="刚刚报送的进展。"), who=acting(cast.reporter), on=ON)
    assert office.post(steer_of(led), {**form, "confirmed": "1"}).status_code == 409
    led.refresh_from_db()
    assert led.disposition == "active"


def test_a_withdrawn_or_closed_measure_offers_nothing_and_a_standing_one_no_deadline(
    office: Client, led: Measure, cast: Cast
) -> None:
    standing = Measure.objects.filter(is_standing=True, duties__agency=cast.agency)[0]
    assert acts(office, standing) == {"chase", "reassign", "suspend", "cancel"}
    Measure.objects.filter(pk=led.pk).update(disposition="withdrawn")
    assert acts(office, led) == set()
    Measure.objects.filter(pk=led.pk).update(disposition="active", status="closed", closed_on=ON)
    assert acts(office, led) == set()


def test_the_links_are_there_for_those_who_may(office: Client, signed_in: SignIn, led: Measure, cast: Cast) -> None:
    for address in (steer_of(led), enter_of(led)):
        assert address in signed_in(cast.supervisor).get(led.get_absolute_url()).content.decode()
        assert address not in signed_in(cast.reporter).get(led.get_absolute_url()).content.decode()
    Membership.objects.create(user=cast.supervisor, agency=cast.agency, role=Role.VIEWER)
    client = signed_in(cast.supervisor)
    assert steer_of(led) not in client.get(led.get_absolute_url()).content.decode()
    assert client.get(steer_of(led)).status_code == 403
    assert client.get(enter_of(led)).status_code == 403


# Entering on an agency's behalf -------------------------------------------------------------------


def entered(client: Client, measure: Measure, agency: Agency, **said: Any) -> dict[str, Any]:
    form = client.get(f"{enter_of(measure)}?agency={agency.pk}").context["form"]
    key = form.fields["form_key"].initial
    return {"agency": agency.pk, "form_key": key, "progress": "来函告知进展。", "outlook": "on_schedule", **said}


def test_what_the_office_enters_is_marked_everywhere(office: Client, led: Measure, cast: Cast) -> None:
    office.post(enter_of(led), entered(office, led, cast.agency, source="深交函〔2022〕88号"))
    report = ProgressReport.objects.get()
    assert (report.by_office, report.source, report.state) == (True, "深交函〔2022〕88号", "submitted")
    text = office.get(led.get_absolute_url()).content.decode()
    assert "督办代录" in text
    assert "督办人员代录进展（依据：深交函〔2022〕88号）" in text
    shown = office.get(f"/api/v1/measures/{led.pk}/reports").json()["results"]
    assert shown[0]["by_office"] is True


def test_without_saying_how_it_knows_the_office_enters_nothing(office: Client, led: Measure, cast: Cast) -> None:
    response = office.post(enter_of(led), entered(office, led, cast.agency, source=" "))
    assert response.status_code == 422
    assert "source" in response.context["form"].errors
    assert not ProgressReport.objects.exists()


def test_it_begins_with_what_the_chosen_agency_said_last(office: Client, led: Measure, cast: Cast) -> None:
    submit_report(led.pk, cast.agency.pk, ReportContent(progress="上月已启动。"), who=acting(cast.reporter), on=ON)
    page = office.get(f"{enter_of(led)}?agency={cast.agency.pk}")
    assert page.context["form"]["progress"].value() == "上月已启动。"
    assert page.context["form"]["agency"].value() == cast.agency.pk


def test_a_claim_may_be_entered_and_sent_twice_it_is_one(office: Client, led: Measure, cast: Cast) -> None:
    form = entered(office, led, cast.agency, source="来电：张三，6月15日", is_claim="on")
    office.post(enter_of(led), form)
    office.post(enter_of(led), form)
    assert ProgressReport.objects.get().state == "under_review"


def test_for_a_measure_that_nobody_acts_on_there_is_nobody_to_enter_for(office: Client, led: Measure) -> None:
    Duty.objects.filter(measure=led).delete()
    assert office.get(enter_of(led)).status_code == 404


# Where they are found -----------------------------------------------------------------------------


def test_suspended_and_cancelled_measures_are_listed_when_they_are_asked_for(
    office: Client, led: Measure, cast: Cast
) -> None:
    suspend(led, cast)
    assert led.pk not in get(office, "/measures/?page=1").measure_ids
    assert get(office, "/measures/?disposition=suspended").measure_ids == [led.pk]
    assert get(office, "/measures/?disposition=cancelled").total == 0
    assert get(office, "/measures/?disposition=active").total == get(office, "/measures/").total
    assert get(office, "/measures/?disposition=suspended").chips == ["在册情况：中止"]


def test_page_api_and_export_agree_on_them(office: Client, led: Measure, cast: Cast) -> None:
    suspend(led, cast)
    shown = office.get("/api/v1/measures?disposition=suspended&disposition=cancelled").json()["results"]
    assert [(one["id"], one["disposition"]) for one in shown] == [(led.pk, "suspended")]
    lines = office.get("/measures/export/csv/?disposition=suspended").getvalue().decode("utf-8-sig").splitlines()
    assert len([line for line in lines if led.title in line]) == 1
    assert "在册情况" in lines[0]


def test_the_overview_does_not_count_them(office: Client, led: Measure, cast: Cast) -> None:
    before = office.get("/").context["numbers"].totals.measures
    suspend(led, cast)
    assert office.get("/").context["numbers"].totals.measures == before - 1


def test_the_facet_is_there_only_when_there_is_something_to_choose(office: Client, led: Measure, cast: Cast) -> None:
    assert "在册情况" not in get(office, "/measures/").facet_names
    suspend(led, cast)
    links = [link for link in get(office, "/measures/").facet_links if link.facet == "在册情况"]
    assert [(link.label, link.count) for link in links] == [("在册", 215), ("中止", 1)]


def test_where_the_status_is_not_public_they_are_not_either(client: Client, reform_list: ReformList) -> None:
    page = get(client, "/measures/?disposition=suspended&disposition=gone")
    assert (page.total, page.chips, page.struck) == (216, [], ["在册情况：gone", "在册情况：中止"])
