"""个人订阅地址: addresses that programs read with the rights of a person, as they are when it is read."""

import datetime as dt
import secrets
from dataclasses import replace
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.write import Entry, record
from agencies.models import Change
from reforms.catalogue.layout import TableFilter
from reforms.desk.saved_views import LONGEST_QUERY
from reforms.lib.filters import usable_filters
from reforms.models import PersonalFeed, SavedView, digest_of_feed

MOST = 20  # of one person
READ_EVERY = dt.timedelta(hours=1)


def feeds_of(who: Principal) -> QuerySet[PersonalFeed]:
    """One's own, the newest first."""
    return PersonalFeed.objects.filter(user=who.user_id).select_related("view")


def make_feed(
    name: str, query: str, view: SavedView | None = None, *, who: Principal, on: dt.date
) -> tuple[PersonalFeed, str]:
    """A new address and its key, which is shown once and kept nowhere. Raises ValidationError for too many."""
    if who.user_id is None or not may(who, Verb.USE_DESK):
        raise PermissionDenied
    if feeds_of(who).count() >= MOST:
        raise ValidationError(_("最多%(n)s个个人订阅地址，请先在“我的账户”停用不用的。") % {"n": MOST})
    if len(query) > LONGEST_QUERY:
        raise ValidationError(_("条件太多，无法订阅，请减少一些。"))
    key = secrets.token_urlsafe(24)
    feed = PersonalFeed(user_id=who.user_id, name=name[:120], query=query, view=view, digest=digest_of_feed(key))
    feed.made_at = timezone.now()
    with transaction.atomic():
        feed.save()
        record([_entry("person.feed_made", feed)], who=who, on=on)
    return feed, key


def renew_feed(feed: PersonalFeed, *, who: Principal, on: dt.date) -> str:
    """The key of its new address; the old one opens nothing any more."""
    _check_own(feed, who)
    key = secrets.token_urlsafe(24)
    feed.digest, feed.made_at, feed.last_read_at = digest_of_feed(key), timezone.now(), None
    with transaction.atomic():
        feed.save(update_fields=["digest", "made_at", "last_read_at"])
        record([_entry("person.feed_renewed", feed)], who=who, on=on)
    return key


def end_feed(feed: PersonalFeed, *, who: Principal, on: dt.date) -> None:
    """Its address opens nothing any more, at once and for good."""
    _check_own(feed, who)
    with transaction.atomic():
        record([_entry("person.feed_ended", feed)], who=who, on=on)
        feed.delete()


def feed_with(key: str) -> PersonalFeed | None:
    """The one with this key; None where there is none, or none any more."""
    found = PersonalFeed.objects.select_related("user", "view").filter(digest=digest_of_feed(key)).first()
    now = timezone.now()
    # Not each time: calendars ask every few hours, some every minute.
    if found and (found.last_read_at is None or now - found.last_read_at > READ_EVERY):
        PersonalFeed.objects.filter(pk=found.pk).update(last_read_at=now)
    return found


def filters_of_feed(feed: PersonalFeed, today: dt.date) -> TableFilter | None:
    """What its owner finds by it today. None where they may no longer: they were shut out, have no role, no longer know
    of the view, or of something that the query names."""
    if not feed.user.is_active:
        return None
    who = replace(Principal.of_user(feed.user), read_only=True)
    if not may(who, Verb.USE_DESK):
        return None
    if feed.view_id and not SavedView.objects.readable_by(who).filter(pk=feed.view_id).exists():
        return None
    query = feed.view.query if feed.view else feed.query
    filters, left_out = usable_filters(partial(TableFilter.read, who=who, today=today), QueryDict(query))
    # Without a condition it would show more than was asked for.
    return None if left_out.struck else filters


def _check_own(feed: PersonalFeed, who: Principal) -> None:
    if who.user_id is None or feed.user_id != who.user_id:
        raise PermissionDenied


def _entry(action: str, feed: PersonalFeed) -> Entry:
    return Entry(
        action=action,
        kind="user",
        object_id=feed.user_id,
        visibility=Change.Visibility.INTERNAL,
        after={"name": feed.name},
    )
