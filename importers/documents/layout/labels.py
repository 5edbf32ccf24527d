"""What the label of a column says that the column holds."""

import re
from enum import StrEnum
from functools import lru_cache


class Column(StrEnum):
    """What a column holds; the first six are the printed cells, in that order."""

    NUMBER = "number"
    TITLE = "title"
    TEXT = "text"
    LEAD = "lead"
    RESPONSIBLE = "responsible"
    DEADLINE = "deadline"
    SECTION = "section"

    # Looked up for every row: the hash of the text, and not the one of enumerations, which costs a Python call.
    __hash__ = str.__hash__


PRINTED = (Column.NUMBER, Column.TITLE, Column.TEXT, Column.LEAD, Column.RESPONSIBLE, Column.DEADLINE)
SHOWN_AS = {
    Column.NUMBER: "序号",
    Column.TITLE: "改革事项",
    Column.TEXT: "具体举措",
    Column.LEAD: "牵头单位",
    Column.RESPONSIBLE: "责任单位",
    Column.DEADLINE: "完成时限",
}
_UNIT = "(?:单位|部门|主体|机构)"
_HELPING = "配合|协办|参与|参加|协同|协作|协助"
# Persons, results and counts beside the list's own columns.
_NO_ROLE = re.compile(
    r"领导|负责人|责任人|联系|人$|电话|处室|科室|备注|(?:数量|项数|条数|个数|总数|占比|比例|数)$|情况|进展|成效|成果|依据|来源"
    r"|(?:启动|开始|起始|开工|签收|报送|填报|印发|更新|会议)(?:时间|日期)"
)
# 市发展改革委 above a column of marks: who, and neither a task nor 改革.
_AN_AGENCY = re.compile(
    "^(?!.*(?:单位|部门|责任|牵头|配合|主办|协办|任务|事项|举措))[市省区县州].{1,12}[局委办厅院会](?:\\([^)]*\\))?$"
)
# The first that fits decides, so the more particular words come first.
_LABELS = (
    (
        Column.NUMBER,
        re.compile(r"^(?:序号?|编号|项次|号|#|no\.?|(?:任务|事项|项目|举措)(?:序号|编号))$", re.IGNORECASE),
    ),
    (Column.DEADLINE, re.compile("时限|期限|时间|节点|截止|进度安排|进度要求|完成日期")),
    # 牵头及配合单位: both roles in one column; 牵头责任单位 is a column of leads.
    (Column.RESPONSIBLE, re.compile(rf"(?:牵头|主办)(?!责任).*(?:{_HELPING}|责任).*{_UNIT}|责任.*牵头.*{_UNIT}")),
    (Column.LEAD, re.compile(rf"牵头|主办|主责|第一责任{_UNIT}")),
    (
        Column.RESPONSIBLE,
        re.compile(rf"(?:责任|负责|主管|{_HELPING}|承办|落实|实施|责任落实).*{_UNIT}|^{_UNIT}$|^责任分工$"),
    ),
    (Column.SECTION, re.compile("类别|领域|板块|分类|任务类型|章节")),
    (Column.TEXT, re.compile("举措|措施|内容|做法|具体任务|二级任务|^(?:具体|工作|任务)?要求$")),
    (Column.TITLE, re.compile("事项|任务|名称|项目|改革")),
)
# Words that say what a column holds only where no other column is said to hold it.
_VAGUE_TITLES = re.compile("问题|实事|条目|条款|工作|目标|指标|要点|建议|提案|政策|课题|工程|方面|任务")
_VAGUE_TEXTS = re.compile("要求|目标|标准|安排|计划|任务|工作|方案|思路|重点|描述|指标")
_ONLY_TITLES = re.compile("事项|名称|项目|改革|问题|条目")
_ONLY_TEXTS = re.compile("举措|措施|做法|要求")
_OFFICES = re.compile("(?:责任|牵头|承办|落实|经办|负责|实施|主办)(?:科室|处室|股室|科|处|股|室)$")
_FIRST_LEADS = re.compile("(?:第一(?!责任)|首位|排首|列首|排在前|居首).{0,8}[为是].{0,3}(?:牵头|主办|主责)")
_LONGEST_LABEL = 16
_LONGEST_IN_ALL = 200
# 责任单位及责任人: the agencies count, the persons beside them do not.
_AND_PERSONS = re.compile("[及和、/](?:责任人|负责人|联系人|联系方式)$")
_IN_BRACKETS = re.compile(r"\([^)]*\)")


@lru_cache(maxsize=4096)
def role_of(label: str) -> Column | None:
    """The role a header text names, or None."""
    if len(label) > _LONGEST_IN_ALL or _AN_AGENCY.match(label):
        return None
    label = _AND_PERSONS.sub("", label)
    # First without its brackets: 责任单位（责任人） is a column of agencies.
    for text in (_IN_BRACKETS.sub("", label), label):
        if text and not _NO_ROLE.search(text) and len(text) <= _LONGEST_LABEL:
            for role, pattern in _LABELS:
                if pattern.search(text):
                    return role
    return None


def may_be(role: Column, label: str) -> bool:
    """Whether a column may hold titles or texts where no other does."""
    pattern = _VAGUE_TITLES if role is Column.TITLE else _VAGUE_TEXTS
    return 0 < len(label) <= _LONGEST_LABEL and not has_no_role(label) and bool(pattern.search(label))


def is_only(role: Column, label: str) -> bool:
    """Whether a label of titles cannot be one of texts, or the other way round."""
    return bool((_ONLY_TITLES if role is Column.TITLE else _ONLY_TEXTS).search(label))


def names_offices(label: str) -> bool:
    """责任科室 and the like: they act where no agencies are named."""
    return bool(_OFFICES.search(label))


def says_first_leads(text: str) -> bool:
    """Whether a label or a note says that the agency named first leads: 排在第一位的为牵头单位."""
    return bool(_FIRST_LEADS.search(text))


def has_no_role(label: str) -> bool:
    """Whether a column is said to hold persons, results, counts or remarks, or what one agency does."""
    return bool(_NO_ROLE.search(label) or _AN_AGENCY.match(label))
