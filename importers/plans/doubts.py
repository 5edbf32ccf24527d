"""How much of a document was read without doubt, and the doubts by kind.

A measure is read without doubt when no warning is about it: none about its row, and none that stands for several rows
of which its is one. What is told of the file as a whole is about no measure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from importers.documents.values import ParsedList, Problem, gettext_noop

NAMES = {
    "several_lists": gettext_noop("另有清单"),
    "missing_column": gettext_noop("缺少的列"),
    "column_not_read": gettext_noop("未识别的列"),
    "paragraph_not_read": gettext_noop("未归入的段落"),
    "table_not_read": gettext_noop("未归入的表格"),
    "columns_joined": gettext_noop("合并读取的列"),
    "same_as_above": gettext_noop("同上"),
    "bracket_shared": gettext_noop("多项共用的括号"),
    "struck_text": gettext_noop("删除线"),
    "comments_not_read": gettext_noop("批注"),
    "hidden_columns": gettext_noop("隐藏的列"),
    "hidden_rows": gettext_noop("隐藏的行"),
    "tracked_changes_present": gettext_noop("修订"),
    "macro_present": gettext_noop("宏"),
    "no_section": gettext_noop("没有任务类别标题"),
    "orphan_continuation": gettext_noop("没有序号"),
    "duplicate_number": gettext_noop("序号重复"),
    "number_gap": gettext_noop("序号缺漏"),
    "number_order": gettext_noop("序号顺序"),
    "short_row": gettext_noop("缺少的单元格"),
    "missing_lead": gettext_noop("没有牵头单位"),
    "agency_review": gettext_noop("单位待认定"),
    "duplicate_agency": gettext_noop("单位重复"),
    "missing_deadline": gettext_noop("没有时限"),
    "unparsed_deadline": gettext_noop("时限无法识别"),
    "invalid_date": gettext_noop("日期无效"),
    "implausible_date": gettext_noop("年份存疑"),
    "status_not_deadline": gettext_noop("时限为状态"),
    "year_inferred": gettext_noop("时限年份为推定"),
    "deadline_inferred": gettext_noop("时限为推定"),
    "several_dates": gettext_noop("多个日期"),
    "formula_cell": gettext_noop("公式"),
    "error_cell": gettext_noop("出错的单元格"),
}


@dataclass(frozen=True, slots=True)
class DoubtKind:
    """The doubts of one kind: what was told, and the rows of the measures concerned, in their order."""

    kind: str
    messages: tuple[str, ...]
    rows: tuple[int, ...]

    @property
    def name(self) -> str:
        """What the kind is called."""
        return NAMES[self.kind]


def rows_of(problem: Problem) -> tuple[int, ...]:
    """The rows a problem is about; none where it is about the file."""
    return problem.rows or ((problem.row,) if problem.row is not None else ())


def read_without_doubt(parsed: ParsedList) -> int:
    """How many measures no doubt is about."""
    doubtful = {row for problem in parsed.warnings for row in rows_of(problem)}
    return sum(measure.row not in doubtful for measure in parsed.measures)


def percent_of(sure: int, measures: int) -> str:
    """To one decimal, and rounded down: 100 is said of all of them only."""
    tenths = 1000 * sure // measures if measures else 0
    return "100" if tenths == 1000 else f"{tenths // 10}.{tenths % 10}"  # of a thousand


def share_read(parsed: ParsedList) -> str:
    """The same in one line."""
    sure, measures = read_without_doubt(parsed), len(parsed.measures)
    return f"{measures}条中{sure}条（{percent_of(sure, measures)}%）无疑问，提示{len(parsed.warnings)}条"


def doubts_by_kind(parsed: ParsedList) -> list[DoubtKind]:
    """Each kind that there is."""
    measures = {measure.row for measure in parsed.measures}
    return [
        DoubtKind(kind, tuple(one.message for one in found), tuple(sorted(measures & _rows(found))))
        for kind in NAMES
        if (found := [problem for problem in parsed.warnings if problem.kind == kind])
    ]


def _rows(problems: Iterable[Problem]) -> set[int]:
    return {row for problem in problems for row in rows_of(problem)}


def by_kind(parsed: ParsedList) -> list[str]:
    """Each kind with its number and how many measures it concerns, and below it each doubt."""
    return [line for one in doubts_by_kind(parsed) for line in (_headed(one), *(f"  {said}" for said in one.messages))]


def _headed(one: DoubtKind) -> str:
    concerned = f"，涉及{len(one.rows)}条举措" if len(one.rows) > len(one.messages) else ""
    return f"{one.name} {len(one.messages)}{concerned}（{one.kind}）"


def question_who_leads(parsed: ParsedList) -> Problem | None:
    """The open question whether the agency named first leads (列第一位的为牵头单位？)."""
    return next((one for one in parsed.warnings if is_question_who_leads(one)), None)


def question_marks(parsed: ParsedList) -> Problem | None:
    """The open question what marks below the names of agencies mean (每种符号表示什么？)."""
    return next((one for one in parsed.warnings if is_question_marks(one)), None)


def is_question_marks(problem: Problem) -> bool:
    """Of columns that are not read only this one is about who leads."""
    return problem.kind == "column_not_read" and problem.cell == "lead"


def marks_asked(parsed: ParsedList) -> list[str]:
    """The marks that the question is about, the most frequent first."""
    question = question_marks(parsed)
    return str(dict(question.facts)["signs"]).split() if question else []


def is_question_who_leads(problem: Problem) -> bool:
    """Of missing columns only this one is about certain rows."""
    return problem.kind == "missing_column" and problem.cell == "lead" and bool(problem.rows)
