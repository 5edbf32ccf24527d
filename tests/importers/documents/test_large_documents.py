"""A document too large to be parsed at once is read while it is inflated, and says the same."""

import io
import zipfile
from pathlib import Path

import pytest

from importers.documents.read import read_document
from importers.documents.readers import xml
from importers.documents.readers.word import docx

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
REAL_LIST = FIXTURES / "shenzhen-2022-first-batch.docx"
MAIN_PART = "word/document.xml"


def with_its_rows(times: int) -> bytes:
    """The real list with all its rows again and again in its one table."""
    made = io.BytesIO()
    with zipfile.ZipFile(REAL_LIST) as original, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in original.namelist():
            part = original.read(name)
            if name == MAIN_PART:
                begin, end = part.index(b"<w:tr>"), part.rindex(b"</w:tbl>")
                part = part[:begin] + times * part[begin:end] + part[end:]
            copy.writestr(name, part)
    return made.getvalue()


@pytest.mark.parametrize("rows_at_once", [2, 256])
@pytest.mark.parametrize("path", [REAL_LIST, *sorted(FIXTURES.glob("samples/*.docx"))], ids=lambda path: path.stem)
def test_it_says_the_same_however_it_is_parsed(path: Path, rows_at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = path.read_bytes()
    at_once = read_document(data, path.name)
    monkeypatch.setattr(xml, "PARSED_AT_ONCE", 0)
    monkeypatch.setattr(docx, "ROWS_AT_ONCE", rows_at_once)
    assert read_document(data, path.name) == at_once


def test_a_table_of_many_megabytes_is_read_to_its_end() -> None:
    once, often = read_document(REAL_LIST.read_bytes(), "once.docx"), read_document(with_its_rows(12), "often.docx")
    assert [measure.text for measure in often.measures] == 12 * [measure.text for measure in once.measures]
    assert often.notes == once.notes
    assert often.measures[-1].row == 12 * once.measures[-1].row
