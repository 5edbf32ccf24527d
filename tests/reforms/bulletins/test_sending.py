"""Sending what was issued: to whom it goes, that they alone read it, what they are told, and who has read it."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from agencies.models import Agency, Change, ChatRobot, Role, User
from reforms.bulletins.drafts import draft_bulletin, issue_bulletin, submit_bulletin
from reforms.bulletins.figures import Figures
from reforms.bulletins.sending import choice_of, counts_of, send_bulletin, void_bulletin
from reforms.duties import acting_in
from reforms.models import Bulletin, BulletinReading, Delivery, Measure, Notice, ReformList, Stale
from reforms.office.steer import reassign
from reforms.organisation.merge import merge_agencies
from reforms.reminders.sending.outbox import sweep
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.reorganisations import merge_into, split
from tests.reforms.shown import get

Kind = Bulletin.Kind
BACKEND = "agencies.people.sign_in.PasswordBackend"


@pytest.fixture
def office(cast: Cast) -> Any:
    return {"who": acting(cast.supervisor), "on": ON}


@pytest.fixture
def signed_in(cast: Cast, client: Client) -> Client:
    client.force_login(cast.supervisor, backend=BACKEND)
    return client


@pytest.fixture
def out(demo: ReformList, office: Any) -> Bulletin:
    return issued(draft_bulletin(demo, ON, **office), office)


def issued(draft: Bulletin, office: Any) -> Bulletin:
    submit_bulletin(draft.pk, seen=None, **office)
    return issue_bulletin(draft.pk, number="督〔2022〕3号", signed_by="王秘书长", issued_on=ON, seen=None, **office)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def ticked(page: Any) -> list[int]:
    return [int(one.get("value")) for one in page.tree.xpath('//*[@name="addressees"][@checked]')]


def said_of(page: Any) -> str:
    return "".join(page.tree.xpath('//*[@id="sent"]/p[1]')[0].text_content().split())


# To whom -----------------------------------------------------------------------------------------


def test_one_click_sends_it_to_all_who_act_on_the_list(out: Bulletin, demo: ReformList, signed_in: Client) -> None:
    acting_ones = list(acting_in(demo).filter(outside_line=False).values_list("pk", flat=True))
    page = get(signed_in, out.get_absolute_url())
    assert ticked(page) == acting_ones
    sent = {"act": "send", "addressees": ticked(page), "seen": out.version}
    assert signed_in.post(out.get_absolute_url(), sent).status_code == 302
    assert sorted(out.addressees.values_list("agency", flat=True)) == acting_ones
    told = Notice.objects.filter(kind=Notice.Kind.DOCUMENT)
    assert sorted(told.values_list("agency", flat=True)) == acting_ones
    assert counts_of([out.pk]) == {out.pk: (len(acting_ones), 0)}
    page = get(signed_in, out.get_absolute_url())
    assert said_of(page) == f"已发送{len(acting_ones)}个收件方，其中0个已阅。"
    assert ticked(page) == [], "what follows is for others"


def test_those_it_names_can_be_chosen_alone(out: Bulletin, demo: ReformList, signed_in: Client) -> None:
    figures = Figures.of_json(out.figures)
    names = {name for line in figures.overdue for name in line.leads} | {one.agency for one in figures.unreported}
    assert len(names) > 1
    chosen = ticked(get(signed_in, f"{out.get_absolute_url()}?to=named"))
    assert set(Agency.objects.filter(pk__in=chosen).values_list("name", flat=True)) == names
    assert ticked(get(signed_in, f"{out.get_absolute_url()}?to=none")) == []


def test_one_that_was_renamed_since_is_still_named(out: Bulletin, demo: ReformList) -> None:
    name = Figures.of_json(out.figures).overdue[0].leads[0]
    agency = Agency.objects.get(name=name)
    agency.other_names.create(name=name)
    Agency.objects.filter(pk=agency.pk).update(name="新名称局")
    assert agency.pk in choice_of(out).named


def test_bodies_outside_the_governments_line_are_never_sent_a_bulletin(out: Bulletin, office: Any) -> None:
    outside = set(Agency.objects.filter(outside_line=True).values_list("pk", flat=True))
    assert outside
    assert not outside & set(choice_of(out).whom)
    with pytest.raises(ValidationError, match="不能发送"):
        send_bulletin(out.pk, [min(outside)], seen=None, **office)


def test_nobody_chosen_is_said(out: Bulletin, signed_in: Client) -> None:
    answer = signed_in.post(out.get_absolute_url(), {"act": "send", "seen": out.version})
    assert answer.status_code == 422
    assert "请选择收件方。" in answer.content.decode()


def test_a_brief_goes_to_leaders_alone(
    demo: ReformList, office: Any, cast: Cast, person: PersonMaker, transport: Agency, signed_in: Client
) -> None:
    own = Agency.objects.get(memberships__user=cast.supervisor)
    leader = User.objects.get(username="leader")
    assert leader.memberships.get().agency == own
    head = person(Role.HEAD, agency=transport, username="head")
    brief = issued(draft_bulletin(demo, ON, kind=Kind.BRIEF, **office), office)
    page = get(signed_in, brief.get_absolute_url())
    assert ticked(page) == [leader.pk]
    assert {head.pk, leader.pk} <= set(choice_of(brief).whom)
    assert cast.reporter.pk not in choice_of(brief).whom
    send_bulletin(brief.pk, [leader.pk], seen=None, **office)
    assert client_of(leader).get(brief.get_absolute_url()).status_code == 200
    assert client_of(head).get(brief.get_absolute_url()).status_code == 404
    assert Notice.objects.get(kind=Notice.Kind.DOCUMENT).user == leader


def test_of_a_list_that_is_the_offices_alone_nothing_is_sent(out: Bulletin, office: Any, transport: Agency) -> None:
    ReformList.objects.update(open_to="office")
    with pytest.raises(ValidationError, match="尚未向单位开放"):
        send_bulletin(out.pk, [transport.pk], seen=None, **office)


def test_only_what_is_issued_is_sent(demo: ReformList, office: Any, transport: Agency) -> None:
    draft = draft_bulletin(demo, ON, **office)
    with pytest.raises(ValidationError, match="不能这样办理"):
        send_bulletin(draft.pk, [transport.pk], seen=None, **office)


def test_of_two_who_send_at_once_the_second_is_told(
    out: Bulletin, office: Any, cast: Cast, transport: Agency, market: Agency
) -> None:
    second = client_of(cast.second_supervisor)
    send_bulletin(out.pk, [transport.pk], seen=out.version, **office)
    answer = second.post(
        out.get_absolute_url(), {"act": "send", "addressees": [transport.pk, market.pk], "seen": out.version}
    )
    assert answer.status_code == 409
    assert "已有变化" in answer.content.decode()
    assert str(cast.supervisor) in answer.content.decode(), "by whom it was sent"
    assert out.addressees.count() == Notice.objects.filter(kind=Notice.Kind.DOCUMENT).count() == 1
    with pytest.raises(Stale):
        send_bulletin(out.pk, [market.pk], seen=out.version, **office)


# Who reads it ------------------------------------------------------------------------------------


def test_exactly_those_it_was_sent_to_read_it_and_the_office_and_the_auditor(
    out: Bulletin, office: Any, cast: Cast, person: PersonMaker, transport: Agency, market: Agency
) -> None:
    send_bulletin(out.pk, [transport.pk], seen=None, **office)
    reads = [
        *(
            person(role, agency=transport, username=f"own {role}")
            for role in ("viewer", "head", "reporter", "approver")
        ),
        *(cast.second_supervisor, person(Role.AUDITOR)),
    ]
    shut = [person(Role.HEAD, agency=market, username="other"), person(Role.ADMINISTRATOR)]
    for address in (out.get_absolute_url(), f"{out.get_absolute_url()}docx/"):
        assert {client_of(one).get(address).status_code for one in reads} == {200}
        assert {client_of(one).get(address).status_code for one in shut} == {404}
    assert out.title in client_of(reads[0]).get("/bulletins/").content.decode()
    assert out.title not in client_of(shut[0]).get("/bulletins/").content.decode()


def test_the_notice_leads_to_it_and_opening_it_is_having_read_it(
    out: Bulletin, office: Any, cast: Cast, transport: Agency, signed_in: Client
) -> None:
    send_bulletin(out.pk, [transport.pk], seen=None, **office)
    notice = Notice.objects.get(kind=Notice.Kind.DOCUMENT)
    reader = client_of(cast.reporter)
    assert "第1期督查通报已送达，请查阅：" in get(reader, "/notices/").text
    # Seeing the notice in the inbox is not yet reading.
    reader.post("/notices/seen/", {"newest": notice.pk})
    assert not BulletinReading.objects.exists()
    assert "未阅" in get(signed_in, out.get_absolute_url()).text
    assert reader.get(f"/notices/{notice.pk}/")["Location"] == out.get_absolute_url()
    reader.head(out.get_absolute_url())
    assert not BulletinReading.objects.exists()
    for _twice in range(2):
        reader.get(out.get_absolute_url())
    assert [one.user for one in BulletinReading.objects.all()] == [cast.reporter]
    assert f"{cast.reporter}" in get(signed_in, out.get_absolute_url()).text
    assert said_of(get(signed_in, out.get_absolute_url())) == "已发送1个收件方，其中1个已阅。"
    assert counts_of([out.pk]) == {out.pk: (1, 1)}
    # The office reads without having been sent it.
    assert BulletinReading.objects.count() == 1


def test_fetching_the_file_alone_is_having_read_it_and_its_notice(
    out: Bulletin, office: Any, cast: Cast, transport: Agency
) -> None:
    send_bulletin(out.pk, [transport.pk], seen=None, **office)
    client_of(cast.approver).get(f"{out.get_absolute_url()}docx/")
    assert [one.user for one in BulletinReading.objects.all()] == [cast.approver]
    assert Notice.objects.unseen_by(cast.approver.pk).filter(kind=Notice.Kind.DOCUMENT).count() == 0


# What they are told ------------------------------------------------------------------------------


def test_a_letter_goes_out_as_a_chase_by_hand_does(
    out: Bulletin, office: Any, transport: Agency, person: PersonMaker, mailoutbox: Any, signed_in: Client
) -> None:
    head = person(Role.HEAD, agency=transport, username="head")
    head.email = "head@jtj.example"
    head.save()
    send_bulletin(out.pk, [transport.pk], seen=None, **office)
    assert "待发送" in get(signed_in, out.get_absolute_url()).text
    sweep(ON, owed=False)
    letters = [one for one in mailoutbox if one.subject.startswith("【公文】市交通运输局：第1期督查通报已送达")]
    assert "head@jtj.example" in {address for one in letters for address in one.to}
    notice = Notice.objects.get(kind=Notice.Kind.DOCUMENT)
    assert f"/notices/{notice.pk}/" in letters[0].body
    assert notice.delivery is not None
    assert notice.delivery.state == Delivery.State.SENT
    assert "已发送" in get(signed_in, out.get_absolute_url()).text
    before = len(mailoutbox)
    sweep(ON, owed=False)
    assert len(mailoutbox) == before, "once"


def test_before_the_safe_start_it_stays_in_the_inbox(
    public: ReformList, office: Any, transport: Agency, mailoutbox: Any, signed_in: Client
) -> None:
    found = issued(draft_bulletin(public, ON, **office), office)
    send_bulletin(found.pk, [transport.pk], seen=None, **office)
    sweep(ON, owed=False)
    assert mailoutbox == []
    assert "仅站内消息" in get(signed_in, found.get_absolute_url()).text


def test_the_agencys_chat_group_is_told_until_somebody_has_opened_it(
    out: Bulletin, office: Any, cast: Cast, transport: Agency
) -> None:
    from reforms.reminders.sending.gathering import gather_group_messages
    from reforms.reminders.sending.outbox import letter_of

    ChatRobot.objects.create(agency=transport, product="wecom", name="工作群", address="https://127.0.0.1/?key=1")
    assert gather_group_messages(ON) == 0
    send_bulletin(out.pk, [transport.pk], seen=None, **office)
    assert gather_group_messages(ON) == 1
    message = Delivery.objects.get(kind=Delivery.Kind.GROUP)
    letter = letter_of(message, ON)
    assert letter is not None
    assert letter.text.startswith("【公文】第1期督查通报已送达，请查阅：")
    client_of(cast.reporter).get(out.get_absolute_url())
    assert letter_of(message, ON) is None


def test_the_chat_group_of_whoever_succeeds_is_told_what_nobody_has_opened(
    out: Bulletin, office: Any, cast: Cast, transport: Agency, market: Agency
) -> None:
    from reforms.reminders.sending.gathering import gather_group_messages
    from reforms.reminders.sending.outbox import letter_of

    ChatRobot.objects.create(agency=market, product="wecom", name="工作群", address="https://127.0.0.1/?key=1")
    send_bulletin(out.pk, [transport.pk], seen=None, **office)
    assert gather_group_messages(ON) == 0
    merge_into(market, transport)
    assert gather_group_messages(ON) == 1
    message = Delivery.objects.get(kind=Delivery.Kind.GROUP)
    letter = letter_of(message, ON)
    assert letter is not None
    assert letter.text.startswith("【公文】第1期督查通报已送达，请查阅：")
    # Succeeding somebody is reason enough, also after the day on which the document was sent.
    Delivery.objects.all().delete()
    later = ON + dt.timedelta(days=1)
    Notice.objects.filter(kind=Notice.Kind.ASSIGNED, agency=market).update(on=later)
    assert gather_group_messages(later) == 1
    assert letter_of(Delivery.objects.get(kind=Delivery.Kind.GROUP), later) is not None
    out.addressees.all()[0].readings.create(user=cast.reporter, at=timezone.now())
    assert letter_of(Delivery.objects.get(kind=Delivery.Kind.GROUP), later) is None


def test_taking_it_back_tells_those_who_have_it(
    out: Bulletin, office: Any, cast: Cast, transport: Agency, market: Agency
) -> None:
    send_bulletin(out.pk, [transport.pk], seen=None, **office)
    void_bulletin(out.pk, reason="数据有误。", seen=None, **office)
    told = Notice.objects.get(kind=Notice.Kind.DOCUMENT_VOID)
    assert told.agency == transport
    reader = client_of(cast.reporter)
    assert "理由：数据有误。" in get(reader, "/notices/").text
    assert "已作废" in get(reader, out.get_absolute_url()).text


def test_the_log_says_to_whom(out: Bulletin, office: Any, transport: Agency, market: Agency) -> None:
    send_bulletin(out.pk, [transport.pk, market.pk], seen=None, **office)
    entry = Change.objects.get(action="bulletin.sent")
    assert set(entry.after["addressees"]) == {"市交通运输局", "市市场监管局"}


def test_a_second_spelling_leaves_what_it_was_sent_to_the_first(
    out: Bulletin, office: Any, person: PersonMaker, transport: Agency, market: Agency
) -> None:
    send_bulletin(out.pk, [transport.pk, market.pk], seen=None, **office)
    merge_agencies(market, transport, who=acting(person(Role.ADMINISTRATOR)), on=ON)
    assert out.addressees.get().agency == market


def test_whoever_succeeds_an_agency_reads_what_it_was_sent_and_is_told_that_it_is_void(
    out: Bulletin, office: Any, person: PersonMaker, transport: Agency, market: Agency
) -> None:
    send_bulletin(out.pk, [transport.pk], seen=None, **office)
    heir = person(Role.REPORTER, agency=market, username="heir.reporter")
    reader = client_of(heir)
    assert reader.get(out.get_absolute_url()).status_code == 404
    merge_into(market, transport)
    assert out.title in get(reader, "/bulletins/").text
    assert reader.get(out.get_absolute_url()).status_code == 200
    assert BulletinReading.objects.get().user == heir, "read by the heir, it is read"
    void_bulletin(out.pk, reason="数据有误。", seen=None, **office)
    assert Notice.objects.get(kind=Notice.Kind.DOCUMENT_VOID).agency == market


def test_after_a_split_both_read_what_was_sent(
    out: Bulletin, office: Any, person: PersonMaker, transport: Agency, market: Agency
) -> None:
    """The second has one of its measures; who has none of them reads nothing."""
    water, health = (Agency.objects.get(name=name) for name in ("市水务局", "市卫生健康委"))
    send_bulletin(out.pk, [transport.pk], seen=None, **office)
    given = transport.duties.order_by("pk").values_list("measure", flat=True)[0]
    split(transport, market, water, choices={given: water.pk})
    answers = {
        agency.name: client_of(person(Role.VIEWER, agency=agency, username=f"reads.{agency.pk}"))
        .get(out.get_absolute_url())
        .status_code
        for agency in (market, water, health)
    }
    assert list(answers.values()) == [200, 200, 404]


@pytest.mark.parametrize("given", ["before", "after"])
def test_whoever_was_given_a_measure_by_the_office_reads_nothing_that_its_holder_was_sent(
    out: Bulletin, office: Any, person: PersonMaker, transport: Agency, market: Agency, given: str
) -> None:
    """改派 of one measure makes nobody a successor, whether it came before the agency was dissolved or after."""
    health = Agency.objects.get(name="市卫生健康委")
    send_bulletin(out.pk, [transport.pk], seen=None, **office)
    measure = Measure.objects.filter(duties__agency=transport, status="in_progress").exclude(duties__agency=market)[0]
    for act in ("before", "dissolve", "after"):
        if act == "dissolve":
            merge_into(market, transport)
        elif act == given:
            holder = market if act == "after" else transport
            reassign(measure.pk, holder.pk, health.pk, reason="职责调整。", seen=None, **office)
    codes = {
        agency.name: client_of(person(Role.VIEWER, agency=agency, username=f"reads.{agency.pk}"))
        .get(out.get_absolute_url())
        .status_code
        for agency in (market, health)
    }
    assert list(codes.values()) == [200, 404]
    void_bulletin(out.pk, reason="数据有误。", seen=None, **office)
    assert [one.agency for one in Notice.objects.filter(kind=Notice.Kind.DOCUMENT_VOID)] == [market]


def test_what_was_sent_before_a_merger_is_read_by_all_whom_the_heir_was_split_into(
    out: Bulletin, office: Any, person: PersonMaker, transport: Agency, market: Agency
) -> None:
    water, health = (Agency.objects.get(name=name) for name in ("市水务局", "市卫生健康委"))
    send_bulletin(out.pk, [transport.pk], seen=None, **office)
    merge_into(market, transport)
    given = market.duties.order_by("pk").values_list("measure", flat=True)[0]
    split(market, water, health, choices={given: health.pk})
    for agency in (water, health):
        reader = client_of(person(Role.VIEWER, agency=agency, username=f"reads.{agency.pk}"))
        assert reader.get(out.get_absolute_url()).status_code == 200
