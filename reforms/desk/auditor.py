"""The auditor's desk: whether the change log is whole, and what came into it lately, by kind."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from agencies.access import Principal, Verb, may
from agencies.log.check import LogState, log_state
from agencies.models import Change
from reforms.history.audit import AuditFilter
from reforms.history.objects import KINDS

DAYS = 7


@dataclass(frozen=True, slots=True)
class Entries:
    """How many entries there are of some kind or time, and the address of just these."""

    label: str
    count: int
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditorDesk:
    """`unverified` came after the last verification (None where there was none), `lately` in the last seven days, today
    included, of which `since` is the first; in real time."""

    log: LogState
    unverified: Entries | None
    since: dt.date
    lately: Entries
    kinds: Sequence[Entries]


def auditor_desk(who: Principal) -> AuditorDesk | None:
    """The desk of somebody who reads the log; None for others."""
    if not may(who, Verb.READ_LOG):
        return None
    since, log = timezone.localdate() - dt.timedelta(days=DAYS - 1), log_state()
    of_kinds = _by_kind({"recorded_after": since.isoformat()})
    return AuditorDesk(
        log=log,
        unverified=_all({"recorded_after": log.check.checked_at.isoformat()}) if log.check else None,
        since=since,
        lately=_all({"recorded_after": since.isoformat()}),
        kinds=of_kinds,
    )


def _all(query: dict[str, str]) -> Entries:
    return Entries("", _asked(query).count(), _address(query))


def _by_kind(query: dict[str, str]) -> list[Entries]:
    counts = dict(_asked(query).values_list("kind").annotate(n=Count("pk")).values_list("kind", "n"))
    return [
        Entries(str(kind.label), counts[code], _address({"kind": code, **query}))
        for code, kind in KINDS.items()
        if code in counts
    ]


def _asked(query: dict[str, str]) -> QuerySet[Change]:
    """What the page of that address shows, unordered."""
    filters = AuditFilter.read(QueryDict(urlencode(query)))
    filters.is_valid()
    return filters.changes().order_by()


def _address(query: dict[str, str]) -> str:
    return f"{reverse('audit')}?{urlencode(query)}"
