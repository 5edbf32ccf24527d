"""我的工作台: what waits for the person who signed in, what burns first."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from agencies.access import Principal
from agencies.models import Agency, Membership, Role, User
from reforms.desk.duties import Group
from reforms.models import Duty, Measure, Notice, ProgressReport, ReformList
from reforms.notices.notify import notify
from reforms.pages.desk.entry import EntryRow
from reforms.reports.drafts import save_draft
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import return_claim
from reforms.review.extensions import ExtensionTerms, ask_extension
from tests.conftest import ON, PersonMaker
from tests.reforms.people import attach
from tests.reforms.shown import plain

SignIn = Callable[[User], Client]
DONE = ReportContent(progress="系统已上线，任务完成。", is_claim=True)


@pytest.fixture
def desk(signed_in: SignIn, reporter: User) -> Client:
    return signed_in(reporter)


def group_of(client: Client, measure: Measure, query: str = "") -> Group | None:
    groups = client.get(f"/desk/{query}").context["desk"].groups
    found = [group for group, rows in groups.items() if any(one.measure_id == measure.pk for one in rows)]
    assert len(found) <= 1
    return found[0] if found else None


def text(client: Client, address: str = "/desk/") -> str:
    return client.get(address).content.decode()


def acting(user: User) -> Principal:
    return Principal.of_user(user)


def test_every_duty_that_is_not_settled_stands_in_one_group(desk: Client, demo: ReformList, transport: Agency) -> None:
    found = desk.get("/desk/").context["desk"]
    waiting = [one.measure_id for places in found.groups.values() for one in places]
    held = set(Measure.objects.counted().held_by([transport.pk]).values_list("pk", flat=True))
    done = set(Measure.objects.filter(pk__in=held, status__in=("closed", "standing")).values_list("pk", flat=True))
    assert found.held == len(held) > 0
    assert len(waiting) == len(set(waiting))
    assert held - done <= set(waiting) <= held
    assert found.settled == len(done)


def test_it_says_how_many_and_links_to_them(desk: Client) -> None:
    held = desk.get("/desk/").context["desk"].held
    assert desk.get("/measures/?agency=me").context["page"].paginator.count == held


def test_what_was_returned_stands_first_with_the_reason(
    desk: Client, led: Measure, transport: Agency, reporter: User, person: PersonMaker
) -> None:
    attach(led, transport, reporter)
    claim = submit_report(led.pk, transport.pk, DONE, who=acting(reporter), on=ON)
    assert group_of(desk, led) == Group.CLAIMED
    supervisor = acting(person(Role.SUPERVISOR))
    return_claim(claim.pk, reason="请补充验收报告。", seen=claim.version, who=supervisor, on=ON)
    assert next(iter(desk.get("/desk/").context["desk"].groups)) == Group.RETURNED
    assert "请补充验收报告。" in text(desk)
    submit_report(led.pk, transport.pk, ReportContent(progress="已补充。"), who=acting(reporter), on=ON)
    assert group_of(desk, led) == Group.DUE_SOON


def test_what_is_late_comes_before_what_is_due_and_what_is_owed(desk: Client, led: Measure) -> None:
    assert group_of(desk, led) == Group.DUE_SOON
    Measure.objects.filter(pk=led.pk).update(deadline_in_force="2022-05-31")
    assert group_of(desk, led) == Group.OVERDUE
    Measure.objects.filter(pk=led.pk).update(deadline_in_force="2022-12-31")
    assert group_of(desk, led) == Group.OWING
    assert "本期待报送 （6月、上半年）" in plain(text(desk))


def test_once_reported_in_the_period_it_is_among_the_others(
    desk: Client, led: Measure, transport: Agency, reporter: User
) -> None:
    Measure.objects.filter(pk=led.pk).update(deadline_in_force="2022-12-31")
    submit_report(led.pk, transport.pk, ReportContent(progress="推进中。"), who=acting(reporter), on=ON)
    assert group_of(desk, led) == Group.OTHERS
    save_draft(led.pk, transport.pk, {"progress": "下月再报"}, seen=0, who=acting(reporter), on=ON)
    assert group_of(desk, led) == Group.DRAFTS


def test_only_who_reports_sees_drafts(
    signed_in: SignIn, person: PersonMaker, led: Measure, transport: Agency, reporter: User
) -> None:
    save_draft(led.pk, transport.pk, {"progress": "草"}, seen=0, who=acting(reporter), on=ON)
    assert "继续填写" in text(signed_in(reporter))
    assert "草稿" not in text(signed_in(person(Role.VIEWER, agency=transport)))


def test_it_shows_what_comes_through_a_group(signed_in: SignIn, person: PersonMaker, reform_list: ReformList) -> None:
    futian = Agency.objects.get(name="福田区政府")
    client = signed_in(person(Role.REPORTER, agency=futian))
    through = Duty.objects.filter(agency=futian).exclude(via=None)[0].measure
    Measure.objects.filter(pk=through.pk).update(is_standing=False, status="not_reported")
    page = text(client)
    assert f"/measures/{through.pk}/report/" in page
    assert "（通过各区政府）" in page


def test_it_offers_reporting_only_to_who_may_report(
    signed_in: SignIn, person: PersonMaker, transport: Agency, led: Measure
) -> None:
    page = text(signed_in(person(Role.VIEWER, agency=transport)))
    assert led.title in page
    assert not any(word in page for word in ("/report/", "本期无变化", "签收", "表格填报"))
    page = text(signed_in(person(Role.REPORTER, agency=transport)))
    assert f"/measures/{led.pk}/report/" in page
    assert "签收" in page


def test_no_change_is_offered_only_where_something_was_said(
    desk: Client, led: Measure, transport: Agency, reporter: User
) -> None:
    address = f'action="/measures/{led.pk}/unchanged/"'
    assert address not in text(desk)
    submit_report(led.pk, transport.pk, ReportContent(progress="推进中。"), who=acting(reporter), on=ON)
    assert address in text(desk)


def test_one_sees_ones_own_only_when_asked(desk: Client, led: Measure, transport: Agency, reporter: User) -> None:
    assert "还没有由您经办的举措" in text(desk, "/desk/?mine=1")
    Duty.objects.filter(measure=led, agency=transport).update(officer_user=reporter)
    groups = desk.get("/desk/?mine=1").context["desk"].groups
    assert [one.measure_id for places in groups.values() for one in places] == [led.pk]


def test_one_group_alone_shows_all_of_it(signed_in: SignIn, person: PersonMaker, market: Agency) -> None:
    client = signed_in(person(Role.REPORTER, agency=market))
    whole = client.get("/desk/").context
    shelf = next(shelf for shelf in whole["burning"] if shelf.group == Group.OWING)
    assert (len(shelf.rows), shelf.total > 20) == (20, True)
    alone = client.get("/desk/?show=owing").context["burning"]
    assert [(one.group, len(one.rows), one.total) for one in alone] == [
        (Group.OWING, min(shelf.total, 50), shelf.total)
    ]


def test_a_group_in_which_nothing_is_says_so(signed_in: SignIn, person: PersonMaker, market: Agency) -> None:
    """That nothing is one's own to handle is said, and not a heading with brackets around nothing."""
    page = signed_in(person(Role.REPORTER, agency=market)).get("/desk/?show=owing&mine=1").content.decode()
    assert "这一组现在没有由您经办的举措。" in page
    assert "（</span>" not in page


