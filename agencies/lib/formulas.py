"""Text in tables to download: whatever a document or a person wrote, no spreadsheet calculates it.

In csv such a text gets an apostrophe in front, which spreadsheets leave out when they show it and `unmarked` when the
portal reads it back; in xlsx the cell is a text and stays one when it is edited.
"""

from typing import Any

STARTS = frozenset("=+-@＝＋－＠")
BREAKS = ("\t", "\r", "\n")
MARK = "'"


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet might calculate it; some look past white space in front, and take full-width signs."""
    return text.startswith(BREAKS) or text.lstrip()[:1] in STARTS


def marked(value: Any) -> Any:
    """A value as it goes into csv. One that bears a mark of its own gets another, so that none is lost."""
    needs_mark = isinstance(value, str) and looks_like_formula(value.lstrip(MARK))
    return f"{MARK}{value}" if needs_mark else value


def unmarked(text: str) -> str:
    """A text of csv as it was before it was marked."""
    return text[1:] if text.startswith(MARK) and looks_like_formula(text.lstrip(MARK)) else text


def hold_text(cell: Any, text: str) -> None:
    """Have a cell of a workbook hold `text`, and never a formula."""
    # In this order: openpyxl makes a formula of a value that begins with =.
    cell.value, cell.data_type = text, "s"
    cell.quotePrefix = looks_like_formula(text)
