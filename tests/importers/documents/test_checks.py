"""What a list says about its own totals, beside what was read."""

from dataclasses import replace

import pytest

from importers.documents.stated_totals import checks
from importers.documents.values import ParsedList
from tests.importers.samples import check_rows, duty, row, wide


def a_list(title: str = "", *notes: str) -> ParsedList:
    """Two items, the first with a star and two measures."""
    parsed = check_rows(duty("1*", "甲"), duty("", "", "续"), duty("2", "乙"))
    return replace(parsed, title=title, notes=notes)


def failed(parsed: ParsedList) -> list[str]:
    return [check.sentence for check in checks(parsed) if check.passed is False]


def test_totals_nobody_states_are_told_without_a_verdict():
    assert [check.sentence for check in checks(a_list())] == [
        "任务类别1类，文件未写明总数。",
        "改革事项2项，文件未写明总数。",
        "具体举措3条，文件未写明总数。",
        "带*事项1项，文件未写明总数。",
    ]


def test_a_footnote_with_another_number_of_starred_items_is_told():
    parsed = a_list("", "注：带*的为国家改革事项，共101项")
    assert failed(parsed) == ["带*事项1项，与表末注“101项”不符，请核对。"]


def test_a_footnote_with_the_right_number_passes():
    parsed = a_list("", "注：序号标*的为贯彻落实国家1项改革任务的相关举措")
    assert ("national", True, "带*事项1项，与表末注一致。") in [
        (one.kind, one.passed, one.sentence) for one in checks(parsed)
    ]
    assert failed(parsed) == []


@pytest.mark.parametrize(
    ("title", "note", "sentences"),
    [
        ("改革事项清单（共2项3条）", "", []),
        (
            "改革事项清单（共200项216条）",
            "",
            ["改革事项2项，与标题“200项”不符，请核对。", "具体举措3条，与标题“216条”不符，请核对。"],
        ),
        ("改革任务清单（12类2项）", "", ["任务类别1类，与标题“12类”不符，请核对。"]),
        ("", "注：本清单共1个方面2项改革事项、4条举措。", ["具体举措3条，与表末注“4条”不符，请核对。"]),
        ("", "注：1.带*的为国家事项，共2项；2.本清单共2项。", ["带*事项1项，与表末注“2项”不符，请核对。"]),
        ("2022年第3批改革清单", "注：2022年第一季度完成3次评估", []),
    ],
)
def test_totals_of_title_and_notes_are_compared(title, note, sentences):
    assert failed(a_list(title, note)) == sentences


@pytest.mark.parametrize(
    ("totals", "sentences"),
    [
        (("合计", "2项"), []),
        (("合计", "3项"), []),  # the measures, which the row counts in 项 as well
        (("合计", "5项"), ["改革事项2项，与合计行“5项”不符，请核对。"]),
        (("总计：共4条举措",), ["具体举措3条，与合计行“4条”不符，请核对。"]),
    ],
)
def test_the_row_of_the_total_is_compared(totals, sentences):
    parsed = check_rows(duty("1*", "甲"), duty("", "", "续"), duty("2", "乙"), row(*totals, *[""] * (6 - len(totals))))
    assert parsed.notes == (" ".join(totals),)
    assert failed(parsed) == sentences


def test_totals_of_sections_are_not_compared_with_the_whole_list():
    parts = (
        duty("1"),
        row("小计", "1项", "", "", "", ""),
        wide("二、监管"),
        duty("2"),
        row("小计", "1项", "", "", "", ""),
    )
    parsed = check_rows(*parts, row("合计", "2项", "", "", "", ""))
    assert parsed.notes == ("小计 1项", "小计 1项", "合计 2项")
    assert failed(parsed) == []
    without_sum = check_rows(
        duty("1"), row("合计", "1项", "", "", "", ""), wide("二、监管"), duty("2"), wide("合计：1项")
    )
    assert (without_sum.notes, failed(without_sum)) == (("合计 1项", "合计：1项"), [])


def test_an_item_whose_number_is_used_twice_counts_twice():
    parsed = check_rows(duty("1", "甲"), duty("1", "乙"))
    assert "改革事项2项，文件未写明总数。" in [check.sentence for check in checks(parsed)]
