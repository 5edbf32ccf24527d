"""What a mark beside or below the name of an agency stands for: 标*的为牵头单位, ●牵头 ○配合."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache

from importers.documents.grammar.agencies import parse_agencies
from importers.documents.grammar.roles import is_office
from importers.documents.grammar.text import squeezed
from importers.documents.values import gettext_noop


class MarkRole(StrEnum):
    """What a mark says of the agency that it stands beside or below."""

    LEADS = gettext_noop("牵头")
    ACTS = gettext_noop("责任")
    HELPS = gettext_noop("配合")
    NOTHING = gettext_noop("不导入")


Legend = Mapping[str, MarkRole]

_MARK = "[*∗★☆▲△▼▽●○◎■□◆◇√#※]"
# Signs that look alike stand for each other.
_ALIKE = str.maketrans("＊✱✲⁎✓✔☑Ѵ◯〇⭐＃", "****√√√√○○★#")
_LEADS, _ACTS, _ASSISTS = "牵头|主办|主责|第一责任", "责任|承办|落实", "配合|协办|协助|协同|参与|参加"
_HELPS = f"{_ACTS}|{_ASSISTS}"
_OF_UNITS = "(?:的?(?:单位|部门|一方|者))?"
# ●牵头, 带“*”号的单位为牵头单位, √表示责任单位; 牵头单位用●表示, 配合（○）.
_MARK_FIRST = re.compile(rf"(?P<mark>{_MARK})[^，,；;。、*∗★☆▲△▼▽●○◎■□◆◇√#※]{{0,12}}?(?P<role>{_LEADS}|{_HELPS})")
_ROLE_FIRST = re.compile(rf"(?P<role>{_LEADS}|{_HELPS})[^，,；;。、*∗★☆▲△▼▽●○◎■□◆◇√#※]{{0,8}}?(?P<mark>{_MARK})")
# Nothing but that: ◆落实惠企政策 is a heading.
_EXPLAINS = re.compile(
    rf"{_MARK}[”\"’）)]?[号者注]?(?:标[记注志]?)?的?{_OF_UNITS}[为是指即]?(?:表示|代表)?(?:由?该(?:单位|部门))?[:：=＝—-]?"
    rf"(?:{_LEADS}|{_HELPS})(?:责任)?{_OF_UNITS}(?:$|[，,；;。、（()）”\"]|{_MARK})|(?:{_LEADS}|{_HELPS}){_OF_UNITS}[用以为是标:：（(“\"]*{_MARK}"
)
_HAS_MARK, _HAS_ROLE = re.compile(_MARK), re.compile(f"{_LEADS}|{_HELPS}")
_LONGEST, _LONGEST_NAME = 120, 20
_IS_LEAD = re.compile("(?:牵头|主办|主责)(?:单位|部门|负责)?|[主牵]")
_IS_RESPONSIBLE = re.compile("(?:责任|承办)(?:单位|部门)?|责")
_IS_HELPER = re.compile("(?:配合|协办|协助|参与|参加)(?:单位|部门)?|[配协]")
_SAID = {MarkRole.LEADS: "（牵头）", MarkRole.HELPS: "（配合）"}
_ONLY_MARK = re.compile(rf"{_MARK}{{1,2}}|[vVyY]|是|有")


def legend_of(texts: Iterable[str]) -> dict[str, MarkRole]:
    """The role that each mark stands for, as notes and labels say."""
    found: dict[str, MarkRole] = {}
    for text in texts:
        for mark, role in _in_line(text):
            found.setdefault(mark, role)
    return found


def explains_marks(text: str) -> bool:
    """Whether a line says what a mark stands for, and not what is to be done behind one that only decorates it."""
    return bool(_EXPLAINS.search(squeezed(text).translate(_ALIKE)))


def _in_line(text: str) -> Iterable[tuple[str, MarkRole]]:
    if len(text) > _LONGEST:
        return
    line = squeezed(text).translate(_ALIKE)
    marks, roles = list(_HAS_MARK.finditer(line)), list(_HAS_ROLE.finditer(line))
    if not marks or not roles:
        return
    # 牵头● 配合○, each with its mark behind it; but 责任单位中标*的为牵头单位.
    is_behind = roles[0].start() < marks[0].start() and len(roles) == len(marks)
    for match in (_ROLE_FIRST if is_behind else _MARK_FIRST).finditer(line):
        yield match["mark"], _of_word(match["role"])


def _of_word(role: str) -> MarkRole:
    if re.fullmatch(_LEADS, role):
        return MarkRole.LEADS
    return MarkRole.ACTS if re.fullmatch(_ACTS, role) else MarkRole.HELPS


def levelled_mark(text: str) -> str:
    """A mark as legends have it: those that look alike are one."""
    return squeezed(text).translate(_ALIKE)


def role_of_mark(text: str, legend: Legend) -> MarkRole | None:
    """The role that a cell with nothing but a mark, or the word for a role, gives to the agency it stands below."""
    mark = levelled_mark(text)
    if _IS_LEAD.fullmatch(mark):
        return MarkRole.LEADS
    if _IS_RESPONSIBLE.fullmatch(mark):
        return MarkRole.ACTS
    return MarkRole.HELPS if _IS_HELPER.fullmatch(mark) else legend.get(mark)


@lru_cache(maxsize=4096)
def is_sign(text: str) -> bool:
    """Whether a text is a mark that says nothing by itself: ●, √, 是."""
    return bool(_ONLY_MARK.fullmatch(levelled_mark(text)))


@lru_cache(maxsize=4096)
def is_mark(text: str) -> bool:
    """Whether a cell holds a mark, or the word for a role, and nothing else."""
    return is_sign(text) or role_of_mark(text, {}) is not None


def agency_in(label: str) -> str:
    """The agency by which a column is called, or the office within one; '' where it is called anything else."""
    found = parse_agencies(label)
    if len(label) > _LONGEST_NAME:
        return ""
    if len(found.names) == 1 and not found.problems:
        return found.names[0]
    return label if is_office(label) else ""


def with_roles_said(text: str, legend: Legend) -> str:
    """A cell of agencies with the role in brackets where a mark stands: ★市财政局 is （牵头）市财政局."""
    if not legend:
        return text
    line = text.translate(_ALIKE)
    if not any(mark in line for mark in legend):
        return text
    for mark, role in legend.items():
        said = _SAID.get(role, "")
        # ● 甲局 ○ 乙局: a space before the next mark stands between two names, one behind it does not.
        line = re.sub(rf"(^|[、，,；;\s])({re.escape(mark)})\s+(?=\S)", r"\1\2", line)
        line = re.sub(rf"(?<=\S)\s+(?={re.escape(mark)}\S)", "、", line)
        line = re.sub(rf"[（(]\s*{re.escape(mark)}\s*[)）]|{re.escape(mark)}", said, line)
    return line
