"""What was understood of a document, as lines for a person to read."""

from collections import Counter

from importers.parsed import ParsedList, Problem

_OUTCOMES = {"ok": "可导入", "ok_with_warnings": "可导入，有提示", "rejected": "不能导入"}


def summary(parsed: ParsedList) -> str:
    """Totals, sections and warnings of one document."""
    head = f"{parsed.file_name}：{_OUTCOMES[parsed.outcome]}"
    if parsed.error:
        return f"{head}\n  {parsed.error.message}（{parsed.error.kind}）"
    return "\n".join([head, *_totals(parsed), *_sections(parsed), *_deadlines(parsed), *_warnings(parsed.warnings)])


def _totals(parsed: ParsedList) -> list[str]:
    items = _item_numbers(parsed)
    national = {measure.item_no for measure in parsed.measures if measure.national}
    agencies = {name for measure in parsed.measures for name in measure.lead + measure.responsible}
    return [
        f"  标题：{parsed.title or '（无）'}",
        (
            f"  任务类别{len(parsed.sections)}个，改革事项{len(items)}项（国家事项{len(national)}项），"
            f"具体举措{len(parsed.measures)}条，单位名称{len(agencies)}个"
        ),
        *(f"  {note}" for note in parsed.notes),
    ]


def _item_numbers(parsed: ParsedList) -> set[int | None]:
    return {measure.item_no for measure in parsed.measures}


def _sections(parsed: ParsedList) -> list[str]:
    measures = Counter(measure.section_no for measure in parsed.measures)
    items = Counter(section for section, _ in {(one.section_no, one.item_no) for one in parsed.measures})
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


def _warnings(warnings: tuple[Problem, ...]) -> list[str]:
    if not warnings:
        return ["  没有提示"]
    return [
        f"  提示{len(warnings)}条：",
        *(f"    {problem.message}（{problem.kind}）" for problem in warnings),
    ]
