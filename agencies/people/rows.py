"""What the rows of a table of people ask for, and the cells in which they cannot be followed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from agencies.models import Agency, Role, User
from agencies.people.workbook import (
    AGENCY,
    EMAIL,
    FULL_NAME,
    ROLE,
    USERNAME,
    CellProblem,
    PeopleTable,
    PersonLine,
    role_words,
)

# Likeness is compared with every known name: a whole table of unknown names would take too long.
SUGGESTED_FOR = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPerson:
    """What one row asks for. `email` is None where the table has none; that leaves it as it is."""

    row: int
    username: str
    full_name: str
    email: str | None
    agency_id: int
    roles: tuple[str, ...]


def check(sheet: PeopleTable) -> tuple[list[WantedPerson], list[CellProblem]]:
    """What the rows ask for, and every cell in which they cannot be followed."""
    agencies = _Agencies(line.texts[AGENCY] for line in sheet.lines)
    seen: dict[str, PersonLine] = {}
    wanted, problems = [], list(sheet.problems)
    unusable = {problem.cell for problem in sheet.problems}
    for line in sheet.lines:
        wrong = {**_wrong_person(line), **_wrong_place(line, agencies)}
        name = line.texts[USERNAME].casefold()
        if name in seen and USERNAME not in wrong:
            wrong[USERNAME] = _twice(line, seen[name])
        seen.setdefault(name, line)
        cells = {sheet.cell(column, line.row): said for column, said in wrong.items()}
        problems += [CellProblem(line.row, cell, said) for cell, said in cells.items() if cell not in unusable]
        if not wrong:
            wanted.append(_wanted(line, agencies))
    return wanted, sorted(problems)


def _twice(line: PersonLine, first: PersonLine) -> str:
    return _(
        "用户名“%(name)s”与第%(row)d行重复。一人的多个角色请写在同一格，用顿号分隔；在其他单位的角色请导入后在人员页添加。"
    ) % {
        "name": line.texts[USERNAME],
        "row": first.row,
    }


def _wanted(line: PersonLine, agencies: "_Agencies") -> WantedPerson:
    return WantedPerson(
        row=line.row,
        username=line.texts[USERNAME],
        full_name=line.texts[FULL_NAME],
        email=line.texts.get(EMAIL) or None,
        agency_id=agencies.found[_plain(line.texts[AGENCY])].pk,
        roles=tuple(role_words()[word].value for word in _words(line.texts[ROLE])),
    )


def _wrong_person(line: PersonLine) -> dict[str, str]:
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
    # The sign-in normalises what is typed (NFKC): a name that this alters could never be signed in with.
    return User.normalize_username(text) != text


def _wrong_place(line: PersonLine, agencies: "_Agencies") -> dict[str, str]:
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