def test_the_list_is_taken_note_of_with_one_button(desk: Client, led: Measure, transport: Agency) -> None:
    [waiting] = desk.get("/desk/").context["desk"].acknowledge
    rows = desk.get(f"/measures/?list=shenzhen-2022&holder={transport.pk}").context["page"].paginator.count
    assert waiting.duties == rows > 0
    answer = desk.post(f"/editions/{waiting.edition.pk}/acknowledge/", {"agency": transport.pk}, follow=True)
    assert "已签收" in answer.content.decode()
    assert answer.context["desk"].acknowledge == []


def test_nobody_takes_note_for_another_agency(desk: Client, led: Measure, market: Agency) -> None:
    address = f"/editions/{led.edition_id}/acknowledge/"
    assert desk.post(address, {"agency": market.pk}).status_code == 403
    assert desk.post(address, {"agency": "all"}).status_code == 404


def test_an_approver_sees_what_waits_and_that_ones_own_is_for_a_colleague(
    signed_in: SignIn, person: PersonMaker, led: Measure, transport: Agency, reporter: User
) -> None:
    Agency.objects.filter(pk=transport.pk).update(signs_claims=True)
    attach(led, transport, reporter)
    claim = submit_report(led.pk, transport.pk, DONE, who=acting(reporter), on=ON)
    other = Measure.objects.printed_for([transport.pk], "lead").exclude(pk=led.pk).filter(is_standing=False)[0]
    approver = person(Role.APPROVER, agency=transport)
    wanted = ExtensionTerms(until=other.deadline_in_force.replace(year=2023), reason="上级文件未印发。")
    ask_extension(other.pk, transport.pk, wanted, who=acting(approver), on=ON)
    page = text(signed_in(approver))
    assert f"/sign/claims/{claim.pk}/" in page
    assert "/sign/extensions/" not in page
    assert "请由另一位审核人审签" in page
    page = text(signed_in(reporter))
    assert "/sign/" not in page
    assert "待本单位审签" in page


