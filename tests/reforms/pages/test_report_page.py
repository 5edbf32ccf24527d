"""填报进展: the form, what becomes of it, and who can read it afterwards."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Count
from django.test import Client
from lxml import html

from agencies.access import Principal
from agencies.models import Agency, Membership, Role, User
from reforms.duties import holders
from reforms.models import Assignment, Duty, Measure, ProgressReport, ReformList
from reforms.pages.forms import measure_named
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import return_claim, send_back, sign_claim
from tests.conftest import ON, PersonMaker
from tests.reforms.pages.test_queries import queries
from tests.reforms.people import attach
from tests.reforms.sheets import address_of, fields_of, keep, opened, send

SignIn = Callable[[User], Client]
SECRET_TEXT, SECRET_PROBLEM, AUTHOR = "联调进度只对内说明", "经费缺口只对内说明", "林只对内"


def filled(client: Client, measure: Measure, **changes: str) -> dict[str, Any]:
    """The form as the page hands it out, filled in."""
    said = {"progress": SECRET_TEXT, "problems": SECRET_PROBLEM, "outlook": "on_schedule"}
    return opened(client, measure) | said | changes


def text_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_sent_it_is_a_report_and_back_to_the_measure(signed_in: SignIn, reporter: User, led: Measure) -> None:
    client = signed_in(reporter)
    response = client.post(address_of(led), filled(client, led), follow=True)
    assert response.redirect_chain == [(f"/measures/{led.pk}/", 302)]
    text = response.content.decode()
    assert "已报送" in text
    assert SECRET_TEXT in text
    assert "状态由“尚未报送”变为“推进中”" in text
    assert "报送进展" in text


def test_a_form_sent_twice_is_one_report(signed_in: SignIn, reporter: User, led: Measure) -> None:
    client = signed_in(reporter)
    form = filled(client, led)
    first, second = client.post(address_of(led), form), client.post(address_of(led), form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert ProgressReport.objects.count() == 1
    client.post(address_of(led), filled(client, led))
    assert ProgressReport.objects.count() == 2


def test_the_next_form_begins_with_what_was_said_last(signed_in: SignIn, reporter: User, led: Measure) -> None:
    client = signed_in(reporter)
    client.post(address_of(led), filled(client, led))
    form = opened(client, led)
    assert (form["progress"], form["problems"]) == (SECRET_TEXT, SECRET_PROBLEM)


@pytest.mark.parametrize(("field", "text"), [("progress", ""), ("progress", "长" * 5001), ("problems", "长" * 5001)])
def test_what_cannot_be_taken_is_said_and_what_was_typed_stays(
    signed_in: SignIn, reporter: User, led: Measure, field: str, text: str
) -> None:
    client = signed_in(reporter)
    response = client.post(address_of(led), filled(client, led, next_step="不要丢失", **{field: text}))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "不要丢失" in response.content.decode()
    assert not ProgressReport.objects.exists()


@pytest.mark.parametrize("standing", [{"status": "closed", "closed_on": ON}, {"disposition": "withdrawn"}])
def test_a_measure_that_is_closed_or_gone_takes_no_report(
    signed_in: SignIn, reporter: User, led: Measure, standing: dict[str, Any]
) -> None:
    client = signed_in(reporter)
    form = filled(client, led)
    Measure.objects.filter(pk=led.pk).update(**standing)
    response = client.post(address_of(led), form)
    assert response.status_code == 422
    assert SECRET_TEXT in response.content.decode()
    assert not ProgressReport.objects.exists()


def test_a_visitor_is_asked_to_sign_in_and_comes_back(client: Client, led: Measure) -> None:
    for response in (client.get(address_of(led)), client.post(address_of(led), {"progress": "x"})):
        assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={address_of(led)}")


def test_another_agency_cannot_report(
    signed_in: SignIn, person: PersonMaker, led: Measure, market: Agency, transport: Agency
) -> None:
    client = signed_in(person(Role.REPORTER, agency=market))
    form = {"agency": transport.pk, "form_key": "x" * 32, "progress": "x", "outlook": "on_schedule"}
    assert client.get(address_of(led)).status_code == 403
    assert client.post(address_of(led), form).status_code == 403
    assert not ProgressReport.objects.exists()


def test_one_cannot_report_in_the_name_of_another_agency(
    signed_in: SignIn, reporter: User, led: Measure, market: Agency
) -> None:
    client = signed_in(reporter)
    response = client.post(address_of(led), filled(client, led) | {"agency": market.pk})
    assert response.status_code == 403
    assert not ProgressReport.objects.exists()


@pytest.fixture
def reported(signed_in: SignIn, reporter: User, led: Measure) -> Measure:
    """The led measure with a report whose every word, and whose author, is internal."""
    User.objects.filter(pk=reporter.pk).update(full_name=AUTHOR)
    client = signed_in(reporter)
    client.post(address_of(led), filled(client, led))
    client.logout()
    return led


def readers(measure: Measure) -> list[str]:
    return [f"/measures/{measure.pk}/", "/", f"/measures/?item={measure.item.number}", "/measures/export/csv/"]


def whole(response: Any) -> str:
    return b"".join(response.streaming_content if response.streaming else [response.content]).decode()


def test_visitors_read_nothing_of_it(client: Client, reported: Measure, public: ReformList) -> None:
    for address in readers(reported):
        text = whole(client.get(address))
        assert [word for word in (SECRET_TEXT, SECRET_PROBLEM, AUTHOR) if word in text] == []


def test_visitors_learn_nothing_of_it_where_the_status_is_hidden(client: Client, reported: Measure) -> None:
    text = text_of(client, f"/measures/{reported.pk}/")
    assert [word for word in (SECRET_TEXT, SECRET_PROBLEM, AUTHOR, "推进中", "报送进展") if word in text] == []


def test_other_agencies_read_nothing_of_it(
    signed_in: SignIn, person: PersonMaker, reported: Measure, market: Agency
) -> None:
    client = signed_in(person(Role.REPORTER, agency=market))
    for address in readers(reported):
        text = whole(client.get(address))
        assert [word for word in (SECRET_TEXT, SECRET_PROBLEM, AUTHOR) if word in text] == []


def test_the_agency_and_the_office_read_all_of_it(
    signed_in: SignIn, person: PersonMaker, reported: Measure, transport: Agency
) -> None:
    for reader in (person(Role.VIEWER, agency=transport), person(Role.SUPERVISOR), person(Role.AUDITOR)):
        text = text_of(signed_in(reader), f"/measures/{reported.pk}/")
        assert [word for word in (SECRET_TEXT, SECRET_PROBLEM, AUTHOR) if word not in text] == []


@pytest.fixture
def shared(transport: Agency) -> Measure:
    """A dated measure that 市交通运输局 leads first and on which others act."""
    leads = Assignment.objects.filter(agency=transport, part="lead", order=1, measure__deadline__isnull=False)
    led = Measure.objects.filter(pk__in=leads.values("measure"), lead_note="")
    return led.annotate(n=Count("duties")).filter(n__gt=1).order_by("row")[0]


def others_on(measure: Measure, agency: Agency) -> list[Agency]:
    return [duty.agency for duty in holders(measure) if duty.agency != agency]


@pytest.fixture
def second(person: PersonMaker, transport: Agency) -> User:
    """A colleague of the reporter."""
    return person(Role.REPORTER, agency=transport, username="second.reporter")


def as_person(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")
    return client


def test_a_report_of_a_colleague_meanwhile_is_shown_beside_ones_own_text(
    reporter: User, second: User, led: Measure
) -> None:
    mine, theirs = as_person(reporter), as_person(second)
    form = opened(mine, led) | {"progress": "我写的进展", "next_step": "我的下一步"}
    send(theirs, led, opened(theirs, led) | {"progress": "同事写的进展"})
    answer = send(mine, led, form)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert [text for text in ("我写的进展", "我的下一步", "同事写的进展", "仍然报送") if text not in shown] == []
    assert ProgressReport.objects.count() == 1
    again = fields_of(shown)
    assert again["progress"] == "我写的进展"
    assert [send(mine, led, again).status_code for _twice in range(2)] == [302, 302]
    assert [report.progress for report in ProgressReport.objects.all()] == ["我写的进展", "同事写的进展"]


def test_a_form_changed_after_it_was_sent_is_not_taken_for_the_old_one(
    signed_in: SignIn, reporter: User, led: Measure
) -> None:
    """The back button brings the old form, with the old key."""
    client = signed_in(reporter)
    form = filled(client, led)
    send(client, led, form)
    answer = send(client, led, form | {"progress": "回到上一页又改了"})
    assert answer.status_code == 409
    assert fields_of(answer.content.decode())["progress"] == "回到上一页又改了"
    assert send(client, led, fields_of(answer.content.decode())).status_code == 302
    assert ProgressReport.objects.count() == 2


def test_who_acts_for_it_is_named_with_the_report(signed_in: SignIn, reporter: User, led: Measure) -> None:
    client = signed_in(reporter)
    send(client, led, filled(client, led, division="运输处", officer="林工"))
    assert (opened(client, led)["division"], opened(client, led)["officer"]) == ("运输处", "林工")
    assert "运输处 林工" in text_of(client, f"/measures/{led.pk}/")
    assert "运输处" not in text_of(Client(), f"/measures/{led.pk}/")


def test_who_claims_sends_the_measure_to_be_verified(
    signed_in: SignIn, reporter: User, led: Measure, transport: Agency
) -> None:
    client = signed_in(reporter)
    attach(led, transport, reporter)
    answer = client.post(address_of(led), filled(client, led, is_claim="on"), follow=True).content.decode()
    assert f"{measure_named(led)}：已申请销号，待督办人员核验。" in answer
    led.refresh_from_db()
    assert led.status == "under_review"
    assert "is_claim" not in text_of(client, address_of(led))
    assert "本单位的销号申请已提交" in text_of(client, address_of(led))


def test_who_does_not_claim_is_told_who_does(signed_in: SignIn, person: PersonMaker) -> None:
    duty = Duty.objects.filter(part="responsible", via=None, measure__is_standing=False)[0]
    lead = Assignment.objects.get(measure=duty.measure, part="lead", order=1)
    client = signed_in(person(Role.REPORTER, agency=duty.agency))
    shown = text_of(client, address_of(duty.measure))
    assert 'name="is_claim"' not in shown
    assert f"由{lead.agency}" in shown
    assert send(client, duty.measure, filled(client, duty.measure, is_claim="on")).status_code == 422
    assert not ProgressReport.objects.exists()


def test_a_standing_measure_is_not_claimed(signed_in: SignIn, person: PersonMaker, reform_list: ReformList) -> None:
    measure = Measure.objects.filter(is_standing=True)[0]
    duty = Duty.objects.filter(measure=measure, part="lead")[0]
    shown = text_of(signed_in(person(Role.REPORTER, agency=duty.agency)), address_of(measure))
    assert 'name="is_claim"' not in shown
    assert "持续巩固的举措不需申请销号" in shown


def test_where_the_agency_signs_the_form_asks_whether_it_has(
    signed_in: SignIn, reporter: User, led: Measure, transport: Agency
) -> None:
    client = signed_in(reporter)
    assert "signed_by" not in opened(client, led)
    Agency.objects.filter(pk=transport.pk).update(signs_claims=True)
    attach(led, transport, reporter)
    send(client, led, filled(client, led, is_claim="on", signed_by="周局长", signed_on="2022-06-14"))
    assert "周局长2022年6月14日审签" in text_of(client, f"/measures/{led.pk}/").replace("</span>", "")


def test_a_claim_that_waits_for_a_signature_can_be_taken_back(
    signed_in: SignIn, reporter: User, led: Measure, transport: Agency
) -> None:
    Agency.objects.filter(pk=transport.pk).update(signs_claims=True)
    client = signed_in(reporter)
    attach(led, transport, reporter)
    send(client, led, filled(client, led, is_claim="on"))
    assert "正待审核人审签" in text_of(client, address_of(led))
    claim = ProgressReport.objects.get()
    client.post(f"/reports/{claim.pk}/withdraw/", {"seen": claim.version})
    form = opened(client, led)
    assert (form["progress"], form["is_claim"]) == (SECRET_TEXT, "on")


def test_a_returned_claim_comes_back_with_the_reason(
    signed_in: SignIn, reporter: User, person: PersonMaker, led: Measure, transport: Agency
) -> None:
    client = signed_in(reporter)
    attach(led, transport, reporter)
    send(client, led, filled(client, led, is_claim="on"))
    office = Principal.of_user(person(Role.SUPERVISOR))
    return_claim(ProgressReport.objects.get().pk, reason="请补充上线截图", seen=None, who=office, on=ON)
    shown = text_of(client, address_of(led))
    assert "督办人员退回修改" in shown
    assert "请补充上线截图" in shown
    form = fields_of(shown)
    assert (form["progress"], form["is_claim"]) == (SECRET_TEXT, "on")
    assert "请补充上线截图" in text_of(client, f"/measures/{led.pk}/")
    send(client, led, form | {"progress": "已补充截图"})
    assert "督办人员退回修改" not in text_of(client, address_of(led))


def test_who_acts_for_several_agencies_chooses_one(
    signed_in: SignIn, reporter: User, shared: Measure, transport: Agency
) -> None:
    client = signed_in(reporter)
    assert 'id="as-agency"' not in text_of(client, address_of(shared))
    other = others_on(shared, transport)[0]
    Membership.objects.create(user=reporter, agency=other, role=Role.REPORTER)
    assert 'id="as-agency"' in text_of(client, address_of(shared))
    send(client, shared, opened(client, shared, agency=other.pk) | {"progress": "代另一单位填"})
    assert ProgressReport.objects.get().agency == other
    assert opened(client, shared, agency=transport.pk)["progress"] == ""
    assert opened(client, shared, agency=other.pk)["progress"] == "代另一单位填"


def test_one_click_says_that_nothing_changed(signed_in: SignIn, reporter: User, led: Measure) -> None:
    client = signed_in(reporter)
    page = f"/measures/{led.pk}/"
    assert "本期无变化" not in text_of(client, page)
    send(client, led, filled(client, led))
    form = html.fromstring(text_of(client, page)).xpath(f'//form[@action="{page}unchanged/"]')[0]
    fields = dict(form.form_values())
    assert client.post(form.action, fields)["Location"] == page
    assert client.post(form.action, fields | {"back": "desk"})["Location"] == "/desk/"
    reports = list(ProgressReport.objects.all())
    assert [report.is_unchanged for report in reports] == [True, False]
    assert {report.progress for report in reports} == {SECRET_TEXT}


def test_it_says_nothing_over_a_draft(signed_in: SignIn, reporter: User, led: Measure) -> None:
    client = signed_in(reporter)
    send(client, led, filled(client, led))
    keep(client, led, opened(client, led) | {"progress": "写了一半"})
    address = f"/measures/{led.pk}/unchanged/"
    answer = client.post(address, {"form_key": "k"}, follow=True).content.decode()
    assert "尚未报送的草稿" in answer
    assert fields_of(answer)["progress"] == "写了一半"
    assert ProgressReport.objects.spoken().count() == 1


def test_who_claims_for_all_adds_what_the_others_said(
    signed_in: SignIn, person: PersonMaker, shared: Measure, transport: Agency, reporter: User
) -> None:
    other = others_on(shared, transport)[0]
    theirs = as_person(person(Role.REPORTER, agency=other))
    send(theirs, shared, opened(theirs, shared) | {"progress": "我们已完成接口改造"})
    mine = signed_in(reporter)
    assert "我们已完成接口改造" in text_of(mine, address_of(shared))
    form = opened(mine, shared) | {"progress": "总体进展"}
    keep(mine, shared, form | {"merge": str(ProgressReport.objects.sent().get().pk)}, typing=False)
    assert opened(mine, shared)["progress"] == f"总体进展\n{other}：我们已完成接口改造"
    assert "总体进展" not in text_of(theirs, address_of(shared))


def test_the_page_takes_no_more_queries_for_more_reports(
    signed_in: SignIn, person: PersonMaker, shared: Measure, reporter: User, transport: Agency
) -> None:
    client = signed_in(reporter)
    pages = (address_of(shared), f"/measures/{shared.pk}/")
    send(client, shared, filled(client, shared))
    before = [(queries(client, page), queries(client, page))[1] for page in pages]
    for n in range(5):
        send(client, shared, filled(client, shared, progress=f"第{n}次"))
    for agency in others_on(shared, transport)[:3]:
        other = as_person(person(Role.REPORTER, agency=agency))
        send(other, shared, opened(other, shared) | {"progress": "已配合"})
    assert [queries(client, page) for page in pages] == before


def test_the_button_is_there_only_for_who_may_report(
    signed_in: SignIn, person: PersonMaker, reporter: User, led: Measure, transport: Agency
) -> None:
    page = f"/measures/{led.pk}/"
    assert address_of(led) in text_of(signed_in(reporter), page)
    assert address_of(led) not in text_of(signed_in(person(Role.VIEWER, agency=transport)), page)


def test_a_report_that_is_not_there_is_not_corrected(signed_in: SignIn, reporter: User, led: Measure) -> None:
    client = signed_in(reporter)
    response = client.post(address_of(led), filled(client, led, replaces="999999999"))
    assert response.status_code == 422
    assert "只能更正本单位" in response.content.decode()
    assert not ProgressReport.objects.exists()


def test_a_version_that_no_number_holds_takes_nothing_back_by_crashing(
    signed_in: SignIn, reporter: User, led: Measure
) -> None:
    client = signed_in(reporter)
    client.post(address_of(led), filled(client, led))
    sent = ProgressReport.objects.get()
    assert client.post(f"/reports/{sent.pk}/withdraw/", {"seen": "9" * 5000}).status_code == 409
    sent.refresh_from_db()
    assert sent.state == "submitted"


def test_a_key_with_a_nul_is_kept_without_it(signed_in: SignIn, reporter: User, led: Measure) -> None:
    client = signed_in(reporter)
    client.post(address_of(led), filled(client, led))
    client.post(f"/measures/{led.pk}/unchanged/", {"form_key": "a\x00b"})
    assert list(ProgressReport.objects.filter(is_unchanged=True).values_list("form_key", flat=True)) == ["ab"]


def test_what_an_agency_has_not_signed_is_in_nobody_elses_history(
    signed_in: SignIn, person: PersonMaker, transport: Agency, reporter: User, led: Measure
) -> None:
    Agency.objects.filter(pk=transport.pk).update(signs_claims=True)
    approver, supervisor = person(Role.APPROVER, agency=transport), person(Role.SUPERVISOR)
    attach(led, transport, reporter, name="尚未送出.pdf")
    said = ReportContent(progress=SECRET_TEXT, is_claim=True)
    claim = submit_report(led.pk, transport.pk, said, who=Principal.of_user(reporter), on=ON)
    viewer = person(Role.VIEWER, agency=transport)
    for user, sees in ((supervisor, False), (viewer, False), (approver, True)):
        text = text_of(signed_in(user), f"/measures/{led.pk}/")
        assert (SECRET_TEXT in text, "尚未送出.pdf" in text) == (sees, sees), user
    send_back(claim.pk, reason="数据有误只对内说明", seen=None, who=Principal.of_user(approver), on=ON)
    assert "数据有误只对内说明" not in text_of(signed_in(supervisor), f"/measures/{led.pk}/")
    again = submit_report(led.pk, transport.pk, said, who=Principal.of_user(reporter), on=ON)
    sign_claim(again.pk, seen=None, who=Principal.of_user(approver), on=ON)
    text = text_of(signed_in(supervisor), f"/measures/{led.pk}/")
    assert SECRET_TEXT in text
    assert "尚未送出.pdf" in text
