"""The rows of a sheet as they are shown: merged areas resolved, hidden and empty rows and columns left out."""

from collections.abc import Iterator
from typing import NamedTuple

from importers.documents.grid import Cell, Row, State
from importers.documents.limits import Rejected
from importers.documents.readers.sheets.workbook import MOST_COLUMNS, UNKNOWN, Area, SheetContent, column_name

ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"})
_WIDEST = 100
_LONGEST_LABEL = 40


class _Open(NamedTuple):
    """A merged area that has begun, at the first of its columns that is shown."""

    bottom: int
    value: str
    span: int


def error_free(text: str, column: int, span: int = 1) -> Cell:
    """A cell of its own; the mark of an error is displayed but is not a value."""
    if not text.strip():
        return Cell(text, text, State.BLANK, column, span)
    return Cell(text, "" if text.strip() in ERRORS else text, State.VALUE, column, span)


class SheetRows:
    """Knows what is shown of one sheet; `formulas` names the calculated cells in the rows read so far."""

    def __init__(self, content: SheetContent) -> None:
        self.formulas: list[str] = []
        self._content = content
        self._areas = sorted(content.merged)
        self._columns = self._shown_columns()
        # One for each place, shared by all rows: most cells of a wide sheet are blank.
        self._blank = [Cell("", "", State.BLANK, place, 1) for place in range(len(self._columns))]

    def _shown_columns(self) -> tuple[int, ...]:
        """From the first to the last that says something; in a very wide sheet only those that do."""
        used = {column for texts in self._visible_rows().values() for column, text in texts.items() if text.strip()}
        shown = sorted(column for column in used if not self._is_hidden(column))
        if not shown:
            return ()
        # Blank columns between others stay: header and cells are held together by their place.
        if shown[-1] - shown[0] < _WIDEST:
            shown = [column for column in range(shown[0], shown[-1] + 1) if not self._is_hidden(column)]
        return tuple(shown[:_WIDEST])

    def hidden_labels(self) -> list[str]:
        """For each hidden column that says something beside the list what it says first, or where it stands."""
        labels: dict[int, str] = {}
        for _, texts in sorted(self._visible_rows().items()):
            for column, text in texts.items():
                if text.strip() and self._is_hidden(column) and len(texts) > 1:
                    # In order of the rows: the first that it says is mostly its header.
                    labels.setdefault(column, " ".join(text.split())[:_LONGEST_LABEL])
        return [f"{label}（{column_name(column)}列）" for column, label in sorted(labels.items())][:_WIDEST]

    def _visible_rows(self) -> dict[int, dict[int, str]]:
        hidden = self._content.hidden_rows
        rows = self._content.rows
        return {number: texts for number, texts in rows.items() if number not in hidden} if hidden else rows

    def _is_hidden(self, column: int) -> bool:
        return column >= MOST_COLUMNS or bool(self._content.hidden_columns[column])

    def __iter__(self) -> Iterator[Row]:
        """The rows that say something, with the numbers the sheet gives them. Raises `Rejected`."""
        open_areas: dict[int, _Open] = {}
        waiting = iter(self._areas)
        area = next(waiting, None)
        for number, texts in sorted(self._visible_rows().items()):
            begun: set[int] = set()
            while area is not None and area.top <= number:
                # An area whose first rows are hidden begins, as shown, with the first that is not.
                if number <= area.bottom:
                    begun.update(self._begin(area, open_areas))
                area = next(waiting, None)
            cells = tuple(self._cells(number, texts, open_areas, begun))
            self._notice_formulas(number, cells)
            if any(cell.state is State.VALUE for cell in cells):
                yield Row(number, cells)

    def _begin(self, area: Area, open_areas: dict[int, _Open]) -> Iterator[int]:
        """An area covers the places of those of its columns that are shown."""
        places = [place for place, column in enumerate(self._columns) if area.left <= column <= area.right]
        if places:
            value = self._content.rows.get(area.top, {}).get(area.left, "")
            open_areas[places[0]] = _Open(area.bottom, value, len(places))
            yield places[0]

    def _cells(
        self, number: int, texts: dict[int, str], open_areas: dict[int, _Open], begun: set[int]
    ) -> Iterator[Cell]:
        place = 0
        while place < len(self._columns):
            area = open_areas.get(place)
            if area is not None and number > area.bottom:
                area = None
                del open_areas[place]
            if area is None:
                text = texts.get(self._columns[place])
                yield error_free(text, place) if text else self._blank[place]
                place += 1
                continue
            first = error_free(area.value, place, area.span)
            yield first if place in begun else first._replace(text="", state=State.MERGED)
            place += area.span

    def _notice_formulas(self, number: int, cells: tuple[Cell, ...]) -> None:
        calculated = self._content.formulas.get(number)
        for cell in cells if calculated else ():
            column = self._columns[cell.column]
            if cell.state is State.VALUE and calculated and column in calculated:
                name = f"{column_name(column)}{number}"
                # A formula that no program has calculated yet: there is nothing to read, and guessing would alter the
                # list.
                if cell.text == UNKNOWN:
                    raise Rejected("formula_without_value", where=name)
                self.formulas.append(name)
