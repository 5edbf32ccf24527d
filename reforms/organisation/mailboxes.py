"""Mailboxes (邮箱) of agencies and of persons: who has none, and many of them set at once.

All are written or none, each logged like a single change.
"""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Prefetch
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.directory import changes, facts_of
from agencies.log.write import Entry, record
from agencies.models import Agency, Change, Membership, User
from agencies.names import NamedAgencies
from agencies.people.accounts import details_of, edited
from reforms.catalogue.rows import viewpoint
from reforms.reminders.letters import people_of, those_with
from reforms.reminders.stages import TOLD_FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One to be set: whose, what it is, and for an agency whom its letters reach besides and what it has to do."""

    holder: Agency | User
    email: str
    besides: tuple[str, ...] = ()
    duties: int = 0

    @property
    def pk(self) -> int:
        return self.holder.pk

    @property
    def is_missing(self) -> bool:
        """Whether letters reach nobody."""
        return not (self.email or self.besides)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A mailbox to be set: `before` is what it was when somebody looked."""

    pk: int
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanwhile:
    """What a mailbox became since somebody looked: `email` is None where its holder is no longer there to have one.
    `who` and `at` (real time) are empty where the log does not tell."""

    email: str | None
    who: str = ""
    at: dt.datetime | None = None


class ChangedMeanwhile(Exception):
    """Nothing was written: others changed some of them since they were looked at. `changes` by id."""

    def __init__(self, changes: dict[int, Meanwhile]) -> None:
        super().__init__()
        self.changes = changes


class FoundHolders(Protocol):
    """Holders looked up by the names in a table."""

    def get(self, name: str) -> Agency | User | None:
        """The one of that name."""
        ...

    def what_is_wrong(self, name: str) -> str:
        """Why the name is nobody's who can have a mailbox; empty when it is."""
        ...


class Mailboxes(ABC):
    """Those of one kind of holder."""

    verb: ClassVar[Verb]
    kind: ClassVar[str]  # as the log calls the holder

    @abstractmethod
    def all(self, *, who: Principal, on: dt.date) -> list[Mailbox]:
        """Every one that can be set; those that reach nobody first."""

    @abstractmethod
    def hold(self, ids: Collection[int]) -> dict[int, Any]:
        """The holders, in the transaction; those that can no longer have one are left out."""

    @abstractmethod
    def write(self, holder: Any, email: str) -> list[Entry]:
        """Set it; the entries to log."""

    @abstractmethod
    def found(self, names: Iterable[str]) -> FoundHolders:
        """The holders by the names that a table gives."""


class AgencyMailboxes(Mailboxes):
    """Of the agencies that act themselves: no letter goes to a collective name."""

    verb, kind = Verb.MANAGE_AGENCIES, "agency"

    def all(self, *, who: Principal, on: dt.date) -> list[Mailbox]:
        counts = viewpoint(who, on).counts("duties__measure__")
        agencies = list(_acting().annotate(held=Count("duties", filter=counts)))
        people = people_of(agencies)
        found = [
            Mailbox(
                holder=agency, email=agency.email, besides=those_with(TOLD_FIRST, people[agency.pk]), duties=agency.held
            )
            for agency in agencies
        ]
        return sorted(found, key=lambda one: (not one.is_missing, -one.duties, one.pk))

    def hold(self, ids: Collection[int]) -> dict[int, Any]:
        return _by_id(_acting().filter(pk__in=ids).select_for_update(no_key=True))

    def write(self, holder: Any, email: str) -> list[Entry]:
        before = facts_of(holder)
        holder.email = email
        holder.save(update_fields=["email"])
        return changes(holder, before)

    def found(self, names: Iterable[str]) -> NamedAgencies:
        return NamedAgencies(names)


def _acting() -> Any:
    return Agency.objects.living().filter(kind=Agency.Kind.SINGLE).order_by("pk")


def _by_id(rows: Iterable[Any]) -> dict[int, Any]:
    return {row.pk: row for row in rows}


class PeopleMailboxes(Mailboxes):
    """Of the people who can sign in."""

    verb, kind = Verb.MANAGE_PEOPLE, "user"

    def all(self, *, who: Principal, on: dt.date) -> list[Mailbox]:
        places = Prefetch("memberships", Membership.objects.select_related("agency"))
        people = User.objects.filter(is_active=True).order_by("pk").prefetch_related(places)
        return sorted((Mailbox(holder=user, email=user.email) for user in people), key=lambda one: not one.is_missing)

    def hold(self, ids: Collection[int]) -> dict[int, Any]:
        people = User.objects.filter(pk__in=ids, is_active=True).order_by("pk")
        return _by_id(people.select_for_update(no_key=True))

    def write(self, holder: Any, email: str) -> list[Entry]:
        before = details_of(holder)
        holder.email = email
        holder.save(update_fields=["email"])
        entry = edited(holder, before)
        return [entry] if entry else []

    def found(self, names: Iterable[str]) -> "NamedPeople":
        return NamedPeople(names)


class NamedPeople:
    """People by their usernames, looked up at once."""

    def __init__(self, names: Iterable[str]) -> None:
        people = User.objects.filter(username__in=set(names))
        self._found = {user.username: user for user in people}

    def get(self, text: str) -> User | None:
        """The person of that username."""
        return self._found.get(text)

    def what_is_wrong(self, text: str) -> str:
        """Why nobody who can sign in has that username; empty when somebody has."""
        if not text:
            return _("未填写用户名。")
        user = self._found.get(text)
        if user is None:
            return _("没有用户名“%(name)s”。新人员请在“人员”页新增或从表格导入。") % {"name": text[:40]}
        return "" if user.is_active else _("用户名“%(name)s”的账号已停用。") % {"name": text}


AGENCIES, PEOPLE = AgencyMailboxes(), PeopleMailboxes()


def set_mailboxes(boxes: Mailboxes, wanted: Sequence[Setting], *, who: Principal, on: dt.date) -> int:
    """Write all of them or none; how many changed. Raises ChangedMeanwhile, PermissionDenied."""
    if not may(who, boxes.verb):
        raise PermissionDenied
    with transaction.atomic():
        held = boxes.hold([one.pk for one in wanted])
        moved = [one.pk for one in wanted if _moved(held.get(one.pk), one)]
        if moved:
            now = {pk: held[pk].email if pk in held else None for pk in moved}
            raise ChangedMeanwhile(told_meanwhile(boxes, now))
        new = [one for one in wanted if held[one.pk].email != one.after]
        entries = [entry for one in new for entry in boxes.write(held[one.pk], one.after)]
        if entries:
            record(entries, who=who, on=on)
    return len(new)


def _moved(holder: Any, wanted: Setting) -> bool:
    # What somebody else set to the same is no difference.
    return holder is None or holder.email not in (wanted.before, wanted.after)


def told_meanwhile(boxes: Mailboxes, emails: Mapping[int, str | None]) -> dict[int, Meanwhile]:
    """What these mailboxes are now (None where nobody has them any more), with who made them so and when."""
    told = Change.objects.filter(kind=boxes.kind, object_id__in=list(emails), after__has_key="email")
    last = {change.object_id: change for change in told.order_by("sequence")}
    return {
        pk: Meanwhile(email=email, who=last[pk].actor, at=last[pk].recorded_at)
        if email is not None and pk in last
        else Meanwhile(email=email)
        for pk, email in emails.items()
    }
