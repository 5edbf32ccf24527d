"""Mailboxes as a table to fill in: handed out with what they are, and what one that comes back would change.

The table says what each mailbox was when it was handed out, so that only what was filled in is changed, and what others
changed meanwhile is seen. Without that column an empty cell changes nothing.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from agencies.access import Principal
from agencies.lib.mailboxes import wrong_address
from agencies.lib.sheets import CellProblem, Line, SheetColumn, SheetLayout, SheetTable, write_table
from agencies.models import Agency, User
from agencies.people.workbook import AGENCY, EMAIL, FULL_NAME, USERNAME
from reforms.organisation.mailboxes import (
    AGENCIES,
    PEOPLE,
    FoundHolders,
    Mailbox,
    Mailboxes,
    Meanwhile,
    Setting,
    told_meanwhile,
)

NOTES = [
    "请只填写黄色的一列，每格一个邮箱。清空一格，即删去该邮箱。",
    "“下载时的邮箱”一列请勿改动：上传时据此只更改填写过的格，并发现其间由别人改过的邮箱。没有这一列的表格，空格不作更改。",
    "列和行的先后不限，可删去不需要的行；其他列不读取。请填文字，不要用公式。",
]
MISSING, WAS = "没有收件邮箱", "下载时的邮箱"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxSheet:
    """The table of one kind of mailboxes. `known_by` and `email` are the columns that are read."""

    boxes: Mailboxes
    title: str
    known_by: str
    email: str
    columns: tuple[SheetColumn, ...]

    @property
    def layout(self) -> SheetLayout:
        return SheetLayout(
            columns=(self.known_by, self.email, WAS), needed=(self.known_by, self.email), mark=self.known_by
        )

    def others(self, ignored: Sequence[str]) -> list[str]:
        """Of the columns that were not read those that the portal did not hand out."""
        own = {column.name for column in self.columns}
        return [name for name in ignored if name not in own]

    def filled(self, *, who: Principal, on: dt.date) -> bytes:
        """The file with what the mailboxes are."""
        # The table is in Chinese whatever the language of the page, since its headings are what is read.
        with override(settings.LANGUAGE_CODE):
            rows = [self._row(box) for box in self.boxes.all(who=who, on=on)]
        return write_table(self.title, self.columns, rows, NOTES)

    def _row(self, box: Mailbox) -> list[str | int]:
        facts = _of_agency(box, box.holder) if isinstance(box.holder, Agency) else _of_person(box.holder)
        facts |= {self.email: box.email, WAS: box.email, MISSING: "是" if box.is_missing else ""}
        return [facts[column.name] for column in self.columns]


BESIDES, DUTIES, PLACES = "同时收件的填报人、审核人", "承担举措（条）", "单位与角色"


def _of_agency(box: Mailbox, agency: Agency) -> dict[str, Any]:
    return {AGENCY: agency.name, BESIDES: "、".join(box.besides), DUTIES: box.duties}


def _of_person(user: User) -> dict[str, Any]:
    places = "、".join(f"{place.agency}·{place.get_role_display()}" for place in user.memberships.all())
    return {FULL_NAME: user.full_name, USERNAME: user.username, PLACES: places}


AGENCY_SHEET = MailboxSheet(
    boxes=AGENCIES,
    title="单位邮箱",
    known_by=AGENCY,
    email="提醒邮箱",
    columns=(
        SheetColumn(AGENCY, 32),
        SheetColumn("提醒邮箱", 34, fill_in=True),
        SheetColumn(WAS, 34),
        SheetColumn(MISSING, 14),
        SheetColumn(BESIDES, 40),
        SheetColumn(DUTIES, 14),
    ),
)


PERSON_SHEET = MailboxSheet(
    boxes=PEOPLE,
    title="人员邮箱",
    known_by=USERNAME,
    email=EMAIL,
    columns=(
        SheetColumn(FULL_NAME, 16),
        SheetColumn(USERNAME, 22),
        SheetColumn(PLACES, 44),
        SheetColumn(EMAIL, 34, fill_in=True),
        SheetColumn(WAS, 34),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxStep:
    """One mailbox that a table changes, in the row of that number; `meanwhile` where somebody else changed it since the
    table was handed out."""

    row: int
    holder: str
    setting: Setting
    meanwhile: Meanwhile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlan:
    steps: tuple[MailboxStep, ...]
    problems: tuple[CellProblem, ...]


def plan_of(sheet: MailboxSheet, table: SheetTable) -> TablePlan:
    """What the table would change as things stand, and every cell in which it cannot be followed. Writes nothing."""
    return _Planning(sheet, table).plan()


class _Planning:
    def __init__(self, sheet: MailboxSheet, table: SheetTable) -> None:
        self.sheet, self.table = sheet, table
        # Nothing is asked of the other rows, so that nothing can be wrong with them either.
        self.filled_in = [line for line in table.lines if self._is_filled_in(line)]
        self.found: FoundHolders = sheet.boxes.found(line.texts[sheet.known_by] for line in self.filled_in)
        self.first: dict[int, int] = {}
        self.moved: dict[int, str | None] = {}

    def plan(self) -> TablePlan:
        steps: list[MailboxStep] = []
        problems = list(self.table.problems)
        for line in self.filled_in:
            wrong = self._wrong(line)
            problems += self.table.faults(line.row, wrong)
            steps += [] if wrong else self._steps(line)
        meanwhile = told_meanwhile(self.sheet.boxes, self.moved)
        told = tuple(replace(step, meanwhile=meanwhile.get(step.setting.pk)) for step in steps)
        return TablePlan(steps=told, problems=tuple(sorted(problems)))

    def _wrong(self, line: Line) -> dict[str, str]:
        """What is wrong in a row, by column."""
        wrong = {}
        name, email = line.texts[self.sheet.known_by], line.texts[self.sheet.email]
        if said := self.found.what_is_wrong(name) or self._twice(line, name):
            wrong[self.sheet.known_by] = said
        if email and (said := wrong_address(email)):
            wrong[self.sheet.email] = said
        return wrong

    def _twice(self, line: Line, name: str) -> str:
        holder = self.found.get(name)
        if holder is None or self.first.setdefault(holder.pk, line.row) == line.row:
            return ""
        said = _("“%(name)s”与第%(row)d行是同一个，请删去一行。")
        return said % {"name": name[:60], "row": self.first[holder.pk]}

    def _is_filled_in(self, line: Line) -> bool:
        """Whether somebody wrote in the cell, as far as the table can tell."""
        email, was = line.texts[self.sheet.email], line.texts.get(WAS)
        return email != was if was is not None else bool(email)

    def _steps(self, line: Line) -> list[MailboxStep]:
        holder, email = self.found.get(line.texts[self.sheet.known_by]), line.texts[self.sheet.email]
        if holder is None or email == holder.email:
            return []
        if line.texts.get(WAS, holder.email) != holder.email:
            self.moved[holder.pk] = holder.email
        setting = Setting(pk=holder.pk, before=holder.email, after=email)
        return [MailboxStep(row=line.row, holder=str(holder), setting=setting)]
