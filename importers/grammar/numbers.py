"""Numbers as lists print them: `7`, `1 *`, `第7项`, `（七）`, `十二、` …"""

import re
from dataclasses import dataclass
from functools import lru_cache

from importers.grammar.text import squeezed

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "○": 0,
    "两": 2,
    "廿": 20,
    "卅": 30,
}
_UNITS = {"十": 10, "百": 100, "千": 1000}
CHINESE = "零〇○一二三四五六七八九十百千两廿卅"
_STARS = re.compile("[*∗⁎✱✲✳★☆※]")
_FRAME = re.compile(r"^[(\[【]?第?[(\[]?|[)\]】]?[项条件号]?[)\].、,:。]*$")


@dataclass(frozen=True, slots=True)
class Number:
    """A number cell: `value` None when blank or not a number; `starred` marks a national item."""

    value: int | None
    starred: bool
    is_blank: bool


@lru_cache(maxsize=4096)
def parse_number(text: str) -> Number:
    """The number of an item, with or without a star, in any of the usual dresses."""
    if text.isascii() and text.isdigit():
        return Number(_to_int(text), starred=False, is_blank=False)
    levelled = squeezed(text)
    bare = _STARS.sub("", levelled)
    if not bare:
        return Number(None, starred=bare != levelled, is_blank=True)
    return Number(_to_int(_FRAME.sub("", bare)), starred=bare != levelled, is_blank=False)


def _to_int(digits: str) -> int | None:
    if digits.isascii() and digits.isdigit():
        return int(digits) if len(digits) <= 6 else None
    return chinese_to_int(digits)


def chinese_to_int(numeral: str) -> int | None:
    """`十二` → 12, `一百零一` → 101, `二〇二二` → 2022; None when it is not a numeral."""
    if not numeral or any(char not in CHINESE for char in numeral):
        return None
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
