"""What every letter of the outbox has, whatever it tells, and to whom letters go."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from agencies.models import Agency, AgencyQuerySet, Membership, Role, User
from reforms.models import Duty, ReformList
from reforms.reminders.stages import TOLD_FIRST, WITH_HEADS

# The addresses of people by agency, each with the role by which they are told.
PeopleOf = Mapping[int, Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Ready to send; `recipients` may be empty (then it has to wait). `may_be_second` where a copy of it may have
    arrived already."""

    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    may_be_second: bool = False


def contacts_of(lists: Iterable[ReformList]) -> list[str]:
    """督办联系人：张三，电话：…; where lists have different ones, each with its list."""
    found = {str(one): said for one in lists if (said := _contact(one))}
    if len(set(found.values())) == 1:
        return list(found.values())[:1]
    return [f"《{name}》{said}" for name, said in found.items()]


def _contact(reform_list: ReformList) -> str:
    phone = f"电话：{reform_list.contact_phone}" if reform_list.contact_phone else ""
    person = f"督办联系人：{reform_list.contact or settings.OFFICE_NAME}"
    return "，".join(filter(None, (person, phone))) if reform_list.contact or phone else ""


def headers() -> dict[str, str]:
    """What mailboxes sort letters by, and what keeps machines from answering them."""
    return {
        "Auto-Submitted": "auto-generated",
        "List-Id": f"<reform-tracker.{urlsplit(settings.SITE_URL).hostname}>",
    }


def reply_to() -> list[str]:
    """Where answers go; the sender where nothing is set."""
    return [settings.MAIL_REPLY_TO] if settings.MAIL_REPLY_TO else []


def recipients_of(agency: Agency, roles: Collection[Role], people: PeopleOf | None = None) -> tuple[str, ...]:
    """The agency's own address and those who have one of these roles there; each address once. Where that is nobody,
    whoever writes and signs there. `people` are those of the agencies, where they were asked for already."""
    found = (people or people_of([agency]))[agency.pk]
    return _each_once([agency.email, *those_with(roles, found)]) or those_with(TOLD_FIRST, found)


def those_with(roles: Collection[str], people: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The addresses of those who have one of these roles, each once."""
    return _each_once([address for address, role in people if role in roles])


def people_of(agencies: Iterable[Agency]) -> PeopleOf:
    """Whom of these agencies letters may reach: one query."""
    found: dict[int, list[tuple[str, str]]] = {agency.pk: [] for agency in agencies}
    told = reached(Membership.objects.filter(agency__in=found, role__in=WITH_HEADS))
    for agency_id, address, role in told.values_list("agency", "user__email", "role"):
        found[agency_id].append((address, role))
    return found


def out_of_reach() -> AgencyQuerySet:
    """The agencies with something to do in a list that is not archived for which `recipients_of` has nobody at first:
    their letters wait."""
    busy = Duty.objects.filter(
        agency=OuterRef("pk"), measure__disposition="active", measure__reform_list__archived_on=None
    )
    somebody = Membership.objects.filter(agency=OuterRef("pk"), role__in=TOLD_FIRST)
    living: AgencyQuerySet = Agency.objects.living()
    return living.filter(Exists(busy), ~Exists(reached(somebody)), email="")


def addresses_of(user: User) -> tuple[str, ...]:
    """A person's own address; none of somebody shut out."""
    return (user.email,) if user.is_active and user.email else ()


def office_addresses(*, but: int | None) -> tuple[str, ...]:
    """Those of all supervisors except the person `but`."""
    office = Membership.objects.filter(role=Role.SUPERVISOR).exclude(user=but)
    return _each_once(_addresses(office))


def _addresses(places: QuerySet[Membership]) -> list[str]:
    return list(reached(places).values_list("user__email", flat=True))


def reached(places: QuerySet[Membership]) -> QuerySet[Membership]:
    """Those of them whose person gets mail: nobody who is shut out does."""
    return places.filter(user__is_active=True).exclude(user__email="").order_by("pk")


def _each_once(addresses: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for address in addresses if address))
