"""暂不收信: whose reminders rest, who gets them meanwhile, and that nobody is left out of what reaches nobody else."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from agencies.access import Principal
from agencies.models import Agency, Change, LetterPause, Membership, Role, User
from agencies.people.pauses import pause_letters, resume_letters
from reforms.models import Measure, Notice, Reminder
from reforms.reminders.letters import people_of, recipients_of, reminded_of, with_substitutes
from reforms.reminders.sending.outbox import sweep
from reforms.reminders.stages import TOLD_FIRST, WITH_HEADS
from tests.conftest import ON, PersonMaker
from tests.reforms.reminders.test_copies import Mailbox

UNTIL = dt.date(2022, 6, 20)
Add = Callable[..., User]


@pytest.fixture
def add(transport: Agency, person: PersonMaker) -> Add:
    """Somebody of 市交通运输局, which has no address of its own."""
    Agency.objects.filter(pk=transport.pk).update(email="")
    transport.refresh_from_db()

    def made(name: str, role: Role = Role.REPORTER) -> User:
        return person(role, agency=transport, username=name)

    return made


def pause(user: User, agency: Agency, substitute: User | None = None, until: dt.date = UNTIL) -> LetterPause:
    return pause_letters(agency, until, substitute, who=Principal.of_user(user), on=ON)


def reminded(agency: Agency, roles: frozenset[Role] = TOLD_FIRST, on: dt.date = ON) -> list[str]:
    found = reminded_of(agency, roles, people_of([agency], on)).recipients
    return [address.partition("@")[0] for address in found]


def test_with_another_reporter_there_one_may_rest(add: Add, transport: Agency) -> None:
    chen, _lin = add("chen"), add("lin")
    pause(chen, transport)
    assert reminded(transport) == ["lin"]
    assert reminded(transport, on=UNTIL) == ["lin"], "up to and including that day"
    assert reminded(transport, on=UNTIL + dt.timedelta(days=1)) == ["chen", "lin"]


def test_the_last_reporter_is_told_all_the_same_and_the_letter_says_why(
    reminded: Reminder, add: Add, transport: Agency, mailoutbox: Mailbox
) -> None:
    chen = add("chen")
    add("approver", Role.APPROVER)
    pause(chen, transport)
    sweep(ON)
    (letter,) = mailoutbox
    assert letter.to == ["chen@example.org"], "this reminder is for reporters"
    assert "（至2022年6月20日）暂不收信，因没有其他可收信的人员，提醒信仍发给本人。" in letter.body


def test_an_approver_or_an_address_of_the_agency_is_no_reporter(add: Add, transport: Agency) -> None:
    chen = add("chen")
    add("approver", Role.APPROVER)
    pause(chen, transport)
    assert reminded(transport) == ["approver", "chen"]
    transport.email = "office@example.org"
    assert reminded(transport) == ["office", "approver", "chen"]


def test_somebody_who_alone_would_be_told_is_told(add: Add, transport: Agency) -> None:
    """No reporter at all: the approver who rests gets it rather than nobody."""
    approver = add("approver", Role.APPROVER)
    pause(approver, transport)
    assert reminded(transport) == ["approver"]
    transport.email = "office@example.org"
    assert reminded(transport) == ["office"]


def test_a_substitute_gets_it_instead(reminded: Reminder, add: Add, transport: Agency, mailoutbox: Mailbox) -> None:
    chen, head = add("chen"), add("head", Role.HEAD)
    pause(chen, transport, substitute=head)
    sweep(ON)
    (letter,) = mailoutbox
    assert letter.to == ["head@example.org"], "a head, whom this reminder does not tell for themselves"
    assert f"{chen}（至2022年6月20日）的信由{head}代收。" in letter.body


def test_of_a_substitute_who_left_or_rests_nothing_is_expected(add: Add, transport: Agency) -> None:
    chen, lin, wu = add("chen"), add("lin"), add("wu")
    pause(chen, transport, substitute=lin)
    pause(lin, transport)
    assert reminded(transport) == ["wu"]
    Membership.objects.filter(user=wu).delete()
    assert reminded(transport) == ["chen", "lin"], "nobody else is there"
    resume_letters(transport, who=Principal.of_user(lin), on=ON)
    Membership.objects.filter(user=lin).delete()
    assert reminded(transport) == ["chen"]


def test_a_person_of_two_roles_rests_once_for_both(add: Add, transport: Agency) -> None:
    chen = add("chen")
    add("lin")
    Membership.objects.create(user=chen, agency=transport, role=Role.APPROVER)
    pause(chen, transport)
    addressed = reminded_of(transport, TOLD_FIRST, people_of([transport], ON))
    assert addressed.recipients == ("lin@example.org",)
    assert len(addressed.held) == 1


def test_what_is_done_by_hand_goes_to_who_rests_and_to_the_substitute(
    add: Add, transport: Agency, led: Measure, mailoutbox: Mailbox
) -> None:
    chen, lin, wu = add("chen"), add("lin"), add("wu")
    pause(chen, transport, substitute=wu)
    pause(lin, transport)
    people = people_of([transport], ON)
    assert set(with_substitutes(transport, WITH_HEADS, people)) == set(recipients_of(transport, WITH_HEADS))
    Membership.objects.filter(user=wu).update(role=Role.HEAD)
    Notice.objects.create(kind="chased", agency=transport, measure=led, on=ON, created_at=timezone.now(), by_mail=True)
    led.reform_list.reminders_on, led.reform_list.reminders_from = True, ON + dt.timedelta(days=300)
    led.reform_list.save()
    sweep(ON)
    told = {address for letter in mailoutbox if "催办" in letter.subject for address in letter.to}
    assert told == {"chen@example.org", "lin@example.org", "wu@example.org"}


def test_at_most_thirty_days_in_ones_own_agency_with_somebody_of_it(
    add: Add, transport: Agency, market: Agency, person: PersonMaker
) -> None:
    chen, stranger = add("chen"), person(Role.REPORTER, agency=market, username="stranger")
    for until in (ON - dt.timedelta(days=1), ON + dt.timedelta(days=31)):
        with pytest.raises(ValidationError):
            pause(chen, transport, until=until)
    for other in (chen, stranger, add("no-mail")):
        User.objects.filter(username="no-mail").update(email="")
        with pytest.raises(ValidationError):
            pause(chen, transport, substitute=other)
    with pytest.raises(PermissionDenied):
        pause(stranger, transport)
    with pytest.raises(PermissionDenied):
        resume_letters(transport, who=Principal.of_user(stranger), on=ON)
    assert not LetterPause.objects.exists()
    assert pause(chen, transport, until=ON + dt.timedelta(days=30)).pk


def test_it_is_logged(add: Add, transport: Agency) -> None:
    chen, lin = add("chen"), add("lin")
    pause(chen, transport, substitute=lin)
    pause(chen, transport, substitute=lin)
    resume_letters(transport, who=Principal.of_user(chen), on=ON)
    assert not resume_letters(transport, who=Principal.of_user(chen), on=ON)
    first, last = Change.objects.filter(action__startswith="person.letters_").order_by("sequence")
    assert (first.action, first.agency, first.object_id) == ("person.letters_paused", transport, chen.pk)
    assert (first.after, last.before) == ({"until": "2022-06-20", "substitute": str(lin)},) * 2
