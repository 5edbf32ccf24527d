"""Which entries of the change log somebody may read: the one rule for the history on pages and for the API's feed."""

from django.db.models import BigIntegerField, BooleanField, Case, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from agencies.access import Principal, Verb, agencies_for, may
from agencies.models import Change
from reforms.models import ListEdition, Measure, ProgressReport, ReformList, is_open_to, of_own_hand, reached

KINDS = ("measure", "edition", "list", "agency")  # people and tokens are for the audit log
UNSIGNED = ("claim.written", "claim.sent_back", "extension.sent_back")
EVIDENCE = ("evidence.added", "evidence.removed")
Visibility = Change.Visibility


def readable_changes(who: Principal) -> QuerySet[Change]:
    """The entries that `who` may read, each with `is_named`: whether also the person, the reason and what was written;
    and with `is_status_shown`: whether what it says of status may be told.

    What is public everybody reads; status whoever sees that of the measure's list; what is internal the office, the
    leads of the measure, and the agency it is about while it acts on the measure. What an agency has neither signed nor
    sent, its files included, is for those who may read its drafts.
    """
    inner, status = _inner(who), _status(who)
    visible = Q(visibility=Visibility.PUBLIC) | (Q(visibility=Visibility.STATUS) & status)
    return (
        # The report that an entry of evidence names, as a number that can be looked for among reports.
        Change.objects.alias(report_id=Cast(Coalesce(KT("after__report"), KT("before__report")), BigIntegerField()))
        .alias(is_unsent=Case(When(_unsent(), then=True), default=False))
        .filter(visible | (Q(visibility=Visibility.INTERNAL) & inner), _open(who), kind__in=KINDS)
        .filter(Q(is_unsent=False) | _own_drafts(who))
        .annotate(is_named=_answer(inner), is_status_shown=_answer(status))
    )


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
