"""What is to be told is gathered into one letter per addressee: reminders into a digest per agency and working day,
notices into a letter per agency, per person, or for the office; and what chat groups are told besides.

消息 is the record: that an agency was reminded stands in its inbox, whatever becomes of the letter.
"""

import datetime as dt
import secrets
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from agencies.models import Agency, ChatRobot
from reforms.models import Delivery, DeliveryCopy, Notice, Reminder, heirs_today
from reforms.reminders.owed import duties_due, switched_on
from reforms.reminders.sending.copies import let_go

NOT_BEGUN = (DeliveryCopy.State.PENDING, DeliveryCopy.State.OBSOLETE)


def gather(on: dt.date) -> int:
    """Put every loose reminder, and every notice that goes with them, into its agency's digest; how many new digests
    were made.

    One digest for each agency and day: what falls due while an older one waits goes out with it, in a new one, and what
    falls due after today's was sent waits for the next working day.
    """
    loose = Reminder.objects.filter(delivery=None)
    _supersede()
    agencies = set(loose.order_by().values_list("agency", flat=True).distinct())
    digested = Notice.objects.to_digest().order_by().values_list("agency", flat=True).distinct()
    agencies |= {pk for pk in digested if pk}
    if not agencies:
        return 0
    digests = Delivery.objects.filter(kind=Delivery.Kind.REMINDERS, on=on, agency__in=agencies)
    # Whoever has today's letter already would not be told what is put into it now.
    some = Exists(DeliveryCopy.objects.filter(delivery=OuterRef("pk")).exclude(state__in=NOT_BEGUN))
    begun = Q(state__in=("sending", "sent")) | some
    told = set(digests.filter(begun).values_list("agency_id", flat=True))
    waiting = dict(digests.filter(state="pending").exclude(begun).order_by("pk").values_list("agency_id", "pk"))
    keep_in_inboxes(agencies - told, on)
    for pk in sorted(agencies & {*waiting} - told):
        _join(waiting[pk])
    made = _new_digests(sorted(agencies - {*waiting} - told), on)
    _supersede()
    return made


def _new_digests(agencies: Collection[int], on: dt.date) -> int:
    """One for each of these agencies, in four queries; how many there are. Of two that gather at once, one finds
    nothing left and leaves no letter behind."""
    if not agencies:
        return 0
    with transaction.atomic():
        made = Delivery.objects.bulk_create([_letter(on, agency_id=pk) for pk in agencies])
        new = Delivery.objects.filter(pk__in=[letter.pk for letter in made])
        of_agency = Subquery(new.filter(agency=OuterRef("agency")).order_by().values("pk")[:1])
        for loose in _loose(agencies):
            loose.update(delivery=of_agency)
        reminders, notices = (model.objects.filter(delivery=OuterRef("pk")) for model in (Reminder, Notice))
        empty, _of_each = new.filter(~Exists(reminders), ~Exists(notices)).delete()
    return len(made) - empty


def _loose(agencies: Any) -> tuple[QuerySet[Reminder], QuerySet[Notice]]:
    """What is to be told to these agencies and is in no letter yet."""
    return Reminder.objects.filter(delivery=None, agency__in=agencies), Notice.objects.to_digest().filter(
        agency__in=agencies
    )


def _supersede() -> None:
    """Where several digests of one agency wait, the newest goes out for all of them: it says the whole state."""
    waiting = Delivery.objects.filter(kind=Delivery.Kind.REMINDERS, state="pending").order_by()
    several = waiting.values("agency").annotate(count=Count("pk"), newest=Max("pk")).filter(count__gt=1)
    for newest in list(several.values_list("newest", flat=True)):
        _join(newest)


def _join(pk: int) -> None:
    """Into a digest that waits what is loose, and what is in older ones that wait as well. Should somebody just have
    taken it, all stay as they are."""
    with transaction.atomic():
        # The update holds the row, so that nobody claims it meanwhile.
        digest = Delivery.objects.filter(pk=pk, state="pending")
        if not digest.update(next_try_at=Now()):
            return
        agency = digest.values("agency")
        for loose in _loose(agency):
            loose.update(delivery=pk)
        older = Delivery.objects.filter(kind=Delivery.Kind.REMINDERS, agency__in=agency, state="pending", pk__lt=pk)
        superseded = list(older.values_list("pk", flat=True))
        if Delivery.objects.filter(pk__in=superseded, state="pending").update(state=Delivery.State.DROPPED):
            for model in (Reminder, Notice):
                model.objects.filter(delivery__in=superseded, delivery__state="dropped").update(delivery=pk)
            let_go(DeliveryCopy.objects.filter(delivery__in=superseded, delivery__state="dropped"))


def gather_notices(on: dt.date) -> int:
    """Put every loose notice that may go out into a new letter to its addressee; how many letters were made.

    What goes to the office is gathered by who did it: they are left out of the letter.
    """
    loose = Notice.objects.to_mail()
    made = []
    for agency_id, user_id, by_id in loose.order_by().values_list("agency", "user", "by").distinct():
        found, to_office = loose.filter(agency=agency_id, user=user_id), agency_id is None and user_id is None
        letter = _letter(on, kind=Delivery.Kind.NOTICES, agency_id=agency_id, user_id=user_id)
        made.append(_gather(found.filter(by=by_id) if to_office else found, letter))
    return sum(made)


