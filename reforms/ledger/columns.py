"""The columns of the 台账: those that are printed, as wide as a page of A3 across, and what stands to their right.

Order, words and widths after the practice of offices; the deadline in force stands beside the printed one, since
both are asked for at every meeting.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from reforms.catalogue.export import columns as catalogue_columns
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.rows import MeasureRow
from reforms.ledger.facts import Facts, reads_everything

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
