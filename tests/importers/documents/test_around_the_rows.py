"""What is printed around the rows of a list (totals, what figures are counted in, who filled it in) does not vanish."""

import io
import zipfile
from collections.abc import Callable

import pytest

from importers.documents.read import read_document
from importers.documents.values import ParsedList
from importers.documents.writers import write_csv, write_docx, write_xlsx
from tests.importers import workbooks
from tests.importers.samples import HEADER, W, document, package, para, row, table, wide, zipped

TITLE = "某市2024年改革任务清单"
Rows = list[tuple[str, ...]]


def _as_docx(rows: Rows) -> bytes:
    body = [wide(texts[0]) if len(texts) == 1 else row(*texts) for texts in rows]
    return package(document(para(TITLE), table(*body)))


def _as_docx_with_paragraphs(rows: Rows) -> bytes:
    """What says one thing only stands above and below the table."""
    places = [place for place, texts in enumerate(rows) if len(texts) > 1]
    above, inside, below = rows[: places[0]], rows[places[0] : places[-1] + 1], rows[places[-1] + 1 :]
    body = [wide(texts[0]) if len(texts) == 1 else row(*texts) for texts in inside]
    lines = [[para(texts[0]) for texts in part] for part in (above, below)]
    return package(document(para(TITLE), *lines[0], table(*body), *lines[1]))


def _as_xlsx(rows: Rows) -> bytes:
    body = [workbooks.row(number, *(text or None for text in texts)) for number, texts in enumerate(rows, 2)]
    merged = [f"A{number}:F{number}" for number, texts in enumerate(rows, 2) if len(texts) == 1]
    sheet = workbooks.SheetXml("Sheet1", workbooks.row(1, TITLE) + "".join(body), ("A1:F1", *merged))
    return workbooks.workbook(sheet)


def _as_csv(rows: Rows) -> bytes:
    return "\n".join(",".join((*texts, *[""] * (6 - len(texts)))) for texts in [(TITLE,), *rows]).encode()


def _as_text(rows: Rows) -> bytes:
    return "\n".join("\t".join(texts) for texts in [(TITLE,), *rows]).encode()


WAYS = [_as_docx, _as_docx_with_paragraphs, _as_xlsx, _as_csv, _as_text]
every_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))


def duty(number: int) -> tuple[str, ...]:
    return (str(number), f"事项{number}", f"举措{number}。", "市财政局", "市审计局", "2024年6月底")


def read(way: Callable[[Rows], bytes], *rows: tuple[str, ...]) -> ParsedList:
    """The list, which is written and read back without a difference."""
    parsed = read_document(way(list(rows)), "清单")
    assert parsed.error is None
    for write in (write_docx, write_xlsx, write_csv):
        assert read_document(write(parsed), "清单", 2024).content_hash == parsed.content_hash, write.__name__
    return parsed


def told(parsed: ParsedList) -> list[str]:
    return [one.value or "" for one in parsed.warnings if one.kind == "paragraph_not_read"]


@every_way
@pytest.mark.parametrize(
    ("total", "note"),
    [
        (("合计", "2项", "", "", "", ""), "合计 2项"),
        (("", "合　计", "共2项举措", "", "", ""), "合 计 共2项举措"),
        (("总计：2项任务",), "总计：2项任务"),
    ],
)
def test_a_row_of_the_total_is_a_note(way, total, note):
    parsed = read(way, HEADER, ("一、准入",), duty(1), duty(2), total)
    assert (parsed.notes, len(parsed.measures), parsed.warnings) == ((note,), 2, ())


@every_way
def test_a_row_of_the_total_of_a_section_is_a_note(way):
    sum_of = ("小计", "1项", "", "", "", "")
    parsed = read(way, HEADER, ("一、准入",), duty(1), sum_of, ("二、监管",), duty(2), sum_of)
    assert parsed.notes == ("小计 1项", "小计 1项")
    assert [(one.section, one.item_no) for one in parsed.measures] == [("准入", 1), ("监管", 2)]


def test_figures_in_a_row_of_the_total_keep_their_labels():
    labels = (*HEADER, "投资（万元）")
    rows = [labels, (*duty(1), "800"), (*duty(2), "400"), ("合计", "2项", "", "", "", "", "1200")]
    assert read(_as_text, *rows).notes == ("合计 2项 投资(万元)：1200",)


def test_a_total_below_merged_sections_opens_no_measure():
    labels = ("类别", *HEADER)
    parsed = read(_as_text, labels, ("准入", *duty(1)), ("", *duty(2)), ("合计", "", "2项", "", "", "", ""))
    assert (parsed.notes, len(parsed.measures), [one.title for one in parsed.sections]) == (("合计 2项",), 2, ["准入"])


@every_way
@pytest.mark.parametrize(
    "line",
    [
        "单位：万元",
        "（单位：万元、项）",
        "填报单位：市发展改革委　填表日期：2024年3月5日",
        "制表人：张三",
        "填报单位（盖章）：市发展改革委",
        "注：带*的为国家事项。",
    ],
)
def test_a_line_above_the_header_is_a_note(way, line):
    parsed = read(way, (line,), HEADER, ("一、准入",), duty(1))
    assert (parsed.title, parsed.notes, parsed.warnings) == (TITLE, (line.replace("\u3000", " "),), ())


