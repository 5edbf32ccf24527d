"""Ordering a file, and who gets it; making what was ordered: leased, so that what a killed worker left is made by the
next; and forgetting it in time."""

import logging
import secrets
from tempfile import TemporaryFile

from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import get_language, override

from agencies.access import NOBODY, Principal
from agencies.lib.jobs.lease import Lease
from agencies.lib.jobs.watch import Watch
from agencies.lib.untrusted.libreoffice import NotConverted
from agencies.models import User
from reforms.exports.makers import Order, made
from reforms.models import Export, Notice, NoticeQuerySet

# Of one person, and of all together who are not signed in: a worker has other things to do as well.
MOST_WAITING = 3


class TooMany(Exception):
    """Whoever asks waits for several files already."""


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


log = logging.getLogger(__name__)
MOST_ATTEMPTS = 3
FOLDER = "exports"
State = Export.State


def watch_of(pk: int) -> Watch:
    """How far one file is."""
    return Watch("export", pk)


def run_waiting() -> int:
    """Forget what is kept no longer, and make everything that nobody is making; how many were made."""
    forget_expired()
    done = 0
    for pk in Export.objects.claimable().order_by("pk").values_list("pk", flat=True):
        try:
            done += run(pk)
        except Exception:  # one file must not keep the others waiting; it is tried again when its lease is over
            log.exception("export %s failed", pk)
    return done


def run(pk: int) -> bool:
    """Take one order and make its file; False when somebody else has it."""
    holder = secrets.token_hex(16)
    if not Export.objects.filter(pk=pk).claimable().claim(holder):
        return False
    export = Export.objects.select_related("user").get(pk=pk)
    # One that ends its worker each time must not do so for ever.
    if export.attempts > MOST_ATTEMPTS:
        _finish(export, State.FAILED)
        return True
    with Lease(Export.objects.filter(pk=pk, holder=holder)), override(export.language):
        try:
            _make(export)
        except (PermissionDenied, Http404):
            _finish(export, State.FAILED)
        except NotConverted as error:
            log.warning("export %s was not converted: %s", pk, error.code)
            _finish(export, State.FAILED)
    watch_of(pk).forget()
    return True


def _make(export: Export) -> None:
    found = made(export.kind, asked_by(export))
    with TemporaryFile() as file:
        found.write(file, watch_of(export.pk).during("writing"))
        file.seek(0)
        name = default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}", File(file))
    if _finish(export, State.READY, file=name, file_name=found.name, content_type=found.content_type):
        _tell(export, found.name)
    else:
        log.warning("export %s was taken over by another worker", export.pk)
        default_storage.delete(name)


def _tell(export: Export, name: str) -> None:
    """Whoever ordered it, in their inbox alone: no letter leaves for it."""
    facts = {"file": name, "token": export.token}
    if export.user:
        now = timezone.now()
        Notice.objects.create(kind=Notice.Kind.FILE_MADE, user=export.user, facts=facts, on=export.on, created_at=now)


def told_of(export: Export) -> NoticeQuerySet:
    """What its owner was told of it."""
    return Notice.objects.filter(kind=Notice.Kind.FILE_MADE, user=export.user_id, facts__token=export.token)


def _finish(export: Export, state: State, **facts: str) -> bool:
    """Whether it was still ours to finish."""
    mine = Export.objects.filter(pk=export.pk, holder=export.holder)
    return mine.update(state=state, lease_until=None, holder="", **facts) == 1


def forget_expired() -> None:
    """Delete the orders that are kept no longer, with their files."""
    for export in Export.objects.expired():
        if export.file:
            default_storage.delete(str(export.file.name))
        told_of(export).delete()
        export.delete()
