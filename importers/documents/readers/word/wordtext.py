"""The text of paragraphs and the cells of table rows, from elements reduced to what is displayed."""

from collections.abc import Iterator

from lxml import etree

from importers.documents.grid import Cell, State
from importers.documents.readers.word.names import MATHS, XML_SPACE, Names
from importers.documents.readers.word.numbering import Numbering

_LETTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_TRACKED_MERGES = {"cont": "continue", "rest": "restart"}
_LONGEST_SHARED, _MOST_SHARED = 60, 2048
_VALUE, _BLANK = State.VALUE, State.BLANK
_WINGDINGS = {0x6C: "●", 0x6E: "■", 0xA8: "□", 0xAB: "★", 0xFC: "✓", 0xFE: "☑"}


class WordText:
    """Reads elements of one document."""

    def __init__(self, names: Names, numbering: Numbering | None) -> None:
        self._names = names
        self._numbering = numbering
        self._t, self._p, self._tc = names["t"], names["p"], names["tc"]
        self._letters = {names[local]: letter for local, letter in _LETTERS.items()}
        self._tr, self._grid_before = names["tr"], names["gridBefore"]
        self._grid_span, self._v_merge, self._h_merge = names["gridSpan"], names["vMerge"], names["hMerge"]
        self._cell_merge = names["cellMerge"]
        shape = (
            self._tr,
            self._tc,
            self._grid_before,
            self._grid_span,
            self._v_merge,
            self._h_merge,
            self._cell_merge,
        )
        self._in_table = (*names.text, *shape)
        self._known: dict[tuple[str, int, int], Cell] = {}

    def paragraph(self, element: etree._Element) -> str:
        """What one paragraph outside tables says."""
        parts: list[str] = []
        self._read(element, parts)
        return "".join(parts).removeprefix("\n")

    def _read(self, element: etree._Element, parts: list[str]) -> None:
        for one in element.iter(*self._names.text):
            self._add(one, str(one.tag), parts)

    def _add(self, element: etree._Element, tag: str, parts: list[str]) -> None:
        """Each paragraph begins with a line feed; the first one of a cell is dropped later."""
        if tag == self._t or tag in MATHS:
            parts.append(self._text(element))
        elif tag == self._p:
            parts.append("\n")
            if self._numbering is not None:
                parts.append(self._numbering.label(element))
        elif tag == self._names["sym"]:
            parts.append(self._symbol(element))
        elif element.getparent().tag != self._names["tabs"]:  # type: ignore[union-attr]
            parts.append(self._letters.get(tag, ""))

    def _text(self, element: etree._Element) -> str:
        """White space at the ends counts only where the file asks for it to be kept."""
        text = element.text
        if not text or (text[0] > " " and text[-1] > " ") or element.get(XML_SPACE) == "preserve":
            return text or ""
        return text.strip(" \t\r\n")

    def _symbol(self, element: etree._Element) -> str:
        try:
            code = int(element.get(self._names["char"]) or "", 16)
        except ValueError:
            return ""
        # Fonts of symbols keep their characters from F000 on.
        code = code - 0xF000 if 0xF000 <= code <= 0xF0FF else code
        if (element.get(self._names["font"]) or "").startswith("Wingdings"):
            return _WINGDINGS.get(code, "")
        return chr(code) if 0x20 <= code <= 0xD7FF else ""

    def rows(self, table: etree._Element, count: int | None, above: dict[int, str]) -> Iterator[tuple[Cell, ...]]:
        """The cells of the first `count` rows that are left in a table, or of all, in one pass over its elements.

        `above` holds what each open vertical merge says, by column, and is brought up to date.
        One pass for many rows: setting up one for each row or cell doubles the time.
        """
        t, p, tc, tr = self._t, self._p, self._tc, self._tr
        numbered = self._numbering is not None and self._numbering.may_number(table)
        build = _RowBuilder(above, self._shared())
        parts = build.parts
        begun = 0
        for element in table.iter(*self._in_table):
            tag = element.tag
            if tag == t:
                text = element.text
                # `_text` for all but the plainest, without the cost of a call for each run.
                parts.append(text if text and text[0] > " " and text[-1] > " " else self._text(element))
            elif tag == p and (not numbered or build.is_merged_away):
                parts.append("\n")
            elif tag == tc:
                build.next_cell()
            elif tag == tr:
                if begun:
                    yield build.finished_row()
                if begun == count:
                    return
                begun += 1
            elif not self._shape(element, str(tag), build):
                self._add(element, str(tag), parts)
        if begun:
            yield build.finished_row()

    def _shared(self) -> dict[tuple[str, int, int], Cell]:
        """Cells with short texts, which are likely to come again in their column; not those of a whole long list."""
        if len(self._known) > _MOST_SHARED:
            self._known.clear()
        return self._known

    def _shape(self, element: etree._Element, tag: str, build: "_RowBuilder") -> bool:
        """Take in what an element says about the shape of the row or cell; False when it says nothing."""
        value = element.get(self._names["val"])
        if tag == self._grid_span:
            build.span = max(1, _count(value))
        elif tag == self._v_merge:
            build.merge = value or "continue"
        elif tag == self._h_merge:
            build.joins_left = value != "restart"
        elif tag == self._cell_merge:
            build.merge = _TRACKED_MERGES.get(element.get(self._names["vMerge"]) or "", build.merge)
        elif tag == self._grid_before:
            build.leave_out(_count(value))
        else:
            return False
        return True


