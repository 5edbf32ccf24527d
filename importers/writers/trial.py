"""Reading headings and notes on trial: whether they say the same where they are going to be written."""

from collections.abc import Sequence

from importers.columns import PRINTED, SHOWN_AS
from importers.grid import Cell, Grid, Paragraph, Row, State, Table, plain_cell
from importers.interpret import Interpreter
from importers.layout import lay_out

_HEADER = tuple(plain_cell(SHOWN_AS[role], column) for column, role in enumerate(PRINTED))


def sections_read(title: str, headings: Sequence[str]) -> list[tuple[int, str]]:
    """Numbers and titles of the sections that rows of these texts open, one after the other."""
    rows = []
    for number, heading in enumerate(headings, 1):
        rows += [(Cell(heading, heading, State.VALUE, 0, len(PRINTED)),), _duty(number)]
    layout, _ = lay_out(Grid((Paragraph(title), _table(rows))))
    interpreter = Interpreter(None)
    interpreter.read(layout.lines)
    return [(section.no, section.title) for section in interpreter.sections]


def notes_read(notes: Sequence[str]) -> tuple[str, ...]:
    """The notes that paragraphs of these texts below a table are."""
    layout, _ = lay_out(Grid((_table([_duty(1)]), *map(Paragraph, notes))))
    return tuple(layout.notes)


def _duty(number: int) -> tuple[Cell, ...]:
    texts = (str(number), f"事项{number}", "举措", "市财政局", "", "2022年12月底")
    return tuple(plain_cell(text, column) for column, text in enumerate(texts))


def _table(rows: list[tuple[Cell, ...]]) -> Table:
    return Table(tuple(Row(number, cells) for number, cells in enumerate([_HEADER, *rows], 1)))
