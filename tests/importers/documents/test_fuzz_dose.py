"""A dose of `make fuzz`: damaged documents, the same ones every time, each of which must get an answer."""

import os

import pytest

from importers.documents.read import read_document
from tests.fuzz.case import make_case
from tests.fuzz.judge import judge

DOCUMENTS, GROUPS = int(os.environ.get("FUZZ_DOCUMENTS", "200")), 10


@pytest.fixture(autouse=True)
def _no_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


@pytest.mark.parametrize("group", range(GROUPS))
def test_a_damaged_document_is_read_or_refused_in_words(group):
    cases = [make_case(2022, number) for number in range(group, DOCUMENTS, GROUPS)]
    faults = {case.label: fault for case in cases if (fault := judge(case.data, case.name).fault)}
    assert faults == {}


def test_the_same_numbers_make_the_same_document():
    assert make_case(1, 17) == make_case(1, 17)
    assert make_case(1, 17).data != make_case(1, 18).data


def test_a_reader_that_raises_is_a_finding(monkeypatch):
    """The negative control."""
    monkeypatch.setattr("tests.fuzz.judge.read_document", lambda *_: 1 / 0)
    assert judge(b"", "a.docx").fault.startswith("ZeroDivisionError at test_fuzz_dose.py")


def test_a_reader_that_answers_differently_the_second_time_is_a_finding(monkeypatch):
    """The negative control."""
    answers = iter([read_document(b"", "a.docx"), read_document(b"PK", "a.docx")])
    monkeypatch.setattr("tests.fuzz.judge.read_document", lambda *_: next(answers))
    assert judge(b"", "a.docx").fault == "another answer the second time"


def test_a_reader_that_takes_too_much_memory_is_a_finding(monkeypatch):
    """The negative control."""
    monkeypatch.setattr("tests.fuzz.judge.read_document", lambda *_: bytes(600 * 2**20))
    assert judge(b"", "a.docx").fault.startswith("MemoryError")
