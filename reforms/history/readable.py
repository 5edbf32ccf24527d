"""Which entries of the change log somebody may read: the one rule for the history on pages and for the API's feed."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import BigIntegerField, BooleanField, Case, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from agencies.access import Principal, Verb, agencies_for, may
from agencies.models import Change
from reforms.models import (
    ListEdition,
    Measure,
    ProgressReport,
    ReformList,
    is_open_to,
    of_own_hand,
    reached,
    was_open_to,
)

KINDS = ("measure", "edition", "list", "agency")  # people and tokens are for the audit log
UNSIGNED = ("claim.written", "claim.sent_back", "extension.sent_back")
EVIDENCE = ("evidence.added", "evidence.removed")
# Internal, and yet they move what everybody sees who sees the status: its dates, or the version that counts them.
MOVING = (
    "report.submitted",
    "report.entered",
    "report.withdrawn",
    "claim.submitted",
    "claim.signed",
    "claim.verified",
    "claim.returned",
    "measure.reopened",
    "measure.result_told",
    "measure.filled_in",
)
SETTINGS = "list.settings_changed"
OPENNESS = ("open_to", "public_from", "public_until")
Visibility = Change.Visibility


def readable_changes(who: Principal) -> QuerySet[Change]:
    """The entries that `who` may read, each with `is_named`: whether also the person, the reason and what was written;
    and with `is_status_shown`: whether what it says of status may be told.

    What is public everybody reads; status whoever sees that of the measure's list; what is internal the office, the
    leads of the measure, and the agency it is about while it acts on the measure. What an agency has neither signed nor
    sent, its files included, is for those who may read its drafts.
    """
    return _judged(who).filter(_readable(who))


def followed_changes(who: Principal) -> QuerySet[Change]:
    """The same for whoever keeps a copy, with what changes a copy although nothing of it may be read: `is_told` is
    false where no more may be said than which object is another one now.

    That is what moves a measure whose status they see, and that a list which was open to them is so no longer.
    """
    readable = _readable(who)
    found = _judged(who).annotate(is_told=_answer(readable))
    return found.filter(readable | (_moving(who) & _open(who)) | Q(sequence__in=_closings(who)))


def _judged(who: Principal) -> QuerySet[Change]:
    """All entries, with what the rules below ask of them."""
    return (
        # The report that an entry of evidence names, as a number that can be looked for among reports.
        Change.objects.alias(report_id=Cast(Coalesce(KT("after__report"), KT("before__report")), BigIntegerField()))
        .alias(is_unsent=Case(When(_unsent(), then=True), default=False))
        .annotate(is_named=_answer(_inner(who)), is_status_shown=_answer(_status(who)))
    )


def _readable(who: Principal) -> Q:
    visible = Q(visibility=Visibility.PUBLIC) | (Q(visibility=Visibility.STATUS) & _status(who))
    visible |= Q(visibility=Visibility.INTERNAL) & _inner(who)
    return visible & _open(who) & Q(kind__in=KINDS) & (Q(is_unsent=False) | _own_drafts(who))


def _moving(who: Principal) -> Q:
    """What is internal and moves measures whose status they see."""
    # A claim that waits to be signed moves its measure where it takes the place of what was sent before.
    moves = Q(action__in=MOVING) | Q(action="claim.written", after__has_key="replaces")
    # Who must claim decides how far every measure of the list is.
    settings = Q(kind="list", action=SETTINGS, after__has_key="claimed_by")
    if may(who, Verb.READ_STATUS):
        return (Q(kind="measure") & moves) | settings
    telling = ReformList.objects.filter(pk=OuterRef("object_id"), public_status=True)
    return (moves & _status(who)) | (settings & Q(Exists(telling)))


def _closings(who: Principal) -> list[int]:
    """The sequences at which lists that are not open to them now were closed to them. What was never open to them is
    not told of."""
    if may(who, Verb.READ_UNPUBLISHED):
        return []
    closed = ReformList.objects.exclude(pk__in=ReformList.objects.readable_by(who).values("pk"))
    states: dict[int, dict[str, Any]] = {row["id"]: row for row in closed.values("id", *OPENNESS)}
    entries = Change.objects.filter(kind="list", action=SETTINGS, visibility=Visibility.PUBLIC, object_id__in=states)
    found = []
    # Back from what each list is now: an entry keeps what it changed alone.
    for entry in entries.order_by("-sequence"):
        after = states[entry.object_id]
        states[entry.object_id] = before = after | _openness(entry.before)
        if was_open_to(who, before, entry.on) and not was_open_to(who, after, entry.on):
            found.append(entry.sequence)
    return found


def _openness(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Of what an entry of a list keeps, whom it was open to; days as days."""
    told = {name: facts[name] for name in OPENNESS if name in facts}
    return {
        name: dt.date.fromisoformat(value) if value and name != "open_to" else value for name, value in told.items()
    }


def _open(who: Principal) -> Q:
    """Of lists that are open to them; what is known of agencies is open to everybody."""
    if may(who, Verb.READ_UNPUBLISHED):
        return Q()
    here = {
        "measure": Measure.objects.readable_by(who),
        "edition": ListEdition.objects.filter(is_open_to(who, "reform_list__")),
        "list": ReformList.objects.readable_by(who),
    }
    # Entries of agencies are of no list.
    found = ~Q(kind__in=here)
    for kind, rows in here.items():
        found |= Q(Exists(rows.filter(pk=OuterRef("object_id"))), kind=kind)
    return found


def _answer(condition: Q) -> "ExpressionWrapper[Q]":
    return ExpressionWrapper(condition, output_field=BooleanField())


def _status(who: Principal) -> Q:
    if may(who, Verb.READ_STATUS):
        return Q()
    return Q(Exists(Measure.objects.filter(pk=OuterRef("object_id"), reform_list__public_status=True)), kind="measure")


def _inner(who: Principal) -> Q:
    """As the reports on the same measure; of lists and agencies what names one's own agency."""
    if may(who, Verb.READ_REPORTS, ()):
        return Q()
    # Of an edition, say, its own acknowledgement and nobody else's.
    named = ~Q(kind="measure") & Q(agency__in=agencies_for(who, Verb.READ_REPORTS))
    return (Q(kind="measure") & reached(who, "object_id")) | named


def _unsent() -> Q:
    """Written for the agency's own signature, or a file of what was never sent. What the office entered (`source`) it
    knows."""
    written = Q(action__in=UNSIGNED) & ~Q(after__has_key="source")
    asked = Q(action="extension.asked", after__state="awaiting_signature")
    sent = ProgressReport.objects.sent().filter(pk=OuterRef("report_id"))
    return written | asked | Q(~Exists(sent), action__in=EVIDENCE)


def _own_drafts(who: Principal) -> Q:
    """What those who write and sign for an agency read of its drafts, though not of what the office drafts for it."""
    by_office = ProgressReport.objects.filter(pk=OuterRef("report_id"), by_office=True)
    return of_own_hand(who, "object_id") & ~Q(Exists(by_office), action__in=EVIDENCE)
