"""Every way in which a deadline of a kind is printed, for tests that read it back."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from importers.documents.readers.word.numbering import chinese

_QUARTER_NAMES = "一二三四"
_FULL_WIDTH = str.maketrans("0123456789./-", "０１２３４５６７８９．／－")


@dataclass(frozen=True)
class Due:
    """A deadline by its kind and the day it stands for."""

    kind: str
    year: int
    number: int = 0
    day: int = 0

    @property
    def last_day(self) -> date:
        if self.kind == "day":
            return date(self.year, self.number, self.day)
        month = {"month": self.number, "quarter": self.number * 3, "half": self.number * 6, "year": 12}.get(self.kind)
        if month:
            return date(self.year, month, calendar.monthrange(self.year, month)[1])
        month, part = divmod(self.number, 3)
        last = calendar.monthrange(self.year, month + 1)[1]
        return date(self.year, month + 1, (10, 20, last)[part])


def surface_forms(due: Due) -> Iterator[str]:
    """Each way to print it: figures, numerals, full-width and spaced out, with and without 前 or 底前."""
    # 12月前 may mean before the month or by its end, and is asked about; 12月底前 is clear.
    before = "底前" if due.kind == "month" else "前"
    for plain in _with_year(due):
        yield plain
        yield plain.translate(_FULL_WIDTH)
        yield plain.replace("年", " 年 ").replace("月", "月\n")
        yield plain if plain[-1] in "前末底" else f"{plain}{before}"
        yield f"{plain}完成" if plain[-1] in "前末底" else f"{plain}{before}完成"
        yield f"力争{plain}" if due.kind != "year" else plain


def _with_year(due: Due) -> Iterator[str]:
    numeral = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(due.year))
    for year in (str(due.year), numeral, numeral.replace("〇", "○"), numeral.replace("〇", "零")):
        for rest in _within_year(due):
            yield f"{year}年{rest}"
    yield from _numeric(due)


def _within_year(due: Due) -> Iterator[str]:
    number = due.number
    if due.kind == "day":
        for month, day in ((str(number), str(due.day)), (chinese(number), chinese(due.day))):
            yield from (f"{month}月{day}日", f"{month}月{day}号前", f"{month}月1日至{month}月{day}日")
    elif due.kind == "month":
        for month in (str(number), f"{number:02}", chinese(number)):
            yield from (f"{month}月", f"{month}月底", f"{month}月末", f"{month}月底前", f"{month}月份")
    elif due.kind == "quarter":
        for quarter in (str(number), _QUARTER_NAMES[number - 1]):
            yield from (f"第{quarter}季度", f"{quarter}季度", f"{quarter}季度末", f"第{quarter}季度底前")
    elif due.kind == "half":
        yield from (f"{'上下'[number - 1]}半年", f"{'上下'[number - 1]}半年前")
    elif due.kind == "tenth":
        yield f"{number // 3 + 1}月{'上中下'[number % 3]}旬"
    else:
        yield from ("底", "底前", "年底", "年底前", "年末", "内")


def _numeric(due: Due) -> Iterator[str]:
    if due.kind == "day":
        for sign in ".-/":
            yield f"{due.year}{sign}{due.number}{sign}{due.day}"
            yield f"{due.year}{sign}{due.number:02}{sign}{due.day:02}"
        yield f"{due.year}{due.number:02}{due.day:02}"
    elif due.kind == "month":
        yield from (f"{due.year}.{due.number}", f"{due.year}-{due.number:02}", f"{due.year}/{due.number}")
        yield f"{due.year}年1-{due.number}月" if due.number > 1 else f"{due.year}年1月"
