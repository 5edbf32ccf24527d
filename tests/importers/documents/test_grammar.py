"""What words in cells mean."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.documents.grammar.agencies import is_collective, parse_agencies
from importers.documents.grammar.deadlines import parse_deadline, year_of_list
from importers.documents.grammar.roles import parse_roles
from importers.documents.grammar.text import chinese_to_int, parse_number
from importers.documents.readers.word.numbering import chinese
from tests.importers.dates import Due, surface_forms


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
        ("4（*）", 4, True),
        ("4\uf0ab", 4, True),
        ("⑦", 7, False),
        ("⼀", 1, False),
        ("No.7", 7, False),
        ("№7", 7, False),
        ("〔7〕", 7, False),
        ("[7]", 7, False),
        ("7[1]", 7, False),
        ("编号7", 7, False),
        ("7①", 7, False),
        ("7（新增）", 7, False),
        ("▲7", 7, False),
        ("7.0", 7, False),
        ("3.2", 2, False),
        ("-", None, False),
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
        ("市公安局、市司\n法局、市检察院", ("市公安局", "市司法局", "市检察院")),
        ("市人大常委会办\n公厅、市检察院", ("市人大常委会办公厅", "市检察院")),
        ("人民银行深圳市中心\n支行、市财政局", ("人民银行深圳市中心支行", "市财政局")),
        ("国家外汇管理局\n深圳市分局、福田区政府", ("国家外汇管理局深圳市分局", "福田区政府")),
        ("福田区\n人民政府", ("福田区人民政府",)),
        ("市总工会\n妇联、科协", ("市总工会", "妇联", "科协")),
        ("发改局\n公安分局", ("发改局", "公安分局")),
        ("人民银行市分行、中国电信、银保监分局", ("人民银行市分行", "中国电信", "银保监分局")),
        ("1.市财政局；2.市司法局", ("市财政局", "市司法局")),
        ("责任单位：市财政局、市律协", ("市财政局", "市律协")),
        ("杭州市、恩施州、各区县（自治县）政府", ("杭州市", "恩施州", "各区县（自治县）政府")),
        ("各县、区政府，市财政局", ("各县、区政府", "市财政局")),
        ("各省、自治区、直辖市人民政府", ("各省、自治区、直辖市人民政府",)),
        ("各州市、县党委、政府", ("各州市、县党委、政府",)),
        ("各镇街、各街镇、各镇（街）", ("各镇街", "各街镇", "各镇（街）")),
        ("市直各部门，各区、市财政局", ("市直各部门", "各区", "市财政局")),
        ("市财政局、各区人民政府负责落实", ("市财政局", "各区人民政府")),
        ("市委、市政府", ("市委", "市政府")),
        ("鹤山区委、鹤山区人民政府", ("鹤山区委", "鹤山区人民政府")),
        ("/", ()),
        ("——", ()),
        ("暂无", ()),
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
        ("市财政局、市司法局等部门", ("市财政局", "市司法局")),
        ("市公安局、市水务局等单位，市气象局", ("市公安局", "市水务局", "市气象局")),
        ("永顺县委、县政府", ("永顺县委",)),
        ("天元区委、区人民政府", ("天元区委",)),
        ("南岳旅游度假区党工委、管委会", ("南岳旅游度假区党工委",)),
        ("市教育局、民政局、人力资源和社会保障局", ("市教育局",)),
        ("县林业局县水利局县应急指挥部", ()),
        ("市财政局（王小明）、市教育局", ("市财政局", "市教育局")),
        ("市财政局 王明", ("市财政局",)),
        ("市财政局。其余单位参照执行。", ("市财政局",)),
        ("市财政局（市司法局", ()),
        ("市发展改革、财政局、市公安局", ("市公安局",)),
        ("市财政局和市司法局、市公安局", ("市公安局",)),
        ("市发展和改革委员会及市财政局", ()),
        ("市财政局/市司法局、市公安局", ("市公安局",)),
        ("市财政局·市司法局、市公安局", ("市公安局",)),
        ("市财政局（责任处室：预算处）", ()),
        ("其他事项", ()),
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
        ("2022年一至三季度", "2022-09-30", []),
        ("2022年第一至第三季度", "2022-09-30", []),
        ("2022年六至九月", "2022-09-30", []),
        ("2022年三月三至五日", "2022-03-05", []),
        ("2022年6月上旬", "2022-06-10", []),
        ("2022年6月中旬", "2022-06-20", []),
        ("2022年2月下旬", "2022-02-28", []),
        ("2022年6月30日前", "2022-06-30", []),
        ("2022.12.31", "2022-12-31", []),
        ("2022年1-6月", "2022-06-30", []),
        ("2022年3月至2023年6月", "2023-06-30", []),
        ("2022—2025年", "2025-12-31", ["deadline_inferred"]),
        ("2022年6月1日至30日", "2022-06-30", []),
        ("12月底", "2022-12-31", ["year_inferred"]),
        ("年底前", "2022-12-31", ["year_inferred"]),
        ("2022年12月初", "2022-12-10", ["deadline_inferred"]),
        ("2202年12月", None, ["implausible_date"]),
        ("2022年2月30日", None, ["invalid_date"]),
        ("2022年13月", None, ["invalid_date"]),
        ("0000年1月", None, ["invalid_date"]),
        ("“十四五”期间", "2025-12-31", ["deadline_inferred"]),
        ("十五五末", "2030-12-31", ["deadline_inferred"]),
        ("2022年", "2022-12-31", ["deadline_inferred"]),
        ("全年工作", "2022-12-31", ["year_inferred", "deadline_inferred"]),
        ("年度任务", "2022-12-31", ["year_inferred", "deadline_inferred"]),
        ("2022年12月二十五日", "2022-12-25", []),
        ("2022年12月中下旬", "2022-12-31", []),
        ("2022.6-12", "2022-12-31", []),
        ("2022.6.1-2022.12.31", "2022-12-31", []),
        ("2022下半年", "2022-12-31", []),
        ("2022-12-31 00:00:00", "2022-12-31", []),
        ("二О二二年十二月", "2022-12-31", []),
        ("分阶段推进，2022年12月底前完成50%", "2022-12-31", []),
        ("2022年12月月底", "2022-12-31", []),
        ("2022年12月底前，2023年起常态化", "2022-12-31", []),
        ("①2022年6月底；②2022年12月底", "2022-12-31", ["several_dates"]),
        ("2022年12月底前，其中试点任务6月底前", "2022-12-31", ["several_dates"]),
        ("2022年二、三季度", "2022-09-30", ["several_dates"]),
        ("2022年6、12月底前", "2022-12-31", ["several_dates"]),
        ("6.30", "2022-06-30", ["year_inferred", "deadline_inferred"]),
        ("2022", "2022-12-31", ["deadline_inferred"]),
        ("44926", "2022-12-31", ["deadline_inferred"]),
        ("2022年6月1日起实施", "2022-06-01", ["deadline_inferred"]),
        ("2022年12月底左右", "2022-12-31", ["deadline_inferred"]),
        ("2022年春节前", None, ["unparsed_deadline"]),
        ("中长期", None, ["unparsed_deadline"]),
        ("推进中", None, ["status_not_deadline"]),
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


@pytest.mark.parametrize(
    "text",
    [
        "已落地，持续巩固提升",
        "持续推进",
        "长期坚持",
        "每季度末",
        "每年6月、12月底前",
        "2022年起每年12月底",
        "全年持续推进",
        "按月推进",
        "逐年推进",
        "6月起持续推进",
    ],
)
def test_what_goes_on_for_ever_has_no_date(text):
    deadline = parse_deadline(text, 2022)
    assert (deadline.date, deadline.ongoing, deadline.problems) == (None, True, ())


def test_of_two_dates_the_last_is_the_deadline_and_the_first_a_milestone():
    deadline = parse_deadline("2022年6月底前出台方案，12月底前完成", 2022)
    assert (deadline.milestones, deadline.date) == ((date(2022, 6, 30),), date(2022, 12, 31))
    assert [problem.kind for problem in deadline.problems] == ["several_dates"]


def test_all_earlier_dates_are_kept():
    deadline = parse_deadline("2022年3月底前立项、2022年9月底前开工、2023年12月底前建成", 2022)
    assert deadline.milestones == (date(2022, 3, 31), date(2022, 9, 30))


def test_without_a_year_anywhere_nothing_is_guessed():
    deadline = parse_deadline("12月底", None)
    assert deadline.date is None
    assert [problem.kind for problem in deadline.problems] == ["unparsed_deadline"]


DUE = st.one_of(
    st.dates(date(2015, 1, 1), date(2035, 12, 31)).map(lambda day: Due("day", day.year, day.month, day.day)),
    st.builds(Due, st.just("month"), st.integers(2015, 2035), st.integers(1, 12)),
    st.builds(Due, st.just("quarter"), st.integers(2015, 2035), st.integers(1, 4)),
    st.builds(Due, st.just("half"), st.integers(2015, 2035), st.integers(1, 2)),
    st.builds(Due, st.just("tenth"), st.integers(2015, 2035), st.integers(0, 35)),
    st.builds(Due, st.just("year"), st.integers(2015, 2035)),
)


@settings(max_examples=25, deadline=None)
@given(DUE)
def test_a_deadline_is_read_back_from_every_way_to_print_it(due):
    read = {text: parse_deadline(text, due.year) for text in surface_forms(due)}
    assert {text: found.date for text, found in read.items()} == dict.fromkeys(read, due.last_day)
    doubted = {text for text, found in read.items() if found.problems or found.ongoing}
    # 2015.1 may be a 2015.10 that was taken for a number.
    assert {text for text in doubted if not re.fullmatch(r"\d{4}[.．][1１]", text)} == set()


@settings(max_examples=25, deadline=None)
@given(DUE, DUE, st.data())
def test_of_two_printed_deadlines_the_later_counts_and_the_other_is_a_milestone(one, other, data):
    first, second = sorted((one, other), key=lambda due: due.last_day)
    texts = [data.draw(st.sampled_from([*surface_forms(due)])) for due in (first, second)]
    read = parse_deadline(f"{texts[0]}出台方案，{texts[1]}全面落实", second.year)
    assert read.date == second.last_day
    assert read.milestones == ((first.last_day,) if first.last_day != second.last_day else ())


@settings(max_examples=25, deadline=None)
@given(DUE, st.sampled_from(["，并持续推进", "，长期坚持", "（持续）"]))
def test_a_day_and_then_for_ever_is_still_due_that_day(due, then):
    for text in surface_forms(due):
        read = parse_deadline(text + then, due.year)
        assert (read.date, read.ongoing) == (due.last_day, False), text


@pytest.mark.parametrize(
    ("title", "deadlines", "around", "year"),
    [
        ("2022年清单", ["2023年6月"], [], 2022),
        ("二〇二二年清单", [], [], 2022),
        ("清单", ["2022年6月", "2022年9月", "2023年1月"], ["2021年"], 2022),
        ("清单", ["6月底"], ["渝府办发〔2022〕23号", "各单位："], 2022),
        ("清单", ["6月底"], [], None),
    ],
)
def test_the_year_of_a_list_is_that_of_its_title_its_deadlines_or_its_cover(title, deadlines, around, year):
    assert year_of_list(title, deadlines, around) == year


@given(st.text(max_size=30))
def test_no_text_breaks_the_grammar(text):
    deadline = parse_deadline(text, 2022)
    assert deadline.date is None or not deadline.ongoing
    parse_agencies(text)
    parse_roles(text)
    parse_number(text)
