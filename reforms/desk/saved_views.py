"""我的视图: queries of the page of measures that people keep, star and share. Each finds what its reader may see.

Nothing of it is logged: it tells how somebody looks, and changes nothing that is looked at.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Subquery
from django.http import QueryDict
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.models import Agency
from reforms.catalogue.layout import TableFilter
from reforms.lib.filters import usable_filters
from reforms.models import SavedView, SavedViewQuerySet, Watching

MOST = 50  # of one person
MOST_COUNTED = 10  # on the desk: each is counted
LONGEST_QUERY = 4000


@dataclass(frozen=True, slots=True)
class SharedWith:
    """With whom a view is shared: with nobody, with an agency of its owner, or with everybody who signs in."""

    sharing: SavedView.Sharing = SavedView.Sharing.NOBODY
    agency_id: int | None = None


@dataclass(frozen=True, slots=True)
class CountedView:
    """A view and how many measures its reader finds by it."""

    view: SavedView
    count: int


def audiences_of(who: Principal) -> list[SharedWith]:
    """With whom somebody may share a view: with agencies they have a role in; the office with everybody."""
    found = [SharedWith()]
    found += [SharedWith(SavedView.Sharing.AGENCY, pk) for pk in sorted(who.agencies())]
    return [*found, SharedWith(SavedView.Sharing.EVERYBODY)] if may(who, Verb.STEER) else found


def views_of(who: Principal) -> SavedViewQuerySet:
    """Those somebody may know of, each with `is_starred` by them and the id of their `watched`."""
    stars = SavedView.starred_by.through.objects.filter(savedview=OuterRef("pk"), user=who.user_id)
    found: SavedViewQuerySet = SavedView.objects.readable_by(who)
    watched = Watching.objects.filter(view=OuterRef("pk"), user=who.user_id).values("pk")[:1]
    found = found.annotate(is_starred=Exists(stars), watched=Subquery(watched))
    return found.select_related("user", "agency")


def save_view(name: str, query: str, audience: SharedWith, *, starred: bool, who: Principal) -> SavedView:
    """Keeps a query under a name. Raises ValidationError for a name that is taken, and for too many."""
    if who.user_id is None or not may(who, Verb.USE_DESK):
        raise PermissionDenied
    if SavedView.objects.filter(user=who.user_id).count() >= MOST:
        raise ValidationError(_("最多保存%(n)s个视图，请先删除不用的。") % {"n": MOST})
    if len(query) > LONGEST_QUERY:
        raise ValidationError(_("条件太多，无法保存，请减少一些。"))
    return _write(SavedView(user_id=who.user_id, query=query), name, audience, starred=starred, who=who)


def change_view(view: SavedView, name: str, audience: SharedWith, *, starred: bool, who: Principal) -> SavedView:
    """Another name, other readers. Raises ValidationError for a name that is taken."""
    _check_own(view, who)
    return _write(view, name, audience, starred=starred, who=who)


def _write(view: SavedView, name: str, audience: SharedWith, *, starred: bool, who: Principal) -> SavedView:
    if audience not in audiences_of(who):
        raise PermissionDenied
    view.name, view.shared_with, view.agency_id = name, audience.sharing, audience.agency_id
    taken = ValidationError({"name": _("您已有名为“%(name)s”的视图，请换一个名称。") % {"name": name}})
    if SavedView.objects.filter(user=who.user_id, name=name).exclude(pk=view.pk).exists():
        raise taken
    try:
        with transaction.atomic():
            view.save()
            star_view(view, starred=starred, who=who)
    except IntegrityError:
        # Saved twice at the same moment.
        raise taken from None
    return view


def remove_view(view: SavedView, *, who: Principal) -> None:
    """Nobody finds it any more, whoever starred it."""
    _check_own(view, who)
    view.delete()


def star_view(view: SavedView, *, starred: bool, who: Principal) -> None:
    """Puts one that somebody may know of on their desk, or takes it off."""
    if who.user_id is None or not SavedView.objects.readable_by(who).filter(pk=view.pk).exists():
        raise PermissionDenied
    if starred:
        view.starred_by.add(who.user_id)
    else:
        view.starred_by.remove(who.user_id)


def _check_own(view: SavedView, who: Principal) -> None:
    if who.user_id is None or view.user_id != who.user_id:
        raise PermissionDenied


def starred_views(who: Principal, today: dt.date) -> list[CountedView]:
    """The first starred ones with what each finds for its reader, counted as the page would."""
    starred = views_of(who).filter(is_starred=True)[:MOST_COUNTED]  # type: ignore[misc]  # annotated
    return [CountedView(view, filters_of(view.query, who, today).measures().count()) for view in starred]


def filters_of(query: str, who: Principal, today: dt.date) -> TableFilter:
    """What of a query can be used by its reader, as the page uses it."""
    read = partial(TableFilter.read, who=who, today=today)
    return usable_filters(read, QueryDict(query))[0]


def agencies_named(audiences: Sequence[SharedWith]) -> dict[int, Agency]:
    """The agencies of audiences by id."""
    found: dict[int, Any] = Agency.objects.in_bulk([one.agency_id for one in audiences if one.agency_id])
    return found
