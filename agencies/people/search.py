"""The people of a search: by name, username or agency, by role, and whether they are in."""

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from agencies.models import Membership, User

A_PAGE = 50


def people_found(wanted: dict[str, Any]) -> QuerySet[User]:
    """Those for whom all of `wanted` holds (the cleaned data of a PeopleFilter), with their places."""
    found = User.objects.order_by("-is_active", "pk")
    for word in wanted.get("search", "").split():
        found = found.filter(
            Q(full_name__icontains=word) | Q(username__icontains=word) | _has(agency__name__icontains=word)
        )
    place = {name: wanted[name] for name in ("role", "agency") if wanted.get(name)}
    if place:
        found = found.filter(_has(**place))
    if wanted.get("active"):
        found = found.filter(is_active=wanted["active"] == "yes")
    return found.prefetch_related(Prefetch("memberships", Membership.objects.select_related("agency")))


def _has(**place: Any) -> Exists:
    # No join, which would find somebody once for each place.
    return Exists(Membership.objects.filter(user=OuterRef("pk"), **place))
