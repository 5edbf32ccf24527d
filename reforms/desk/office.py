"""督办 office's own desk: what waits for the office, by kind, each number with the rows behind it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from django.db.models import Count, Model, Q, QuerySet

from agencies.access import Principal, Verb, may
from agencies.models import Agency
from reforms.columns.kept import columns
from reforms.models import Extension, ListEdition, Matter, ProgressReport, SupervisionOrder
from reforms.reminders.owed import OrderDue, orders_due
from reforms.reminders.sending.copies import stopped_letters
from reforms.reminders.sending.heartbeat import Heartbeat, heartbeat
from reforms.reports.acknowledge import editions_in_force, given_on, waiting_pairs
from reforms.reports.owed import OwedReports
from reforms.reports.periods import Owing

SHOWN = 10
ORDER_STATES = {"drafts": "draft", "submitted": "submitted", "issued": "issued"}
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class DeskCount(Generic[Row]):
    """How many wait, and the first of them."""

    count: int
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class NotTaken:
    """An edition in force (with its list), since when agencies are asked to take note of it (None: the log does not
    say), and those with duties in it that have not."""

    edition: ListEdition
    since: dt.date | None
    agencies: Sequence[Agency]


@dataclass(frozen=True, slots=True)
class NotTakenAtAll:
    """Pairs of an agency and an edition, and editions, how many there are; `first` are the latest of the editions."""

    pairs: int
    editions: int
    first: Sequence[NotTaken]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCounts:
    """督办单 that wait to be sent up, to be signed, and to be answered, of those how many are late."""

    drafts: int
    submitted: int
    issued: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeDesk:
    """`late` and `silent` are agencies with how many measures they owe a report on (see reforms.reports.periods),
    `late_of` the duties behind the former, `orders_due` those to which a 督办单 is to be drafted; `stopped` counts
    letters that somebody did not get.
    """

    claims: DeskCount[ProgressReport]
    extensions: DeskCount[Extension]
    matters: DeskCount[Matter]
    late: Sequence[Owing]
    late_of: OwedReports
    silent: Sequence[Owing]
    not_taken: NotTakenAtAll
    orders_due: Sequence[OrderDue]
    orders: OrderCounts

    beat: Heartbeat
    stopped: int

    @property
    def to_order(self) -> int:
        """Duties about which a 督办单 is to be drafted, of all agencies together."""
        return sum(one.count for one in self.orders_due)

    @property
    def late_duties(self) -> int:
        """Of all agencies together."""
        return sum(owing.count for owing in self.late)

    @property
    def silent_duties(self) -> int:
        """Of all agencies together."""
        return sum(owing.count for owing in self.silent)


def office_groups(who: Principal, on: dt.date) -> OfficeDesk | None:
    """The desk of somebody who reviews or steers; None for others. A constant number of queries."""
    if not (may(who, Verb.STEER) or may(who, Verb.REVIEW)):
        return None
    owing = OwedReports.on(on)
    # Of the silent those whose deadline has passed as well: both come of one reading of who owes.
    late = owing.of_late_claimants()
    beside = ("measure__item", "agency")
    claims = ProgressReport.objects.in_queue("under_review").select_related(*beside)
    asked = Extension.objects.in_queue("under_review").select_related(*beside)
    return OfficeDesk(
        # In the order of the queue: by the day on which each reached the office.
        claims=_waiting(claims.order_by("claimed_on", "pk")),
        extensions=_waiting(asked.order_by("pk")),
        matters=_waiting(Matter.objects.waiting().select_related(*beside)),
        late=late.by_agency(),
        late_of=late,
        silent=owing.by_agency(),
        not_taken=_not_taken(),
        orders_due=orders_due(on),
        orders=_orders(on),
        beat=heartbeat(),
        stopped=stopped_letters(on).count(),
    )


def _waiting(rows: "QuerySet[Row]") -> DeskCount[Row]:
    return DeskCount(rows.count(), list(rows[:SHOWN]))


def _orders(on: dt.date) -> OrderCounts:
    # The day itself is in time.
    late = Q(state="issued", reply_by__lt=on)
    states = {name: Count("pk", filter=Q(state=state)) for name, state in ORDER_STATES.items()}
    return OrderCounts(**SupervisionOrder.objects.in_work().aggregate(**states, late=Count("pk", filter=late)))


def _not_taken() -> NotTakenAtAll:
    now = columns()
    lists, agencies = waiting_pairs(now)
    waiting = set(np.unique(lists).tolist())
    latest = [edition for of_list, edition in editions_in_force(now).items() if of_list in waiting][:SHOWN]
    editions = ListEdition.objects.filter(pk__in=latest).select_related("reform_list")
    first = sorted(editions, key=lambda one: latest.index(one.pk))
    since = given_on(first)
    held = {one.reform_list_id: agencies[lists == one.reform_list_id].tolist() for one in first}
    named = Agency.objects.in_bulk({pk for those in held.values() for pk in those})
    return NotTakenAtAll(
        len(lists),
        len(waiting),
        [NotTaken(one, since.get(one.pk), [named[pk] for pk in held[one.reform_list_id]]) for one in first],
    )
