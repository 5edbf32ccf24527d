"""责任处室 and 经办人: whom an agency names for its duties."""

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict, dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agencies.access import AGENCY_STAFF, Principal, Verb, may
from agencies.log.write import Entry, Facts, record
from agencies.models import Membership, User
from reforms.models import Duty, Measure
from reforms.status.settle import measure_entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """What is to be set; None leaves a fact as it is. `officer_user` is a colleague's id, 0 for nobody."""

    division: str | None = None
    officer: str | None = None
    officer_user: int | None = None


def name_officers(
    duty_ids: Collection[int], named: Officer, *, who: Principal, on: dt.date, source: str = ""
) -> list[Duty]:
    """Name the division and the officer of duties of one's own agency; those that changed, one transaction.

    With a `source` the office may do it on an agency's behalf. Raises PermissionDenied where one of the duties is not
    one's own, ValidationError where the officer is no colleague or a name is too long.
    """
    with transaction.atomic():
        changed = write_officers(duty_ids, named, who=who, source=source)
        record([entry for _duty, entry in changed], who=who, on=on)
    return [duty for duty, _entry in changed]


def write_officers(
    duty_ids: Collection[int], named: Officer, *, who: Principal, source: str = ""
) -> list[tuple[Duty, Entry]]:
    """As `name_officers`, within the transaction of a caller who records the entries beside each duty that changed."""
    measures = Duty.objects.filter(pk__in=duty_ids).order_by().values("measure")
    # Held by id, as reforms.models.concurrency does. list() asks the database, which is what takes the locks.
    list(Measure.objects.select_for_update(no_key=True).filter(pk__in=measures).order_by("pk").values("pk"))
    duties = list(Duty.objects.filter(pk__in=duty_ids).order_by("measure", "pk"))
    _check_may(duties, duty_ids, who, source)
    officers = {duty.agency_id: _officer(named, duty.agency_id) for duty in duties}
    return [(duty, entry) for duty in duties if (entry := _name(duty, named, officers[duty.agency_id], source))]


def colleagues_of(agency_ids: Collection[int]) -> list[User]:
    """Those who can be named as the officer: people of these agencies who may still sign in."""
    staff = Membership.objects.filter(agency__in=agency_ids, role__in=AGENCY_STAFF)
    return list(User.objects.filter(pk__in=staff.values("user"), is_active=True).order_by("full_name", "username"))


def _check_may(duties: list[Duty], asked: Collection[int], who: Principal, source: str) -> None:
    # What does not exist is refused like what is another agency's, so that neither can be told from the other.
    if not duties or len(duties) != len(set(asked)):
        raise PermissionDenied
    verb = Verb.ENTER_FOR if source.strip() else Verb.REPORT
    if not all(may(who, verb, [duty.agency_id]) for duty in duties):
        raise PermissionDenied


def _officer(named: Officer, agency_id: int) -> User | None:
    """The account behind the officer: the one that was chosen, else the only colleague of that name."""
    colleagues = colleagues_of([agency_id])
    if named.officer_user:
        chosen = [user for user in colleagues if user.pk == named.officer_user]
        if not chosen:
            stranger = ValidationError(_("经办人须是本单位可以登录的人员。"), code="stranger")
            raise ValidationError({"officer_user": stranger})
        return chosen[0]
    called = [user for user in colleagues if named.officer and user.full_name == named.officer.strip()]
    # Of two of one name neither is meant: the name alone is kept.
    return called[0] if len(called) == 1 else None


def _name(duty: Duty, named: Officer, officer: User | None, source: str) -> Entry | None:
    before = _facts(duty)
    if named.division is not None:
        duty.division = named.division.strip()
    text = None if named.officer is None else named.officer.strip()
    if named.officer_user and not text:
        text = str(officer)
    # An unchanged name keeps the account that was chosen for it.
    if named.officer_user is not None or text not in (None, duty.officer):
        duty.officer_user = officer
    duty.officer = duty.officer if text is None else text
    after = _facts(duty)
    if before == after:
        return None
    duty.clean_fields(exclude=["measure", "agency", "via", "part", "status"])
    duty.save(update_fields=["division", "officer", "officer_user"])
    changed = [name for name in before if before[name] != after[name]]
    return measure_entry(
        "duty.officer_named",
        duty.measure_id,
        agency_id=duty.agency_id,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        reason=source.strip(),
    )


def _facts(duty: Duty) -> Facts:
    return asdict(Officer(division=duty.division, officer=duty.officer, officer_user=duty.officer_user_id))
