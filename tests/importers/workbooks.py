"""Workbooks written part by part, so that a test shows exactly what stands in the file; the same bytes every time."""

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from importers.documents.read import read_document
from importers.documents.values import ParsedList

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEADER = ("序号", "改革事项", "具体举措", "牵头单位", "责任单位", "完成时限")
TITLE = "二〇二二年改革清单"
# Cell styles by number: General, then the formats below in order.
FORMATS = (
    'yyyy"年"m"月"d"日"',
    'yyyy"年"m"月"',
    "yyyy-mm-dd",
    '0"*"',
    "@",
)
YEAR_MONTH_DAY, YEAR_MONTH, DASHES, STARRED, AS_TEXT = range(1, 6)


@dataclass(frozen=True)
class SheetXml:
    name: str
    rows: str
    merged: tuple[str, ...] = ()
    state: str = "visible"
    columns: str = ""
    dimension: str = ""
    is_there: bool = True

    def part(self, namespace: str, prefix: str = "") -> str:
        merged = "".join(f'<mergeCell ref="{area}"/>' for area in self.merged)
        dimension = f'<dimension ref="{self.dimension}"/>' if self.dimension else ""
        columns = f"<cols>{self.columns}</cols>" if self.columns else ""
        areas = f"<mergeCells>{merged}</mergeCells>" if merged else ""
        body = f"{dimension}{columns}<sheetData>{self.rows}</sheetData>{areas}"
        return prefixed(f'<worksheet xmlns="{namespace}">{body}</worksheet>', prefix)


def prefixed(xml: str, prefix: str) -> str:
    """The same elements under a prefix instead of the default namespace."""
    if not prefix:
        return xml
    return re.sub(r"<(/?)(\w+)", rf"<\1{prefix}:\2", xml).replace("xmlns=", f"xmlns:{prefix}=", 1)


def column(place: int) -> str:
    return chr(65 + place)


def value(number: float | str, style: int = 0, kind: str = "", formula: str = "") -> str:
    """A cell with a stored value, its reference to be filled in by `row`."""
    calculated = f"<f>{formula}</f>" if formula else ""
    kind = f' t="{kind}"' if kind else ""
    return f'<c r="{{r}}" s="{style}"{kind}>{calculated}<v>{number}</v></c>'


def row(number: int, *cells: str | float | None, attributes: str = "") -> str:
    """A row of the sheet; plain texts become inline strings."""
    parts = []
    for place, one in enumerate(cells):
        name = f"{column(place)}{number}"
        if one is None:
            continue
        if isinstance(one, float | int):
            parts.append(value(one).format(r=name))
        elif one.startswith("<c"):
            parts.append(one.replace("{r}", name))
        else:
            parts.append(f'<c r="{name}" t="inlineStr"><is><t>{one}</t></is></c>')
    return f'<row r="{number}" {attributes}>{"".join(parts)}</row>'


def duty(
    number: int,
    no: str | float | None = "1",
    title: str | None = "事项",
    text: str | None = "举措",
    lead: str | None = "市财政局",
    helps: str | None = None,
    due: str | float | None = "2022年6月底",
    attributes: str = "",
) -> str:
    return row(number, no, title, text, lead, helps, due, attributes=attributes)


def top(title: str = TITLE) -> str:
    """Rows 1 to 3: title, header, first section."""
    return row(1, title) + row(2, *HEADER) + row(3, "一、准入")


def listed(*rows: str, merged: Iterable[str] = (), **options: str) -> SheetXml:
    """A sheet with the usual beginning, title and section merged across."""
    return SheetXml("清单", top() + "".join(rows), ("A1:F1", "A3:F3", *merged), **options)


def workbook(
    *sheets: SheetXml,
    strings: str = "",
    from_1904: bool = False,
    namespace: str = MAIN,
    prefix: str = "",
    others: tuple[str, ...] = (),
) -> bytes:
    named = "".join(
        f'<sheet name="{one.name}" sheetId="{n}" state="{one.state}" r:id="rId{n}"/>' for n, one in enumerate(sheets, 1)
    )
    properties = '<workbookPr date1904="1"/>' if from_1904 else ""
    relations = [
        f'Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/s{n}.xml"' for n in range(1, len(sheets) + 1)
    ]
    relations.append(f'Id="styles" Type="{OFFICE}/styles" Target="styles.xml"')
    if strings:
        relations.append(f'Id="strings" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"')
    parts = {
        "_rels/.rels": _relations([f'Id="a" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"']),
        "xl/workbook.xml": prefixed(
            f'<workbook xmlns="{namespace}" xmlns:r="{OFFICE}">{properties}<sheets>{named}</sheets></workbook>', prefix
        ),
        "xl/_rels/workbook.xml.rels": _relations(relations),
        "xl/styles.xml": _styles(namespace),
        **{f"xl/worksheets/s{n}.xml": one.part(namespace, prefix) for n, one in enumerate(sheets, 1) if one.is_there},
        **({"xl/sharedStrings.xml": f'<sst xmlns="{namespace}">{strings}</sst>'} if strings else {}),
        **dict.fromkeys(others, ""),
    }
    return zipped(parts)


def _relations(attributes: list[str]) -> str:
    inside = "".join(f"<Relationship {one}/>" for one in attributes)
    return f'<Relationships xmlns="{PACKAGE}">{inside}</Relationships>'


def _styles(namespace: str) -> str:
    quoted = [code.replace('"', "&quot;") for code in FORMATS]
    formats = "".join(f'<numFmt numFmtId="{n}" formatCode="{code}"/>' for n, code in enumerate(quoted, 164))
    styles = "".join(f'<xf numFmtId="{n}"/>' for n in (0, *range(164, 164 + len(FORMATS))))
    return f'<styleSheet xmlns="{namespace}"><numFmts>{formats}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>'


def zipped(parts: dict[str, str]) -> bytes:
    """The same parts give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, (2022, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
            archive.writestr(info, content)
    return buffer.getvalue()


def check_sheets(*sheets: SheetXml, **options: object) -> ParsedList:
    return read_document(workbook(*sheets, **options), "清单.xlsx")  # type: ignore[arg-type]


def check_rows(*rows: str, merged: Iterable[str] = ()) -> ParsedList:
    """Read a workbook of one sheet with the usual beginning; the rows begin at 4."""
    return check_sheets(listed(*rows, merged=merged))
