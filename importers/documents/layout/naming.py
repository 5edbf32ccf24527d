"""Which role each column of a header has, by all its labels together."""

import re
from collections.abc import Sequence

from importers.documents.layout.labels import (
    PRINTED,
    Column,
    agencies_before_time,
    has_no_role,
    is_only,
    is_printed_again,
    is_surely_the_end,
    may_be,
    names_offices,
    role_of,
    says_when_too,
)

Roles = list[Column | None]
_MAY_BE_SEVERAL = (Column.LEAD, Column.RESPONSIBLE, Column.TEXT)
_WHO = (Column.LEAD, Column.RESPONSIBLE)
_HELPS = re.compile("配合|协办|参与|参加|协同|协助|会办")
# Not 实施 beside 主管: which of them leads is asked.
_ACTS = re.compile("责任|承办")
_SAYS_LITTLE = re.compile("^(?:单位|部门|领导|科室|处室|责任人|负责人)$")
# 一级任务, 二级任务, 三级任务; 大项, 小项: each column divides the one at its left.
_LEVEL = re.compile("^(?:[一二三四]级(?:任务|指标|目标|事项|项目|举措|措施|工作|内容)|[大中小细子]项)$")
_OF_LEVELS = (Column.SECTION, Column.TITLE, Column.TEXT)


def roles_of(named: Sequence[tuple[str, ...]], *, at_the_edge: bool) -> Roles:
    """The role of each column, None for one that has none. `named` are its texts, the most telling first;
    `at_the_edge` whether the first column is the first of the table."""
    named = [_with_wider(texts) for texts in named]
    labels = ["".join(texts[:1]) for texts in named]
    above = [texts[-1] if len(texts) > 2 else "" for texts in named]
    # Plain labels first: words that may mean anything count only for what they leave open.
    levels = [place for place, label in enumerate(labels) if _LEVEL.match(label)]
    levels = levels if len(levels) > 1 else []
    roles = _by_label([() if place in levels else texts for place, texts in enumerate(named)])
    _name_levels(roles, levels)
    _name_time(roles, named)
    _name_units(roles, labels)
    _name_numbers(roles, labels, at_the_edge=at_the_edge)
    _name_title(roles)
    _name_offices(roles, labels)
    _name_vaguely(roles, labels, above)
    _name_left_the_title(roles, labels)
    _name_lead(roles, labels)
    return roles


def _with_wider(texts: tuple[str, ...]) -> tuple[str, ...]:
    """单位 below 牵头 is 牵头单位, beside 领导 below the same."""
    return (texts[-1] + texts[0], *texts[1:]) if len(texts) > 2 and _SAYS_LITTLE.match(texts[0]) else texts


def also_say_when(roles: Roles, named: Sequence[tuple[str, ...]]) -> set[int]:
    """The columns that say by when beside who: 责任单位及完成时限. One labelled 责任单位完成时限 does where no other
    names agencies; it is given their role."""
    labels = ["".join(texts[:1]) for texts in named]
    if Column.LEAD not in roles and Column.RESPONSIBLE not in roles:
        for place, label in enumerate(labels):
            who = role_of(agencies_before_time(label)) if roles[place] is Column.DEADLINE else None
            if who in _WHO:
                roles[place] = who
                return {place}
    if Column.DEADLINE in roles:
        return set()
    return {place for place, label in enumerate(labels) if roles[place] in _WHO and says_when_too(label)}


def printed_again(roles: Roles, named: Sequence[tuple[str, ...]]) -> set[int]:
    """The columns that print whole what stands in parts under the six, as in what the portal writes; they lose their
    role."""
    again = {place for place, texts in enumerate(named) if is_printed_again("".join(texts[:1]))}
    others = {role for place, role in enumerate(roles) if place not in again}
    if not others.issuperset(PRINTED):
        return set()
    for place in again:
        roles[place] = None
    return again


def _by_label(named: Sequence[tuple[str, ...]]) -> Roles:
    roles: Roles = []
    for texts in named:
        # 启动时间 below 时间进度: what a label rules out the wider one above it does not give back.
        told = texts[:1] if has_no_role("".join(texts[:1])) else texts
        role = next(filter(None, map(role_of, told)), None)
        # 改革事项 beside 重点任务: the second column of titles holds the texts.
        if role is Column.TITLE and role in roles and Column.TEXT not in roles:
            role = Column.TEXT
        roles.append(None if role in roles and not _may_be_again(role, roles, named, texts) else role)
    return roles


def _name_time(roles: Roles, named: Sequence[tuple[str, ...]]) -> None:
    """日期 at the left of 办结时限: of several columns of time the one that says by when."""
    if roles.count(Column.DEADLINE) != 1:
        return
    place = roles.index(Column.DEADLINE)
    surer = (
        other
        for other, texts in enumerate(named)
        if roles[other] is None and role_of("".join(texts[:1])) is Column.DEADLINE and is_surely_the_end(texts[0])
    )
    better = None if is_surely_the_end("".join(named[place][:1])) else next(surer, None)
    if better is not None:
        roles[place], roles[better] = None, Column.DEADLINE


