"""Word documents, read from their XML in one streaming pass.

Rows are reduced to what is displayed, read and dropped; in a large document a few hundred at a time: memory does not
grow with the XML.
"""

from dataclasses import dataclass, field
from itertools import islice

from lxml import etree

from agencies.lib.untrusted.zips import Package
from importers.documents import pace
from importers.documents.grid import Grid, Paragraph, Row, Table
from importers.documents.limits import LIMITS, WHAT_IT_IS, Rejected
from importers.documents.readers.besides import (
    comments_of,
    footnotes_of,
    margins_of,
    not_in_text,
    struck_in,
    told_besides,
)
from importers.documents.readers.relations import related_parts
from importers.documents.readers.word.displayed import Displayed, Reducer, refuse_depth
from importers.documents.readers.word.names import FALLBACK, Names, in_both, names_of
from importers.documents.readers.word.numbering import Numbering
from importers.documents.readers.word.styles import Styles, read_styles
from importers.documents.readers.word.unreadable import mark_blank, unreadable_cells
from importers.documents.readers.word.wordtext import WordText
from importers.documents.readers.xml import parse_part, stream_part
from importers.documents.values import Problem, gettext_noop, problem

# How many elements deeper a table in a cell is: row, cell, table.
_BODY_DEPTH = 3
_DONE = "done"
ROWS_AT_ONCE = 256

TRACKED = gettext_noop("文件含有未接受的修订，已按全部接受修订后的内容读取。请核对，或在WPS中接受修订后重新上传。")
MACRO = gettext_noop("文件含有宏，宏未被执行。如非必要，请另存为不含宏的.docx后上传。")


@dataclass(slots=True)
class _OpenTable:
    """A table whose end has not been reached.

    In a large document `waiting` rows are complete but not yet read, and those `left` are read but still in the tree.
    """

    element: etree._Element
    rows: list[Row] = field(default_factory=list)
    waiting: list[etree._Element] = field(default_factory=list)
    left: list[etree._Element] = field(default_factory=list)
    above: dict[int, str] = field(default_factory=dict)
    first_row: int = 0


def read_docx(package: Package, main_part: str) -> Grid:
    """The paragraphs and tables of the main part, in order. Raises `Rejected`."""
    return _DocumentReader(package, main_part).read()


