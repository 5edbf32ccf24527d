"""Who leads and who helps, where words in the cell say so: 甲牵头，乙配合; 甲（牵头）、乙; 牵头单位：甲 …"""

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum, StrEnum
from functools import lru_cache
from typing import NamedTuple

from importers.documents.grammar.agencies import (
    BY_DUTY_AT_END,
    NOBODY,
    Agencies,
    levelled,
    parse_agencies,
    split_outside_brackets,
)
from importers.documents.grammar.endings import goes_on_with_group
from importers.documents.grammar.text import NOTHING_PRINTED, clean


class Roles(NamedTuple):
    """One row's lead and responsible agencies. A tuple: there is one to a row.

    `by_order`: of several agencies none is said to lead, and who does follows from their order alone.
    """

    lead: Agencies
    responsible: Agencies
    by_order: bool = False


class Unmarked(StrEnum):
    """Who leads of several agencies in one cell when no word says so (列第一位的为牵头单位？)."""

    FIRST = "first"
    ALL = "all"
    NONE = "none"


class _Mark(Enum):
    LEADS = 1
    ACTS = 2
    OWNS = 3
    HELPS = 4
    NONE = 5


_LEADING, _HELPING = "(?:牵头|主办|主责)", "(?:配合|参与|参加|(?<![政科残作侨])协办|协助|协同)"
_UNIT = "(?:单位|部门)"
# 甲局、乙局共同牵头, （联合牵头）, …负责 at the end of a clause; 按职责分工负责 marks nobody.
_ALL_LEAD = re.compile(
    rf"(?:（(?:共同|联合|均){_LEADING}{_UNIT}?）|(?<=.{{3}})为主|[为是]{_LEADING}(?:责任)?{_UNIT}?|(?:共同|联合|分别|负责|双|总){{0,4}}{_LEADING}(?:负责)?|(?:共同|联合|分别){{0,2}}(?<!分工)(?<!职[责能])负责)$"
)
# 由市财政局负责, 以市财政局为主.
_AHEAD_OF_LEADS = re.compile("^(?:(?:以上|上述)[^，,；;、]{0,6})?由|^以(?=.*为主$)")
# 甲局（牵头）, （牵头单位）甲局.
_ONE_LEADS = re.compile(rf"（(?:(?:第一|总)?(?:{_LEADING}|承办)(?:责任)?{_UNIT}?|[主牵])）$|^（{_LEADING}{_UNIT}?）")
# 乙局、丙局配合 at the end of a part; 乙局（配合单位） for one.
_ALL_HELP = re.compile(rf"(?:[为是]{_HELPING}(?:责任)?{_UNIT}?|(?:共同|分别|积极|予以)?{_HELPING}(?:实施|落实|推进)?)$")
_ONE_HELPS = re.compile(rf"（(?:{_HELPING}{_UNIT}?|[配协])）$|^（{_HELPING}{_UNIT}?）")
# 牵头单位：, 责任单位：, 配合部门为.
_ROLE_WORD = rf"(?:第[一二三四]|其他|其它|总)?(?P<role>主要责任|第一责任|{_LEADING}|责任|承办|成员|{_HELPING})(?:责任)?"
_LABEL = re.compile(rf"{_ROLE_WORD}(?:{_UNIT}?[：:]|{_UNIT}为[：:]?)")
_LABEL_AHEAD = re.compile(
    r"(?<!第[一二三四])(?<!主要|其他|其它)(?<!总)[，,；;、。]?(?=" + re.sub(r"\(\?P<role>", "(?:", _LABEL.pattern) + ")"
)
# 甲局（乙局、丙局配合）.
_HELPERS_IN_BRACKETS = re.compile(rf"（([^（）]{{3,60}}{_HELPING}(?:实施|落实)?)）")
# 责任领导：王刚 names a person, who neither leads nor stands first among the agencies.
_PERSON = re.compile("^(?:牵头|责任|分管|包保|挂钩|联系|主管|市|县|区)?(?:领导|负责人|责任人|联系人)[：:]")
_ONE_BEFORE_OTHERS = re.compile(f"{_LEADING}(?:负责)?[，,；;]")
_OFFICE = re.compile("^[^等和及]{1,15}(?:[室科股处办组队]|中心)$")
_COMMA = re.compile("[，,]")
# 甲局（牵头）乙局（配合）, with nothing between them.
_MARK_BEFORE_NAME = re.compile(
    rf"(?<=[^、，,；;（）。\s])(（(?:{_LEADING}|{_HELPING}){_UNIT}?）)(?=[^、，,；;（）。\s])"
)
# 甲局牵头，乙局配合: behind 牵头 others begin.
_AFTER_MARK = re.compile(rf"({_LEADING}(?:负责|单位|部门)?）?|为主|(?<!分工)(?<!职[责能])负责)[，,；;、]")
# 甲局会同乙局, 甲局牵头会同乙局: 甲局 leads.
_TOGETHER_WITH = re.compile(rf"(?:{_LEADING}(?:负责)?)?[，,；;、]?会同")
# Whether a cell says roles at all; most name agencies only.
_MARKED = re.compile(f"（[主牵配协]）|{_LEADING}|{_HELPING}|会同|负责|(?:责任|承办|成员){_UNIT}(?:[：:]|为)")


