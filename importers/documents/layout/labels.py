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
WHOLE = "原文段落"
"""The label of the paragraphs of a task as printed, among what is kept beside a measure."""
SHOWN_AS = {
    Column.NUMBER: "序号",
    Column.TITLE: "改革事项",
    Column.TEXT: "具体举措",
    Column.LEAD: "牵头单位",
    Column.RESPONSIBLE: "责任单位",
    Column.DEADLINE: "完成时限",
}
_UNIT = "(?:单位|部门|主体|机构|机关)"
_HELPING = "配合|协办|参与|参加|协同|协作|协助"
# Persons, results and counts beside the list's own columns.
_NO_ROLE = re.compile(
    r"^是否|^有无|领导|负责人|责任人|联系|人$|电话|处室|科室|备注|(?:数量|项数|条数|个数|总数|占比|比例|数)$|情况|进展|成效|成果|依据|来源"
    r"|(?:启动|开始|起始|开工|签收|报送|填报|印发|更新|会议|交办|下达|受理|收文|发文|来文|接收|提出|立项|统计|检查|督查|通报|审批|批复|发现|登记|调度)(?:时间|日期)"
)
# 市发展改革委 above a column of marks: who, and neither a task nor 改革.
_AN_AGENCY = re.compile(
    "^(?!.*(?:单位|部门|责任|牵头|配合|主办|协办|任务|事项|举措))[市省区县州].{1,12}[局委办厅院会](?:\\([^)]*\\))?$"
)
_TIME = re.compile("时限|期限|时间|节点|截止|进度安排|进度要求|完成日期")
# The first that fits decides, so the more particular words come first.
_LABELS = (
    (
        Column.NUMBER,
        re.compile(r"^(?:总?序号?|编号|项次|号|#|no\.?|(?:任务|事项|项目|举措)(?:序号|编号))$", re.IGNORECASE),
    ),
    (Column.DEADLINE, _TIME),
    # 举措及责任单位: the agencies stand in brackets behind what is to be done.
    (
        Column.TEXT,
        re.compile(rf"^.{{0,4}}(?:举措|措施|内容|做法|要求)(?:以?及|[和与、/(]).{{0,4}}(?:{_UNIT}|分工)[)]?$"),
    ),
    (Column.TITLE, re.compile(rf"^.{{0,4}}(?:任务|事项|项目)(?:以?及|[和与、/(]).{{0,4}}(?:{_UNIT}|分工)[)]?$")),
    # 牵头及配合单位: both roles in one column; 牵头责任单位 is a column of leads.
    (Column.RESPONSIBLE, re.compile(rf"(?:牵头|主办)(?!责任).*(?:{_HELPING}|责任).*{_UNIT}|责任.*牵头.*{_UNIT}")),
    (Column.LEAD, re.compile(rf"牵头|主办|主责|第一责任{_UNIT}")),
    (
        Column.RESPONSIBLE,
        re.compile(
            rf"(?:责任|负责|主管|{_HELPING}|承办|落实|实施|责任落实).*{_UNIT}|^{_UNIT}$|^(?:责任|任务|工作|职责)分工$|^责任落实$"
            rf"|^(?:{_HELPING}|承办|责任)$|^责任(?:镇街|街镇|县区|区县|乡镇|街道|园区)$|^会办(?:单位|部门)$"
        ),
    ),
    (Column.SECTION, re.compile("类别|领域|板块|分类|类型|章节")),
    (Column.TEXT, re.compile("举措|措施|内容|做法|具体任务|二级任务|^(?:具体|工作|任务)?要求$")),
    (Column.TITLE, re.compile("事项|任务|名称|项目|改革|题目")),
)
# Words that say what a column holds only where no other column is said to hold it.
_VAGUE_TITLES = re.compile("问题|实事|条目|条款|工作|目标|指标|要点|建议|提案|政策|课题|工程|方面|任务")
_NAMES_BY_NUMBER = ("编号", "文号", "案号")
_VAGUE_TEXTS = re.compile("要求|目标|标准|安排|计划|任务|工作|方案|思路|重点|描述|指标|步骤|抓手")
_ONLY_TITLES = re.compile("事项|名称|项目|改革|问题|条目")
_ONLY_TEXTS = re.compile("举措|措施|做法|要求")
_OFFICES = re.compile("(?:责任|牵头|承办|落实|经办|负责|实施|主办|配合|协办|协助|参与)(?:科室|处室|股室|科|处|股|室)$")
# 排在第一位的为牵头单位, 首个单位牵头, 责任单位列首位的牵头负责; 牵头单位排在首位.
_THE_END = re.compile("完成|办结|整改|销号|竣工|截止|时限|期限|节点")
_OF_A_LEVEL = re.compile(
    f"^(?:国家|中央|省|自治区|市|州|盟|县|区|旗|县区|区县|市县|县[(]市、?区[)]|乡镇|镇街|街道|乡|镇)"
    f"(?:级|直|本级|层面)?(?:(?:责任|牵头|配合|主管|负责|承办|实施)?{_UNIT})?$"
)
_FIRST = (
    "(?:第一(?:个|位|名|家|的)|排第一|列第一|排名第一|第一责任单位为|首位|首个|首家|首列|排首|列首|居首|排在?最?前)"
)
_FIRST_LEADS = re.compile(
    rf"{_FIRST}.{{0,8}}?(?:[为是]|的|者|单位|部门).{{0,3}}(?:牵头|主办|主责)|(?:牵头|主办)(?:单位|部门)?.{{0,2}}[排列居位].{{0,3}}{_FIRST}"
)
_LONGEST_LABEL = 16
_LONGEST_IN_ALL = 200
# 责任单位及责任人: the agencies count, the persons beside them do not.
_AND_PERSONS = re.compile("[及和、/](?:责任人|负责人|联系人|联系方式)$")
# 改革举措及成果: what is to be done counts.
_AND_RESULTS = re.compile("(?<=举措|措施|内容)[及和与、/](?:预期|工作|主要|标志性)*(?:成果|成效|进展|目标)$")
# 牵头领导及单位, 责任人、责任单位.
_PERSONS_AND = re.compile(
    f"^(牵头|责任|主管|分管|包保|包抓|挂钩)?[市县区]?(?:领导|责任人|负责人)[及和与、/]((?:牵头|责任|主办|承办|配合)?{_UNIT})$"
)
# 责任单位及完成时限, 责任分工和时限, 牵头单位（时限）.
_AND = re.compile("以及|[及和与、/＋+&|()；;]")
_WHO_OR_WHAT = re.compile("单位|部门|责任|牵头|分工|举措|措施|任务|内容|事项|做法")
_RUN_ON = re.compile(f"^(.{{0,8}}(?:单位|部门|分工))(?:及)?(?:完成|办理|整改)?(?:{_TIME.pattern})(?:要求)?$")
# 责任单位（牵头） beside 责任单位（配合）.
_LEADS_IN_BRACKETS = re.compile(f"{_UNIT}[(](?:牵头|主办|主责){_UNIT}?[)]$")
_ONLY_HELPS = re.compile(f"^(?:{_HELPING}){_UNIT}")
_AS_PRINTED = "(原文)"
_IN_BRACKETS = re.compile(r"\([^)]*\)")


