"""Giving and taking roles. Somebody always remains who can let people in."""

import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agencies.access import Principal
from agencies.log.write import Entry, record
from agencies.models import Agency, Change, Membership, Role, User


def give_role(user: User, *, agency: Agency, role: Role, actor: Principal, on: dt.date) -> Membership:
    """One more role in one agency. ValidationError when this person has it already."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        place, is_new = Membership.objects.get_or_create(user=user, agency=agency, role=role)
        if not is_new:
            raise ValidationError(_("此人在该单位已有这一角色。"), code="has_it")
        record([given(place)], actor=actor, on=on)
    return place


def take_role(place: Membership, *, actor: Principal, on: dt.date) -> None:
    """Take a role away; the next request of its holder is already without it.

    ValidationError for one's own administrator role and for the last administrator.
    """
    with transaction.atomic():
        if place.role == Role.ADMINISTRATOR:
            _refuse_own(place, actor)
            remaining = [other for other in lock_administrators() if other.pk != place.pk]
            refuse_without_administrator(remaining)
        gone, _by_model = Membership.objects.filter(pk=place.pk).delete()
        if not gone:
            raise ValidationError(_("该角色已被移除。"), code="gone")
        record([taken(place)], actor=actor, on=on)


def _refuse_own(place: Membership, actor: Principal) -> None:
    if place.user_id == actor.user_id:
        raise ValidationError(_("不能移除自己的系统管理员角色，请由另一位系统管理员操作。"), code="own")


def lock_administrators() -> list[Membership]:
    """The places of those who can let people in, held to the end of the transaction, so that two who take them away
    at once do not both count on the other."""
    places = Membership.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True)
    if not settings.DEMO:
        places = places.filter(user__is_demo=False)
    held = places.select_related("user").select_for_update(of=("self", "user"), no_key=True)
    return list(held.order_by("pk"))


def refuse_without_administrator(remaining: list[Membership]) -> None:
    if not remaining:
        raise ValidationError(_("这是最后一位系统管理员；请先将该角色授予另一人。"), code="last_administrator")


def given(place: Membership) -> Entry:
    """The log's entry for a new place."""
    return _entry("person.role_given", place, after=_facts(place))


def taken(place: Membership) -> Entry:
    return _entry("person.role_taken", place, before=_facts(place))


def _facts(place: Membership) -> dict[str, str]:
    return {"agency": place.agency.name, "role": str(place.role)}


def _entry(
    action: str, place: Membership, *, before: dict[str, str] | None = None, after: dict[str, str] | None = None
) -> Entry:
    return Entry(
        action=action,
        kind="user",
        object_id=place.user_id,
        agency_id=place.agency_id,
        visibility=Change.Visibility.INTERNAL,
        before=before or {},
        after=after or {},
    )
