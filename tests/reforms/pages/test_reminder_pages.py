"""提醒设置 and 发送记录: a safe start, and what was sent to whom."""

import datetime as dt
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.test import Client

from agencies.models import Agency, Change, Role
from reforms.models import Delivery, Measure, ReformList, Reminder
from reforms.pages.office import reminders as pages
from reforms.reminders.preview import year_ahead
from reforms.reminders.sending.outbox import sweep
from tests.conftest import ON, SLUG, PersonMaker
from tests.reforms.reminders.conftest import new_delivery

SETTINGS = f"/lists/{SLUG}/reminders/"
ON_FROM_TODAY = {"reminders_from": "2022-06-15", "reminders_on": "on", "looked": "on"}
SUBJECT = "【到期提醒】市交通运输局：5条举措6月30日到期（牵头3条、责任2条）"

SignIn = Callable[..., Client]


@pytest.fixture
def supervisor(signed_in: SignIn, person: PersonMaker) -> Client:
    return signed_in(person(Role.SUPERVISOR))


@pytest.fixture
def wakes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often a page has woken the worker."""
    calls: list[str] = []
    monkeypatch.setattr(pages, "wake", lambda _task: calls.append("wake"))
    return calls


@pytest.fixture
def addressed(transport: Agency) -> Agency:
    transport.email = "jtj@example.org"
    transport.save()
    return transport


def text_of(response: Any) -> str:
    return unescape(response.content.decode())


# Switching on -------------------------------------------------------------------------------------


def test_reminders_are_off_after_an_import(reform_list: ReformList) -> None:
    assert (reform_list.reminders_on, reform_list.reminders_from) == (False, None)
    assert ReformList().reminders_on is False


def test_it_shows_who_would_receive_what_and_sends_nothing(
    supervisor: Client, addressed: Agency, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    text = text_of(supervisor.get(SETTINGS))
    assert "2022年6月15日将发出54封（以现在的进展和起算日期计）：" in text
    # All but the one that has an address.
    assert "其中53个单位没有收件邮箱" in text
    assert SUBJECT in text
    assert "jtj@example.org" in text
    assert "没有收件邮箱" in text, "nobody else has an address yet"
    assert 'value="2022-06-15"' in text, "today is offered as the first day"
    assert mailoutbox == []
    assert not Reminder.objects.exists()


def test_switching_on_takes_the_first_day_the_switch_and_the_tick(
    supervisor: Client, reform_list: ReformList, wakes: list[str]
) -> None:
    response = supervisor.post(SETTINGS, ON_FROM_TODAY, follow=True)
    assert "已保存。" in text_of(response)
    reform_list.refresh_from_db()
    assert (reform_list.reminders_on, reform_list.reminders_from) == (True, ON)
    assert wakes == ["wake"]


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [("looked", "开启前请先核对谁将收到什么。"), ("reminders_from", "开启提醒前，请先填写提醒起算日期。")],
)
def test_without_one_of_them_nothing_is_switched_on(
    supervisor: Client, reform_list: ReformList, wakes: list[str], missing: str, sentence: str
) -> None:
    answer = supervisor.post(SETTINGS, ON_FROM_TODAY | {missing: ""})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    reform_list.refresh_from_db()
    assert reform_list.reminders_on is False
    assert wakes == []


def test_a_first_day_that_is_no_date_is_refused(supervisor: Client, reform_list: ReformList, wakes: list[str]) -> None:
    answer = supervisor.post(SETTINGS, ON_FROM_TODAY | {"reminders_from": "2022-06-31"})
    assert answer.status_code == 422
    reform_list.refresh_from_db()
    assert (reform_list.reminders_on, wakes) == (False, [])


def test_a_first_day_can_be_saved_before_switching_on(
    supervisor: Client, reform_list: ReformList, wakes: list[str]
) -> None:
    supervisor.post(SETTINGS, {"reminders_from": "2022-06-23"})
    reform_list.refresh_from_db()
    assert (reform_list.reminders_on, reform_list.reminders_from) == (False, dt.date(2022, 6, 23))
    assert wakes == []
    assert "2022年6月23日将发出72封" in text_of(supervisor.get(SETTINGS)), "the preview starts on that day"


def test_of_the_letters_of_a_day_some_stand_on_a_page_and_all_are_counted(
    supervisor: Client, reform_list: ReformList
) -> None:
    day, subjects = dt.date(2022, 6, 23), set()
    for number in (1, 2, 3):
        response = supervisor.get(SETTINGS, {"on": str(day), "page": number})
        assert "2022年6月23日将发出72封" in text_of(response)
        assert "其中72个单位没有收件邮箱" in text_of(response)
        assert len(response.content) < 300_000
        subjects |= {digest.subject for digest, _groups in response.context["digests"]}
    assert len(subjects) == 72


def test_the_letters_of_any_day_can_be_looked_at(supervisor: Client) -> None:
    text = text_of(supervisor.get(f"{SETTINGS}?on=2022-06-23"))
    assert "2022年6月23日将发出72封" in text
    assert "6月30日到期" in text
    assert "这一天是休息日" in text_of(supervisor.get(f"{SETTINGS}?on=2022-06-18"))
    assert "这一天没有需要发出的提醒" in text_of(supervisor.get(f"{SETTINGS}?on=2022-06-14"))
    # What is no day shows the next letters, as an address without one does.
    assert "2022年6月15日将发出54封" in text_of(supervisor.get(f"{SETTINGS}?on=2022-06-31"))


def test_switching_off_needs_no_tick(supervisor: Client, reform_list: ReformList, wakes: list[str]) -> None:
    supervisor.post(SETTINGS, ON_FROM_TODAY)
    supervisor.post(SETTINGS, {"reminders_from": "2022-06-15"})
    reform_list.refresh_from_db()
    assert reform_list.reminders_on is False
    assert wakes == ["wake"]


def test_the_log_keeps_who_switched_what(supervisor: Client, reform_list: ReformList, wakes: list[str]) -> None:
    supervisor.post(SETTINGS, ON_FROM_TODAY)
    change = Change.objects.get(action="reminders.switched")
    assert (change.kind, change.object_id, change.visibility) == ("list", reform_list.pk, "internal")
    assert change.before == {"on": False, "from": ""}
    assert change.after == {"on": True, "from": "2022-06-15"}
    assert change.actor == "supervisor-0（市营商环境改革专班办公室）"


def test_the_database_too_refuses_reminders_without_a_first_day(reform_list: ReformList) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ReformList.objects.filter(pk=reform_list.pk).update(reminders_on=True)
    reform_list.reminders_on = True
    with pytest.raises(ValidationError, match="请先填写提醒起算日期"):
        reform_list.full_clean()


# What was sent ------------------------------------------------------------------------------------


@pytest.fixture
def sent(reform_list: ReformList, addressed: Agency, mailoutbox: list[EmailMultiAlternatives]) -> Delivery:
    """After the first sweep over item 101: 市交通运输局 was told, the other two have no address."""
    Measure.objects.exclude(item__number=101).update(disposition="withdrawn")
    reform_list.reminders_on, reform_list.reminders_from = True, ON
    reform_list.save()
    sweep(ON)
    assert len(mailoutbox) == 1
    return Delivery.objects.get(agency=addressed)


def test_the_record_lists_what_was_sent_and_why_the_rest_was_not(supervisor: Client, sent: Delivery) -> None:
    text = text_of(supervisor.get("/reminders/"))
    subject = '<span lang="zh-CN">【到期提醒】市交通运输局：1条举措6月30日到期（牵头1条）</span>'
    assert re.search(rf'<a href="/reminders/{sent.pk}/">\s*{re.escape(subject)}\s*</a>', text)
    assert text.count("（尚未发出）") == 2
    assert text.count("没有收件邮箱：请为该单位填写提醒邮箱，或为其填报人填写邮箱。") == 2
    assert "提醒已开启，自2022年6月15日起算" in text


def test_the_record_leads_who_keeps_mailboxes_to_where_they_are_filled_in(
    supervisor: Client, sent: Delivery, person: PersonMaker
) -> None:
    text = text_of(supervisor.get("/reminders/"))
    assert text.count("请系统管理员在“单位邮箱”中填写。") == 2
    client = Client()
    client.force_login(person(Role.ADMINISTRATOR), backend="agencies.people.sign_in.PasswordBackend")
    assert text_of(client.get("/reminders/")).count('href="/agencies/mailboxes/?missing=1"') == 2


def test_a_long_record_goes_over_to_a_second_page(supervisor: Client, addressed: Agency) -> None:
    made = [new_delivery(addressed) for _ in range(51)]
    first, second = (text_of(supervisor.get("/reminders/", {"page": page})) for page in (1, 2))
    assert (first.count("（尚未发出）"), second.count("（尚未发出）")) == (50, 1)
    assert f'href="/reminders/{made[0].pk}/"' in second, "the latest come first"


def test_one_record_shows_the_mail_as_it_was_sent(supervisor: Client, sent: Delivery) -> None:
    text = text_of(supervisor.get(f"/reminders/{sent.pk}/"))
    assert sent.subject in text
    assert "jtj@example.org" in text
    assert sent.message_id in text
    assert "已发送" in text
    assert sent.body in text
    for reminder in sent.reminders.all():
        assert f'href="/measures/{reminder.measure_id}/"' in text


def found_by(client: Client, query: str) -> set[int]:
    return {letter.pk for letter in client.get(f"/reminders/?{query}").context["page"].object_list}


def test_the_record_is_filtered_by_agency_state_day_and_channel(
    supervisor: Client, addressed: Agency, market: Agency
) -> None:
    refused, waiting = new_delivery(addressed, state="refused"), new_delivery(market)
    refused.copies.create(address=addressed.email, state="refused", error="550 no such user")
    waiting.copies.create(address="m@example.org", channel="file", state="ambiguous", unknown_ends=1)
    Delivery.objects.filter(pk=waiting.pk).update(on=dt.date(2022, 6, 16))
    both = {refused.pk, waiting.pk}
    for query, wanted in {
        "": both,
        f"agency={market.pk}": {waiting.pk},
        "state=refused": {refused.pk},
        "state=stopped": {refused.pk},
        "state=ambiguous": {waiting.pk},
        "state=second": {waiting.pk},
        "on=2022-06-15": {refused.pk},
        "channel=file": {waiting.pk},
        f"agency={addressed.pk}&state=pending": set(),
        "state=never&on=yesterday&agency=x": both,
    }.items():
        assert found_by(supervisor, query) == wanted, query
    assert "没有符合条件的发送记录。" in text_of(supervisor.get(f"/reminders/?agency={addressed.pk}&state=pending"))


def test_what_did_not_arrive_is_told_on_the_desk_and_sent_again_from_the_record(
    supervisor: Client, addressed: Agency, wakes: list[str]
) -> None:
    letter = new_delivery(addressed, state="dead")
    letter.copies.create(address=addressed.email, state="dead", error="450 try later", attempts=14)
    assert '<a class="n" href="/reminders/?state=stopped">1</a>' in text_of(supervisor.get("/desk/"))
    text = text_of(supervisor.get("/reminders/?state=stopped"))
    assert f'action="/reminders/{letter.pk}/resend/"' in text
    assert "1个地址没有收到" in text
    answer = supervisor.post(f"/reminders/{letter.pk}/resend/", follow=True)
    assert "已列入发送，只发给未送达的地址。" in text_of(answer)
    assert wakes == ["wake"]
    assert not found_by(supervisor, "state=stopped")


def test_each_recipient_s_state_stands_on_the_page_of_a_letter(supervisor: Client, addressed: Agency) -> None:
    letter = new_delivery(addressed)
    letter.copies.create(address="a@example.org", state="sent", unknown_ends=1)
    letter.copies.create(address="b@example.org", state="ambiguous", unknown_ends=1, error="timed out")
    letter.copies.create(address="c@example.org", state="refused", error="550 no such user")
    text = text_of(supervisor.get(f"/reminders/{letter.pk}/"))
    for said in ("不知是否送达", "可能重复", "被拒收", "550 no such user", "重新发送给没有收到的"):
        assert said in text


def test_in_earnest_letters_that_became_files_are_not_said_to_be_sent(
    supervisor: Client, sent: Delivery, settings: Any
) -> None:
    sent.copies.update(channel="file")
    settings.MAIL_GOES_OUT = False
    text = text_of(supervisor.get("/reminders/"))
    assert "信件只写入文件，没有人收到" in text
    assert "已写入文件，未发送" in text
    assert "已写入文件，未发送" in text_of(supervisor.get(f"/reminders/{sent.pk}/"))
    settings.DEMO = True
    assert "没有人收到" not in text_of(supervisor.get("/reminders/"))


def test_before_anything_was_sent_it_says_so(supervisor: Client, reform_list: ReformList) -> None:
    text = text_of(supervisor.get("/reminders/"))
    assert "还没有发送记录。" in text
    assert "提醒未开启" in text


def test_what_is_not_there_is_not_found(supervisor: Client, reform_list: ReformList) -> None:
    assert supervisor.get("/reminders/999999/").status_code == 404
    assert supervisor.get("/lists/none/reminders/").status_code == 404


# Who may ------------------------------------------------------------------------------------------


def test_nobody_but_the_office_and_the_administrator_gets_in(
    signed_in: SignIn, person: PersonMaker, sent: Delivery, addressed: Agency
) -> None:
    for role in set(Role) - {Role.SUPERVISOR, Role.ADMINISTRATOR}:
        client = signed_in(person(role, agency=addressed))
        answers = [client.get(address) for address in (SETTINGS, "/reminders/", f"/reminders/{sent.pk}/")]
        answers.append(client.post(SETTINGS, ON_FROM_TODAY))
        assert {answer.status_code for answer in answers} <= {403, 404}, role
        assert not any("jtj@example.org" in text_of(answer) for answer in answers), role


def test_the_administrator_may(signed_in: SignIn, person: PersonMaker, reform_list: ReformList) -> None:
    assert signed_in(person(Role.ADMINISTRATOR)).get("/reminders/").status_code == 200


def test_a_visitor_is_asked_to_sign_in(client: Client, reform_list: ReformList) -> None:
    for address in (SETTINGS, "/reminders/"):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/")
    client.post(SETTINGS, ON_FROM_TODAY)
    reform_list.refresh_from_db()
    assert reform_list.reminders_on is False


def test_the_year_to_come_counts_letters_and_leads_to_each_day(supervisor: Client, reform_list: ReformList) -> None:
    page = text_of(supervisor.get(f"{SETTINGS}year/"))
    days = year_ahead(reform_list, ON, ON)
    letters = sum(len(day.agencies) for day in days)
    assert f"将发出{letters}封" in page
    # Nobody has an address yet.
    assert f"其中{letters}封没有收件邮箱" in page
    assert f"{SETTINGS}?on={days[1].on}#preview" in page
    first = text_of(supervisor.get(f"{SETTINGS}?on={days[0].on}"))
    assert f"将发出{len(days[0].agencies)}封" in first