def gather_watched(on: dt.date) -> int:
    """Put what people wanted to be told into one letter a day to each of them; how many letters were made."""
    had = Notice.objects.filter(kind=Notice.Kind.WATCHED, delivery__on=on).values("user")
    waiting = Notice.objects.to_daily().exclude(user__in=had).order_by().values_list("user", flat=True).distinct()
    letters = [(pk, _letter(on, kind=Delivery.Kind.NOTICES, user_id=pk)) for pk in waiting]
    return sum(_gather(Notice.objects.to_daily().filter(user=pk), letter) for pk, letter in letters)


def gather_group_messages(on: dt.date) -> int:
    """A message to each chat group of the agencies whose digest is of that day, or that were sent a document on it or
    came into what others had been sent, and of the office where its week was told on it: at most one a robot and day.
    One that still waits from a day before gives way. How many were made."""
    digests = Delivery.objects.filter(kind=Delivery.Kind.REMINDERS, on=on).exclude(state=Delivery.State.DROPPED)
    due = Q(agency__in=digests.values("agency")) | Q(agency__in=_sent_a_document(on))
    if Notice.objects.filter(kind=Notice.Kind.WEEK, on=on).exists():
        due |= Q(agency=None)
    robots = list(ChatRobot.objects.in_use().filter(due).exclude(deliveries__on=on))
    if not robots:
        return 0
    kind = Delivery.Kind.GROUP
    Delivery.objects.bulk_create(
        [_letter(on, kind=kind, agency_id=robot.agency_id, robot=robot) for robot in robots], ignore_conflicts=True
    )
    older = Delivery.objects.filter(kind=kind, robot__in=robots, on__lt=on, state=Delivery.State.PENDING)
    given_way = list(older.values_list("pk", flat=True))
    older.filter(pk__in=given_way).update(state=Delivery.State.DROPPED)
    let_go(DeliveryCopy.objects.filter(delivery__in=given_way, delivery__state=Delivery.State.DROPPED))
    return len(robots)


def _sent_a_document(on: dt.date) -> set[int]:
    """Those that were sent one that day, whoever succeeded them, and whoever was told that day that they succeed."""
    documents = Notice.objects.filter(kind=Notice.Kind.DOCUMENT, on=on, by_mail=True)
    sent = {pk for pk in documents.order_by().values_list("agency", flat=True) if pk}
    heirs = heirs_today() if sent else {}
    sent |= {heir for pk in sent for heir in heirs.get(pk, ())}
    succeeding = Notice.objects.filter(kind=Notice.Kind.ASSIGNED, on=on, facts__has_key="predecessors")
    return sent | {pk for pk in succeeding.order_by().values_list("agency", flat=True) if pk}


def _letter(on: dt.date, **facts: Any) -> Delivery:
    return Delivery(on=on, message_id=new_message_id(), next_try_at=Now(), created_at=timezone.now(), **facts)


def _gather(loose: QuerySet[Notice], delivery: Delivery) -> bool:
    """The update is conditional: of two that gather at once, one finds nothing left and leaves no letter behind."""
    with transaction.atomic():
        delivery.save()
        taken = loose.update(delivery=delivery)
        # Without a single row there would be an empty letter.
        if not taken:
            transaction.set_rollback(True)
    return bool(taken)


def new_message_id() -> str:
    # .invalid is nobody's (RFC 2606), so that the id need not name a host.
    return f"<{secrets.token_hex(16)}@reform-tracker.invalid>"


def keep_in_inboxes(agency_ids: Collection[int], on: dt.date) -> None:
    """A notice to each of these agencies whose digest is written `on` that day, with the numbers of the state as they
    are now. Once a day: doing it again, or twice at once, adds none. At most four queries."""
    if not agency_ids:
        return
    deadlines: dict[int, list[dt.date]] = {}
    lists = {pk for pk, _first in switched_on()}
    due = duties_due(lists, on).filter(agency__in=agency_ids).order_by()
    for agency_id, deadline in due.values_list("agency", "measure__deadline_in_force"):
        if deadline:
            deadlines.setdefault(agency_id, []).append(deadline)
    outside = set(Agency.objects.filter(pk__in=deadlines, outside_line=True).values_list("pk", flat=True))
    notices = [_notice(pk, days, on, outside_line=pk in outside) for pk, days in sorted(deadlines.items())]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


def _notice(agency_id: int, deadlines: Collection[dt.date], on: dt.date, *, outside_line: bool) -> Notice:
    late = [(on - day).days for day in deadlines if day < on]
    facts = {"late": len(late), "longest": max(late, default=0), "near": len(deadlines) - len(late)}
    return Notice(
        kind=Notice.Kind.REMINDED,
        agency_id=agency_id,
        on=on,
        created_at=timezone.now(),
        facts=facts | ({"outside_line": True} if outside_line else {}),
        # Its letter is the digest.
        by_mail=False,
        once=f"reminded {on} {agency_id}",
    )
