"""Dates brought into one spelling, `2022年12月31日`, before they are looked for."""

import datetime as dt
import re

from importers.documents.grammar.text import CHINESE, chinese_to_int

# Any dash that is typed between two dates, also doubled, and 至 and 到.
RANGE = "(?:-|‐|‑|‒|–|—|―|−|~|∼|〜|至|到)+"
# The day before day 1, one earlier for the 29 February 1900 that spreadsheets count.
_EXCEL_EPOCH = dt.date(1899, 12, 30)

_CIRCLED = re.compile("[①-⑳❶-❿]")
_SPACE = re.compile(r"\s")
# 2. on a line of its own before a further date.
_NUMBER_OF_A_LINE = re.compile(
    r"(?<=\S)\s+(?:\d{1,2}[.、．)）]|[（(]\d{1,2}[)）])\s*(?=(?:[2２][0０])?\d{2}年|\d{1,2}月|[一二三四]季|[上下]半年|年[底末]|长期|持续)"
)
# 2022年6月 / 2022年9月, 6月底 / 9月底; but 2022年 / 6月 and 6月 / 30日 go on.
_BEFORE_DATE = re.compile(
    r"(?<=[月日号底前末旬度季内\d）)])\s+(?=[2２][0０]\d{2}[年.\-/．])|(?<=[月日号底前末旬])\s+(?=\d{1,2}月|第?[一二三四1-4]季度|[上下]半年)"
)
# 2022-12-31 18:00, T00:00:00; 31日18时.
_TIME_OF_DAY = re.compile(r"(?<=\d)T?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?!\d)|(?<=[日号])(?:\d{1,2}[时点](?:整)?)")
# 1.2022年6月底, (2)12月底: the numbers of an enumeration, which would read as part of the date.
_ENUMERATED = re.compile(
    r"(?:(?:^|(?<=[,，;；。]))\d{1,2}[.、)]|\(\d{1,2}\))(?=(?:20)?\d{2}年|\d{1,2}月|[一二三四]季|[上下]半年|年[底末])"
)
# Q3, 第Q3季度.
_ENGLISH_QUARTER = re.compile(r"第?Q([1-4])(?:季度)?", re.IGNORECASE)
# III季度, which is what levelling makes of Ⅲ季度.
_ROMAN_QUARTER = re.compile("第?(IV|I{1,3})(?=季)")
# 二O二二年, 2O22年: a Latin or Cyrillic letter, or a circle, typed for the zero.
_LETTER_FOR_ZERO = re.compile("(?<=二)[0OoОо◯](?=[一二三四五六七八九])|(?<=2)[OoОо](?=[12]\\d)")
# Four places of a numeral: 十二月; 至三十日; 三—五月 (the first of a range); 一、二季度 (in a row).
_CHINESE_NUMBER = re.compile(
    rf"第?(?<![{CHINESE}])([{CHINESE}]++)(?=[年月日号季旬])|(?<=[月至到])([{CHINESE}]++)(?=[日号])"
    rf"|第?(?<![{CHINESE}])([{CHINESE}]{{1,3}})(?={RANGE}第?[{CHINESE}]{{1,3}}[月日号季])"
    rf"|第?([{CHINESE}]{{1,3}})(?=[、和及](?:第?[{CHINESE}]{{1,3}}、){{0,11}}第?[{CHINESE}]{{1,3}}(?:月|季))"
)
# 2022-12-31, 2022.12, 2022/6/30; without signs 20221231 and 202212.
_NUMERIC = re.compile(
    r"(?<![\d.])(?P<year>(?:19|20|21|22)\d{2})(?P<sign>[-./])(?P<month>\d{1,2})(?:(?P=sign)(?P<day>\d{1,2}))?(?!\d)[日月]?"
    r"|(?<!\d)(?P<joined_year>20\d{2})(?P<joined_month>0[1-9]|1[0-2])(?P<joined_day>[0-3]\d)?(?!\d)"
)
# 12.31, 6/30: a date only beside a year (see `spelled_out`), else it may be any number.
_MONTH_AND_DAY = re.compile(r"(?<![\d.年月])(\d{1,2})[./](\d{1,2})(?![\d./%])")
_ONLY_MONTH_AND_DAY = re.compile(r"(\d{1,2})[./](\d{1,2})(?:日?(?:之|以|底)?前)?")
_ONLY_YEAR = re.compile(rf"(?:20\d{{2}}{RANGE})?(20\d{{2}})")
_MAY_BE_OCTOBER = re.compile(r"20\d{2}\.1")
# A cell that has lost its format: 40000 is in 2009, 54999 in 2050.
_ONLY_SERIAL = re.compile(r"4[0-9]{4}|5[0-4]\d{3}")
# 2022上半年, 2022第3季度.
_YEAR_WITHOUT_ITS_WORD = re.compile(r"(?<!\d)(20\d{2})(?=[上下]半年|第?[1-4]季|全年|年底)")
# 3、6、9月 and 1、2季度: each is a month or a quarter.
_MONTHS_IN_A_ROW = re.compile(r"(?<![\d.月])(\d{1,2})(?=(?:、\d{1,2}){0,11}[、和及]\d{1,2}月)")
_QUARTERS_IN_A_ROW = re.compile(r"(?<![\d.月])第?([1-4])(?=(?:、第?[1-4]){0,3}[、和及]第?[1-4]季)")
# “十四五”期间, 十四五末.
_PLAN_PERIOD = re.compile(
    r"[“\"‘']?十([一二三四五六七八九])五(?![日号月年旬天个项条])[”\"’']?(?:规划)?(?:期间|时期|期末|期内|末)?"
)
# A whole cell: 全年, 年度任务, 本年度重点工作.
_ONLY_THE_YEAR = re.compile(r"(?:全年|年度|本年度?|当年)(?:性|重点|工作|任务|目标|完成|实施|落实)*[。.]?")
_TWICE_END = re.compile("月(?:月[底末])")

