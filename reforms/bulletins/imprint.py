"""版记 at the foot of the last page (GB/T 9704—2012, 7.4): to whom copies go, and who issued it when.

A box set to the lower edge of the text, that nothing flows around, hangs on an empty last paragraph as high as it is:
where there is no room left for both, both come onto the next page.
"""

import math
from collections.abc import Sequence

from docx.document import Document as DocumentType
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.table import Table

from reforms.lib.official import LEFT, WIDE, line, put, roomy, ruled, set_widths, wide_of

SIZE, LINE, ABOVE_AND_BELOW = 14, 20, 6  # points: 四号, from line to line, and the room of a row beside its lines
MOST = 320  # points
MARGIN = 1.9  # mm: within the cells, to either side
SHAPE = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
BOX = f"""
<w:r {nsdecls("w", "wp", "a")}>
  <mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">
    <mc:Choice xmlns:wps="{SHAPE}" Requires="wps">
      <w:drawing>
        <wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="1" behindDoc="0" locked="0"
                   layoutInCell="1" allowOverlap="1">
          <wp:simplePos x="0" y="0"/>
          <wp:positionH relativeFrom="margin"><wp:align>center</wp:align></wp:positionH>
          <wp:positionV relativeFrom="margin"><wp:align>bottom</wp:align></wp:positionV>
          <wp:extent cx="{{wide}}" cy="{{high}}"/>
          <wp:effectExtent l="0" t="0" r="0" b="0"/>
          <wp:wrapNone/>
          <wp:docPr id="9704" name="版记"/>
          <wp:cNvGraphicFramePr/>
          <a:graphic>
            <a:graphicData uri="{SHAPE}">
              <wps:wsp>
                <wps:cNvSpPr txBox="1"/>
                <wps:spPr>
                  <a:xfrm><a:off x="0" y="0"/><a:ext cx="{{wide}}" cy="{{high}}"/></a:xfrm>
                  <a:prstGeom prst="rect"><a:avLst/></a:prstGeom>
                  <a:noFill/>
                  <a:ln><a:noFill/></a:ln>
                </wps:spPr>
                <wps:txbx><w:txbxContent/></wps:txbx>
                <wps:bodyPr wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" anchor="b"/>
              </wps:wsp>
            </a:graphicData>
          </a:graphic>
        </wp:anchor>
      </w:drawing>
    </mc:Choice>
  </mc:AlternateContent>
</w:r>
"""


def at_the_foot(document: DocumentType, texts: Sequence[str]) -> None:
    """These texts between lines, each in a row, at the foot of the page on which the document ends; what takes more
    than half a page stands below the text, and goes on over pages."""
    wide = min(WIDE, wide_of(document))
    high = sum(_lines(text, wide) * LINE + ABOVE_AND_BELOW for text in texts) + 2
    table = _table(document, texts, wide)
    if high > MOST:
        return
    place = line(document, "", high=high)
    box = parse_xml(BOX.format(wide=int(Mm(wide)), high=int(Pt(high))))
    place._p.append(box)
    (content,) = box.iter(qn("w:txbxContent"))
    # A table is followed by a paragraph, for Word.
    for one in (table._tbl, line(document, "", high=1)._p):
        content.append(one)


def _lines(text: str, wide: float) -> int:
    """How many it takes; that some characters are narrower leaves room at most."""
    most = (wide - 2 * MARGIN) / 25.4 * 72 / SIZE - 1
    return sum(max(1, math.ceil(len(one) / most)) for one in text.splitlines() or [""])


def _table(document: DocumentType, texts: Sequence[str], wide: float) -> Table:
    table: Table = document.add_table(rows=0, cols=1)
    ruled(table, (wide,))
    table.style = None
    for text in texts:
        row = table.add_row()  # type: ignore[no-untyped-call]  # python-docx's
        put(row.cells[0], text, size=SIZE, align=LEFT)
        roomy(row.cells[0])
        for paragraph in row.cells[0].paragraphs:
            paragraph.paragraph_format.line_spacing = Pt(LINE)
        set_widths(row.cells, (wide,))
    _lined(table)
    return table


def _lined(table: Table) -> None:
    """Lines above and below of 0.35 mm, between them of 0.25 (eighths of a point)."""
    borders = OxmlElement("w:tblBorders")
    for name, size in (("top", "8"), ("bottom", "8"), ("insideH", "6")):
        edge = OxmlElement(f"w:{name}")
        for key, value in (("val", "single"), ("sz", size), ("space", "0"), ("color", "000000")):
            edge.set(qn(f"w:{key}"), value)
        borders.append(edge)
    table._tbl.tblPr.append(borders)
