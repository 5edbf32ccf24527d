"""Text with a cell to a line, as a word processor exports a table: `\\t` before each cell, a blank line after a row."""

from collections.abc import Iterator
from itertools import dropwhile

from importers.documents.layout.headings import is_section_like

_LINES_AHEAD = 100
_NARROWEST = 3


def cell_to_a_line(lines: list[str]) -> list[str | list[str]]:
    """Rows as lists of cells, and the lines between tables as they stand."""
    blocks = [*_as_it_stands(lines)]
    widths = {len(block) for block in blocks if isinstance(block, list)}
    # Rows of unequal length are a sign that blank cells lost their tab; then none is left that is only a tab.
    if "\t" in lines or len(widths - {1}) < 2:
        return blocks
    restored = [*_with_blank_cells(lines)]
    # Mending is believed only where every row comes out as long as the header.
    whole = {len(block) for block in restored if isinstance(block, list)} <= {1, max(widths)}
    return restored if whole else blocks


def _as_it_stands(lines: list[str]) -> Iterator[str | list[str]]:
    """A line that begins with a tab is a cell, one that does not goes on with the cell or stands alone."""
    cells: list[list[str]] = []
    width = 0
    for index, line in enumerate(lines):
        if line.startswith("\t"):
            cells.append([line[1:]])
        elif line.strip() and cells:
            cells[-1].append(line)
        elif not cells:
            yield line
        elif len(cells) < 2 or len(cells) >= width or not _cell_goes_on(lines[index : index + _LINES_AHEAD]):
            yield _joined(cells)
            width = max(width, len(cells))
            cells = []
    if cells:
        yield _joined(cells)


def _joined(cells: list[list[str]]) -> list[str]:
    """Each cell with its lines; they are joined once, however many there are."""
    return ["\n".join(lines) for lines in cells]


def _say_something(cells: list[list[str]]) -> bool:
    return any(line for lines in cells for line in lines)


def _cell_goes_on(lines: list[str]) -> bool:
    """Whether behind blank lines the text of a cell goes on: it is followed by the next cell at once."""
    rest = dropwhile(lambda line: not line.strip(), lines)
    first = next(rest, "\t")
    following = next(dropwhile(lambda line: line.strip() and not line.startswith("\t"), rest), "")
    return not first.startswith("\t") and following.startswith("\t")


def _with_blank_cells(lines: list[str]) -> Iterator[str | list[str]]:
    """The rows of a text whose blank cells have lost their tab, to an editor that strips the ends of lines.

    A row is complete with as many cells as the header; until then a blank line is a blank cell.
    """
    cells: list[list[str]] = []
    width = 0
    for line in lines:
        if line.startswith("\t"):
            cells.append([line[1:]])
        elif line.strip():
            if _say_something(cells):
                cells[-1].append(line)
            else:
                yield line
                cells = []
        elif not width and len(cells) < _NARROWEST:
            yield _joined(cells) or line
            cells = []
        elif len(cells) >= (width or _NARROWEST) or (len(cells) == 1 and is_section_like(cells[0][0])):
            width = width or len(cells)
            yield _joined(cells)
            cells = []
        elif width or _say_something(cells):
            cells.append([""])
    if _say_something(cells):
        yield _joined(cells)
