"""What every letter of the outbox has, whatever it tells, and to whom letters go."""

from dataclasses import dataclass

from django.db.models import QuerySet

from agencies.models import Agency, Membership, Role, User

# Those who can do something about it; heads only where it is late (docs/reminders.md).
TOLD_FIRST = frozenset({Role.REPORTER, Role.APPROVER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Ready to send; `recipients` may be empty (then it has to wait)."""

    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str


def recipients_of(agency: Agency, level: int) -> tuple[str, ...]:
    """Reporters and approvers, from level 2 also heads, and the agency's own address; each address once."""
    roles = TOLD_FIRST | ({Role.HEAD} if level >= 2 else frozenset())
    return _each_once([agency.email, *_addresses(Membership.objects.filter(agency=agency, role__in=roles))])


def addresses_of(user: User) -> tuple[str, ...]:
    """A person's own address; none of somebody shut out."""
    return (user.email,) if user.is_active and user.email else ()


def office_addresses(*, but: int | None) -> tuple[str, ...]:
    """Those of all supervisors except the person `but`."""
    office = Membership.objects.filter(role=Role.SUPERVISOR).exclude(user=but)
    return _each_once(_addresses(office))


def _addresses(places: QuerySet[Membership]) -> list[str]:
    # Nobody who is shut out gets mail.
    people = places.filter(user__is_active=True).exclude(user__email="")
    return list(people.order_by("pk").values_list("user__email", flat=True))


def _each_once(addresses: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for address in addresses if address))
