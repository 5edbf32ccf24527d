"""督查专报 and 函: what they say, to whom, who reads them, and that they go the way of a 通报."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from lxml import html

from agencies.models import Agency, Role
from reforms.bulletins.drafts import (
    WRITTEN,
    digest_of,
    draft_bulletin,
    edit_bulletin,
    issue_bulletin,
    reword_bulletin,
    submit_bulletin,
)
from reforms.bulletins.letters import asked_of, honorific
from reforms.bulletins.sending import send_bulletin
from reforms.models import Bulletin, Disposition, Duty, Measure, ReformList
from tests.conftest import ON, PersonMaker
from tests.reforms.bulletins.test_bulletins import text_of
from tests.reforms.people import Cast, acting
from tests.reforms.shown import get

Kind = Bulletin.Kind


@pytest.fixture
def office(cast: Cast) -> Any:
    return {"who": acting(cast.supervisor), "on": ON}


@pytest.fixture
def court(db: None) -> Agency:
    return Agency.objects.get(name="市中级法院")


@pytest.fixture
def signed_in(cast: Cast, client: Client) -> Client:
    client.force_login(cast.supervisor, backend="agencies.people.sign_in.PasswordBackend")
    return client


def issued(draft: Bulletin, office: Any) -> Bulletin:
    submit_bulletin(draft.pk, seen=None, **office)
    return issue_bulletin(draft.pk, number="督函〔2022〕1号", signed_by="王秘书长", issued_on=ON, seen=None, **office)


def test_a_brief_says_the_numbers_of_the_bulletin_more_briefly(
    demo: ReformList, office: Any, signed_in: Client
) -> None:
    bulletin = draft_bulletin(demo, ON, **office)
    brief = draft_bulletin(demo, ON, kind=Kind.BRIEF, **office)
    assert (brief.overall, brief.figures) == (bulletin.overall, bulletin.figures)
    assert brief.title.endswith("进展情况的专报")
    assert bulletin.results.count("“") > brief.results.count("“") == 3
    assert brief.results.endswith("等。")
    assert brief.demands.startswith("一是督促各牵头单位")
    said = text_of(signed_in, brief)
    assert "督查专报" in said
    assert "四、下一步工作建议" in said
    assert "附件" not in said
    # Each kind has numbers of its own.
    assert (bulletin.issue, brief.issue) == (1, 1)
    assert draft_bulletin(demo, ON, kind=Kind.BRIEF, **office).issue == 2


def test_a_letter_asks_for_what_the_body_has_open(
    demo: ReformList, court: Agency, office: Any, signed_in: Client
) -> None:
    open_ones = asked_of(demo, court)
    held = set(Duty.objects.of([court.pk]).values_list("measure", flat=True))
    assert {one.pk for one in open_ones} <= held
    assert {one.status for one in open_ones} <= {"not_reported", "in_progress"}
    one, other = open_ones[:2]
    Measure.objects.filter(pk=one.pk).update(disposition=Disposition.SUSPENDED)
    Measure.objects.filter(pk=other.pk).update(disposition=Disposition.WITHDRAWN)
    letter = draft_bulletin(demo, ON, kind=Kind.LETTER, agency=court, **office)
    assert letter.overall.count("\n") + 1 == len(open_ones) - 2
    places = [line.split("“")[0].split("．")[1] for line in letter.overall.splitlines()]
    assert len(places) == len(set(places)), "each is told apart"
    assert f"商请贵院于2022年6月22日前提供下列{len(open_ones) - 2}条举措的进展情况" in letter.intro
    said = text_of(signed_in, letter)
    assert "专此函达，请予支持。" in said
    for word in ("督办", "催办", "逾期", "通报", "督查", "附件", "总体情况"):
        assert word not in said.replace("改革专班办公室", ""), word


def test_it_is_for_bodies_outside_the_governments_line_with_something_open(
    demo: ReformList, court: Agency, market: Agency, office: Any
) -> None:
    with pytest.raises(ValidationError, match="督办单"):
        draft_bulletin(demo, ON, kind=Kind.LETTER, agency=market, **office)
    Duty.objects.of([court.pk]).delete()
    with pytest.raises(ValidationError, match="没有未办结"):
        draft_bulletin(demo, ON, kind=Kind.LETTER, agency=court, **office)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("市中级法院", "贵院"),
        ("市检察院", "贵院"),
        ("深圳海关", "贵关"),
        ("深圳市税务局", "贵局"),
        ("人民银行深圳市中心支行", "贵行"),
        ("市委政法委", "贵委"),
        ("市委网信办", "贵办"),
        ("深圳边检总站", "贵总站"),
        ("深圳交易集团", "贵公司"),
        ("市消防救援支队", "贵单位"),
    ],
)
def test_the_form_of_address_goes_by_the_name(name: str, said: str) -> None:
    assert honorific(Agency(name=name)) == said


def test_a_letter_is_read_by_its_body_once_it_was_sent_and_a_brief_by_the_office(
    demo: ReformList, court: Agency, transport: Agency, person: PersonMaker, office: Any, client: Client
) -> None:
    brief = issued(draft_bulletin(demo, ON, kind=Kind.BRIEF, **office), office)
    letter = draft_bulletin(demo, ON, kind=Kind.LETTER, agency=court, **office)
    own, other = (person(Role.REPORTER, agency=one, username=one.name) for one in (court, transport))

    def read_by(user: Any) -> list[int]:
        return list(Bulletin.objects.readable_by(acting(user)).values_list("pk", flat=True))

    letter = issued(letter, office)
    assert read_by(own) == read_by(other) == []
    with pytest.raises(ValidationError, match="不能发送"):
        send_bulletin(letter.pk, [transport.pk], seen=None, **office)
    send_bulletin(letter.pk, [court.pk], seen=None, **office)
    assert (read_by(own), read_by(other)) == ([letter.pk], [])
    client.force_login(other, backend="agencies.people.sign_in.PasswordBackend")
    assert client.get(letter.get_absolute_url()).status_code == 404
    assert client.get(f"{brief.get_absolute_url()}docx/").status_code == 404


def test_what_was_issued_stays_and_its_digest_holds(
    demo: ReformList, court: Agency, office: Any, signed_in: Client
) -> None:
    letter = issued(draft_bulletin(demo, ON, kind=Kind.LETTER, agency=court, **office), office)
    before = text_of(signed_in, letter)
    Measure.objects.update(title="别的")
    assert text_of(signed_in, letter) == before
    assert digest_of(Bulletin.objects.get(pk=letter.pk)) == letter.digest
    Bulletin.objects.filter(pk=letter.pk).update(agency=Agency.objects.get(name="市检察院"))
    assert digest_of(Bulletin.objects.get(pk=letter.pk)) != letter.digest
    with pytest.raises(ValidationError):
        reword_bulletin(letter.pk, seen=None, **office)


def test_a_brief_does_not_begin_a_new_period_of_the_bulletin(demo: ReformList, office: Any) -> None:
    first = draft_bulletin(demo, ON.replace(day=1), kind=Kind.BRIEF, **office)
    before = draft_bulletin(demo, ON, **office).figures["closed"]
    issued(first, office)
    assert draft_bulletin(demo, ON, kind=Kind.BRIEF, **office).figures["closed"] == before


def test_the_form_asks_for_the_agency_of_a_letter(
    demo: ReformList, court: Agency, market: Agency, signed_in: Client
) -> None:
    sent = {"kind": "letter", "reform_list": demo.slug, "on": ON.isoformat()}
    for agency in ("", market.pk):
        assert signed_in.post("/bulletins/", {**sent, "agency": agency}).status_code == 422
    assert not Bulletin.objects.exists()
    response = signed_in.post("/bulletins/", {**sent, "agency": court.pk})
    page = get(signed_in, response["Location"])
    assert [one.get("type") for one in page.tree.xpath('//*[@name="issue"]')] == ["hidden"]
    assert "商请提供进展的举措" in page.text
    # An agency that was left chosen means nothing to another kind.
    signed_in.post("/bulletins/", {**sent, "kind": "brief", "agency": court.pk})
    assert Bulletin.objects.get(kind="brief").agency is None


def test_nobody_writes_to_their_own_agency(demo: ReformList, court: Agency, person: PersonMaker) -> None:
    own = acting(person(Role.SUPERVISOR, agency=court, username="of the court"))
    with pytest.raises(PermissionDenied):
        draft_bulletin(demo, ON, kind=Kind.LETTER, agency=court, who=own, on=ON)


def test_a_letter_is_not_issued_on_or_after_the_day_it_asks_for(
    demo: ReformList, court: Agency, office: Any, signed_in: Client
) -> None:
    letter = draft_bulletin(demo, ON, kind=Kind.LETTER, agency=court, **office)
    assert "于2022年6月22日前提供" in letter.intro
    late = {**office, "on": dt.date(2022, 6, 22)}
    with pytest.raises(ValidationError, match="2022年6月22日前提供，届时已到或已过"):
        submit_bulletin(letter.pk, seen=None, **late)
    submit_bulletin(letter.pk, seen=None, **office)
    signed = {"number": "", "signed_by": "王秘书长", "seen": None}
    with pytest.raises(ValidationError, match="退回修改"):
        issue_bulletin(letter.pk, **signed, issued_on=late["on"], **late)
    # One that was signed on paper in time is entered later.
    issue_bulletin(letter.pk, **signed, issued_on=dt.date(2022, 6, 21), **late)
    assert Bulletin.objects.get(pk=letter.pk).state == "issued"


def test_whoever_hands_up_a_letter_too_late_is_told_beside_the_sentence(
    demo: ReformList, court: Agency, office: Any, signed_in: Client
) -> None:
    letter = draft_bulletin(demo, ON, kind=Kind.LETTER, agency=court, **office)
    page = get(signed_in, letter.get_absolute_url())
    data = {one.get("name"): one.get("value") or one.text or "" for one in page.tree.xpath('//*[@id="edit"]//*[@name]')}
    passed = {**data, "intro": letter.intro.replace("6月22日", "6月15日"), "act": "submit"}
    answer = signed_in.post(letter.get_absolute_url(), passed)
    assert answer.status_code == 422
    assert "函中商请于2022年6月15日前提供" in html.fromstring(answer.text).xpath(
        'string(//*[@id="id_submit_intro_error"])'
    )
    assert "6月15日前" in answer.text
    assert Bulletin.objects.get(pk=letter.pk).state == "draft"


def test_a_letter_without_a_day_is_issued_at_any_time(demo: ReformList, court: Agency, office: Any) -> None:
    letter = draft_bulletin(demo, ON, kind=Kind.LETTER, agency=court, **office)
    said = {name: getattr(letter, name) for name in WRITTEN} | {
        "intro": "商请贵院于2022年2月30日前或另行商定的时间提供。"
    }
    edit_bulletin(letter.pk, said, seen=None, **office)
    late = {**office, "on": dt.date(2023, 6, 22)}
    submit_bulletin(letter.pk, seen=None, **late)
    assert Bulletin.objects.get(pk=letter.pk).state == "submitted"
