"""How many measures that count agencies and sections have."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from agencies.models import Agency
from reforms.models import Part, Section, that_count


def agencies_with_counts(agencies: QuerySet[Agency], *, sees_status: bool) -> QuerySet[Any]:
    """Adds `lead` and `responsible`: beside how many measures that count each is printed as such."""
    counts = that_count("assignments__measure__", sees_status=sees_status)
    return agencies.annotate(
        lead=Count("assignments", filter=counts & Q(assignments__part=Part.LEAD)),
        responsible=Count("assignments", filter=counts & Q(assignments__part=Part.RESPONSIBLE)),
    )


def sections_with_counts(sections: QuerySet[Section], *, sees_status: bool) -> QuerySet[Any]:
    """Adds `item_count` and `measure_count`: how many items and measures of each count."""
    counts = that_count("measures__", sees_status=sees_status)
    return sections.annotate(
        measure_count=Count("measures", filter=counts, distinct=True),
        item_count=Count("measures__item", filter=counts, distinct=True),
    )
