"""A list with its reminders on, and short ways to say what a test needs."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from agencies.models import Agency
from reforms.models import Delivery, Duty, Measure, Notice, ReformList, Reminder
from tests.conftest import ON, SLUG, import_real_list


@pytest.fixture
def switched_on(reform_list: ReformList) -> ReformList:
    """The list with its reminders on from 2022-06-15; every agency has an address."""
    switch_on(reform_list)
    return reform_list


def switch_on(reform_list: ReformList) -> None:
    reform_list.reminders_on, reform_list.reminders_from = True, ON
    reform_list.save()
    number = Cast("pk", CharField())
    Agency.objects.update(email=Concat(Value("agency-"), number, Value("@example.org"), output_field=CharField()))


@pytest.fixture
def few(switched_on: ReformList, transport: Agency) -> ReformList:
    """The same with two measures, of items 51 and 101, alone: 4 reminders for 3 agencies.

    市交通运输局 leads 51 by itself and 101 together with 深圳海关, where 市口岸办 helps.
    """
    kept = Measure.objects.held_by([transport.pk], "lead").filter(item__number__in=(51, 101))
    Measure.objects.exclude(pk__in=list(kept.values_list("pk", flat=True))).update(disposition="withdrawn")
    return switched_on


@pytest.fixture
def reminded(switched_on: ReformList, transport: Agency, led: Measure) -> Reminder:
    """The only reminder there is: 市交通运输局 is owed one about `led`, 15 days before 2022-06-30. Nobody else
    has anything left to do."""
    Duty.objects.exclude(measure=led, agency=transport).update(status="closed")
    ReformList.objects.update(report_every="never", standing_every="never")
    return Reminder.objects.create(
        measure=led,
        agency=transport,
        deadline=dt.date(2022, 6, 30),
        stage="before_15",
        due_on=ON,
        created_at=timezone.now(),
    )


def new_delivery(agency: Agency, *, state: str = "pending", due_in: int = -1, lease: int | None = None) -> Delivery:
    """A digest to claim: due `due_in` seconds from now, held for `lease` more seconds (negative: until then)."""
    now = timezone.now()
    return Delivery.objects.create(
        agency=agency,
        on=ON,
        state=state,
        message_id=f"<{Delivery.objects.count()}-{agency.pk}@example.org>",
        next_try_at=now + dt.timedelta(seconds=due_in),
        lease_until=None if lease is None else now + dt.timedelta(seconds=lease),
        created_at=now,
    )


@pytest.fixture
def committed(django_db_blocker: Any, django_db_setup: None) -> Iterator[ReformList]:
    """The list with its reminders on, committed for other threads to see; taken back afterwards. PostgreSQL only."""
    if connection.vendor != "postgresql":
        pytest.skip("the threads of one SQLite test database in memory share a connection's lock")
    with django_db_blocker.unblock():
        # Tests that flush the database may have run before.
        reform_list = ReformList.objects.filter(slug=SLUG).first() or import_real_list()
        switch_on(reform_list)
        yield reform_list
        Notice.objects.all().delete()
        Reminder.objects.all().delete()
        Delivery.objects.all().delete()
        Agency.objects.update(email="")
        ReformList.objects.update(reminders_on=False, reminders_from=None)
        connection.close()
