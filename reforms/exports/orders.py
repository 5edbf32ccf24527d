"""Ordering a file, and who gets it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import get_language

from agencies.access import NOBODY, Principal
from agencies.models import User
from reforms.exports.makers import MAKERS, Made, Order
from reforms.models import Export

# Of one person, and of all together who are not signed in: a worker has other things to do as well.
MOST_WAITING = 3


class TooMany(Exception):
    """Whoever asks waits for several files already."""


def made(kind: str, asked: Order) -> Made:
    """What is to be made. Raises PermissionDenied or Http404."""
    if kind not in MAKERS:
        raise Http404
    return MAKERS[kind](asked)


def order(kind: str, asked: Order) -> Export:
    """Have it made for whoever asks; what they wait for already is not made twice. Raises TooMany, and as `made`."""
    made(kind, asked).rows()
    own = Export.objects.filter(user=asked.who.user_id, state=Export.State.WAITING)
    facts = {"kind": kind, "query": asked.query.urlencode(), "on": asked.on, "language": get_language() or ""}
    same = own.filter(**facts).first()
    if same:
        return same
    if own.count() >= MOST_WAITING:
        raise TooMany
    return Export.objects.create(**facts, user_id=asked.who.user_id, created_at=timezone.now())


def asked_by(export: Export) -> Order:
    """What was ordered, by whoever its owner is by now. Raises PermissionDenied when they are shut out."""
    user: User | None = export.user
    if user is not None and not user.is_active:
        raise PermissionDenied
    who = NOBODY if user is None else Principal.of_user(user)
    return Order(query=QueryDict(export.query), who=who, on=export.on)


def find(token: str, who: Principal) -> Export:
    """The order, for its owner alone, and only while they might order it. Raises Http404."""
    export = Export.objects.filter(token=token, user=who.user_id).select_related("user").first()
    if export is None:
        raise Http404
    try:
        made(export.kind, asked_by(export))
    except PermissionDenied:
        raise Http404 from None
    return export
