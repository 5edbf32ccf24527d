"""Spreadsheets: each sheet that is shown becomes a table.

Hidden sheets, rows and columns are not read, as hidden text of a Word document is not; hidden rows that say
something are reported. A file with one table keeps that sheet's own row numbers, which is what people
see at its edge; over several tables the filled rows count from 1.
"""

import re
from collections.abc import Iterator
from itertools import chain

from agencies.lib.untrusted.zips import Package
from importers.documents import pace
from importers.documents.grid import Grid, Paragraph, Row, State, Table
from importers.documents.limits import LIMITS, Rejected
from importers.documents.readers.besides import boxes_of, comments_of, not_in_text, told_besides
from importers.documents.readers.relations import related_parts
from importers.documents.readers.sheets.sheetrows import SheetRows
from importers.documents.readers.sheets.workbook import Sheet, Workbook, read_sheet, read_workbook
from importers.documents.values import Problem, gettext_noop, problem

_FORMULAS = gettext_noop("工作表“{sheet}”有{count}个公式单元格（{named}），已按保存的计算结果读取。请核对。")
_HIDDEN_ROWS = gettext_noop("工作表“{sheet}”有{count}行被隐藏或筛选掉，未读取。如需读取，请取消隐藏和筛选后重新上传。")
_HIDDEN_COLUMNS = gettext_noop("工作表“{sheet}”有{count}列被隐藏，未读取：{named}。如需读取，请取消隐藏后重新上传。")
_UNCALCULATED = gettext_noop(
    "工作表“{sheet}”的单元格{at}是公式，文件中没有计算结果。请用WPS或Excel打开，重新计算并保存后上传。"
)
_ERROR = gettext_noop("第{row}行有出错的单元格“{value}”，按空白处理。请改正后重新上传。")
MACRO = gettext_noop("文件含有宏，宏未被执行。如非必要，请另存为不含宏的.xlsx后上传。")
# Sheet1, 工作表2, 清单: a tab that says nothing of what is on it.
_UNNAMED = re.compile(r"^(?:sheet|工作表|表|清单|台账|明细)\s*\d*$", re.IGNORECASE)
_NAMED_IN_A_SENTENCE = 5
# So many rows of a sheet may say what its margins say again.
_TITLED_WITHIN = 10


def read_xlsx(package: Package, main_part: str) -> Grid:
    """The sheets of a workbook that are shown, in the order of their tabs. Raises `Rejected`."""
    workbook = read_workbook(package, main_part)
    reader = _WorkbookReader(package, workbook)
    filled = [(sheet, rows) for sheet in workbook.sheets if (rows := reader.rows(sheet))]
    # Rows of several sheets would have the same numbers twice, and a number is how a row is named to a person.
    if sum(_is_table(rows) for _, rows in filled) > 1:
        filled = list(_counted_through(filled))
    blocks = chain.from_iterable(
        _blocks(sheet, rows, below_title=at == _titled(filled)) for at, (sheet, rows) in enumerate(filled)
    )
    return Grid(tuple(blocks), tuple(chain(reader.warnings, _of_macros(package), _of_errors(filled))))


class _WorkbookReader:
    """Reads sheet after sheet and remembers what a person should know."""

    def __init__(self, package: Package, workbook: Workbook) -> None:
        self.warnings: list[Problem] = []
        self._package = package
        self._workbook = workbook
        self._count = 0

    def rows(self, sheet: Sheet) -> list[Row]:
        content = read_sheet(self._package, sheet.part, self._workbook)
        shown = SheetRows(content)
        try:
            rows = list(shown)
        except Rejected as rejection:
            # The rows know the cell; only here it is known of which sheet.
            raise _uncalculated(sheet, rejection) from rejection
        pace.rows_read(self._count, self._count + len(rows))
        self._count += len(rows)
        # Of all sheets together: a thousand small ones are as much work as one long one.
        if self._count > LIMITS.rows:
            raise Rejected("too_many_rows")
        self.warnings.extend(_of_formulas(sheet, shown.formulas))
        self.warnings.extend(_of_hidden_rows(sheet, len(content.hidden_rows)))
        self.warnings.extend(_of_hidden_columns(sheet, shown.hidden_labels()))
        related = related_parts(self._package, sheet.part)
        boxes, comments = (of(self._package, related) for of in (boxes_of, comments_of))
        beginning = (cell.text for row in rows[:_TITLED_WITHIN] for cell in row.cells) if content.margins else ()
        margins = not_in_text(content.margins, beginning)
        self.warnings.extend(told_besides(content.struck, boxes, comments, margins))
        return rows


