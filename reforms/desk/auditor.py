"""The auditor's desk: whether the change log is whole, then what weighty acts came into it lately, then all of it."""

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
from reforms.history.weighty import WEIGHTY

# How many days back one may look, today included; the first where nothing is chosen and nobody was here before.
PERIODS = (7, 1, 30, 365)


@dataclass(frozen=True, slots=True)
class Entries:
    """How many entries there are of some kind or time, and the address of just these; `why` says what to look for."""

    label: str
    count: int
    address: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditorDesk:
    """`unverified` came after the last verification (None where there was none), `lately` in the last `days`, today
    included, of which `since` is the first, or since the last visit (`days` is None); in real time. `visited` is when
    that was, None for the first."""

    log: LogState
    unverified: Entries | None
    visited: dt.datetime | None
    days: int | None
    since: dt.date
    weighty: Sequence[Entries]
    lately: Entries
    kinds: Sequence[Entries]

    @property
    def periods(self) -> Sequence[int]:
        """How many days can be chosen, the fewest first."""
        return sorted(PERIODS)


def auditor_desk(who: Principal, days: str = "", visited: dt.datetime | None = None) -> AuditorDesk | None:
    """The desk of somebody who reads the log and was here before at `visited`: of as many `days` as an address says,
    else since then; None for others."""
    if not may(who, Verb.READ_LOG):
        return None
    chosen = next((one for one in PERIODS if str(one) == days), None if visited else PERIODS[0])
    if visited and chosen is None:
        since, begins = timezone.localdate(visited), visited.isoformat()
    else:
        since = timezone.localdate() - dt.timedelta(days=(chosen or PERIODS[0]) - 1)
        begins = since.isoformat()
    period, log = {"recorded_after": begins}, log_state()
    return AuditorDesk(
        visited=visited,
        log=log,
        unverified=_all({"recorded_after": log.check.checked_at.isoformat()}) if log.check else None,
        days=chosen,
        since=since,
        weighty=_weighty(period),
        lately=_all(period),
        kinds=_by_kind(period),
    )


def _all(query: dict[str, str]) -> Entries:
    return Entries("", _asked(query).count(), _address(query))


def _weighty(query: dict[str, str]) -> list[Entries]:
    """Those kinds of which there is any, in the order of their weight."""
    acts = (action for one in WEIGHTY.values() for action in one.actions)
    counts = _counts(_asked(query).filter(action__in=list(acts)), "action")
    found = ((code, one, sum(counts.get(action, 0) for action in one.actions)) for code, one in WEIGHTY.items())
    return [
        Entries(str(one.label), count, _address({"weighty": code, **query}), str(one.why))
        for code, one, count in found
        if count
    ]


def _by_kind(query: dict[str, str]) -> list[Entries]:
    counts = _counts(_asked(query), "kind")
    return [
        Entries(str(kind.label), counts[code], _address({"kind": code, **query}))
        for code, kind in KINDS.items()
        if code in counts
    ]


def _counts(changes: QuerySet[Change], by: str) -> dict[str, int]:
    return dict(changes.values_list(by).annotate(n=Count("pk")).values_list(by, "n"))


def _asked(query: dict[str, str]) -> QuerySet[Change]:
    """What the page of that address shows, unordered."""
    filters = AuditFilter.read(QueryDict(urlencode(query)))
    filters.is_valid()
    return filters.changes().order_by()


def _address(query: dict[str, str]) -> str:
    return f"{reverse('audit')}?{urlencode(query)}"
