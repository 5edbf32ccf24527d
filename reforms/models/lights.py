"""The light of a measure: a partition of all measures, the first that applies.

Source of the rule: docs/data-model.md, “Lights”. `light_case` is the rule in SQL, `light_of` the same in Python;
a test holds them equal.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Case, CharField, F, Field, IntegerField, Q, Value, When
from django.db.models.enums import TextChoices
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

DUE_SOON_DAYS = 30
EVERY = Q()


class Light(TextChoices):
    """In the order in which people want to see them: what is wrong first."""

    OVERDUE = "overdue", _("逾期")
    DUE_SOON = "due_soon", _("临近到期")
    ON_TRACK = "on_track", _("正常推进")
    AWAITING_REPORT = "awaiting_report", _("待报送")
    UNDER_REVIEW = "under_review", _("待核验")
    CLOSED = "closed", _("已销号")
    STANDING = "standing", _("持续巩固")


# Those of measures whose days to the deadline are counted: a claim in time stops the clock.
RUNNING = frozenset({Light.OVERDUE, Light.DUE_SOON, Light.ON_TRACK, Light.AWAITING_REPORT})
SHAPES = {
    Light.OVERDUE: "▲",
    Light.DUE_SOON: "◆",
    Light.ON_TRACK: "●",
    Light.AWAITING_REPORT: "○",
    Light.UNDER_REVIEW: "◐",
    Light.CLOSED: "✔",
    Light.STANDING: "◎",
}


class HasDates(Protocol):
    """What the light is drawn from."""

    @property
    def is_standing(self) -> bool: ...
    @property
    def deadline_in_force(self) -> dt.date | None: ...
    @property
    def first_report_on(self) -> dt.date | None: ...
    @property
    def claimed_on(self) -> dt.date | None: ...
    @property
    def closed_on(self) -> dt.date | None: ...


@dataclass(frozen=True, slots=True)
class Dates:
    """A measure's dates, without the measure."""

    is_standing: bool = False
    deadline_in_force: dt.date | None = None
    first_report_on: dt.date | None = None
    claimed_on: dt.date | None = None
    closed_on: dt.date | None = None


def light_of(measure: HasDates, on: dt.date) -> Light:  # noqa: PLR0911  # one return for each light
    """The light on the business date `on`, from the dates as they are known now."""
    deadline = measure.deadline_in_force
    if measure.closed_on and measure.closed_on <= on:
        return Light.CLOSED
    if measure.is_standing:
        return Light.STANDING
    claimed = measure.claimed_on
    # A claim in time stops the clock; a late one leaves the measure overdue.
    if claimed and claimed <= on and (deadline is None or claimed <= deadline):
        return Light.UNDER_REVIEW
    if deadline and deadline < on:
        return Light.OVERDUE
    if deadline and deadline <= on + dt.timedelta(days=DUE_SOON_DAYS):
        return Light.DUE_SOON
    if measure.first_report_on and measure.first_report_on <= on:
        return Light.ON_TRACK
    return Light.AWAITING_REPORT


def light_case(on: dt.date, *, prefix: str = "", told: Q = EVERY) -> Case:
    """`light_of` as one SQL expression over Measure, or over what reaches it by `prefix` ("measure__").

    NULL where it is not `told`.
    """
    return _case(on, prefix, told, Value, CharField())


def is_closed(on: dt.date, *, late: bool, prefix: str = "") -> Q:
    """Whether a measure is closed by then and was claimed after its deadline in force (`late`, 逾期销号), or in time:
    the day on which the claim reached the office counts. Nothing without a deadline is late."""
    deadline = f"{prefix}deadline_in_force"
    claimed = Coalesce(F(f"{prefix}claimed_on"), F(f"{prefix}closed_on"))
    closed = Q(**{f"{prefix}closed_on__lte": on})
    if late:
        return closed & Q(**{f"{deadline}__lt": claimed})
    return closed & (Q(**{deadline: None}) | Q(**{f"{deadline}__gte": claimed}))


def light_rank(on: dt.date, *, prefix: str = "") -> Case:
    """The place of the light among all, from 0, to sort by."""
    places = list(Light)
    return _case(on, prefix, EVERY, lambda light: Value(places.index(light)), IntegerField())


def _case(on: dt.date, prefix: str, told: Q, value: Callable[[Light], Value], kind: "Field[Any, Any]") -> Case:
    def when(light: Light, **conditions: object) -> When:
        return When(Q(**{prefix + name: wanted for name, wanted in conditions.items()}), then=value(light))

    # Two terms for a claim: compared with a deadline that is NULL, the second is never true.
    claimed = F(f"{prefix}claimed_on")
    return Case(
        # When() takes no empty condition, as which `told` comes where everything is told.
        *([When(~told, then=Value(None))] if told else []),
        when(Light.CLOSED, closed_on__lte=on),
        when(Light.STANDING, is_standing=True),
        when(Light.UNDER_REVIEW, claimed_on__lte=on, deadline_in_force=None),
        when(Light.UNDER_REVIEW, claimed_on__lte=on, deadline_in_force__gte=claimed),
        when(Light.OVERDUE, deadline_in_force__lt=on),
        when(Light.DUE_SOON, deadline_in_force__lte=on + dt.timedelta(days=DUE_SOON_DAYS)),
        when(Light.ON_TRACK, first_report_on__lte=on),
        default=value(Light.AWAITING_REPORT),
        output_field=kind,
    )
