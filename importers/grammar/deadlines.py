"""When: a deadline cell as the last day on time (rule 6 of reading the table)."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from importers.grammar.numbers import CHINESE, chinese_to_int
from importers.grammar.text import squeezed
from importers.parsed import Problem


@dataclass(frozen=True, slots=True)
class Deadline:
    """`date` is the last day on time; `milestone` the first of several dates; `ongoing`: never overdue."""

    date: dt.date | None = None
    ongoing: bool = False
    problems: tuple[Problem, ...] = ()
    milestone: dt.date | None = None


NO_DEADLINE = Deadline()


@dataclass(frozen=True, slots=True)
class _Found:
    """One date in the text. `day`: None when there is no such day; `vague`: names no month or year."""

    year: int
    day: dt.date | None
    printed: str
    year_given: bool
    rounded: bool
    vague: bool


NOTHING_PRINTED = frozenset({"", "/", "-", "—", "–", "无", "暂无"})

_RANGE = "(?:-|‐|‑|‒|–|—|―|−|~|∼|〜|至|到)+"
_ONGOING = re.compile("持续|长期|常态|长效|滚动|经常性|日常|不断|动态|贯穿|每[年月季周半日]|(?<!完成)已落地|全年推进")
_STATUS = re.compile(
    r"^(?:(?:目前|现)?(?:已|已经|均已|全部|基本)*(?:完成|办结|落实|落地|出台|实施|上线|建成|印发|开展|启动|实现|推进)了?"
    r"|正在(?:推进|实施|办理|开展)(?:中)?|推进中|进行中|未启动|办结|达到序时进度)[。.]?$"
)
_EVERY = re.compile("每(?:个)?(?:年|季度?|月|半年|周|日)[^,，;；、。]*")
_FILLER = re.compile(
    "(?:前|之前|以前|底前|内|以内|完成|落实|落地|实施|办结|出台|建成|全部|基本|前完成|时间|时限|计划|预计|于|在|分别|期间|"
    "截止|截至|按|的|并|推进|达到|[,，。.;；:：、()和及或]|起|开始)*$"
)
_ENGLISH_QUARTER = re.compile(r"第?Q([1-4])(?:季度)?", re.IGNORECASE)
_FROM_NOW_ON = re.compile(r"月(?:\d+日)?(?:起|开始),?(?:持续|长期|常态)[^\d]*$")
_DATE = re.compile(
    r"""(?:(?P<year>(?<!\d)(?:\d{4}|\d{2}))年(?:度)?|(?P<relative>今年|本年度?|当年|明年|次年))?
    (?:第?(?P<quarter>\d)季度?(?P<quarter_part>初)?
      |前?(?P<quarters>[三3])个?季度
      |(?P<half>[上下])半年
      |(?P<month>\d{1,2})月份?(?:(?P<day>\d{1,2})[日号]?|(?P<ten>[上中下])旬|(?P<part>[初中底末]))?
      |(?P<year_part>年?[底末终初中内]|年内|年终|全年)
    )?(?:[底末])?(?:之前|以前|前)?""",
    re.VERBOSE,
)
_NUMERIC = re.compile(
    r"(?<!\d)(\d{4})[-./](\d{1,2})(?:[-./](\d{1,2}))?(?!\d)[日月]?|(?<!\d)(20\d{2})([01]\d)([0-3]\d)(?!\d)"
)
_CHINESE_NUMBER = re.compile(rf"第?([{CHINESE}]+)(?=[年月日号季旬])|(?<=[月至到])([{CHINESE}]+)(?=[日号])")
_YEARS = re.compile(rf"(\d{{4}})年?{_RANGE}(?=\d{{4}}年)")
_MONTHS = re.compile(rf"((?:\d{{4}}年)?)(\d{{1,2}})(?:月份?)?(?:\d{{1,2}}[日号])?{_RANGE}(?=\d{{1,2}}月)")
_DAYS = re.compile(rf"(\d{{1,2}}月)\d{{1,2}}[日号]?{_RANGE}(?=\d{{1,2}}[日号])")
_TO_END = re.compile(
    rf"(?:\d{{4}}年)?\d{{1,2}}月份?(?:\d{{1,2}}[日号])?(?:起|开始)?{_RANGE}(?=\d{{4}}年|今年|明年|次年)"
)
_TO_YEAR_END = re.compile(rf"((?:\d{{4}}年)?)\d{{1,2}}月份?(?:\d{{1,2}}[日号])?(?:起|开始)?{_RANGE}(?=年[底末内])")
_QUARTERS = re.compile(rf"第?\d(?:季度?)?{_RANGE}(?=第?\d季)")


@lru_cache(maxsize=8192)
def parse_deadline(text: str, year: int | None) -> Deadline:
    """Understand one deadline cell; `year` is the list's and used where the cell names none.

    The problems carry the code and the value; the caller adds the place.
    """
    levelled = squeezed(text)
    if levelled in NOTHING_PRINTED:
        return NO_DEADLINE
    spelled = _EVERY.sub("", _digits_for_numerals(levelled))
    if _FROM_NOW_ON.search(spelled):
        return Deadline(ongoing=True)
    found = _dates(_ends_of_ranges(_plain_dates(spelled)), year)
    if found:
        return _from_dates(text, found, year, _rest(spelled))
    return _without_date(text, levelled)


def _without_date(text: str, levelled: str) -> Deadline:
    if _ONGOING.search(levelled) and not _STATUS.match(levelled):
        return Deadline(ongoing=True)
    if _STATUS.match(levelled):
        return Deadline(problems=(Problem("status_not_deadline", "", value=text),))
    return _unparsed(text)


def _unparsed(text: str) -> Deadline:
    return Deadline(problems=(Problem("unparsed_deadline", "", value=text),))


def _digits_for_numerals(text: str) -> str:
    text = _ENGLISH_QUARTER.sub(r"\1季度", text)
    return _CHINESE_NUMBER.sub(lambda match: str(chinese_to_int(match.group(1) or match.group(2))), text)


def _plain_dates(text: str) -> str:
    def spelled(match: re.Match[str]) -> str:
        year, month, day = match.group(1, 2, 3) if match.group(1) else match.group(4, 5, 6)
        return f"{year}年{int(month)}月" + (f"{int(day)}日" if day else "")

    return _NUMERIC.sub(spelled, text)


def _ends_of_ranges(text: str) -> str:
    """Leave of each range its end, with the year of its beginning when the end has none."""
    text = _TO_YEAR_END.sub(r"\1", _TO_END.sub("", text))
    text = _QUARTERS.sub("", _YEARS.sub("", text))
    return _DAYS.sub(r"\1", _MONTHS.sub(r"\1", text))


def _matches(text: str) -> list[re.Match[str]]:
    return [match for match in _DATE.finditer(text) if any(match.groupdict().values())]


def _rest(spelled: str) -> str:
    """What is said beside the dates."""
    return _DATE.sub("", _ends_of_ranges(_plain_dates(spelled)))


def _dates(text: str, list_year: int | None) -> list[_Found]:
    found: list[_Found] = []
    current = list_year
    given = False
    for match in _matches(text):
        named = _year_of(match, list_year)
        given = given or named is not None
        current = named if named is not None else current
        if current is None or not 1 <= current <= 9999:
            continue
        found.append(_resolve(match, current, year_given=given))
    return found


def _year_of(match: re.Match[str], list_year: int | None) -> int | None:
    if match["year"]:
        year = int(match["year"])
        return year if year >= 100 else 2000 + year
    if match["relative"] and list_year:
        return list_year + (match["relative"] in ("明年", "次年"))
    return None


def _resolve(match: re.Match[str], year: int, *, year_given: bool) -> _Found:
    vague = not (match["month"] or match["year"] or match["quarter"] or match["half"] or match["relative"])
    rounded = bool(
        match["part"] in ("初", "中") or match["quarter_part"] or (match["year_part"] or "")[-1:] in ("初", "中")
    )
    before_month = bool(match["month"] and not match["day"] and re.search("月份?(?:之|以)?前$", match.group()))
    return _Found(year, _last_day(match, year), match.group(), year_given, rounded or before_month, vague)


def _last_day(match: re.Match[str], year: int) -> dt.date | None:
    if match["month"]:
        return _day_of_month(match, year, int(match["month"]))
    if match["quarter"]:
        quarter = int(match["quarter"])
        return _month_end(year, quarter * 3 - 2 if match["quarter_part"] else quarter * 3)
    if match["quarters"]:
        return dt.date(year, 9, 30)
    if match["half"]:
        return dt.date(year, 6, 30) if match["half"] == "上" else dt.date(year, 12, 31)
    return {"初": dt.date(year, 1, 31), "中": dt.date(year, 6, 30)}.get(
        (match["year_part"] or "")[-1:], dt.date(year, 12, 31)
    )


def _day_of_month(match: re.Match[str], year: int, month: int) -> dt.date | None:
    if not match["day"] and not match["ten"] and match["part"] not in ("初", "中"):
        return _month_end(year, month)
    named = {"上": 10, "中": 20, "下": None, "初": 10}
    day = int(match["day"]) if match["day"] else 15 if match["part"] == "中" else named[match["ten"] or "初"]
    if day is None:
        return _month_end(year, month)
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _month_end(year: int, month: int) -> dt.date | None:
    return dt.date(year, month, calendar.monthrange(year, month)[1]) if 1 <= month <= 12 else None


def _from_dates(text: str, found: list[_Found], list_year: int | None, rest: str) -> Deadline:
    last = found[-1]
    if last.day is None or any(one.day is None for one in found):
        return Deadline(problems=(Problem("invalid_date", "", value=text),))
    only_fillers = _FILLER.match(rest) or _ONGOING.search(rest)
    if all(one.vague and not one.year_given for one in found) and not only_fillers:
        return _unparsed(text)
    milestone = found[0].day if len(found) > 1 else None
    kinds = _doubts(found, last, last.day, list_year, only_fillers=bool(only_fillers))
    return Deadline(last.day, problems=tuple(Problem(kind, "", value=text) for kind in kinds), milestone=milestone)


def _doubts(found: list[_Found], last: _Found, day: dt.date, list_year: int | None, *, only_fillers: bool) -> list[str]:
    checks = {
        "several_dates": len(found) > 1,
        "year_inferred": not last.year_given,
        "deadline_inferred": last.rounded or (len(found) == 1 and not only_fillers),
        "implausible_date": list_year is not None and not list_year - 1 <= day.year <= list_year + 10,
    }
    return [kind for kind, applies in checks.items() if applies]


def year_of_list(title: str, deadlines: list[str]) -> int | None:
    """The year a title names, else the one most deadlines name."""
    in_title = re.search(r"(20\d{2})(?=年|版|$|\D)", squeezed(title))
    if in_title:
        return int(in_title.group(1))
    counts: dict[int, int] = {}
    for text in deadlines:
        for named in re.findall(r"(?<!\d)(20\d{2})(?=年|[-./])", _digits_for_numerals(squeezed(text))):
            counts[int(named)] = counts.get(int(named), 0) + 1
    return max(counts, key=lambda year: counts[year], default=None)