@lru_cache(maxsize=8192)
def parse_lead_column(text: str) -> Roles:
    """A column of leads. Who is marked as helping in it is responsible."""
    if not _MARKED.search(text):
        return Roles(parse_agencies(text), NOBODY)
    line = levelled(text)
    # 甲局牵头，乙局、丙局按职责分工负责, printed in the column of leads.
    if BY_DUTY_AT_END.search(line) and _ONE_BEFORE_OTHERS.search(line):
        return parse_roles(text)
    people = _marked(line)
    # 牵头单位：甲；责任单位：乙 in one cell tells them apart, whatever the column is called.
    others = {_Mark.HELPS, _Mark.OWNS, _Mark.ACTS} if _of_mark(people, _Mark.LEADS) else {_Mark.HELPS}
    leads = [name for name, mark in people if mark not in others]
    return Roles(_together(leads), _together([name for name, mark in people if mark in others]))


@lru_cache(maxsize=8192)
def parse_helpers_column(text: str) -> Agencies:
    """A column of responsible agencies beside one of leads, in which words may still say that they help."""
    return _together([name for name, _ in _marked(levelled(text))]) if _MARKED.search(text) else parse_agencies(text)


@lru_cache(maxsize=8192)
def read_columns(lead: str, responsible: str) -> Roles:
    """A column of leads beside one of responsible agencies; who is named as helping in the former is put before the
    latter."""
    roles = parse_lead_column(lead)
    helping = roles.responsible
    if not helping.names:
        found = parse_helpers_column(responsible)
    else:
        others = "" if clean(responsible) in NOTHING_PRINTED else responsible
        found = parse_helpers_column("、".join((*helping.names, others)).rstrip("、"))
    return Roles(roles.lead, replace(found, problems=(*helping.problems, *found.problems)))


@lru_cache(maxsize=8192)
def parse_roles(text: str, unmarked: Unmarked = Unmarked.FIRST) -> Roles:
    """One column for both roles: who is marked 牵头 leads; all lead with 按职责分工负责; else as `unmarked` says."""
    line = levelled(text)
    if BY_DUTY_AT_END.search(line) and not re.search(f"{_LEADING}(?!）?$)|{_HELPING}", line):
        return Roles(parse_agencies(line), NOBODY)
    people = _marked(line)
    marked = _marked_leads(people)
    alike = [] if marked else _without_a_role(people)
    leads = marked or alike[: _how_many_lead(alike, unmarked)]
    leading = set(leads)
    others = [name for index, (name, _) in enumerate(people) if index not in leading]
    # 东城区、西城区政府: the first has its body from the next.
    lead = _together([people[index][0] for index in leads], after=() if marked else tuple(others))
    return _with_note(lead, _together(others, lead.names), by_order=len(alike) > 1)


@lru_cache(maxsize=8192)
def led(by: str, own: str, unmarked: Unmarked) -> Roles:
    """Who acts on a task below a line that says who leads (`by`), when it names others itself (`own`); who is said to
    lead there does."""
    if own and _marked_leads(_marked(levelled(own))):
        return parse_roles(own, unmarked)
    above = parse_roles(by, unmarked) if _MARKED.search(by) else Roles(parse_agencies(by), NOBODY)
    if not own:
        return above
    others = parse_helpers_column(own)
    names = tuple(dict.fromkeys((*above.responsible.names, *others.names)))
    return Roles(above.lead, replace(others, names=names), above.by_order)


@lru_cache(maxsize=8192)
def parse_offices(text: str, unmarked: Unmarked = Unmarked.FIRST) -> Roles:
    """A column of offices within one agency: 办公室, 综合科."""
    names = _offices(text)
    if not names:
        return parse_roles(text, unmarked)
    leads = _how_many_lead(names, unmarked)
    return Roles(Agencies(names[:leads]), Agencies(names[leads:]), by_order=len(names) > 1)


def _how_many_lead(alike: Sequence[object], unmarked: Unmarked) -> int:
    """How many of those named alike lead; one that stands alone always does."""
    if len(alike) < 2 or unmarked is Unmarked.FIRST:
        return 1
    return len(alike) if unmarked is Unmarked.ALL else 0


def read_offices(lead: str, responsible: str) -> Roles:
    """A column of leading offices beside one of responsible offices."""
    read = read_columns(lead, responsible)
    leads, others = _offices(lead), _offices(responsible)
    return Roles(Agencies(leads) if leads else read.lead, Agencies(others) if others else read.responsible)


