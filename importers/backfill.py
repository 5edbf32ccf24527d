"""What the office pastes or uploads to fill in what is already complete: 序号, 完成日期, 说明, 情况.

A row names its measure by the item's number (7, or 7-2 where the item has several), or by the measure's own id (#123).
The rows of a sheet count as the sheet counts them, those of a pasted block from 1.
"""

import csv
import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from agencies.lib.formulas import unmarked
from agencies.lib.untrusted.limits import MEGABYTE
from importers.documents.grammar.deadlines import parse_deadline
from importers.documents.grid import Table
from importers.documents.limits import LIMITS, Rejected
from importers.documents.readers import read_grid
from importers.documents.readers.plain.text import decode
from importers.documents.weight import is_small
from reforms.models import Measure, ReformList
from reforms.office.backfill import BackfillRow, Refusal

LARGEST_FILE = 2_000_000
# They are shown on one page and written in one transaction while somebody waits: two seconds.
MOST_ROWS = 1_000
# Unpacked: a small file may hold a very long sheet.
LARGEST_SHEET = 8 * MEGABYTE
# Also those without anything in them: people format whole columns.
MOST_ROWS_OF_A_SHEET = 20_000
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "measure": ("序号", "编号"),
    "on": ("日期",),
    "note": ("说明", "进展", "备注"),
    "state": ("情况", "状态"),
}
IN_ORDER = ("measure", "on", "note", "state")
DONE_WORDS = ("", "已完成", "完成", "已销号", "complete")
UNDER_WAY_WORDS = ("推进中", "进行中", "未完成", "in progress")
# 2022-06-30, 2022/6/30, 2022.6.30, 2022年6月30日, also with midnight behind it (2022-06-30 00:00:00).
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0{1,2}:00(?::00)?)?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
# 7, 7*, 第7项; 7-2 is the second measure of item 7.
_BY_NUMBER = re.compile(r"第?(\d{1,6})\*?项?(?:[-－—](\d{1,4}))?")
# A line of `to_text`: row, measure, day, whether done, and the note behind the last tab.
_LINE = re.compile(r"\d{1,7}\t\d{1,9}\t\d{4}-\d\d-\d\d\t[01]\t")
_BY_ID = re.compile(r"#(\d{1,9})")


@dataclass(frozen=True, slots=True)
class ReadRows:
    """What was understood, and what was not."""

    rows: list[BackfillRow]
    refusals: list[Refusal]


def rows_of_file(data: bytes) -> list[tuple[int, list[str]]]:
    """The numbered rows of an uploaded spreadsheet or separated file. Raises Rejected."""
    if len(data) > LARGEST_FILE:
        raise Rejected("too_large", _("文件超过2MB，请只保留需要补录的各行。"))
    # A workbook is a package and begins like one; anything else is read as text.
    if not data.startswith(b"PK"):
        return rows_of_text(decode(data))
    if not is_small(data, MOST_ROWS_OF_A_SHEET, replace(LIMITS, inflated_size=LARGEST_SHEET)):
        raise Rejected("too_large", _("表格行数或内容过多，请只保留需要补录的各行。"))
    tables = (block for block in read_grid(data, "").blocks if isinstance(block, Table))
    return [(row.number, [cell.text for cell in row.cells]) for table in tables for row in table.rows]


def rows_of_text(text: str) -> list[tuple[int, list[str]]]:
    """The numbered rows of a pasted block or a separated file. Raises Rejected."""
    # PostgreSQL takes no zero character in a text.
    text = text.replace("\x00", "").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    # A full-width ， separates only where no other sign does: it also stands inside notes.
    separator = next((one for one in "\t,;" if one in text), "，" if "，" in text else "\t")
    try:
        rows = csv.reader(text.split("\n"), delimiter=separator)
        # Our own csv has an apostrophe before what a spreadsheet might calculate.
        return [(number, [unmarked(cell) for cell in cells]) for number, cells in enumerate(rows, start=1)]
    except csv.Error as error:
        raise Rejected("corrupt_file") from error


def read_rows(table: Sequence[tuple[int, Sequence[str]]], reform_list: ReformList) -> ReadRows:
    """Understand the rows of a table: two queries."""
    said = [(number, [_tidy(cell) for cell in cells]) for number, cells in table]
    said = [(number, cells) for number, cells in said if any(cells)]
    order, said = _columns(said)
    if len(said) > MOST_ROWS:
        return ReadRows([], [Refusal(0, "measure", _("一次最多补录%(n)d行，请分几次。") % {"n": MOST_ROWS})])
    known = _Measures.of(reform_list)
    read = ReadRows([], [])
    for number, cells in said:
        named = dict(zip(order, cells, strict=False))
        _read(read, number, named, known)
    return read


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _columns(
    said: list[tuple[int, list[str]]],
) -> tuple[Sequence[str], list[tuple[int, list[str]]]]:
    """Which column is which: by a row of headings, else in the usual order."""
    for place, (_number, cells) in enumerate(said[:5]):
        order = _once([next((name for name, words in HEADINGS.items() if _heads(cell, words)), "") for cell in cells])
        if "measure" in order and "on" in order:
            # What stands above the headings, such as a title, is left out.
            return order, said[place + 1 :]
    return IN_ORDER, said


