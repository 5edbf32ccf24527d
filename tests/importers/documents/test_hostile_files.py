"""Files that are not lists, or mean harm: an error message and nothing else."""

import struct
from dataclasses import replace
from pathlib import Path

import pytest

from importers.documents.grid import Table
from importers.documents.limits import LIMITS, NOTHING_WRITTEN
from importers.documents.read import read_document
from importers.documents.readers import read_grid
from importers.documents.sandbox.process import check_in_sandbox
from tests.importers.samples import document, duty, header, package, para, row, table, wide, zipped

REAL = (Path(__file__).resolve().parents[3] / "fixtures" / "shenzhen-2022-first-batch.docx").read_bytes()
COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
LIST = table(header(), wide("一、准入"), duty())
DTD = '<!DOCTYPE w:document [<!ENTITY a "aaaa">]>'


def kind_of(data: bytes) -> str:
    parsed = read_document(data, "文件.docx")
    assert parsed.outcome == "rejected"
    assert parsed.error is not None
    assert parsed.error.message.endswith(NOTHING_WRITTEN)
    return parsed.error.kind


@pytest.mark.parametrize("data", [b"", b" \n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_called_empty(data):
    assert kind_of(data) == "empty_file"


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n" + bytes(100), bytes(range(256)) * 4, b"\xff\xd8\xff\xe0" + b"x" * 50]
)
def test_something_else_is_not_a_document(data):
    assert kind_of(data) == "not_a_document"


def test_a_zip_of_nothing_is_not_a_document():
    assert kind_of(zipped([])) == "not_a_document"
    assert kind_of(zipped([("a.txt", "text")])) == "not_a_document"


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7 x", b"<?xml version='1.0'?><note/>", zipped([("xl/workbook.bin", "")]), zipped([("ppt/a.xml", "")])],
)
def test_other_formats_are_named_as_unsupported(data):
    assert kind_of(data) == "unsupported_format"


def _with_embedded_page() -> bytes:
    return package(document(para("二〇二二年清单"), '<w:altChunk xmlns:r="r" r:id="a"/>'))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (_with_embedded_page(), "（altChunk）"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n boundary=x\r\n\r\n--x\r\n<table>", "（MHTML）"),
        (zipped([("OFD.xml", "<ofd:OFD/>"), ("Doc_0/Document.xml", "<x/>")]), "OFD版式文件"),
        (b"%PDF-1.7 x", "PDF文件"),
        (zipped([("a.docx", "text")]), "压缩包"),
        (b"Rar!\x1a\x07", "压缩包"),
    ],
)
def test_a_known_file_that_is_not_read_is_told_what_it_is_and_what_to_do(data, said):
    message = read_document(data, "清单").error.message
    assert said in message
    assert "上传" in message
    assert ".csv" not in message


def test_a_password_is_noticed():
    assert kind_of(COMPOUND + "EncryptedPackage".encode("utf-16-le") + bytes(50)) == "encrypted"


@pytest.mark.parametrize("length", [10, 1000, len(REAL) // 2, len(REAL) - 10])
def test_a_truncated_file_is_corrupt(length):
    assert kind_of(REAL[:length]) == "corrupt_file"


def test_a_damaged_part_is_corrupt():
    middle = REAL.index(b"word/document.xml") + 2000
    assert kind_of(REAL[:middle] + b"\0\xff\0\xff" + REAL[middle + 4 :]) == "corrupt_file"


def test_broken_xml_is_corrupt():
    assert kind_of(package("<w:document><w:body>")) == "corrupt_file"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_dtd_is_refused_in_every_encoding(encoding):
    text = document(LIST, prolog=f'<?xml version="1.0" encoding="{encoding[:6].rstrip("-")}"?>{DTD}')
    assert kind_of(package(text.encode(encoding))) == "dtd_forbidden"


def test_a_dtd_behind_a_long_comment_is_refused():
    assert kind_of(package(document(LIST, prolog=f"<!--{'x' * 300_000}-->{DTD}"))) == "dtd_forbidden"


def test_a_dtd_in_a_part_beside_the_text_is_refused():
    styles = '<!DOCTYPE a><w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'
    assert kind_of(package(document(LIST), styles=styles)) == "dtd_forbidden"


def test_a_bomb_is_stopped_while_inflating():
    assert kind_of(package(document(para("一" * 30_000_000)))) == "zip_bomb"


def test_a_bomb_that_lies_about_its_size_is_stopped_too():
    data = bytearray(package(document(para("一" * 30_000_000))))
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"word/document.xml"))
    data[entry + 24 : entry + 28] = struct.pack("<I", 1000)
    assert kind_of(bytes(data)) == "zip_bomb"