def test_news_of_ones_agency_stands_there_what_is_unread_first(
    desk: Client, led: Measure, transport: Agency, market: Agency
) -> None:
    for kind in (Notice.Kind.CHASED, Notice.Kind.VERIFIED):
        notify(kind, on=ON, agencies=[transport.pk], measure=led)
    notify(Notice.Kind.REOPENED, on=ON, agencies=[market.pk], measure=led)
    latest = Notice.objects.get(kind="verified")
    latest.sightings.create(user=User.objects.get(pk=desk.session["_auth_user_id"]), at=latest.created_at)
    shown = desk.get("/desk/").content.decode()
    assert shown.index("催办") < shown.index("核验通过")
    assert "恢复督办" not in shown


def test_it_says_so_when_nothing_waits(signed_in: SignIn, person: PersonMaker) -> None:
    idle = Agency.objects.create(name="市闲置办")
    assert "目前没有承担改革举措" in text(signed_in(person(Role.REPORTER, agency=idle)))


def test_nobody_sees_the_desk_unsigned(client: Client, reform_list: ReformList) -> None:
    assert client.get("/desk/")["Location"] == "/sign-in/?next=/desk/"


def test_many_duties_take_no_more_queries_than_few(
    client: Client, person: PersonMaker, demo: ReformList, market: Agency
) -> None:
    def queries(agency: Agency) -> int:
        client.force_login(person(Role.APPROVER, agency=agency), backend="agencies.people.sign_in.PasswordBackend")
        client.get("/desk/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/desk/")
        return len(asked)

    few = Agency.objects.get(name="市口岸办")
    assert Duty.objects.of([market.pk]).count() > 5 * Duty.objects.of([few.pk]).count()
    assert queries(market) <= queries(few) <= 40


# Reporting in place


def fields_of(entry: EntryRow) -> dict[str, Any]:
    """What the browser would send of a row as it stands."""
    form = entry.form
    values = {form.add_prefix(name): form[name].value() for name in form.fields if name != "unchanged"}
    return {name: "" if value is None else value for name, value in values.items()} | {
        "agency": entry.row.duty.agency_id
    }


def opened(client: Client, measure: Measure) -> dict[str, Any]:
    """The fields of the short form as it opens in the row."""
    return fields_of(client.get(f"/desk/report/{measure.pk}/", headers={"HX-Request": "true"}).context["entry"])


