"""The command `check_list`."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from importers.documents.read import read_document
from importers.documents.sandbox import wire
from importers.documents.stated_totals import counted
from importers.management.commands import check_list
from importers.management.commands.check_list import Command
from importers.management.files import check_path
from importers.plans.doubts import NAMES

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
DOCX = FIXTURES / "shenzhen-2022-first-batch.docx"
EXPECTED = json.loads((FIXTURES / "shenzhen-2022-first-batch.expected.json").read_text(encoding="utf-8"))


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(Command(stdout=out), *arguments)
    return out.getvalue()


def test_it_shows_totals_to_people():
    shown = run(str(DOCX))
    assert "任务类别12个，改革事项200项（国家事项101项），具体举措216条，单位名称74个" in shown
    assert "216条中216条（100%）无疑问，提示0条；没有提示" in shown


def test_it_says_what_share_was_read_without_doubt_and_lists_the_doubts_by_kind():
    lines = run(str(FIXTURES / "samples" / "deadlines-in-ranges.docx")).splitlines()
    begin = lines.index("  9条中3条（33.3%）无疑问，提示6条：")
    headings = [line.strip() for line in lines[begin + 1 :] if not line.startswith("      ")]
    assert headings == [
        "时限年份为推定 3（year_inferred）",
        "时限为推定 1（deadline_inferred）",
        "多个日期 2（several_dates）",
    ]


IN_DOUBT = (
    "2022年清单\n序号\t改革事项\t具体举措\t责任单位\t完成时限\t督导单位\n一、准入\n"
    # Two doubts of one row, a doubt of two rows, and one of no row.
    "1\t甲事\t举措一\t市财政局等部门\t12月底\t督查室\n"
    "2\t乙事\t举措二\t市财政局、市司法局\t2022年6月底\t\n"
    "3\t丙事\t举措三\t各区政府、市司法局\t2022年6月底\t\n"
    "4\t丁事\t举措四\t各区政府\t2022年6月底\t\n"
    "5\t戊事\t举措五\t市司法局牵头，市财政局配合\t2022年6月底\t\n"
)


def test_a_measure_is_without_doubt_when_no_doubt_is_about_it(tmp_path):
    (tmp_path / "清单.txt").write_text(IN_DOUBT, encoding="utf-8")
    lines = [line.strip() for line in run(str(tmp_path / "清单.txt")).splitlines()]
    assert "5条中2条（40.0%）无疑问，提示4条：" in lines
    assert [line for line in lines if line.endswith("）") and not line.startswith("任务")] == [
        "缺少的列 1，涉及2条举措（missing_column）",
        "未识别的列 1（column_not_read）",
        "单位待认定 1（agency_review）",
        "时限年份为推定 1（year_inferred）",
    ]


@pytest.mark.parametrize(
    ("answer", "lead", "responsible"),
    [
        ("yes", ["市财政局"], ["市司法局"]),
        ("all", ["市财政局", "市司法局"], []),
        ("no", [], ["市财政局", "市司法局"]),
    ],
)
def test_a_person_says_whether_the_agency_named_first_leads(tmp_path, answer, lead, responsible):
    (tmp_path / "清单.txt").write_text(IN_DOUBT, encoding="utf-8")
    said = StringIO()
    call_command("check_list", str(tmp_path / "清单.txt"), "--json", "--first-leads", answer, stdout=said)
    read = json.loads(said.getvalue())
    assert "missing_column" not in [one["kind"] for one in read["warnings"]]
    assert (read["measures"][1]["lead"], read["measures"][1]["responsible"]) == (lead, responsible)
    # Who stands alone leads, and so does who is said to.
    assert [one["lead"] for one in read["measures"][3:]] == [["各区政府"], ["市司法局"]]


def test_every_kind_of_doubt_has_a_name():
    schema = json.loads((FIXTURES.parent / "docs" / "schemas" / "reform-list-1.json").read_text(encoding="utf-8"))
    kinds = schema["properties"]["warnings"]["items"]["properties"]["kind"]["enum"]
    assert set(NAMES) == set(kinds)


def test_numbers_that_begin_anew_are_counted_as_on_the_page_that_asks_to_confirm(tmp_path):
    text = FIXTURES / "samples" / "numbers-in-doubt.docx"
    parsed = check_path(text)
    as_on_the_page = "改革事项{items}项（国家事项{national}项），具体举措{measures}条".format(**counted(parsed))
    assert as_on_the_page in run(str(text))
    assert len({one.item_no for one in parsed.measures}) < counted(parsed)["items"]


def test_it_prints_the_schema():
    assert json.loads(run(str(DOCX), "--json")) == EXPECTED


def test_it_writes_one_file_for_each(tmp_path):
    run(str(DOCX), "--out", str(tmp_path))
    assert json.loads((tmp_path / f"{DOCX.name}.json").read_text(encoding="utf-8")) == EXPECTED


def test_a_rejected_file_gives_exit_code_1(tmp_path):
    bad = tmp_path / "bad.docx"
    bad.write_bytes(b"")
    with pytest.raises(SystemExit) as stopped:
        run(str(DOCX), str(bad))
    assert stopped.value.code == 1


def test_a_missing_file_gives_exit_code_2(tmp_path):
    with pytest.raises(CommandError) as stopped:
        run(str(tmp_path / "none.docx"))
    assert stopped.value.returncode == 2


UNKNOWN = (
    "2022年清单\n甲\t乙\t丙\t丁\t戊\n"
    "1\t某事\t某举措\t市财政局\t2022年6月底\n2\t另一事\t另一举措\t市司法局\t2022年9月底\n"
)


def test_a_person_says_what_the_columns_hold(tmp_path):
    (tmp_path / "清单.txt").write_text(UNKNOWN, encoding="utf-8")
    call_command(
        "check_list",
        str(tmp_path / "清单.txt"),
        columns="序号=1,事项=2,备注=3,牵头=4,时限=5",
        out=str(tmp_path),
        stdout=StringIO(),
    )
    first, second = json.loads((tmp_path / "清单.txt.json").read_text(encoding="utf-8"))["measures"]
    assert (first["item_no"], first["item_title"], first["lead"], first["deadline"]) == (
        1,
        "某事",
        ["市财政局"],
        "2022-06-30",
    )
    assert second["other"] == {"丙": "另一举措"}


@pytest.mark.parametrize("columns", ["序号:1", "编号=1", "事项=1,序号=1", "序号=1", "事项=1,事项=2", "事项=0"])
def test_columns_that_cannot_be_meant_are_wrong_usage(tmp_path, columns):
    (tmp_path / "清单.txt").write_text(UNKNOWN, encoding="utf-8")
    with pytest.raises(CommandError) as raised:
        call_command("check_list", str(tmp_path / "清单.txt"), columns=columns)
    assert raised.value.returncode == 2


def test_results_of_several_files_are_written_as_each_is_done(tmp_path, monkeypatch):
    monkeypatch.setattr(check_list, "check_path", _second_one_dies())
    with pytest.raises(KeyboardInterrupt):
        call_command("check_list", "一.txt", "二.txt", out=str(tmp_path), stdout=StringIO())
    assert (tmp_path / "一.txt.json").exists()


def _second_one_dies():
    def check(path, *_arguments):
        if path.name == "二.txt":
            raise KeyboardInterrupt
        return read_document(UNKNOWN.encode(), path.name)

    return check


def test_several_files_are_printed_as_one_array_and_one_as_an_object(tmp_path):
    (tmp_path / "清单.txt").write_text(IN_DOUBT, encoding="utf-8")
    both = json.loads(run(str(DOCX), str(tmp_path / "清单.txt"), "--json"))
    assert [len(one["measures"]) for one in both] == [216, 5]


def test_what_was_kept_before_measures_had_lines_of_their_own_is_still_read():
    parsed = check_path(DOCX)
    head, *measures = (json.loads(line) for line in wire.lines_of(parsed))
    assert wire.loads(json.dumps({**head, "measures": measures}).encode()) == parsed == wire.loads(wire.dumps(parsed))
