"""Run as a program: the portal's own command line with one of its guards off, to show that the guard is needed.

python -m tests.config.careless fresh-ids worker …     each try to send has a Message-ID of its own
python -m tests.config.careless claims …               as it is, but slower between looking and claiming
python -m tests.config.careless no-claims …            looks, and then takes what it saw without looking again
"""

import datetime as dt
import sys
import time
from collections.abc import Callable, Collection

import django
from django.conf import settings
from django.core.management import call_command
from django.db.models.functions import Now

PAUSE = 0.02


def with_fresh_ids() -> None:
    from reforms.models import Delivery
    from reforms.reminders.letters import Letter
    from reforms.reminders.sending.gathering import new_message_id
    from reforms.reminders.sending.transport import Mailer

    as_it_is = Mailer.__call__

    def send(self: Mailer, delivery: Delivery, letter: Letter) -> None:
        delivery.message_id = new_message_id()
        as_it_is(self, delivery, letter)

    Mailer.__call__ = send  # type: ignore[method-assign]


def with_slow_claims() -> None:
    from reforms.models import DeliveryQuerySet

    as_it_is = DeliveryQuerySet.claim

    def claim(self: DeliveryQuerySet, pk: int) -> bool:
        time.sleep(PAUSE)
        return as_it_is(self, pk)

    DeliveryQuerySet.claim = claim  # type: ignore[method-assign]


def without_claims() -> None:
    from reforms.models import Delivery, DeliveryCopy, DeliveryQuerySet
    from reforms.reminders.sending import copies

    as_it_is = copies.to_send

    def to_send(delivery: Delivery, recipients: Collection[str]) -> list[DeliveryCopy]:
        as_it_is(delivery, recipients)
        return list(delivery.copies.exclude(state="sent"))

    copies.to_send = to_send
    copies.begin = lambda copy: bool(DeliveryCopy.objects.filter(pk=copy.pk).update(state="transmitting"))
    copies.cut_off = lambda _delivery: None

    def claim(self: DeliveryQuerySet, pk: int) -> bool:
        time.sleep(PAUSE)
        self.filter(pk=pk).update(state="sending", lease_until=Now() + dt.timedelta(seconds=settings.DELIVERY_LEASE))
        return True

    DeliveryQuerySet.claim = claim  # type: ignore[method-assign]


WAYS: dict[str, Callable[[], None]] = {
    "fresh-ids": with_fresh_ids,
    "claims": with_slow_claims,
    "no-claims": without_claims,
}


def main(way: str, *arguments: str) -> None:
    django.setup()
    WAYS[way]()
    if arguments[0] == "worker":
        from config.celery import app

        app.worker_main(list(arguments))
    else:
        call_command(*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
