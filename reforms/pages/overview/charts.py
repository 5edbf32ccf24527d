"""Charts as SVG, drawn on the server. Geometry only: colours and type come from the style sheet."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reforms.catalogue.overview import Closing, Due, LightCount, Progress

BAR_WIDTH = 240
CURVE_WIDTH, CURVE_HEIGHT = 640, 180
LEFT, RIGHT, TOP, BOTTOM = 8, 24, 28, 12


@dataclass(frozen=True, slots=True)
class Segment:
    """One light's share of a bar; `x` and `width` in the units of its view box."""

    light: str
    label: str
    count: int
    x: float
    width: float


def bar(progress: Progress) -> list[Segment]:
    """The lights of one section or agency as segments of a bar BAR_WIDTH wide."""
    segments, x = [], 0.0
    for counted in progress.lights:
        width = BAR_WIDTH * counted.count / progress.total if progress.total else 0
        if counted.count:
            segments.append(
                Segment(counted.light.value, str(counted.light.label), counted.count, round(x, 2), round(width, 2))
            )
        x += width
    return segments


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table of progress: `query` shows its measures, `segments` are its bar."""

    subject: Any
    total: int
    lights: tuple[LightCount, ...]
    segments: list[Segment]
    query: str


def line(progress: Progress, query: str) -> Line:
    return Line(progress.subject, progress.total, progress.lights, bar(progress), query)


@dataclass(frozen=True, slots=True)
class Point:
    """A deadline on the curve: its place and how many are due up to it."""

    x: float
    y: float
    planned: int


@dataclass(frozen=True, slots=True)
class Curve:
    """Two stairs over the year: what is due, and what is closed up to today. Coordinates in the view box."""

    width: int
    height: int
    left: int
    right: int
    base: float
    points: tuple[Point, ...]
    planned_path: str
    done_path: str
    done: int
    done_y: float
    today_x: float | None


def curve(deadlines: Sequence[Due], closings: Sequence[Closing], today: dt.date) -> Curve | None:
    """Measures due and measures closed, added up over the year; None when nothing is dated."""
    if not deadlines:
        return None
    # From the first of January, or from an earlier closing, so that both stairs begin at nothing.
    first = min([deadlines[0].day.replace(month=1, day=1), *(closing.day for closing in closings)])
    scale = _Scale(first, max(deadlines[-1].day, today), sum(due.planned for due in deadlines))
    points, planned = [], 0
    for due in deadlines:
        planned += due.planned
        points.append(Point(scale.x(due.day), scale.y(planned), planned))
    done = sum(closing.count for closing in closings)
    return Curve(
        width=CURVE_WIDTH,
        height=CURVE_HEIGHT,
        left=LEFT,
        right=CURVE_WIDTH - RIGHT,
        base=scale.y(0),
        points=tuple(points),
        planned_path=scale.stair([(due.day, due.planned) for due in deadlines]),
        # A last step of nothing draws the line on to today.
        done_path=scale.stair([*((closing.day, closing.count) for closing in closings), (today, 0)]) if done else "",
        done=done,
        done_y=scale.y(done),
        today_x=scale.x(today),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """From days and counts to the view box."""

    first: dt.date
    last: dt.date
    most: int

    def x(self, day: dt.date) -> float:
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(LEFT + (CURVE_WIDTH - LEFT - RIGHT) * share, 1)

    def y(self, count: int) -> float:
        return round(CURVE_HEIGHT - BOTTOM - (CURVE_HEIGHT - TOP - BOTTOM) * count / max(self.most, 1), 1)

    def stair(self, steps: Iterable[tuple[dt.date, int]]) -> str:
        """An SVG path that climbs by each step on its day."""
        path, height = f"M{self.x(self.first)},{self.y(0)}", 0
        for day, count in steps:
            height += count
            path += f"H{self.x(day)}V{self.y(height)}"
        return path
