"""What the rows of a table of people ask for, and the cells in which they cannot be followed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agencies.lib.mailboxes import wrong_address
from agencies.lib.sheets import CellProblem, Line, SheetTable
from agencies.models import Agency, Role, User
from agencies.names import NamedAgencies
from agencies.people.workbook import AGENCY, EMAIL, FULL_NAME, OPTIONAL, ROLE, USERNAME, role_words


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPerson:
    """What one row asks for. What is None the table does not tell; that stays as it is."""

    row: int
    username: str
    full_name: str
    email: str | None
    agency_id: int
    roles: tuple[str, ...]
    position: str | None = None
    phone: str | None = None
    mobile: str | None = None

    def details(self, before: Mapping[str, str]) -> dict[str, str]:
        """Name and contact as they will be, of somebody of whom these are kept."""
        told = {name: getattr(self, name) for name in OPTIONAL}
        return {"full_name": self.full_name} | {
            name: before.get(name, "") if text is None else text for name, text in told.items()
        }


def check(sheet: SheetTable) -> tuple[list[WantedPerson], list[CellProblem]]:
    """What the rows ask for, and every cell in which they cannot be followed."""
    agencies = NamedAgencies(line.texts[AGENCY] for line in sheet.lines)
    seen: dict[str, Line] = {}
    wanted, problems = [], list(sheet.problems)
    for line in sheet.lines:
        wrong = {**_wrong_person(line), **_wrong_place(line, agencies)}
        name = line.texts[USERNAME].casefold()
        if name in seen and USERNAME not in wrong:
            wrong[USERNAME] = _twice(line, seen[name])
        seen.setdefault(name, line)
        problems += sheet.faults(line.row, wrong)
        place = agencies.get(line.texts[AGENCY])
        if place and not wrong:
            wanted.append(_wanted(line, place))
    return wanted, sorted(problems)


def _twice(line: Line, first: Line) -> str:
    return _(
        "用户名“%(name)s”与第%(row)d行重复。一人的多个角色请写在同一格，用顿号分隔；在其他单位的角色请导入后在人员页添加。"
    ) % {
        "name": line.texts[USERNAME],
        "row": first.row,
    }


def _wanted(line: Line, place: Agency) -> WantedPerson:
    return WantedPerson(
        row=line.row,
        username=line.texts[USERNAME],
        full_name=line.texts[FULL_NAME],
        **{name: line.texts.get(column) or None for name, column in OPTIONAL.items()},
        agency_id=place.pk,
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
    if email and (said := wrong_address(email)):
        wrong[EMAIL] = said
    return wrong | _too_long(line)


def _too_long(line: Line) -> dict[str, str]:
    """Of position and telephone numbers, by column."""
    longest = {
        column: int(getattr(User._meta.get_field(name), "max_length", 0))
        for name, column in OPTIONAL.items()
        if name != "email"
    }
    said = _("超过%(most)d字。")
    return {column: said % {"most": most} for column, most in longest.items() if len(line.texts.get(column, "")) > most}


def _refused(text: str, *validators: Any) -> bool:
    try:
        for validate in validators:
            validate(text)
    except ValidationError:
        return True
    # The sign-in normalises what is typed (NFKC): a name that this alters could never be signed in with.
    return User.normalize_username(text) != text


def _wrong_place(line: Line, agencies: NamedAgencies) -> dict[str, str]:
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
    # The template asks for 、 and people write these as well.
    for mark in "，,;；/\n":
        text = text.replace(mark, "、")
    return list(dict.fromkeys(word for part in text.split("、") if (word := part.strip())))
