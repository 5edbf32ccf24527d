"""Reading on trial: whether headings, notes and agencies say the same where they are going to be written."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from importers.documents.grid import Cell, Grid, Paragraph, Row, State, Table, plain_cell
from importers.documents.layout.labels import PRINTED, SHOWN_AS
from importers.documents.layout.lines import lay_out
from importers.documents.meaning.interpret import Interpreter

_HEADER = tuple(plain_cell(SHOWN_AS[role], column) for column, role in enumerate(PRINTED))


class AgenciesRead(NamedTuple):
    """The agencies of one measure."""

    lead: tuple[str, ...]
    note: str
    responsible: tuple[str, ...]


def sections_read(title: str, headings: Sequence[str]) -> list[tuple[int, str]]:
    """Numbers and titles of the sections that rows of these texts open, one after the other."""
    rows = []
    for number, heading in enumerate(headings, 1):
        rows += [(Cell(heading, heading, State.VALUE, 0, len(PRINTED)),), _duty(str(number))]
    sections = _read(_table(rows), title).sections
    return [(section.no, section.title) for section in sections]


@lru_cache(maxsize=4096)
def number_read(before: str, number: str) -> tuple[int | None, bool]:
    """The number and the star of the item that a row with this number belongs to, below one with that before."""
    rows = [_duty(one, "市财政局") for one in (before, number) if one]
    measure = _read(_table(rows)).measures[-1]
    return measure.item_no, measure.national


def is_measure(texts: Sequence[str]) -> bool:
    """Whether a row of these texts is read as a measure, and not as a heading or the like."""
    cells = tuple(plain_cell(text, column) for column, text in enumerate(texts))
    measures = _read(_table([_duty("1", "市财政局"), cells])).measures
    return len(measures) > 1


@lru_cache(maxsize=4096)
def agencies_read(lead: str, responsible: str) -> AgenciesRead:
    """Who leads and who is responsible when these texts stand under 牵头单位 and 责任单位."""
    measure = _read(_table([_duty("1", lead, responsible)])).measures[0]
    return AgenciesRead(measure.lead, measure.lead_note, measure.responsible)


def notes_read(notes: Sequence[str]) -> tuple[str, ...]:
    """The notes that paragraphs of these texts below a table are."""
    layout, _ = lay_out(Grid((_table([_duty("1")]), *map(Paragraph, notes))))
    return tuple(layout.notes)


def _read(table: Table, title: str = "") -> Interpreter:
    layout, _ = lay_out(Grid((Paragraph(title), table)))
    interpreter = Interpreter(None)
    interpreter.read(layout.lines)
    return interpreter


def _duty(number: str, lead: str = "", responsible: str = "") -> tuple[Cell, ...]:
    texts = (number, f"事项{number}", "举措", lead, responsible, "2022年12月底")
    return tuple(plain_cell(text, column) for column, text in enumerate(texts))


def _table(rows: list[tuple[Cell, ...]]) -> Table:
    return Table(tuple(Row(number, cells) for number, cells in enumerate([_HEADER, *rows], 1)))
