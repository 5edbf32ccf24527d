"""Small documents written part by part, so that a test shows exactly what stands in the file."""

import io
import zipfile
from collections.abc import Iterable

from importers.documents.read import read_document
from importers.documents.values import ParsedList

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
WPS = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEADER = ("序号", "改革事项", "具体举措", "牵头单位", "责任单位", "完成时限")
ABOVE = "<w:vMerge/>"
OPENS = '<w:vMerge w:val="restart"/>'


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def para(content: str) -> str:
    """A paragraph; plain text becomes one run."""
    return f"<w:p>{content if content.startswith('<') else run(content) if content else ''}</w:p>"


def cell(content: str = "", properties: str = "") -> str:
    body = content if content.startswith(("<w:p", "<w:sdt><w:sdtContent><w:p")) else para(content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{body}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    """A row; what is not yet a cell becomes one."""
    inside = "".join(one if one.startswith(("<w:tc>", "<w:sdt>")) else cell(one) for one in cells)
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{inside}</w:tr>"


def wide(text: str, columns: int = 6) -> str:
    return row(cell(text, f'<w:gridSpan w:val="{columns}"/>'))


def table(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/>{''.join(rows)}</w:tbl>"


def duty(
    no: str = "1",
    title: str = "事项",
    text: str = "举措",
    lead: str = "市财政局",
    helps: str = "",
    due: str = "2022年6月底",
) -> str:
    return row(no, title, text, lead, helps, due)


def header(*labels: str) -> str:
    return row(*(labels or HEADER))


def document(*blocks: str, namespace: str = W, prolog: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    names = f'xmlns:w="{namespace}" xmlns:mc="{MC}" xmlns:wps="{WPS}"'
    return f"{prolog}<w:document {names}><w:body>{''.join(blocks)}</w:body></w:document>"


def styles(*definitions: str) -> str:
    return f'<w:styles xmlns:w="{W}">{"".join(definitions)}</w:styles>'


def numbering(*definitions: str) -> str:
    return f'<w:numbering xmlns:w="{W}">{"".join(definitions)}</w:numbering>'


def package(main: str | bytes, **others: str) -> bytes:
    """A .docx with the main part and, by name, the parts beside it (`styles`, `numbering`)."""
    relations = "".join(f'<Relationship Id="{name}" Type="{OFFICE}/{name}" Target="{name}.xml"/>' for name in others)
    schema = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{schema}"><Relationship Id="a" Type="{OFFICE}/officeDocument"'
        ' Target="word/document.xml"/></Relationships>',
        "word/document.xml": main,
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{schema}">{relations}</Relationships>',
        **{f"word/{name}.xml": content for name, content in others.items()},
    }
    return zipped(parts.items())


def zipped(parts: Iterable[tuple[str, str | bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return buffer.getvalue()


def check(*blocks: str, **options: str) -> ParsedList:
    """Read a document of these blocks."""
    others = {name: options.pop(name) for name in ("styles", "numbering") if name in options}
    return read_document(package(document(*blocks, **options), **others), "样例.docx")


def check_rows(*rows: str, **options: str) -> ParsedList:
    """Read a document of one titled table with the usual header."""
    return check(para("二〇二二年改革清单"), table(header(), wide("一、准入"), *rows), **options)


def kinds(parsed: ParsedList) -> list[str]:
    return [problem.kind for problem in parsed.warnings]
