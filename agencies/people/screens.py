"""Screens on a wall: making their addresses, ending them, and who stands behind one that is opened."""

import datetime as dt
import secrets
from ipaddress import ip_network

from django.db import transaction
from django.utils import timezone

from agencies.access import Principal
from agencies.log.write import Entry, record
from agencies.models import Agency, Change, Role, Screen, digest_of_screen

SEEN_EVERY = dt.timedelta(minutes=10)


def make_screen(*, agency: Agency, name: str, networks: str, who: Principal, on: dt.date) -> tuple[Screen, str]:
    """A new screen and its key, which is shown once and kept nowhere. `networks`: an address or network a line."""
    key = secrets.token_urlsafe(24)
    with transaction.atomic():
        screen = Screen.objects.create(
            agency=agency, name=name, networks=networks, digest=digest_of_screen(key), created_by_id=who.user_id
        )
        record([_entry("screen.made", screen)], who=who, on=on)
    return screen, key


def end_screen(screen: Screen, *, who: Principal, on: dt.date) -> None:
    """Its address opens nothing any more, at once and for good."""
    with transaction.atomic():
        screen.revoked_at = timezone.now()
        screen.save(update_fields=["revoked_at"])
        record([_entry("screen.ended", screen)], who=who, on=on)


def open_screen(key: str, origin: str | None) -> Screen | None:
    """The living screen with this key, opened from one of its networks; None for any other. `origin` is an address, or
    the network of an IPv6 address (agencies.lib.addresses.origin_of); None when nobody can say, which opens nothing."""
    screen = Screen.objects.living().select_related("agency").filter(digest=digest_of_screen(key)).first()
    if screen is None or origin is None or not _is_within(origin, screen.networks):
        return None
    now = timezone.now()
    # Not each time: a screen asks every minute.
    if screen.last_seen_at is None or now - screen.last_seen_at > SEEN_EVERY:
        Screen.objects.filter(pk=screen.pk).update(last_seen_at=now)
    return screen


def _is_within(origin: str, networks: str) -> bool:
    asked = ip_network(origin)
    allowed = [ip_network(line) for line in networks.split()]
    return any(one.version == asked.version and one.supernet_of(asked) for one in allowed)  # type: ignore[arg-type]


def principal_of_screen(screen: Screen) -> Principal:
    """It reads as a viewer of its agency, and writes nothing."""
    return Principal(label=f"大屏·{screen.name}", roles=frozenset({(Role.VIEWER, screen.agency_id)}), read_only=True)


def _entry(action: str, screen: Screen) -> Entry:
    return Entry(
        action=action,
        kind="screen",
        object_id=screen.pk,
        agency_id=screen.agency_id,
        visibility=Change.Visibility.INTERNAL,
        after={"name": screen.name, "networks": screen.networks.split()},
    )
