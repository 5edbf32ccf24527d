"""消息: what somebody is told, and what they have seen of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from agencies.access import Principal, Verb, agencies_for, may
from reforms.models import Bulletin, Duty, Notice, NoticeQuerySet, NoticeRead, SupervisionOrder
from reforms.notices.wording import Sentence, sentence_of

SHOWN_ON_DESK = 5
MOST_COUNTED = 99
QUEUE = "/sign/"
Kind = Notice.Kind
# Where a notice leads that names one of these.
PLACES: dict[str, Callable[[Any], str]] = {
    "order": lambda pk: reverse("order", args=[pk]),
    "bulletin": lambda pk: reverse("bulletin", args=[pk]),
    "token": lambda token: reverse("made-file", args=[token]),
    "query": lambda query: f"{reverse('measures')}?{query}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice as one person sees it: in words, and whether they have seen it."""

    notice: Notice
    sentence: Sentence
    seen: bool


def notices_for(who: Principal) -> NoticeQuerySet:
    """What `who` is told: oneself, one's own agencies (their reporters and approvers; viewers and heads read along),
    and, for supervisors, the office except what they did themselves. What waits to be signed inside an agency is
    for those who sign there."""
    if who.user_id is None:
        return Notice.objects.none()
    signed_for, read = agencies_for(who, Verb.SIGN), agencies_for(who, Verb.READ_REPORTS)
    mine = Q(user=who.user_id) | Q(agency__in=signed_for) | (Q(agency__in=read) & ~Q(kind=Kind.TO_SIGN))
    if may(who, Verb.REVIEW):
        mine |= Q(agency=None, user=None) & (Q(by=None) | ~Q(by=who.user_id))
    return Notice.objects.filter(mine)


def inbox(who: Principal) -> NoticeQuerySet:
    """The same for showing: unseen first, newest first; `seen` says which are."""
    sightings = NoticeRead.objects.filter(notice=OuterRef("pk"), user=who.user_id)
    found = notices_for(who).annotate(seen=Exists(sightings))
    return found.select_related("measure__item").order_by("seen", "-pk")


def told(notices: Iterable[Notice]) -> list[Told]:
    """Notices of `inbox` in words."""
    return [
        Told(notice=notice, sentence=sentence_of(notice), seen=bool(getattr(notice, "seen", False)))
        for notice in notices
    ]


def latest_notices(who: Principal) -> list[Told]:
    """The few for the desk."""
    return told(inbox(who)[:SHOWN_ON_DESK])


def unread_count(who: Principal) -> int:
    """How many `who` has not seen, up to one more than MOST_COUNTED."""
    if who.user_id is None:
        return 0
    # Counted no further than is shown (99+).
    return notices_for(who).unseen_by(who.user_id).order_by()[: MOST_COUNTED + 1].count()


def see(who: Principal, notices: NoticeQuerySet) -> None:
    """`who` has seen these. Seeing twice, or from two windows at once, is seeing once."""
    if who.user_id is None:
        return
    now = timezone.now()
    unseen = notices.unseen_by(who.user_id).order_by().values_list("pk", flat=True)
    seen = [NoticeRead(notice_id=pk, user_id=who.user_id, at=now) for pk in unseen]
    NoticeRead.objects.bulk_create(seen, ignore_conflicts=True, batch_size=1000)


def place_of(notice: Notice, who: Principal) -> str:
    """The address at which `who` acts on a notice; the measure's page where there is nothing for them to do."""
    if notice.kind == Kind.TO_SIGN and may(who, Verb.SIGN, [notice.agency_id or 0]):
        return QUEUE
    if _was_taken_back(notice, who):
        return reverse("desk")
    for fact, place in PLACES.items():
        if fact in notice.facts:
            return place(notice.facts[fact])
    if notice.measure is None:
        # Several were asked for: they are listed where it says what is owed.
        return reverse("unreported" if notice.kind in (Kind.CHASED, Kind.REPORT_DUE) else "desk")
    if _reports(notice, who):
        return reverse("report", args=[notice.measure_id])
    return notice.measure.get_absolute_url()


def _was_taken_back(notice: Notice, who: Principal) -> bool:
    """Whether it is about a paper that is no longer theirs to read: of a draft the office's head reads nothing."""
    facts = notice.facts
    if "order" in facts:
        return not SupervisionOrder.objects.readable_by(who).filter(pk=facts["order"]).exists()
    return "bulletin" in facts and not Bulletin.objects.readable_by(who).filter(pk=facts["bulletin"]).exists()


def _reports(notice: Notice, who: Principal) -> bool:
    """Whether the next step is a report of theirs. A request for more time that came back is asked for anew."""
    # Only a request for more time names the day that was asked for.
    came_back = notice.kind == Kind.SENT_BACK and "until" not in notice.facts
    if not came_back and notice.kind not in (Kind.RETURNED, Kind.CHASED):
        return False
    return Duty.objects.of(agencies_for(who, Verb.REPORT)).filter(measure=notice.measure_id).exists()
