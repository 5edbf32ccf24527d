"""需协调事项: raised by a report, worked through by the office, read by those who may read the report."""

from collections.abc import Callable

import pytest
from django.test import Client

from agencies.models import Agency, Change, Membership, Role, User
from reforms.models import Matter, Measure, Notice, Part
from reforms.office.steer import handle_matter
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, SLUG, PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.shown import get

SignIn = Callable[[User], Client]
PROBLEM = "数据接口尚未开放"


@pytest.fixture
def cast(person: PersonMaker, transport: Agency) -> Cast:
    return Cast(person, transport)


@pytest.fixture
def raised(led: Measure, cast: Cast) -> Matter:
    said = ReportContent(progress="联调中。", problems=PROBLEM)
    submit_report(led.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON)
    return Matter.objects.get()


@pytest.mark.parametrize("nothing", ["无", "暂无。", "目前没有问题", "无需协调事项", "无问题、无需协调", "/", "（无）"])
def test_nothing_written_down_is_no_matter_for_the_office(
    signed_in: SignIn, led: Measure, cast: Cast, raised: Matter, nothing: str
) -> None:
    said = ReportContent(progress="已上线。", problems=nothing)
    report = submit_report(led.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON)
    raised.refresh_from_db()
    assert raised.state == "dropped"
    assert not Matter.objects.living().exists()
    assert report.problems == nothing, "what an agency writes stays"


@pytest.mark.parametrize("problem", ["无法对接省厅系统", "无房产证的存量项目难以办理", "没有接口文档", "无专项经费"])
def test_what_begins_like_nothing_is_still_a_matter(led: Measure, cast: Cast, problem: str) -> None:
    said = ReportContent(progress="联调中。", problems=problem)
    submit_report(led.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON)
    assert Matter.objects.living().get().text == problem


def address_of(matter: Matter) -> str:
    return f"/matters/{matter.pk}/"


def test_the_office_finds_it_in_the_list_with_the_report_it_came_from(
    signed_in: SignIn, cast: Cast, raised: Matter
) -> None:
    client = signed_in(cast.supervisor)
    assert PROBLEM in client.get("/matters/").content.decode()
    text = client.get(address_of(raised)).content.decode()
    assert "联调中。" in text
    assert "办结" in text


def test_taken_up_and_settled_with_an_answer_that_the_agency_is_told(
    signed_in: SignIn, cast: Cast, raised: Matter
) -> None:
    client = signed_in(cast.supervisor)
    client.post(address_of(raised), {"state": "taken", "answer": "", "seen": raised.version})
    raised.refresh_from_db()
    assert raised.state == "taken"
    sent = client.post(
        address_of(raised), {"state": "settled", "answer": "已协调省厅开放。", "seen": raised.version}, follow=True
    )
    assert "已协调省厅开放。" in sent.content.decode()
    raised.refresh_from_db()
    assert (raised.state, raised.handled_on) == ("settled", ON)
    assert Notice.objects.filter(kind="matter_answered", agency=cast.agency).count() == 2
    assert Change.objects.filter(action="matter.handled").count() == 2
    assert PROBLEM not in client.get("/matters/").content.decode()
    assert PROBLEM in client.get("/matters/?state=settled").content.decode()


def test_settling_needs_an_answer(signed_in: SignIn, cast: Cast, raised: Matter) -> None:
    response = signed_in(cast.supervisor).post(
        address_of(raised), {"state": "settled", "answer": " ", "seen": raised.version}
    )
    assert response.status_code == 422
    assert "请填写协调情况" in response.content.decode()
    raised.refresh_from_db()
    assert raised.state == "open"


def test_of_two_at_once_the_later_one_sees_both_answers(signed_in: SignIn, cast: Cast, raised: Matter) -> None:
    handle_matter(
        raised.pk,
        state=Matter.State.TAKEN,
        answer="已致函省厅。",
        seen=raised.version,
        who=acting(cast.second_supervisor),
        on=ON,
    )
    client = signed_in(cast.supervisor)
    late = client.post(address_of(raised), {"state": "settled", "answer": "不需协调。", "seen": raised.version})
    text = late.content.decode()
    assert late.status_code == 409
    assert "已致函省厅。" in text
    assert "不需协调。" in text
    seen = late.context["form"].data["seen"]
    assert client.post(address_of(raised), {"state": "settled", "answer": "已开放。", "seen": seen}).status_code == 302