# Ranges, of which only the end is kept: 2022—(2025年), 3月1日至(6月), 1月—(年底), 3月起至(2023年).
_YEARS = re.compile(rf"(\d{{4}})年?{RANGE}(?=\d{{4}}年)")
_MONTHS = re.compile(rf"((?:\d{{4}}年)?)(\d{{1,2}})(?:月份?)?(?:\d{{1,2}}[日号])?{RANGE}(?=\d{{1,2}}月)")
_TO_BARE_MONTH = re.compile(rf"(\d{{4}}年)\d{{1,2}}月{RANGE}(\d{{1,2}})(?![\d月日号年.])")
_DAYS = re.compile(rf"(\d{{1,2}}月)\d{{1,2}}[日号]?{RANGE}(?=\d{{1,2}}[日号])")
_TO_END = re.compile(
    rf"(?:\d{{4}}年)?\d{{1,2}}月份?(?:\d{{1,2}}[日号])?(?:起|开始)?{RANGE}(?=\d{{4}}年|今年|明年|次年)"
)
_TO_YEAR_END = re.compile(rf"((?:\d{{4}}年)?)\d{{1,2}}月份?(?:\d{{1,2}}[日号])?(?:起|开始)?{RANGE}(?=年[底末内])")
_QUARTERS = re.compile(rf"第?\d(?:季度?)?{RANGE}(?=第?\d季)")


def without_marks(text: str) -> str:
    """The text without ① and the like, which would turn into digits beside a year, and with a sign between dates on
    lines of their own, which would run into each other."""
    text = _CIRCLED.sub("", text)
    if not _SPACE.search(text):
        return text
    return _BEFORE_DATE.sub("；", _NUMBER_OF_A_LINE.sub("；", text))


def spelled_out(text: str) -> str:
    """Every date of a levelled text in figures with 年, 月, 日 and of each range only its end."""
    # What would be mistaken for a date goes first; whole cells and ranges are known by their digits.
    text = _PLAN_PERIOD.sub(_from_plan_period, _ENUMERATED.sub("", _TIME_OF_DAY.sub("", text)))
    text = in_figures(text)
    text = _whole_cell(text)
    text = _YEAR_WITHOUT_ITS_WORD.sub(r"\1年", _TWICE_END.sub("月底", _NUMERIC.sub(_from_numeric, text)))
    text = _MONTH_AND_DAY.sub(_from_month_and_day, text) if re.search(r"\d年", text) else text
    return _ends_of_ranges(_QUARTERS_IN_A_ROW.sub(r"\1季", _MONTHS_IN_A_ROW.sub(r"\1月", text)))


def years_in(levelled: str) -> list[int]:
    """The years a text names in full."""
    return [int(year) for year in re.findall(r"(?<!\d)(20\d{2})(?=年|[-./])", in_figures(levelled))]


def is_guess_of_a_date(levelled: str) -> bool:
    """A cell that is only a year, a month and a day, a day as a spreadsheet counts it, or 2024.1, which 2024.10 becomes
    where it is taken for a number."""
    return any(form.fullmatch(levelled) for form in (_ONLY_YEAR, _ONLY_SERIAL, _ONLY_MONTH_AND_DAY, _MAY_BE_OCTOBER))


def in_figures(text: str) -> str:
    """The text with Chinese numerals of dates as digits."""
    text = _LETTER_FOR_ZERO.sub(lambda match: "〇" if match.string[match.start() - 1] == "二" else "0", text)
    text = _ENGLISH_QUARTER.sub(r"\1季度", text)
    text = _ROMAN_QUARTER.sub(lambda match: str(("I", "II", "III", "IV").index(match[1]) + 1), text)
    return _CHINESE_NUMBER.sub(lambda match: str(chinese_to_int(next(filter(None, match.groups())))), text)


def _from_plan_period(match: re.Match[str]) -> str:
    """The last year of a five-year plan: that of the tenth was 2005."""
    return f"{2005 + 5 * (chinese_to_int(match[1]) or 0)}年"


def _whole_cell(text: str) -> str:
    if _ONLY_THE_YEAR.fullmatch(text):
        return "全年"
    if match := _ONLY_YEAR.fullmatch(text):
        return f"{match[1]}年"
    if match := _ONLY_MONTH_AND_DAY.fullmatch(text):
        return _from_month_and_day(match)
    if _ONLY_SERIAL.fullmatch(text):
        day = _EXCEL_EPOCH + dt.timedelta(days=int(text))
        return f"{day.year}年{day.month}月{day.day}日"
    return text


def _from_month_and_day(match: re.Match[str]) -> str:
    month, day = int(match[1]), int(match[2])
    return f"{month}月{day}日" if 1 <= month <= 12 and 1 <= day <= 31 else match.group()


def _from_numeric(match: re.Match[str]) -> str:
    year, month = match["year"] or match["joined_year"], match["month"] or match["joined_month"]
    day = match["day"] or match["joined_day"]
    return f"{year}年{int(month)}月" + (f"{int(day)}日" if day else "")


def _ends_of_ranges(text: str) -> str:
    """Leave of each range its end, with the year of its beginning when the end has none."""
    text = _TO_YEAR_END.sub(r"\1", _TO_END.sub("", _TO_BARE_MONTH.sub(r"\1\2月", text)))
    text = _QUARTERS.sub("", _YEARS.sub("", text))
    return _DAYS.sub(r"\1", _MONTHS.sub(r"\1", text))
