"""The rows of the 台账: values for a workbook, and texts for a page or a document that is printed."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.rows import CHUNK, MeasureRow, all_rows
from reforms.ledger.columns import LedgerColumn, ledger_columns
from reforms.ledger.facts import facts_of
from reforms.lib.words import day_text

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


def printed_texts(filters: MeasureFilter) -> list[list[str]]:
    """What is printed of each measure, up to MOST_PRINTED of them, as it stands in the printed columns."""
    rows = all_rows(filters.ordered()[:MOST_PRINTED], filters.view)
    return [[_text(value) for value in row] for row in values_of(rows, ledger_columns(filters).printed, filters)]


def _text(value: Any) -> str:
    if isinstance(value, dt.date):
        return day_text(value)
    return "" if value is None else str(value)


def too_many(total: int) -> str:
    """The sentence to whoever asks for more than is printed."""
    said = _("共%(n)d条，一次最多打印%(most)d条。请缩小筛选范围，或导出台账（xlsx）打印。")
    return said % {"n": total, "most": MOST_PRINTED}