def _once(order: Sequence[str]) -> list[str]:
    """The first column of each name; the others are not read."""
    return [name if name not in order[:place] else "" for place, name in enumerate(order)]


def _heads(cell: str, words: Iterable[str]) -> bool:
    return len(cell) <= 10 and any(word in cell for word in words)


def _read(read: ReadRows, number: int, named: Mapping[str, str], known: "_Measures") -> None:
    measure_id, wrong = known.find(named.get("measure", ""))
    day = day_of(named.get("on", ""))
    state = named.get("state", "").lower()
    # Every cell is judged, so that all that is wrong with a row is told at once.
    if wrong:
        read.refusals.append(Refusal(number, "measure", wrong))
    if day is None:
        said = _("“%(value)s”不是明确的日期，请写作 2022-06-30 或 2022年6月底（须写明年份）。")
        said %= {"value": named.get("on", "")[:20]}
        read.refusals.append(Refusal(number, "on", said))
    if state not in (*DONE_WORDS, *UNDER_WAY_WORDS):
        read.refusals.append(Refusal(number, "state", _("情况请写“已完成”或“推进中”。")))
    if measure_id and day:
        done = state not in UNDER_WAY_WORDS
        written = "" if _is_a_day(named["on"]) else named["on"]
        note = named.get("note", "")
        read.rows.append(BackfillRow(measure_id=measure_id, on=day, note=note, done=done, row=number, written=written))


def day_of(text: str) -> dt.date | None:
    """2022-06-30, 2022/6/30, 2022.6.30, 2022年6月30日 or 20220630; of what a list would print for a span of time
    (2022年5月底, 2022年一季度) its last day; None where it is not certain, as without a year."""
    match = _is_a_day(text)
    try:
        return dt.date(*map(int, match.groups())) if match else _last_day_of(text)
    except ValueError:
        return None


def _is_a_day(text: str) -> re.Match[str] | None:
    return _DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text)


def _last_day_of(text: str) -> dt.date | None:
    # Without a year to go by, and nothing that the reading of a list would ask about.
    read = parse_deadline(text, None)
    return None if read.problems or read.milestones or read.ongoing else read.date


@dataclass(frozen=True, slots=True)
class _Measures:
    """The measures of a list by item number and place in the item."""

    by_item: Mapping[int, Mapping[int, int]]
    ids: frozenset[int]

    @classmethod
    def of(cls, reform_list: ReformList) -> "_Measures":
        by_item: dict[int, dict[int, int]] = {}
        # What does not count (调出清单, 中止, 终止) is not filled in.
        found = Measure.objects.counted().filter(reform_list=reform_list)
        for pk, item, place in found.values_list("pk", "item__number", "seq_in_item"):
            by_item.setdefault(item, {})[place] = pk
        return cls(by_item, frozenset(pk for places in by_item.values() for pk in places.values()))

    def find(self, said: str) -> tuple[int | None, str]:
        """The id of the measure that is meant, or what is wrong with how it is named."""
        by_id, by_number = _BY_ID.fullmatch(said), _BY_NUMBER.fullmatch(said)
        if by_id and int(by_id[1]) in self.ids:
            return int(by_id[1]), ""
        places = self.by_item.get(int(by_number[1]), {}) if by_number else {}
        if by_number and places and by_number[2] is None:
            return self._only(by_number[1], places)
        found = places.get(int(by_number[2])) if by_number and by_number[2] else None
        return found, "" if found else _("没有序号为“%(value)s”的举措。") % {"value": said[:20]}

    def _only(self, number: str, places: Mapping[int, int]) -> tuple[int | None, str]:
        if len(places) == 1:
            return next(iter(places.values())), ""
        names = _("、").join(f"{number}-{place}" for place in sorted(places))
        return None, _("第%(no)s项有%(n)d条举措，请写作%(names)s。") % {"no": number, "n": len(places), "names": names}


def to_text(rows: Iterable[BackfillRow]) -> str:
    """The rows as one text that `of_text` reads back, to travel from the preview to the confirmation."""
    return "\n".join(_line(row) for row in rows)


def _line(row: BackfillRow) -> str:
    # A note of several lines would break the row.
    note = " ".join(row.note.split())
    return "\t".join([str(row.row), str(row.measure_id), row.on.isoformat(), "1" if row.done else "0", note])


def of_text(text: str) -> Iterator[BackfillRow]:
    """Raises ValueError for what `to_text` did not write."""
    for line in text.splitlines():
        if "\x00" in line or not _LINE.match(line):
            raise ValueError(line)
        row, measure_id, day, done, note = line.split("\t", 4)
        yield BackfillRow(
            row=int(row), measure_id=int(measure_id), on=dt.date.fromisoformat(day), done=done == "1", note=note
        )
