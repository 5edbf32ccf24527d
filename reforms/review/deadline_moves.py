"""延期 and 时限调整 of a measure as one history of its deadline."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from agencies.models import Agency
from reforms.models import DeadlineAdjustment, Extension, Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A deadline that was moved, or was asked to be. Texts and names are empty where they may not be read.

    `extension` is None for the office's own adjustment."""

    on: dt.date
    what: str
    agency: Agency | None
    former: dt.date | None
    until: dt.date
    state: str
    reason: str = ""
    decision: str = ""
    who: str = ""
    extension: Extension | None = None


def moves_of(measure: Measure, *, everything: bool, agencies: frozenset[int] = frozenset()) -> list[Move]:
    """How the deadline was moved or asked to be, newest first: to whoever reads everything all that left its agency, to
    `agencies` their own (unsigned ones too), to others only that it was moved, from when and to when."""
    asked = Extension.objects.filter(measure=measure).select_related("agency")
    found = [_of_extension(one, told=_told(one, everything=everything, agencies=agencies)) for one in asked]
    adjusted = DeadlineAdjustment.objects.filter(measure=measure)
    moves = [move for move in found if move] + [
        _of_adjustment(one, told=everything or bool(agencies)) for one in adjusted
    ]
    return sorted(moves, key=lambda move: move.on, reverse=True)


def _told(extension: Extension, *, everything: bool, agencies: frozenset[int]) -> bool:
    # Neither has left its agency: the lead and the office do not read it.
    inside = extension.state in (Extension.State.AWAITING_SIGNATURE, Extension.State.SENT_BACK)
    return extension.agency_id in agencies or (everything and not inside)


def _of_extension(extension: Extension, *, told: bool) -> Move | None:
    if not told and not extension.granted:
        return None
    moved = Move(
        on=extension.decided_on if extension.granted and extension.decided_on else extension.on,
        what=_("延期申请"),
        agency=extension.agency,
        former=extension.former,
        until=extension.granted or extension.proposed,
        state=extension.get_state_display(),
    )
    if not told:
        return moved
    return replace(
        moved,
        reason=extension.reason,
        decision=extension.decision,
        who=extension.decided_by or extension.author,
        extension=extension,
    )


def _of_adjustment(adjustment: DeadlineAdjustment, *, told: bool) -> Move:
    return Move(
        on=adjustment.on,
        what=_("时限调整"),
        agency=None,
        former=adjustment.former,
        until=adjustment.deadline,
        state=_("已调整"),
        reason=adjustment.reason if told else "",
        decision=adjustment.reference if told else "",
        who=adjustment.author if told else "",
    )


def times_moved(moves: Sequence[Move]) -> int:
    """How often the deadline was moved."""
    return sum(1 for move in moves if move.extension is None or move.extension.granted)
