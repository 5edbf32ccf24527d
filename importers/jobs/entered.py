"""What a person decides about an import: ticks, what unseen agencies are, what unclear cells mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from importers.plans.answers import Answer
from importers.plans.plan import Decline


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Only what differs from what was shown, so that it takes back nothing that somebody else entered meanwhile.

    `ticks` says of a change whether it is declined; `whole` of every change (None: of none). `agencies` holds `new` or
    the id of the agency an unseen name belongs to.
    """

    ticks: Mapping[Decline, bool] = field(default_factory=dict)
    whole: bool | None = None
    agencies: Mapping[str, str | int] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()

    @property
    def needs_another_look(self) -> bool:
        """Whether the import means something else than was shown, apart from which changes are made."""
        return bool(self.agencies or self.answers)


def name_of(change: Decline) -> str:
    """What a change is called in forms: it stays the same when the plan is made again."""
    return f"{change.of}-{change.number}"


def named(name: str) -> Decline | None:
    """The change of that name; None when it is none."""
    of, _, number = name.partition("-")
    if not is_number(number):
        return None
    return Decline("row", int(number)) if of == "row" else Decline("measure", int(number)) if of == "measure" else None


def is_number(text: str) -> bool:
    """Whether a text is a number that every database can hold: no superscript, no digit of another script."""
    return text.isascii() and text.isdecimal() and len(text) < 10
