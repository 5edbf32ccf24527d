"""The reminder rules. To add one, add a row to STAGES; nothing else has to change.

A duty that is still open is reminded at each stage of its deadline in force, once. When several stages have passed
unseen (the portal was off), only the latest is told. Level 1 goes to reporters and approvers, level 2 and above also
to the heads of the agency.
"""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """`days` counts from the deadline: negative before, 0 on the day, positive after. `level` is the escalation."""

    name: str
    days: int
    level: int = 1

    def falls_on(self, deadline: dt.date) -> dt.date:
        """The day of this stage of a deadline."""
        return deadline + dt.timedelta(days=self.days)


STAGES = (
    Stage("before_30", -30),
    Stage("before_15", -15),
    Stage("before_7", -7),
    Stage("on_the_day", 0),
    Stage("after_1", 1),
    Stage("after_15", 15, level=2),
    Stage("after_30", 30, level=3),
)
BY_NAME = {stage.name: stage for stage in STAGES}


def stage_on(deadline: dt.date, on: dt.date) -> Stage | None:
    """The latest stage of a deadline that has come by `on`; None before the first."""
    come = [stage for stage in STAGES if stage.falls_on(deadline) <= on]
    return max(come, key=lambda stage: stage.days) if come else None
