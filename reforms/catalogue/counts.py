"""How often agencies are printed in the lists in force."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from agencies.models import Agency
from reforms.models import Part
from reforms.models.querysets import that_count


def with_counts(agencies: QuerySet[Agency], *, sees_status: bool) -> QuerySet[Any]:
    """Adds `lead` and `responsible`: beside how many measures that count each is printed as such."""
    counts = that_count("assignments__measure__", sees_status=sees_status)
    return agencies.annotate(
        lead=Count("assignments", filter=counts & Q(assignments__part=Part.LEAD)),
        responsible=Count("assignments", filter=counts & Q(assignments__part=Part.RESPONSIBLE)),
    )
