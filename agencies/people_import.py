"""People from a workbook: what each row means, what would change, and doing just that."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from agencies.codes import Slip, issued, new_slips
from agencies.log import Entry, record
from agencies.models import Agency, Membership, Role, User
from agencies.people import added, details_of, edited
from agencies.people_sheet import AGENCY, EMAIL, FULL_NAME, ROLE, USERNAME, Line, Problem, Sheet, role_words
from agencies.principal import Principal
from agencies.roles import given

SUGGESTED_FOR = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one row asks for. `email` is None where the table has none; that leaves it as it is."""

    row: int
    username: str
    full_name: str
    email: str | None
    agency_id: int
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What would be done for one row: `details` as (fact, before, after), and the roles that are new."""

    wanted: Wanted
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
class Plan:
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...] = ()

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

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan


def check(sheet: Sheet) -> tuple[list[Wanted], list[Problem]]:
    """What the rows ask for, and every cell in which they cannot be followed."""
    agencies = _Agencies(line.texts[AGENCY] for line in sheet.lines)
    seen: dict[str, Line] = {}
    wanted, problems = [], list(sheet.problems)
    unusable = {problem.cell for problem in sheet.problems}
    for line in sheet.lines:
        wrong = {**_wrong_person(line), **_wrong_place(line, agencies)}
        name = line.texts[USERNAME].casefold()
        if name in seen and USERNAME not in wrong:
            wrong[USERNAME] = _twice(line, seen[name])
        seen.setdefault(name, line)
        cells = {sheet.cell(column, line.row): said for column, said in wrong.items()}
        problems += [Problem(line.row, cell, said) for cell, said in cells.items() if cell not in unusable]
        if not wrong:
            wanted.append(_wanted(line, agencies))
    return wanted, sorted(problems)


def _twice(line: Line, first: Line) -> str:
    return _(
        "用户名“%(name)s”与第%(row)d行重复。一人的多个角色请写在同一格，用顿号分隔；在其他单位的角色请导入后在人员页添加。"
    ) % {
        "name": line.texts[USERNAME],
        "row": first.row,
    }


def _wanted(line: Line, agencies: "_Agencies") -> Wanted:
    return Wanted(
        row=line.row,
        username=line.texts[USERNAME],
        full_name=line.texts[FULL_NAME],
        email=line.texts.get(EMAIL) or None,
        agency_id=agencies.found[_plain(line.texts[AGENCY])].pk,
        roles=tuple(role_words()[word].value for word in _words(line.texts[ROLE])),
    )


def _wrong_person(line: Line) -> dict[str, str]:
    """What is wrong with name, username and e-mail, by column."""
    wrong = {}
    name, full_name, email = (line.texts.get(column, "") for column in (USERNAME, FULL_NAME, EMAIL))
    if not full_name:
        wrong[FULL_NAME] = _("未填写姓名。")
    elif len(full_name) > 60:
        wrong[FULL_NAME] = _("姓名超过60字。")
    if not name:
        wrong[USERNAME] = _("未填写用户名。系统不会代拟，请填写登录用的名称。")
    elif _refused(name, *User._meta.get_field("username").validators):
        wrong[USERNAME] = _("用户名“%(name)s”不合要求：只能有文字、数字和 @ . + - _，最多150字。") % {"name": name[:40]}
    if email and (len(email) > 254 or _refused(email, validate_email)):
        wrong[EMAIL] = _("“%(email)s”不是邮箱地址。") % {"email": email[:60]}
    return wrong


def _refused(text: str, *validators: Any) -> bool:
    try:
        for validate in validators:
            validate(text)
    except ValidationError:
        return True
    return User.normalize_username(text) != text


def _wrong_place(line: Line, agencies: "_Agencies") -> dict[str, str]:
    wrong = {}
    said = agencies.what_is_wrong(line.texts[AGENCY])
    if said:
        wrong[AGENCY] = said
    words = _words(line.texts[ROLE])
    unknown = [word for word in words if word not in role_words()]
    if not words:
        wrong[ROLE] = _("未填写角色。")
    elif unknown:
        known = _("、").join(str(label) for label in Role.labels)
        wrong[ROLE] = _("没有名为“%(name)s”的角色。可填：%(known)s。") % {"name": unknown[0][:20], "known": known}
    return wrong


def _words(text: str) -> list[str]:
    """The roles in a cell, each once."""
    for mark in "，,;；/\n":
        text = text.replace(mark, "、")
    return list(dict.fromkeys(word for part in text.split("、") if (word := part.strip())))


def _plain(name: str) -> str:
    return "".join(name.split()).replace("(", "（").replace(")", "）")


class _Agencies:
    """The agencies a table names, looked up at once; and what the unknown names may mean."""

    def __init__(self, names: Iterable[str]) -> None:
        wanted = list(dict.fromkeys(filter(None, map(_plain, names))))
        self.found = Agency.objects.called(wanted)
        unknown = [name for name in wanted if name not in self.found]
        self._meant = Agency.objects.suggest(unknown[:SUGGESTED_FOR])

    def what_is_wrong(self, text: str) -> str:
        """Why nobody can have a role in the agency of that name; empty when somebody can."""
        name = _plain(text)
        if not name:
            return _("未填写单位。")
        agency = self.found.get(name)
        if agency is None:
            return self._unknown(name)
        if agency.dissolved_on:
            return _("单位“%(name)s”已撤销，由“%(heir)s”承接。") % {"name": name, "heir": agency.successor}
        return _("“%(name)s”是统称，请填具体单位。") % {"name": name} if agency.is_collective else ""

    def _unknown(self, name: str) -> str:
        meant = _("、").join(one.name for one in self._meant.get(name, []))
        if meant:
            return _("没有名为“%(name)s”的单位。您是否指：%(meant)s") % {"name": name[:60], "meant": meant}
        return _("没有名为“%(name)s”的单位，请先在“单位”页新增。") % {"name": name[:60]}


def make_plan(wanted: Sequence[Wanted], cell_of: Any = None) -> Plan:
    """What would be done for those rows as things stand. Writes nothing. `cell_of(column, row)` names cells."""
    users = _users_by_lower_name(wanted)
    agencies = Agency.objects.in_bulk([one.agency_id for one in wanted])
    places = set(Membership.objects.filter(user__in=users.values()).values_list("user_id", "agency_id", "role"))
    steps, problems = [], []
    for one in wanted:
        user = users.get(one.username.lower())
        said = _cannot(one, user, agencies.get(one.agency_id))
        if said:
            problems.append(Problem(one.row, cell_of(USERNAME, one.row) if cell_of else f"{one.row}", said))
        else:
            steps.append(_step(one, user, agencies[one.agency_id], places))
    return Plan(steps=tuple(steps), problems=tuple(problems))


def _users_by_lower_name(wanted: Sequence[Wanted]) -> dict[str, User]:
    """The users of those names; where only capitals differ, the one that is named exactly comes first."""
    exactly = {one.username for one in wanted}
    lower = [one.username.lower() for one in wanted]
    alike = User.objects.annotate(lower=Lower("username")).filter(lower__in=lower)
    return {user.username.lower(): user for user in sorted(alike, key=lambda user: user.username in exactly)}


def _cannot(one: Wanted, user: User | None, agency: Agency | None) -> str:
    if agency is None or not agency.is_living:
        return _("单位已撤销或已合并，请重新上传。")
    if user is None:
        return ""
    if user.username != one.username:
        return _("与已有用户名“%(name)s”仅大小写不同，请改用已有的用户名或另取一个。") % {"name": user.username}
    return "" if user.is_active else _("用户名“%(name)s”的账号已停用，请先在人员页启用。") % {"name": user.username}


def _step(one: Wanted, user: User | None, agency: Agency, places: set[tuple[int, int, str]]) -> Step:
    pk = user.pk if user else 0
    before = details_of(user) if user else {"full_name": "", "email": ""}
    after = {"full_name": one.full_name, "email": before["email"] if one.email is None else one.email}
    labels = {"full_name": FULL_NAME, "email": EMAIL}
    return Step(
        wanted=one,
        agency=agency.name,
        is_new=user is None,
        details=tuple((labels[name], before[name], value) for name, value in after.items() if value != before[name]),
        new_roles=tuple(role for role in one.roles if (pk, one.agency_id, role) not in places),
    )


def apply_plan(wanted: Sequence[Wanted], *, key: str, actor: Principal, on: dt.date) -> tuple[Plan, list[Slip]]:
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
                record(entries, actor=actor, on=on)
    except IntegrityError as error:  # somebody took a username or gave a role at this very moment
        raise PlanChanged(make_plan(wanted)) from error
    return plan, slips


def _hold_users(wanted: Sequence[Wanted]) -> None:
    """Nobody edits or shuts out those who are there already before this is committed."""
    known = User.objects.filter(username__in=[one.username for one in wanted]).order_by("pk")
    list(known.select_for_update(no_key=True).values_list("pk"))


def _carry_out(plan: Plan) -> tuple[list[Entry], list[Slip]]:
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
    User.objects.bulk_update(changed, ["full_name", "email"], batch_size=200)
    Membership.objects.bulk_create(places, batch_size=500)
    slips = new_slips(users[user.username] for user in new)
    return entries + [issued(slip) for slip in slips], slips


def _new_user(one: Wanted) -> User:
    return User(username=one.username, full_name=one.full_name, email=one.email or "", password=make_password(None))


def _entries(step: Step, user: User, places: list[Membership]) -> list[Entry]:
    """What the log tells of one row; sets the details of somebody who was there already."""
    if step.is_new:
        return [added(places[0]), *map(given, places[1:])]
    before = details_of(user)
    user.full_name = step.wanted.full_name
    user.email = user.email if step.wanted.email is None else step.wanted.email
    entry = edited(user, before)
    return [*([entry] if entry else []), *map(given, places)]
