"""Letters in English for whoever chose that: the same numbers, no Chinese of ours; other letters stay as they were."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from agencies.models import Agency, Language, Role, User
from reforms.lib.words import opening_text
from reforms.models import Delivery, DeliveryCopy, Measure, Notice, ReformList, Reminder
from reforms.office.chasing import chase
from reforms.reminders.asks import asks_of, owed_asks
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.digest import compose, duties_told
from reforms.reminders.letters import Letter
from reforms.reminders.notices import compose as letter_of_notices
from reforms.reminders.owed import owed_on
from reforms.reminders.sending.outbox import sweep
from tests.conftest import ON, PersonMaker
from tests.reforms.notices.test_inbox import READ
from tests.reforms.people import Cast, acting

Mailbox = list[EmailMultiAlternatives]
JULY_20, AUGUST_1 = dt.date(2022, 7, 20), dt.date(2022, 8, 1)


@pytest.fixture
def english(person: PersonMaker, transport: Agency) -> User:
    """A reporter of 市交通运输局 who chose English; the agency has an English name."""
    Agency.objects.filter(pk=transport.pk).update(name_en="Transport Bureau")
    transport.refresh_from_db()
    reader = person(Role.REPORTER, agency=transport, username="smith")
    reader.language = Language.ENGLISH
    reader.save()
    return reader


def chinese_in(letter: Letter, quoted: Iterable[str]) -> list[str]:
    """What is Chinese in subject, text and page besides what is quoted."""
    said = f"{letter.subject}\n{letter.text}\n{letter.html}"
    for words in sorted({" ".join(one.split()) for one in quoted if one}, key=len, reverse=True):
        said = said.replace(words, "")
    return re.findall("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+", said)


def titles() -> list[str]:
    """What of a list letters quote: titles, and how texts begin."""
    openings = [opening_text(text) for text in Measure.objects.values_list("text", flat=True)]
    titles_of = (Measure.objects, ReformList.objects)
    return [*openings, *(title for known in titles_of for title in known.values_list("title", flat=True))]


def digest_in_english(agency: Agency, on: dt.date) -> Letter:
    """With what is asked for beside deadlines."""
    owed = [one for one in owed_on(on) if one.agency_id == agency.pk]
    asks = asks_of(owed_asks(on, WorkingDays.stored()), on, language="en").get(agency.pk, [])
    duties = duties_told(agency, ReformList.objects.values_list("pk", flat=True), on)
    return compose(agency, owed, duties, on, asks=asks, language="en")


# What it says -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "subject"),
    [
        (ON, "[Deadline reminder] Transport Bureau: 5 measures are due 30 June (3 as lead, 2 as responsible)"),
        (dt.date(2022, 7, 1), "[Overdue] Transport Bureau: 5 measures are overdue, by up to 1 day"),
        (JULY_20, "[Overdue] Transport Bureau: 5 measures are overdue, by up to 20 days"),
    ],
)
def test_a_digest_says_the_same_numbers(
    switched_on: ReformList, transport: Agency, english: User, day: dt.date, subject: str
) -> None:
    letter = digest_in_english(transport, day)
    assert letter.subject == subject
    office = "市营商环境改革专班办公室"
    assert chinese_in(letter, [*titles(), office]) == []
    assert '<html lang="en">' in letter.html


def test_a_line_has_day_part_and_word(switched_on: ReformList, transport: Agency, english: User, led: Measure) -> None:
    Measure.objects.exclude(pk=led.pk).update(disposition="withdrawn")
    letter = digest_in_english(transport, ON)
    line = f"Item {led.item.number}, measure 4 {led.title} · due 30 June 2022, 15 days left · Lead"
    assert line in letter.text
    assert letter.subject.endswith("1 measure is due 30 June (1 as lead)")
    last_day = digest_in_english(transport, dt.date(2022, 6, 29))
    assert "due 30 June 2022, 1 day left · Lead" in last_day.text


def test_what_is_asked_for_is_english_too(switched_on: ReformList, transport: Agency, english: User) -> None:
    # Three working days before the 24th of June (the 25th is a Saturday).
    letter = digest_in_english(transport, dt.date(2022, 6, 21))
    assert "Progress of June to be reported by 24 June 2022" in letter.text
    assert chinese_in(letter, [*titles(), "市营商环境改革专班办公室"]) == []


def test_a_court_is_asked_in_english_as_well(switched_on: ReformList) -> None:
    court = Agency.objects.get(name="市中级法院")
    letter = digest_in_english(court, JULY_20)
    assert letter.subject.startswith(
        "[Request] Shenzhen Intermediate People's Court: kindly tell us how these are going: Item 20, Item 21"
    )
    assert chinese_in(letter, [*titles(), "市营商环境改革专班办公室"]) == []
    for word in ("overdue", "chase", "days left"):
        assert word not in (letter.subject + letter.text + letter.html).lower()


def quoted_in(facts: Any) -> Iterator[str]:
    """What somebody wrote, and names."""
    if isinstance(facts, str):
        yield facts
    elif isinstance(facts, dict | list):
        for one in facts.values() if isinstance(facts, dict) else facts:
            yield from quoted_in(one)


@pytest.mark.parametrize("outside", [False, True])
def test_no_letter_of_notices_has_chinese_of_ours(
    switched_on: ReformList, transport: Agency, english: User, led: Measure, outside: bool
) -> None:
    """All kinds there are, in one letter, of a list with a contact."""
    ReformList.objects.update(contact_phone="88123456")
    Agency.objects.filter(pk=transport.pk).update(outside_line=outside)
    now = timezone.now()
    letter = Delivery.objects.create(
        kind=Delivery.Kind.NOTICES,
        agency=transport,
        on=ON,
        message_id="<1@example.org>",
        next_try_at=now,
        created_at=now,
    )
    letter.agency = Agency.objects.get(pk=transport.pk)
    for number, (kind, facts, _read) in enumerate(READ):
        Notice.objects.create(
            kind=kind,
            agency=transport,
            measure=led,
            facts=facts,
            on=ON,
            created_at=now,
            delivery=letter,
            once=str(number),
        )
    found = letter_of_notices(letter, ON, language="en")
    assert found
    assert found.subject == f"[Reform supervision] Transport Bureau: {len(READ)} messages"
    quoted = [
        *titles(),
        "市营商环境改革专班办公室",
        *(word for _kind, facts, _read in READ for word in quoted_in(facts)),
    ]
    assert chinese_in(found, quoted) == []
    assert "Contact: 市营商环境改革专班办公室, telephone 88123456" in found.text


# Who gets it --------------------------------------------------------------------------------------


def test_each_gets_their_own_language_and_the_mailbox_chinese(
    reminded: Reminder, transport: Agency, english: User, person: PersonMaker, mailoutbox: Mailbox
) -> None:
    lin = person(Role.REPORTER, agency=transport, username="lin")
    sweep(ON)
    subjects = {message.to[0]: message.subject for message in mailoutbox}
    chinese = "【到期提醒】市交通运输局：1条举措6月30日到期（牵头1条）"
    assert subjects == {
        transport.email: chinese,
        lin.email: chinese,
        english.email: "[Deadline reminder] Transport Bureau: 1 measure is due 30 June (1 as lead)",
    }
    languages = {message.to[0]: message.message()["Content-Language"] for message in mailoutbox}
    assert languages == {transport.email: "zh-hans", lin.email: "zh-hans", english.email: "en"}
    assert Delivery.objects.get().subject == chinese, "the record is Chinese where somebody reads that"


def test_a_mailbox_that_people_share_is_written_to_in_chinese_unless_all_chose_english(
    reminded: Reminder, transport: Agency, english: User, person: PersonMaker, mailoutbox: Mailbox
) -> None:
    lin = person(Role.REPORTER, agency=transport, username="lin")
    User.objects.filter(pk=lin.pk).update(email=english.email)
    sweep(ON)
    assert all(message.subject.startswith("【到期提醒】") for message in mailoutbox)


def test_who_alone_is_written_to_is_recorded_as_written_to(
    reminded: Reminder, transport: Agency, english: User, mailoutbox: Mailbox
) -> None:
    Agency.objects.update(email="")
    sweep(ON)
    [message] = mailoutbox
    delivery = Delivery.objects.get()
    assert (message.to, delivery.subject, delivery.body) == ([english.email], message.subject, message.body)
    assert message.subject.startswith("[Deadline reminder]")


def test_a_second_copy_is_marked_in_its_language(
    reminded: Reminder, transport: Agency, english: User, mailoutbox: Mailbox
) -> None:
    sweep(ON)
    sent = Delivery.objects.get()
    a_moment_ago = timezone.now() - dt.timedelta(seconds=1)
    DeliveryCopy.objects.update(state="ambiguous", unknown_ends=1, next_try_at=a_moment_ago)
    Delivery.objects.filter(pk=sent.pk).update(state="pending", next_try_at=a_moment_ago)
    mailoutbox.clear()
    sweep(ON)
    said = {message.to[0]: message.subject for message in mailoutbox}
    assert said[transport.email].startswith("【可能重复】【到期提醒】")
    assert said[english.email].startswith("[Possible duplicate] [Deadline reminder]")


def test_the_office_s_week_and_a_chase_come_in_english(
    switched_on: ReformList, person: PersonMaker, transport: Agency, led: Measure, english: User, mailoutbox: Mailbox
) -> None:
    cast = Cast(person, transport)
    User.objects.filter(pk=cast.supervisor.pk).update(language="en")
    chase(led.pk, who=acting(cast.supervisor), on=AUGUST_1)
    sweep(AUGUST_1)
    said = {message.subject for message in mailoutbox if message.to == [english.email]}
    assert f"[Reminder] Transport Bureau: Item {led.item.number}, measure 4 {led.title}" in said
    [week] = [message for message in mailoutbox if message.to == [cast.supervisor.email]]
    assert week.subject.startswith("[")
    assert re.findall("[\u4e00-\u9fff]+", week.subject) == []
