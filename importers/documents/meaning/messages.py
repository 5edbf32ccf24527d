"""The sentence for each warning: what is wrong, where, and what to do."""

from collections.abc import Mapping
from typing import Any

from importers.documents.layout.labels import SHOWN_AS, Column
from importers.documents.values import Problem, gettext_noop, problem

_UNTIL_CONFIRMED = gettext_noop("确认前不计逾期、不发提醒。")
_DATE_IS_ASKED = {"missing_deadline", "invalid_date", "unparsed_deadline", "implausible_date", "status_not_deadline"}

_SENTENCES = {
    "missing_deadline": gettext_noop("{where}未填写完成时限。请填写日期或选“持续巩固”；"),
    "missing_lead": gettext_noop("{where}没有牵头单位。请指定牵头单位。"),
    "short_row": gettext_noop("{where}缺少“{column}”单元格，缺少的部分按空白处理。请核对原文。"),
    "no_section": gettext_noop("清单没有任务类别标题，全部举措未归类。如有类别，请检查标题行。"),
    "orphan_continuation": gettext_noop("{where}没有序号，上面也没有可以接续的事项。请填写序号后重新上传。"),
    "duplicate_number": gettext_noop("{where}序号重复：“{title}”与“{other}”使用同一序号，未合并。请核对序号。"),
    "restarted_number": gettext_noop(
        "“{section}”的序号（第{row}行）重新从1编起，与前面的类别重复；同号事项分别计项，未合并。"
        "请确认，或改为全表连续编号后重新上传。"
    ),
    "flat_sheet": gettext_noop(
        "{where}与上一行序号相同而事项名称不同（“{other}”和“{title}”），按同一事项的不同举措计；"
        "这样的共{count}处。请核对序号。"
    ),
    "paragraph_not_read": gettext_noop("标题“{value}”下没有举措，未作为任务类别。请核对。"),
    "unreadable_text": gettext_noop("{where}“{column}”是{value}，无法读取，请改为文字后重新上传。"),
    "number_gap": gettext_noop("序号从{before}跳到{item}（第{row}行），缺第{missing}项。请核对是否漏列。"),
    "number_order": gettext_noop("{where}序号没有按顺序排列，前面已出现第{before}项。请核对序号。"),
    "unreadable_number": gettext_noop("{where}序号“{value}”无法识别，原文已保留。请改为数字后重新上传。"),
    "invalid_date": gettext_noop("{where}完成时限“{value}”不是有效日期，原文已保留。请填写正确的日期；"),
    "unparsed_deadline": gettext_noop("{where}完成时限“{value}”无法识别，原文已保留。请填写日期或选“持续巩固”；"),
    "several_dates": gettext_noop("{where}完成时限“{value}”含多个日期：{day}为时限，{milestone}为阶段节点。请核对。"),
    "year_inferred": gettext_noop("{where}完成时限“{value}”没有写年份，按清单年份计为{day}。请核对。"),
    "deadline_inferred": gettext_noop("{where}完成时限“{value}”不够明确，按{day}计。请核对。"),
    "implausible_date": gettext_noop("{where}完成时限“{value}”的年份与清单相差过大，原文已保留。请填写正确的日期；"),
    "status_not_deadline": gettext_noop(
        "{where}完成时限“{value}”是状态而不是时限，原文已保留。请填写日期或选“持续巩固”；"
    ),
    "agency_review": gettext_noop("{where}{column}“{value}”写法不完整，未自动建立单位，原文已保留。请指定单位。"),
    "duplicate_agency": gettext_noop("{where}{column}“{value}”重复出现，只计一次。请核对原文。"),
    "agency_in_both": gettext_noop("{where}“{value}”既是牵头单位又是责任单位。请核对原文。"),
}


_WHO_LEADS = gettext_noop(
    "{count}条举措列有多个单位，没有写明由谁牵头，按“列第一位的为牵头单位”读取。请确认列第一位的是否为牵头单位。"
)
_WHO_OF_THE_LEVELS = gettext_noop(
    "{count}条举措按层级列有多个单位，没有写明由谁牵头，都按责任单位读取。请确认列第一位的是否为牵头单位。"
)


# What chooses the sentence, or is kept beside it.
_MARKS = ("unreadable", "unreadable_text", "flat", "restarts", "in_both", "rows")


def who_leads(rows: tuple[int, ...], *, by_level: bool) -> Problem:
    """The question whether the agency named first leads, asked once for the list."""
    sentence = _WHO_OF_THE_LEVELS if by_level else _WHO_LEADS
    return problem("missing_column", sentence, cell=Column.LEAD.value, rows=rows, count=len(rows))


def doubt(
    kind: str,
    place: tuple[int | None, int | None],
    cell: str | None,
    value: str | None,
    facts: Mapping[str, Any],
) -> Problem:
    """The problem at a place (number of the item, row); `facts` are what only its finder knows."""
    item_no, row = place
    told = {key: fact for key, fact in facts.items() if key not in _MARKS and fact is not None}
    if "missing" in told:
        told["missing"] = _listed(told["missing"])
    if cell:
        told["column"] = SHOWN_AS[Column(cell)]
    said = (_SENTENCES[_variant(kind, facts)], *([_UNTIL_CONFIRMED] if kind in _DATE_IS_ASKED else []))
    rows: tuple[int, ...] = tuple(facts.get("rows", ()))
    plain = {key: _plain(fact) for key, fact in told.items()}
    return problem(kind, *said, item_no=item_no, row=row, cell=cell, value=value, rows=rows, **plain)


def _plain(fact: object) -> str | int:
    return fact if isinstance(fact, int) else str(fact)


def _variant(kind: str, facts: Mapping[str, object]) -> str:
    if facts.get("unreadable"):
        return "unreadable_number"
    if facts.get("unreadable_text"):
        return "unreadable_text"
    if facts.get("flat"):
        return "flat_sheet"
    if facts.get("restarts"):
        return "restarted_number"
    return "agency_in_both" if facts.get("in_both") else kind


def _listed(numbers: object) -> str:
    if not isinstance(numbers, list):
        return ""
    if len(numbers) > 5:
        return f"{numbers[0]}至{numbers[-1]}"
    return "、".join(map(str, numbers))
