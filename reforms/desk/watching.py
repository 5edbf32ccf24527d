"""通知我: people are told what happens to measures, or to those a saved view finds, as far as they may read it then."""

import datetime as dt
import logging
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.models import Change, ChangeHead, Language, User
from reforms.desk.saved_views import filters_of
from reforms.history.measure import in_history
from reforms.history.readable import readable_changes
from reforms.models import Duty, Measure, Notice, SavedView, Watching
from reforms.notices.notify import opened_lists

log = logging.getLogger(__name__)
MOST = 200  # of one person
APART = 5  # measures of a view that are told one by one; more are counted
SAID = 6  # things that are said of one measure at once
# Bookkeeping, what stands in an agency's drafts, and what has notices of its own.
NOT_TOLD = (
    *("measure.added", "measure.standing_changed", "measure.chased", "measure.ordered", "duty.officer_named"),
    *("claim.written", "claim.signed", "claim.sent_back", "extension.signed", "extension.sent_back"),
    *("evidence.added", "evidence.removed"),
)
# The page's languages by the names under which a notice keeps what it says.
LANGUAGES = {"zh": Language.CHINESE, "en": Language.ENGLISH}


def watches_of(who: Principal) -> QuerySet[Watching]:
    """What somebody watches, the newest first."""
    return Watching.objects.filter(user=who.user_id).select_related("measure__item", "view")


def watch_on(measure: Measure, who: Principal) -> int | None:
    """The id of theirs on a measure; None where they watch it not."""
    return watches_of(who).filter(measure=measure).values_list("pk", flat=True).first() if who.user_id else None


def watch_measure(measure: Measure, *, who: Principal) -> None:
    """From now on they are told. Raises ValidationError for too many."""
    held = Duty.objects.of(who.agencies()).filter(measure=measure).exists()
    _watch(who, {"measure": measure}, as_holder=held)


def watch_view(view: SavedView, *, who: Principal) -> None:
    """The same for a view that they may know of."""
    _watch(who, {"view": view}, as_holder=False)


def _watch(who: Principal, what: dict[str, Any], *, as_holder: bool) -> None:
    if who.user_id is None or not may(who, Verb.USE_DESK):
        raise PermissionDenied
    if watches_of(who).count() >= MOST:
        raise ValidationError(_("最多关注%(n)s项，请先在“我的账户”取消不再需要的。") % {"n": MOST})
    facts = {"as_holder": as_holder, "told_to": ChangeHead.reached()[0]}
    Watching.objects.get_or_create(user_id=who.user_id, **what, defaults=facts)


def tell_watchers(on: dt.date) -> int:
    """Tells everybody what happened since they were told last; how many notices that were. Two at once do no harm.
    Those on whose measures nothing happened cost two statements, however many they are."""
    head = ChangeHead.reached()[0]
    behind = Watching.objects.filter(told_to__lt=head)
    here = {"kind": "measure", "object_id": OuterRef("measure"), "sequence__gt": OuterRef("told_to")}
    concerned = Exists(Change.objects.filter(**here, sequence__lte=head))
    behind.filter(~concerned, view=None).update(told_to=head)
    waiting = behind.select_related("user", "measure", "view").order_by("user", "pk")
    told = 0
    for user, watches in groupby(list(waiting), key=attrgetter("user")):
        try:
            told += _tell(user, list(watches), head, on)
        except Exception:  # whatever it is, one reader must not hold up the others
            log.exception("what %s watches was not told", user.pk)
    return told


def _tell(user: User, watches: Sequence[Watching], head: int, on: dt.date) -> int:
    with transaction.atomic():
        # Held to the commit: whoever else tells meanwhile finds them told.
        mine = [one for one in watches if Watching.objects.filter(pk=one.pk, told_to=one.told_to).update(told_to=head)]
        who = Principal.of_user(user)
        if not user.is_active or not may(who, Verb.USE_DESK):
            Watching.objects.filter(user=user).delete()
            return 0
        happened = _happened(who, mine, head)
        told = _tell_of_measures(user, who, [one for one in mine if one.measure], happened, on)
        alone = {one.measure_id for one in Watching.objects.filter(user=user) if one.measure_id}
        rest = {pk: changes for pk, changes in happened.items() if pk not in alone}
        return told + sum(_tell_of_view(one, who, rest, on) for one in mine if one.view)


