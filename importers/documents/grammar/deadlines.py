"""When: a deadline cell as the last day on time (rule 6 of reading the table)."""

import calendar
import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from importers.documents.grammar.dates import in_figures, is_guess_of_a_date, spelled_out, without_marks, years_in
from importers.documents.grammar.text import CHINESE, NOTHING_PRINTED, squeezed
from importers.documents.values import Problem


@dataclass(frozen=True, slots=True)
class Deadline:
    """`date` is the last day on time; `milestones` are the dates before it; `ongoing`: never overdue."""

    date: dt.date | None = None
    ongoing: bool = False
    problems: tuple[Problem, ...] = ()
    milestones: tuple[dt.date, ...] = ()


NO_DEADLINE = Deadline()


@dataclass(frozen=True, slots=True)
class _Found:
    """One date in the text. `day`: None when there is no such day; `vague`: names no month or year."""

    year: int
    day: dt.date | None
    year_given: bool
    rounded: bool
    vague: bool


# 持续推进, 长期坚持, 常态化, 每月, 按季; not 中长期, 按月底, 按年度.
_ONGOING = re.compile(
    "持续|(?<!中)长期|常态|长效|滚动|经常性|日常|不断|动态|贯穿|常年|每[年月季周半日]|(?:按|逐)(?:月(?![底末])|季|年(?![底末度]))|(?<!完成)已落地|全年推进"
)
# How far it is, not by when: 已完成, 正在推进, 推进中, 未启动.
_STATUS = re.compile(
    r"^(?:(?:目前|现)?(?:已|已经|均已|全部|基本)*(?:完成|办结|落实|落地|出台|实施|上线|建成|印发|开展|启动|实现|推进)了?"
    r"|(?:正在)?(?:推进|实施|办理|开展|进行)中|正在(?:推进|实施|办理|开展)|未启动|办结|达到序时进度)[。.]?$"
)
# A longer cell is prose, over which the patterns below would take their time.
_LONGEST = 500
_POINTS_ELSEWHERE = re.compile("同(?:上|前|第|左|右|序号)")
EARLIEST, LATEST = 1990, 2100
# 每年12月底前, 每季度…: a rhythm, with whatever the clause says of it.
_EVERY = re.compile("每(?:个)?(?:年|季度?|月|半年|周|日)[^,，;；。()]*")
# What may stand beside a date and leaves no doubt: 底前, 前完成, 计划于.
_FILLER = re.compile(
    "(?:前|之前|以前|底前|内|以内|完成|落实|落地|实施|办结|出台|建成|全部|基本|时间|时限|计划|预计|于|在|分别|期间|"
    "截止|截至|按|的|并|推进|达到|[,，。.;；:：、()和及或]|起|开始)*+$"
)
# What makes a date less than a deadline: 6月起, 12月左右, 视情况, 或按上级要求; also 202年 and a further 、15日.
_DOUBTFUL = re.compile(
    "起(?!草)|开始|启动|左右|大约|约|除外|另行|视|待|以来|至今|之日|上级|调整|\\d年|\\d[日号]|[上中下]旬|(?:已|正在|均)[^,，;；。]*$"
)
# 2022年3月起, 自1月1日开始.
_START = re.compile(
    r"(?:自|从)?(?:\d{2,4}年(?:度)?)?(?:第?\d季度?|\d{1,2}月(?:\d{1,2}[日号]|底|初)?|年初)?(?<=[年月季日号度底初])(?:起|开始)"
)
# 2022年国庆节前, 2022年春节期间: a day that the words alone do not tell.
_FEAST = re.compile(r"\d{2,4}年度?(?!全年)[^\d年月,，;；。、()前底末中初内]{1,8}(?:期间|前)(?!期|景|提|往|台|置|端|瞻)")
# 2022年12月底前, 今年三季度, 12月中旬, 上半年, 前三季度, 年底. Every part may be missing: see `_matches`.
_DATE = re.compile(
    r"""(?:(?P<year>(?<!\d)(?:\d{4}|\d{2}))年(?:度)?|(?P<relative>今年|本年度?|当年|明年|次年))?
    (?:第?(?P<quarter>\d)季度?(?P<quarter_part>初)?
      |前?(?P<quarters>[三3])个?季度
      |(?P<half>[上下])半年
      |(?P<month>\d{1,2})月份?(?:(?P<day>\d{1,2})(?!\d|[月年]|\.20\d{2})[日号]?|[上中下]?(?P<ten>[上中下])旬|(?P<part>[初中底末]))?
      |(?P<year_part>年[底末终初中内]|(?<=[年度])[底末终初中内]|年内|年终|全年)
    )?(?:[底末])?(?:之前|以前|前)?""",
    re.VERBOSE,
)


@lru_cache(maxsize=8192)
def parse_deadline(text: str, year: int | None) -> Deadline:
    """Understand one deadline cell; `year` is the list's and used where the cell names none.

    The problems carry the code and the value; the caller adds the place.
    """
    levelled = squeezed(without_marks(text))
    if levelled in NOTHING_PRINTED:
        return NO_DEADLINE
    # 同上，长期坚持: what stands above may be a day.
    if len(levelled) > _LONGEST or _POINTS_ELSEWHERE.match(levelled):
        return _unparsed(text)
    spelled = spelled_out(levelled)
    dated = _EVERY.sub("", spelled)
    if dated != spelled or _ONGOING.search(spelled):
        # 2022年起持续推进, 2022年起每年12月底: a beginning is no deadline of what then goes on.
        dated = _START.sub("", dated)
    found = [] if _is_for_a_whole_year(dated) else _dates(dated, year)
    if not found or _FEAST.search(dated):
        return _without_date(text, levelled)
    return _from_dates(text, found, year, _Rest.of(dated, guess=is_guess_of_a_date(levelled)))


