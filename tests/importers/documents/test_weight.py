"""Whether somebody can wait for a document is asked of what it holds, not of the size of its file."""

import pytest

from importers.documents.weight import SMALL_ROWS, is_small
from tests.bench.documents import list_of
from tests.conftest import REAL_LIST
from tests.importers.workbooks import duty, listed, workbook


def sheet(rows: int, text: str = "举措") -> bytes:
    return workbook(listed(*(duty(n, str(n), text=text) for n in range(4, 4 + rows))))


def test_the_real_list_is_small() -> None:
    assert is_small(REAL_LIST.read_bytes())


@pytest.mark.parametrize(
    "data", [sheet(SMALL_ROWS), list_of(2_000), b"1,a\n" * (SMALL_ROWS + 1) * 6, sheet(3, "长" * 1_000_000)]
)
def test_a_long_one_is_not_whatever_its_file_takes(data: bytes) -> None:
    assert len(data) < 512 * 1024
    assert not is_small(data)


def test_what_has_to_be_converted_is_not() -> None:
    assert not is_small(b"{\\rtf1 }")


@pytest.mark.parametrize("data", [b"", b"PK", b"%PDF-1.4", REAL_LIST.read_bytes()[:20_000]])
def test_what_is_refused_at_once_is(data: bytes) -> None:
    assert is_small(data)
