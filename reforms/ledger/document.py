"""The 台账 as a Word document: what is printed of it, on A4 across."""

from typing import BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _
from docx.document import Document as DocumentType
from docx.enum.section import WD_ORIENTATION
from docx.shared import Mm

from agencies.lib.progress import Progress
from reforms.catalogue.export import scope_of
from reforms.catalogue.filters import MeasureFilter
from reforms.ledger.table import PAGE, ledger_columns, printed_texts
from reforms.lib.official import CENTRE, KAI, LEFT, TITLE, line, official, tabulated, write

LONG, SHORT, MARGIN = 297, 210, 15  # mm of A4 across
LONGEST_ABOVE = 200  # characters of what is asked for, above each page


def write_docx(filters: MeasureFilter, file: BinaryIO, progress: Progress, *, title: str = "") -> None:
    """A title, then a row a measure, at most MOST_PRINTED; what is shown, of which day, stands above each page."""
    document, total = official(), filters.measures().count()
    _across(document)
    printed = ledger_columns(filters).printed
    _above(document, scope_of(filters, total))
    line(document, title or _("改革事项台账"), font=TITLE, size=20, align=CENTRE, high=30)
    line(document, _("黄灯仅表示时限临近，不代表进度滞后。"), font=KAI, size=10.5, align=CENTRE, high=18)
    widths = [column.width * (LONG - 2 * MARGIN) / PAGE for column in printed]
    labels, centred = [column.heading for column in printed], [column.centred for column in printed]
    tabulated(document, labels, widths, printed_texts(filters), size=8, centred=centred)
    document.save(file)


def _across(document: DocumentType) -> None:
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENTATION.LANDSCAPE, Mm(LONG), Mm(SHORT)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN)
    section.footer_distance = section.header_distance = Mm(7)


def _above(document: DocumentType, scope: str) -> None:
    section = document.sections[0]
    made = _("制表时间：%(time)s") % {"time": f"{timezone.localtime():%Y-%m-%d %H:%M}"}
    for header in (section.header, section.even_page_header):
        write(header.paragraphs[0], f"{scope[:LONGEST_ABOVE]}　{made}", KAI, 9, LEFT)
