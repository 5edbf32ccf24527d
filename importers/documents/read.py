"""Reading a list document from beginning to end. A bad document gives a rejection, never an exception."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

from agencies.lib.untrusted.zips import Package
from importers.documents.collector import without_collector
from importers.documents.convert.libreoffice import converted
from importers.documents.grammar.deadlines import year_of_list
from importers.documents.grammar.roles import Unmarked
from importers.documents.layout.doubts import missing_columns, unread_columns
from importers.documents.layout.found import SUB_HEADING, Layout, ListRow
from importers.documents.layout.given import NOT_GIVEN, GivenColumns, first_rows
from importers.documents.layout.labels import says_first_leads
from importers.documents.layout.legend import legend_of
from importers.documents.layout.lines import lay_out
from importers.documents.layout.prose import names_nobody, read_prose
from importers.documents.limits import LIMITS, Rejected
from importers.documents.meaning.interpret import Interpreter
from importers.documents.readers import read_grid
from importers.documents.readers.word.fields import has_date_fields
from importers.documents.values import ParsedList, Problem, gettext_noop, problem, rejected

FirstRows = tuple[tuple[str, ...], ...]
_DATES_MAY_HAVE_MOVED = gettext_noop(
    "文件含有自动更新的日期域，转换格式时可能已变成转换当天的日期。请逐条核对完成时限，或用WPS另存为.docx后重新上传。"
)
_IN_ENGLISH = gettext_noop(
    "表头是英文：这是从英文页面导出的表，单位和类别也是英文名称，无法与清单对应。请在中文页面导出，修改后再上传。"
)
# What the portal's own tables are headed by in English; a test holds it to the catalogue.
ENGLISH_HEADINGS = {"No.", "Section", "Item", "Measures", "Lead", "Responsible", "Deadline"}
_NO_MEASURES = gettext_noop("清单表格中没有任何举措。请确认文件内容后重新上传。")


def check_file(path: str | Path, year: int | None = None, given: GivenColumns = NOT_GIVEN) -> ParsedList:
    """Read a file from disk. Raises `OSError` when there is no such file to read."""
    path = Path(path)
    with path.open("rb") as file:
        data = file.read(LIMITS.file_size + 1)
    return read_document(data, path.name, year, given)


def read_document(data: bytes, name: str, year: int | None = None, given: GivenColumns = NOT_GIVEN) -> ParsedList:
    """Read a document; `year` is the list's, for deadlines that name none, `given` what a person said
    its columns hold. An old format is converted first."""
    try:
        new = converted(data)
    except Rejected as rejection:
        return rejected(name, rejection.problem)
    return check_read(data, name, year, given) if new is None else check_converted(new, name, year, given)


def check_converted(data: bytes, name: str, year: int | None = None, given: GivenColumns = NOT_GIVEN) -> ParsedList:
    """Read what the converter made of a document; `name` is that of the document."""
    parsed = check_read(data, name, year, given)
    if parsed.error or not has_date_fields(Package(BytesIO(data), LIMITS)):
        return parsed
    # The converter opened the file today, and a DATE field shows the day on which it is opened.
    dated = tuple(measure.row for measure in parsed.measures if measure.deadline)
    doubt = problem("deadline_inferred", _DATES_MAY_HAVE_MOVED, rows=dated)
    return replace(parsed, outcome="ok_with_warnings", warnings=(doubt, *parsed.warnings))


def check_read(data: bytes, name: str, year: int | None = None, given: GivenColumns = NOT_GIVEN) -> ParsedList:
    """Read a document in one of the formats that need no converter."""
    with without_collector():
        try:
            layout, warnings, beginning = _laid_out(data, name, given)
        except Rejected as rejection:
            return replace(rejected(name, rejection.problem), first_rows=rejection.first_rows)
        said = layout.said_of_columns
        unmarked = given.unmarked or (Unmarked.FIRST if any(map(says_first_leads, said)) else None)
        interpreter = Interpreter(year or _year(layout), unmarked, {**dict(given.marks), **legend_of(said)})
        return replace(_understood(layout, warnings, name, interpreter), first_rows=beginning)


def _laid_out(data: bytes, name: str, given: GivenColumns) -> tuple[Layout, tuple[Problem, ...], FirstRows]:
    """The grid is let go of here, before what it says is written down once more."""
    grid = read_grid(data, name)
    beginning = first_rows(grid)
    try:
        layout, found = lay_out(grid, given)
    except Rejected as rejection:
        # Without a table that fits it may be a list in numbered paragraphs.
        prose = read_prose(grid)
        if prose is None:
            if rejection.problem.kind == "no_table" and (nobody := names_nobody(grid)):
                raise nobody from rejection
            if any(set(row) >= ENGLISH_HEADINGS for row in beginning):
                raise Rejected("columns_not_recognised", _IN_ENGLISH) from rejection
            rejection.first_rows = beginning
            raise
        layout, placed = prose
        beside = (one for one in unread_columns(layout) if one.value != SUB_HEADING)
        found = (*missing_columns(layout), *beside, *placed)
    return layout, (*grid.warnings, *found), beginning


def _understood(layout: Layout, warnings: tuple[Problem, ...], name: str, interpreter: Interpreter) -> ParsedList:
    interpreter.read(layout.lines)
    if not interpreter.measures:
        return rejected(name, Rejected("no_table", _NO_MEASURES).problem)
    problems = interpreter.problems
    if any(one.kind == "hidden_rows" for one in warnings):
        # What is hidden is told already, and is no gap of the list.
        problems = [one for one in problems if one.kind != "number_gap"]
    parsed = ParsedList(
        file_name=name,
        outcome="ok",
        warnings=(*warnings, *problems),
        title=layout.title,
        notes=tuple(layout.notes),
        sections=tuple(interpreter.sections),
        measures=tuple(interpreter.measures),
    )
    return replace(parsed, outcome="ok_with_warnings") if parsed.warnings else parsed


def _year(layout: Layout) -> int | None:
    rows = [line for line in layout.lines if isinstance(line, ListRow)]
    deadlines = [line.cells[5].text or (line.tail.deadline if line.tail else "") for line in rows]
    labels = layout.columns.labels if layout.columns else ()
    return year_of_list(layout.title, deadlines, (*layout.around, *labels))
