"""Small Word documents that between them hold everything Word does to a list."""

from collections.abc import Iterator

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

TITLE = para("二〇二二年改革清单")
TOP = (header(), wide("一、准入"))


def word_documents() -> Iterator[tuple[str, bytes]]:
    """Names and files."""
    for name, blocks in SHAPES.items():
        yield f"{name}.docx", package(document(*blocks))
    yield "strict.docx", package(document(TITLE, table(*TOP, duty("1"), duty("2", "二")), namespace=STRICT))
    yield "numbered.docx", _numbered()


def _merged() -> tuple[str, ...]:
    above = cell("", ABOVE)
    first = row("1*", cell("事项", OPENS), "甲", cell("市财政局", OPENS), "市商务局", "2022年6月底")
    further = row("", above, "乙", above, "", "持续推进")
    return TITLE, table(*TOP, first, further, row("2", "丙", "丁", "市公安局", "", "每年12月底"))


def _two_rows() -> tuple[str, ...]:
    upper = row("序号", "改革事项", "具体举措", cell("责任分工", '<w:gridSpan w:val="2"/>'), "完成时限")
    lower = row("", "", "", "牵头单位", "配合单位", "")
    one = duty("1", lead="市财政局（牵头）、市商务局", helps="各有关单位")
    return TITLE, table(upper, lower, wide("一、准入"), one)


def _one_column() -> tuple[str, ...]:
    head = row("序号", "任务名称", "主要内容", "责任单位", "完成时间")
    return TITLE, table(head, row("1", "甲", "乙", "市财政局牵头，市商务局配合", "12月底"))


def _leaders() -> tuple[str, ...]:
    head = row("序号", "事项", "举措", "完成时限")
    one = row("1", "甲", "乙", "2022年12月底（力争10月底前）")
    return TITLE, table(head, wide("（一）市发展改革委牵头事项（1项）", 4), one)


def _tracked() -> tuple[str, ...]:
    new = f'<w:ins w:id="1">{run("2022年9月底")}</w:ins>'
    old = '<w:del w:id="2"><w:r><w:delText>2022年6月底</w:delText></w:r></w:del>'
    gone = row("7", "七", "八", "九", "", "长期", properties='<w:del w:id="3"/>')
    return TITLE, table(*TOP, row("1", "甲", "乙", "市财政局", "", cell(para(new + old))), gone)


def _controls() -> tuple[str, ...]:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    code = "<w:r><w:instrText>DATE</w:instrText></w:r>"
    field = f"{mark('begin')}{code}{mark('separate')}{run('2022年6月底')}{mark('end')}"
    around = f"<w:sdt><w:sdtPr/><w:sdtContent>{duty('3', '三')}</w:sdtContent></w:sdt>"
    empty = "<w:sdtPr><w:showingPlcHdr/></w:sdtPr>"
    prompt = f"<w:sdt>{empty}<w:sdtContent>{run('单击此处')}</w:sdtContent></w:sdt>"
    return TITLE, table(*TOP, row("2", "丙", "丁", "市财政局", cell(para(prompt)), cell(para(field))), around)


def _odd() -> tuple[str, ...]:
    box = f"<w:r><wps:txbx><w:txbxContent>{para('框')}</w:txbxContent></wps:txbx></w:r>"
    choice = f'<mc:Choice Requires="wps">{box}</mc:Choice><mc:Fallback>{run("旧")}</mc:Fallback>'
    shape = f"<mc:AlternateContent>{choice}</mc:AlternateContent>"
    hidden = run("隐", "<w:vanish/>")
    around = '<w:gridBefore w:val="1"/><w:gridAfter w:val="1"/>'
    rows = (
        row("4", cell(para(shape + run("事项"))), cell(para(hidden + run("举措"))), "市财政局", "", "Q3"),
        row("5", cell(para("五") + para("续") + table(row("内", "表"))), "举措", "市财政局\n市商务局", "", "2022.12"),
        row(cell("6"), cell("六"), "举措", "市财政局", properties=around),
    )
    return TITLE, table(*TOP, *rows), para("注：标*的为国家改革任务。")


SHAPES = {
    "merged": _merged(),
    "between": (TITLE, para("一、准入"), table(header(), duty()), para("二、经营"), table(header(), duty("2"))),
    "two-rows": _two_rows(),
    "one-column": _one_column(),
    "leaders": _leaders(),
    "tracked": _tracked(),
    "controls": _controls(),
    "odd": _odd(),
}


def _numbered() -> bytes:
    """Numbers that stand only in a part beside the text, and styles that are based on each other in a circle."""
    automatic = cell(para('<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'))
    level = '<w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/><w:pStyle w:val="a"/>'
    abstract = f'<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">{level}</w:lvl></w:abstractNum>'
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="3"/></w:lvlOverride>'
    one = '<w:basedOn w:val="b"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    other = '<w:basedOn w:val="a"/><w:rPr><w:vanish/></w:rPr>'
    defined = [
        ('<w:style w:type="paragraph" w:styleId="a">', one),
        ('<w:style w:type="paragraph" w:styleId="b">', other),
    ]
    return package(
        document(TITLE, table(*TOP, duty(automatic), duty(automatic, "二"))),
        numbering=numbering(f'{abstract}<w:num w:numId="1"><w:abstractNumId w:val="0"/>{override}</w:num>'),
        styles=styles(*(f"{opening}{inside}</w:style>" for opening, inside in defined)),
    )
