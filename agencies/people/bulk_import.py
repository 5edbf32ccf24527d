"""People from a workbook: what its rows would change, and doing just that."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from agencies.access import Principal
from agencies.lib.sheets import CellProblem
from agencies.log.write import Entry, record
from agencies.models import Agency, Membership, Role, User
from agencies.people.accounts import DETAILS, added, details_of, edited, given
from agencies.people.codes import Slip, issued, new_slips
from agencies.people.rows import WantedPerson
from agencies.people.workbook import FULL_NAME, OPTIONAL, USERNAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What would be done for one row: `details` as (fact, before, after), and the roles that are new."""

    wanted: WantedPerson
    agency: str
    is_new: bool
    details: tuple[tuple[str, str, str], ...]
    new_roles: tuple[str, ...]

    @property
    def kind(self) -> str:
        if self.is_new:
            return "added"
        return "changed" if self.details or self.new_roles else "unchanged"

    @property
    def role_labels(self) -> list[str]:
        return [str(Role(role).label) for role in self.new_roles]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePlan:
    steps: tuple[Step, ...]
    problems: tuple[CellProblem, ...] = ()

    @property
    def key(self) -> str:
        """A short key of everything the preview shows."""
        return hashlib.sha256(repr([astuple(step) for step in self.steps]).encode()).hexdigest()[:24]

    def of_kind(self, kind: str) -> list[Step]:
        return [step for step in self.steps if step.kind == kind]

    @property
    def counts(self) -> dict[str, int]:
        return {kind: len(self.of_kind(kind)) for kind in ("added", "changed", "unchanged")}

    @property
    def changes_something(self) -> bool:
        return any(step.kind != "unchanged" for step in self.steps)


class PlanChanged(Exception):
    """What was confirmed is no longer what would be done. `plan` is what would be."""

    def __init__(self, plan: PeoplePlan) -> None:
        super().__init__()
        self.plan = plan


def make_plan(wanted: Sequence[WantedPerson], cell_of: Any = None) -> PeoplePlan:
    """What would be done for those rows as things stand. Writes nothing. `cell_of(column, row)` names cells."""
    users = _users_by_lower_name(wanted)
    agencies = Agency.objects.in_bulk([one.agency_id for one in wanted])
    places = set(Membership.objects.filter(user__in=users.values()).values_list("user_id", "agency_id", "role"))
    steps, problems = [], []
    for one in wanted:
        user = users.get(one.username.lower())
        said = _cannot(one, user, agencies.get(one.agency_id))
        if said:
            problems.append(CellProblem(one.row, cell_of(USERNAME, one.row) if cell_of else f"{one.row}", said))
        else:
            steps.append(_step(one, user, agencies[one.agency_id], places))
    return PeoplePlan(steps=tuple(steps), problems=tuple(problems))


def _users_by_lower_name(wanted: Sequence[WantedPerson]) -> dict[str, User]:
    """The users of those names; where only capitals differ, the one that is named exactly comes first."""
    exactly = {one.username for one in wanted}
    lower = [one.username.lower() for one in wanted]
    alike = User.objects.annotate(lower=Lower("username")).filter(lower__in=lower)
    # The last one stays in the dict, and True sorts behind False.
    return {user.username.lower(): user for user in sorted(alike, key=lambda user: user.username in exactly)}


def _cannot(one: WantedPerson, user: User | None, agency: Agency | None) -> str:
    if agency is None or not agency.is_living:
        return _("单位已撤销或已合并，请重新上传。")
    if user is None:
        return ""
    if user.username != one.username:
        return _("与已有用户名“%(name)s”仅大小写不同，请改用已有的用户名或另取一个。") % {"name": user.username}
    return "" if user.is_active else _("用户名“%(name)s”的账号已停用，请先在人员页启用。") % {"name": user.username}


def _step(one: WantedPerson, user: User | None, agency: Agency, places: set[tuple[int, int, str]]) -> Step:
    pk = user.pk if user else 0
    before = details_of(user or User())
    after, labels = one.details(before), {"full_name": FULL_NAME, **OPTIONAL}
    return Step(
        wanted=one,
        agency=agency.name,
        is_new=user is None,
        details=tuple((labels[name], before[name], value) for name, value in after.items() if value != before[name]),
        new_roles=tuple(role for role in one.roles if (pk, one.agency_id, role) not in places),
    )


def apply_plan(
    wanted: Sequence[WantedPerson], *, key: str, who: Principal, on: dt.date
) -> tuple[PeoplePlan, list[Slip]]:
    """Do what the plan with that key showed, whole or not at all; the slips are those of the new people.

    Raises PlanChanged when something else would be done by now.
    """
    try:
        with transaction.atomic():
            _hold_users(wanted)
            plan = make_plan(wanted)
            if plan.problems or plan.key != key:
                raise PlanChanged(plan)
            entries, slips = _carry_out(plan)
            if entries:
                record(entries, who=who, on=on)
    except IntegrityError as error:  # somebody took a username or gave a role at this very moment
        raise PlanChanged(make_plan(wanted)) from error
    return plan, slips


def _hold_users(wanted: Sequence[WantedPerson]) -> None:
    """Nobody edits or shuts out those who are there already before this is committed."""
    known = User.objects.filter(username__in=[one.username for one in wanted]).order_by("pk")
    list(known.select_for_update(no_key=True).values_list("pk"))


def _carry_out(plan: PeoplePlan) -> tuple[list[Entry], list[Slip]]:
    new = [_new_user(step.wanted) for step in plan.of_kind("added")]
    User.objects.bulk_create(new, batch_size=500)
    users = User.objects.in_bulk([step.wanted.username for step in plan.steps], field_name="username")
    agencies = Agency.objects.in_bulk([step.wanted.agency_id for step in plan.steps])
    entries, places, changed = [], [], []
    for step in plan.steps:
        user = users[step.wanted.username]
        given_now = [
            Membership(user=user, agency=agencies[step.wanted.agency_id], role=role) for role in step.new_roles
        ]
        places += given_now
        entries += _entries(step, user, given_now)
        changed += [user] if step.details and not step.is_new else []
    User.objects.bulk_update(changed, DETAILS, batch_size=200)
    Membership.objects.bulk_create(places, batch_size=500)
    slips = new_slips(users[user.username] for user in new)
    return entries + [issued(slip) for slip in slips], slips


def _new_user(one: WantedPerson) -> User:
    # make_password(None) is a password that nobody can have.
    return User(username=one.username, password=make_password(None), **one.details({}))


def _entries(step: Step, user: User, places: list[Membership]) -> list[Entry]:
    """What the log tells of one row; sets the details of somebody who was there already."""
    if step.is_new:
        return [added(places[0]), *map(given, places[1:])]
    before = details_of(user)
    for name, value in step.wanted.details(before).items():
        setattr(user, name, value)
    entry = edited(user, before)
    return [*([entry] if entry else []), *map(given, places)]