@every_way
@pytest.mark.parametrize(
    ("cells", "note"),
    [
        (("", "", "", "", "", "单位：万元"), "单位：万元"),
        (("填报单位：市发改委", "", "", "", "日期：3月5日", ""), "填报单位：市发改委 日期：3月5日"),
        (("填报单位", "市发改委", "", "填报日期", "3月5日", ""), "填报单位：市发改委 填报日期：3月5日"),
    ],
)
def test_cells_above_the_header_are_a_note(way, cells, note):
    assert read(way, cells, HEADER, ("一、准入",), duty(1)).notes == (note,)


@every_way
@pytest.mark.parametrize(
    ("footer", "note"),
    [
        (("填表人：张三　联系电话：12345678",), "填表人：张三 联系电话：12345678"),
        (
            ("填表人：张三", "", "审核人：李四", "", "联系电话：12345678", ""),
            "填表人：张三 审核人：李四 联系电话：12345678",
        ),
        (("单位负责人：王五", "", "填表人：张三", "", "", ""), "单位负责人：王五 填表人：张三"),
        (("填表人", "张三", "联系电话", "12345678", "", ""), "填表人：张三 联系电话：12345678"),
        (("填表人：张三", "", "", "", "", ""), "填表人：张三"),
    ],
)
def test_who_filled_in_the_table_is_a_note(way, footer, note):
    parsed = read(way, HEADER, ("一、准入",), duty(1), footer)
    assert (parsed.notes, len(parsed.measures), parsed.warnings) == ((note,), 1, ())


def test_who_filled_in_the_rows_below_is_told_with_them():
    rows = [("一、准入",), ("填报单位：市发改委",), duty(1), ("填报单位：市财政局",), duty(2)]
    parsed = read(_as_docx, HEADER, *rows)
    assert [one.other for one in parsed.measures] == [
        (("小标题", "填报单位：市发改委"),),
        (("小标题", "填报单位：市财政局"),),
    ]


@every_way
def test_what_the_title_goes_on_with_in_brackets_is_part_of_it(way):
    parsed = read(way, ("（征求意见稿）",), HEADER, ("一、准入",), duty(1))
    assert (parsed.title, parsed.warnings) == (f"{TITLE}（征求意见稿）", ())


@every_way
def test_any_other_line_between_title_and_header_is_told(way):
    parsed = read(way, ("各单位要高度重视。",), ("截至2024年3月5日",), HEADER, ("一、准入",), duty(1))
    assert told(parsed) == ["各单位要高度重视。", "截至2024年3月5日"]


def test_a_letter_before_the_title_is_no_part_of_the_list():
    parsed = read_document(
        package(
            document(
                para("各单位："),
                para("现印发清单。"),
                para(TITLE),
                table(row(*HEADER), wide("一、准入"), row(*duty(1))),
            )
        ),
        "清单",
    )
    assert (parsed.title, parsed.warnings) == (TITLE, ())


def test_the_title_of_a_further_table_is_told():
    second = para("某市2024年稳增长任务分工表")
    blocks = (
        para(TITLE),
        table(row(*HEADER), wide("一、准入"), row(*duty(1))),
        second,
        table(row(*HEADER), row(*duty(2))),
    )
    parsed = read_document(package(document(*blocks)), "清单")
    assert (len(parsed.measures), told(parsed)) == (2, ["某市2024年稳增长任务分工表"])


def test_a_line_above_the_only_table_that_may_be_a_heading_is_told():
    blocks = (para(TITLE), para("准入"), table(row(*HEADER), row(*duty(1))))
    assert told(read_document(package(document(*blocks)), "清单")) == ["准入"]


def test_a_remark_beside_the_title_is_no_header():
    parsed = read(_as_xlsx, ("附件2", TITLE, "", "", "", "截止3月"), HEADER, ("一、准入",), duty(1))
    assert (parsed.title, told(parsed)) == (TITLE, ["附件2 截止3月"])


def test_two_lists_side_by_side_with_a_blank_column_between_are_refused():
    rows = [(*HEADER, "", *HEADER), (*duty(1), "", *duty(2))]
    parsed = read_document(_as_text(rows), "清单")
    assert parsed.error is not None
    assert "并排" in parsed.error.message


def test_what_is_printed_in_the_margins_of_pages_is_told():
    def part(name: str, *texts: str) -> str:
        return f'<w:{name} xmlns:w="{W}">{"".join(map(para, texts))}</w:{name}>'

    body = document(para(TITLE), table(row(*HEADER), wide("一、准入"), row(*duty(1))))
    data = package(body, header=part("hdr", "内部资料"), footer=part("ftr", "— 3 —", "第1页 共2页", TITLE))
    assert told(read_document(data, "清单")) == ["内部资料"]


