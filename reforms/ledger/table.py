"""The columns of the 台账: those that are printed, as wide as a page of A3 across, and what stands to their right; and
its rows, values for a workbook, texts for what is printed.

Order, words and widths after the practice of offices; the deadline in force stands beside the printed one, since
both are asked for at every meeting.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from reforms.catalogue.export import columns as catalogue_columns
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.rows import CHUNK, MeasureRow, all_rows
from reforms.lib.words import day_text
from reforms.models import DeadlineAdjustment, Duty, Extension, Part, PrintedRow, ProgressReport
from reforms.office.chasing import words_by_measure
from reforms.reports.permissions import last_readable

Outlook = ProgressReport.Outlook


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Of one measure. Texts of several agencies stand under their names; what may not be read is empty."""

    progress: str = ""
    problems: str = ""
    next_step: str = ""
    pace: str = ""
    leader: str = ""
    moved_by: str = ""
    chased: int = 0
    division: str = ""
    officer: str = ""


def reads_everything(who: Principal) -> bool:
    """Whether the columns that are the office's own are in their 台账."""
    return may(who, Verb.READ_REPORTS, ())


def facts_of(ids: Sequence[int], who: Principal, on: dt.date) -> dict[int, Facts]:
    """By measure, as `who` may read it on a business date: eight queries, however many measures; visitors are told
    nothing of it."""
    if not who.signed_in:
        return dict.fromkeys(ids, Facts())
    duties = _by_measure(Duty.objects.filter(measure__in=ids, part=Part.LEAD).select_related("agency"))
    reports = last_readable(ids, who, on)
    leaders, office = _leaders(ids), reads_everything(who)
    moved, chased = (_moves(ids, on), words_by_measure(ids, who, on)) if office else ({}, {})
    return {
        pk: Facts(
            **_said_by_leads(duties.get(pk, []), reports.get(pk, {})),
            leader=leaders.get(pk, ""),
            moved_by="\n".join(moved.get(pk, ())),
            chased=len(chased.get(pk, ())),
            division=_named({duty.agency.name: duty.division for duty in duties.get(pk, [])}) if office else "",
            officer=_named({duty.agency.name: duty.officer for duty in duties.get(pk, [])}) if office else "",
        )
        for pk in ids
    }


def _by_measure(duties: Iterable[Duty]) -> dict[int, list[Duty]]:
    found: dict[int, list[Duty]] = defaultdict(list)
    for duty in duties:
        found[duty.measure_id].append(duty)
    return found


def _said_by_leads(leads: list[Duty], reports: dict[int, ProgressReport]) -> dict[str, str]:
    """What the leads said last, in their order; where none of them said anything, what the others did."""
    said = [reports[duty.agency_id] for duty in leads if duty.agency_id in reports] or list(reports.values())
    return {
        "progress": _named({one.agency.name: one.progress or _unchanged(one) for one in said}),
        "problems": _named({one.agency.name: one.problems for one in said}),
        "next_step": _named({one.agency.name: one.next_step for one in said}),
        "pace": _named({one.agency.name: str(Outlook(one.outlook).label) for one in said if one.outlook}),
    }


def _unchanged(report: ProgressReport) -> str:
    return _("本期无变化") if report.is_unchanged else ""


def _named(texts: dict[str, str]) -> str:
    """The only text; several under the names of the agencies."""
    filled = {name: text.strip() for name, text in texts.items() if text.strip()}
    if len(filled) < 2:
        return "".join(filled.values())
    return "\n".join(_("%(agency)s：%(text)s") % {"agency": name, "text": text} for name, text in filled.items())


def _leaders(ids: Sequence[int]) -> dict[int, str]:
    """牵头领导, 责任领导, 分管领导: persons whom the edition in force prints beside a measure, in other columns."""
    rows = PrintedRow.objects.filter(measure__in=ids, edition__is_in_force=True).exclude(other={})
    return {
        pk: _("、").join(text for label, text in other.items() if "领导" in label and text)
        for pk, other in rows.values_list("measure_id", "other")
    }


def _moves(ids: Sequence[int], on: dt.date) -> dict[int, list[str]]:
    """By what deadlines were moved: document numbers of adjustments, extensions that were granted."""
    found: dict[int, list[tuple[dt.date, str]]] = defaultdict(list)
    adjusted = DeadlineAdjustment.objects.filter(measure__in=ids, on__lte=on)
    for measure, day, reference in adjusted.values_list("measure_id", "on", "reference"):
        found[measure].append((day, reference))
    granted = Extension.objects.granted().filter(measure__in=ids, decided_on__lte=on)
    for one in granted:
        said = _("%(day)s批复延至%(until)s") % {"day": day_text(one.decided_on), "until": day_text(one.granted)}
        told = _("%(said)s（%(remark)s）") % {"said": said, "remark": one.decision} if one.decision else said
        found[one.measure_id].append((one.decided_on or on, told))
    return {measure: [text for _day, text in sorted(moves)] for measure, moves in found.items()}


PAGE = 390  # mm: A3 across, without 15 on either side
WIDE = 34  # mm from which on a column gives or takes
Value = Callable[[MeasureRow, Facts], Any]


@dataclass(frozen=True, slots=True)
class LedgerColumn:
    """`width` in mm; `centred` for what is short."""

    heading: str
    width: float
    value: Value
    centred: bool = False