def _happened(who: Principal, watches: Sequence[Watching], head: int) -> dict[int, list[Any]]:
    """By measure what others did and `who` may read, in the order in which it was done."""
    since = min((one.told_to for one in watches), default=head)
    found = readable_changes(who).filter(kind="measure", sequence__gt=since, sequence__lte=head)
    if all(one.measure_id for one in watches):
        found = found.filter(object_id__in=[one.measure_id for one in watches])
    found = found.exclude(action__in=NOT_TOLD).select_related("agency").order_by("object_id", "sequence")
    others = [change for change in found if change.user_id != who.user_id]
    return {pk: list(changes) for pk, changes in groupby(others, key=attrgetter("object_id"))}


def _tell_of_measures(
    user: User, who: Principal, watches: Sequence[Watching], happened: dict[int, list[Any]], on: dt.date
) -> int:
    ids = [one.measure_id for one in watches]
    readable = Measure.objects.readable_by(who).in_bulk(ids)
    held = set(Duty.objects.of(who.agencies()).filter(measure__in=ids).values_list("measure", flat=True))
    told = 0
    for one in watches:
        measure = readable.get(one.measure_id or 0)
        changes = [change for change in happened.get(one.measure_id or 0, ()) if change.sequence > one.told_to]
        left = one.as_holder and one.measure_id not in held
        if measure and (changes or left):
            _put(one, measure, changes, on, left=left)
            told += 1
        if measure is None or left:
            one.delete()
    return told


def _tell_of_view(watch: Watching, who: Principal, happened: dict[int, list[Any]], on: dt.date) -> int:
    """At most once a day of each measure. Also of those that it found yesterday: what was late and is closed now."""
    view = SavedView.objects.readable_by(who).filter(pk=watch.view_id or 0).first()
    if view is None:
        watch.delete()
        return 0
    changed = {
        pk: [change for change in changes if change.sequence > watch.told_to] for pk, changes in happened.items()
    }
    changed = {pk: changes for pk, changes in changed.items() if changes}
    found = _found_by(view, who, changed, on)
    # One that was told today says no more today.
    found -= _told_today(watch.user_id, found, on)
    if len(found) > APART:
        facts = {"view": view.name, "query": view.query, "count": len(found)}
        return _write(watch, [(None, facts, f"watch:{watch.user_id}:v{view.pk}:{on}")], on)
    measures = Measure.objects.in_bulk(found)
    return _write(
        watch,
        [(measures[pk], _said(changed[pk]), f"watch:{watch.user_id}:{pk}:{on}") for pk in sorted(found)],
        on,
    )


def _found_by(view: SavedView, who: Principal, changed: Collection[int], on: dt.date) -> set[int]:
    if not changed:
        return set()
    found: set[int] = set()
    for day in ("", (on - dt.timedelta(days=1)).isoformat()):
        query = QueryDict(view.query, mutable=True)
        query.pop("on", None)
        if day:
            query["on"] = day
        filters = filters_of(query.urlencode(), who, on)
        found |= set(filters.measures().filter(pk__in=list(changed)).values_list("pk", flat=True))
    return found


def _told_today(user_id: int, measures: Iterable[int], on: dt.date) -> set[int]:
    keys = {f"watch:{user_id}:{pk}:{on}": pk for pk in measures}
    return {keys[key] for key in Notice.objects.filter(once__in=keys).values_list("once", flat=True) if key}


def _put(watch: Watching, measure: Measure, changes: Sequence[Any], on: dt.date, *, left: bool) -> None:
    last = changes[-1].sequence if changes else watch.told_to
    _write(watch, [(measure, _said(changes, left=left), f"watch:{watch.user_id}:{measure.pk}:s{last}")], on)


def _said(changes: Sequence[Any], *, left: bool = False) -> dict[str, Any]:
    """In both languages: who did what, and that it is told no more."""
    said: dict[str, list[str]] = {}
    for name, language in LANGUAGES.items():
        with translation.override(language):
            entries = in_history(changes)[-SAID:]
            lines = [f"{one.who}{_('：')}{one.what}" if one.who else one.what for one in entries]
            said[name] = [*dict.fromkeys(lines), *([_("本单位不再承担这条举措，不再通知")] if left else [])]
    return {"said": said}


def _write(watch: Watching, told: Sequence[tuple[Measure | None, dict[str, Any], str]], on: dt.date) -> int:
    opened, now = opened_lists() if told else frozenset(), timezone.now()
    notices = [
        Notice(
            kind=Notice.Kind.WATCHED,
            user_id=watch.user_id,
            measure=measure,
            facts=facts,
            on=on,
            created_at=now,
            # As with all notices: nothing goes out of a list whose reminders were never switched on.
            by_mail=watch.by_mail and (measure.reform_list_id in opened if measure else bool(opened)),
            once=once,
        )
        for measure, facts, once in told
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)