@lru_cache(maxsize=4096)
def role_of(label: str) -> Column | None:
    """The role a header text names, or None."""
    if len(label) > _LONGEST_IN_ALL or _AN_AGENCY.match(label):
        return None
    label = _AND_RESULTS.sub("", _AND_PERSONS.sub("", _beside_time(label) or label))
    label = _PERSONS_AND.sub(r"\1\2", label)
    if _LEADS_IN_BRACKETS.search(label):
        return Column.LEAD
    # First without its brackets: 责任单位（责任人） is a column of agencies.
    for text in (_IN_BRACKETS.sub("", label), label):
        if text and not _NO_ROLE.search(text) and len(text) <= _LONGEST_LABEL:
            for role, pattern in _LABELS:
                if pattern.search(text):
                    return role
    return None


def says_when_too(label: str) -> bool:
    """责任单位及完成时限: who acts, and by when, in one column."""
    return bool(_beside_time(label)) and role_of(label) in (Column.LEAD, Column.RESPONSIBLE)


def agencies_before_time(label: str) -> str:
    """责任单位 of 责任单位完成时限, which may be one column for both as well; '' of any other label."""
    match = _RUN_ON.match(label)
    return match[1] if match else ""


def only_helps(label: str) -> bool:
    """Whether a column, or what stands behind a label, names only those who help: 配合单位, 协办部门."""
    return bool(_ONLY_HELPS.match(label))