def _offices(text: str) -> tuple[str, ...]:
    """The names in a cell that names offices only."""
    pieces = split_outside_brackets(levelled(text))
    return tuple(dict.fromkeys(pieces)) if all(map(is_office, pieces)) else ()


def is_office(name: str) -> bool:
    """Whether a name can be that of an office within an agency."""
    return bool(_OFFICE.search(name))


def _with_note(lead: Agencies, responsible: Agencies, *, by_order: bool) -> Roles:
    """甲牵头，乙、丙按职责分工负责: the note is kept where notes are."""
    if not responsible.note or not lead.names:
        return Roles(lead, responsible, by_order)
    return Roles(replace(lead, note=responsible.note), replace(responsible, note=""), by_order)


def _marked_leads(people: list[tuple[str, _Mark]]) -> list[int]:
    """Who is marked; else, beside helpers, those who are responsible by label."""
    leads = _of_mark(people, _Mark.LEADS) or _of_mark(people, _Mark.ACTS)
    return leads or (_of_mark(people, _Mark.OWNS) if _of_mark(people, _Mark.HELPS) else [])


def _without_a_role(people: list[tuple[str, _Mark]]) -> list[int]:
    """Who is named without a word that tells the one who leads from the others."""
    return _of_mark(people, _Mark.OWNS, _Mark.NONE)


def _of_mark(people: list[tuple[str, _Mark]], *marks: _Mark) -> list[int]:
    return [index for index, (_, own) in enumerate(people) if own in marks]


def _together(names: list[str], before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> Agencies:
    return parse_agencies("、".join(names), before, after)


def _marked(line: str) -> list[tuple[str, _Mark]]:
    people: list[tuple[str, _Mark]] = []
    line = _MARK_BEFORE_NAME.sub(r"\1、", line) if "（" in line else line
    for clause in _clauses(_HELPERS_IN_BRACKETS.sub(r"，\1；", line)):
        label = _LABEL.match(clause)
        if label:
            people.extend(_with_mark(clause[label.end() :], _mark_of(label["role"])))
        else:
            people.extend(_of_clause(clause))
    return _with_groups_joined(people)


def _with_groups_joined(people: list[tuple[str, _Mark]]) -> list[tuple[str, _Mark]]:
    """各区委、区政府 is one group, whichever signs it is split at."""
    joined: list[tuple[str, _Mark]] = []
    for name, mark in people:
        if joined and joined[-1][1] is mark and goes_on_with_group(joined[-1][0], name):
            joined[-1] = (f"{joined[-1][0]}、{name}", mark)
        else:
            joined.append((name, mark))
    return joined


def _clauses(line: str) -> list[str]:
    """The line cut after each 牵头 and before each label."""
    cut = _AFTER_MARK.sub(r"\1\n", _TOGETHER_WITH.sub("牵头，", line))
    return [clause for clause in re.split("[\n；;]", _LABEL_AHEAD.sub("\n", cut)) if clause]


def _mark_of(role: str) -> _Mark:
    """The mark a label stands for."""
    if re.match(f"{_LEADING}|主要|第一", role):
        return _Mark.LEADS
    return _Mark.HELPS if re.match(_HELPING, role) else _Mark.OWNS


def _of_clause(clause: str) -> list[tuple[str, _Mark]]:
    """A mark at the end of a clause holds for all its names, 配合 for those since the last comma."""
    if _PERSON.match(clause):
        return [(clause, _Mark.HELPS)]
    if (leads := _ALL_LEAD.search(clause)) is not None:
        # 甲局牵头，乙局负责: beside one that leads, who is said to act is responsible.
        mark = _Mark.LEADS if re.search(f"{_LEADING}|为主", leads.group()) else _Mark.ACTS
        return _with_mark(_ALL_LEAD.sub("", _AHEAD_OF_LEADS.sub("", clause)), mark)
    people: list[tuple[str, _Mark]] = []
    for part in split_outside_brackets(clause, _COMMA):
        helps = _ALL_HELP.search(part)
        people.extend(_with_mark(_ALL_HELP.sub("", part) if helps else part, _Mark.HELPS if helps else _Mark.NONE))
    return people


def _with_mark(names: str, mark: _Mark) -> list[tuple[str, _Mark]]:
    return [(name, mark if own is _Mark.NONE else own) for name, own in map(_of_piece, split_outside_brackets(names))]


def _of_piece(piece: str) -> tuple[str, _Mark]:
    """A name and the mark that stands in brackets beside it."""
    if _ONE_LEADS.search(piece):
        return _ONE_LEADS.sub("", piece), _Mark.LEADS
    if _ONE_HELPS.search(piece):
        return _ONE_HELPS.sub("", piece), _Mark.HELPS
    # 甲局配合、乙局落实: the word stands behind one name only.
    if (helps := _ALL_HELP.search(piece)) and len(piece) - len(helps.group()) > 2:
        return _ALL_HELP.sub("", piece), _Mark.HELPS
    return piece, _Mark.NONE
