"""What the head of the office reads and signs: papers from 送审稿 on, found on the desk, in their own name."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from agencies.models import Agency, Role, User
from reforms.bulletins import drafts as bulletins
from reforms.bulletins.drafts import draft_bulletin, issue_bulletin, sign_bulletin, submit_bulletin
from reforms.bulletins.sending import void_bulletin
from reforms.desk.agency import count_only_here
from reforms.models import Bulletin, Notice, OrderedMeasure, ReformList, SupervisionOrder
from reforms.notices.inbox import notices_for, unread_count
from reforms.notices.wording import sentence_of
from reforms.office import orders
from reforms.office.drafted import tell_signers
from reforms.office.orders import sign_order, submit_order
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.shown import get

BACKEND = "agencies.people.sign_in.PasswordBackend"
Paper = Bulletin | SupervisionOrder
Papers = dict[str, Any]


@pytest.fixture
def office(cast: Cast) -> dict[str, Any]:
    return {"who": acting(cast.supervisor), "on": ON}


@pytest.fixture
def head(person: PersonMaker, cast: Cast) -> User:
    """单位负责人 of the agency that has the supervisors."""
    return person(Role.HEAD, username="head")


@pytest.fixture
def papers(demo: ReformList, office: dict[str, Any], transport: Agency) -> Papers:
    """A bulletin and an order, by state."""
    found: Papers = {}
    for name in ("draft", "submitted", "issued", "void"):
        made = draft_bulletin(demo, ON, **office)
        if name in ("submitted", "issued"):
            submit_bulletin(made.pk, seen=None, **office)
        if name == "issued":
            issue_bulletin(made.pk, number="", signed_by="王秘书长", issued_on=ON, seen=None, **office)
        if name == "void":
            void_bulletin(made.pk, reason="重拟。", seen=None, **office)
        found[f"bulletin {name}"] = Bulletin.objects.get(pk=made.pk)
    drafter = {"drafted_by": office["who"].label, "drafted_by_user_id": office["who"].user_id, "drafted_on": ON}
    measure = demo.measures.filter(duties__agency=transport)[0]
    for name in ("draft", "submitted"):
        order = SupervisionOrder.objects.create(agency=transport, state=name, subject="关于逾期的督办", **drafter)
        OrderedMeasure.objects.create(order=order, measure=measure, deadline=ON)
        found[f"order {name}"] = order
    return found


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


HANDED_UP = {"bulletin submitted", "bulletin issued", "order submitted"}
ALL = {"bulletin draft", "bulletin void", "order draft", *HANDED_UP}
READ: dict[str, set[str]] = {
    "head of the office": HANDED_UP,
    "head of another": set(),
    "viewer of the office": set(),
    "supervisor": ALL,
    "reporter": set(),
}


@pytest.fixture
def people(person: PersonMaker, cast: Cast, head: User, transport: Agency) -> dict[str, User]:
    return {
        "head of the office": head,
        "head of another": person(Role.HEAD, agency=transport, username="other.head"),
        "viewer of the office": person(Role.VIEWER, username="viewer"),
        "supervisor": cast.supervisor,
        "reporter": cast.reporter,
    }


@pytest.mark.parametrize("name", READ)
def test_who_reads_papers_on_their_way(people: dict[str, User], papers: Papers, name: str) -> None:
    client = client_of(people[name])
    answers = {paper: client.get(one.get_absolute_url()).status_code for paper, one in papers.items()}
    assert {paper for paper, status in answers.items() if status == 200} == READ[name]
    assert set(answers.values()) <= {200, 404}


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("paper", ["bulletin submitted", "order submitted"])
@pytest.mark.parametrize("act", ["sign", "issue", "edit", "void", "back"])
def test_who_does_what_to_what_waits_for_a_signature(
    people: dict[str, User], papers: Papers, name: str, paper: str, act: str
) -> None:
    """The head signs and sends back; a supervisor enters who signed on paper, and does not sign in the head's place."""
    may = {"head of the office": {"sign", "back"}, "supervisor": {"issue", "edit", "void", "back"}}.get(name, set())
    # Without what the form asks for: 422 is whoever may.
    status = client_of(people[name]).post(papers[paper].get_absolute_url(), {"act": act}).status_code
    assert (status == 422) == (act in may)
    assert status in (422, 403, 404)


