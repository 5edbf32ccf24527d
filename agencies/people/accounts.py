"""Taking people in: accounts, their roles, and the one-time links by which they choose a password."""

import datetime as dt
import hashlib
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agencies.access import Principal
from agencies.log.write import Entry, Facts, record
from agencies.models import Agency, Change, Membership, Role, User
from agencies.people.codes import end_code
from agencies.people.links import one_time_link
from agencies.people.sessions import end_sessions


def give_role(user: User, *, agency: Agency, role: Role, who: Principal, on: dt.date) -> Membership:
    """One more role in one agency. Raises ValidationError when this person has it already."""
    with transaction.atomic():
        # Against whoever edits or shuts out this person. no_key: rows that point here may be written meanwhile.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        place, is_new = Membership.objects.get_or_create(user=user, agency=agency, role=role)
        if not is_new:
            raise ValidationError(_("此人在该单位已有这一角色。"), code="has_it")
        record([given(place)], who=who, on=on)
    return place


def take_role(place: Membership, *, who: Principal, on: dt.date) -> None:
    """Take a role away; the next request of its holder is already without it.

    Raises ValidationError for one's own administrator role, for the last administrator, and for a role that is gone.
    """
    with transaction.atomic():
        if place.role == Role.ADMINISTRATOR:
            _refuse_own(place, who)
            remaining = [other for other in lock_administrators() if other.pk != place.pk]
            refuse_without_administrator(remaining)
        gone, _by_model = Membership.objects.filter(pk=place.pk).delete()
        if not gone:
            raise ValidationError(_("该角色已被移除。"), code="gone")
        record([taken(place)], who=who, on=on)


def _refuse_own(place: Membership, who: Principal) -> None:
    if place.user_id == who.user_id:
        raise ValidationError(_("不能移除自己的系统管理员角色，请由另一位系统管理员操作。"), code="own")


def lock_administrators() -> list[Membership]:
    """The places of those who can let people in, held to the end of the transaction, so that two who take them away
    at once do not both count on the other."""
    places = Membership.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True)
    # Demonstration people cannot sign in to a real portal (agencies.people.sign_in).
    if not settings.DEMO:
        places = places.filter(user__is_demo=False)
    # Whether a user is active counts, so that the users are held too; always in one order, against deadlocks.
    held = places.select_related("user").select_for_update(of=("self", "user"), no_key=True)
    return list(held.order_by("pk"))


def refuse_without_administrator(remaining: list[Membership]) -> None:
    """Raises ValidationError when nobody who can let people in would remain."""
    if not remaining:
        raise ValidationError(_("这是最后一位系统管理员；请先将该角色授予另一人。"), code="last_administrator")


def given(place: Membership) -> Entry:
    """The log's entry for a new place."""
    return _role_entry("person.role_given", place, after=_facts(place))


def taken(place: Membership) -> Entry:
    """The log's entry for a place that is taken away."""
    return _role_entry("person.role_taken", place, before=_facts(place))


def _facts(place: Membership) -> dict[str, str]:
    return {"agency": place.agency.name, "role": str(place.role)}


