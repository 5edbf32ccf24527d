"""The documents that are damaged: the real list and its second edition, the samples, and one of everything Word does."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tests.importers.samples import (
    ABOVE,
    OPENS,
    STRICT,
    cell,
    document,
    duty,
    header,
    numbering,
    package,
    para,
    row,
    run,
    styles,
    table,
    wide,
)

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SHORT = 25


@dataclass(frozen=True, slots=True)
class Seed:
    """A good document. `main` is the part of a container that holds what it says; '' for a text."""

    name: str
    data: bytes
    main: str = ""


@lru_cache(maxsize=1)
def seeds() -> tuple[Seed, ...]:
    return tuple(_seeds())


def _seeds() -> Iterator[Seed]:
    real = (FIXTURES / "shenzhen-2022-first-batch.docx").read_bytes()
    yield Seed("real.docx", real, "word/document.xml")
    for start in (0, 4, 8):
        yield Seed(f"part-{start}.docx", _some_rows(real, start), "word/document.xml")
    for name, blocks, others in _of_word():
        yield Seed(f"{name}.docx", package(blocks, **others), "word/document.xml")
    for file in sorted((FIXTURES / "samples").glob("*.*")):
        if file.suffix != ".json":
            main = "xl/worksheets/s1.xml" if file.suffix.startswith(".xls") else "word/document.xml"
            yield Seed(file.name, file.read_bytes(), main if file.read_bytes().startswith(b"PK") else "")
    for name in ("shenzhen-2022-first-batch.txt", "shenzhen-2022-second-edition.txt"):
        text = (FIXTURES / name).read_bytes()
        yield Seed(name, text)
        yield Seed(f"short-{name}", text[:6000].rpartition(b"\n\n")[0])
    yield Seed("rows.txt", _tabbed())


def _some_rows(real: bytes, start: int) -> bytes:
    """The real list with a few of its rows: as odd as the whole, and quicker."""
    with zipfile.ZipFile(io.BytesIO(real)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    rows = parts["word/document.xml"].split(b"<w:tr>")
    first = max(3, start * SHORT)
    tail = rows[-1][rows[-1].index(b"</w:tr>") + 7 :]
    kept = [*rows[:3], *rows[first : first + SHORT]]
    kept[-1] = kept[-1][: kept[-1].index(b"</w:tr>") + 7] + tail
    parts["word/document.xml"] = b"<w:tr>".join(kept)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _tabbed() -> bytes:
    head = "2022年改革清单\n序号\t改革事项\t具体举措\t牵头单位\t责任单位\t完成时限\n一、准入\n"
    rows = (f"{n}*\t事项{n}\t举措{n}。\t市财政局\t各区政府、市商务局\t2022年{n}月底\n" for n in range(1, 12))
    return (head + "".join(rows) + "注：标*的为国家改革任务。\n").encode()


def _of_word() -> Iterator[tuple[str, str, dict[str, str]]]:
    """A document for each thing that Word files do."""
    title, top = para("二〇二二年改革清单"), (header(), wide("一、准入"))
    merged = cell("", ABOVE)
    yield "merged", document(
        title,
        table(*top, row("1*", cell("事项", OPENS), "甲", cell("市财政局", OPENS), "市商务局", "2022年6月底"))
        .replace("</w:tbl>", row("", merged, "乙", merged, "", "持续推进") + row("2", "丙", "丁", "市公安局", "", "每年12月底") + "</w:tbl>"),
    ), {}  # fmt: skip
    yield (
        "between",
        document(title, para("一、准入"), table(header(), duty()), para("二、经营"), table(header(), duty("2"))),
        {},
    )
    yield (
        "two-rows",
        document(
            title,
            table(
                row("序号", "改革事项", "具体举措", cell("责任分工", '<w:gridSpan w:val="2"/>'), "完成时限"),
                row("", "", "", "牵头单位", "配合单位", ""),
                wide("一、准入"),
                duty("1", lead="市财政局（牵头）、市商务局", helps="各有关单位"),
            ),
        ),
        {},
    )
    yield "one-column", document(
        title, table(row("序号", "任务名称", "主要内容", "责任单位", "完成时间"), row("1", "甲", "乙", "市财政局牵头，市商务局配合", "12月底"))
    ), {}  # fmt: skip
    yield (
        "leaders",
        document(
            title,
            table(
                row("序号", "事项", "举措", "完成时限"),
                wide("（一）市发展改革委牵头事项（1项）", 4),
                row("1", "甲", "乙", "2022年12月底（力争10月底前）"),
            ),
        ),
        {},
    )
    tracked = f'<w:ins w:id="1">{run("2022年9月底")}</w:ins><w:del w:id="2"><w:r><w:delText>2022年6月底</w:delText></w:r></w:del>'
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DATE</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("2022年6月底")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    control = f"<w:sdt><w:sdtPr/><w:sdtContent>{duty('3', '三')}</w:sdtContent></w:sdt>"
    prompt = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('单击此处')}</w:sdtContent></w:sdt>"
    choice = (
        f'<mc:AlternateContent><mc:Choice Requires="wps"><w:r><wps:txbx><w:txbxContent>{para("框")}</w:txbxContent></wps:txbx></w:r>'
        f"</mc:Choice><mc:Fallback>{run('旧')}</mc:Fallback></mc:AlternateContent>"
    )
    odd = (
        row("1", "甲", "乙", "市财政局", "", cell(para(tracked))),
        row("2", "丙", "丁", "市财政局", cell(para(prompt)), cell(para(field))),
        control,
        row(
            "4",
            cell(para(choice + run("事项"))),
            cell(para(run("隐", "<w:vanish/>") + run("举措"))),
            "市财政局",
            "",
            "Q3",
        ),
        row(
            "5",
            cell(para("五") + para("续") + table(row("内", "表"))),
            "举措<w:br/>",
            "市财政局\n市商务局",
            "",
            "2022.12",
        ),
        row(cell("6"), cell("六"), "举措", "市财政局", properties='<w:gridBefore w:val="1"/><w:gridAfter w:val="1"/>'),
        row("7", "七", "八", "九", "", "长期", properties='<w:del w:id="3"/>'),
    )
    yield "odd", document(title, table(*top, *odd), para("注：标*的为国家改革任务。")), {}
    yield "strict", document(title, table(*top, duty("1"), duty("2", "二")), namespace=STRICT), {}
    automatic = para('<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>')
    yield (
        "numbered",
        document(title, table(*top, duty(cell(automatic)), duty(cell(automatic), "二"))),
        {
            "numbering": numbering(
                '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
                '<w:lvlText w:val="%1."/><w:pStyle w:val="a"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/>'
                '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="3"/></w:lvlOverride></w:num>'
            ),
            "styles": styles(
                '<w:style w:type="paragraph" w:styleId="a"><w:basedOn w:val="b"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
                '<w:style w:type="paragraph" w:styleId="b"><w:basedOn w:val="a"/><w:rPr><w:vanish/></w:rPr></w:style>'
            ),
        },
    )
