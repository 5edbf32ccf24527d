"""Reading a workbook that came back, with bounds on what it may cost. Raises Refused with a sentence to show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from agencies.lib.untrusted.limits import MEGABYTE, FileRefused
from agencies.lib.untrusted.xlsx import WorkbookLimits, opened
from reforms.workbook.layout import (
    EDITABLE,
    HEADING_ROW,
    ID,
    LOCKED,
    MOST_ROWS,
    SHEET,
    VERSION_SHEET,
    Version,
    cell_text,
    read_version,
)

LARGEST_FILE, MOST_COLUMNS, MOST_PIECES = 2 * MEGABYTE, 40, 40
LIMITS = WorkbookLimits(parts=200, declared_size=40 * MEGABYTE, inflated_size=40 * MEGABYTE, only_utf_8=True)


class WorkbookRefused(Exception):
    """A file that cannot be taken, with the sentence that says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledCell:
    """An address as WPS shows it, the text, and what is wrong with the cell (empty when nothing is)."""

    at: str
    text: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledRow:
    """One row as it came back; `measure_id` is None where no number can be read."""

    row: int
    measure_id: int | None
    locked: dict[str, FilledCell]
    editable: dict[str, FilledCell]

    @property
    def empty(self) -> bool:
        """Whether nothing stands in it."""
        cells = (*self.locked.values(), *self.editable.values())
        return self.measure_id is None and not any(cell.text or cell.wrong for cell in cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The file that came back: what it was when it was handed out, and what it says."""

    version: Version
    rows: list[FilledRow] = field(default_factory=list)


def read(data: bytes) -> Returned:
    """The version that a file carries, and its rows as they are. Raises Refused."""
    if len(data) > LARGEST_FILE:
        raise WorkbookRefused(_("文件超过2MB。请删去图片等附加内容后上传。"))
    try:
        with opened(data, LIMITS) as book:
            pieces, rows = _pieces(book), _rows(book)
    except FileRefused as error:
        raise WorkbookRefused(_sentence(error.code)) from error
    try:
        version = read_version(pieces)
    except (signing.BadSignature, ValueError, KeyError, TypeError) as error:
        raise WorkbookRefused(_("这个文件的版本信息已被改动，无法核对。请重新下载填报表，把内容复制过去。")) from error
    return Returned(version=version, rows=rows)


def _sentence(code: str) -> str:
    if code in ("bomb", "parts"):
        return _("文件解压后过大，已停止读取。请重新下载填报表，把内容复制过去。")
    if code in ("doctype", "encoding"):
        return _("文件含有不允许的内容，已停止读取。请重新下载填报表，把内容复制过去。")
    if code == "malformed":
        return _("文件已损坏，无法读取。请用WPS打开，另存为.xlsx后上传。")
    return _("这不是可以读取的.xlsx文件。请上传从本页下载、填好的填报表。")


def _pieces(book: Any) -> list[str]:
    if SHEET not in book.sheetnames or VERSION_SHEET not in book.sheetnames:
        raise WorkbookRefused(_("这不是从本页下载的填报表。请下载填报表，填好后上传。"))
    rows = book[VERSION_SHEET].iter_rows(max_row=MOST_PIECES, max_col=1, values_only=True)
    return [str(value) for (value,) in rows if value is not None]


def _rows(book: Any) -> list[FilledRow]:
    sheet = book[SHEET]
    # One row more than is taken, to see that there are too many.
    last = HEADING_ROW + MOST_ROWS + 1
    rows: Iterator[Sequence[Any]] = sheet.iter_rows(max_row=last, max_col=MOST_COLUMNS)
    places: dict[str, int] = {}
    found = []
    for number, cells in enumerate(rows, 1):
        if not places:
            places = _places(cells, number)
            continue
        filled = _filled(number, cells, places)
        if not filled.empty:
            found.append(filled)
    if not places:
        raise WorkbookRefused(_("找不到表头。请重新下载填报表，把内容复制过去。"))
    if len(found) > MOST_ROWS or (found and found[-1].row == last):
        raise WorkbookRefused(_("表格超过2000行。请只保留从本页下载的行。"))
    return found


def _places(cells: Sequence[Any], number: int) -> dict[str, int]:
    """Where each column stands, by its heading; empty when this is not the heading row."""
    headings = {str(cell.value).strip(): at for at, cell in enumerate(cells) if cell.value is not None}
    # Rows put in above the heading move it down; far below it is not looked for.
    if number > HEADING_ROW + MOST_COLUMNS or ID not in headings:
        return {}
    wanted = {"id": ID, **LOCKED, **EDITABLE}
    # Locked columns may be gone: they are only compared, and what is in them is the portal's.
    missing = [heading for name, heading in wanted.items() if heading not in headings and name not in LOCKED]
    if missing:
        raise WorkbookRefused(
            _("缺少“%(names)s”列。请重新下载填报表，把内容复制过去。") % {"names": "、".join(missing)}
        )
    return {name: headings[heading] for name, heading in wanted.items() if heading in headings}


def _filled(number: int, cells: Sequence[Any], places: dict[str, int]) -> FilledRow:
    def cell(name: str, *, locked: bool) -> FilledCell:
        at = places.get(name, -1)
        where = f"{get_column_letter(at + 1)}{number}" if at >= 0 else ""
        return _cell(cells[at], where, locked=locked) if 0 <= at < len(cells) else FilledCell(at=where)

    return FilledRow(
        row=number,
        measure_id=_number(cells[places["id"]].value if places["id"] < len(cells) else None),
        locked={name: cell(name, locked=True) for name in LOCKED},
        editable={name: cell(name, locked=False) for name in EDITABLE},
    )


def _cell(cell: Any, at: str, *, locked: bool) -> FilledCell:
    value = cell.value
    if value is None:
        return FilledCell(at=at)
    if isinstance(value, str) and cell.data_type not in ("f", "e"):
        return FilledCell(at=at, text=cell_text(value))
    if locked:
        return FilledCell(at=at, text=str(value))
    if cell.data_type in ("f", "e"):
        return FilledCell(at=at, wrong=_("%(at)s：是公式。请改填文字。") % {"at": at})
    return FilledCell(at=at, wrong=_("%(at)s：是数字或日期。请把单元格设为文本后重新填写。") % {"at": at})


def _number(value: object) -> int | None:
    # True is an int in Python.
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) and value == int(value):
        return int(value) if 0 < value < 2**31 else None
    text = str(value or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
