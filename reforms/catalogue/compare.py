"""Two days of a list side by side: what each number was and is, and the measures by which it changed."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, FilteredRelation, Q, TextChoices
from django.utils.translation import gettext_lazy as _

from reforms.models import (
    DONE,
    Light,
    Measure,
    MeasureQuerySet,
    ReformList,
    deadline_moved,
    has_begun,
    holds_on,
    light_case,
)


class Figure(TextChoices):
    """What is counted; the lights come between."""

    MEASURES = "measures", _("举措")
    CLAIMED = "claimed", _("已报完成")
    MOVED = "moved", _("时限经调整")


FIGURES: tuple[str, ...] = (Figure.MEASURES, Figure.CLAIMED, *Light, Figure.MOVED)
LABELS = {one.value: one.label for one in (*Figure, *Light)}
# What finds them among the measures of a day.
QUERIES = {
    Figure.MEASURES.value: "",
    Figure.CLAIMED.value: "&".join(f"status={status.value}" for status in DONE),
    Figure.MOVED.value: "extended=true",
} | {light.value: f"light={light.value}" for light in Light}


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureDifference:
    """How many measures a figure counted on the earlier and on the later day; `came` count on the later one only,
    `went` on the earlier one."""

    name: str
    before: int
    after: int
    came: int
    went: int

    @property
    def label(self) -> str:
        """What is counted."""
        return str(LABELS[self.name])

    @property
    def query(self) -> str:
        """What finds them among the measures of a day."""
        return QUERIES[self.name]

    @property
    def change(self) -> int:
        """By how many more it is."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class TwoDays:
    """A list on two business dates, of which the later may be `today`."""

    reform_list: ReformList
    earlier: dt.date
    later: dt.date
    today: dt.date

    @property
    def is_past(self) -> bool:
        """Whether the later day has gone by."""
        return self.later < self.today

    def differences(self) -> list[FigureDifference]:
        """Of each figure: four queries."""
        tally: Counter[tuple[str, bool, bool]] = Counter()
        sides = ("earlier_light", "earlier__status", "later_light", "later__status")
        rows = self._measures().order_by().values_list(*sides).annotate(n=Count("pk"))
        for *values, count in rows.values_list(*sides, "n"):
            before, after = (set(_figures(*side)) for side in (values[:2], values[2:]))
            tally.update({(name, name in before, name in after): count for name in before | after})
        # Whether a deadline was moved is no column of a day: it cannot be counted in the query of the others.
        came, went = (self.changed(Figure.MOVED, came=way).count() for way in (True, False))
        both = self._side("later").filter(self._moved("later")).count() - came
        name = Figure.MOVED.value
        tally.update({(name, False, True): came, (name, True, False): went, (name, True, True): both})
        return [_difference(name, tally) for name in FIGURES]

    def changed(self, name: str, *, came: bool) -> MeasureQuerySet:
        """The measures that a figure counts on the later day and not on the earlier (`came`), or the other way."""
        side, other = ("later", "earlier") if came else ("earlier", "later")
        if name == Figure.MOVED:
            before = self._side(other).filter(self._moved(other))
            return self._side(side).filter(self._moved(side)).exclude(pk__in=before.order_by().values("pk"))
        here, there = _counts(name, side), _counts(name, other)
        return self._measures().filter(here).exclude(pk__in=self._measures().filter(there).order_by().values("pk"))

    def _measures(self) -> MeasureQuerySet:
        """Those of the list with their standing on both days, and their light where they counted."""
        found: MeasureQuerySet = Measure.objects.filter(reform_list=self.reform_list)
        for side, day in (("earlier", self.earlier), ("later", self.later)):
            stood = FilteredRelation("standings", condition=holds_on(day, "standings__"))
            light = light_case(day, prefix=f"{side}__", told=self._counted(side))
            found = found.annotate(**{side: stood}).annotate(**{f"{side}_light": light})
        return found

    def _counted(self, side: str) -> Q:
        """As reforms.catalogue.rows.counted_measures has it."""
        day = self.earlier if side == "earlier" else self.later
        begun = has_begun(day, "reform_list__") if day < self.today else Q()
        return begun & Q(**{f"{side}__disposition": "active"})

    def _side(self, side: str) -> MeasureQuerySet:
        return self._measures().exclude(**{f"{side}_light": None})

    def _moved(self, side: str) -> Q:
        day = self.earlier if side == "earlier" else self.later
        return deadline_moved(day if day < self.today else None)


def _figures(light: str | None, status: str | None) -> Iterator[str]:
    """What counts a measure with that light and status; nothing where it has no light."""
    if light is None:
        return
    # A light is told only of what counts, so that it says as well whether the measure counted on that day.
    yield from (Figure.MEASURES.value, light)
    if status in DONE:
        yield Figure.CLAIMED.value


def _counts(name: str, side: str) -> Q:
    counted = Q(**{f"{side}_light__isnull": False})
    if name == Figure.MEASURES:
        return counted
    if name == Figure.CLAIMED:
        return counted & Q(**{f"{side}__status__in": DONE})
    return Q(**{f"{side}_light": name})


def _difference(name: str, tally: "Counter[tuple[str, bool, bool]]") -> FigureDifference:
    both, went, came = tally[name, True, True], tally[name, True, False], tally[name, False, True]
    return FigureDifference(name=str(name), before=both + went, after=both + came, came=came, went=went)
