"""Tables that people fill in as workbooks: written to be filled in, and read back without trusting them."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from agencies.lib.formulas import hold_text
from agencies.lib.untrusted.limits import MEGABYTE, FileRefused
from agencies.lib.untrusted.xlsx import WorkbookLimits, opened

MOST_BYTES, MOST_ROWS, MOST_COLUMNS, HEADER_WITHIN = 2 * MEGABYTE, 2_000, 40, 10
# 2,000 rows take a tenth of it.
LIMITS = WorkbookLimits(
    parts=200, declared_size=8 * MEGABYTE, inflated_size=8 * MEGABYTE, whole_part_size=MEGABYTE // 2
)
TO_FILL_IN = PatternFill("solid", "FFF8DC")


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
class Line:
    """A filled row: its number and the text under each known column."""

    row: int
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class SheetTable:
    """The rows of the table, the column letter of each known name, names nobody asked for, and unusable cells."""

    lines: tuple[Line, ...]
    letters: dict[str, str]
    ignored: tuple[str, ...]
    problems: tuple[CellProblem, ...]

    def cell(self, name: str, row: int) -> str:
        """The address of a cell, as its user sees it."""
        return f"{self.letters[name]}{row}"

    def faults(self, row: int, wrong: dict[str, str]) -> list[CellProblem]:
        """What is wrong in a row, by column, as faults of its cells; not again in those that are unusable anyway."""
        unusable = {problem.cell for problem in self.problems}
        cells = {self.cell(column, row): said for column, said in wrong.items()}
        return [CellProblem(row, cell, said) for cell, said in cells.items() if cell not in unusable]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLayout:
    """The columns that are read, those of them that must be there, and the one by which the header is known."""

    columns: tuple[str, ...]
    needed: tuple[str, ...]
    mark: str

    def read(self, data: bytes) -> SheetTable:
        """The table in a workbook. Raises Unreadable when there is none or the file costs too much."""
        if len(data) > MOST_BYTES:
            raise Unreadable(_("文件超过2MB。请删去多余的工作表和图片，或拆分后上传。"))
        try:
            with opened(data, LIMITS) as book:
                return self._table(book)
        except FileRefused as error:
            raise Unreadable(_sentence(error.code)) from error

    def _table(self, book: Any) -> SheetTable:
        """The first visible sheet that has the header."""
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            # The size that a sheet states may be anything; one row too many is read, so that it can be refused.
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_row=MOST_ROWS + HEADER_WITHIN + 1, max_col=MOST_COLUMNS)
            for number, cells in enumerate(rows, start=1):
                names = [_text(cell.value) for cell in cells]
                if self.mark in names:
                    return self._under(names, number, rows)
                if number == HEADER_WITHIN:
                    break
        raise Unreadable(_missing(self.needed))

    def _under(self, names: list[str], header: int, rows: Iterator[tuple[ReadOnlyCell, ...]]) -> SheetTable:
        places = {name: place for place, name in enumerate(names) if name in self.columns}
        missing = [name for name in self.needed if name not in places]
        if missing:
            raise Unreadable(_missing(missing))
        double = next((name for name in self.columns if names.count(name) > 1), "")
        if double:
            raise Unreadable(_("第%(row)d行有两列“%(name)s”，请删去一列。") % {"row": header, "name": double})
        letters = {name: get_column_letter(place + 1) for name, place in places.items()}
        lines, problems = _lines(rows, places, header)
        if not lines:
            raise Unreadable(_("表头下面没有内容。请填写后上传。"))
        if len(lines) > MOST_ROWS:
            raise Unreadable(_("表格超过%(most)d行，请拆分后上传。") % {"most": MOST_ROWS})
        ignored = tuple(dict.fromkeys(name for name in names if name and name not in self.columns))
        return SheetTable(tuple(lines), letters, ignored, tuple(problems))


def _sentence(code: str) -> str:
    if code in ("bomb", "parts"):
        return _("文件解压后过大，已停止读取。请只保留要上传的表，另存为.xlsx后上传。")
    if code == "doctype":
        return _("文件含有不允许的DTD声明，已拒绝读取。")
    return _("这不是可以读取的.xlsx文件。请用WPS或Excel打开，另存为.xlsx后上传。")


def _missing(names: Iterable[str]) -> str:
    return _("没有找到表头：缺少列“%(names)s”。请下载表格填写。") % {"names": "”“".join(names)}


def _lines(
    rows: Iterator[tuple[ReadOnlyCell, ...]], places: dict[str, int], header: int
) -> tuple[list[Line], list[CellProblem]]:
    lines, problems = [], []
    for number, cells in enumerate(rows, start=header + 1):
        found = {name: cells[place] for name, place in places.items() if place < len(cells)}
        texts = {name: _text(cell.value) for name, cell in found.items()}
        wrong = {name: said for name, cell in found.items() if (said := _unusable(cell))}
        problems += [
            CellProblem(number, f"{get_column_letter(places[name] + 1)}{number}", said) for name, said in wrong.items()
        ]
        if any(texts.values()):
            lines.append(Line(number, {name: texts.get(name, "") for name in places}))
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


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column to write: its heading, its width, and whether it is there to be filled in."""

    name: str
    width: int
    fill_in: bool = False


def write_table(
    title: str, columns: Sequence[SheetColumn], rows: Iterable[Sequence[str | int]], notes: Sequence[str]
) -> bytes:
    """A workbook with the table, and a sheet that explains it. Texts stay texts, whatever they begin with."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = title
    for place, column in enumerate(columns, 1):
        sheet.cell(1, place, column.name).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    for number, row in enumerate(rows, 2):
        for place, (value, column) in enumerate(zip(row, columns, strict=True), 1):
            _write(sheet.cell(number, place), value, column)
    sheet.freeze_panes = "A2"
    explained = book.create_sheet("说明")
    explained.column_dimensions["A"].width = 90
    for note in notes:
        explained.append([note])
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def _write(cell: Any, value: str | int, column: SheetColumn) -> None:
    if isinstance(value, int):
        cell.value = value
    elif value:
        # Documents have control characters, which openpyxl refuses.
        hold_text(cell, ILLEGAL_CHARACTERS_RE.sub("", value))
    if column.fill_in:
        # Text: what is typed stays as it was typed.
        cell.fill, cell.number_format = TO_FILL_IN, "@"