def test_agencies_read_it_by_the_rule_for_reports_and_do_not_handle_it(
    signed_in: SignIn, cast: Cast, person: PersonMaker, raised: Matter
) -> None:
    measure = raised.measure
    other = Agency.objects.exclude(pk__in=measure.duties.values("agency")).filter(kind="single")[0]
    stranger = person(Role.REPORTER, agency=other)
    client = signed_in(cast.reporter)
    assert "办结</button>" not in client.get(address_of(raised)).content.decode()
    assert client.post(address_of(raised), {"state": "settled", "answer": "x", "seen": 1}).status_code == 403
    assert PROBLEM in client.get("/matters/").content.decode()
    client = signed_in(stranger)
    assert client.get(address_of(raised)).status_code == 404
    assert PROBLEM not in client.get("/matters/").content.decode()


def test_a_responsible_agency_reads_its_own_and_the_lead_reads_it_too(
    signed_in: SignIn, cast: Cast, person: PersonMaker
) -> None:
    shared = next(
        m
        for m in Measure.objects.held_by([cast.agency.pk], "lead")
        if m.duties.filter(part=Part.RESPONSIBLE).count() > 1
    )
    raiser, silent = (duty.agency for duty in shared.duties.filter(part=Part.RESPONSIBLE)[:2])
    who = acting(person(Role.REPORTER, agency=raiser))
    submit_report(shared.pk, raiser.pk, ReportContent(progress="配合中。", problems=PROBLEM), who=who, on=ON)
    matter = Matter.objects.get()
    assert signed_in(cast.reporter).get(address_of(matter)).status_code == 200
    assert signed_in(User.objects.get(pk=who.user_id)).get(address_of(matter)).status_code == 200
    assert signed_in(person(Role.VIEWER, agency=silent)).get(address_of(matter)).status_code == 404


def test_the_auditor_reads_and_the_supervisor_of_an_own_agency_does_not_handle(
    signed_in: SignIn, cast: Cast, person: PersonMaker, raised: Matter
) -> None:
    assert signed_in(person(Role.AUDITOR)).get(address_of(raised)).status_code == 200
    Membership.objects.create(user=cast.supervisor, agency=cast.agency, role=Role.VIEWER)
    client = signed_in(cast.supervisor)
    assert client.post(address_of(raised), {"state": "taken", "answer": "", "seen": 1}).status_code == 403


def test_it_is_narrowed_by_state_agency_and_list_and_exported_as_it_is_shown(
    signed_in: SignIn, cast: Cast, raised: Matter, market: Agency
) -> None:
    client = signed_in(cast.supervisor)
    assert PROBLEM in client.get(f"/matters/?agency={cast.agency.pk}&list={SLUG}&state=open").content.decode()
    assert PROBLEM not in client.get(f"/matters/?agency={market.pk}").content.decode()
    lines = client.get("/matters/export/csv/?state=open").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert PROBLEM in lines[1]


def test_what_the_address_cannot_mean_is_struck_out_and_the_rest_kept(
    signed_in: SignIn, cast: Cast, raised: Matter
) -> None:
    client = signed_in(cast.supervisor)
    page = get(client, f"/matters/?state=closed&agency={cast.agency.pk}&colour=red")
    assert (page.status, page.struck, page.unknown) == (200, ["状态：closed"], ["colour"])
    assert PROBLEM in page.text
    assert client.get("/matters/export/csv/?agency=x").status_code == 302
    assert client.get("/matters/export/csv/?colour=red").status_code == 200


def test_the_measures_page_leads_to_it_for_those_who_may_read_it(
    signed_in: SignIn, cast: Cast, raised: Matter, client: Client
) -> None:
    page = raised.measure.get_absolute_url()
    assert address_of(raised) not in client.get(page).content.decode()
    assert address_of(raised) in signed_in(cast.reporter).get(page).content.decode()
