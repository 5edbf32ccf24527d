"""Notices go out through the outbox: gathered by addressee, each in one letter, and nothing before the safe start."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from agencies.models import Agency, Role, User
from reforms.models import Delivery, DeliveryCopy, Measure, Notice, ReformList
from reforms.notices.notify import notify
from reforms.office.chasing import chase
from reforms.reminders.letters import Letter
from reforms.reminders.sending.gathering import gather_notices
from reforms.reminders.sending.outbox import Sweep, sweep
from reforms.reminders.sending.transport import copy_id
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import return_claim
from tests.conftest import ON, SLUG, PersonMaker
from tests.reforms.people import Cast, acting, attach

Mailbox = list[EmailMultiAlternatives]
Kind = Notice.Kind
GATHERERS = 4


@pytest.fixture
def cast(person: PersonMaker, transport: Agency) -> Cast:
    return Cast(person, transport)


@pytest.fixture
def opened(reform_list: ReformList, client: Any, person: PersonMaker) -> ReformList:
    """The list after its reminders were switched on and off again on their page: no reminders, but notices."""
    client.force_login(person(Role.ADMINISTRATOR), backend="agencies.people.sign_in.PasswordBackend")
    address = f"/lists/{SLUG}/reminders/"
    client.post(address, {"reminders_from": "2022-06-15", "reminders_on": "on", "looked": "on"})
    client.post(address, {"reminders_from": "2022-06-15"})
    reform_list.refresh_from_db()
    assert reform_list.reminders_on is False
    return reform_list


def told(agency: Agency, *, kind: Notice.Kind = Kind.CHASED, measure: Measure | None = None, **facts: Any) -> Notice:
    notify(kind, on=ON, agencies=[agency.pk], measure=measure, facts=facts)
    return Notice.objects.latest("pk")


def let_the_lease_end(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))


# Safe start ---------------------------------------------------------------------------------------


def test_before_the_first_switching_on_nothing_leaves_the_house(
    cast: Cast, led: Measure, mailoutbox: Mailbox, reform_list: ReformList
) -> None:
    chase(led.pk, who=acting(cast.supervisor), on=ON)
    assert Notice.objects.filter(agency=cast.agency).exists(), "the inbox has it anyway"
    assert sweep(ON) == Sweep()
    assert mailoutbox == []


def test_what_was_told_before_the_first_switching_on_does_not_follow_later(
    cast: Cast, led: Measure, mailoutbox: Mailbox, reform_list: ReformList
) -> None:
    chase(led.pk, who=acting(cast.supervisor), on=ON)
    ReformList.objects.update(reminders_on=True, reminders_from=dt.date(2022, 12, 1))
    assert sweep(ON) == Sweep()
    assert mailoutbox == []


def test_a_list_that_is_on_sends_notices(
    cast: Cast, led: Measure, mailoutbox: Mailbox, reform_list: ReformList
) -> None:
    ReformList.objects.update(reminders_on=True, reminders_from=dt.date(2022, 12, 1))
    told(cast.agency, measure=led)
    assert sweep(ON) == Sweep(gathered=1, sent=1)


def test_switched_off_again_it_still_sends_notices(
    cast: Cast, led: Measure, opened: ReformList, mailoutbox: Mailbox
) -> None:
    told(cast.agency, measure=led)
    assert sweep(ON) == Sweep(gathered=1, sent=1)
    assert [message.to for message in mailoutbox] == [["life.reporter@example.org"], ["life.approver@example.org"]]


def test_a_list_is_not_opened_by_another(cast: Cast, led: Measure, opened: ReformList, mailoutbox: Mailbox) -> None:
    other = ReformList.objects.create(slug="second", title="第二批", year=2023)
    Measure.objects.filter(pk=led.pk).update(reform_list=other)
    led.refresh_from_db()
    told(cast.agency, measure=led)
    assert sweep(ON) == Sweep()


# What it says -------------------------------------------------------------------------------------


def test_one_notice_is_its_subject(cast: Cast, led: Measure, opened: ReformList, mailoutbox: Mailbox) -> None:
    attach(led, cast.agency, cast.reporter)
    said = ReportContent(progress="已完成。", is_claim=True)
    report = submit_report(led.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON)
    return_claim(report.pk, reason="请补充批复文件。", seen=None, who=acting(cast.supervisor), on=ON)
    sweep(ON)
    message, _for_the_approver = mailoutbox
    assert message.subject == f"【退回修改】市交通运输局：第{led.item.number}项第4条 {led.title}"
    notice = Notice.objects.get()
    for text in (message.body, str(message.alternatives[0][0])):
        assert "请补充批复文件。" in text
        assert f"http://127.0.0.1:8000/notices/{notice.pk}/" in text


def test_several_come_in_one_letter(cast: Cast, led: Measure, opened: ReformList, mailoutbox: Mailbox) -> None:
    told(cast.agency, measure=led, words="请于周五前报送。")
    told(cast.agency, kind=Kind.RETURNED, measure=led, reason="请补充。")
    told(cast.agency, kind=Kind.ASSIGNED)
    sweep(ON)
    message, _for_the_approver = mailoutbox
    assert message.subject == "【改革督办】市交通运输局：3条消息"
    assert [n for n in ("1. 【催办】", "2. 【退回修改】", "3. 【任务交办】") if n not in message.body] == []
    assert Delivery.objects.get().notices.count() == 3


def test_several_of_a_kind_are_counted_under_it(
    cast: Cast, led: Measure, opened: ReformList, mailoutbox: Mailbox
) -> None:
    for _ in range(2):
        told(cast.agency, measure=led)
    sweep(ON)
    assert mailoutbox[0].subject == "【催办】市交通运输局：2条消息"


def test_a_body_outside_the_government_s_line_is_asked(
    cast: Cast, led: Measure, opened: ReformList, mailoutbox: Mailbox
) -> None:
    Agency.objects.filter(pk=cast.agency.pk).update(outside_line=True)
    told(cast.agency, measure=led)
    sweep(ON)
    assert mailoutbox[0].subject.startswith("【商请函】市交通运输局：")
    assert "商请予以支持" in mailoutbox[0].body
    assert "催办" not in mailoutbox[0].body


def test_a_title_of_many_lines_makes_a_subject_of_one(
    cast: Cast, led: Measure, opened: ReformList, mailoutbox: Mailbox
) -> None:
    Measure.objects.filter(pk=led.pk).update(title="一\n二　" + "很长" * 200)
    led.refresh_from_db()
    told(cast.agency, measure=led)
    assert sweep(ON).sent == 1
    assert "\n" not in mailoutbox[0].subject
    assert len(mailoutbox[0].subject) < 100


def test_what_people_wrote_is_escaped_in_html(
    cast: Cast, led: Measure, opened: ReformList, mailoutbox: Mailbox
) -> None:
    told(cast.agency, measure=led, words="<b>急</b>")
    sweep(ON)
    assert "&lt;b&gt;急&lt;/b&gt;" in str(mailoutbox[0].alternatives[0][0])
    assert "<b>急</b>" in mailoutbox[0].body


# To whom ------------------------------------------------------------------------------------------


def test_an_agency_s_letter_goes_to_its_reporters_its_approvers_and_its_mailbox(
    cast: Cast, person: PersonMaker, opened: ReformList, mailoutbox: Mailbox
) -> None:
    for role in (Role.VIEWER, Role.HEAD):
        person(role, agency=cast.agency)
    Agency.objects.filter(pk=cast.agency.pk).update(email="jtj@example.org")
    told(cast.agency)
    sweep(ON)
    told_to = [address for message in mailoutbox for address in message.to]
    assert told_to == ["jtj@example.org", "life.reporter@example.org", "life.approver@example.org"]


def test_a_person_s_goes_to_their_own_address(cast: Cast, opened: ReformList, mailoutbox: Mailbox) -> None:
    notify(Kind.HANDED_OVER, on=ON, users=[cast.reporter.pk], facts={"from": "林填报", "duties": 2, "drafts": 0})
    sweep(ON)
    [message] = mailoutbox
    assert message.to == ["life.reporter@example.org"]
    assert message.subject.startswith("【工作移交】林填报的工作已移交给您")


def test_the_office_s_goes_to_all_supervisors_but_who_did_it(
    cast: Cast, opened: ReformList, mailoutbox: Mailbox
) -> None:
    notify(Kind.DISPOSED, on=ON, office=True, by=cast.supervisor.pk, facts={"disposition": "suspended"})
    sweep(ON)
    [message] = mailoutbox
    assert message.to == ["life.supervisor.2@example.org"]
    assert "市营商环境改革专班办公室：" in message.body


def test_what_two_of_the_office_did_tells_each_of_what_the_other_did(
    cast: Cast, opened: ReformList, mailoutbox: Mailbox
) -> None:
    for by in (cast.supervisor, cast.second_supervisor):
        notify(Kind.DISPOSED, on=ON, office=True, by=by.pk, facts={"disposition": "suspended", "reason": by.username})
    sweep(ON)
    told_to = {message.to[0]: message.body for message in mailoutbox}
    assert set(told_to) == {"life.supervisor@example.org", "life.supervisor.2@example.org"}
    assert "：life.supervisor（" not in told_to["life.supervisor@example.org"]
    assert "：life.supervisor（" in told_to["life.supervisor.2@example.org"]


def shut(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def test_nobody_who_is_shut_out_gets_mail(cast: Cast, opened: ReformList, mailoutbox: Mailbox) -> None:
    shut(cast.reporter)
    shut(cast.second_supervisor)
    told(cast.agency)
    notify(Kind.HANDED_OVER, on=ON, users=[cast.reporter.pk])
    notify(Kind.DISPOSED, on=ON, office=True)
    assert sweep(ON) == Sweep(gathered=3, sent=2, dropped=1)
    assert sorted(message.to for message in mailoutbox) == [
        ["life.approver@example.org"],
        ["life.supervisor@example.org"],
    ]


def test_without_an_address_it_waits_and_says_why_and_after_a_fortnight_it_is_let_go(
    cast: Cast, market: Agency, opened: ReformList, mailoutbox: Mailbox
) -> None:
    told(market)
    assert sweep(ON) == Sweep(gathered=1, postponed=1)
    delivery = Delivery.objects.get()
    assert delivery.last_error.startswith("没有收件邮箱")
    for days, outcome in ((14, "pending"), (15, "dropped")):
        Delivery.objects.update(next_try_at=timezone.now() - dt.timedelta(seconds=1))
        sweep(ON + dt.timedelta(days=days))
        delivery.refresh_from_db()
        assert delivery.state == outcome
    assert mailoutbox == []


def test_a_letter_with_an_address_is_kept_however_old(cast: Cast, opened: ReformList, mailoutbox: Mailbox) -> None:
    told(cast.agency)
    gather_notices(ON)
    assert sweep(dt.date(2022, 8, 15)).sent == 1


# Once and only once -------------------------------------------------------------------------------


def test_a_second_sweep_sends_nothing_new(cast: Cast, opened: ReformList, mailoutbox: Mailbox) -> None:
    told(cast.agency)
    sweep(ON)
    assert sweep(ON) == Sweep()
    told(cast.agency)
    assert sweep(ON) == Sweep(gathered=1, sent=1)
    assert len(mailoutbox) == 2 * 2, "two letters to two people"


def test_reminders_and_notices_are_letters_of_their_own(
    few: ReformList, cast: Cast, led: Measure, mailoutbox: Mailbox
) -> None:
    told(cast.agency, measure=led)
    assert sweep(ON) == Sweep(created=4, gathered=4, sent=4)
    subjects = sorted(message.subject[:6] for message in mailoutbox if "life.reporter@example.org" in message.to)
    assert subjects == ["【催办】市交", "【到期提醒】"]


def test_a_sender_killed_after_claiming_is_followed_by_one_with_the_same_message_id(
    cast: Cast, opened: ReformList, mailoutbox: Mailbox
) -> None:
    told(cast.agency)
    gather_notices(ON)
    delivery = Delivery.objects.get()
    assert Delivery.objects.claim(delivery.pk), "and here it is killed"
    assert sweep(ON) == Sweep(), "while the lease lasts nobody else sends"
    let_the_lease_end(delivery)
    assert sweep(ON) == Sweep(sent=1)
    assert [message.message()["Message-ID"] for message in mailoutbox] == [
        copy_id(delivery.message_id, message.to) for message in mailoutbox
    ]


def test_a_sender_killed_after_the_mail_server_took_it_is_followed_under_the_same_message_id(
    cast: Cast, opened: ReformList, mailoutbox: Mailbox
) -> None:
    seen: list[str] = []

    def killed(delivery: Delivery, letter: Letter) -> None:
        seen.append(delivery.message_id)
        raise KeyboardInterrupt

    told(cast.agency)
    with pytest.raises(KeyboardInterrupt):
        sweep(ON, send=killed)
    told(cast.agency)
    let_the_lease_end(Delivery.objects.get(state="sending"))
    assert sweep(ON) == Sweep(gathered=1, sent=1, postponed=1), "what came meanwhile goes in a letter of its own"
    DeliveryCopy.objects.filter(state="ambiguous").update(next_try_at=timezone.now() - dt.timedelta(seconds=1))
    Delivery.objects.filter(state="pending").update(next_try_at=timezone.now() - dt.timedelta(seconds=1))
    assert sweep(ON) == Sweep(sent=1)
    assert mailoutbox[-1].subject.startswith("【可能重复】")
    assert copy_id(seen[0], mailoutbox[0].to) in {message.message()["Message-ID"] for message in mailoutbox}
    assert sorted(delivery.notices.count() for delivery in Delivery.objects.all()) == [1, 1]


def test_a_mail_server_that_fails_is_tried_again_under_the_same_message_id(
    cast: Cast, opened: ReformList, mailoutbox: Mailbox
) -> None:
    def fail(delivery: Delivery, letter: Letter) -> None:
        raise OSError("no route to host")

    told(cast.agency)
    assert sweep(ON, send=fail) == Sweep(gathered=1, postponed=1)
    Delivery.objects.update(next_try_at=timezone.now() - dt.timedelta(seconds=1))
    assert sweep(ON) == Sweep(sent=1)
    assert mailoutbox[0].message()["Message-ID"] == copy_id(Delivery.objects.get().message_id, mailoutbox[0].to)


@pytest.fixture
def crowd(committed: ReformList) -> Iterator[list[int]]:
    """The ids of committed notices, 3 to each of 20 agencies; taken back afterwards."""
    for pk in Agency.objects.filter(kind=Agency.Kind.SINGLE).values_list("pk", flat=True)[:20]:
        for _ in range(3):
            notify(Kind.CHASED, on=ON, agencies=[pk])
    yield list(Notice.objects.values_list("pk", flat=True))
    Notice.objects.all().delete()


def test_of_many_that_gather_at_once_each_notice_is_in_exactly_one_letter(crowd: list[int]) -> None:
    together = Barrier(GATHERERS)

    def gather_at_once(_: int) -> int:
        try:
            together.wait(10)
            return gather_notices(ON)
        finally:
            connection.close()

    with ThreadPoolExecutor(GATHERERS) as threads:
        made = sum(threads.map(gather_at_once, range(GATHERERS)))
    assert made == Delivery.objects.count()
    assert not Notice.objects.to_mail().exists()
    held = [pk for delivery in Delivery.objects.all() for pk in delivery.notices.values_list("pk", flat=True)]
    assert sorted(held) == sorted(crowd)
    assert not Delivery.objects.filter(notices=None).exists(), "nobody leaves an empty letter behind"


def test_gathering_again_after_another_did_makes_nothing(cast: Cast, opened: ReformList) -> None:
    told(cast.agency)
    assert [gather_notices(ON), gather_notices(ON), Delivery.objects.count()] == [1, 0, 1]


# What the database refuses ------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["nobody", "both"])
def test_reminders_go_to_an_agency_and_a_letter_to_one_addressee(cast: Cast, who: str) -> None:
    now = timezone.now()
    facts: dict[str, Any] = {"on": ON, "message_id": "<x@test>", "next_try_at": now, "created_at": now}
    both = {"kind": "notices", "agency": cast.agency, "user": cast.reporter}
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(**facts, **(both if who == "both" else {}))


# The record ---------------------------------------------------------------------------------------


def test_the_record_shows_both_kinds_and_can_be_filtered(
    few: ReformList, cast: Cast, led: Measure, client: Any, mailoutbox: Mailbox
) -> None:
    told(cast.agency, measure=led)
    notify(Kind.HANDED_OVER, on=ON, users=[cast.reporter.pk], facts={"from": "林填报"})
    notify(Kind.DISPOSED, on=ON, office=True)
    sweep(ON)
    client.force_login(cast.supervisor, backend="agencies.people.sign_in.PasswordBackend")
    counts = [len(client.get(f"/reminders/?kind={kind}").context["page"].object_list) for kind in ("", "notices")]
    assert counts == [6, 3]
    text = client.get("/reminders/?kind=notices").content.decode()
    assert "【到期提醒】" not in text
    for addressee in ("市交通运输局", str(cast.reporter), "市营商环境改革专班办公室"):
        assert f'<td lang="zh-CN">{addressee}</td>' in text


def test_the_page_of_a_letter_shows_the_notices_in_it(
    cast: Cast, led: Measure, opened: ReformList, client: Any, mailoutbox: Mailbox
) -> None:
    told(cast.agency, measure=led)
    sweep(ON)
    client.force_login(cast.supervisor, backend="agencies.people.sign_in.PasswordBackend")
    text = client.get(f"/reminders/{Delivery.objects.get().pk}/").content.decode()
    assert "包含的消息" in text
    assert "包含的提醒" not in text
    assert f'href="/measures/{led.pk}/"' in text
