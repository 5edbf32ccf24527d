"""A workbook of people: the template to fill in, and reading one without trusting it."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl import Workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils import get_column_letter

from agencies.lib.untrusted.limits import MEGABYTE, FileRefused
from agencies.lib.untrusted.xlsx import WorkbookLimits, opened
from agencies.models import Role

FULL_NAME, USERNAME, AGENCY, ROLE, EMAIL = COLUMNS = ("姓名", "用户名", "单位", "角色", "邮箱")
NEEDED = COLUMNS[:4]
MOST_BYTES, MOST_ROWS, MOST_COLUMNS, HEADER_WITHIN = 2 * MEGABYTE, 2_000, 40, 10
# 2,000 rows take a tenth of it.
LIMITS = WorkbookLimits(
    parts=200, declared_size=8 * MEGABYTE, inflated_size=8 * MEGABYTE, whole_part_size=MEGABYTE // 2
)


class Unreadable(Exception):
    """A file that cannot be read at all; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True, order=True)
class CellProblem:
    """What is wrong in one cell."""

    row: int
    cell: str
    message: str

    def __str__(self) -> str:
        return _("%(cell)s：%(message)s") % {"cell": self.cell, "message": self.message}


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A filled row: its number and the text under each known column."""

    row: int
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """The rows of the table, the column letter of each known name, names nobody asked for, and unusable cells."""

    lines: tuple[PersonLine, ...]
    letters: dict[str, str]
    ignored: tuple[str, ...]
    problems: tuple[CellProblem, ...]

    def cell(self, name: str, row: int) -> str:
        """The address of a cell, as its user sees it."""
        return f"{self.letters[name]}{row}"


def template() -> bytes:
    """An empty table to fill in, with a sheet that explains it."""
    book = Workbook()
    table: Any = book.active
    table.title = "人员"
    table.append(list(COLUMNS))
    for letter, width in zip("ABCDE", (14, 18, 28, 22, 30), strict=True):
        table.column_dimensions[letter].width = width
    table.freeze_panes = "A2"
    notes = book.create_sheet("说明")
    notes.column_dimensions["A"].width = 90
    for line in _notes():
        notes.append([line])
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


@cache
def role_words() -> dict[str, Role]:
    """The roles by their Chinese and machine words, whatever the language of the page."""
    with override(settings.LANGUAGE_CODE):
        return {str(word): role for role in Role for word in (role.label, role.value)}


def _notes() -> list[str]:
    words = list(role_words())
    roles = "、".join(f"{label}（{value}）" for label, value in zip(words[::2], words[1::2], strict=True))
    return [
        "每行一人。姓名、用户名、单位、角色必填，邮箱可空。列的先后不限，其他列不读取。",
        f"角色可填：{roles}。一人有多个角色的，写在同一格，用顿号分隔。",
        "单位可填本系统认得的任一名称。",
        "用户名已存在的，补充角色并更新姓名和邮箱；不会移除任何角色。",
        "请填文字，不要用公式。",
    ]


def read_sheet(data: bytes) -> PeopleTable:
    """The table of people in a workbook. Raises Unreadable when there is none or the file costs too much."""
    if len(data) > MOST_BYTES:
        raise Unreadable(_("文件超过2MB。请删去多余的工作表和图片，或拆分后上传。"))
    try:
        with opened(data, LIMITS) as book:
            return _table(book)
    except FileRefused as error:
        raise Unreadable(_sentence(error.code)) from error


def _sentence(code: str) -> str:
    if code in ("bomb", "parts"):
        return _("文件解压后过大，已停止读取。请只保留人员表，另存为.xlsx后上传。")
    if code == "doctype":
        return _("文件含有不允许的DTD声明，已拒绝读取。")
    return _("这不是可以读取的.xlsx文件。请用WPS或Excel打开，另存为.xlsx后上传。")


def _table(book: Any) -> PeopleTable:
    """The first visible sheet that has the header."""
    missing: list[str] = list(NEEDED)
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        # The size that a sheet states may be anything; one row too many is read, so that it can be refused.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=MOST_ROWS + HEADER_WITHIN + 1, max_col=MOST_COLUMNS)
        for number, cells in enumerate(rows, start=1):
            names = [_text(cell.value) for cell in cells]
            if USERNAME in names:
                return _under(names, number, rows)
            if number == HEADER_WITHIN:
                break
    raise Unreadable(_missing(missing))


def _missing(names: list[str]) -> str:
    return _("没有找到表头：缺少列“%(names)s”。请下载模板填写。") % {"names": "”“".join(names)}


def _under(names: list[str], header: int, rows: Iterator[tuple[ReadOnlyCell, ...]]) -> PeopleTable:
    places = {name: place for place, name in enumerate(names) if name in COLUMNS}
    missing = [name for name in NEEDED if name not in places]
    if missing:
        raise Unreadable(_missing(missing))
    double = next((name for name in COLUMNS if names.count(name) > 1), "")
    if double:
        raise Unreadable(_("第%(row)d行有两列“%(name)s”，请删去一列。") % {"row": header, "name": double})
    letters = {name: get_column_letter(place + 1) for name, place in places.items()}
    lines, problems = _lines(rows, places, header)
    if not lines:
        raise Unreadable(_("表头下面没有人员。请填写后上传。"))
    if len(lines) > MOST_ROWS:
        raise Unreadable(_("人员超过%(most)d行，请拆分后上传。") % {"most": MOST_ROWS})
    ignored = tuple(dict.fromkeys(name for name in names if name and name not in COLUMNS))
    return PeopleTable(tuple(lines), letters, ignored, tuple(problems))


def _lines(
    rows: Iterator[tuple[ReadOnlyCell, ...]], places: dict[str, int], header: int
) -> tuple[list[PersonLine], list[CellProblem]]:
    lines, problems = [], []
    for number, cells in enumerate(rows, start=header + 1):
        found = {name: cells[place] for name, place in places.items() if place < len(cells)}
        texts = {name: _text(cell.value) for name, cell in found.items()}
        wrong = {name: said for name, cell in found.items() if (said := _unusable(cell))}
        problems += [
            CellProblem(number, f"{get_column_letter(places[name] + 1)}{number}", said) for name, said in wrong.items()
        ]
        if any(texts.values()):
            lines.append(PersonLine(number, {name: texts.get(name, "") for name in places}))
    return lines, problems


def _text(value: object) -> str:
    """The text of a cell: a whole number as its digits, white space at the ends dropped."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()[:1000]


def _unusable(cell: ReadOnlyCell) -> str:
    if cell.data_type == "f":
        return _("是公式。请改为文字后上传。")
    if cell.data_type in {"d", "b", "e"}:
        return _("是日期、逻辑值或错误值。请改为文字后上传。")
    return ""
