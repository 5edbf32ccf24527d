"""Numbers as lists print them: `7`, `1 *`, `第7项`, `（七）`, `十二、` …"""

import re
from dataclasses import dataclass
from functools import lru_cache

from importers.documents.grammar.text import NOTHING_PRINTED, squeezed

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "○": 0,
    "两": 2,
    "廿": 20,
    "卅": 30,
}
_UNITS = {"十": 10, "百": 100, "千": 1000}
CHINESE = "零〇○一二三四五六七八九十百千两廿卅"
# The last two are stars of symbol fonts that have lost their font.
_STARS = re.compile("[*∗⁎✱✲✳★☆※\uf0ab\uf02a]")
# △7, 7[1], 7(新增): marks and remarks that are no part of the number.
_OTHER_MARKS = re.compile(r"[△▲▽▼◆◇●◎○■□#†‡]|(?<=\d)\[\d{1,2}\]$|(?<=\d)\([^()\d]*\)$")
# 7¹, 7①: the mark of a footnote, which levelling would turn into a further digit.
_FOOTNOTE = re.compile("(?<=[0-9０-９])[¹²³⁴-⁹①-⑳]+")
# What is printed around a number: 第7项, （七）, No.7, 任务7, 7., 十二、
_FRAME = re.compile(
    r"^(?:no\.?|编号|序号|(?:任务|事项|举措|项目)(?=第?\d))?[(\[【〔]?第?[(\[]?|[)\]】〕]?[项条件号]?[)\].、,:。]*$",
    re.IGNORECASE,
)
_LONGEST = 40
_LONGEST_NUMERAL = 12
_LEVELS = re.compile(r"(\d{1,3})[.-](\d{1,3})")


@dataclass(frozen=True, slots=True)
class Number:
    """A number cell: `value` None when blank or not a number; `starred` marks a national item.

    Of a number in two levels (3.2) `value` is the lower one and `upper` the other.
    """

    value: int | None
    starred: bool
    is_blank: bool
    upper: int | None = None


@lru_cache(maxsize=4096)
def parse_number(text: str) -> Number:
    """The number of an item, with or without a star, in any of the usual spellings."""
    # Most numbers are plain digits, with or without a star.
    plain = text.removesuffix("*")
    if plain.isascii() and plain.isdigit():
        return Number(_to_int(plain), starred=plain != text, is_blank=False)
    levelled = squeezed(_FOOTNOTE.sub("", text))
    bare = _STARS.sub("", levelled)
    starred = bare != levelled
    if bare in NOTHING_PRINTED:
        return Number(None, starred, is_blank=True)
    if len(bare) > _LONGEST:
        return Number(None, starred, is_blank=False)
    digits = _FRAME.sub("", _OTHER_MARKS.sub("", bare) if len(bare) > 1 else bare)
    levels = _LEVELS.fullmatch(digits)
    if levels:
        return _of_two_levels(int(levels[1]), int(levels[2]), starred=starred)
    return Number(_to_int(digits), starred, is_blank=False)


def _of_two_levels(upper: int, lower: int, *, starred: bool) -> Number:
    """3.2; but 7.0 is a seven that went through a spreadsheet."""
    if lower == 0:
        return Number(upper, starred, is_blank=False)
    return Number(lower, starred, is_blank=False, upper=upper)


def _to_int(digits: str) -> int | None:
    if digits.isascii() and digits.isdigit():
        return int(digits) if len(digits) <= 6 else None
    return chinese_to_int(digits)


def chinese_to_int(numeral: str) -> int | None:
    """`十二` → 12, `一百零一` → 101, `二〇二二` → 2022; None when it is not a numeral."""
    if not 0 < len(numeral) <= _LONGEST_NUMERAL or any(char not in CHINESE for char in numeral):
        return None
    # Digits without 十, 百 or 千 are read one by one: 二〇二二.
    if not any(char in _UNITS for char in numeral) and len(numeral) > 1 and not set(numeral) & {"廿", "卅"}:
        return int("".join(str(_DIGITS[char]) for char in numeral)) if len(numeral) <= 6 else None
    return _sum_of_places(numeral)


def _sum_of_places(numeral: str) -> int:
    total = pending = 0
    for char in numeral:
        if char in _UNITS:
            total += (pending or 1) * _UNITS[char]
            pending = 0
        elif char in "廿卅":
            total += _DIGITS[char]
        else:
            pending = _DIGITS[char]
    return total + pending
