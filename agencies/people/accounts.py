"""Taking people in: accounts, their roles, and the one-time links by which they choose a password."""

import datetime as dt
import hashlib

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agencies.access.principal import Principal
from agencies.log.write import Entry, Facts, record
from agencies.models import Agency, Change, Membership, Role, User
from agencies.people.codes import end_code
from agencies.people.links import one_time_link
from agencies.people.roles import lock_administrators, refuse_without_administrator


class PersonChanged(Exception):
    """What a form was filled in against has changed since. `current` is the person as now stored."""

    def __init__(self, current: User) -> None:
        super().__init__()
        self.current = current


def add_person(
    *, username: str, full_name: str, email: str, agency: Agency, role: Role, actor: Principal, on: dt.date
) -> User:
    """An account without a usable password, with one role; the password comes by a one-time link."""
    with transaction.atomic():
        user = User(username=username, full_name=full_name, email=email)
        user.set_unusable_password()
        user.save()
        place = Membership.objects.create(user=user, agency=agency, role=role)
        record([added(place)], actor=actor, on=on)
    return user


def added(place: Membership) -> Entry:
    """The log's entry for a new account with its first role."""
    user = place.user
    after = {"username": user.username, "role": str(place.role), **details_of(user)}
    return _entry("person.added", user, agency_id=place.agency_id, after=after)


def details_of(user: User) -> dict[str, str]:
    """What an administrator keeps of a person beside the roles."""
    return {"full_name": user.full_name, "email": user.email}


def version_of(user: User) -> str:
    """A short key of the details; a form brings back the one it was filled in against."""
    return _key(details_of(user))


def roles_version_of(user: User) -> str:
    """A short key of the roles and of whether the person is in."""
    places = user.memberships.order_by("pk").values_list("pk", flat=True)
    return _key([user.is_active, *places])


def _key(facts: object) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def edit_person(user: User, *, full_name: str, email: str, seen: str, actor: Principal, on: dt.date) -> bool:
    """Whether anything changed. Raises PersonChanged when the details are no longer those of version `seen`."""
    with transaction.atomic():
        stored = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if version_of(stored) != seen:
            raise PersonChanged(stored)
        before = details_of(stored)
        stored.full_name, stored.email = full_name, email
        entry = edited(stored, before)
        if entry is None:
            return False
        stored.save(update_fields=["full_name", "email"])
        record([entry], actor=actor, on=on)
    return True


def edited(user: User, before: dict[str, str]) -> Entry | None:
    """The log's entry for details that differ from `before`; None when none does."""
    after = {name: value for name, value in details_of(user).items() if value != before[name]}
    if not after:
        return None
    return _entry("person.edited", user, before={name: before[name] for name in after}, after=after)


def set_active(user: User, *, active: bool, actor: Principal, on: dt.date) -> None:
    """Let a person in, or shut the door. Sessions, password, links and code of who is shut out are dead for good:
    whoever comes back needs a new one. ValidationError for oneself and for the last administrator."""
    with transaction.atomic():
        entry = activated(user) if active else shut_out(user, actor=actor)
        record([entry], actor=actor, on=on)


def activated(user: User) -> Entry:
    """Let somebody in again, in the caller's transaction; the entry to log."""
    return _set_active(user, active=True)


def shut_out(user: User, *, actor: Principal) -> Entry:
    """Shut the door, in the caller's transaction; the entry to log."""
    if user.pk == actor.user_id:
        raise ValidationError(_("不能停用自己的账号，请由另一位系统管理员操作。"), code="own")
    administrators = lock_administrators()
    if any(place.user_id == user.pk for place in administrators):
        refuse_without_administrator([place for place in administrators if place.user_id != user.pk])
    return _set_active(user, active=False)


def _set_active(user: User, *, active: bool) -> Entry:
    stored = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    before, user.is_active = stored.is_active, active
    if not active:
        user.set_unusable_password()
        end_code(user)
    user.save(update_fields=["is_active", "password"])
    action = "person.activated" if active else "person.deactivated"
    return _entry(action, user, before={"active": before}, after={"active": active})


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


def invite(user: User, *, actor: Principal, on: dt.date) -> str:
    """A new one-time link, which the log tells of."""
    with transaction.atomic():
        record([_entry("person.invited", user)], actor=actor, on=on)
    return one_time_link(user)


def ensure_first_administrator(*, actor: Principal, on: dt.date) -> User | None:
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
        actor=actor,
        on=on,
    )


def _free_username(wanted: str) -> str:
    taken = set(User.objects.filter(username__startswith=wanted).values_list("username", flat=True))
    return next(name for n in range(1, len(taken) + 2) if (name := wanted if n == 1 else f"{wanted}-{n}") not in taken)
