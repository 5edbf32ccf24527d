"""The change log with several writers at once. These tests empty the database, and make what they need."""

import itertools
import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import transaction

from agencies.access import PORTAL
from agencies.log import write as log
from agencies.log.chain import first_broken
from agencies.log.write import Entry, record
from agencies.models import Change, ChangeHead
from tests.conftest import ON
from tests.threads import in_thread, on_postgresql, until_held_or_done
from tests.unlocked import log_unlocked

WRITERS, TRANSACTIONS = 6, 15
ENOUGH = 20.0

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def head() -> ChangeHead:
    """An empty log."""
    with log_unlocked():
        Change.objects.all().delete()
        return ChangeHead.objects.update_or_create(pk=1, defaults={"sequence": 0, "hash": ""})[0]


def entry(number: int = 0) -> Entry:
    """Of no measure: what is written of a measure is followed at once, which holds a row of its own."""
    return Entry(action="x", kind="agency", object_id=number, visibility=Change.Visibility.INTERNAL)


def since(sequence: int) -> list[int]:
    """What a reader finds who has read up to `sequence`."""
    return list(Change.objects.filter(sequence__gt=sequence).order_by("sequence").values_list("sequence", flat=True))


def test_it_is_written_only_inside_the_transaction_it_tells_of() -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        record([entry()], who=PORTAL, on=ON)
    assert not Change.objects.exists()


def slow_writer(done: threading.Event, may_end: threading.Event) -> Callable[[], None]:
    def write() -> None:
        with transaction.atomic():
            record([entry(1)], who=PORTAL, on=ON)
            done.set()
            may_end.wait(ENOUGH)

    return write


def quick_write() -> None:
    with transaction.atomic():
        record([entry(2)], who=PORTAL, on=ON)


def read_while_two_write() -> list[int]:
    """What a reader gets who reads forward, once while a slow writer has not ended and once after both have."""
    written, may_end = threading.Event(), threading.Event()
    slow = in_thread(slow_writer(written, may_end))
    assert written.wait(ENOUGH)
    quick = in_thread(quick_write)
    until_held_or_done(quick)
    read = since(0)
    may_end.set()
    slow.join(ENOUGH)
    quick.join(ENOUGH)
    return read + since(read[-1] if read else 0)


@on_postgresql
def test_a_reader_misses_nothing_of_writers_that_overlap() -> None:
    assert read_while_two_write() == [1, 2]


@on_postgresql
def test_a_reader_would_miss_something_if_the_head_were_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: numbers from a plain counter, as a serial column gives them."""
    numbers = itertools.count()

    def loose() -> SimpleNamespace:
        return SimpleNamespace(sequence=next(numbers), hash="", save=lambda **_kept: None)

    monkeypatch.setattr(log, "advance_head", loose)
    assert read_while_two_write() == [2]
    assert since(0) == [1, 2]


@on_postgresql
def test_many_writers_make_one_whole_chain_in_commit_order() -> None:
    def write_some() -> None:
        for number in range(TRANSACTIONS):
            with transaction.atomic():
                record([entry(number), entry(number)], who=PORTAL, on=ON)

    threads = [in_thread(write_some) for _ in range(WRITERS)]
    read: list[int] = []
    while any(thread.is_alive() for thread in threads):
        read += since(read[-1] if read else 0)
    for thread in threads:
        thread.join(ENOUGH)
    read += since(read[-1] if read else 0)
    assert read == list(range(1, WRITERS * TRANSACTIONS * 2 + 1))
    assert first_broken(Change.objects.order_by("sequence")) is None
