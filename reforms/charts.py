"""Charts as SVG, drawn on the server. Geometry only: colours and type come from the style sheet."""

from collections.abc import Sequence
from dataclasses import dataclass

from reforms.overview import Month, Progress
from reforms.wording import day_text

BAR_WIDTH = 240
CURVE_WIDTH, CURVE_HEIGHT = 640, 180
LEFT, RIGHT, TOP, BOTTOM = 44, 24, 28, 36


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
class Point:
    """A deadline on the curve: its place, and what is planned and done up to it."""

    x: float
    planned_y: float
    done_y: float
    label: str
    iso: str
    due: int
    planned: int


@dataclass(frozen=True, slots=True)
class Curve:
    width: int
    height: int
    base: float
    points: tuple[Point, ...]
    planned_path: str
    today_x: float | None


def curve(months: Sequence[Month], *, today_ordinal: int) -> Curve | None:
    """Measures due, added up over the year, as a stair; None when nothing is dated."""
    if not months:
        return None
    first = min(months[0].day.replace(month=1, day=1).toordinal(), months[0].day.toordinal())
    last = max(months[-1].day.toordinal(), first + 1)
    total = sum(month.planned for month in months)

    def x(ordinal: int) -> float:
        return round(LEFT + (CURVE_WIDTH - LEFT - RIGHT) * (ordinal - first) / (last - first), 1)

    def y(count: int) -> float:
        return round(CURVE_HEIGHT - BOTTOM - (CURVE_HEIGHT - TOP - BOTTOM) * count / total, 1)

    points, planned, done = [], 0, 0
    path = f"M{x(first)},{y(0)}"
    for month in months:
        planned, done = planned + month.planned, done + month.done
        place = x(month.day.toordinal())
        path += f"H{place}V{y(planned)}"
        points.append(
            Point(place, y(planned), y(done), day_text(month.day), month.day.isoformat(), month.planned, planned)
        )
    inside = first <= today_ordinal <= last
    return Curve(CURVE_WIDTH, CURVE_HEIGHT, y(0), tuple(points), path, x(today_ordinal) if inside else None)
