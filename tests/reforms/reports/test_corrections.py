"""更正 and 撤回: an agency takes back what it reported, as long as nobody has acted on it."""

import pytest
from django.test import Client
from lxml import html

from agencies.access import Principal
from agencies.models import Agency, Role, User
from reforms.models import Matter, Measure, ProgressReport
from reforms.office.steer import handle_matter
from reforms.review.decisions import return_claim
from tests.conftest import ON, PersonMaker
from tests.reforms.people import attach
from tests.reforms.reports.test_drafts import as_person
from tests.reforms.sheets import keep, opened, send
from tests.reforms.shown import plain

State = ProgressReport.State


@pytest.fixture
def mine(reporter: User) -> Client:
    return as_person(reporter)


@pytest.fixture
def office(person: PersonMaker) -> Principal:
    return Principal.of_user(person(Role.SUPERVISOR))


def reported(client: Client, measure: Measure, **said: str) -> ProgressReport:
    answer = send(client, measure, opened(client, measure) | {"progress": "原来的说法"} | said)
    assert answer.status_code == 302
    return ProgressReport.objects.latest("pk")


def page(client: Client, measure: Measure) -> str:
    return client.get(f"/measures/{measure.pk}/").content.decode()


def withdraw_forms(text: str) -> list[dict[str, str]]:
    forms = html.fromstring(text).xpath('//form[contains(@action, "/withdraw/")]')
    return [dict(form.form_values()) | {"action": form.action} for form in forms]


def test_a_correction_replaces_what_was_said(mine: Client, led: Measure) -> None:
    first = reported(mine, led)
    link = html.fromstring(page(mine, led)).xpath('//a[starts-with(normalize-space(.), "更正")]/@href')[0]
    assert f"replaces={first.pk}" in link
    form = opened(mine, led, replaces=first.pk)
    assert form["progress"] == "原来的说法"
    send(mine, led, form | {"progress": "更正后的说法"})
    first.refresh_from_db()
    second = ProgressReport.objects.latest("pk")
    assert (first.state, second.replaces, second.progress) == (State.REPLACED, first, "更正后的说法")
    shown = page(mine, led)
    assert f'href="#report-{second.pk}"' in shown
    assert "已更正" in shown
    assert opened(mine, led)["progress"] == "更正后的说法"


def test_a_claim_under_review_is_corrected_as_a_claim(
    mine: Client, led: Measure, reporter: User, transport: Agency
) -> None:
    attach(led, transport, reporter)
    claim = reported(mine, led, is_claim="on")
    form = opened(mine, led, replaces=claim.pk)
    assert form["is_claim"] == "on"
    send(mine, led, form | {"progress": "补充后的申请"})
    assert ProgressReport.objects.get(state=State.UNDER_REVIEW).progress == "补充后的申请"


def test_a_draft_of_a_correction_goes_on_correcting(mine: Client, led: Measure) -> None:
    first = reported(mine, led)
    keep(mine, led, opened(mine, led, replaces=first.pk) | {"progress": "改到一半"})
    form = opened(mine, led)
    assert (form["progress"], form["replaces"]) == ("改到一半", str(first.pk))
    send(mine, led, form)
    first.refresh_from_db()
    assert first.state == State.REPLACED


def test_a_withdrawn_report_no_longer_counts_and_can_be_read_folded(mine: Client, led: Measure) -> None:
    reported(mine, led)
    [form] = withdraw_forms(page(mine, led))
    assert mine.post(form["action"], form).status_code == 302
    led.refresh_from_db()
    assert led.status == "not_reported"
    article = html.fromstring(page(mine, led)).xpath('//article[contains(@class, "gone")]')[0]
    assert "已撤回" in article.text_content()
    assert "原来的说法" in article.xpath("./details")[0].text_content()


def test_what_moved_on_since_it_was_looked_at_is_not_withdrawn(mine: Client, led: Measure) -> None:
    report = reported(mine, led)
    answer = mine.post(f"/reports/{report.pk}/withdraw/", {"seen": report.version + 1})
    assert answer.status_code == 409
    assert "没有撤回" in answer.content.decode()
    report.refresh_from_db()
    assert report.state == State.SUBMITTED


def test_only_the_latest_is_offered(mine: Client, led: Measure) -> None:
    reported(mine, led)
    latest = reported(mine, led, progress="新的说法")
    assert [form["action"] for form in withdraw_forms(page(mine, led))] == [f"/reports/{latest.pk}/withdraw/"]


def test_what_the_office_took_up_is_fixed_and_the_page_says_why(mine: Client, led: Measure, office: Principal) -> None:
    report = reported(mine, led, problems="需协调接口")
    handle_matter(Matter.objects.get().pk, state=Matter.State.TAKEN, answer="", seen=None, who=office, on=ON)
    shown = page(mine, led)
    assert withdraw_forms(shown) == []
    assert "督办人员已受理其中的需协调事项" in shown
    answer = mine.post(f"/reports/{report.pk}/withdraw/", {"seen": report.version})
    assert (answer.status_code, ProgressReport.objects.get().state) == (422, State.SUBMITTED)


def test_a_correction_that_comes_too_late_keeps_its_text(
    mine: Client, led: Measure, office: Principal, reporter: User, transport: Agency
) -> None:
    attach(led, transport, reporter)
    claim = reported(mine, led, is_claim="on")
    form = opened(mine, led, replaces=claim.pk) | {"progress": "改得太晚"}
    return_claim(claim.pk, reason="缺附件", seen=None, who=office, on=ON)
    answer = send(mine, led, form)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "不能再更正" in shown
    assert "改得太晚" in shown
    assert "缺附件" in shown


def test_every_state_is_said_with_who_decided(
    mine: Client, led: Measure, office: Principal, reporter: User, transport: Agency
) -> None:
    reported(mine, led)
    attach(led, transport, reporter)
    claim = reported(mine, led, is_claim="on")
    assert "待核验" in page(mine, led)
    return_claim(claim.pk, reason="请补充材料", seen=None, who=office, on=ON)
    shown = plain(page(mine, led))
    for text in ("已报送", "退回修改", "请补充材料", office.label, "督办人员已作出处理"):
        assert text in shown
    assert office.label not in page(Client(), led)


def test_nobody_else_withdraws_it(mine: Client, led: Measure, person: PersonMaker, market: Agency) -> None:
    report = reported(mine, led)
    for user, status in ((person(Role.REPORTER, agency=market), 404), (person(Role.SUPERVISOR), 403)):
        other = as_person(user)
        assert withdraw_forms(page(other, led)) == []
        assert other.post(f"/reports/{report.pk}/withdraw/", {"seen": report.version}).status_code == status
    report.refresh_from_db()
    assert report.state == State.SUBMITTED
