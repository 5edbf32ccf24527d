"""What a line or a row of its own says about a list: a heading, a note, a total, who leads, an entry of contents."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from importers.documents.grammar.agencies import is_collective, parse_agencies
from importers.documents.grammar.text import CHINESE, chinese_to_int, squeezed


class HeadingLevel(IntEnum):
    """How a heading is numbered; those of the upper two levels are always sections."""

    PART = 1
    CHINESE = 2
    BRACKETS = 3
    DIGITS = 4
    NONE = 5


@dataclass(frozen=True, slots=True)
class Heading:
    """A section heading, from a row (then with its number) or from a paragraph."""

    no: int | None
    title: str
    printed: str
    row: int | None
    level: HeadingLevel = HeadingLevel.NONE


# 第一部分、准入; 一、准入; （一）准入; 1. 准入. A heading is of the first level that fits.
_NUMBERED = (
    (
        HeadingLevel.PART,
        re.compile(rf"^第(?P<no>[{CHINESE}\d]+)(?:部分|章|篇|类|板块|方面)[、:：.．]?\s*(?P<title>\S.*)$", re.DOTALL),
    ),
    # 第三条 divides a chapter.
    (HeadingLevel.DIGITS, re.compile(rf"^第(?P<no>[{CHINESE}\d]+)条[、:：.．]?\s*(?P<title>\S.*)$", re.DOTALL)),
    (HeadingLevel.CHINESE, re.compile(rf"^(?P<no>[{CHINESE}]+)(?:[、.．，,：:]|\s)\s*(?P<title>\S.*)$", re.DOTALL)),
    (HeadingLevel.BRACKETS, re.compile(rf"^[(（](?P<no>[{CHINESE}\d]+)[)）][、.．]?\s*(?P<title>\S.*)$", re.DOTALL)),
    # 1.2024年6月底前，…: a year may stand behind the number, any other figure goes on with it.
    (
        HeadingLevel.DIGITS,
        re.compile(r"^(?P<no>\d{1,3})(?:[.．、]\s*|\s+)(?P<title>(?:[^\d\s]|20\d{2}年).*)$", re.DOTALL),
    ),
    # An automatic number, which is followed by a tab that is no text.
    (
        HeadingLevel.DIGITS,
        # Not 3年 or 5项, which are amounts.
        re.compile(r"^(?P<no>\d{1,2})(?P<title>(?![年月日个项条类大小天号家批次期季周倍万亿元])[一-鿿].*)$", re.DOTALL),
    ),
)
_ONLY_NUMBER = re.compile(
    rf"^(?:第[{CHINESE}\d]+(?:部分|章|篇|类|板块|方面)|[{CHINESE}]+|[(（][{CHINESE}]+[)）])[、.．]?$"
)
_LONGEST = 80  # patterns take their time over what is no line of a list
# （续）, （续表）, （接上页）.
_CONTINUED = re.compile("[(（](?:续表?|接上页|接上表)[)）]$")
_BELOW_TITLE = re.compile("^[(（][^()（）。：:]{2,20}[)）]$")
# 注：…, 说明1：…, 标“*”的为…, 带*的….
_NOTE = re.compile(
    r"^[(（]?(?:(?:注|备注|(?:填[表报]|编制)?说明|附注|注释)\s*+\d*+\s*+[:：]|(?:序号)?(?:标注?|带|加|打|注)?[“\"]?[*＊★▲][”\"]?号?(?:的|为|表示|代表|者))"
)
# 填表人：张三 | 审核人（签字）：李四 | 填报日期：2023年1月; without the colon where the next cell says who or when.
_FOOTER = re.compile(
    "^(?:(?:填表|填报|制表|编制|报送|上报|审核|复核|审定|审批|签发)(?:人|人员|单位|部门|科室|日期|时间|领导|负责人)?"
    "|(?:单位|部门|科室|主要)?负责人|联系人|联系电话|联系方式)(?:签[字名章])?(?:[(（][^()（）]{1,8}[)）])?\\s*(?P<mark>[:：]|$)"
)
_LABELLED = re.compile("^[^:：]{2,12}[:：]")
_LABEL_ALONE = re.compile("^[一-鿿]{2,10}$")
# 单位：万元: what figures are counted in.
_COUNTED_IN = re.compile(
    "^[(（]?(?:计量|金额)?单位\\s*[:：]\\s*(?:人民币)?[十百千万亿]*(?:元|个|项|条|件|人|人次|户|家|吨|亩|公里|公顷|平方米|平方公里|%|％)"
    "(?:[、，,/]\\s*[十百千万亿]*(?:元|个|项|条|件|人|人次|户|家|吨|亩|公里|公顷|平方米|平方公里|%|％))*[)）]?$"
)
_ONLY_NOTE = re.compile(r"^(?:注|备注|说明|附注|注释)[:：]?$")
# 2. （二） ③ in front of a further note.
_GOES_ON = re.compile(r"^(?:\d+|[(（][\d一二三四五六七八九十]+[)）]|[①-⑳])[.、．)）\s]?")
_TOTAL = re.compile(r"^(?:合\s*计|总\s*计|小\s*计|共计|累计)(?:$|[\s:：(（\d共])")
# The number of tasks behind a heading: （3项）, ，共12项任务.
_COUNT = re.compile(r"[(（,，]?(?:共计?|合计)?(?<!\d)\d++(?:项|条|个|件)(?:任务|事项|举措|改革)?[)）]?$")
# 牵头单位：市财政局; 由市财政局牵头负责的改革事项.
_LEADER = re.compile(
    "^(?:牵头(?:责任)?(?:单位|部门)[:：](?P<named>.+)"
    "|由?(?P<leads>.+?)(?:共同|分别|负责)?牵头(?:负责|落实|推进|实施|完成)?(?:的?(?:改革|重点|主要|工作)*(?:事项|任务|举措|改革|工作|项目).*)?)$"
)
# 准入………3, 准入......（3）, or a tab before the number of the page.
_CONTENTS_ENTRY = re.compile(r"(?:[\t…．]|\.{3,}|·{3,}|。{3,}|-{4,}|—{3,}|_{3,})\s*[-—(（]?\s*\d+\s*[-—)）]?$")
# So much of the end of a line is looked at: leaders may be of any length.
_LONGEST_END = 40
_MOST_DIGITS = 6
# 附件：, 单位：万元, 填报日期, 2022年6月, 第3页: stands above a table and is not its title.
_NOISE = re.compile(
    r"^(?:[(（]?(?:续表|接上[表页])[)）]?$|附件|附表|附\d*[:：]?$|单位[:：]|[(（]单位|填报|日期|目\s*录$|抄送|主送|[(（]?\d{4}年\d+月(?:\d+日)?[)）]?$|[-—]?\s*第?\d+页?\s*[-—]?$)"
)
# 附件1, 附表2：, 续表, 目录, 第3页: says where a list stands, and nothing of it.
_PLACE_MARK = re.compile(
    rf"^(?:[(（]?(?:续表?|接上[表页])[)）]?|附[件表]?\s*[\d{CHINESE}]*(?:-\d+)?\s*[:：]?|目\s*录|[-—]*\s*第?\s*\d+\s*页?\s*[-—]*"
    r"|第\s*\d*\s*页\s*[,，/]?\s*共\s*\d*\s*页)$"
)
_ISSUER = re.compile("(?:[局委办厅署院府]|办公室|委员会|指挥部)$")
_ATTACHMENT = re.compile(r"^附[件表]\s*\d*\s*[:：]?\s*(?:\d+[.．、])?\s*(?P<title>.+)$")
# What a heading without a number does not have: a colon, a full stop, a bracket in front, 续, 页.
_REMARK = re.compile("[:：。]|^[(（]|续|接[上下]|页")
# …事项清单, …任务分工表（2022年）, …工作要点.
_NAMES_A_LIST = re.compile(
    "(?:清单|台[账帐]|任务书|责任[书状]|工作安排|分工表?|任务表|一览表|汇总表|分解表|要点|计划|方案|目录)(?:[(（][^)）]*[)）])?$"
)


def numbered_heading(text: str, row: int | None) -> Heading | None:
    """The heading a line is, if it begins with a number."""
    for level, pattern in _NUMBERED:
        match = pattern.match(text)
        if match:
            title = without_continuation(match["title"]).strip()
            return Heading(_to_int(match["no"]), title, text, row, level)
    return None


def _to_int(digits: str) -> int | None:
    if digits.isascii() and digits.isdigit():
        return int(digits) if len(digits) <= _MOST_DIGITS else None
    return chinese_to_int(digits)


def plain_heading(text: str, row: int | None) -> Heading:
    """A line without a number as a heading."""
    return Heading(None, without_continuation(text), text, row)


def is_section_like(text: str) -> bool:
    """Whether a line is a heading that stands for a section wherever it is found."""
    heading = numbered_heading(text, None)
    return heading is not None and heading.level <= HeadingLevel.CHINESE


def looks_like_a_heading(text: str) -> bool:
    """Whether a text in the first cell of an otherwise empty row is a heading."""
    heading = numbered_heading(text, None)
    return heading is not None and heading.level <= HeadingLevel.BRACKETS


def may_be_a_heading(text: str) -> bool:
    """Whether a line without a number, above a header, can be a heading rather than a title or a remark."""
    if not text or len(text) > 20 or _REMARK.search(text) or is_noise(text) or names_a_list(text):
        return False
    return not (_ISSUER.search(text) and parse_agencies(text).names)


def is_only_a_number(text: str) -> bool:
    """一, 一、, （一） or 第一部分 without a title."""
    return bool(_ONLY_NUMBER.match(text))


def without_continuation(text: str) -> str:
    """The heading without （续）."""
    return _CONTINUED.sub("", text)


def is_continued(text: str) -> bool:
    """Whether a line is one printed before, again: …清单（续）."""
    return bool(_CONTINUED.search(text))


def goes_below_a_title(text: str) -> bool:
    """Whether a line below a title is part of it: （2022年）, （征求意见稿）."""
    return bool(_BELOW_TITLE.match(text))


def is_note(text: str) -> bool:
    """Whether a footnote of the list begins here, or a line says its total or what its figures are counted in."""
    return bool(_NOTE.match(text)) or is_of_figures(text)


def is_of_figures(text: str) -> bool:
    """Whether a line says a total or what figures are counted in; no further notes follow on it."""
    return is_total(text) or bool(_COUNTED_IN.match(text))


def is_footer(text: str) -> bool:
    """Whether a line says who filled in the table, or when: 填表人：张三."""
    match = _FOOTER.match(text)
    return bool(match and match["mark"])


def footer_in(texts: Sequence[str]) -> str:
    """The cells of a row as one line where they say who filled in the table, and no more: 填表人：张三 审核人：李四,
    with the labels in the same cells or in cells of their own; '' for any other row."""
    labels, values = texts[::2], texts[1::2]
    if len(labels) == len(values) and not any(map(_LABELLED.match, labels)) and all(map(_LABEL_ALONE.match, labels)):
        is_footer_too = any(map(_FOOTER.match, labels))
        return (
            " ".join(f"{label}：{value}" for label, value in zip(labels, values, strict=True)) if is_footer_too else ""
        )
    says_so = any(map(is_footer, texts)) and (is_footer(texts[0]) or all(map(_LABELLED.match, texts)))
    return " ".join(texts) if says_so else ""


def is_only_note_mark(text: str) -> bool:
    """注 in a cell beside the note."""
    return bool(_ONLY_NOTE.match(text))


def goes_on_with_notes(text: str) -> bool:
    """Whether a line after a note is a further, numbered one."""
    return bool(_GOES_ON.match(text))


def is_total(text: str) -> bool:
    """合计 and the like."""
    return bool(_TOTAL.match(text))


def is_contents_entry(text: str) -> bool:
    """A line of a table of contents: leaders and a page number."""
    return bool(_CONTENTS_ENTRY.search(text[-_LONGEST_END:]))


def names_a_list(text: str) -> bool:
    """Whether a line can be the title of a list."""
    return bool(_NAMES_A_LIST.search(text))


def attached_list(text: str) -> str:
    """The title in 附件1：…任务清单 on one line, '' where there is none."""
    match = _ATTACHMENT.match(text)
    return match["title"] if match and names_a_list(match["title"]) else ""


def is_noise(text: str) -> bool:
    """Whether a line before a table cannot be its title."""
    return bool(_NOISE.match(text)) or is_section_like(text) or is_note(text)


def is_place_mark(text: str) -> bool:
    """Whether a line only says where the list stands in its document: 附件1, 续表, 第3页."""
    return bool(_PLACE_MARK.match(text))


# 县区, 县（市、区）: a heading for all places of a kind names none of them.
_PLACES_ONLY = re.compile("^[市省区县州旗乡镇街道()、]{2,8}$")


def leader_in(text: str) -> str:
    """The names a (sub-)heading says lead the rows below it, '' when it says nothing of the kind.

    （一）市发展改革委牵头事项（3项）, 牵头单位：市发展改革委, （一）市发展改革委（3项）.
    """
    if len(text) > _LONGEST:
        return ""
    heading = numbered_heading(text, None)
    title = _COUNT.sub("", heading.title if heading else text)
    match = _LEADER.match(title)
    names = (match["named"] or match["leads"]) if match else title
    found = parse_agencies(names)
    if match:
        return names if found.names or "等" in names else ""
    only_agencies = found.names and not found.problems and all(map(_is_surely_an_agency, found.names))
    return names if only_agencies else ""


def _is_surely_an_agency(name: str) -> bool:
    """Many titles end like an agency; a heading is one only with the word for its level or for a group before it."""
    if _PLACES_ONLY.match(squeezed(name)):
        return False
    return len(squeezed(name)) <= 20 and (is_collective(name) or name[0] in "市省区县州")
