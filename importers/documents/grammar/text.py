"""Characters: what is dropped, what is levelled, how lines of a cell are joined; and numbers as lists print them: `7`,
`1 *`, `第7项`, `（七）`, `十二、` …"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

NOTHING_PRINTED = frozenset({"", "/", "／", "\\", "-", "--", "－", "—", "——", "–", "无", "暂无"})
"""What is written into a cell to say that it is meant to be empty."""

# （同上）, 同前, 同上一行; —〃—, ″ and the quotation marks that are typed for them.
_DITTO = re.compile(
    r"[(]?(?:同上|同前|如上|上同)(?:述|一?[行栏格条项列])?[)]?[。.]?"
    r"|[-‐‑–—―−─…·.]*(?:〃|′′|''|[\"“”„‟〝〞ʺ˝])[〃′'\"“”]*[-‐‑–—―−─…·.]*"
)
_LONGEST_DITTO = 12
# What such a cell begins with: asked of every cell, so before the pattern.
_BEGINS_DITTO = frozenset("同如上（(〃″′'＇\"＂“”„‟〝〞ʺ˝-‐‑–—―−─…·. \u3000\u00a0\n\t")

# Radicals are characters of their own that look like common ones (⽂ for 文).
_RADICALS = re.compile("[\u2e80-\u2fdf]")
# Soft hyphens, zero-width spaces and joiners, marks of direction, variation selectors, byte order marks.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
_SPACES = re.compile("[\t\v\f\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
# Radicals of the supplement that Unicode does not fold but word processors and PDF exports do produce.
_SUPPLEMENT = str.maketrans("⺟⻋⻅⻆⻉⻓⻔⻘⻚⻛⻜⻝⻢⻥⻦⻨⻩⻬⻮⻰", "母车见角贝长门青页风飞食马鱼鸟麦黄齐齿龙")


def clean(text: str) -> str:
    """The text with invisible characters gone, odd spaces and radicals levelled, and no blank lines."""
    # Most cells have nothing to clean.
    if text.isprintable() and text == text.strip() and not _RADICALS.search(text):
        return text
    text = _SPACES.sub(" ", _LINE_ENDS.sub("\n", _INVISIBLE.sub("", text)))
    text = _RADICALS.sub(_level_radical, text)
    return "\n".join(line for raw in text.split("\n") if (line := raw.strip()))


def _level_radical(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match.group()).translate(_SUPPLEMENT)


def is_ditto(text: str) -> bool:
    """Whether a cell says nothing but that it is like the one above it: 同上, 〃."""
    return text[:1] in _BEGINS_DITTO and len(text) <= _LONGEST_DITTO and bool(_DITTO.fullmatch(squeezed(text)))


def may_hold_ditto(texts: Iterable[str]) -> bool:
    """Whether one of these cells begins as 同上 or the like does: most rows have none."""
    return not _BEGINS_DITTO.isdisjoint([text[:1] for text in texts])


def one_line(text: str) -> str:
    """A title: its lines joined, with a space only between two words in Latin letters."""
    cleaned = clean(text)
    if "\n" not in cleaned:
        return cleaned
    return re.sub(r"(?<=[A-Za-z0-9])\n(?=[A-Za-z0-9])", " ", cleaned).replace("\n", "")


def squeezed(text: str) -> str:
    """For comparing: compatibility forms folded (full-width digits, brackets) and all white space removed."""
    if text.isascii() and text.isalnum():
        return text
    return "".join(unicodedata.normalize("NFKC", clean(text)).split())


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
    r"^(?:no\.?|编号|序号|(?:任务|事项|举措|项目|问题|措施)(?=第?\d))?[(\[【〔]?第?[(\[]?|[)\]】〕]?[项条件号]?[)\].、,:。]*$",
    re.IGNORECASE,
)
# 督〔2023〕12号: the number of a document, or of an order in a year.
_REFERENCE = re.compile(r"[^\d]{0,12}[(\[【〔]\d{4}[)\]】〕]第?(\d{1,4})号")
_LONGEST = 40
_LONGEST_NUMERAL = 12
_LEVELS = re.compile(r"(\d{1,3})[.-](\d{1,3})")
# 2024-03: the third of that year.
_OF_A_YEAR = re.compile(r"20\d{2}[-—](\d{1,3})")


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
    # 同上 goes on with the item above.
    if bare in NOTHING_PRINTED or is_ditto(bare):
        return Number(None, starred, is_blank=True)
    if len(bare) > _LONGEST:
        return Number(None, starred, is_blank=False)
    if (reference := _REFERENCE.fullmatch(bare) or _OF_A_YEAR.fullmatch(bare)) is not None:
        return Number(_to_int(reference[1]), starred, is_blank=False)
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
