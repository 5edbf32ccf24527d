"""督办联系人: whom one may ask stands in every letter; where answers go, and by what mailboxes sort."""

from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives

from agencies.models import Agency
from reforms.models import Measure, Notice, ReformList
from reforms.notices.notify import notify
from reforms.reminders.letters import contacts_of
from reforms.reminders.sending.outbox import sweep
from tests.conftest import ON

Mailbox = list[EmailMultiAlternatives]


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        ([("甲", "", "")], []),
        ([("甲", "张三", "12345")], ["督办联系人：张三，电话：12345"]),
        ([("甲", "张三", "")], ["督办联系人：张三"]),
        ([("甲", "", "12345")], ["督办联系人：市营商环境改革专班办公室，电话：12345"]),
        ([("甲", "张三", "12345"), ("乙", "张三", "12345")], ["督办联系人：张三，电话：12345"]),
        (
            [("甲", "张三", "1"), ("乙", "李四", "2"), ("丙", "", "")],
            ["《甲》督办联系人：张三，电话：1", "《乙》督办联系人：李四，电话：2"],
        ),
    ],
)
def test_contacts_are_named_once_or_with_their_lists(lists: list[tuple[str, str, str]], said: list[str]) -> None:
    rows = [ReformList(title=title, contact=contact, contact_phone=phone) for title, contact, phone in lists]
    assert contacts_of(rows) == said


def test_reminders_and_notices_name_the_contact(
    few: ReformList, transport: Agency, led: Measure, mailoutbox: Mailbox, settings: Any
) -> None:
    settings.MAIL_REPLY_TO = "ducha@example.org"
    ReformList.objects.update(contact="张三", contact_phone="0755-12345678")
    notify(Notice.Kind.CHASED, on=ON, agencies=[transport.pk], measure=led, facts={"count": 1})
    sweep(ON)
    assert len(mailoutbox) == 4
    for message in mailoutbox:
        sent = message.message()
        assert sent["Reply-To"] == "ducha@example.org"
        assert sent["List-Id"] == "<reform-tracker.127.0.0.1>"
        assert sent["Auto-Submitted"] == "auto-generated"
        assert sent["Date"].endswith("+0800")
        html = str(message.alternatives[0].content)  # type: ignore[attr-defined]
        assert "督办联系人：张三，电话：0755-12345678" in message.body
        assert "督办联系人：张三，电话：0755-12345678" in html


def test_answers_go_to_the_sender_where_nothing_is_set(few: ReformList, mailoutbox: Mailbox) -> None:
    sweep(ON)
    assert mailoutbox[0].message()["Reply-To"] is None
