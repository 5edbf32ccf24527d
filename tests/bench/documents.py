"""The real list, made as long as one wants: its rows over and over, each time with numbers and texts of their own."""

import io
import re
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

REAL_LIST = Path(__file__).resolve().parents[2] / "fixtures" / "shenzhen-2022-first-batch.docx"
MAIN = "word/document.xml"
OF_THE_REAL_LIST = 216
_TEXT = re.compile(r"(<w:t[^>]*>)([^<]*)(</w:t>)")
_NUMBER = re.compile(r"(\d+)(\*?)")
_OPENS_MERGE = '<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>'
_GOES_ON = "<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>"


@lru_cache(maxsize=4)
def list_of(rows: int, *, changed: bool = False) -> bytes:
    """A .docx with at least this many measures; `changed` rewords one in a hundred."""
    copies = max(1, round(rows / OF_THE_REAL_LIST))
    parts = _parts()
    head, *real, last = parts[MAIN].decode().split("<w:tr>")
    last, end = last.split("</w:tr>", 1)
    real.append(last + "</w:tr>")
    table = "<w:tr>".join([head, *_rows(real, copies, changed=changed)])
    return _packed(parts | {MAIN: (table + end).encode()})


def _rows(real: list[str], copies: int, *, changed: bool) -> Iterator[str]:
    count = 0
    for copy in range(copies):
        for row in real:
            texts = _TEXT.findall(row)
            if row.count("<w:tc>") < 6 or not texts:
                if copy == 0:
                    yield row
                continue
            count += 1
            if copy == 0 and not (changed and count % 100 == 0):
                yield row
            elif copy == 0 or "序号" not in row:
                yield _another(row, copy, reworded=changed and count % 100 == 0)


def _another(row: str, copy: int, *, reworded: bool) -> str:
    """The row with the number it has in this copy, and a title and a text that no other row has."""
    cells = row.split("<w:tc>")
    if copy:
        cells[1] = _TEXT.sub(lambda match: match[1] + _moved(match[2], copy) + match[3], cells[1])
        cells[2] = _TEXT.sub(lambda match: f"{match[1]}{match[2]}（第{copy}批）{match[3]}", cells[2])
    said = f"（第{copy}批）" if copy else ""
    added = said + ("按季度评估成效。" if reworded else "")
    cells[3] = _TEXT.sub(lambda match: match[1] + match[2] + added + match[3], cells[3], count=1)
    return "<w:tc>".join(cells)


def _moved(number: str, copy: int) -> str:
    match = _NUMBER.fullmatch(number.strip())
    return f"{int(match[1]) + 200 * copy}{match[2]}" if match else number


def tall_merge(rows: int) -> bytes:
    """A list in which one title is merged over all rows."""
    header = _row("序号", "改革事项", "具体举措", "牵头单位", "责任单位", "完成时限")
    first = _row("1", "事项", "举措0", "市财政局", "", "2022年6月底").replace(
        "<w:tc><w:p><w:r><w:t>事项", f"<w:tc>{_OPENS_MERGE}<w:p><w:r><w:t>事项"
    )
    title = "<w:tc><w:p><w:r><w:t>事项</w:t></w:r></w:p></w:tc>"
    rest = (
        _row("", "事项", f"举措{n}", "市财政局", "", "2022年6月底").replace(title, _GOES_ON) for n in range(1, rows)
    )
    parts = _parts()
    head = parts[MAIN].decode().split("<w:tr>", 1)[0]
    body = f"{head}{header}{first}{''.join(rest)}</w:tbl></w:body></w:document>"
    return _packed(parts | {MAIN: body.encode()})


def _row(*texts: str) -> str:
    cells = "".join(f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>" for text in texts)
    return f"<w:tr>{cells}</w:tr>"


def _parts() -> dict[str, bytes]:
    with zipfile.ZipFile(REAL_LIST) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()