def test_the_head_finds_it_on_the_desk_and_signs_it_in_their_own_name(head: User, papers: Papers) -> None:
    client = client_of(head)
    desk = get(client, "/desk/")
    assert count_only_here(acting(head)) == 2
    links = desk.tree.xpath('//*[@aria-labelledby="g-papers"]//li//a/@href')
    assert links == [papers["order submitted"].get_absolute_url(), papers["bulletin submitted"].get_absolute_url()]
    page = get(client, papers["bulletin submitted"].get_absolute_url())
    form = page.tree.xpath('//form[@id="sign"]')[0]
    assert not form.xpath('.//*[@name="signed_by"]')
    data = {one.get("name"): one.get("value") or "" for one in form.xpath(".//input")} | {
        "act": "sign",
        "number": "督1号",
    }
    client.post(papers["bulletin submitted"].get_absolute_url(), data)
    signed = Bulletin.objects.get(pk=papers["bulletin submitted"].pk)
    assert (signed.state, signed.signed_by, signed.issued_on, signed.number) == ("issued", str(head), ON, "督1号")
    order = get(client, papers["order submitted"].get_absolute_url()).tree.xpath('//form[@id="sign"]')[0]
    data = {one.get("name"): one.get("value") or "" for one in order.xpath(".//input")} | {"act": "sign"}
    client.post(papers["order submitted"].get_absolute_url(), data)
    issued = SupervisionOrder.objects.get(pk=papers["order submitted"].pk)
    assert (issued.state, issued.signed_by, issued.issued_on) == ("issued", str(head), ON)
    assert issued.reply_by == dt.date(2022, 6, 22)
    assert count_only_here(acting(head)) == 0


def test_nobody_signs_what_they_drafted_or_what_is_for_their_own_agency(
    head: User, papers: Papers, demo: ReformList
) -> None:
    who = acting(head)
    paper = papers["bulletin submitted"]
    Bulletin.objects.filter(pk=paper.pk).update(drafted_by_user=head)
    with pytest.raises(ValidationError, match="拟稿人本人"):
        sign_bulletin(paper.pk, number="", seen=None, who=who, on=ON)
    own = Agency.objects.get(memberships__user=head)
    order = papers["order submitted"]
    SupervisionOrder.objects.filter(pk=order.pk).update(agency=own)
    page = get(client_of(head), order.get_absolute_url())
    assert not page.tree.xpath('//form[@id="sign"]')
    assert client_of(head).post(order.get_absolute_url(), {"act": "sign"}).status_code == 403


def test_a_head_of_another_agency_signs_nothing(papers: Papers, people: dict[str, User]) -> None:
    who = acting(people["head of another"])
    with pytest.raises(PermissionDenied):
        sign_bulletin(papers["bulletin submitted"].pk, number="", seen=None, who=who, on=ON)


# 消息 ---------------------------------------------------------------------------------------------


def told(user: User) -> list[str]:
    return [str(sentence_of(one)) for one in notices_for(acting(user)).order_by("pk")]


@pytest.fixture
def kinds(demo: ReformList, office: dict[str, Any], papers: Papers, cast: Cast) -> list[Paper]:
    """Drafts of each kind of paper."""
    asked = Agency.objects.filter(outside_line=True, duties__measure__reform_list=demo).first()
    assert asked
    letter = draft_bulletin(demo, ON, kind="letter", agency=asked, **office)
    return [papers["bulletin draft"], draft_bulletin(demo, ON, kind="brief", **office), letter, papers["order draft"]]


def hand_up(paper: Paper, who: User) -> None:
    submit = submit_order if isinstance(paper, SupervisionOrder) else submit_bulletin
    submit(paper.pk, seen=None, who=acting(who), on=ON)


def test_the_head_is_told_of_each_paper_that_is_handed_up(
    kinds: list[Paper], cast: Cast, people: dict[str, User]
) -> None:
    for paper in kinds:
        hand_up(paper, cast.supervisor)
    bulletin, brief, letter, order = kinds
    assert told(people["head of the office"]) == [
        f"有一份通报待您签发：{bulletin.title}",
        f"有一份督查专报待您签发：{brief.title}",
        f"有一份函待您签发：{letter.title}",
        f"有一份督办单待您签发：{order.subject}",
    ]
    others = [people[name] for name in READ if name != "head of the office"]
    assert [told(one) for one in others] == [[], [], [], []]


def test_who_drafted_it_is_told_that_it_was_signed(kinds: list[Paper], cast: Cast, head: User) -> None:
    bulletin, _brief, _letter, order = kinds
    hand_up(bulletin, cast.supervisor)
    hand_up(order, cast.supervisor)
    sign_bulletin(bulletin.pk, number="督〔2022〕3号", seen=None, who=acting(head), on=ON)
    sign_order(order.pk, number="督1号", reply_by=dt.date(2022, 6, 22), seen=None, who=acting(head), on=ON)
    assert told(cast.supervisor) == [
        f"您拟稿的通报已由{head}签发：{bulletin.title}（督〔2022〕3号）",
        f"您拟稿的督办单已由{head}签发：{order.subject}（督1号）",
    ]


