"""When somebody leaves: a colleague of the same agency takes over what is in hand. Reports are never changed."""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agencies.access import Principal
from agencies.log.write import Entry, record
from agencies.models import Agency, Change, Membership, Role, User
from agencies.people.accounts import given, lock_administrators, shut_out
from reforms.models import Duty, Notice, ProgressReport
from reforms.notices.notify import notify

TAKES_OVER = (Role.REPORTER, Role.APPROVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverWork:
    """What is in somebody's hands: measures they deal with, and reports not yet sent."""

    duties: int = 0
    drafts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """What was asked for: with `roles` the colleague gets the leaver's roles in that agency, with `deactivate` the
    leaver is shut out."""

    agency: Agency
    roles: bool
    deactivate: bool
    reason: str = ""


def work_of(leaver: User, agency: Agency) -> HandoverWork:
    """What would move: the duties the leaver deals with in that agency, and the drafts they wrote last."""
    return HandoverWork(duties=_duties(leaver, agency).count(), drafts=_drafts(leaver, agency).count())


def _move_work(leaver: User, colleague: User, agency: Agency, *, on: dt.date) -> HandoverWork:
    """Give the colleague what the leaver has in hand in that agency; how much it was. Nobody may sign what they wrote:
    with a draft its authorship moves, and a claim that waits to be signed stays the leaver's."""
    duties = _duties(leaver, agency).update(officer_user=colleague, officer=str(colleague))
    drafts = _drafts(leaver, agency).update(author_user=colleague, author=Principal.of_user(colleague).label)
    if duties or drafts:
        facts = {"from": str(leaver), "duties": duties, "drafts": drafts}
        notify(Notice.Kind.HANDED_OVER, on=on, users=[colleague.pk], facts=facts)
    return HandoverWork(duties=duties, drafts=drafts)


def _duties(leaver: User, agency: Agency) -> QuerySet[Duty]:
    return Duty.objects.filter(officer_user=leaver, agency=agency)


def _drafts(leaver: User, agency: Agency) -> QuerySet[ProgressReport]:
    return ProgressReport.objects.drafts().filter(author_user=leaver, agency=agency)


def colleagues_of(leaver: User) -> QuerySet[Membership]:
    """Who may take over: places, one for each person and agency, of those who report or sign in the leaver's agencies
    and are in. Living agencies only: a dissolved one's work has gone to its successor."""
    places = Membership.objects.filter(
        role__in=TAKES_OVER,
        user__is_active=True,
        agency__in=leaver.memberships.values("agency"),
        # Its duties went to the successor; there is nothing left to take over.
        agency__dissolved_on=None,
    )
    first = places.exclude(user=leaver).order_by("agency", "user", "pk")
    return first.select_related("user", "agency")


def roles_to_give(leaver: User, colleague: User, agency: Agency) -> list[Role]:
    """The leaver's roles in that agency that the colleague has not."""
    has = set(colleague.memberships.filter(agency=agency).values_list("role", flat=True))
    places = leaver.memberships.filter(agency=agency)
    return [Role(place.role) for place in places if place.role not in has]


def hand_over(leaver: User, colleague: User, asked: HandOver, *, who: Principal, on: dt.date) -> HandoverWork:
    """Move what is in hand, give roles and shut the account as asked; what was moved.

    ValidationError when the colleague can no longer take over, or the leaver may not be shut out.
    """
    with transaction.atomic():
        # First, so that two who shut an administrator out at once do not both count on the other.
        lock_administrators()
        _lock_both(leaver, colleague)
        _check(leaver, colleague, asked)
        work = _move_work(leaver, colleague, asked.agency, on=on)
        entries = _give_roles(leaver, colleague, asked.agency) if asked.roles else []
        if asked.deactivate:
            entries.append(shut_out(leaver, who=who))
        record([_told(leaver, colleague, asked, work), *entries], who=who, on=on)
    return work


def _lock_both(leaver: User, colleague: User) -> None:
    # By id, so that two who hand over to each other do not wait for ever.
    both = User.objects.select_for_update(no_key=True).filter(pk__in=[leaver.pk, colleague.pk])
    list(both.order_by("pk").values_list("pk"))


def _check(leaver: User, colleague: User, asked: HandOver) -> None:
    if not colleagues_of(leaver).filter(user=colleague, agency=asked.agency).exists():
        raise ValidationError(_("该同事已停用，或不再是该单位的填报人或审核人，请另选一人。"), code="no_colleague")


def _give_roles(leaver: User, colleague: User, agency: Agency) -> list[Entry]:
    roles = roles_to_give(leaver, colleague, agency)
    places = [Membership(user=colleague, agency=agency, role=role) for role in roles]
    Membership.objects.bulk_create(places)
    return [given(place) for place in places]


def _told(leaver: User, colleague: User, asked: HandOver, work: HandoverWork) -> Entry:
    after = {"to": str(colleague), "to_id": colleague.pk, "duties": work.duties, "drafts": work.drafts}
    return Entry(
        action="person.handed_over",
        kind="user",
        object_id=leaver.pk,
        agency_id=asked.agency.pk,
        visibility=Change.Visibility.INTERNAL,
        after=after,
        reason=asked.reason,
    )
