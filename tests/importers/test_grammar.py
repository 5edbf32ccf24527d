"""What words in cells mean."""

import calendar
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.grammar.agencies import is_collective, parse_agencies
from importers.grammar.deadlines import parse_deadline
from importers.grammar.numbers import chinese_to_int, parse_number
from importers.grammar.roles import parse_roles
from importers.readers.numbering import chinese


@pytest.mark.parametrize(
    ("text", "value", "starred"),
    [
        ("7", 7, False),
        ("7.", 7, False),
        ("第7项", 7, False),
        ("（七）", 7, False),
        ("十二、", 12, False),
        ("１０１", 101, False),
        ("1 *", 1, True),
        ("１＊", 1, True),
        ("*3", 3, True),
        ("★4", 4, True),
        ("⑦", 7, False),
        ("⼀", 1, False),
        ("小计", None, False),
        ("", None, False),
    ],
)
def test_numbers_in_every_dress(text, value, starred):
    number = parse_number(text)
    assert (number.value, number.starred) == (value, starred)


@given(st.integers(1, 9999))
def test_chinese_numerals_go_there_and_back(number):
    assert chinese_to_int(chinese(number)) == number


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("市财政局、市司法局", ("市财政局", "市司法局")),
        ("市司法局，各有关单位", ("市司法局", "各有关单位")),
        ("市财政局,市司法局;市公安局；市商务局", ("市财政局", "市司法局", "市公安局", "市商务局")),
        ("市城管和综合执法局、市规划和自然资源局", ("市城管和综合执法局", "市规划和自然资源局")),
        ("市委军民融合办（市人防办）", ("市委军民融合办（市人防办）",)),
        ("市委军民融合办(市人防办)", ("市委军民融合办（市人防办）",)),
        (
            "各区政府（含前海管理局、深汕管委会）、市财政局",
            ("各区政府（含前海管理局、深汕管委会）", "市财政局"),
        ),
        ("市财政局等各有关单位", ("市财政局", "各有关单位")),
        ("市财政局\n市司法局", ("市财政局", "市司法局")),
        ("市市场监管\n局、市财政局", ("市市场监管局", "市财政局")),
        ("市 财 政 局", ("市财政局",)),
        ("/", ()),
        ("", ()),
    ],
)
def test_agencies_are_split_at_separators_outside_brackets(text, names):
    agencies = parse_agencies(text)
    assert (agencies.names, agencies.note, agencies.problems) == (names, "", ())


def test_by_duty_is_a_note_and_not_part_of_a_name():
    agencies = parse_agencies("市中级法院、市检察院按职责分工负责")
    assert (agencies.names, agencies.note) == (("市中级法院", "市检察院"), "按职责分工负责")
    assert parse_roles("市中级法院、市检察院按职责分工负责").lead.names == ("市中级法院", "市检察院")


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        ("省发展改革、财政厅", ()),
        ("市财政局、市司法局等部门", ("市财政局",)),
        ("市财政局（市司法局", ()),
        ("市发展改革、财政局、市公安局", ("市公安局",)),
    ],
)
def test_elided_and_open_forms_go_to_a_person(text, certain):
    agencies = parse_agencies(text)
    assert {problem.kind for problem in agencies.problems} == {"agency_review"}
    assert agencies.names == certain


def test_a_name_printed_twice_counts_once():
    agencies = parse_agencies("市财政局、市财政局")
    assert agencies.names == ("市财政局",)
    assert [problem.kind for problem in agencies.problems] == ["duplicate_agency"]


@pytest.mark.parametrize("name", ["各区政府", "市直有关单位", "各有关单位", "有关部门", "全市各部门", "各涉企单位"])
def test_groups_are_known_by_their_words(name):
    assert is_collective(name)


@pytest.mark.parametrize("name", ["南山区政府", "市委军民融合办（市人防办）", "市中小企业服务局", "深圳交易集团"])
def test_single_agencies_are_not_groups(name):
    assert not is_collective(name)