def test_what_is_printed_in_the_margins_of_a_sheet_is_told():
    codes = "&amp;C&amp;&quot;宋体,常规&quot;&amp;12内部资料&amp;R第&amp;P页，共&amp;N页"
    margins = (
        f"<headerFooter><oddHeader>{codes}</oddHeader><oddFooter>第&amp;P页，共&amp;N页</oddFooter></headerFooter>"
    )
    sheet = workbooks.listed(workbooks.duty(4))
    data = workbooks.workbook(sheet)
    assert not told(read_document(data, "清单"))
    parts = _with(data, "xl/worksheets/s1.xml", "</sheetData>", f"</sheetData>{margins}")
    assert told(read_document(parts, "清单")) == ["内部资料"]


def test_a_text_box_over_a_sheet_is_told():
    data = workbooks.workbook(workbooks.listed(workbooks.duty(4)))
    shape = "<x:sp><x:txBody><a:p><a:r><a:t>按季报送。</a:t></a:r></a:p></x:txBody></x:sp>"
    text = f"<x:wsDr xmlns:x='x' xmlns:a='a'>{shape}</x:wsDr>"
    relation = f'<Relationship Id="d" Type="{workbooks.OFFICE}/drawing" Target="../drawings/d1.xml"/>'
    relations = f'<Relationships xmlns="{workbooks.PACKAGE}">{relation}</Relationships>'
    added = {"xl/worksheets/_rels/s1.xml.rels": relations, "xl/drawings/d1.xml": text}
    assert told(read_document(_with(data, "", "", "", **added), "清单")) == ["按季报送。"]


def _with(data: bytes, name: str, old: str, new: str, **added: str) -> bytes:
    """A package with one of its parts altered, and with others added."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {one: archive.read(one).decode() for one in archive.namelist()}
    if name:
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new)
    return zipped({**parts, **added}.items())


@every_way
@pytest.mark.parametrize("numbers", ["1 2 3 4 5 6", "甲 乙 1 2 3 4"])
def test_numbers_of_columns_below_the_header_are_no_measure(way, numbers):
    parsed = read(way, HEADER, tuple(numbers.split()), ("一、准入",), duty(1))
    assert ([one.item_no for one in parsed.measures], parsed.warnings) == ([1], ())


@every_way
def test_a_row_of_remarks_alone_goes_on_with_the_remark_above(way):
    rows = [(*HEADER, "备注"), (*duty(1), "甲"), ("", "", "", "", "", "", "乙"), (*duty(2), "")]
    parsed = read(way, *rows)
    assert [one.other for one in parsed.measures] == [(("备注", "甲\n乙"),), ()]


@every_way
def test_a_section_alone_in_its_column_is_one(way):
    rows = [("类别", *HEADER), ("准入", *[""] * 6), ("", *duty(1)), ("监管", *[""] * 6), ("", *duty(2))]
    parsed = read(way, *rows)
    assert [(one.section, one.item_no) for one in parsed.measures] == [("准入", 1), ("监管", 2)]


@every_way
def test_a_table_of_persons_below_the_rows_of_a_list_is_no_part_of_it(way):
    persons = [("联系人名单",), ("序号", "姓名", "单位", "电话", "", ""), ("1", "张三", "市财政局", "123", "", "")]
    parsed = read(way, HEADER, ("一、准入",), duty(1), *persons)
    assert [one.item_no for one in parsed.measures] == [1]
    said = [one.value or "" for one in parsed.warnings if one.kind == "table_not_read"]
    assert said[0].removeprefix("联系人名单　") == "序号　姓名　单位　电话　1　张三　市财政局　123"
    assert any("联系人名单" in (one.value or "") for one in parsed.warnings)


@every_way
def test_who_filled_in_each_of_several_tables_is_a_note(way):
    first, second = (HEADER, ("一、准入",), duty(1)), (HEADER, ("二、监管",), duty(2))
    parsed = read(way, *first, ("填表人：张三",), *second, ("填表人：李四",))
    assert (parsed.notes, parsed.warnings) == (("填表人：张三", "填表人：李四"), ())


@every_way
@pytest.mark.parametrize("mark", ["续表", "第1页　共2页", f"{TITLE}（续）"])
def test_what_only_marks_a_page_is_no_sub_heading(way, mark):
    rows = [("一、准入",), ("（一）市级",), duty(1), (mark,), HEADER, duty(2)]
    parsed = read(way, HEADER, *rows)
    assert [one.other for one in parsed.measures] == [(("小标题", "（一）市级"),)] * 2


def test_a_heading_below_a_total_is_no_note():
    blocks = (
        table(row(*HEADER), wide("一、准入"), row(*duty(1))),
        para("小计：1项"),
        para("（一）要求"),
        para("各单位落实。"),
    )
    parsed = read_document(package(document(para(TITLE), *blocks)), "清单")
    assert (parsed.notes, told(parsed)) == (("小计：1项",), ["（一）要求", "各单位落实。"])


@every_way
def test_notes_above_the_header_may_go_on_in_lines_of_their_own(way):
    lines = [("填表说明：",), ("1.本表按季更新。",), ("2.填写完成时限。",)]
    parsed = read(way, *lines, HEADER, ("一、准入",), duty(1))
    assert (parsed.notes, parsed.warnings) == (("填表说明：", "1.本表按季更新。", "2.填写完成时限。"), ())
