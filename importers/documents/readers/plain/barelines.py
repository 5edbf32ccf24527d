"""Text with a cell to a line and nothing else to tell cells from rows: as many lines as the header has are a row."""

from collections.abc import Iterator, Sequence
from itertools import islice

from importers.documents.grammar.text import parse_number, squeezed
from importers.documents.grid import Row, plain_cell
from importers.documents.layout.columns import header_of
from importers.documents.layout.headings import is_note, is_section_like
from importers.documents.layout.labels import Column, role_of

_WIDEST = 16
Blocks = list[str | list[str]]


def bare_cells(lines: Sequence[str]) -> Blocks | None:
    """Rows as lists of cells, and the lines around the table as they stand; None when the lines do not come out even.

    A blank line is a blank cell, or stands behind each row, or says nothing: the first of these that comes out even.
    """
    lines = "\n".join(line.strip() for line in lines).rstrip("\n").split("\n")
    filled = [line for line in lines if line]
    for read, gap in ((lines, 0), (lines, 1), (filled, 0)):
        blocks = _read(read, gap)
        if blocks is not None:
            return blocks
    return None


def _read(lines: list[str], gap: int) -> Blocks | None:
    begin, width = _header(lines)
    if not width:
        return None
    header = lines[begin : begin + width]
    blocks: Blocks = [*lines[:begin], header]
    place = begin + width + gap
    while place < len(lines):
        if is_note(next(filter(None, islice(lines, place, place + width)), "")):
            return [*blocks, *lines[place:]]
        row = lines[place : place + (1 if is_section_like(lines[place]) else width)]
        # Where a blank line stands behind each row, something else there means that the rows do not come out even.
        if any(lines[place + len(row) : place + len(row) + gap]):
            return None
        if len(row) > 1 and row != header and not _is_duty(row, width):
            return None
        blocks.append(row)
        place += len(row) + gap
    return blocks


def _header(lines: list[str]) -> tuple[int, int]:
    """Where the header begins, and how many lines it has; no lines when there is none."""
    for begin, line in enumerate(lines):
        if role_of(squeezed(line)) is Column.NUMBER:
            labels = [*_labels(lines[begin : begin + _WIDEST])]
            cells = tuple(plain_cell(label, column) for column, label in enumerate(labels))
            return (begin, len(labels)) if header_of(Row(0, cells)).is_list else (begin, 0)
    return 0, 0


def _labels(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line or is_section_like(line) or parse_number(line).value is not None:
            return
        yield line


def _is_duty(row: list[str], width: int) -> bool:
    number = parse_number(row[0])
    return len(row) == width and any(row[1:]) and (number.is_blank or number.value is not None)
