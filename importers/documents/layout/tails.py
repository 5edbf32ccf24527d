"""Agencies and dates in brackets at the end of a text: …。（牵头单位：甲局；责任单位：乙局，6月底前完成）."""

import re
from dataclasses import dataclass

from importers.documents.grammar.agencies import is_collective, parse_agencies
from importers.documents.grammar.deadlines import parse_deadline
from importers.documents.grammar.roles import parse_roles

_OPENING, _CLOSING = "（(〔[【［", "）)〕]】］"
# A closing bracket at the end, with or without a full stop behind it.
_ENDS = re.compile(r"[）)〕\]】］]\s*[。.；;]?\s*$")
_SAYS_WHO = re.compile("牵头|主办|责任(?:单位|部门|科室)|配合|协办|承办|负责|落实单位|(?:单位|部门)[:：]")
# 完成时限：, 时间要求为.
_LABEL_OF_TIME = re.compile("^(?:完成)?(?:时限|时间|期限|节点|时间节点|完成期限)(?:要求)?[:：为]?")
_PART = re.compile("[，,；;。]")
_PLACE = re.compile("^(?:[市省县区州旗]|国家|各)")
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
        return None
    before, inside = found
    agencies, deadline = _parted(inside)
    # Any other bracket is part of the text.
    if not (agencies and _says_who(agencies)) and not (deadline and not agencies):
        return None
    return Tail(before, agencies, deadline, text[len(before) :])


def tail_in_cell(text: str, *, who: bool, when: bool) -> Tail | None:
    """The tail of a cell in a table without columns for who, or when; it stays in the text where it says more."""
    if several := _of_lines(text):
        # What each line says is joined; the lines keep their brackets, or nobody could tell whose is which.
        agencies, deadlines = ("；".join(filter(None, said)) for said in zip(*several, strict=True))
        return Tail(text, agencies if who else "", deadlines if when else "")
    tail = tail_of(text)
    if tail is None or not ((who and tail.agencies) or (when and tail.deadline)):
        return None
    is_used = (who or not tail.agencies) and (when or not tail.deadline)
    return Tail(tail.text if is_used else text, tail.agencies if who else "", tail.deadline if when else "")


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


def _parted(inside: str) -> tuple[str, str]:
    """Who and when: the parts at the end, or at the beginning, that are dates."""
    parts = _PART.split(inside)
    marks = [*_PART.findall(inside), ""]
    is_when = [_is_when(part) for part in parts]
    who = "".join(part + mark for part, mark, when in zip(parts, marks, is_when, strict=True) if not when)
    when = "，".join(_LABEL_OF_TIME.sub("", part.strip()) for part, is_so in zip(parts, is_when, strict=True) if is_so)
    return who.strip("，,；;。 "), when


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


def _is_surely_an_agency(name: str) -> bool:
    return len(name) <= 20 and (is_collective(name) or bool(_PLACE.match(name)))
