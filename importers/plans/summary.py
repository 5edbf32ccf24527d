"""What was understood of a document, as lines for a person to read."""

from collections import Counter
from collections.abc import Iterator

from importers.documents.stated_totals import counted
from importers.documents.values import ParsedList
from importers.plans.compare import Comparison, Difference
from importers.plans.doubts import by_kind, share_read
from importers.plans.plan import Plan

_OUTCOMES = {"ok": "可导入", "ok_with_warnings": "可导入，有提示", "rejected": "不能导入"}


def summary(parsed: ParsedList) -> str:
    """Totals, sections and warnings of one document."""
    head = f"{parsed.file_name}：{_OUTCOMES[parsed.outcome]}"
    if parsed.error:
        return f"{head}\n  {parsed.error.message}（{parsed.error.kind}）"
    return "\n".join([head, *_totals(parsed), *_sections(parsed), *_deadlines(parsed), *_warnings(parsed)])


def _totals(parsed: ParsedList) -> list[str]:
    counts = counted(parsed)
    agencies = {name for measure in parsed.measures for name in measure.lead + measure.responsible}
    return [
        f"  标题：{parsed.title or '（无）'}",
        (
            f"  任务类别{counts['sections']}个，改革事项{counts['items']}项（国家事项{counts['national']}项），"
            f"具体举措{counts['measures']}条，单位名称{len(agencies)}个"
        ),
        *(f"  {note}" for note in parsed.notes),
    ]


def _sections(parsed: ParsedList) -> list[str]:
    measures = Counter(measure.section_no for measure in parsed.measures)
    # An item is counted by its first measure, and so once.
    items = Counter(measure.section_no for measure in parsed.measures if measure.seq_in_item == 1)
    return [
        f"  {section.no:>4}  {items[section.no]:>4}项 {measures[section.no]:>4}条  {section.title}"
        for section in parsed.sections
    ]


def _deadlines(parsed: ParsedList) -> list[str]:
    ongoing = sum(measure.ongoing for measure in parsed.measures)
    dated = Counter(measure.deadline for measure in parsed.measures if measure.deadline)
    unclear = len(parsed.measures) - ongoing - sum(dated.values())
    by_date = "，".join(f"{day.isoformat()} {count}条" for day, count in sorted(dated.items())[:12])
    return [f"  时限：{by_date or '无日期'}；持续巩固{ongoing}条；待确认{unclear}条"]


def _warnings(parsed: ParsedList) -> list[str]:
    if not parsed.warnings:
        return [f"  {share_read(parsed)}；没有提示"]
    return [f"  {share_read(parsed)}：", *(f"    {line}" for line in by_kind(parsed))]


CHANGED = {
    "item_added": "新增事项",
    "item_removed": "删去事项",
    "item_renumbered": "序号调整",
    "section_changed": "任务类别调整",
    "national_changed": "国家改革任务标记调整",
    "measure_added": "新增举措",
    "measure_removed": "删去举措",
    "title_changed": "改革事项名称改动",
    "text_changed": "举措内容改动",
    "lead_changed": "牵头单位调整",
    "lead_reordered": "牵头单位仅调整排序",
    "responsible_changed": "责任单位调整",
    "responsible_reordered": "责任单位仅调整排序",
    "deadline_changed": "完成时限调整",
}


def comparison(found: Comparison) -> str:
    """What changed between two documents: totals, then each change with the old and the new words."""
    head = f"{found.old.file} → {found.new.file}：{found.of_substance}处改动"
    if not found.changes:
        return f"{head}，内容相同"
    totals = "，".join(f"{CHANGED[kind]}{count}处" for kind, count in found.counts.items())
    return "\n".join([head, f"  {totals}", *(line for change in found.changes for line in _told(change))])


def plan_lines(plan: Plan) -> list[str]:
    """What an import would add, change and withdraw, each with the old and the new words."""
    added = [f"  {_place(one.item_no, one.seq_in_item)}　{one.item_title}　新增" for one in plan.added]
    changed = [line for change in plan.changed for one in change.differences for line in _told(one)]
    withdrawn = [f"  {_place(one.item_no, one.seq_in_item)}　{one.item_title}　调出" for one in plan.withdrawn]
    return [*added, *changed, *withdrawn]


def _place(item_no: int | None, seq_in_item: int) -> str:
    number = "无序号" if item_no is None else f"第{item_no}项"
    return number if seq_in_item == 1 else f"{number}第{seq_in_item}条"


def _told(change: Difference) -> Iterator[str]:
    yield f"  {_place(change.item_no, change.seq_in_item)}　{change.title}　{CHANGED[change.kind]}"
    if change.old is not None:
        yield f"    - {_words(change.old)}"
    if change.new is not None:
        yield f"    + {_words(change.new)}"


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(value) if isinstance(value, list) else str(value)