def written(client: Client, measure: Measure, **texts: str) -> dict[str, Any]:
    fields = opened(client, measure)
    prefix = next(name for name in fields if name.endswith("-progress")).partition("-")[0]
    return fields | {f"{prefix}-{name}": text for name, text in texts.items()}


def send(client: Client, measure: Measure, data: dict[str, Any], *, htmx: bool = True) -> Any:
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(f"/desk/report/{measure.pk}/", data, headers=headers)


def test_a_report_is_sent_from_the_row(desk: Client, led: Measure, transport: Agency) -> None:
    answer = send(desk, led, written(desk, led, progress="已完成联调。", outlook="behind"))
    report = ProgressReport.objects.get()
    assert (report.progress, report.outlook, report.agency) == ("已完成联调。", "behind", transport)
    said = answer.content.decode()
    assert "已报送" in said
    assert f'action="/reports/{report.pk}/withdraw/"' in said


def test_sent_twice_it_is_one_report(desk: Client, led: Measure) -> None:
    data = written(desk, led, progress="已完成联调。")
    assert [send(desk, led, data).status_code for _twice in range(2)] == [200, 200]
    assert ProgressReport.objects.count() == 1


def test_an_empty_report_comes_back_with_the_reason(desk: Client, led: Measure) -> None:
    answer = send(desk, led, written(desk, led, progress=" ", next_step="不要丢失"))
    assert answer.status_code == 422
    assert "请填写工作进展" in answer.content.decode()
    assert "不要丢失" in answer.content.decode()


def test_when_a_colleague_reported_meanwhile_both_texts_are_there(
    desk: Client, led: Measure, transport: Agency, person: PersonMaker
) -> None:
    data = written(desk, led, progress="我写的进展。")
    colleague = acting(person(Role.APPROVER, agency=transport))
    submit_report(led.pk, transport.pk, ReportContent(progress="同事写的进展。"), who=colleague, on=ON)
    answer = send(desk, led, data)
    assert answer.status_code == 409
    assert "我写的进展。" in answer.content.decode()
    assert "同事写的进展。" in answer.content.decode()
    again = fields_of(answer.context["entry"])
    assert send(desk, led, again).status_code == 200
    assert ProgressReport.objects.count() == 2


def test_what_is_written_in_a_row_is_kept_as_a_draft(desk: Client, led: Measure) -> None:
    answer = send(desk, led, written(desk, led, progress="写了一半。") | {"draft": "row"})
    assert "草稿已保存，尚未报送。" in answer.content.decode()
    draft = ProgressReport.objects.get()
    assert (draft.state, draft.progress) == ("draft", "写了一半。")
    assert "写了一半。" in opened(desk, led).values(), "the row opens with it"


def test_what_is_written_in_a_row_is_taken_along_to_the_full_page(
    desk: Client, led: Measure, transport: Agency
) -> None:
    page = f"/measures/{led.pk}/report/?agency={transport.pk}"
    answer = send(desk, led, opened(desk, led) | {"draft": "page"})
    assert answer.headers["HX-Redirect"] == page
    assert not ProgressReport.objects.exists(), "nothing was written, so that nothing is kept"
    data = written(desk, led, progress="还要附材料。") | {"draft": "page"}
    assert send(desk, led, data, htmx=False)["Location"] == page
    assert "还要附材料。" in text(desk, page)


def test_a_draft_that_a_colleague_wrote_on_meanwhile_is_not_overwritten_from_the_row(
    desk: Client, led: Measure, transport: Agency, person: PersonMaker
) -> None:
    data = written(desk, led, progress="我写的。") | {"draft": "row"}
    colleague = acting(person(Role.APPROVER, agency=transport))
    save_draft(led.pk, transport.pk, {"progress": "同事写的。"}, seen=0, who=colleague, on=ON)
    answer = send(desk, led, data)
    assert answer.status_code == 409
    assert all(one in answer.content.decode() for one in ("我写的。", "同事写的。"))
    assert ProgressReport.objects.get().progress == "同事写的。"


