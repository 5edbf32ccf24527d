"""How often agencies are printed in the lists in force."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from agencies.models import Agency
from reforms.models import Part


def with_counts(agencies: QuerySet[Agency]) -> QuerySet[Any]:
    """Adds `lead` and `responsible`: beside how many measures each is printed as such."""
    active = Q(assignments__measure__disposition="active")
    return agencies.annotate(
        lead=Count("assignments", filter=active & Q(assignments__part=Part.LEAD)),
        responsible=Count("assignments", filter=active & Q(assignments__part=Part.RESPONSIBLE)),
    )
