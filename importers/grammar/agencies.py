"""Who: an agency cell split into names (rule 5 of reading the table)."""

import re
from dataclasses import dataclass
from functools import lru_cache

from importers.grammar.text import clean
from importers.parsed import Problem

BY_DUTY = "按职责分工负责"

_BY_DUTY = re.compile(r"[、，,；;]?(?:依|按)照?(?:各自)?(?:职责|职能)(?:分工)?(?:分别|共同)?(?:负责|落实)?[。.]?$")
_COLLECTIVE = re.compile(
    r"^(?:全市|全省|全区|市直|省直|区直|市级|市|省|区|驻深|中央驻深)?(?:各|其他|其它|有关|相关)"
    r"|(?:各|有关|相关|所属)(?:单位|部门|企业|机构|区|方面|成员单位|职能部门)$"
)
_OPEN = re.compile(r"^(?P<named>.+?)等(?P<group>.*)$")
_GROUP_OF_OPEN = re.compile(r"^(?:各|市直|其他|其它).*(?:单位|部门|企业|机构|政府|区)$")
_ENDS_LIKE_AN_AGENCY = re.compile(
    r"(?:[局委署院府办联站队所社关会厅司处室校馆台部组团行区县镇乡企庭]|单位|部门|中心|机构|街道|企业|大学|小组|电网|平台"
    r"|基地|银行|联盟|[学商协]会|园|公司|基金|总工会|党校|政协|人大|学校|法庭|电视台|港)$"
)
_BARE_ENDING = re.compile(r"^(?:办公[厅室]|委员会|管理局|监管局|分局|支行|分行|局|委|办|厅|署|院|处|中心|有限公司)$")
_BRACKETED = re.compile(r"（[^（）]*）")
_LEADS = re.compile(r"（(?:牵头|牵头单位|主办)）$|(?:牵头负责|负责牵头|牵头|主办)$")
_HELPS = re.compile(r"（(?:配合|参与|协办|协助)(?:单位)?）$|(?:配合|参与|协办|协助|参加)(?:实施|落实)?$")
_LABEL = re.compile(r"(?P<role>牵头|主办|责任|配合|协办|参与|参加)(?:责任)?(?:单位|部门)?[：:]")


@dataclass(frozen=True, slots=True)
class Agencies:
    """The names in a cell in order, `note` 按职责分工负责 or '', and what a person has to settle."""

    names: tuple[str, ...] = ()
    note: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Roles:
    """One cell that names lead and responsible agencies together."""

    lead: Agencies
    responsible: Agencies


NOBODY = Agencies()


def is_collective(name: str) -> bool:
    """Whether the name stands for a group (各区政府, 市直有关单位 …) rather than one agency."""
    return bool(_COLLECTIVE.search(name))


@lru_cache(maxsize=8192)
def parse_agencies(text: str) -> Agencies:
    """Split at 、，,；; outside brackets, never at 和 or 及; a trailing 按职责分工负责 becomes the note."""
    line = _levelled(text)
    if line in ("", "/", "-", "—", "－", "无"):
        return NOBODY
    named = _BY_DUTY.sub("", line)
    note = BY_DUTY if named != line else ""
    return _resolve(split_outside_brackets(named.rstrip("。.")), note)


def _levelled(text: str) -> str:
    line = clean(text).replace("(", "（").replace(")", "）")
    return _join_or_separate(line) if re.search(r"\s", line) else line


def _join_or_separate(line: str) -> str:
    """White space separates two whole names (one to a line); inside a name it only breaks the line."""
    joined = ""
    for part in re.split(r"\s+", line):
        whole = _ENDS_LIKE_AN_AGENCY.search(_BRACKETED.sub("", joined)) and not _BARE_ENDING.match(part)
        starts_new = whole and not part.startswith(("（", "、", "，", "；", "按", "等", "牵头", "配合"))
        joined += "、" + part if starts_new and len(part) > 2 and _balanced(joined) else part
    return joined


def _balanced(text: str) -> bool:
    return text.count("（") == text.count("）")


