"""What every letter of the outbox has, whatever it tells, and to whom letters go."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from agencies.lib.chinese import english
from agencies.models import Agency, AgencyQuerySet, Language, Membership, Role, User
from agencies.people.pauses import pauses_on
from reforms.lib.words import day_text, in_language
from reforms.models import Duty, ReformList
from reforms.reminders.stages import TOLD_FIRST, WITH_HEADS


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody of an agency whom letters reach by one role. `until` where reminders to them rest, and then
    `substitute`, the name and address of whoever gets them meanwhile."""

    name: str
    address: str
    role: str
    until: dt.date | None = None
    substitute: tuple[str, str] | None = None


PeopleOf = Mapping[int, Sequence[Reader]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Ready to send; `recipients` may be empty (then it has to wait). `may_be_second` where a copy of it may have
    arrived already. `in_english` is what those addresses get instead that read English (reforms.reminders.sending)."""

    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    may_be_second: bool = False
    language: str = Language.CHINESE
    in_english: "Mapping[str, Letter]" = field(default_factory=dict, compare=False)

    def copy_for(self, address: str) -> "Letter":
        """What one recipient gets."""
        return replace(self.in_english.get(address, self), recipients=(address,))


def readers_of_english(addresses: Collection[str], agency: Agency | None) -> list[str]:
    """Those of these addresses whose people all chose English; an agency's own is written to in Chinese. One query."""
    # Several people may share a mailbox: one who reads Chinese decides for all of them.
    found: dict[str, set[str]] = {address: set() for address in addresses if not agency or address != agency.email}
    people = User.objects.filter(is_active=True, email__in=found)
    for address, language in people.values_list("email", "language"):
        found[address].add(language)
    return [address for address, languages in found.items() if languages == {Language.ENGLISH}]


def name_of(agency: Agency) -> str:
    """As letters call an agency: in English by its English name where it has one."""
    return in_language(agency.name, agency.name_en)


def office_name() -> str:
    """The same of the office."""
    office = Agency.objects.filter(name=settings.OFFICE_NAME).exclude(name_en="").first() if english() else None
    return office.name_en if office else settings.OFFICE_NAME


def contacts_of(lists: Iterable[ReformList]) -> list[str]:
    """督办联系人：张三，电话：…; where lists have different ones, each with its list."""
    found = {str(one): said for one in lists if (said := _contact(one))}
    if len(set(found.values())) == 1:
        return list(found.values())[:1]
    return [_("《%(list)s》%(said)s") % {"list": name, "said": said} for name, said in found.items()]


def _contact(reform_list: ReformList) -> str:
    phone = _("电话：%(phone)s") % {"phone": reform_list.contact_phone} if reform_list.contact_phone else ""
    person = _("督办联系人：%(name)s") % {"name": reform_list.contact or office_name()}
    return _("，").join(filter(None, (person, phone))) if reform_list.contact or phone else ""


def headers() -> dict[str, str]:
    """What mailboxes sort letters by, and what keeps machines from answering them."""
    return {
        # RFC 3834: out-of-office replies are not sent to it.
        "Auto-Submitted": "auto-generated",
        # RFC 2919.
        "List-Id": f"<reform-tracker.{urlsplit(settings.SITE_URL).hostname}>",
    }


def reply_to() -> list[str]:
    """Where answers go; the sender where nothing is set."""
    return [settings.MAIL_REPLY_TO] if settings.MAIL_REPLY_TO else []


@dataclass(frozen=True, slots=True)
class Addressed:
    """To whom a letter goes. `said` stands in it: for whom somebody else gets it, and who gets it although theirs rest.
    `held` says whom it does not reach meanwhile."""

    recipients: tuple[str, ...]
    said: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


def recipients_of(agency: Agency, roles: Collection[Role], people: PeopleOf | None = None) -> tuple[str, ...]:
    """The agency's own address and those who have one of these roles there; each address once. Where that is nobody,
    whoever writes and signs there. `people` are those of the agencies, where they were asked for already."""
    return _each_once([agency.email, *(one.address for one in _readers(agency, roles, people))])


def _readers(agency: Agency, roles: Collection[Role], people: PeopleOf | None) -> list[Reader]:
    found = (people or people_of([agency]))[agency.pk]
    told = [one for one in found if one.role in roles]
    # A list may tell heads alone, and an agency have none: then the letter goes to whoever does the work, not nowhere.
    return told if told or agency.email else [one for one in found if one.role in TOLD_FIRST]


def reminded_of(agency: Agency, roles: Collection[Role], people: PeopleOf) -> Addressed:
    """To whom a reminder goes: as `recipients_of`, but those whose reminders rest are left out, and their substitutes
    take their place. Never so that no reporter is left who would be told, or nobody at all."""
    readers = _readers(agency, roles, people)
    told = {one.address: one for one in readers}
    served = [address for one in readers if (address := _served(one))]
    resting = [one for one in told.values() if not _served(one)]
    # Heads and approvers do not take a reporter's place: where all reporters rest, theirs reach them all the same.
    reporters = [one for one in readers if one.role == Role.REPORTER]
    if reporters and not any(map(_served, reporters)):
        at = {one.address for one in reporters}
        anyway = [one for one in resting if one.address in at]
    else:
        anyway = [] if served or agency.email else resting
    other = _("%(name)s（至%(day)s）的信由%(other)s代收。")
    alone = _("%(name)s（至%(day)s）暂不收信，因没有其他可收信的人员，提醒信仍发给本人。")
    rests = _("%(name)s（至%(day)s）暂不收信。")
    return Addressed(
        recipients=_each_once([agency.email, *served, *(one.address for one in anyway)]),
        said=(
            *_each_once([_said(other, one) for one in readers if one.substitute]),
            *(_said(alone, one) for one in anyway),
        ),
        held=tuple(_said(rests, one) for one in resting if one not in anyway),
    )


def rests_of(agency: Agency, people: PeopleOf) -> tuple[str, ...]:
    """Whose reminders rest at an agency, and who gets them, in sentences."""
    addressed = reminded_of(agency, WITH_HEADS, people)
    return (*addressed.held, *addressed.said)


def rests_at(agency: Agency, on: dt.date) -> tuple[str, ...]:
    """The same, asked on a day; one query where nobody's rest."""
    return rests_of(agency, people_of([agency], on)) if pauses_on(on, [agency.pk]).exists() else ()


def _served(reader: Reader) -> str:
    """The address that gets what this one would get; empty where that rests."""
    if reader.until is None:
        return reader.address
    return reader.substitute[1] if reader.substitute else ""


def _said(words: str, reader: Reader) -> str:
    other = reader.substitute[0] if reader.substitute else ""
    return words % {"name": reader.name, "day": day_text(reader.until), "other": other}


def with_substitutes(agency: Agency, roles: Collection[Role], people: PeopleOf) -> tuple[str, ...]:
    """To whom goes what does not rest: as `recipients_of`, and to the substitutes as well."""
    besides = [one.substitute[1] for one in _readers(agency, roles, people) if one.substitute]
    # Not in the place of whoever rests: a document addressed to them is theirs even so.
    return _each_once([*recipients_of(agency, roles, people), *besides])


def those_with(roles: Collection[str], people: Iterable[Reader]) -> tuple[str, ...]:
    """The addresses of those who have one of these roles, each once."""
    return _each_once([one.address for one in people if one.role in roles])


def people_of(agencies: Iterable[Agency], on: dt.date | None = None) -> PeopleOf:
    """Whom of these agencies letters may reach, and with `on` whose reminders rest on that day: two queries."""
    found: dict[int, list[Reader]] = {agency.pk: [] for agency in agencies}
    told = reached(Membership.objects.filter(agency__in=found, role__in=WITH_HEADS)).select_related("user")
    pauses = {(one.user_id, one.agency_id): one for one in pauses_on(on, found)} if on else {}
    places = list(told)
    here = {(place.user_id, place.agency_id) for place in places}
    for place in places:
        pause = pauses.get((place.user_id, place.agency_id))
        other = pause.substitute if pause else None
        # Who left the agency meanwhile, or rests as well, gets nothing for others.
        stands_in = other and (other.pk, place.agency_id) in here and (other.pk, place.agency_id) not in pauses
        reader = Reader(
            name=str(place.user),
            address=place.user.email,
            role=place.role,
            until=pause.until if pause else None,
            substitute=(str(other), other.email) if other and stands_in else None,
        )
        found[place.agency_id].append(reader)
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
