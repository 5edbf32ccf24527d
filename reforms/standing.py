"""What a newly printed deadline does to a measure's deadline in force and to its standing."""

import datetime as dt

from reforms.models import Measure, Status


def printed_deadline_changed(measure: Measure, *, text: str, day: dt.date | None, standing: bool) -> None:
    """Set the printed deadline. The one in force follows it unless the office had moved it; nothing is saved."""
    if not measure.is_deadline_moved and measure.deadline_in_force == measure.deadline:
        measure.deadline_in_force = day
    measure.deadline_text, measure.deadline = text, day
    if standing and not measure.is_standing:
        measure.is_standing, measure.status, measure.closed_on = True, Status.STANDING, None
    elif measure.is_standing and not standing:
        measure.is_standing = False
        measure.status = Status.IN_PROGRESS if measure.first_report_on else Status.NOT_REPORTED
