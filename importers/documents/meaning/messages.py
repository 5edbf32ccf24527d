"""The sentence for each warning: what is wrong, where, and what to do."""

from collections.abc import Mapping

from importers.documents.layout.labels import SHOWN_AS, Column
from importers.documents.values import Problem

_UNTIL_CONFIRMED = "确认前不计逾期、不发提醒。"

_SENTENCES = {
    "missing_deadline": "{where}未填写完成时限。请填写日期或选“持续巩固”；" + _UNTIL_CONFIRMED,
    "missing_lead": "{where}没有牵头单位。请指定牵头单位。",
    "short_row": "{where}缺少“{column}”单元格，缺少的部分按空白处理。请核对原文。",
    "no_section": "清单没有任务类别标题，全部举措未归类。如有类别，请检查标题行。",
    "orphan_continuation": "{where}没有序号，上面也没有可以接续的事项。请填写序号后重新上传。",
    "duplicate_number": "{where}序号重复：“{title}”与“{other}”使用同一序号，未合并。请核对序号。",
    "restarted_number": "“{section}”的序号（第{row}行）重新从1编起，与前面的类别重复；同号事项分别计项，未合并。"
    "请确认，或改为全表连续编号后重新上传。",
    "flat_sheet": "{where}与上一行序号相同而事项名称不同（“{other}”和“{title}”），按同一事项的不同举措计；"
    "这样的共{count}处。请核对序号。",
    "number_gap": "序号从{before}跳到{item}（第{row}行），缺第{missing}项。请核对是否漏列。",
    "number_order": "{where}序号没有按顺序排列，前面已出现第{before}项。请核对序号。",
    "unreadable_number": "{where}序号“{value}”无法识别，原文已保留。请改为数字后重新上传。",
    "invalid_date": "{where}完成时限“{value}”不是有效日期，原文已保留。请填写正确的日期；" + _UNTIL_CONFIRMED,
    "unparsed_deadline": "{where}完成时限“{value}”无法识别，原文已保留。请填写日期或选“持续巩固”；" + _UNTIL_CONFIRMED,
    "several_dates": "{where}完成时限“{value}”含多个日期：{day}为时限，{milestone}为阶段节点。请核对。",
    "year_inferred": "{where}完成时限“{value}”没有写年份，按清单年份计为{day}。请核对。",
    "deadline_inferred": "{where}完成时限“{value}”不够明确，按{day}计。请核对。",
    "implausible_date": "{where}完成时限“{value}”的年份与清单相差过大，原文已保留。请填写正确的日期；"
    + _UNTIL_CONFIRMED,
    "status_not_deadline": "{where}完成时限“{value}”是状态而不是时限，原文已保留。请填写日期或选“持续巩固”；"
    + _UNTIL_CONFIRMED,
    "agency_review": "{where}{column}“{value}”写法不完整，未自动建立单位，原文已保留。请指定单位。",
    "duplicate_agency": "{where}{column}“{value}”重复出现，只计一次。请核对原文。",
    "agency_in_both": "{where}“{value}”既是牵头单位又是责任单位。请核对原文。",
}


def sentence(problem: Problem, facts: Mapping[str, object]) -> str:
    """The message for a problem; `facts` are what only its finder knows."""
    pattern = _SENTENCES[_variant(problem.kind, facts)]
    values = {key: value for key, value in facts.items() if key != "missing"}
    column = SHOWN_AS[Column(problem.cell)] if problem.cell else ""
    missing = _listed(facts.get("missing"))
    return pattern.format(
        where=_where(problem),
        value=(problem.value or "").replace("\n", " "),
        item=problem.item_no,
        row=problem.row,
        column=column,
        missing=missing,
        **values,
    )


def _variant(kind: str, facts: Mapping[str, object]) -> str:
    if facts.get("unreadable"):
        return "unreadable_number"
    if facts.get("flat"):
        return "flat_sheet"
    if facts.get("restarts"):
        return "restarted_number"
    return "agency_in_both" if facts.get("in_both") else kind


def _where(problem: Problem) -> str:
    if problem.item_no is None:
        return f"第{problem.row}行"
    return f"第{problem.item_no}项（第{problem.row}行）"


def _listed(numbers: object) -> str:
    if not isinstance(numbers, list):
        return ""
    if len(numbers) > 5:
        return f"{numbers[0]}至{numbers[-1]}"
    return "、".join(map(str, numbers))