class _DocumentReader:
    def __init__(self, package: Package, main_part: str) -> None:
        self._package = package
        self._part = main_part
        self._related = related_parts(package, main_part)
        self._blocks: list[Paragraph | Table] = []
        self._open: list[_OpenTable] = []
        self._row_count = 0
        self._changed = False
        self._struck: list[str] = []
        self._boxes: dict[str, None] = {}

    def read(self) -> Grid:
        root = None
        for event, element in stream_part(self._package, self._part, in_both("document", "tbl"), in_both("tr")):
            if root is None:
                root = element
                self._begin(root)
            elif event == "start":
                self._start(root, element)
            else:
                self._end(root, element)
        if root is None:
            raise Rejected("not_a_document", where=self._part)
        footnotes = footnotes_of(self._package, self._related)
        self._blocks.extend(Paragraph(f"注{number}：{text}") for number, text in enumerate(footnotes, 1))
        return Grid(tuple(self._blocks), tuple(self._warnings()))

    def _begin(self, root: etree._Element) -> None:
        # Only the outermost element tells a transitional document from a strict one.
        namespace = etree.QName(root).namespace or ""
        self._names = names_of(namespace)
        styles = self._read_styles(self._names)
        self._contents_styles = styles.contents
        self._reducer = Reducer(self._names, styles.hiding)
        self._text = WordText(self._names, self._read_numbering(styles))

    def _read_styles(self, names: Names) -> Styles:
        root = self._parse_related("styles")
        return Styles() if root is None else read_styles(root, names)

    def _read_numbering(self, styles: Styles) -> Numbering | None:
        root = self._parse_related("numbering")
        return None if root is None else Numbering(root, styles, self._names)

    def _parse_related(self, kind: str) -> etree._Element | None:
        part = next(iter(self._related.get(kind, ())), None)
        return None if part is None else parse_part(self._package, part)

    def _start(self, root: etree._Element, element: etree._Element) -> None:
        if element.tag != self._names["tbl"]:
            return
        if not self._open:
            self._take_paragraphs(root, until=element)
        self._open.append(_OpenTable(element, first_row=self._row_count))
        if len(self._open) * _BODY_DEPTH > LIMITS.nesting:
            raise Rejected("too_deep", where=self._part)

    def _end(self, root: etree._Element, element: etree._Element) -> None:
        if element is root:
            if next(root.iter(*in_both("altChunk")), None) is not None:
                raise Rejected("unsupported_format", WHAT_IT_IS["altchunk"], where=self._part)
            self._take_paragraphs(root)
        elif element.tag == self._names["tr"]:
            self._take_row(element)
        elif element.tag == self._names["tbl"]:
            self._end_table(element)
            _drop(element)

    def _end_table(self, element: etree._Element) -> None:
        table = self._open[-1]
        self._read_rows(table)
        self._open.pop()
        if _is_second_copy(element):
            # Its rows were counted where the text box has them.
            self._row_count = table.first_row
        else:
            self._blocks.append(Table(tuple(table.rows)))

    def _take_row(self, element: etree._Element) -> None:
        """In a large document rows are read and dropped before their table ends."""
        if not self._open:
            return
        table = self._open[-1]
        table.waiting.append(element)
        if len(table.waiting) >= ROWS_AT_ONCE:
            self._read_rows(table, len(table.waiting))
            self._drop_rows(table)

    def _read_rows(self, table: _OpenTable, count: int | None = None) -> None:
        """Read the first `count` of the rows that are left in a table, or all."""
        if self._reducer.finds_unusual(table.element):
            rows = list(islice(table.element.iter(self._names["tr"]), count))
            count = [self._is_shown(row) for row in rows].count(True)
        before = self._row_count
        for cells in self._text.rows(table.element, count, table.above):
            self._row_count += 1
            table.rows.append(Row(self._row_count, cells))
        pace.rows_read(before, self._row_count)
        if self._row_count > LIMITS.rows:
            raise Rejected("too_many_rows")

    def _drop_rows(self, table: _OpenTable) -> None:
        """Take the rows that are read out of the tree; the last one only with the next lot (see `_drop`)."""
        *read, last = (*table.left, *table.waiting)
        for row in read:
            row.clear()  # first, so that nothing in it has to be moved out of the tree
            parent = row.getparent()
            if parent is not None:
                parent.remove(row)
        _drop(last)
        table.left, table.waiting = [last], []

    def _is_shown(self, row: etree._Element) -> bool:
        self._check_depth(row)
        unreadable = unreadable_cells(row, self._names)
        displayed = self._displayed(row)
        # Only now, without what is hidden, does it show whether such a cell says anything else.
        mark_blank(unreadable, self._names)
        if not displayed.shown:
            _drop(row)
        return displayed.shown

    def _displayed(self, element: etree._Element) -> Displayed:
        """Reduce a row or a paragraph to what is displayed, and remember what is to be told of it."""
        boxes = [text for box in element.iter(self._names["txbxContent"]) if (text := self._text_of_box(box))]
        displayed = self._reducer.reduce(element)
        self._changed = self._changed or displayed.changed
        if displayed.shown:
            self._boxes.update(dict.fromkeys(boxes))
            self._struck.extend(struck_in(element, self._names["r"]))
        return displayed

    def _text_of_box(self, box: etree._Element) -> str:
        """What a text box says; a table in it is read as one."""
        if next(box.iter(self._names["tbl"], _DONE), None) is not None:
            return ""
        return "".join(text.text or "" for text in box.iter(self._names["t"])).strip()

    def _check_depth(self, element: etree._Element) -> None:
        outside = sum(1 for _ in element.iterancestors()) + 1
        refuse_depth(element, outside, self._part)

    def _take_paragraphs(self, root: etree._Element, until: etree._Element | None = None) -> None:
        """Read what has come before this point and has not been read yet.

        The parser is already ahead of `until`: nothing from there on may be touched.
        """
        waiting = self._paragraphs_before(root, until)
        texts = []
        for element in waiting:
            self._check_depth(element)
            self._displayed(element)
            texts.append(self._text.paragraph(element))
        for element, text in zip(waiting, texts, strict=True):
            if text.strip() and not self._is_placeholder(element):
                self._blocks.append(Paragraph(text, self._is_contents_entry(element)))
            _drop(element)

    def _paragraphs_before(self, root: etree._Element, until: etree._Element | None) -> list[etree._Element]:
        around = set() if until is None else set(until.iterancestors(self._names["p"]))
        waiting = []
        for element in root.iter(self._names["p"], self._names["tbl"]):
            if element is until:
                break
            if (
                element.tag == self._names["p"]
                and element not in around
                and not _inside_paragraph(element, self._names)
            ):
                waiting.append(element)
        return waiting

    def _is_placeholder(self, element: etree._Element) -> bool:
        shown = f"{self._names['sdtPr']}/{self._names['showingPlcHdr']}"
        return any(control.find(shown) is not None for control in element.iterancestors(self._names["sdt"]))

    def _is_contents_entry(self, element: etree._Element) -> bool:
        style = next(element.iter(self._names["pStyle"]), None)
        style_id = (style.get(self._names["val"]) or "") if style is not None else ""
        if style_id in self._contents_styles or style_id.upper().startswith("TOC"):
            return True
        gallery = f"{self._names['sdtPr']}/{self._names['docPartObj']}/{self._names['docPartGallery']}"
        kinds = (control.find(gallery) for control in element.iterancestors(self._names["sdt"]))
        return any(kind is not None and "Contents" in (kind.get(self._names["val"]) or "") for kind in kinds)

    def _warnings(self) -> list[Problem]:
        found = []
        if self._changed:
            found.append(problem("tracked_changes_present", TRACKED))
        if any(name.endswith("vbaProject.bin") for name in self._package.names):
            found.append(problem("macro_present", MACRO))
        comments, margins = (of(self._package, self._related) for of in (comments_of, margins_of))
        paragraphs = (block.text for block in self._blocks if isinstance(block, Paragraph)) if margins else ()
        margins = not_in_text(margins, paragraphs)
        found.extend(told_besides(self._struck, list(self._boxes), comments, margins))
        return found


def _drop(element: etree._Element) -> None:
    """Empty what has been read. It must stay in its place: the parser may still be working next to it."""
    tail = element.tail
    element.clear()
    element.tail = tail
    element.tag = _DONE


def _is_second_copy(element: etree._Element) -> bool:
    """Whether a table stands in a fallback, for programs that do not know the text box it also stands in."""
    fallback = next(element.iterancestors(FALLBACK), None)
    return fallback is not None and fallback.getprevious() is not None


def _inside_paragraph(element: etree._Element, names: Names) -> bool:
    """Paragraphs of a text box stand inside another one."""
    return next(element.iterancestors(names["p"]), None) is not None