def test_who_drafted_it_and_enters_the_signature_needs_not_be_told(papers: Papers, cast: Cast) -> None:
    """`papers` has one that went all the way by the hands of one supervisor."""
    assert papers["bulletin issued"].state == "issued"
    assert told(cast.supervisor) == []


def test_the_head_sends_back_with_a_reason_that_its_drafter_is_told(kinds: list[Paper], cast: Cast, head: User) -> None:
    bulletin, _brief, _letter, order = kinds
    client = client_of(head)
    for paper in (bulletin, order):
        hand_up(paper, cast.supervisor)
        page = get(client, paper.get_absolute_url())
        [form] = page.tree.xpath('//*[@id="back"]//form')
        data = {one.get("name"): one.get("value") or "" for one in form.xpath(".//input")} | {"act": "back"}
        silent = client.post(paper.get_absolute_url(), data)
        assert silent.status_code == 422
        assert "请填写理由。" in silent.text
        sent = client.post(paper.get_absolute_url(), data | {"reason": "请核对第三段。"}, follow=True)
        # The head reads no draft any more: back to where papers wait.
        assert sent.redirect_chain == [("/desk/", 302)]
        assert "已退回修改。" in sent.text
    assert told(cast.supervisor) == [
        f"您拟稿的通报未予签发，已退回修改：{bulletin.title}。理由：请核对第三段。",
        f"您拟稿的督办单未予签发，已退回修改：{order.subject}。理由：请核对第三段。",
    ]


def test_who_drafted_it_takes_it_back_in_one_click(kinds: list[Paper], cast: Cast, head: User) -> None:
    client = client_of(cast.supervisor)
    hand_up(kinds[0], cast.supervisor)
    page = get(client, kinds[0].get_absolute_url())
    [form] = page.tree.xpath('//form[@id="back"]')
    data = {one.get("name"): one.get("value") or "" for one in form.xpath(".//input")} | {"act": "back"}
    assert not form.xpath(".//textarea")
    assert client.post(kinds[0].get_absolute_url(), data).status_code == 302
    assert told(cast.supervisor) == []
    # The head reads no draft: what was told of it leads to the desk.
    [notice] = notices_for(acting(head))
    assert client_of(head).get(f"/notices/{notice.pk}/")["Location"] == "/desk/"


def test_a_notice_of_what_waits_leads_to_the_paper(kinds: list[Paper], cast: Cast, head: User) -> None:
    for paper in (kinds[0], kinds[-1]):
        hand_up(paper, cast.supervisor)
        notice = notices_for(acting(head)).latest("pk")
        assert client_of(head).get(f"/notices/{notice.pk}/")["Location"] == paper.get_absolute_url()


def test_a_head_is_not_told_of_an_order_to_their_own_agency(kinds: list[Paper], cast: Cast, head: User) -> None:
    order = kinds[-1]
    SupervisionOrder.objects.filter(pk=order.pk).update(agency=Agency.objects.get(memberships__user=head))
    submitted = SupervisionOrder.objects.filter(pk=order.pk)
    assert told(head) == []
    order.refresh_from_db()
    tell_signers(submitted.get(), who=acting(cast.supervisor), on=ON)
    assert told(head) == []


@pytest.mark.parametrize("end", ["signed", "sent back", "voided"])
def test_what_was_done_with_a_paper_waits_in_no_inbox(
    kinds: list[Paper], cast: Cast, head: User, person: PersonMaker, end: str
) -> None:
    """Nor in that of another head."""
    other = person(Role.HEAD, username="other.head.of.the.office")
    bulletin, _brief, _letter, order = kinds
    for paper in (bulletin, order):
        hand_up(paper, cast.supervisor)
    assert [unread_count(acting(one)) for one in (head, other)] == [2, 2]
    who: dict[str, Any] = {"seen": None, "who": acting(head), "on": ON}
    if end == "signed":
        sign_bulletin(bulletin.pk, number="", **who)
        sign_order(order.pk, number="督1号", reply_by=dt.date(2022, 6, 22), **who)
    elif end == "sent back":
        bulletins.back_to_draft(bulletin.pk, reason="请核对。", **who)
        orders.back_to_draft(order.pk, reason="请核对。", **who)
    else:
        who["who"] = acting(cast.supervisor)
        void_bulletin(bulletin.pk, reason="重拟。", **who)
        orders.void_order(order.pk, reason="重拟。", **who)
    assert [unread_count(acting(one)) for one in (head, other)] == [0, 0]
    assert not Notice.objects.filter(user__in=[head, other], by_mail=True).exists()
