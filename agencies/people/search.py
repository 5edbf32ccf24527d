"""The people of a search: by name, username or agency, by role, and whether they are in and ever came in."""

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from agencies.models import AccessCode, Membership, User

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
    if wanted.get("entry"):
        found = found.filter(waiting_to_enter())
    return found.select_related("access_code").prefetch_related(
        Prefetch("memberships", Membership.objects.select_related("agency"))
    )


def waiting_to_enter() -> Q:
    """Whether somebody who is not shut out has yet to come in: never signed in, or with a one-time code that was not
    used (whether it is still good or not)."""
    with_code = Q(Exists(AccessCode.objects.filter(user=OuterRef("pk"))))
    return Q(is_active=True) & (Q(last_login=None) | with_code)


def _has(**place: Any) -> Exists:
    # No join, which would find somebody once for each place.
    return Exists(Membership.objects.filter(user=OuterRef("pk"), **place))
