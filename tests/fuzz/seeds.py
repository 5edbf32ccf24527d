"""The documents that are damaged: the real list, its second edition, the samples, and one of all that Word does."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tests.fuzz.worddocuments import word_documents

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SHORT = 25


@dataclass(frozen=True, slots=True)
class Seed:
    """A good document. `main` is the part of a container that holds what it says; '' for a text."""

    name: str
    data: bytes
    main: str = ""


@lru_cache(maxsize=1)
def seeds() -> tuple[Seed, ...]:
    return tuple(_seeds())


def _seeds() -> Iterator[Seed]:
    real = (FIXTURES / "shenzhen-2022-first-batch.docx").read_bytes()
    yield Seed("real.docx", real, "word/document.xml")
    for start in (0, 4, 8):
        yield Seed(f"part-{start}.docx", _some_rows(real, start), "word/document.xml")
    for name, data in word_documents():
        yield Seed(name, data, "word/document.xml")
    for file in sorted((FIXTURES / "samples").glob("*.*")):
        if file.suffix != ".json":
            main = "xl/worksheets/s1.xml" if file.suffix.startswith(".xls") else "word/document.xml"
            yield Seed(file.name, file.read_bytes(), main if file.read_bytes().startswith(b"PK") else "")
    for name in ("shenzhen-2022-first-batch.txt", "shenzhen-2022-second-edition.txt"):
        text = (FIXTURES / name).read_bytes()
        yield Seed(name, text)
        yield Seed(f"short-{name}", text[:6000].rpartition(b"\n\n")[0])
    yield Seed("rows.txt", _tabbed())


def _some_rows(real: bytes, start: int) -> bytes:
    """The real list with a few of its rows: as odd as the whole, and quicker."""
    with zipfile.ZipFile(io.BytesIO(real)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    rows = parts["word/document.xml"].split(b"<w:tr>")
    first = max(3, start * SHORT)
    tail = rows[-1][rows[-1].index(b"</w:tr>") + 7 :]
    kept = [*rows[:3], *rows[first : first + SHORT]]
    kept[-1] = kept[-1][: kept[-1].index(b"</w:tr>") + 7] + tail
    parts["word/document.xml"] = b"<w:tr>".join(kept)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _tabbed() -> bytes:
    head = "2022年改革清单\n序号\t改革事项\t具体举措\t牵头单位\t责任单位\t完成时限\n一、准入\n"
    rows = (f"{n}*\t事项{n}\t举措{n}。\t市财政局\t各区政府、市商务局\t2022年{n}月底\n" for n in range(1, 12))
    return (head + "".join(rows) + "注：标*的为国家改革任务。\n").encode()