def test_without_htmx_the_full_page_opens_and_a_form_still_counts(desk: Client, led: Measure) -> None:
    assert desk.get(f"/desk/report/{led.pk}/")["Location"].startswith(f"/measures/{led.pk}/report/")
    data = written(desk, led, progress="")
    assert "<html" in send(desk, led, data, htmx=False).content.decode()
    prefix = next(name for name in data if name.endswith("-progress"))
    assert send(desk, led, data | {prefix: "已完成。"}, htmx=False)["Location"] == "/desk/"


def test_one_cannot_report_on_what_is_not_ones_own(
    signed_in: SignIn, person: PersonMaker, led: Measure, transport: Agency
) -> None:
    stranger = Agency.objects.create(name="市闲置办")
    client = signed_in(person(Role.REPORTER, agency=stranger))
    assert send(client, led, {"agency": transport.pk}).status_code == 403


# Who is in charge


def test_the_officer_is_set_on_a_page_of_the_measure(desk: Client, led: Measure, reporter: User) -> None:
    data = {"division": "综合处", "officer": "", "officer_user": reporter.pk}
    answer = desk.post(f"/measures/{led.pk}/duty/", data, follow=True)
    assert answer.redirect_chain == [(f"/measures/{led.pk}/", 302)]
    assert "责任处室、经办人设为：综合处" in answer.content.decode()
    assert group_of(desk, led, "?mine=1") == Group.DUE_SOON


def test_a_stranger_cannot_be_the_officer(desk: Client, led: Measure, person: PersonMaker, market: Agency) -> None:
    data = {"division": "", "officer": "", "officer_user": person(Role.REPORTER, agency=market).pk}
    assert desk.post(f"/measures/{led.pk}/duty/", data).status_code == 422


def test_many_are_set_at_once_and_what_is_left_empty_stays(desk: Client, led: Measure, transport: Agency) -> None:
    duties = list(Duty.objects.of([transport.pk]).values_list("pk", flat=True)[:3])
    Duty.objects.filter(pk__in=duties).update(officer="林工")
    data = {"duty": duties, "division": "运输处", "officer": "", "officer_user": "", "next": "/desk/?mine=1"}
    answer = desk.post("/desk/officers/", data)
    assert answer["Location"] == "/desk/?mine=1"
    assert set(Duty.objects.filter(pk__in=duties).values_list("division", "officer")) == {("运输处", "林工")}
    assert Duty.objects.filter(division="运输处").count() == 3


def test_it_leads_nowhere_else(desk: Client, led: Measure) -> None:
    answer = desk.post("/desk/officers/", {"next": "https://elsewhere.example/"}, follow=True)
    assert answer.redirect_chain == [("/desk/", 302)]
    assert "请先勾选" in answer.content.decode()


def test_only_duties_of_ones_own_can_be_set(desk: Client, led: Measure, market: Agency) -> None:
    other = Duty.objects.of([market.pk])[0]
    data = {"duty": [other.pk], "division": "运输处", "officer": "", "officer_user": ""}
    assert desk.post("/desk/officers/", data).status_code == 403


def test_a_person_of_two_agencies_reports_for_each(
    signed_in: SignIn, reporter: User, transport: Agency, led: Measure
) -> None:
    other = Duty.objects.filter(measure=led).exclude(agency=transport).first()
    second = other.agency if other else Agency.objects.create(name="市协同办")
    if other is None:
        Duty.objects.create(measure=led, agency=second, part="responsible")
    Membership.objects.create(user=reporter, agency=second, role=Role.REPORTER)
    client = signed_in(reporter)
    places = [one for found in client.get("/desk/").context["desk"].groups.values() for one in found]
    acting = Duty.objects.filter(pk__in=[one.id for one in places], measure=led)
    assert set(acting.values_list("agency_id", flat=True)) == {transport.pk, second.pk}


