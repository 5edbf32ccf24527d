"""Taking an edition back in two steps, whichever way it goes: what it would change, as a page shows it, and the act.

The edition before comes into force again (`revert`); a list's only edition goes with its list (`undo`).
"""

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from agencies.access import Principal
from agencies.lib.progress import Progress, unwatched
from importers.editions.apply import BaseMoved, NamesGone, NotAsShown, NothingBefore, plan_revert, revert
from importers.editions.refusals import Refused
from importers.editions.undo import Undone, undo_first_import, would_undo
from importers.models import EditionJob
from importers.plans.plan import Plan
from reforms.models import ListEdition

# So many of each kind are named on the page.
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class Named:
    """A measure that would change."""

    measure: int
    item_no: int | None
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldRevert:
    """What going back to the edition numbered `before` changes; the first of each kind by name."""

    before: int
    changed: int
    withdrawn: int
    first_changed: list[Named]
    first_withdrawn: list[Named]

    @classmethod
    def of(cls, plan: Plan, before: ListEdition) -> "WouldRevert":
        """As a plan of going back says."""
        changed = [Named(one.known.id, one.printed.item_no, one.printed.item_title) for one in plan.changed]
        withdrawn = [Named(one.id, one.item_no, one.item_title) for one in plan.withdrawn]
        return cls(
            before=before.number,
            changed=len(changed),
            withdrawn=len(withdrawn),
            first_changed=changed[:MOST_NAMED],
            first_withdrawn=withdrawn[:MOST_NAMED],
        )


@dataclass(frozen=True, slots=True)
class ShownTakingBack:
    """What a person is shown, as plain values, and the key by which what they confirm is recognised."""

    facts: dict[str, Any]
    key: str


def look(edition: ListEdition, kind: EditionJob.Kind) -> ShownTakingBack:
    """What taking it back would change. Raises Refused."""
    return _look_at_revert(edition) if kind == EditionJob.Kind.REVERT else _of_undone(would_undo(edition))


def way_back(edition: ListEdition) -> EditionJob.Kind:
    """A list's only edition has none to go back to: it goes with its list, or not at all."""
    only = edition.before() is None and edition.is_in_force
    return EditionJob.Kind.UNDO if only else EditionJob.Kind.REVERT


def take_back(
    edition: ListEdition,
    kind: EditionJob.Kind,
    *,
    shown: str,
    who: Principal,
    on: dt.date,
    progress: Progress = unwatched,
) -> None:
    """Do what was shown under the key `shown`, whole or not at all. Raises Refused, and what `progress` raises."""
    with transaction.atomic():
        if kind == EditionJob.Kind.UNDO:
            _undo(edition, shown=shown, who=who, on=on)
        else:
            _revert(edition, shown=shown, who=who, on=on, progress=progress)


def _look_at_revert(edition: ListEdition) -> ShownTakingBack:
    try:
        plan, before = plan_revert(edition)
    except NothingBefore as hindrance:
        raise Refused("moved") from hindrance
    return ShownTakingBack(asdict(WouldRevert.of(plan, before)), plan.digest)


def _revert(edition: ListEdition, *, shown: str, who: Principal, on: dt.date, progress: Progress) -> None:
    try:
        revert(edition, who=who, on=on, shown=shown, progress=progress)
    except (BaseMoved, NothingBefore) as hindrance:
        raise Refused("moved") from hindrance
    except NotAsShown as hindrance:
        raise Refused("not_as_shown") from hindrance
    except NamesGone as gone:
        raise Refused("names_gone", gone.names) from gone


def _of_undone(undone: Undone) -> ShownTakingBack:
    facts = {"title": undone.title, "measures": undone.measures, "agencies": list(undone.agencies)}
    return ShownTakingBack(facts, hashlib.sha256(json.dumps(facts).encode()).hexdigest())


def _undo(edition: ListEdition, *, shown: str, who: Principal, on: dt.date) -> None:
    # The transaction around it takes back what was more or less than was shown.
    if _of_undone(undo_first_import(edition, who=who, on=on)).key != shown:
        raise Refused("not_as_shown")