@dataclass(frozen=True, slots=True)
class LedgerColumns:
    """`printed` from left to right, together PAGE wide, then the `further` ones."""

    printed: tuple[LedgerColumn, ...]
    further: tuple[LedgerColumn, ...]

    @property
    def all(self) -> tuple[LedgerColumn, ...]:
        """As they stand in the sheet."""
        return self.printed + self.further


def ledger_columns(filters: MeasureFilter) -> LedgerColumns:
    """What whoever looks may read: visitors the printed list, and status where it is public; who reports or supervises
    also what was said; the office what is its own."""
    known = _Known(filters)
    signed_in, office = filters.view.who.signed_in, reads_everything(filters.view.who)
    printed = [
        known.column(_("清单"), 20),
        known.column(_("序号"), 10, centred=True),
        known.column(_("任务类别"), 20),
        known.column(_("改革事项"), 34),
        known.column(_("具体举措"), 78),
        known.column(_("牵头单位"), 26),
        known.column(_("责任单位"), 28),
        LedgerColumn(_("分管市领导"), 16, lambda _row, facts: facts.leader) if signed_in else None,
        known.column(_("完成时限"), 22, centred=True),
        known.column(_("现行时限"), 22, centred=True),
        known.column(_("亮灯"), 18, centred=True),
        *(_reported() if signed_in else ()),
    ]
    further = [
        known.column(_("印发时限"), 22, centred=True),
        LedgerColumn(_("延期批准文号"), 40, lambda _row, facts: facts.moved_by) if office else None,
        LedgerColumn(_("推进情况"), 22, lambda _row, facts: facts.pace) if signed_in else None,
        LedgerColumn(_("催办次数"), 16, lambda _row, facts: facts.chased, centred=True) if office else None,
        known.column(_("在册情况"), 18, centred=True),
        known.column(_("状态"), 18, centred=True),
        known.column(_("最近填报"), 22, centred=True),
        known.column(_("销号日期"), 22, centred=True),
        LedgerColumn(_("按期销号"), 18, lambda row, _facts: _in_time(row), centred=True)
        if known.has(_("销号日期"))
        else None,
        known.column(_("结果摘要"), 60),
        LedgerColumn(_("责任处室"), 30, lambda _row, facts: facts.division) if office else None,
        LedgerColumn(_("经办人"), 30, lambda _row, facts: facts.officer) if office else None,
    ]
    return LedgerColumns(_as_wide_as_the_page([one for one in printed if one]), tuple(one for one in further if one))


def _reported() -> tuple[LedgerColumn, ...]:
    return (
        LedgerColumn(_("进展情况"), 62, lambda _row, facts: facts.progress),
        LedgerColumn(_("问题及需协调事项"), 30, lambda _row, facts: facts.problems),
        LedgerColumn(_("下一步工作安排"), 24, lambda _row, facts: facts.next_step),
    )


class _Known:
    """The columns of the catalogue, of which csv is made: each value is told there."""

    def __init__(self, filters: MeasureFilter) -> None:
        self._values = {heading: value for heading, _width, value in catalogue_columns(filters)}

    def has(self, heading: str) -> bool:
        """Whether it is shown."""
        return heading in self._values

    def column(self, heading: str, width: float, *, centred: bool = False) -> LedgerColumn | None:
        """None where the catalogue does not show it to whoever looks."""
        value = self._values.get(heading)
        return LedgerColumn(heading, width, lambda row, _facts: value(row), centred) if value else None


def _as_wide_as_the_page(columns: list[LedgerColumn]) -> tuple[LedgerColumn, ...]:
    """What the others leave, or take too much, is shared by the texts that are wide anyway."""
    wide = sum(one.width for one in columns if one.width >= WIDE)
    share = (PAGE - sum(one.width for one in columns) + wide) / wide
    return tuple(replace(one, width=one.width * share) if one.width >= WIDE else one for one in columns)


def _in_time(row: MeasureRow) -> str:
    if row.closed_on is None or row.shown_deadline is None:
        return ""
    # The day on which the claim reached the office counts, not how long the office took.
    late = ((row.claimed_on or row.closed_on) - row.shown_deadline).days
    return _("逾期%(n)d天") % {"n": late} if late > 0 else _("是")


MOST_PRINTED = 500  # on one page, or in one document: more is for the workbook


def values_of(
    rows: Iterable[MeasureRow], columns: Sequence[LedgerColumn], filters: MeasureFilter
) -> Iterator[list[Any]]:
    """A row each: texts, whole numbers, dates, None."""
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        facts = facts_of([row.id for row in chunk], filters.view.who, filters.view.on)
        for row in chunk:
            yield [column.value(row, facts[row.id]) for column in columns]


def printed_texts(filters: MeasureFilter, begin: int = 0) -> Iterator[list[str]]:
    """What is printed of each measure, up to MOST_PRINTED of them, as it stands in the printed columns; without the
    first `begin`."""
    rows = all_rows(filters.ordered()[begin:MOST_PRINTED], filters.view)
    for row in values_of(rows, ledger_columns(filters).printed, filters):
        yield [_text(value) for value in row]


def _text(value: Any) -> str:
    if isinstance(value, dt.date):
        return day_text(value)
    return "" if value is None else str(value)


def too_many(total: int) -> str:
    """The sentence to whoever asks for more than is printed."""
    said = _("共%(n)d条，一次最多打印%(most)d条。请缩小筛选范围，或导出台账（xlsx）打印。")
    return said % {"n": total, "most": MOST_PRINTED}
