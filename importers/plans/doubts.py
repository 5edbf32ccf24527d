"""How much of a document was read without doubt, and the doubts by kind."""

from collections.abc import Iterable

from importers.documents.values import ParsedList, Problem

NAMES = {
    "several_lists": "另有清单",
    "missing_column": "缺少的列",
    "column_not_read": "未识别的列",
    "paragraph_not_read": "未归入的段落",
    "hidden_columns": "隐藏的列",
    "hidden_rows": "隐藏的行",
    "tracked_changes_present": "修订",
    "macro_present": "宏",
    "no_section": "任务类别",
    "orphan_continuation": "没有序号",
    "duplicate_number": "序号重复",
    "number_gap": "序号缺漏",
    "number_order": "序号顺序",
    "short_row": "缺少的单元格",
    "missing_lead": "没有牵头单位",
    "agency_review": "单位待认定",
    "duplicate_agency": "单位重复",
    "missing_deadline": "没有时限",
    "unparsed_deadline": "时限无法识别",
    "invalid_date": "日期无效",
    "implausible_date": "年份存疑",
    "status_not_deadline": "时限为状态",
    "year_inferred": "时限年份为推定",
    "deadline_inferred": "时限为推定",
    "several_dates": "多个日期",
    "formula_cell": "公式",
    "error_cell": "出错的单元格",
}


def read_without_doubt(parsed: ParsedList) -> int:
    """How many measures stand in rows that no doubt is about."""
    doubtful = {problem.row for problem in parsed.warnings}
    return sum(measure.row not in doubtful for measure in parsed.measures)


def share_read(parsed: ParsedList) -> str:
    """The same in one line."""
    sure, measures = read_without_doubt(parsed), len(parsed.measures)
    percent = 100 * sure // measures if measures else 0
    return f"{measures}条举措中{sure}条读取无疑问（{percent}%），提示{len(parsed.warnings)}条"


def by_kind(warnings: Iterable[Problem]) -> list[str]:
    """Each kind with its number, and below it each doubt."""
    kinds: dict[str, list[str]] = {}
    for problem in warnings:
        kinds.setdefault(problem.kind, []).append(problem.message)
    ordered = sorted(kinds.items(), key=lambda kind: [*NAMES].index(kind[0]))
    return [
        line for kind, messages in ordered for line in (f"{NAMES[kind]} {len(messages)}（{kind}）", *_below(messages))
    ]


def _below(messages: list[str]) -> list[str]:
    return [f"  {message}" for message in messages]