def test_the_claim_just_sent_stands_first_among_those_that_wait(
    desk: Client, public: ReformList, transport: Agency, reporter: User
) -> None:
    """By deadline it would stand behind all that were sent before, where only the first twenty are shown."""
    held = (
        Duty.objects.of([transport.pk])
        .filter(measure__is_standing=False, part="lead")
        .order_by("measure__deadline_in_force", "pk")
    )
    earlier, later = [duty.measure for duty in (held[0], held.reverse()[0])]
    assert earlier.deadline_in_force < later.deadline_in_force
    for measure, on in ((earlier, ON - dt.timedelta(days=1)), (later, ON)):
        attach(measure, transport, reporter)
        submit_report(measure.pk, transport.pk, DONE, who=acting(reporter), on=on)
    places = desk.get("/desk/").context["desk"].groups[Group.CLAIMED]
    assert [one.measure_id for one in places] == [later.pk, earlier.pk]


def test_the_measures_of_one_item_are_told_apart_on_the_desk(desk: Client, public: ReformList, led: Measure) -> None:
    assert led.seq_in_item > 1
    assert f"第{led.item.number}项第{led.seq_in_item}条" in plain(text(desk))


def ticked(client: Client, duties: list[Duty], key: str = "k1") -> list[str]:
    data = {"duty": [duty.pk for duty in duties], "form_key": key, "next": "/desk/?mine=1"}
    answer = client.post("/desk/unchanged/", data)
    assert answer["Location"] == "/desk/?mine=1"
    return [str(one) for one in client.get("/desk/").context["messages"]]


def test_several_are_reported_unchanged_at_once_and_the_others_are_named(
    desk: Client, transport: Agency, reporter: User
) -> None:
    held = Duty.objects.of([transport.pk]).select_related("measure__item")
    said_before, drafted, never = held.filter(measure__status="not_reported")[:3]
    standing = held.filter(measure__is_standing=True)[0]
    for duty in (said_before, drafted):
        said = ReportContent(progress="推进中。", problems="缺接口。")
        submit_report(duty.measure_id, transport.pk, said, who=acting(reporter), on=ON)
    save_draft(drafted.measure_id, transport.pk, {"progress": "写了一半"}, seen=0, who=acting(reporter), on=ON)
    told, *named = ticked(desk, [said_before, drafted, never, standing])
    assert told == "已报送2条举措“本期无变化”。"
    assert len(named) == 2
    assert all(any(one.measure.title[:29] in text and "未报送：" in text for text in named) for one in (drafted, never))
    again = ProgressReport.objects.filter(is_unchanged=True, agency=transport)
    assert {report.measure_id: report.problems for report in again} == {
        said_before.measure_id: "缺接口。",
        standing.measure_id: "",
    }
    ticked(desk, [said_before, drafted, never, standing])
    assert again.count() == 2, "the button pressed twice is one report"


def test_nothing_ticked_and_what_is_none_of_ones_own_is_refused(
    desk: Client, led: Measure, market: Agency, transport: Agency
) -> None:
    assert "请先勾选" in ticked(desk, [])[0]
    theirs = Duty.objects.of([market.pk]).exclude(measure__duties__agency=transport)[0]
    assert desk.post("/desk/unchanged/", {"duty": [theirs.pk]}).status_code == 403


def test_what_is_done_only_here_stands_before_what_has_a_deadline(
    signed_in: SignIn, person: PersonMaker, led: Measure, transport: Agency, reporter: User
) -> None:
    """Signatures, what came back, 签收: then what is late or due."""
    attach(led, transport, reporter)
    claim = submit_report(led.pk, transport.pk, DONE, who=acting(reporter), on=ON)
    supervisor = acting(person(Role.SUPERVISOR))
    return_claim(claim.pk, reason="请补充验收报告。", seen=claim.version, who=supervisor, on=ON)
    Agency.objects.filter(pk=transport.pk).update(signs_claims=True)
    approver = person(Role.APPROVER, agency=transport)
    leads = Duty.objects.of([transport.pk]).filter(part="lead", measure__is_standing=False)
    other = leads.exclude(measure=led).select_related("measure")[0]
    attach(other.measure, transport, reporter)
    submit_report(other.measure_id, transport.pk, DONE, who=acting(reporter), on=ON)
    page = text(signed_in(approver))
    places = [page.index(f'id="g-{name}"') for name in ("sign", "returned", "acknowledge", "due_soon", "owing")]
    assert places == sorted(places)