def test_too_many_parts_are_refused():
    assert kind_of(zipped((f"word/{number}.xml", "") for number in range(LIMITS.parts + 1))) == "too_many_parts"


def test_too_many_rows_are_refused():
    rows = "".join(row(str(number), f"事项{number * 7919}") for number in range(LIMITS.rows + 1))
    assert kind_of(package(document(table(header(), rows)))) == "too_many_rows"


def test_too_many_rows_of_text_are_refused():
    assert kind_of(("序号\t事项\t单位\n" + "1\t甲\t乙\n" * LIMITS.rows).encode()) == "too_many_rows"


def test_too_large_a_file_is_refused():
    assert kind_of(b"x" * (LIMITS.file_size + 1)) == "too_large"


@pytest.mark.parametrize("depth", [40, 70, 5000])
def test_nested_tables_beyond_the_limit_are_refused(depth):
    nested = "<w:tbl><w:tr><w:tc>" * depth + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * depth
    assert kind_of(package(document(nested))) == "too_deep"


@pytest.mark.parametrize("tag", ["w:ins", "w:smartTag", "w:sdt", "w:hyperlink"])
def test_nested_elements_beyond_the_limit_are_refused(tag):
    nested = f"<{tag}>" * 70 + "<w:r><w:t>甲</w:t></w:r>" + f"</{tag}>" * 70
    assert (
        kind_of(package(document(table(header(), row("1", "事项", f"<w:tc><w:p>{nested}</w:p></w:tc>"))))) == "too_deep"
    )


def test_a_document_that_is_nothing_but_a_table_element_has_no_table():
    assert kind_of(package(document(para("通知")).replace("w:document", "w:tbl"))) == "no_table"


def test_a_document_without_a_table_says_so():
    assert kind_of(package(document(para("通知")))) == "no_table"
    assert kind_of("只是一段文字。\n没有表格。".encode()) == "no_table"


def test_a_table_that_is_no_list_says_which_columns_are_missing():
    parsed = read_document(package(document(table(row("序号", "事项", "举措"), row("1", "甲", "乙")))), "a.docx")
    assert parsed.error is not None
    assert parsed.error.kind == "columns_not_recognised"
    assert (
        parsed.error.message
        == "未找到清单表格：第1张表缺少“牵头单位”“完成时限”列。请指定各列含义或更换文件。未写入任何数据。"
    )


def test_a_tall_merge_takes_no_longer_than_plain_rows():
    opens, goes_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    first = row("1", f"<w:tc><w:tcPr>{opens}</w:tcPr>{para('事项')}</w:tc>", "甲", "市财政局", "", "2022年6月底")
    merged = f"<w:tc><w:tcPr>{goes_on}</w:tcPr>{para('')}</w:tc>"
    rest = "".join(row("", merged, f"举措{number * 7919}", "市财政局", "", "2022年6月底") for number in range(3000))
    parsed = read_document(package(document(table(header(), first, rest))), "a.docx")
    assert parsed.measures[-1].seq_in_item == 3001


def test_the_sandbox_answers_as_the_reader_does():
    direct, apart = read_document(REAL, "清单.docx", 2022), check_in_sandbox(REAL, "清单.docx", 2022)
    assert apart == direct
    assert apart.content_hash == direct.content_hash


def test_the_sandbox_turns_a_starved_child_into_a_sentence():
    parsed = check_in_sandbox(REAL, "清单.docx", limits=replace(LIMITS, memory=8 * 1024 * 1024))
    assert parsed.error is not None
    assert parsed.error.kind in ("too_large", "corrupt_file")


def test_the_sandbox_does_not_wait_for_ever():
    parsed = check_in_sandbox(REAL, "清单.docx", limits=replace(LIMITS, wall_seconds=0))
    assert parsed.error is not None
    assert parsed.error.kind == "too_large"


def test_rows_whose_cells_have_lost_their_name_do_not_hold_each_others_text():
    """Each row had all the text above it: 2 MB of such rows took more than 500 MB."""
    broken = row("事项", "举措").replace("w:tc>", "w:pPr>").replace("<w:tcPr></w:tcPr>", '<w:gridSpan w:val="44926"/>')
    grid = read_grid(package(document(table(*[broken] * 200))), "清单.docx")
    (found,) = [block for block in grid.blocks if isinstance(block, Table)]
    assert sum(len(one.text) for line in found.rows for one in line.cells) < 200 * 10