def split_outside_brackets(line: str) -> list[str]:
    """The pieces between separators; a separator inside brackets does not separate."""
    if "（" not in line:
        return [piece for piece in re.split("[、，,；;]", line) if piece]
    pieces, depth = [""], 0
    for char in line:
        depth += (char == "（") - (char == "）")
        if char in "、，,；;" and depth <= 0:
            pieces.append("")
        else:
            pieces[-1] += char
    return [piece for piece in pieces if piece]


def _resolve(pieces: list[str], note: str) -> Agencies:
    names: dict[str, None] = {}
    problems: list[Problem] = []
    elided = False
    for piece in pieces:
        found = _names_in(piece)
        if found is None or elided:
            problems.append(_review(piece))
            elided = found is None and "等" not in piece
            continue
        problems.extend(_duplicate(name) for name in found if name in names)
        names.update(dict.fromkeys(found))
    return Agencies(tuple(names), note, tuple(problems))


def _names_in(piece: str) -> tuple[str, ...] | None:
    """The names a piece stands for, or None when a person has to say."""
    open_form = None if is_collective(piece) and "等" not in piece else _OPEN.match(piece)
    if open_form and _ENDS_LIKE_AN_AGENCY.search(_BRACKETED.sub("", open_form["named"])):
        group = open_form["group"]
        return (open_form["named"], group) if _GROUP_OF_OPEN.match(group) else None
    bare = _BRACKETED.sub("", piece)
    looks_whole = _balanced(piece) and (is_collective(bare) or _ENDS_LIKE_AN_AGENCY.search(bare))
    return (piece,) if looks_whole and not _BARE_ENDING.match(bare) else None


def _review(piece: str) -> Problem:
    message = f"单位“{piece}”是省略或开放的写法，不能确定是哪些单位，原文已保留。请指定单位。"
    return Problem("agency_review", message, value=piece)


def _duplicate(name: str) -> Problem:
    return Problem("duplicate_agency", f"单位“{name}”重复出现，只计一次。请核对原文。", value=name)


@lru_cache(maxsize=8192)
def parse_lead_column(text: str) -> Agencies:
    """A column of leads, in which each name may still be marked 牵头."""
    line = _levelled(text)
    if "牵头" not in line:
        return parse_agencies(line)
    return parse_agencies(_unmarked(line, _LEADS))


def _unmarked(line: str, mark: re.Pattern[str]) -> str:
    pieces = split_outside_brackets(_LABEL.sub("", line))
    return "、".join(mark.sub("", piece) for piece in pieces)


@lru_cache(maxsize=8192)
def parse_roles(text: str) -> Roles:
    """One column for both roles: who is marked 牵头 leads, else the first; all lead with 按职责分工负责."""
    line = _levelled(text)
    if _BY_DUTY.search(line) and "牵头" not in line:
        return Roles(parse_agencies(line), NOBODY)
    lead, others = _marked_leads(line)
    if not lead:
        lead, others = others[:1], others[1:]
    return Roles(parse_agencies("、".join(lead)), parse_agencies("、".join(others)))


def _marked_leads(line: str) -> tuple[list[str], list[str]]:
    """Names up to a trailing 牵头 in the same clause lead; the rest are responsible."""
    lead: list[str] = []
    others: list[str] = []
    for clause in _clauses(line):
        pieces = split_outside_brackets(_LABEL.sub("", clause))
        leads = _clause_leads(clause, pieces)
        for piece in pieces:
            bare = _HELPS.sub("", _LEADS.sub("", piece))
            (lead if leads or _LEADS.search(piece) else others).append(bare)
    return lead, others


def _clauses(line: str) -> list[str]:
    marked = re.sub(r"(牵头(?:负责)?|主办)[，,；;、]", r"\1\n", line)
    marked = re.sub(r"[，,；;、]?(?=(?:牵头|主办|责任|配合|协办|参与|参加)(?:责任)?(?:单位|部门)?[：:])", "\n", marked)
    return [clause for clause in marked.split("\n") if clause]


def _clause_leads(clause: str, pieces: list[str]) -> bool:
    label = _LABEL.match(clause)
    if label:
        return label["role"] in ("牵头", "主办")
    return bool(pieces) and not pieces[-1].endswith("）") and bool(_LEADS.search(pieces[-1]))
