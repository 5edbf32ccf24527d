"""People kept by several at once. These tests empty the database, and make what they need."""

import contextlib
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from agencies.access import PORTAL
from agencies.models import Membership, Role, User
from agencies.people import accounts as people
from agencies.people.accounts import set_active
from agencies.people.codes import CodeIsGone, find_code, issue_codes, use_code
from tests.conftest import ON, PersonMaker
from tests.threads import in_thread, on_postgresql, until_held_or_done

ENOUGH = 20.0

pytestmark = [
    pytest.mark.django_db(transaction=True),
    on_postgresql,
]


def shut_each_other_out(one: User, other: User) -> None:
    """Two administrators shut each other out, the second while the first has not ended."""
    begun, may_end = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            set_active(other, active=False, who=PORTAL, on=ON)
            begun.set()
            may_end.wait(ENOUGH)

    def second() -> None:
        with contextlib.suppress(ValidationError):
            set_active(one, active=False, who=PORTAL, on=ON)

    slow = in_thread(first)
    assert begun.wait(ENOUGH)
    quick = in_thread(second)
    until_held_or_done(quick)
    may_end.set()
    for thread in (slow, quick):
        thread.join(ENOUGH)
        assert not thread.is_alive()


def active_administrators() -> int:
    return Membership.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True).count()


@pytest.fixture
def two(person: PersonMaker) -> tuple[User, User]:
    return person(Role.ADMINISTRATOR, username="one"), person(Role.ADMINISTRATOR, username="other")


def test_of_two_administrators_who_shut_each_other_out_one_stays(two: tuple[User, User]) -> None:
    shut_each_other_out(*two)
    assert active_administrators() == 1


def test_both_would_go_if_they_were_only_counted(two: tuple[User, User], monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""

    def counted() -> list[Membership]:
        return list(Membership.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True))

    monkeypatch.setattr(people, "lock_administrators", counted)
    shut_each_other_out(*two)
    assert active_administrators() == 0


def test_somebody_shut_out_at_this_moment_gets_in_by_no_code(person: PersonMaker) -> None:
    user = person(Role.VIEWER)
    slip = issue_codes([user.pk], who=PORTAL, on=ON)[0]
    found = find_code(user.username, slip.code)
    assert found
    ended: list[bool] = []

    def use() -> None:
        try:
            use_code(found, "a new passphrase 7", on=ON)
        except CodeIsGone:
            ended.append(True)

    with transaction.atomic():
        set_active(user, active=False, who=PORTAL, on=ON)
        thread = in_thread(use)
        until_held_or_done(thread)
    thread.join(ENOUGH)
    user.refresh_from_db()
    assert ended == [True]
    assert not user.has_usable_password()
