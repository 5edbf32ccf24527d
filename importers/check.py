"""Reading a list document from beginning to end. A bad document gives a rejection, never an exception."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from importers.grammar.deadlines import year_of_list
from importers.interpret import Interpreter
from importers.layout import Duty, Layout, lay_out
from importers.limits import LIMITS, Rejected
from importers.parsed import ParsedList, Problem, rejected
from importers.readers import read_grid


def check_file(path: str | Path, year: int | None = None) -> ParsedList:
    """Read a file from disk. Raises `OSError` when there is no such file to read."""
    path = Path(path)
    with path.open("rb") as file:
        data = file.read(LIMITS.file_size + 1)
    return check_bytes(data, path.name, year)


def check_bytes(data: bytes, name: str, year: int | None = None) -> ParsedList:
    """Read a document; `year` is the list's, for deadlines that name none."""
    with _without_collector():
        try:
            grid = read_grid(data, name)
            layout, found = lay_out(grid)
        except Rejected as rejection:
            return rejected(name, rejection.problem)
        return _understood(layout, (*grid.warnings, *found), name, year)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Reading makes many small values and no cycles; looking for them takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _understood(layout: Layout, warnings: tuple[Problem, ...], name: str, year: int | None) -> ParsedList:
    interpreter = Interpreter(year or _year(layout))
    interpreter.read(layout.lines)
    if not interpreter.measures:
        return rejected(name, Rejected("no_table", "清单表格中没有任何举措。请确认文件内容后重新上传。").problem)
    parsed = ParsedList(
        file_name=name,
        outcome="ok",
        warnings=(*warnings, *interpreter.problems),
        title=layout.title,
        notes=tuple(layout.notes),
        sections=tuple(interpreter.sections),
        measures=tuple(interpreter.measures),
    )
    return replace(parsed, outcome="ok_with_warnings") if parsed.warnings else parsed


def _year(layout: Layout) -> int | None:
    deadlines = [line.cells[5].text for line in layout.lines if isinstance(line, Duty)]
    return year_of_list(layout.title, deadlines, layout.around)