def _role_entry(
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


CONTACT = ("position", "phone", "mobile")
DETAILS = ("full_name", *CONTACT, "email", "language")


class PersonChanged(Exception):
    """What a form was filled in against has changed since. `current` is the person as now stored."""

    def __init__(self, current: User) -> None:
        super().__init__()
        self.current = current


def add_person(
    *,
    username: str,
    full_name: str,
    email: str,
    agency: Agency,
    role: Role,
    who: Principal,
    on: dt.date,
    **contact: str,
) -> User:
    """An account without a usable password, with one role; the password comes by a one-time link. `contact` may give
    position, phone and mobile."""
    with transaction.atomic():
        user = User(username=username, full_name=full_name, email=email, **contact)
        user.set_unusable_password()
        user.save()
        place = Membership.objects.create(user=user, agency=agency, role=role)
        record([added(place)], who=who, on=on)
    return user


def added(place: Membership) -> Entry:
    """The log's entry for a new account with its first role."""
    user = place.user
    told = {name: value for name, value in details_of(user).items() if value or name not in CONTACT}
    after = {"username": user.username, "role": str(place.role), **told}
    return _entry("person.added", user, agency_id=place.agency_id, after=after)


def details_of(user: User) -> dict[str, str]:
    """What an administrator keeps of a person beside the roles."""
    return {name: str(getattr(user, name)) for name in DETAILS}


def version_of(user: User) -> str:
    """A short key of the details; a form brings back the one it was filled in against."""
    return _key(details_of(user))


def roles_version_of(user: User) -> str:
    """A short key of the roles and of whether the person is in."""
    places = user.memberships.order_by("pk").values_list("pk", flat=True)
    return _key([user.is_active, *places])


def _key(facts: object) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def edit_person(user: User, details: Mapping[str, str], *, seen: str, who: Principal, on: dt.date) -> bool:
    """Whether anything changed; `details` are those of `details_of`, each or some of them. Raises
    PersonChanged when they are no longer those of version `seen`."""
    with transaction.atomic():
        stored = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if version_of(stored) != seen:
            raise PersonChanged(stored)
        before = details_of(stored)
        for name in DETAILS:
            setattr(stored, name, details.get(name, before[name]))
        entry = edited(stored, before)
        if entry is None:
            return False
        stored.save(update_fields=DETAILS)
        record([entry], who=who, on=on)
    return True


def edited(user: User, before: dict[str, str]) -> Entry | None:
    """The log's entry for details that differ from `before`; None when none does."""
    after = {name: value for name, value in details_of(user).items() if value != before[name]}
    if not after:
        return None
    return _entry("person.edited", user, before={name: before[name] for name in after}, after=after)


def set_active(user: User, *, active: bool, who: Principal, on: dt.date) -> None:
    """Let a person in, or shut them out. Sessions, password, links and code of who is shut out never work again:
    whoever comes back needs a new password. Raises ValidationError for oneself and for the last administrator."""
    with transaction.atomic():
        entry = activated(user) if active else shut_out(user, who=who)
        record([entry], who=who, on=on)


def activated(user: User) -> Entry:
    """Let somebody in again, in the caller's transaction; the entry to log."""
    return _set_active(user, active=True)


def shut_out(user: User, *, who: Principal) -> Entry:
    """Shut somebody out, in the caller's transaction; the entry to log. Raises ValidationError for oneself and for the
    last administrator."""
    if user.pk == who.user_id:
        raise ValidationError(_("不能停用自己的账号，请由另一位系统管理员操作。"), code="own")
    administrators = lock_administrators()
    if any(place.user_id == user.pk for place in administrators):
        refuse_without_administrator([place for place in administrators if place.user_id != user.pk])
    return _set_active(user, active=False)


def _set_active(user: User, *, active: bool) -> Entry:
    stored = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    before, user.is_active = stored.is_active, active
    if not active:
        # Sessions and one-time links are made of the password: with another one they end.
        user.set_unusable_password()
        end_code(user)
        end_sessions(user)
    user.save(update_fields=["is_active", "password"])
    action = "person.activated" if active else "person.deactivated"
    return _entry(action, user, before={"active": before}, after={"active": active})


def password_chosen(user: User, *, keep: str | None = None, who: Principal, on: dt.date) -> None:
    """What follows a new password, in the transaction that saves it: the code ends, and so do sessions but for the one
    with the key `keep`; the log tells of it."""
    end_code(user)
    end_sessions(user, keep=keep)
    record([_entry("person.password_changed", user)], who=who, on=on)


def _entry(
    action: str, user: User, *, agency_id: int | None = None, before: Facts | None = None, after: Facts | None = None
) -> Entry:
    return Entry(
        action=action,
        kind="user",
        object_id=user.pk,
        agency_id=agency_id,
        visibility=Change.Visibility.INTERNAL,
        before=before or {},
        after=after or {},
    )


def invite(user: User, *, who: Principal, on: dt.date) -> str:
    """A new one-time link, which the log tells of."""
    with transaction.atomic():
        record([_entry("person.invited", user)], who=who, on=on)
    return one_time_link(user)


def ensure_first_administrator(*, who: Principal, on: dt.date) -> User | None:
    """The first administrator's account, made when there is none; None once an administrator has signed in."""
    administrators = User.objects.filter(memberships__role=Role.ADMINISTRATOR, is_demo=False, is_active=True)
    if administrators.exclude(last_login=None).exists():
        return None
    waiting = administrators.first()
    if waiting:
        return waiting
    name = settings.OFFICE_NAME
    office = Agency.objects.called([name]).get(name) or Agency.objects.create(name=name)
    return add_person(
        username=_free_username("admin"),
        full_name="系统管理员",
        email="",
        agency=office,
        role=Role.ADMINISTRATOR,
        who=who,
        on=on,
    )


def _free_username(wanted: str) -> str:
    taken = set(User.objects.filter(username__startswith=wanted).values_list("username", flat=True))
    return next(name for n in range(1, len(taken) + 2) if (name := wanted if n == 1 else f"{wanted}-{n}") not in taken)