def test_a_row_shows_how_its_measure_begins(desk: Client, led: Measure) -> None:
    page = plain(text(desk))
    context = desk.get("/desk/").context
    rows = [row for shelf in (*context["burning"], *context["resting"]) for row in shelf.rows]
    assert len(rows) > 5
    assert [row.opening for row in rows if not row.duty.measure.text.startswith(row.opening.rstrip("…")[:79])] == []
    assert all(plain(row.opening) in page for row in rows[:5])


def badges(client: Client) -> dict[str, str]:
    """The numbers in the menu, by the address beside which they stand."""
    found = re.findall(r'<a href="(/\w+/)"[^>]*>\s*\S+\s*<span class="unread">(\d+)', text(client, "/agencies/"))
    return dict(found)


def test_the_menu_counts_what_only_one_oneself_can_do(
    signed_in: SignIn, person: PersonMaker, led: Measure, transport: Agency, reporter: User
) -> None:
    """As the desk and the queues have it; what was answered counts no more."""
    approver, supervisor = person(Role.APPROVER, agency=transport), person(Role.SUPERVISOR)
    assert badges(signed_in(approver)) == {}
    attach(led, transport, reporter)
    claim = submit_report(led.pk, transport.pk, DONE, who=acting(reporter), on=ON)
    assert badges(signed_in(supervisor))["/review/"] == "1"
    return_claim(claim.pk, reason="请补充验收报告。", seen=claim.version, who=acting(supervisor), on=ON)
    Agency.objects.filter(pk=transport.pk).update(signs_claims=True)
    other = Duty.objects.of([transport.pk]).filter(part="lead", measure__is_standing=False).exclude(measure=led)[0]
    attach(other.measure, transport, reporter)
    submit_report(other.measure_id, transport.pk, DONE, who=acting(reporter), on=ON)
    client = signed_in(approver)
    shown = client.get("/desk/").context["desk"]
    returned = len(shown.groups[Group.RETURNED])
    told = badges(client)
    assert told["/desk/"] == str(returned + len(shown.orders)) == "1"
    assert told["/sign/"] == str(len(shown.sign)) == "1"
    submit_report(led.pk, transport.pk, ReportContent(progress="已补充。"), who=acting(reporter), on=ON)
    assert "/desk/" not in badges(client)


# Where there is nothing ---------------------------------------------------------------------------


def sentence(client: Client, query: str = "") -> str:
    tree = html.fromstring(text(client, f"/desk/{query}"))
    said = tree.xpath('//p[contains(@class, "sentence")] | //p[@class="empty"]')
    return " ".join("".join(one.text_content().split()) for one in said)


def test_the_head_of_the_office_is_told_that_nothing_waits(
    signed_in: SignIn, person: PersonMaker, demo: ReformList
) -> None:
    office = Agency.objects.get(memberships__user=person(Role.SUPERVISOR, username="office"))
    client = signed_in(person(Role.HEAD, username="head"))
    nothing = "目前没有等您签发的文件；有文件送审时会列在这里，并发消息给您。总体进展见总览。"
    assert sentence(client) == f"{office.name}目前没有承担改革举措。 {nothing}"
    assert not html.fromstring(text(client)).xpath('//p[@class="tabs"]')


def test_who_has_nothing_to_act_on_reads_no_noughts(signed_in: SignIn, person: PersonMaker, demo: ReformList) -> None:
    idle = Agency.objects.create(name="市无事局")
    client = signed_in(person(Role.REPORTER, agency=idle, username="idle"))
    assert sentence(client) == "市无事局目前没有承担改革举措。"
    assert sentence(client, "?mine=1") == "市无事局还没有由您经办的举措。"
    assert html.fromstring(text(client, "/desk/?mine=1")).xpath('//p[@class="tabs"]')