def _name_units(roles: Roles, labels: list[str]) -> None:
    """单位 beside 责任单位 says what a figure is counted in."""
    acting = [place for place, role in enumerate(roles) if role in _WHO]
    for place in acting if len(acting) > 1 else ():
        if labels[place] == "单位":
            roles[place] = None


def _name_levels(roles: Roles, levels: list[int]) -> None:
    """The lowest level says what is to be done, the one above is its title, the next its section, as far as no other
    column holds these."""
    free = [role for role in _OF_LEVELS if role not in roles]
    if len(levels) > len(free) > 0:
        # The uppermost is the section all the same; one between goes unread, and is told.
        levels = levels[:1] + levels[len(levels) - len(free) + 1 :]
    for place, role in zip(reversed(levels), reversed(free), strict=False):
        roles[place] = role


def _may_be_again(role: Column | None, roles: Roles, named: Sequence[tuple[str, ...]], texts: tuple[str, ...]) -> bool:
    """Whether a second column has a role: 一季度 and 二季度 below 进度安排 both say when."""
    if role in _MAY_BE_SEVERAL:
        return True
    above = named[len(roles) - 1]
    return role is Column.DEADLINE and roles[-1] is role and len(texts) == 3 and above[-1] == texts[-1]


def _name_numbers(roles: Roles, labels: list[str], *, at_the_edge: bool) -> None:
    """The column of numbers often has no label."""
    first = int(at_the_edge and roles[:1] == [Column.SECTION])
    if Column.NUMBER not in roles and len(set(roles) - {None}) > 2 and labels[first : first + 1] == [""]:
        roles[first] = Column.NUMBER


def _name_title(roles: Roles) -> None:
    """Two columns of texts and none of titles: 主要内容 beside 工作举措."""
    if Column.TITLE not in roles and roles.count(Column.TEXT) > 1:
        roles[roles.index(Column.TEXT)] = Column.TITLE


def _name_offices(roles: Roles, labels: list[str]) -> None:
    """责任科室 where there is no column of agencies."""
    if Column.LEAD in roles or Column.RESPONSIBLE in roles:
        return
    for place, label in enumerate(labels):
        if roles[place] is None and names_offices(label):
            roles[place] = Column.LEAD if label.startswith(("牵头", "主办")) else Column.RESPONSIBLE


def _name_vaguely(roles: Roles, labels: list[str], above: list[str]) -> None:
    """问题 beside 整改措施, 重点工作 beside 年度目标: the left is the title."""
    if len(set(roles) - {None}) < 2:
        return
    if Column.TITLE not in roles:
        end = roles.index(Column.TEXT) if Column.TEXT in roles else len(roles)
        _name_first(roles, labels, Column.TITLE, range(end))
    if Column.TEXT not in roles:
        begin = roles.index(Column.TITLE) + 1 if Column.TITLE in roles else 0
        _name_first(roles, labels, Column.TEXT, range(begin, len(roles)))
        _name_below(roles, labels, above, range(begin, len(roles)))


def _name_below(roles: Roles, labels: list[str], above: list[str], places: range) -> None:
    """2023年, 2024年 below 年度目标 hold the text together where no other column does."""
    if Column.TEXT in roles:
        return
    free = [place for place in places if roles[place] is None and not has_no_role(labels[place])]
    wide = next((above[place] for place in free if may_be(Column.TEXT, above[place])), "")
    for place in free:
        if wide and above[place] == wide:
            roles[place] = Column.TEXT


def _name_first(roles: Roles, labels: list[str], role: Column, places: range) -> None:
    found = next((place for place in places if roles[place] is None and may_be(role, labels[place])), None)
    if found is not None:
        roles[found] = role


def _name_left_the_title(roles: Roles, labels: list[str]) -> None:
    """实事内容 beside 目标任务: where each could be either, the left is the title."""
    if roles.count(Column.TITLE) != 1 or roles.count(Column.TEXT) != 1:
        return
    title, text = roles.index(Column.TITLE), roles.index(Column.TEXT)
    if text < title and not is_only(Column.TITLE, labels[title]) and not is_only(Column.TEXT, labels[text]):
        roles[title], roles[text] = Column.TEXT, Column.TITLE


def _name_lead(roles: Roles, labels: list[str]) -> None:
    """责任单位 beside 配合单位, without 牵头单位: the former leads."""
    helping = [place for place, role in enumerate(roles) if role is Column.RESPONSIBLE]
    if Column.LEAD in roles or len(helping) != 2:
        return
    alone = [place for place in helping if not _HELPS.search(labels[place])]
    acting = alone if len(alone) == 1 else [place for place in alone if _ACTS.search(labels[place])]
    first = next(iter(acting), None)
    if first is not None:
        roles[first] = Column.LEAD
