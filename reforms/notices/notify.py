"""Telling people what happened: a notice is a row, written in the transaction of what it tells of."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone

from agencies.models import Change, Role
from reforms.models import Extension, Measure, Notice, NoticeQuerySet, NoticeRead, ReformList, ReviewRequest


def notify(
    kind: Notice.Kind,
    *,
    on: dt.date,
    agencies: Iterable[int] = (),
    users: Iterable[int] = (),
    office: bool = False,
    by: int | None = None,
    measure: Measure | None = None,
    lists: Collection[int] = (),
    facts: Mapping[str, Any] | None = None,
) -> None:
    """One notice to each of these agencies and persons, and to the office; `facts` (JSON values) fill its sentence.
    `by` is the person who did it, whom the office's notice leaves out. `lists` are those it is about where it names no
    measure (none: any)."""
    addressees = [{"agency_id": pk} for pk in sorted(set(agencies))]
    addressees += [{"user_id": pk} for pk in sorted(set(users))]
    if office:
        addressees.append({})
    tell_each(
        kind, [(addressee, dict(facts or {})) for addressee in addressees], on=on, by=by, measure=measure, lists=lists
    )


def tell_each(
    kind: Notice.Kind,
    told: Iterable[tuple[Mapping[str, int], dict[str, Any]]],
    *,
    on: dt.date,
    by: int | None = None,
    measure: Measure | None = None,
    lists: Collection[int] = (),
) -> list[Notice]:
    """The same where the facts differ from one addressee (`agency_id`, `user_id`, or neither) to the next; the notices
    in that order."""
    shared = {"kind": kind, "measure": measure, "on": on, "created_at": timezone.now(), "by_id": by}
    notices = [Notice(facts=facts, **addressee, **shared) for addressee, facts in told]
    if not notices:
        return []
    # Decided as it happens: what came before a list was opened never goes out.
    by_mail = may_leave(measure, lists)
    for notice in notices:
        notice.by_mail = by_mail
    return Notice.objects.bulk_create(notices)


def signed_no_longer(request: ReviewRequest) -> None:
    """A request signed, sent back or taken back asks the agency's approvers for no signature any more."""
    told = Notice.objects.filter(kind=Notice.Kind.TO_SIGN, agency=request.agency_id, measure=request.measure_id)
    # Only a request for more time names the day that was asked for.
    of_its_kind = Q(facts__has_key="until") if isinstance(request, Extension) else ~Q(facts__has_key="until")
    told = told.filter(of_its_kind)
    signers = told.filter(agency__memberships__role=Role.APPROVER)
    wait_no_longer(told, signers.values_list("pk", "agency__memberships__user"))


def wait_no_longer(told: NoticeQuerySet, readers: Iterable[tuple[int, int]]) -> None:
    """What these asked for is done or given up: they count as seen by `readers` (ids of notice and person) and go out
    by no letter any more."""
    told.filter(delivery=None).update(by_mail=False)
    now = timezone.now()
    seen = [NoticeRead(notice_id=pk, user_id=user_id, at=now) for pk, user_id in readers]
    NoticeRead.objects.bulk_create(seen, ignore_conflicts=True)


def may_leave(measure: Measure | None, lists: Collection[int] = ()) -> bool:
    """Whether what is told may also go out by mail; of no measure when any of `lists`, or of all, may."""
    opened = opened_lists()
    if measure:
        return measure.reform_list_id in opened
    return bool(opened.intersection(lists) if lists else opened)


def opened_lists() -> frozenset[int]:
    """The ids of the lists in work whose reminders are on or, by the log, have been."""
    switched = Change.objects.filter(action="reminders.switched", kind="list")
    # From the log, since the list itself says only how it is set now (docs/reminders.md, “Safe start”).
    been_on = switched.filter(Q(before__on=True) | Q(after__on=True))
    opened = Q(reminders_on=True) | Q(pk__in=been_on.values("object_id"))
    return frozenset(ReformList.objects.in_work().filter(opened).values_list("pk", flat=True))
