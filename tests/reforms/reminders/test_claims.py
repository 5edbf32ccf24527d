"""Claiming a digest: of many who try, one wins; a dead holder's is taken over, a living one's is not."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from agencies.models import Agency
from reforms.models import Delivery, ReformList, Reminder
from reforms.reminders.owed import create_owed
from reforms.reminders.sending.gathering import gather
from tests.conftest import ON
from tests.reforms.reminders.conftest import new_delivery

CLAIMERS = 8


def test_a_digest_that_is_due_can_be_claimed_once(transport: Agency) -> None:
    delivery = new_delivery(transport)
    assert Delivery.objects.claim(delivery.pk)
    assert not Delivery.objects.claim(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("sending", 1)


def test_a_claim_lasts_as_long_as_the_lease(transport: Agency, settings: object) -> None:
    settings.DELIVERY_LEASE = 120  # type: ignore[attr-defined]
    delivery = new_delivery(transport)
    Delivery.objects.claim(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.lease_until
    left = (delivery.lease_until - timezone.now()).total_seconds()
    assert 60 < left <= 121


def test_a_dead_holder_s_digest_is_taken_over(transport: Agency) -> None:
    delivery = new_delivery(transport, state="sending", lease=-1)
    assert Delivery.objects.claim(delivery.pk)


def test_a_living_holder_s_digest_is_not(transport: Agency) -> None:
    delivery = new_delivery(transport, state="sending", lease=60)
    assert not Delivery.objects.claimable().exists()
    assert not Delivery.objects.claim(delivery.pk)


def test_what_is_to_be_tried_later_waits(transport: Agency) -> None:
    delivery = new_delivery(transport, due_in=60)
    assert not Delivery.objects.claim(delivery.pk)


@pytest.mark.parametrize("state", ["sent", "dropped"])
def test_what_is_done_is_not_claimed_again(transport: Agency, state: str) -> None:
    assert not Delivery.objects.claim(new_delivery(transport, state=state).pk)


def test_nothing_is_sent_without_a_lease(transport: Agency) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        new_delivery(transport, state="sending")


def of_many(claim: Callable[[int], bool], pk: int) -> int:
    """How many of several threads, all at once, win."""
    together = Barrier(CLAIMERS)

    def attempt(_: int) -> bool:
        try:
            together.wait(10)
            return claim(pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLAIMERS) as threads:
        return sum(threads.map(attempt, range(CLAIMERS)))


def test_of_many_claimers_one_wins(committed: ReformList, transport_committed: Agency) -> None:
    for _ in range(10):
        assert of_many(Delivery.objects.claim, new_delivery(transport_committed).pk) == 1


def test_of_many_heirs_of_a_dead_holder_one_wins(committed: ReformList, transport_committed: Agency) -> None:
    for _ in range(10):
        heirless = new_delivery(transport_committed, state="sending", lease=-1)
        assert of_many(Delivery.objects.claim, heirless.pk) == 1


def test_looking_first_and_then_saving_would_let_several_win(
    committed: ReformList, transport_committed: Agency
) -> None:
    """The negative control: none saves before all have looked."""
    looked = Barrier(CLAIMERS)

    def look_then_save(pk: int) -> bool:
        delivery = Delivery.objects.claimable().filter(pk=pk).first()
        looked.wait(10)
        if delivery is None:
            return False
        delivery.state, delivery.lease_until = "sending", timezone.now() + dt.timedelta(seconds=60)
        delivery.save()
        return True

    assert of_many(look_then_save, new_delivery(transport_committed).pk) == CLAIMERS


def test_gathering_twice_at_once_makes_one_digest_for_each_agency(committed: ReformList) -> None:
    create_owed(ON)
    together = Barrier(4)

    def gather_at_once(_: int) -> int:
        try:
            together.wait(10)
            return gather(ON)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        made = sum(threads.map(gather_at_once, range(4)))
    assert made == Delivery.objects.count() == Reminder.objects.values("agency").distinct().count() == 54
    assert not Reminder.objects.filter(delivery=None).exists()


@pytest.fixture
def transport_committed(committed: ReformList) -> Agency:
    """市交通运输局, outside any transaction of the test's."""
    return Agency.objects.get(name="市交通运输局")
