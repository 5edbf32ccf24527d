"""The sample documents: every hazard of the import contract, and what a person reads in it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from importers.documents.limits import LIMITS
from importers.documents.read import check_file, read_document
from importers.documents.schema import as_dict
from tests.importers.samples import document, package, para, zipped

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
FOLDER = FIXTURES / "samples"
MANIFEST: dict[str, list[str]] = json.loads((FOLDER / "documents.json").read_text(encoding="utf-8"))

REJECTIONS = """
empty_file not_a_document unsupported_format encrypted corrupt_file zip_bomb too_large too_many_parts
too_many_rows too_deep dtd_forbidden no_table columns_not_recognised
"""
WARNINGS = """
tracked_changes_present macro_present several_lists missing_column missing_deadline missing_lead short_row
no_section orphan_continuation duplicate_number number_gap number_order invalid_date unparsed_deadline several_dates
year_inferred deadline_inferred implausible_date status_not_deadline agency_review duplicate_agency column_not_read
paragraph_not_read same_as_above columns_joined bracket_shared
"""
HAZARDS = """
vertical merge / blank cell instead of merge / merged agency column / merged deadline column
text left in a merged-away cell / merge across a section row / restart missing
merge continuing over a page split / section row spanning all columns / section as a paragraph between tables
section row repeated / section heading in two cells / headings without a number / heading 第一部分
headings （一） as sections / headings 一. and 二． / one table per section / table split by a page with header
table split by a page without header / header repeated with other spacing / two-row header
header labels with spaces and breaks / columns renamed / columns reordered between tables / remarks column
one 责任单位 column led by the first / one 责任单位 column led by the marked / roles named by labels
lead in a sub-section row / automatic numbers in the paragraph / automatic numbers in a style / start override
automatic numbers in two levels 1.1 / numbers restarted in each section / number 第7项 / number 7． / number （七）
number ７ / number 1 * / number ＊7 / number No.7 / cover / table of contents / contents as plain lines with dots
summary table with similar columns / sign-off table / colophon / soft breaks / tabs
no-break and ideographic spaces / zero-width characters / no-break hyphens / soft hyphens / symbols / Kangxi radicals
content control around a row / content control around a cell / content control around runs
nested content controls / placeholder / date picker / smart tag / complex fields / nested fields / simple field
hidden text / text hidden by a style / hiding toggled off / text boxes / footnote marks / hyperlinks
tracked changes in runs / tracked changes of paragraphs / tracked changes of rows / tracked changes of cells
tracked moves / tracked merge of cells / gridBefore and gridAfter / missing grid
row with fewer cells than the grid / horizontal merge of old documents / cell spanning agency and deadline
empty rows / totals row / nested table / AlternateContent of WPS / strict OOXML / table in a content control
table in customXml / blank number and new title / blank number and blank title / same number and title re-opened
separators inside and outside brackets / never split at 和 or 及 / 按职责分工负责 / X等各有关单位
elided form A、B厅 / open form A等部门 / month end / quarters / half years / 上旬 中旬 下旬 / Chinese numerals
numeric dates / ranges / ongoing / one cell a line / tab-separated rows / UTF-8 / UTF-8 with BOM / UTF-16 / GB18030
"""

# What lies beyond a limit is made here: it would be large, or alarm a virus scanner.
BEYOND = {
    "too_large": lambda: b"x" * (LIMITS.file_size + 1),
    "too_many_rows": lambda: b"a\tb\tc\n" * (LIMITS.rows + 1),
    "too_many_parts": lambda: zipped((f"word/{number}.xml", "") for number in range(LIMITS.parts + 1)),
    "zip_bomb": lambda: package(document(para("一" * 1_500_000))),
}


def _expected(name: str) -> dict[str, object]:
    return json.loads((FOLDER / f"{Path(name).stem}.expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", MANIFEST)
def test_a_sample_says_what_a_person_reads_in_it(name):
    assert as_dict(check_file(FOLDER / name)) == _expected(name)


@pytest.mark.parametrize("kind", BEYOND)
def test_a_file_beyond_a_limit_is_refused(kind):
    said = as_dict(read_document(BEYOND[kind](), "清单.docx"))
    assert (said["outcome"], said["error"]["kind"]) == ("rejected", kind)


def test_every_hazard_has_a_sample():
    wanted = {hazard.strip() for line in HAZARDS.split("\n") for hazard in line.split(" / ") if hazard.strip()}
    assert wanted - {hazard for hazards in MANIFEST.values() for hazard in hazards} == set()


def test_every_problem_has_a_sample():
    documents = [_expected(name) for name in MANIFEST]
    refused = {document["error"]["kind"] for document in documents if document["error"]} | set(BEYOND)
    warned = {warning["kind"] for document in documents for warning in document["warnings"]}
    assert set(REJECTIONS.split()) - refused == set()
    assert set(WARNINGS.split()) - warned == set()


def test_building_the_samples_again_gives_the_same_bytes(tmp_path):
    subprocess.run([sys.executable, FIXTURES / "build_samples.py", tmp_path / "built"], check=True)
    built_again = sorted((tmp_path / "built").iterdir())
    assert {one.name for one in built_again} >= set(MANIFEST)
    for built in built_again:
        assert built.read_bytes() == (FOLDER / built.name).read_bytes(), built.name


def test_a_milestone_is_kept_beside_the_deadline():
    measures = check_file(FOLDER / "deadlines-in-ranges.docx").measures
    milestones = {one.item_no: [str(day) for day in one.milestones] for one in measures if one.milestones}
    assert milestones == {5: ["2022-06-30"], 6: ["2022-10-31"]}
