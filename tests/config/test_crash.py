"""Senders that are killed while they send: nothing is lost, nothing reaches a mailbox twice.

CRASH_KILLS says how often a worker is killed (3): before the mail server has the message, after it has it but before
the worker knows, just after, and round again.
"""

import os
import re
from collections import Counter
from itertools import cycle, islice

from tests.config.careless import WAYS
from tests.config.portal import WORKER, Portal
from tests.config.post import Moment, PostOffice
from tests.tooling.processes import eventually

KILLS = int(os.environ.get("CRASH_KILLS", "3"))
MEASURE = re.compile(r"(/measures/\d+/)")


def told(office: PostOffice) -> Counter[tuple[str, str]]:
    """How often each mailbox tells of each measure."""
    return Counter(
        (address, measure)
        for address, letters in office.mailboxes().items()
        for letter in letters.values()
        for measure in MEASURE.findall(letter.text)
    )


def kill_while_sending(portal: Portal, office: PostOffice, moment: Moment, *way: str) -> None:
    """Start a worker, wake it, and kill it at this moment of a message."""
    trap = office.set_trap(moment)
    worker = portal.start("-m", *way, *WORKER) if way else portal.start_worker()
    portal.wake()
    assert trap.sprung.wait(60), portal.said()
    worker.kill()
    worker.wait()
    trap.let_go.set()


def finish(portal: Portal, *way: str) -> None:
    """A worker that is left alone, woken until it has told everybody."""
    portal.start("-m", *way, *WORKER) if way else portal.start_worker()

    def woken_it_has_told_all() -> bool:
        portal.wake()
        return eventually(portal.has_told_all, seconds=1)

    assert eventually(woken_it_has_told_all, seconds=60), portal.said()


def test_killed_workers_lose_nothing_and_tell_nobody_twice(portal: Portal, office: PostOffice) -> None:
    for moment in islice(cycle(Moment), KILLS):
        kill_while_sending(portal, office, moment)
    assert not portal.has_told_all(), "killed while there was still something to send"
    finish(portal)
    assert told(office) == Counter(portal.owed)
    handed_over = Counter(letter.id for letter in office.letters)
    unmarked = Counter(one.id for one in office.letters if one.message["X-Possible-Duplicate"] is None)
    assert max(unmarked.values()) == 1, "every second copy is marked"
    assert KILLS < 2 or max(handed_over.values()) > 1, "a copy came again and the mailbox knew it by its Message-ID"


def test_with_a_fresh_message_id_for_each_try_a_killed_worker_tells_twice(portal: Portal, office: PostOffice) -> None:
    """The negative control: the same check sees the duplicates that the kept Message-ID prevents."""
    careless = ("tests.config.careless", "fresh-ids")
    kill_while_sending(portal, office, Moment.TAKEN, *careless)
    finish(portal, *careless)
    assert set(told(office)) == set(portal.owed)
    assert max(told(office).values()) == 2


def send_from_two_processes(portal: Portal, way: str) -> None:
    assert way in WAYS
    command = ("-m", "tests.config.careless", way, "send_reminders")
    both = [portal.start(*command, DELIVERY_LEASE="60") for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0], portal.said()


def test_two_senders_at_once_hand_each_digest_over_once(portal: Portal, office: PostOffice) -> None:
    send_from_two_processes(portal, "claims")
    handed_over = Counter(letter.id for letter in office.letters)
    assert set(handed_over.values()) == {1}
    assert told(office) == Counter(portal.owed)


def test_two_senders_that_do_not_claim_hand_digests_over_twice(portal: Portal, office: PostOffice) -> None:
    """The negative control."""
    send_from_two_processes(portal, "no-claims")
    handed_over = Counter(letter.id for letter in office.letters)
    assert max(handed_over.values()) == 2
