"""Taking people in: accounts, their roles, and the one-time links by which they choose a password."""

import datetime as dt

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from agencies.log import Entry, record
from agencies.models import Agency, Change, Membership, Role, User
from agencies.principal import Principal

INTERNAL = Change.Visibility.INTERNAL


def add_person(
    *, username: str, full_name: str, email: str, agency: Agency, role: Role, actor: Principal, on: dt.date
) -> User:
    """An account without a usable password, with one role; the password comes by a one-time link."""
    with transaction.atomic():
        user = User(username=username, full_name=full_name, email=email)
        user.set_unusable_password()
        user.save()
        Membership.objects.create(user=user, agency=agency, role=role)
        after = {"username": username, "full_name": full_name, "role": str(role)}
        entry = Entry(
            action="person.added",
            kind="user",
            object_id=user.pk,
            agency_id=agency.pk,
            visibility=INTERNAL,
            after=after,
        )
        record([entry], actor=actor, on=on)
    return user


def set_active(user: User, *, active: bool, actor: Principal, on: dt.date) -> None:
    """Let a person in, or shut the door. Sessions, password and links of who is shut out are dead for good: whoever
    comes back needs a new one-time link."""
    with transaction.atomic():
        before = user.is_active
        user.is_active = active
        if not active:
            user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
        entry = Entry(
            action="person.activated" if active else "person.deactivated",
            kind="user",
            object_id=user.pk,
            visibility=INTERNAL,
            before={"active": before},
            after={"active": active},
        )
        record([entry], actor=actor, on=on)


def one_time_link(user: User) -> str:
    """The address at which this person chooses a password, once, within PASSWORD_RESET_TIMEOUT seconds."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("welcome", args=[uid, default_token_generator.make_token(user)])
    return f"{settings.SITE_URL}{path}"


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