@pytest.mark.parametrize(
    ("text", "day", "kinds"),
    [
        ("2022年12月底", "2022-12-31", []),
        ("二〇二二年十二月底", "2022-12-31", []),
        ("２０２２年６月底前", "2022-06-30", []),
        ("2022年第三季度", "2022-09-30", []),
        ("2022年一季度末", "2022-03-31", []),
        ("2022年上半年", "2022-06-30", []),
        ("2022年6月上旬", "2022-06-10", []),
        ("2022年6月中旬", "2022-06-20", []),
        ("2022年2月下旬", "2022-02-28", []),
        ("2022年6月30日前", "2022-06-30", []),
        ("2022.12.31", "2022-12-31", []),
        ("2022年1-6月", "2022-06-30", []),
        ("2022年3月至2023年6月", "2023-06-30", []),
        ("2022—2025年", "2025-12-31", []),
        ("2022年6月1日至30日", "2022-06-30", []),
        ("12月底", "2022-12-31", ["year_inferred"]),
        ("年底前", "2022-12-31", ["year_inferred"]),
        ("2022年12月初", "2022-12-10", ["deadline_inferred"]),
        ("2202年12月", "2202-12-31", ["implausible_date"]),
        ("2022年2月30日", None, ["invalid_date"]),
        ("2022年13月", None, ["invalid_date"]),
        ("已完成", None, ["status_not_deadline"]),
        ("力争年内", None, ["unparsed_deadline"]),
        ("印发后3个月内", None, ["unparsed_deadline"]),
    ],
)
def test_deadlines(text, day, kinds):
    deadline = parse_deadline(text, 2022)
    assert (deadline.date.isoformat() if deadline.date else None) == day
    assert [problem.kind for problem in deadline.problems] == kinds
    assert not deadline.ongoing


@pytest.mark.parametrize("text", ["已落地，持续巩固提升", "持续推进", "长期坚持", "每季度末", "6月起持续推进"])
def test_what_goes_on_for_ever_has_no_date(text):
    deadline = parse_deadline(text, 2022)
    assert (deadline.date, deadline.ongoing, deadline.problems) == (None, True, ())


def test_of_two_dates_the_last_is_the_deadline_and_the_first_a_milestone():
    deadline = parse_deadline("2022年6月底前出台方案，12月底前完成", 2022)
    assert (deadline.milestone, deadline.date) == (date(2022, 6, 30), date(2022, 12, 31))
    assert [problem.kind for problem in deadline.problems] == ["several_dates"]


def test_without_a_year_anywhere_nothing_is_guessed():
    deadline = parse_deadline("12月底", None)
    assert deadline.date is None
    assert [problem.kind for problem in deadline.problems] == ["unparsed_deadline"]


@given(
    day=st.dates(date(2015, 1, 1), date(2035, 12, 31)),
    form=st.sampled_from(
        [
            "{y}年{m}月{d}日",
            "{y}-{m:02}-{d:02}",
            "{y}.{m}.{d}",
            "{y} 年 {m} 月 {d} 日前",
            "{cy}年{cm}月{cd}日",
        ]
    ),
)
def test_a_rendered_day_is_read_back(day, form):
    digits = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))
    text = form.format(y=day.year, m=day.month, d=day.day, cy=digits, cm=chinese(day.month), cd=chinese(day.day))
    assert parse_deadline(text, day.year).date == day


@given(
    month=st.dates(date(2015, 1, 1), date(2035, 12, 31)),
    form=st.sampled_from(["{y}年{m}月底", "{y}年{m}月", "{y}年{m}月底前完成"]),
)
def test_a_rendered_month_is_read_as_its_last_day(month, form):
    last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    assert parse_deadline(form.format(y=month.year, m=month.month), month.year).date == last


@given(st.text(max_size=30))
def test_no_text_breaks_the_grammar(text):
    deadline = parse_deadline(text, 2022)
    assert deadline.date is None or not deadline.ongoing
    parse_agencies(text)
    parse_roles(text)
    parse_number(text)