def _is_for_a_whole_year(dated: str) -> bool:
    """全年持续推进 names no day; 全年 alone is the end of the year."""
    return bool(_ONGOING.search(dated)) and "全年" in dated and not re.search(r"\d", dated)


def _without_date(text: str, levelled: str) -> Deadline:
    if _ONGOING.search(levelled) and not _STATUS.match(levelled):
        return Deadline(ongoing=True)
    kind = "status_not_deadline" if _STATUS.match(levelled) else "unparsed_deadline"
    return Deadline(problems=(Problem(kind, "", value=text),))


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is said beside the dates."""

    only_fillers: bool
    doubtful: bool

    @classmethod
    def of(cls, dated: str, *, guess: bool) -> "_Rest":
        rest = _DATE.sub("", dated)
        only_fillers = bool(_FILLER.match(rest) or _ONGOING.search(rest))
        starts = [match.start() for match in _matches(dated)]
        # A letter or figure right before a date may mean that the date is part of something else.
        odd = any(re.search(rf"[A-Za-z\d{CHINESE}]$", dated[:start]) for start in starts)
        return cls(only_fillers, doubtful=guess or odd or bool(_DOUBTFUL.search(rest)))


def _matches(text: str) -> list[re.Match[str]]:
    # The pattern also matches the empty text between two characters.
    return [match for match in _DATE.finditer(text) if any(match.groupdict().values())]


def _dates(text: str, list_year: int | None) -> list[_Found]:
    found: list[_Found] = []
    current = list_year
    given = False
    for match in _matches(text):
        named = _year_of(match, list_year)
        given = given or named is not None
        # 2022年6月、9月: a date without a year has that of the one before.
        current = named if named is not None else current
        if current is not None:
            found.append(_resolve(match, current, year_given=given))
    return found


def _year_of(match: re.Match[str], list_year: int | None) -> int | None:
    if match["year"]:
        year = int(match["year"])
        return year if len(match["year"]) == 4 else 2000 + year
    if match["relative"] and list_year:
        return list_year + (match["relative"] in ("明年", "次年"))
    return None


def _resolve(match: re.Match[str], year: int, *, year_given: bool) -> _Found:
    vague = not (match["month"] or match["year"] or match["quarter"] or match["half"] or match["relative"])
    rounded = bool(
        match["part"] in ("初", "中") or match["quarter_part"] or (match["year_part"] or "")[-1:] in ("初", "中")
    )
    whole_year = match["year_part"] in (None, "全年") and not (
        match["month"] or match["quarter"] or match["quarters"] or match["half"]
    )
    # 6月前 may mean before June or before it ends; it is read as the latter, and told as inferred.
    before_month = bool(match["month"] and not match["day"] and re.search("月份?(?:之|以)?前$", match.group()))
    day = _last_day(match, year) if year >= 1 else None
    return _Found(year, day, year_given, rounded or whole_year or before_month, vague)


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


def _from_dates(text: str, found: list[_Found], list_year: int | None, rest: _Rest) -> Deadline:
    days = [one.day for one in found if one.day is not None]
    if len(days) < len(found):
        return Deadline(problems=(Problem("invalid_date", "", value=text),))
    if all(one.vague and not one.year_given for one in found) and not rest.only_fillers:
        return _unparsed(text)
    # The latest, also where a goal for an earlier day is put behind it: 12月底前（力争10月底前）.
    last = max(days)
    if not _is_plausible(last, list_year):
        return Deadline(problems=(Problem("implausible_date", "", value=text),))
    milestones = tuple(dict.fromkeys(day for day in days if day != last))
    kinds = _doubts(found[days.index(last)], several=bool(milestones), doubtful=rest.doubtful)
    return Deadline(last, problems=tuple(Problem(kind, "", value=text) for kind in kinds), milestones=milestones)


def _is_plausible(day: dt.date, list_year: int | None) -> bool:
    """Whether a list of that year may set that day; of a list without a year, whether anybody may."""
    if list_year is None:
        return EARLIEST <= day.year <= LATEST
    return list_year - 1 <= day.year <= list_year + 10


def _unparsed(text: str) -> Deadline:
    return Deadline(problems=(Problem("unparsed_deadline", "", value=text),))


def _doubts(last: _Found, *, several: bool, doubtful: bool) -> list[str]:
    checks = {
        "several_dates": several,
        "year_inferred": not last.year_given,
        "deadline_inferred": last.rounded or (doubtful and not several),
    }
    return [kind for kind, applies in checks.items() if applies]


def year_of_list(title: str, deadlines: Iterable[str], around: Iterable[str] = ()) -> int | None:
    """The year a title names, else the one most deadlines name, else the last one printed before the list."""
    in_title = re.search(r"(20\d{2})(?=年|版|$|\D)", in_figures(squeezed(title)))
    if in_title:
        return int(in_title.group(1))
    counts: Counter[int] = Counter()
    for text, times in Counter(deadlines).items():
        counts.update(dict.fromkeys(years_in(squeezed(text)), times))
    if counts:
        return counts.most_common(1)[0][0]
    printed = [
        int(year) for text in around for year in re.findall(r"(?<!\d)20\d{2}(?=[年〕\])])", in_figures(squeezed(text)))
    ]
    return printed[-1] if printed else None
