"""The numbers and tables of a 通报, as they are kept with it: plain values, in Chinese."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from reforms.models import Light

Lights = dict[str, int]

# As the overview's sentence goes through them.
SAID = (
    Light.STANDING,
    Light.CLOSED,
    Light.UNDER_REVIEW,
    Light.ON_TRACK,
    Light.DUE_SOON,
    Light.AWAITING_REPORT,
    Light.OVERDUE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedMeasure:
    """One measure that is named: its number (51-2 where its item has several), title, leads within the government's
    line, deadline in force (ISO 8601), and `days`: late, or to go; 0 where that is not what it is named for."""

    number: str
    title: str
    leads: list[str]
    deadline: str
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """A section or a leading agency with its measures, by light."""

    name: str
    measures: int
    lights: Lights


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """An agency that did not report in time, and on how many measures."""

    agency: str
    measures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedDeadline:
    """A deadline that was moved, from and to which day (ISO 8601), and by what."""

    number: str
    title: str
    former: str
    until: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All of a list on a day. `newly_overdue` are not overdue on the day since when `closed` are told (those that were
    kept before this was counted have 0); nor were `returned` told, claims that came back and wait to be made anew.
    `first`: no 通报 was issued before, and `closed` are those of the month before."""

    on: str
    items: int
    measures: int
    lights: Lights
    sections: list[Counts]
    agencies: list[Counts]
    overdue: list[NamedMeasure]
    behind: list[NamedMeasure]
    soon: list[NamedMeasure]
    closed: list[NamedMeasure]
    unreported: list[Silent]
    moved: list[MovedDeadline]
    newly_overdue: int = 0
    returned: list[NamedMeasure] = field(default_factory=list)
    first: bool = False

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> Self:
        """From what `as_json` gave."""
        parts = {"sections": Counts, "agencies": Counts, "unreported": Silent, "moved": MovedDeadline}
        parts |= dict.fromkeys(("overdue", "behind", "soon", "closed", "returned"), NamedMeasure)
        return cls(**{name: _read(parts.get(name), value) for name, value in kept.items()})

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    def light(self, light: Light) -> int:
        """How many show it."""
        return self.lights.get(light.value, 0)

    @property
    def settled(self) -> int:
        """In place or closed."""
        return self.light(Light.CLOSED) + self.light(Light.STANDING)


def _read(part: Any, value: Any) -> Any:
    return [part(**one) for one in value] if part else value
