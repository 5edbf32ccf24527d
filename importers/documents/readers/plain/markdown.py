"""Markdown, as wikis and assistants write: # 标题, **重点**, and tables like `| 序号 | 改革事项 |`."""

import re
from collections.abc import Iterator
from itertools import islice

# |---|:--:|, below the header of a table.
_DASHES = re.compile(r"^[ \t]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)+\|?[ \t]*+$", re.MULTILINE)
_FRAMED = re.compile(r"^[ \t]*+[|｜][^\n]*[|｜][ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}#{1,6} +(?=[^\s#])", re.MULTILINE)
_EMPHASIS = re.compile(r"\*\*(?=[^\s*])([^*\n]{1,200})(?<=\S)\*\*")
_CELL_ENDS = re.compile(r"(?<!\\)[|｜]")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_FEWEST_CELLS, _FEWEST_ROWS = 3, 2


def without_marks(text: str) -> str:
    """A text in Markdown without the marks of headings and of emphasis; any other as it stands."""
    if not _HEADING.search(text) and not _DASHES.search(text):
        return text
    return _EMPHASIS.sub(r"\1", _HEADING.sub("", text))


def markdown_rows(text: str) -> Iterator[str | list[str]] | None:
    """Rows as lists of cells, and the lines between tables as they stand; None where there is no table."""
    has_dashes = bool(_DASHES.search(text))
    has_rows = has_dashes or len(list(islice(_FRAMED.finditer(text), _FEWEST_ROWS))) == _FEWEST_ROWS
    return _blocks(text, has_dashes=has_dashes) if has_rows else None


def _blocks(text: str, *, has_dashes: bool) -> Iterator[str | list[str]]:
    """`has_dashes`: a line of dashes tells that it is a table, so that its rows need no frame."""
    for line in text.split("\n"):
        if _DASHES.match(line):
            continue
        cells = _CELL_ENDS.split(line.strip())
        is_row = len(cells) >= _FEWEST_CELLS if has_dashes else bool(_FRAMED.match(line))
        yield [*map(_cell, _within(cells))] if is_row else line


def _within(cells: list[str]) -> list[str]:
    """Without what is before the first mark and behind the last, where these frame the row."""
    cells = cells[1:] if not cells[0] else cells
    return cells[:-1] if len(cells) > 1 and not cells[-1] else cells


def _cell(text: str) -> str:
    return _LINE_BREAK.sub("\n", text.replace("\\|", "|")).strip()
