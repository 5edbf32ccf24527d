"""Reading a .docx: from bytes to sections, items, measures, agencies, deadlines and problems, without a database."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator

import docx
from lxml import etree

from importers.documents.read import read_document
from tests.bench.documents import MAIN, list_of, tall_merge
from tests.bench.timing import Way, Work, interleaved, table
from tests.services import ROOT

LIMIT = "limit: unzip and one lxml parse"
SLOW_ABOVE = 1_000
_PEAK = """
import re, sys
from importers.documents.read import read_document
data = open(sys.argv[1], 'rb').read() if sys.argv[1] else b''
if data:
    read_document(data, 'list.docx')
print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])
"""


def report(rows: list[int], times: int) -> Iterator[str]:
    for size in rows:
        yield _times(size, times)
    yield _tall(max(rows))
    yield _memory(max(rows))


def _times(rows: int, times: int) -> str:
    data = list_of(rows)
    measures = len(read_document(data, "list.docx").measures)
    ways: dict[str, Work] = {
        LIMIT: lambda: parse(data),
        "ours: the whole check": lambda: read_document(data, "list.docx"),
    }
    if rows <= SLOW_ABOVE:
        ways["plain: python-docx, row.cells, text only"] = lambda: by_python_docx(data)
    return table(
        f"Reading {measures} measures ({len(data) >> 10} KB)",
        interleaved(ways, times=times),
        rows=measures,
        limit=LIMIT,
    )


def parse(data: bytes) -> object:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return etree.fromstring(archive.read(MAIN))


def by_python_docx(data: bytes) -> list[list[str]]:
    """What most programs do; it understands nothing of what it reads."""
    document = docx.Document(io.BytesIO(data))
    return [[cell.text for cell in row.cells] for one in document.tables for row in one.rows]


def _tall(rows: int) -> str:
    """One merge over all rows, at this size and at half of it: time must grow as the rows do."""
    ways: list[Way] = []
    for size in (rows // 2, rows):
        data = tall_merge(size)
        ways += interleaved(
            {f"ours: one title merged over {size} rows": lambda data=data: read_document(data, "a.docx")}, times=1
        )  # type: ignore[misc]
    grown = ways[1].seconds / ways[0].seconds
    times = ", ".join(f"{way.seconds * 1000:.0f} ms" for way in ways)
    return f"\nTall merge over {rows // 2} and {rows} rows: {times}, × {grown:.2f}"


def _memory(rows: int) -> str:
    """Peak of a fresh process over one that only imports."""
    with io.BytesIO(list_of(rows)) as data:
        peak, idle = (_peak(content) for content in (data.getvalue(), b""))
    return f"Memory: {peak - idle:.0f} MB over the interpreter with its modules ({idle:.0f} MB) at {rows} measures"


def _peak(content: bytes) -> float:
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".docx") as file:
        file.write(content)
        file.flush()
        done = subprocess.run(
            [sys.executable, "-c", _PEAK, file.name if content else ""],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    return int(done.stdout) / 1024
