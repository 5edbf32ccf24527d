"""What the log keeps of a deed on a measure."""

import datetime as dt

from agencies.log.write import Entry, Facts
from agencies.models import Change


def measure_entry(
    action: str,
    measure_id: int,
    *,
    agency_id: int | None = None,
    before: Facts | None = None,
    after: Facts | None = None,
    reason: str = "",
    visibility: Change.Visibility = Change.Visibility.INTERNAL,
    on: dt.date | None = None,
) -> Entry:
    """An entry of the measure's history: internal unless `visibility` says who else reads it. `agency_id` is the agency
    whose deed or part it is, `on` the business date of what is entered later than it happened."""
    return Entry(
        action=action,
        kind="measure",
        object_id=measure_id,
        agency_id=agency_id,
        visibility=visibility,
        before=before or {},
        after=after or {},
        reason=reason,
        on=on,
    )
