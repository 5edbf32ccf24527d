"""The list of 2022, as Word document and as text export."""

import json
from pathlib import Path

import pytest

from importers.documents.grammar.agencies import is_collective
from importers.documents.read import check_file
from importers.documents.schema import as_dict

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
NAME = "shenzhen-2022-first-batch"
EXPECTED = json.loads((FIXTURES / f"{NAME}.expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("suffix", ["docx", "txt"])
def test_the_list_is_read_exactly(suffix):
    said = as_dict(check_file(FIXTURES / f"{NAME}.{suffix}"))
    assert said == EXPECTED
    assert list(said) == list(EXPECTED)
    assert list(said["measures"][0]) == list(EXPECTED["measures"][0])


def test_both_files_have_the_same_content():
    docx, text = (check_file(FIXTURES / f"{NAME}.{suffix}") for suffix in ("docx", "txt"))
    assert docx.content_hash == text.content_hash


def test_the_published_counts_hold():
    parsed = check_file(FIXTURES / f"{NAME}.docx")
    names = {name for measure in parsed.measures for name in (*measure.lead, *measure.responsible)}
    national = {measure.item_no for measure in parsed.measures if measure.national}
    assert len(parsed.sections) == 12
    assert len({measure.item_no for measure in parsed.measures}) == 200
    assert len(parsed.measures) == 216
    assert len(national) == 101
    assert len(names) == 74
    assert {name for name in names if is_collective(name)} == {
        "各有关单位",
        "各区政府",
        "各行业主管部门",
        "各涉企单位",
        "各审批部门",
        "市直有关单位",
    }


def test_printed_cells_and_rows_are_kept():
    measures = check_file(FIXTURES / f"{NAME}.docx").measures
    assert measures[0].printed.number == "1*"
    assert measures[0].row == 3
    second_of_seven = next(one for one in measures if (one.item_no, one.seq_in_item) == (7, 2))
    assert second_of_seven.printed.number == ""
    assert second_of_seven.printed.merged == ("number",)
    assert second_of_seven.row == 10


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_the_text_may_be_in_any_usual_encoding(encoding, tmp_path):
    text = (FIXTURES / f"{NAME}.txt").read_text(encoding="utf-8")
    file = tmp_path / "list.dat"
    file.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    assert as_dict(check_file(file)) == EXPECTED


def test_a_text_whose_line_ends_were_stripped_says_the_same(tmp_path):
    text = (FIXTURES / f"{NAME}.txt").read_text(encoding="utf-8")
    file = tmp_path / "list.txt"
    file.write_text("\n".join(line.rstrip() for line in text.split("\n")), encoding="utf-8")
    assert as_dict(check_file(file)) == EXPECTED


def test_a_text_without_any_tabs_says_the_same(tmp_path):
    text = (FIXTURES / f"{NAME}.txt").read_text(encoding="utf-8")
    file = tmp_path / "list.txt"
    file.write_text(text.replace("\t", ""), encoding="utf-8")
    assert as_dict(check_file(file)) == EXPECTED


def test_rows_with_tabs_say_the_same():
    from tests.importers.tabbed import as_tabbed_rows

    parsed = as_tabbed_rows(FIXTURES / f"{NAME}.txt")
    assert as_dict(parsed) == EXPECTED
