"""Milestones that a list prints: the earlier dates of a deadline, and columns for quarters, half years or months."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agencies.access import Principal
from importers.documents.grammar.deadlines import parse_deadline
from importers.documents.grammar.text import NOTHING_PRINTED, one_line, squeezed
from importers.documents.values import ParsedList, ParsedMeasure
from importers.editions.write import BATCH, Work
from reforms.models import Milestone
from reforms.reports.milestones import entry_of, facts_of

# Between what is to be done by one date and by another: 6月底前完成试点；12月底前全面推开.
_CLAUSES = re.compile("[，,；;。\n①-⑳]")
_PARTS = re.compile(f"{_CLAUSES.pattern}|、")
# 第一季度, 2022年上半年目标, 6月底工作安排; not 一季度完成情况, which tells what was.
_COLUMN = re.compile(
    r"((?:\d{4}年)?(?:第?[一二三四1-4]季度|[Qq][1-4]|[上下]半年|\d{1,2}月份?|[一二三四五六七八九十]{1,2}月份?)(?:[底末])?前?)"
    r"(?:工作|主要|重点|阶段性?|年度|目标|任务|计划|安排|进度|节点|要求|内容|指标|举措|形象|推进|的)*"
)
LONGEST = 120
Key = tuple[int, dt.date]


@dataclass(frozen=True, slots=True)
class PrintedStep:
    """What a list prints for a day: a title, and the whole text where that is longer."""

    title: str
    note: str = ""


def steps_of(printed: ParsedMeasure, year: int) -> dict[dt.date, PrintedStep]:
    """The steps that are printed with a measure, by day. What a column says of a day goes before a bare date; `year` is
    the list's."""
    found = {day: _step(_clause_of(printed, day)) for day in printed.milestones}
    for label, text in printed.other:
        day = _day_of(label, year)
        if day and squeezed(text) not in NOTHING_PRINTED:
            found[day] = _step(text)
    return found


def _clause_of(printed: ParsedMeasure, day: dt.date) -> str:
    """What of the deadline is said of one of its dates; all of it where that cannot be told."""
    text = printed.deadline_text
    # 、 stands within what is to be done as well: 完成方案、启动试点.
    clauses = [*_CLAUSES.split(text), *_PARTS.split(text)]
    return next((one for one in clauses if parse_deadline(one, day.year).date == day), text)


def _day_of(label: str, year: int) -> dt.date | None:
    period = _COLUMN.fullmatch(squeezed(label))
    return parse_deadline(period[1], year).date if period else None


def _step(text: str) -> PrintedStep:
    title = one_line(text)
    if len(title) <= LONGEST:
        return PrintedStep(title)
    return PrintedStep(f"{title[: LONGEST - 1]}…", text[:500])


def write_milestones(work: Work, printed: ParsedList, *, who: Principal, on: dt.date) -> None:
    """Bring the milestones that the list prints in line with what it prints now: new ones are added, others take their
    new title, and those that are no longer printed are withdrawn. What was reported of them stays."""
    wanted, known = _wanted(work, printed), _known(work)
    first_day = _first_day(work, on)
    added = [_new(key, step, first_day) for key, step in wanted.items() if key not in known]
    Milestone.objects.bulk_create(added, batch_size=BATCH)
    work.entries += [entry_of("milestone.printed", one, reason=one.note) for one in added]
    changed = [known[key] for key, step in wanted.items() if key in known and _restate(known[key], step, work)]
    gone = [one for key, one in known.items() if key not in wanted and one.withdrawn_on is None]
    for milestone in gone:
        _withdraw(milestone, work, who, on)
    columns = ["title", "note", "withdrawn_on", "withdrawn_by", "version"]
    Milestone.objects.bulk_update([*changed, *gone], columns, batch_size=BATCH)


def _known(work: Work) -> dict[Key, Milestone]:
    """What the list printed before of the measures that were written; the others keep theirs."""
    ids = {measure.pk for measure in work.measures.values()}
    of_list = Milestone.objects.filter(measure__reform_list=work.reform_list, source=Milestone.Source.PRINTED)
    return {(one.measure_id, one.due_on): one for one in of_list.order_by("pk") if one.measure_id in ids}


def _wanted(work: Work, printed: ParsedList) -> Mapping[Key, PrintedStep]:
    """What is printed of the measures that were written."""

    def steps() -> Iterator[tuple[Key, PrintedStep]]:
        for measure in printed.measures:
            if measure.row in work.measures and (measure.milestones or measure.other):
                pk = work.measures[measure.row].pk
                yield from (((pk, day), step) for day, step in steps_of(measure, work.reform_list.year).items())

    return dict(steps())


def _first_day(work: Work, on: dt.date) -> dt.date:
    """From when the list says so: of a first edition from its day of issue, as its measures count from then."""
    issued = work.reform_list.issued_on
    return min(issued, on) if issued and work.edition.number == 1 else on


def _new(key: Key, step: PrintedStep, planned_on: dt.date) -> Milestone:
    measure_id, day = key
    return Milestone(
        measure_id=measure_id,
        source=Milestone.Source.PRINTED,
        title=step.title,
        note=step.note,
        due_on=day,
        planned_on=planned_on,
    )


def _restate(milestone: Milestone, step: PrintedStep, work: Work) -> bool:
    """Another title, or printed again after it was not; whether there is anything to write."""
    before, was_withdrawn = facts_of(milestone), milestone.withdrawn_on is not None
    if (milestone.title, milestone.note) == (step.title, step.note) and not was_withdrawn:
        return False
    milestone.title, milestone.note = step.title, step.note
    milestone.withdrawn_on, milestone.withdrawn_by = None, ""
    milestone.version += 1
    after = facts_of(milestone)
    if was_withdrawn:
        work.entries.append(entry_of("milestone.printed", milestone, reason=step.note))
    else:
        was = {name: value for name, value in before.items() if after[name] != value}
        work.entries.append(entry_of("milestone.changed", milestone, before=was, reason=step.note))
    return True


def _withdraw(milestone: Milestone, work: Work, who: Principal, on: dt.date) -> None:
    milestone.withdrawn_on, milestone.withdrawn_by = on, who.label
    milestone.version += 1
    work.entries.append(entry_of("milestone.withdrawn", milestone))
