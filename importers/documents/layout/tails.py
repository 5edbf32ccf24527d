"""Agencies and dates in brackets at the end of a text: …。（牵头单位：甲局；责任单位：乙局，6月底前完成）."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from importers.documents.grammar.agencies import is_collective, parse_agencies
from importers.documents.grammar.deadlines import parse_deadline
from importers.documents.grammar.roles import parse_roles

_OPENING, _CLOSING = "（(〔[【［", "）)〕]】］"
_CLOSINGS, _MOST_BRACKETS = frozenset(_CLOSING), 3
# A closing bracket at the end, with or without a full stop behind it.
_ENDS = re.compile(r"[）)〕\]】］]\s*[。.；;]?\s*$")
_SAYS_WHO = re.compile("牵头|主办|责任(?:单位|部门|科室)|配合|协办|承办|负责|会同|落实单位|(?:单位|部门)[:：]")
# 完成时限：, 时间要求为.
_LABEL_OF_TIME = re.compile("^(?:完成)?(?:时限|时间|期限|节点|时间节点|完成期限)(?:要求)?[:：为]?")
_PART = re.compile(r"[，,；;。]|\s+(?=(?:完成)?(?:时限|时间|期限)[：:])")
_PLACE = re.compile("^(?:[市省县区州旗]|国家|各|党委|集团)")
_LONGEST_NAME = 12
# …市财政局牵头，市税务局配合，6月底前完成。
_MAY_SAY_WHO = re.compile(
    "[局委办厅院府部门位中心区县市](?:分别|共同|联合)?(?:牵头|负责|主办)|(?:牵头|责任)(?:单位|部门)[为是]?[市省区县州国]"
)
_ENDS_WITH_ROLE = re.compile("(?:牵头(?:负责)?|负责|主办|配合|协办|参与|参加|协助)(?:落实|实施)?$")
# 会同市财政局; 牵头单位市财政局, 配合单位为市税务局; 于6月底前完成.
_BEGINS_WITH_ROLE = re.compile("会同|(?:牵头|主办|责任|配合|协办)(?:单位|部门)：")
_WITHOUT_COLON = re.compile("^((?:牵头|主办|责任|配合|协办)(?:单位|部门))[为是]?(?=[市省区县州各国])")
_ON_A_DAY = re.compile("^(?:并|确保)?于(?=\\d|[今明本]?年)")
_LEADS = re.compile("牵头|负责|主办|会同|责任(?:单位|部门)")
_LONGEST_CLAUSES = 200
# A cell for agencies and deadline is cut at spaces and line ends, too.
_PART_OF_CELL = re.compile(r"[，,；;。、]\s*|(?<!\d)[/／]|[/／](?!\d)|\s+")
_INNER_BRACKET = re.compile(r"[（(〔\[【]([^（）()〔〕\[\]【】]{1,40})[）)〕\]】]")
_LABEL_ALONE = re.compile("((?:完成)?(?:时限|时间|期限)(?:要求)?[:：])\\s+")
_ACTS_INSIDE = re.compile(
    r"[（(〔【]([^（）()〔〕【】\n]{2,60}?(?:牵头|负责|配合|主办|协办|责任单位|责任部门)[^（）()〔〕【】\n]{0,60})[）)〕】]"
)
_BEGINS_A_DATE = re.compile(
    r"(?<!\d)(?:20)?\d\d年|(?<![年\d])\d{1,2}月|二[〇○零O0o]|(?<![年一二三四五六七八九十])[一二三四五六七八九十]{1,2}月|[今明本当]年|年[底内]"
    r"|第?[一二三四1-4]季度|[上下]半年|长期|持续|常态|全年|“?十[四五六]五|(?<!\d)20\d\d[-./]"
)
_LONGEST_PART, _MOST_TRIED = 120, 8
_MOST_LABELS_TRIED = 20
_LINE_OF_AGENCIES = re.compile("^(?:牵头|主办|主责|责任|配合|协办|承办)(?:单位|部门|科室)[：:].*\\S")
_LINE_OF_TIME = re.compile("^(?:完成|整改)?(?:时限|时间|期限)(?:要求)?[：:]\\s*(\\S.*)")
# Where on one line the next label begins: 牵头单位：甲局 责任单位：乙局；完成时限：6月底.
NEXT_LABEL = re.compile(
    r"(?<![\s；;。，,])[\s；;。，,]++(?=(?:牵头|主办|责任|配合|协办|承办)(?:单位|部门|科室)[：:]|(?:完成)?(?:时限|时间|期限)(?:要求|安排|节点)?[：:]"
    r"|(?:具体|工作|主要|改革|推进)?(?:举措|措施|内容)[：:])"
)
# A label behind a sentence on the same line.
_LABEL_BEHIND = re.compile(
    r"(?<=[。；;！）)〕】，,\s])(?:牵头|主办|主责|责任|配合|协办|承办)(?:单位|部门|科室)[：:]"
    r"|(?<=[^：:；;，,])【(?:牵头|主办|主责|责任|配合|协办|承办)(?:单位|部门|科室)】"
)
_PAIRS = (("（", "）"), ("(", ")"), ("〔", "〕"), ("【", "】"), ("[", "]"), ("［", "］"))
# A longer bracket is text; this also bounds the search for where it opens.
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Tail:
    """A text without its last bracket, and what that bracket says: who acts, and by when. `printed` is the bracket."""

    text: str
    agencies: str
    deadline: str
    printed: str = ""


def tail_of(text: str) -> Tail | None:
    """What is said in brackets at the end of a text, None where it is neither who nor when."""
    found = _last_bracket(text.rstrip())
    if found is None:
        return _without_bracket(text.rstrip())
    before, inside = found
    agencies, deadline = _parted(inside)
    # Any other bracket is part of the text.
    # Beside a day also names without a place in front: 教务处、各学院，6月底前.
    says_who = agencies and (_says_who(agencies) or (deadline and _names_only(agencies)))
    if not says_who and not (deadline and not agencies):
        return None
    for _ in range(_MOST_BRACKETS):
        other = _bracket_before(before, is_dated=bool(deadline))
        if other is None:
            break
        before, deadline = other.text, deadline or other.deadline
        agencies = "；".join(filter(None, (other.agencies, agencies)))
    return Tail(before, agencies, deadline, text[len(before) :])


def _bracket_before(text: str, *, is_dated: bool) -> Tail | None:
    """Who leads, who helps and when may have a bracket each: …。（市财政局牵头）（各区配合）（6月底前）."""
    found = _last_bracket(text) if text[-1:] in _CLOSINGS else None
    if found is None:
        return None
    agencies, deadline = _parted(found[1])
    if agencies:
        return Tail(found[0], agencies, "") if not deadline and _says_who(agencies) else None
    return Tail(found[0], "", deadline) if deadline and not is_dated else None


def _without_bracket(text: str) -> Tail | None:
    """The same in the last clauses of a text that say only who does what, or when: …，市财政局牵头，6月底前完成。"""
    if not _MAY_SAY_WHO.search(text[-_LONGEST_CLAUSES:]):
        return None
    place, clauses = len(text.rstrip("。；;. ")), list[str]()
    while place > 0 and len(text) - place < _LONGEST_CLAUSES:
        begin = max(text.rfind(mark, 0, place) for mark in "，,。；;：:\n") + 1
        clause = _ON_A_DAY.sub("", _WITHOUT_COLON.sub(r"\1：", text[begin:place].strip()))
        if not _is_when(clause) and not _says_role_of_agencies(clause):
            break
        clauses.insert(0, clause)
        place = max(0, begin - 1)
    if not any(_LEADS.search(clause) and not _is_when(clause) for clause in clauses) or not text[:place].strip():
        return None
    before = text[: place + 1] if text[place : place + 1] == "。" else text[:place]
    agencies, deadline = _parted("，".join(clauses))
    return Tail(before.rstrip(), agencies, deadline, text[len(before.rstrip()) :])


def _says_role_of_agencies(clause: str) -> bool:
    """由市财政局牵头 and 市税务局、各区配合: nothing but names and what they do."""
    says_role = _ENDS_WITH_ROLE.search(clause) or _BEGINS_WITH_ROLE.match(clause)
    if not says_role or len(clause) > _LONGEST_PART:
        return False
    roles = parse_roles(clause.removeprefix("由"))
    names = (*roles.lead.names, *roles.responsible.names)
    return (
        bool(names) and not roles.lead.problems + roles.responsible.problems and all(map(_is_surely_an_agency, names))
    )


def leader_in_bracket(heading: str) -> str:
    """Who leads what stands below a heading, where a bracket at its end says so: 一、政务服务（牵头单位：市数据局）."""
    tail = tail_of(heading) if "牵头" in heading else None
    return tail.agencies if tail and tail.printed and parse_roles(tail.agencies).lead.names else ""


def tail_in_cell(text: str, *, who: bool, when: bool) -> Tail | None:
    """The tail of a cell in a table without columns for who, or when; it stays in the text where it says more."""
    labelled = _of_labels(text)
    if not labelled and (several := _of_lines(text)):
        # What each line says is joined; the lines keep their brackets, or nobody could tell whose is which.
        agencies, deadlines = ("；".join(filter(None, said)) for said in zip(*several, strict=True))
        return Tail(text, agencies if who else "", deadlines if when else "")
    tail = labelled or tail_of(text)
    if tail is None or not ((who and tail.agencies) or (when and tail.deadline)):
        return None
    is_used = (who or not tail.agencies) and (when or not tail.deadline)
    return Tail(tail.text if is_used else text, tail.agencies if who else "", tail.deadline if when else "")


def _of_labels(text: str) -> Tail | None:
    """What lines like 牵头单位：甲局 and 完成时限：6月底 say at the end of a cell."""
    lines = text.rstrip().split("\n")
    end = _begin_of_labels(lines)
    if end and (place := where_labels_begin(lines[end - 1])):
        # 实现双随机。责任单位：市财政局；完成时限：6月底 on one line.
        lines[end - 1 : end] = [lines[end - 1][:place].rstrip(), *NEXT_LABEL.split(lines[end - 1][place:])]
        end = _begin_of_labels(lines)
    if not 0 < end < len(lines):
        return None
    said = [line.strip() for line in lines[end:]]
    dates = [match[1].rstrip("。；;") for line in said if (match := _LINE_OF_TIME.match(line))]
    agencies = [line.rstrip("。；;") for line in said if not _LINE_OF_TIME.match(line)]
    return Tail("\n".join(lines[:end]), "；".join(agencies), "；".join(dates))


def _begin_of_labels(lines: list[str]) -> int:
    """How many lines stand before those with labels at the end."""
    end = len(lines)
    while end and (_LINE_OF_AGENCIES.match(lines[end - 1].strip()) or _LINE_OF_TIME.match(lines[end - 1].strip())):
        end -= 1
    return end


def who_behind_labels(line: str) -> str:
    """牵头单位：甲局；完成时限：6月底 without the day."""
    return "；".join(part for part in NEXT_LABEL.split(line) if not _LINE_OF_TIME.match(part))


def where_labels_begin(line: str) -> int:
    """Where labels like 责任单位： begin behind a sentence on the same line, outside brackets; 0 where none do."""
    for found in islice(_LABEL_BEHIND.finditer(line), _MOST_LABELS_TRIED):
        before = line[: found.start()]
        if before.strip() and all(before.count(opening) == before.count(closing) for opening, closing in _PAIRS):
            return found.start()
    return 0


def _of_lines(text: str) -> list[tuple[str, str]]:
    """Who and when behind each line of a cell, where several lines say so."""
    found = [(tail.agencies, tail.deadline) for line in text.split("\n") if (tail := tail_of(line))]
    return found if len(found) > 1 else []


def _last_bracket(text: str) -> tuple[str, str] | None:
    """The text before the bracket at its end, and what stands in it."""
    end = _ENDS.search(text[-6:])
    if end is None:
        return None
    close = len(text) - len(text[-6:]) + end.start()
    depth = 0
    for place in range(close, max(-1, close - _LONGEST), -1):
        depth += (text[place] in _CLOSING) - (text[place] in _OPENING)
        if depth == 0:
            return (text[:place].rstrip(), text[place + 1 : close].strip()) if text[:place].strip() else None
    return None


def who_and_when(text: str) -> tuple[str, str]:
    """Of a cell for agencies and deadline what is no date, and the dates; both '' where it is not both."""
    dates: list[str] = []

    def take_out(match: re.Match[str]) -> str:
        if not _is_when(match[1]):
            return match[0]
        dates.append(match[1].strip())
        return "\n"

    text = _LABEL_ALONE.sub(r"\1", _INNER_BRACKET.sub(take_out, text))
    who, when = _parted(text, _PART_OF_CELL)
    when = "，".join(filter(None, (when, *dates)))
    return (who, when) if who and when else ("", "")


def _parted(inside: str, between: re.Pattern[str] = _PART) -> tuple[str, str]:
    """Who and when: the parts at the end, or at the beginning, that are dates."""
    who, when, mark_before = "", "", ""
    for part, mark in _cut(inside, between):
        if _is_when(part):
            # Between two parts of a date stands what stood there: 2023年 6月底 is one, 6月底，12月底 are two.
            when += (mark_before if when else "") + _LABEL_OF_TIME.sub("", part.strip())
            mark_before = mark
        else:
            who += part + mark
            mark_before = "，"
    return who.strip("，,；;。、/／ \n"), when


def _cut(text: str, between: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """The parts of a text, each with the mark behind it; a date that an agency runs into is a part of its own."""
    marks = [*between.findall(text), ""]
    for part, mark in zip(between.split(text), marks, strict=True):
        place = _where_the_date_begins(part)
        if place:
            yield part[:place], "，"
        yield part[place:], mark


def _where_the_date_begins(part: str) -> int:
    """In 市财政局牵头2023年6月底前完成 the place behind 牵头; 0 where no agency stands in front of a date."""
    for match in islice(_BEGINS_A_DATE.finditer(part[:_LONGEST_PART], 2), _MOST_TRIED):
        found = parse_roles(part[: match.start()])
        named = (found.lead.names or found.responsible.names) and not found.lead.problems + found.responsible.problems
        if named and _is_when(part[match.start() :]):
            return match.start()
    return 0


def _is_when(part: str) -> bool:
    part = part.strip()
    bare = _LABEL_OF_TIME.sub("", part)
    if not bare or len(bare) > 40:
        return False
    # Any year does: what is asked is whether it reads as a date.
    found = parse_deadline(bare, 2000)
    says_so = found.date is not None or found.ongoing or any(one.kind == "implausible_date" for one in found.problems)
    return bare != part or (says_so and not parse_agencies(bare).names)


def _says_who(agencies: str) -> bool:
    """Words for a role and a name with them, or only names that begin with a place or a group."""
    if _SAYS_WHO.search(agencies):
        roles = parse_roles(agencies)
        return bool(roles.lead.names or roles.responsible.names or roles.lead.problems)
    found = parse_agencies(agencies)
    return bool(found.names) and not found.problems and all(map(_is_surely_an_agency, found.names))


def who_inside(text: str) -> Iterator[str]:
    """The brackets within a text that say who acts: 设窗口（市数据局负责）；优化流程."""
    return (match[1] for match in _ACTS_INSIDE.finditer(text) if _says_who(_parted(match[1])[0]))


def _names_only(agencies: str) -> bool:
    found = parse_agencies(agencies)
    return bool(found.names) and not found.problems and all(len(name) <= _LONGEST_NAME for name in found.names)


def _is_surely_an_agency(name: str) -> bool:
    return len(name) <= 20 and (is_collective(name) or bool(_PLACE.match(name)))