def _uncalculated(sheet: Sheet, rejection: Rejected) -> Rejected:
    cell = rejection.problem.cell
    where = f"{sheet.name}!{cell}"
    return Rejected("formula_without_value", _UNCALCULATED, where=where, sheet=sheet.name, at=cell or "")


def _of_formulas(sheet: Sheet, cells: list[str]) -> Iterator[Problem]:
    if cells:
        named = "、".join(cells[:_NAMED_IN_A_SENTENCE]) + ("等" if len(cells) > _NAMED_IN_A_SENTENCE else "")
        yield problem("formula_cell", _FORMULAS, value=cells[0], sheet=sheet.name, count=len(cells), named=named)


def _of_hidden_rows(sheet: Sheet, count: int) -> Iterator[Problem]:
    if count:
        yield problem("hidden_rows", _HIDDEN_ROWS, value=str(count), sheet=sheet.name, count=count)


def _of_hidden_columns(sheet: Sheet, labels: list[str]) -> Iterator[Problem]:
    if labels:
        named = "、".join(f"“{label}”" for label in labels)
        value, count = "、".join(labels), len(labels)
        yield problem("hidden_columns", _HIDDEN_COLUMNS, value=value, sheet=sheet.name, count=count, named=named)


def _of_macros(package: Package) -> Iterator[Problem]:
    # By the part and not by the ending of the file: .xlsm is often renamed.
    if any(name.endswith("vbaProject.bin") for name in package.names):
        yield problem("macro_present", MACRO)


def _of_errors(filled: list[tuple[Sheet, list[Row]]]) -> Iterator[Problem]:
    for _, rows in filled:
        yield from errors_in(rows)


def errors_in(rows: list[Row]) -> Iterator[Problem]:
    """A warning for each cell that shows the mark of an error; it is read as blank."""
    for row in rows:
        for cell in row.cells:
            if cell.state is State.VALUE and not cell.value:
                yield problem("error_cell", _ERROR, row=row.number, value=cell.text)


def _counted_through(filled: list[tuple[Sheet, list[Row]]]) -> Iterator[tuple[Sheet, list[Row]]]:
    count = 0
    for sheet, rows in filled:
        if _is_table(rows):
            yield sheet, [row._replace(number=number) for number, row in enumerate(rows, count + 1)]
            count += len(rows)
        else:
            yield sheet, rows


def _titled(filled: list[tuple[Sheet, list[Row]]]) -> int | None:
    """Which sheet has the title of the whole list above its header, where all other tables are titled by their tabs."""
    tables = [at for at, (_sheet, rows) in enumerate(filled) if _is_table(rows)]
    if len(tables) < 2 or not all(_is_titled_by_tab(*filled[at]) for at in tables[1:]):
        return None
    sheet, rows = filled[tables[0]]
    return tables[0] if _filled(rows[0]) == 1 and _is_titled_by_tab(sheet, rows[1:]) else None


def _is_titled_by_tab(sheet: Sheet, rows: list[Row]) -> bool:
    return bool(rows) and _filled(rows[0]) > 1 and not _UNNAMED.match(sheet.name.strip())


def _blocks(sheet: Sheet, rows: list[Row], *, below_title: bool) -> Iterator[Paragraph | Table]:
    """A table that begins with its header is titled by its tab, and one `below_title` too."""
    if below_title:
        yield from (Paragraph(cell.text) for cell in rows[0].cells if cell.state is State.VALUE)
        rows = rows[1:]
    if not _is_table(rows):
        for row in rows:
            yield from (Paragraph(cell.text) for cell in row.cells if cell.state is State.VALUE)
        return
    if _is_titled_by_tab(sheet, rows):
        yield Paragraph(sheet.name)
    yield Table(tuple(rows))


def _is_table(rows: list[Row]) -> bool:
    """A sheet without a row of several cells is text, such as a cover."""
    return any(_filled(row) > 1 for row in rows)


def _filled(row: Row) -> int:
    return sum(cell.state is State.VALUE for cell in row.cells)
