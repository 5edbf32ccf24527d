"""暂不收信: whose reminders by mail rest for a while, and who gets them meanwhile."""

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agencies.access import Principal
from agencies.log.write import Entry, record
from agencies.models import Agency, Change, LetterPause, Membership, Role, User

LONGEST = dt.timedelta(days=30)
# Those whom letters to their agency reach.
READERS = (Role.REPORTER, Role.APPROVER, Role.HEAD)


def places_of(who: Principal) -> frozenset[int]:
    """The agencies (ids) whose letters may reach somebody."""
    return who.agencies(*READERS) if who.user_id is not None else frozenset()


def pauses_on(on: dt.date, agencies: Iterable[int]) -> QuerySet[LetterPause]:
    """Those in force on a day, with the people."""
    return LetterPause.objects.filter(agency__in=list(agencies), until__gte=on).select_related("user", "substitute")


def can_stand_in(agency: Agency, user_id: int, on: dt.date) -> QuerySet[User]:
    """Who of the same agency can get somebody's letters: with a mailbox, and without a pause of their own."""
    paused = LetterPause.objects.filter(agency=agency, until__gte=on).values("user")
    places = Membership.objects.filter(agency=agency, role__in=READERS).values("user")
    found = User.objects.filter(pk__in=places, is_active=True).exclude(email="").exclude(pk=user_id)
    return found.exclude(pk__in=paused).order_by("pk")


def pause_letters(
    agency: Agency, until: dt.date, substitute: User | None, *, who: Principal, on: dt.date
) -> LetterPause:
    """One's own, in one's own agency. Raises PermissionDenied, ValidationError."""
    user_id = _own(agency, who)
    if not on <= until <= on + LONGEST:
        raise ValidationError({"until": _("请选今天起30天以内的日期。")})
    if substitute and not can_stand_in(agency, user_id, on).filter(pk=substitute.pk).exists():
        raise ValidationError({"substitute": _("代收人须是本单位有邮箱、自己没有暂不收信的人员。")})
    with transaction.atomic():
        before = LetterPause.objects.select_for_update().filter(user=user_id, agency=agency).first()
        was = _facts(before) if before else {}
        pause, _new = LetterPause.objects.update_or_create(
            user_id=user_id, agency=agency, defaults={"until": until, "substitute": substitute}
        )
        if was != _facts(pause):
            record([_entry(pause, "person.letters_paused", was, _facts(pause))], who=who, on=on)
    return pause


def resume_letters(agency: Agency, *, who: Principal, on: dt.date) -> bool:
    """Letters reach one again; False where they did. Raises PermissionDenied."""
    user_id = _own(agency, who)
    with transaction.atomic():
        pause = LetterPause.objects.select_for_update().filter(user=user_id, agency=agency).first()
        if pause is None:
            return False
        entry = _entry(pause, "person.letters_resumed", _facts(pause), {})
        pause.delete()
        record([entry], who=who, on=on)
    return True


def _own(agency: Agency, who: Principal) -> int:
    if who.user_id is None or agency.pk not in places_of(who):
        raise PermissionDenied
    return who.user_id


def _facts(pause: LetterPause) -> dict[str, str]:
    return {"until": str(pause.until), "substitute": str(pause.substitute or "")}


def _entry(pause: LetterPause, action: str, before: dict[str, str], after: dict[str, str]) -> Entry:
    return Entry(
        action=action,
        kind="user",
        object_id=pause.user_id,
        agency_id=pause.agency_id,
        visibility=Change.Visibility.INTERNAL,
        before=before,
        after=after,
    )
