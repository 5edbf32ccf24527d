"""阶段节点: planned by who leads a measure or by the office, reported, withdrawn; never a matter of the light."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from agencies.models import Agency, Change, Role, User
from reforms.models import Duty, Light, Measure, Milestone, Part, ReformList, Stale, Status, light_of
from reforms.reports.milestones import (
    MOST,
    PlannedStep,
    change_milestone,
    plan_milestone,
    report_milestone,
    take_report_back,
    withdraw_milestone,
)
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.shown import get as load
from tests.reforms.shown import plain

SignIn = Callable[[User], Client]
DRAFT = "形成征求意见稿"
SOON = dt.date(2022, 6, 24)


def planned(measure: Measure, user: User, *, title: str = DRAFT, due_on: dt.date = SOON, on: dt.date = ON) -> Milestone:
    return plan_milestone(measure.pk, PlannedStep(title=title, due_on=due_on), who=acting(user), on=on)


def done(milestone: Milestone, user: User, *, done_on: dt.date = ON, on: dt.date = ON) -> Milestone:
    words = "已书面征求各区意见。"
    return report_milestone(milestone.pk, done_on=done_on, words=words, seen=None, who=acting(user), on=on)


def get(client: Client, address: str) -> str:
    return load(client, address).text


def section(client: Client, measure: Measure, query: str = "") -> str:
    """What the page of the measure says of its steps."""
    text = get(client, f"{measure.get_absolute_url()}{query}")
    return plain(text.split('id="milestones"')[1].split("<h2")[0]) if 'id="milestones"' in text else ""


class TestPlanning:
    def test_the_lead_plans_in_a_form_and_the_step_stands_on_the_measure(
        self, signed_in: SignIn, cast: Cast, led: Measure
    ) -> None:
        client = signed_in(cast.reporter)
        address = f"/measures/{led.pk}/milestones/"
        assert address in get(client, led.get_absolute_url())
        said = {"title": DRAFT, "due_on": "2022-06-24", "note": "先征求各区意见。"}
        page = client.post(address, said, follow=True)
        assert "已安排阶段节点。" in page.content.decode()
        for words in (DRAFT, "2022年6月24日", "还有9天", "先征求各区意见。", "市交通运输局"):
            assert words in section(client, led)
        assert "下一节点" in get(client, led.get_absolute_url())
        milestone = Milestone.objects.get()
        assert (milestone.agency, milestone.planned_by) == (cast.agency, acting(cast.reporter).label)

    def test_a_form_sent_twice_plans_once(self, cast: Cast, led: Measure) -> None:
        assert planned(led, cast.reporter) == planned(led, cast.reporter)
        assert Change.objects.filter(action="milestone.planned").count() == 1

    def test_one_more_is_planned_without_leaving_the_form(self, signed_in: SignIn, cast: Cast, led: Measure) -> None:
        address = f"/measures/{led.pk}/milestones/"
        said = {"title": DRAFT, "due_on": "2022-06-24", "again": "1"}
        assert signed_in(cast.reporter).post(address, said)["Location"] == address

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("title", "　", "请填写节点。"),
            ("title", "长" * 121, "120"),
            ("due_on", "", "请填写日期。"),
            ("due_on", "六月底", "日期无法识别，请写成2022-06-30这样。"),
            ("due_on", "0202-06-30", "计划日期应在"),
            ("note", "长" * 501, "500"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
        self, signed_in: SignIn, cast: Cast, led: Measure, field: str, value: str, said: str
    ) -> None:
        sent = {"title": DRAFT, "due_on": "2022-06-24", "note": "先征求各区意见。", field: value}
        response = signed_in(cast.reporter).post(f"/measures/{led.pk}/milestones/", sent)
        assert response.status_code == 422
        assert list(response.context["form"].errors) == [field]
        assert said in str(response.context["form"].errors[field])
        assert all(response.context["form"][name].value() == text for name, text in sent.items())
        assert not Milestone.objects.exists()

    def test_a_day_after_the_deadline_is_warned_of_and_allowed(
        self, signed_in: SignIn, cast: Cast, led: Measure
    ) -> None:
        said = {"title": DRAFT, "due_on": "2023-02-28"}
        page = signed_in(cast.reporter).post(f"/measures/{led.pk}/milestones/", said, follow=True).content.decode()
        assert "计划日期晚于这条举措的现行时限" in page
        assert Milestone.objects.get().due_on == dt.date(2023, 2, 28)
        assert "晚于现行时限" in section(signed_in(cast.reporter), led)

    def test_two_of_one_name_and_day_are_refused(self, cast: Cast, led: Measure) -> None:
        planned(led, cast.reporter)
        with pytest.raises(ValidationError, match="同名"):
            planned(led, cast.approver)
        with pytest.raises(IntegrityError), transaction.atomic():
            Milestone.objects.create(measure=led, title=DRAFT, due_on=SOON, planned_on=ON)

    def test_a_measure_takes_no_more_than_its_page_can_show(self, cast: Cast, led: Measure) -> None:
        steps = [Milestone(measure=led, title=f"第{n}步", due_on=SOON, planned_on=ON) for n in range(MOST)]
        Milestone.objects.bulk_create(steps)
        with pytest.raises(ValidationError, match=str(MOST)):
            planned(led, cast.reporter)

    def test_a_closed_measure_takes_none(self, signed_in: SignIn, cast: Cast, led: Measure) -> None:
        milestone = planned(led, cast.reporter, due_on=dt.date(2022, 6, 1))
        Measure.objects.filter(pk=led.pk).update(status=Status.CLOSED, closed_on=ON)
        with pytest.raises(ValidationError, match="已销号"):
            planned(led, cast.reporter, title="另一步")
        with pytest.raises(ValidationError, match="已销号"):
            done(milestone, cast.reporter)
        client = signed_in(cast.reporter)
        assert "已销号" in get(client, f"/measures/{led.pk}/milestones/")
        assert "<textarea" not in get(client, f"/milestones/{milestone.pk}/")
        assert "未报告完成" not in section(client, led), "nobody has to reach it any more"


class TestWho:
    def test_office_and_lead_alone_write(self, cast: Cast, led: Measure, person: PersonMaker) -> None:
        market = Agency.objects.get(name="市市场监管局")
        Duty.objects.update_or_create(measure=led, agency=market, defaults={"part": Part.RESPONSIBLE})
        helping = person(Role.REPORTER, agency=market, username="helping")
        viewer = person(Role.VIEWER, agency=cast.agency, username="viewer")
        milestone = planned(led, cast.reporter)
        for user in (helping, viewer, person(Role.ADMINISTRATOR, username="admin")):
            with pytest.raises(PermissionDenied):
                planned(led, user, title="另一步")
            with pytest.raises(PermissionDenied):
                done(milestone, user)
        assert planned(led, cast.supervisor, title="督办安排的一步").agency is None
        assert done(milestone, cast.supervisor).done_on == ON

    def test_a_lead_by_another_measures_duty_is_none(self, cast: Cast, led: Measure) -> None:
        other = Measure.objects.exclude(duties__agency=cast.agency).order_by("row")[0]
        with pytest.raises(PermissionDenied):
            planned(other, cast.reporter)

    def test_visitors_see_steps_where_the_status_is_public_without_what_was_written(
        self, client: Client, cast: Cast, led: Measure
    ) -> None:
        step = PlannedStep(title=DRAFT, due_on=SOON, note="先征求各区意见。")
        milestone = plan_milestone(led.pk, step, who=acting(cast.reporter), on=ON)
        done(milestone, cast.reporter)
        assert DRAFT not in get(client, led.get_absolute_url())
        ReformList.objects.filter(pk=led.reform_list_id).update(public_status=True)
        page = get(client, led.get_absolute_url())
        assert DRAFT in page
        assert "2022年6月15日完成" in page
        for inner in ("先征求各区意见。", "已书面征求各区意见。", str(cast.reporter)):
            assert inner not in page

    def test_who_helps_reads_what_was_written(
        self, signed_in: SignIn, cast: Cast, led: Measure, person: PersonMaker
    ) -> None:
        market = Agency.objects.get(name="市市场监管局")
        Duty.objects.update_or_create(measure=led, agency=market, defaults={"part": Part.RESPONSIBLE})
        done(planned(led, cast.reporter), cast.reporter)
        helping = signed_in(person(Role.VIEWER, agency=market, username="helping"))
        assert "已书面征求各区意见。" in section(helping, led)


class TestReporting:
    def test_reported_as_done_with_words_and_taken_back(self, signed_in: SignIn, cast: Cast, led: Measure) -> None:
        milestone = planned(led, cast.reporter)
        client, address = signed_in(cast.reporter), f"/milestones/{milestone.pk}/"
        said = {"act": "done", "done_on": "2022-06-14", "done_words": "已书面征求各区意见。", "seen": "1"}
        page = client.post(address, said, follow=True).content.decode()
        assert "已报告该节点完成。" in page
        assert "2022年6月14日完成" in section(client, led)
        assert "下一节点" not in page
        client.post(address, {"act": "reopen", "seen": "2"})
        milestone.refresh_from_db()
        assert (milestone.done_on, milestone.done_words, milestone.version) == (None, "", 3)

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("done_on", "2022-06-16", "不晚于今天"),
            ("done_on", "昨天", "无法识别"),
            ("done_words", " ", "请填写完成情况。"),
        ],
    )
    def test_what_cannot_be_reported_is_said_beside_its_field(
        self, signed_in: SignIn, cast: Cast, led: Measure, field: str, value: str, said: str
    ) -> None:
        milestone = planned(led, cast.reporter)
        sent = {"act": "done", "done_on": "2022-06-14", "done_words": "已完成。", "seen": "1", field: value}
        response = signed_in(cast.reporter).post(f"/milestones/{milestone.pk}/", sent)
        assert response.status_code == 422
        assert said in str(response.context["sent"].errors[field])
        milestone.refresh_from_db()
        assert milestone.done_on is None

    def test_a_missed_one_is_said_and_the_light_stays(self, signed_in: SignIn, cast: Cast, led: Measure) -> None:
        before = light_of(led, ON), led.version
        planned(led, cast.reporter, due_on=dt.date(2022, 6, 1), on=dt.date(2022, 5, 1))
        assert "已过计划日期14天，未报告完成" in section(signed_in(cast.reporter), led)
        led.refresh_from_db()
        assert (light_of(led, ON), led.version) == before
        assert before[0] != Light.OVERDUE

    def test_the_second_is_told_who_did_what(self, signed_in: SignIn, cast: Cast, led: Measure) -> None:
        milestone = planned(led, cast.reporter)
        with pytest.raises(Stale):
            change_milestone(
                milestone.pk, PlannedStep(title=DRAFT, due_on=ON), seen=7, who=acting(cast.reporter), on=ON
            )
        change_milestone(
            milestone.pk, PlannedStep(title="印发方案", due_on=SOON), seen=1, who=acting(cast.supervisor), on=ON
        )
        said = {"act": "change", "title": DRAFT, "due_on": "2022-07-01", "note": "改一下", "seen": "1"}
        response = signed_in(cast.reporter).post(f"/milestones/{milestone.pk}/", said)
        page = response.content.decode()
        assert response.status_code == 409
        assert f"阶段节点“{DRAFT}”（2022年6月24日）改为“印发方案”（2022年6月24日）" in page
        assert acting(cast.supervisor).label in page
        assert "改一下" in page, "nothing is lost"
        again = {**said, "seen": str(response.context["sent"]["seen"].value())}
        assert signed_in(cast.reporter).post(f"/milestones/{milestone.pk}/", again).status_code == 302
        milestone.refresh_from_db()
        assert (milestone.title, milestone.note, milestone.version) == (DRAFT, "改一下", 3)


class TestWithdrawing:
    def test_it_leaves_the_page_and_stays_in_the_history(self, signed_in: SignIn, cast: Cast, led: Measure) -> None:
        milestone = planned(led, cast.reporter)
        client = signed_in(cast.reporter)
        client.post(f"/milestones/{milestone.pk}/", {"act": "withdraw", "reason": "并入下一步", "seen": "1"})
        page = plain(get(client, led.get_absolute_url()))
        assert "还没有安排阶段节点。" in page
        for words in (f"安排阶段节点“{DRAFT}”（2022年6月24日）", f"撤销阶段节点“{DRAFT}”", "并入下一步"):
            assert words in page
        assert "该节点已撤销。" in get(client, f"/milestones/{milestone.pk}/")
        with pytest.raises(ValidationError, match="已撤销"):
            withdraw_milestone(milestone.pk, reason="", seen=None, who=acting(cast.reporter), on=ON)
        assert planned(led, cast.reporter) != milestone, "planned again it is another one"

    def test_one_that_is_done_or_printed_is_not_withdrawn(self, cast: Cast, led: Measure) -> None:
        reached = done(planned(led, cast.reporter), cast.reporter)
        printed = Milestone.objects.create(
            measure=led, title="印发的一步", due_on=SOON, planned_on=ON, source=Milestone.Source.PRINTED
        )
        for milestone, why in ((reached, "请先撤回报告"), (printed, "清单印发的节点不能修改或撤销")):
            with pytest.raises(ValidationError, match=why):
                withdraw_milestone(milestone.pk, reason="", seen=None, who=acting(cast.reporter), on=ON)
            with pytest.raises(ValidationError, match=why):
                change_milestone(
                    milestone.pk, PlannedStep(title="另一步", due_on=SOON), seen=None, who=acting(cast.reporter), on=ON
                )
        assert done(printed, cast.reporter).done_on == ON


class TestPastDays:
    """What was planned and reached by then, as far as dates and the log tell."""

    FIRST, LATER = dt.date(2022, 5, 1), dt.date(2022, 6, 1)

    def test_a_step_is_there_from_its_planning_to_its_withdrawal(
        self, signed_in: SignIn, cast: Cast, led: Measure
    ) -> None:
        milestone = planned(led, cast.reporter, on=self.LATER)
        withdraw_milestone(milestone.pk, reason="", seen=None, who=acting(cast.reporter), on=dt.date(2022, 6, 10))
        client = signed_in(cast.reporter)
        shown = {day: DRAFT in section(client, led, f"?on=2022-{day}") for day in ("05-31", "06-01", "06-09", "06-10")}
        assert shown == {"05-31": False, "06-01": True, "06-09": True, "06-10": False}

    def test_a_change_and_a_report_hold_from_their_day(self, signed_in: SignIn, cast: Cast, led: Measure) -> None:
        milestone = planned(led, cast.reporter, due_on=dt.date(2022, 5, 10), on=self.FIRST)
        step = PlannedStep(title="印发方案", due_on=SOON)
        change_milestone(milestone.pk, step, seen=None, who=acting(cast.reporter), on=self.LATER)
        done(milestone, cast.reporter, done_on=dt.date(2022, 6, 5), on=ON)
        client = signed_in(cast.reporter)
        before = section(client, led, "?on=2022-05-31")
        assert DRAFT in before
        assert "已过计划日期21天" in before
        between = section(client, led, "?on=2022-06-02")
        assert "印发方案" in between
        assert "还有22天" in between
        assert "2022年6月5日完成" in section(client, led, "?on=2022-06-05"), "what is told later stands with its day"

    def test_a_report_taken_back_held_until_then(self, signed_in: SignIn, cast: Cast, led: Measure) -> None:
        milestone = done(planned(led, cast.reporter, on=self.FIRST), cast.reporter, done_on=self.LATER, on=self.LATER)
        take_report_back(milestone.pk, seen=None, who=acting(cast.reporter), on=dt.date(2022, 6, 10))
        client = signed_in(cast.reporter)
        assert "2022年6月1日完成" in section(client, led, "?on=2022-06-09")
        assert "完成" not in section(client, led, "?on=2022-06-10").split("阶段节点只用于")[0]


class TestFeed:
    def test_the_feed_tells_what_was_planned_and_not_what_was_written(
        self, client: Client, cast: Cast, led: Measure
    ) -> None:
        ReformList.objects.filter(pk=led.reform_list_id).update(public_status=True)
        after = Change.objects.order_by("-sequence")[0].sequence
        done(planned(led, cast.reporter), cast.reporter)
        told: Any = client.get(f"/api/v1/changes?after={after}").json()["results"]
        assert [one["action"] for one in told] == ["milestone.planned", "milestone.done"]
        assert told[1]["after"]["done_on"] == ON.isoformat()
        assert not told[1]["reason"]
        assert not told[1]["actor"]