class _RowBuilder:
    """The row that is being read: the cells that are complete, and what is known of the one that is not.

    Its text is collected in `parts`, one list for all cells, and `span` is 0 before the first of a row.
    """

    __slots__ = ("_above", "_cells", "_column", "_known", "joins_left", "merge", "parts", "span")

    def __init__(self, above: dict[int, str], known: dict[tuple[str, int, int], Cell]) -> None:
        self._above = above
        self._known = known
        self._cells: list[Cell] = []
        self._column = self.span = 0
        self.merge, self.joins_left = "", False
        self.parts: list[str] = []

    @property
    def is_merged_away(self) -> bool:
        """Whether the cell belongs to the one above; what stands in it is not shown, its numbers do not count."""
        return self.merge == "continue" and self._column in self._above

    def leave_out(self, columns: int) -> None:
        """The row begins that many columns further right."""
        if columns:
            self._cells.append(Cell("", "", State.ABSENT, 0, columns))
            self._column = columns

    def next_cell(self) -> None:
        """Complete the cell before, if any, and begin a new one."""
        if self.span:
            self._finish_cell()
        self.span = 1
        self.parts.clear()

    def finished_row(self) -> tuple[Cell, ...]:
        if self.span:
            self._finish_cell()
        cells = tuple(self._cells)
        self._cells = []
        # What stands in a row outside its cells must not go on into the next.
        self.parts.clear()
        self._column = self.span = 0
        self.merge, self.joins_left = "", False
        return cells

    def _finish_cell(self) -> None:
        column, span, parts = self._column, self.span, self.parts
        # Most cells are one paragraph of one run.
        text = parts[1] if len(parts) == 2 and parts[0] == "\n" else "".join(parts)[1:]
        self._column = column + span
        if self.merge or self.joins_left:
            self._finish_joined(text, column, span)
            return
        if self._above:
            self._above.pop(column, None)
        key = (text, column, span)
        cell = self._known.get(key)
        if cell is None:
            state = _BLANK if not text or text.isspace() else _VALUE
            # Without the constructor of a named tuple, which takes a third of the time of finishing a cell.
            cell = tuple.__new__(Cell, (text, text, state, column, span))
            if len(text) <= _LONGEST_SHARED:
                self._known[key] = cell
        self._cells.append(cell)

    def _finish_joined(self, text: str, column: int, span: int) -> None:
        """A cell that goes on with another one, or begins what others go on with."""
        if self.joins_left and self._cells:
            self._cells[-1] = _widened(self._cells[-1], span)
        elif self.merge == "continue" and (column in self._above or not text.strip()):
            # Nothing is known above where a table is split by a page; the list may know more.
            self._cells.append(Cell("", self._above.setdefault(column, ""), State.MERGED, column, span))
        else:
            if self.merge:
                self._above[column] = text
            elif self._above:
                self._above.pop(column, None)
            state = _BLANK if not text or text.isspace() else _VALUE
            self._cells.append(Cell(text, text, state, column, span))
        self.merge, self.joins_left = "", False


def _widened(cell: Cell, by: int) -> Cell:
    return cell._replace(span=cell.span + by)


def _count(text: str | None) -> int:
    # A span is only what the file claims.
    return min(int(text), 1000) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
