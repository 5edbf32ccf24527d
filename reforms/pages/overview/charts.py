"""Charts as SVG, drawn on the server. Geometry only: colours and type come from the style sheet."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reforms.catalogue.course import Course, Due, LightCount, MonthEnd
from reforms.catalogue.overview import Progress

BAR_WIDTH = 240
CHART_WIDTH, CHART_HEIGHT = 480, 200
LEFT, RIGHT, TOP, BOTTOM = 4, 4, 24, 26


@dataclass(frozen=True, slots=True)
class Segment:
    """One light's share of a bar; `at` and `size` in the units of its view box."""

    light: str
    label: str
    count: int
    at: float
    size: float


def in_segments(lights: Sequence[LightCount], length: float) -> tuple[Segment, ...]:
    """The lights that anything shows, one after the other, together as long as that."""
    total, found, at = sum(counted.count for counted in lights), [], 0.0
    for counted in lights:
        size = length * counted.count / total if total else 0
        if counted.count:
            label = str(counted.light.label)
            found.append(Segment(counted.light.value, label, counted.count, round(at, 2), round(size, 2)))
        at += size
    return tuple(found)


def bar(lights: Sequence[LightCount]) -> tuple[Segment, ...]:
    """The segments of a bar BAR_WIDTH wide."""
    return in_segments(lights, BAR_WIDTH)


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """A line of a table of progress: `query` shows its measures, `segments` are its bar."""

    subject: Any
    total: int
    lights: tuple[LightCount, ...]
    segments: tuple[Segment, ...]
    query: str


def line(progress: Progress, query: str) -> ProgressLine:
    return ProgressLine(progress.subject, progress.total, progress.lights, bar(progress.lights), query)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the axis of days, and which way its words go, so that none leaves the picture."""

    x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A deadline on the curve, and how many are due up to it."""

    x: float
    y: float
    due: Due
    planned: int


@dataclass(frozen=True, slots=True)
class End:
    """Where a stair of completion stands on the day shown: which one, how many, and the query that finds them."""

    name: str
    y: float
    count: int
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Three stairs over time: what is due, what is completed by the word of those who lead, what of that is verified;
    the latter two up to the day shown, where they have their `ends`. Coordinates in the view box."""

    width: int = CHART_WIDTH
    height: int = CHART_HEIGHT
    left: int = LEFT
    right: int = CHART_WIDTH - RIGHT
    top: int = TOP
    base: float
    first: dt.date
    last: dt.date
    planned: str
    claimed: str
    verified: str
    dots: tuple[Dot, ...]
    ends: tuple[End, ...]
    shown: Mark


def curve(course: Course, on: dt.date) -> Curve | None:
    """Measures due and measures completed, added up; None when nothing is dated."""
    deadlines, completions = course.deadlines, course.completions
    if not deadlines:
        return None
    # From the first of January, or from an earlier completion, so that all stairs begin at nothing.
    first = min([deadlines[0].first.replace(month=1, day=1), *(one.day for one in completions)])
    planned = sum(due.planned for due in deadlines)
    scale = _Scale(first, max(deadlines[-1].last, on), max(planned, course.claimed))
    dots, climbed = [], 0
    for due in deadlines:
        climbed += due.planned
        dots.append(Dot(scale.x(due.last), scale.y(climbed), due, climbed))
    return Curve(
        base=scale.y(0),
        first=first,
        last=scale.last,
        planned=scale.stair([(due.last, due.planned) for due in deadlines]),
        # A last step of nothing draws the line on to the day shown.
        claimed=scale.stair([*((one.day, one.claimed) for one in completions), (on, 0)]) if course.claimed else "",
        verified=scale.stair([*((one.day, one.verified) for one in completions), (on, 0)]) if course.verified else "",
        dots=tuple(dots),
        ends=tuple(_ends(course, scale)),
        shown=scale.mark(on),
    )


def _ends(course: Course, scale: "_Scale") -> Iterator[End]:
    if course.claimed:
        yield End("claimed", scale.y(course.claimed), course.claimed, "status=under_review&status=closed")
    if course.verified:
        yield End("verified", scale.y(course.verified), course.verified, "light=closed")


@dataclass(frozen=True, slots=True)
class _Scale:
    """From days and counts to the view box."""

    first: dt.date
    last: dt.date
    most: int

    def x(self, day: dt.date) -> float:
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(LEFT + (CHART_WIDTH - LEFT - RIGHT) * share, 1)

    def y(self, count: int) -> float:
        return round(CHART_HEIGHT - BOTTOM - (CHART_HEIGHT - TOP - BOTTOM) * count / max(self.most, 1), 1)

    def mark(self, day: dt.date) -> Mark:
        x = self.x(day)
        return Mark(x, "start" if x < CHART_WIDTH / 6 else "end" if x > CHART_WIDTH * 5 / 6 else "middle")

    def stair(self, steps: Iterable[tuple[dt.date, int]]) -> str:
        """An SVG path that climbs by each step on its day."""
        path, height = f"M{self.x(self.first):g},{self.y(0):g}", 0
        for day, count in steps:
            height += count
            path += f"H{self.x(day):g}V{self.y(height):g}"
        return path


@dataclass(frozen=True, slots=True)
class MonthColumn:
    """A month's end, or the day shown, as a column of its lights; `y` of a segment is counted from the top."""

    end: MonthEnd
    is_shown_day: bool
    x: float
    middle: float
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Columns over the months, the last of them the day shown."""

    width: int = CHART_WIDTH
    height: int = CHART_HEIGHT
    base: int = CHART_HEIGHT - BOTTOM
    column: float
    columns: tuple[MonthColumn, ...]


def trend(ends: Sequence[MonthEnd], shown: MonthEnd) -> Trend | None:
    """The ends of months and the day shown; None where there is nothing before it to compare with."""
    if not ends:
        return None
    every = [*ends, shown]
    most = max(one.total for one in every)
    step = (CHART_WIDTH - LEFT - RIGHT) / len(every)
    width = min(step * 0.72, 40)
    columns = []
    for place, end in enumerate(every):
        height = (CHART_HEIGHT - BOTTOM - 4) * end.total / max(most, 1)
        top = CHART_HEIGHT - BOTTOM - height
        segments = tuple(
            Segment(one.light, one.label, one.count, round(top + one.at, 2), one.size)
            for one in in_segments(end.lights, height)
        )
        middle = LEFT + step * (place + 0.5)
        columns.append(MonthColumn(end, end is shown, round(middle - width / 2, 1), round(middle, 1), segments))
    return Trend(column=round(width, 1), columns=tuple(columns))
