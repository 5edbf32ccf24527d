"""The page of an official document, proved on paper: 22 lines of 28 characters (GB/T 9704)."""

import io
from pathlib import Path

from reforms.lib.official import line, official
from tests.reforms.printing import needs_a_printer, pages_of


@needs_a_printer
def test_a_page_holds_22_lines_of_28_characters(tmp_path: Path) -> None:
    document = official()
    line(document, "国" * 28 * 22 * 2 + "家")
    written = io.BytesIO()
    document.save(written)
    first, second, third = (page.split() for page in pages_of(written.getvalue(), "docx", tmp_path, layout=True))
    assert [len(text) for text in first if "国" in text] == [28] * 22
    assert [len(text) for text in second if "国" in text] == [28] * 22
    assert third[0] == "家"
    assert [page[-1] if "—" in page[-1] else "" for page in (first, second)] == ["—1—", "—2—"]