def marked_as_beside(label: str) -> str:
    """What the portal writes for a label that has no role but would be read as having one."""
    return f"备注({label})"


def marked_as_printed(label: str) -> str:
    """What the portal writes for a label below which stands whole what is divided among the six columns."""
    return f"{label}{_AS_PRINTED}"


def without_mark_of_beside(label: str) -> str:
    """The label again; any other as it stands."""
    own = label.removeprefix("备注(").removesuffix(")")
    return own if marked_as_beside(own) == label and role_of(own) else label


def is_printed_again(label: str) -> bool:
    """Whether a column, beside one for each of the six, prints whole what stands divided in these, as what the portal
    writes does: 责任单位及完成时限 beside 责任单位 and 完成时限."""
    return label == WHOLE or label.endswith(_AS_PRINTED) or says_when_too(label) or bool(agencies_before_time(label))


@lru_cache(maxsize=4096)
def _beside_time(label: str) -> str:
    """What a label names beside the time: 责任单位 of 责任单位及完成时限; '' where it names only one of them."""
    if not 4 < len(label) <= _LONGEST_LABEL:
        return ""
    parts = [part for part in _AND.split(label) if part]
    others = [part for part in parts if not _TIME.search(part)]
    # 时限及要求 is about time only.
    both = 0 < len(others) < len(parts) and _WHO_OR_WHAT.search(others[0]) and not _NO_ROLE.search(others[0])
    return "及".join(others) if both else ""


def may_be(role: Column, label: str) -> bool:
    """Whether a column may hold titles or texts where no other does."""
    pattern = _VAGUE_TITLES if role is Column.TITLE else _VAGUE_TEXTS
    if label.endswith(_NAMES_BY_NUMBER):
        return False
    says_when = _TIME.search(label) and role_of(label) is Column.DEADLINE
    return 0 < len(label) <= _LONGEST_LABEL and not has_no_role(label) and not says_when and bool(pattern.search(label))


def is_only(role: Column, label: str) -> bool:
    """Whether a label of titles cannot be one of texts, or the other way round."""
    return bool((_ONLY_TITLES if role is Column.TITLE else _ONLY_TEXTS).search(label))


def names_offices(label: str) -> bool:
    """责任科室 and the like: they act where no agencies are named."""
    return bool(_OFFICES.search(label))


def is_surely_the_end(label: str) -> bool:
    """Whether a label of time says by when, and not when something else happened: 办结时限 beside 交办时间."""
    return bool(_THE_END.search(label))


def names_a_level(label: str) -> bool:
    """Whether a column is called by a level of government: 市级, 县区, 市直部门, 省级责任单位."""
    return bool(_OF_A_LEVEL.match(label))


def says_first_leads(text: str) -> bool:
    """Whether a label or a note says that the agency named first leads: 排在第一位的为牵头单位."""
    return bool(_FIRST_LEADS.search(text))


def has_no_role(label: str) -> bool:
    """Whether a column is said to hold persons, results, counts or remarks, or what one agency does."""
    return bool(_NO_ROLE.search(label) or _AN_AGENCY.match(label))
