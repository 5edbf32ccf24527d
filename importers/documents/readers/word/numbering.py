"""Automatic numbers, which Word shows and a document's text does not contain."""

from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from importers.documents.readers.word.names import Names
from importers.documents.readers.word.styles import NumberReference, Styles, number_reference

LEVELS = 9


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a numbering: its format, its pattern (`第%1项`) and its first value."""

    number_format: str
    pattern: str
    start: int


class Numbering:
    """Counts a document's numbered paragraphs in reading order."""

    def __init__(self, root: etree._Element, styles: Styles, names: Names) -> None:
        self._names = names
        self._styles = dict(styles.numbered)
        self._marks = [names["numPr"], *([names["pStyle"]] if self._styles else [])]
        abstract = {one.get(names["abstractNumId"]): one for one in root.iter(names["abstractNum"])}
        self._levels: dict[str, dict[int, Level]] = {}
        self._list_of: dict[str, str] = {}
        self._counts: dict[str, list[int | None]] = {}
        for num in root.iter(names["num"]):
            self._define(num, abstract)

    def _define(self, num: etree._Element, abstract: dict[str | None, etree._Element]) -> None:
        names = self._names
        num_id = num.get(names["numId"]) or ""
        link = num.find(names["abstractNumId"])
        abstract_id = link.get(names["val"]) if link is not None else None
        definition = abstract.get(abstract_id)
        levels = {} if definition is None else self._levels_in(definition)
        overrides = num.findall(names["lvlOverride"])
        for override in overrides:
            self._override(levels, override)
        self._levels[num_id] = levels
        # Numberings of one definition count on together unless one of them starts again.
        self._list_of[num_id] = f"num {num_id}" if overrides else f"abstract {abstract_id}"

    def _levels_in(self, parent: etree._Element) -> dict[int, Level]:
        return dict(self._level(element) for element in parent.findall(self._names["lvl"]))

    def _level(self, element: etree._Element) -> tuple[int, Level]:
        number_format = self._value(element, "numFmt") or "decimal"
        level = Level(number_format, self._value(element, "lvlText") or "", _int(self._value(element, "start"), 0))
        return _int(element.get(self._names["ilvl"]), 0), level

    def _override(self, levels: dict[int, Level], override: etree._Element) -> None:
        levels.update(self._levels_in(override))
        index = _int(override.get(self._names["ilvl"]), 0)
        start = self._value(override, "startOverride")
        if start is not None and index in levels:
            levels[index] = Level(levels[index].number_format, levels[index].pattern, _int(start, 1))

    def _value(self, parent: etree._Element, local: str) -> str | None:
        child = parent.find(self._names[local])
        return child.get(self._names["val"]) if child is not None else None

    def may_number(self, element: etree._Element) -> bool:
        """Whether any paragraph in it can have a number. Most documents have numberings, few tables use them."""
        return next(element.iter(*self._marks), None) is not None

    def label(self, paragraph: etree._Element) -> str:
        """The number shown before this paragraph, '' when there is none. Every call counts on."""
        reference = self._reference(paragraph)
        levels = self._levels.get(reference.num_id) if reference else None
        if reference is None or not levels or reference.level not in levels:
            return ""
        counts = self._counts.setdefault(self._list_of[reference.num_id], [None] * LEVELS)
        self._count(counts, reference.level, levels)
        return _label(levels, counts, levels[reference.level])

    def _count(self, counts: list[int | None], level: int, levels: dict[int, Level]) -> None:
        if level >= LEVELS:
            return
        current = counts[level]
        counts[level] = levels[level].start if current is None else current + 1
        # Lower levels begin anew.
        counts[level + 1 :] = [None] * (LEVELS - level - 1)

    def _reference(self, paragraph: etree._Element) -> NumberReference | None:
        names = self._names
        properties = paragraph.find(names["pPr"])
        if properties is None:
            return None
        own = properties.find(names["numPr"])
        # What a paragraph says itself goes before its style, also that it has no number (numId 0).
        if own is not None and own.find(names["numId"]) is not None:
            return number_reference(own, names)
        style = properties.find(names["pStyle"])
        return self._styles.get(style.get(names["val"]) or "") if style is not None else None


def _label(levels: dict[int, Level], counts: list[int | None], level: Level) -> str:
    if level.number_format == "bullet":
        return ""
    label = level.pattern
    for index in range(LEVELS):
        place = f"%{index + 1}"
        if place in label:
            shown = levels.get(index, level)
            count = counts[index]
            label = label.replace(place, numeral(shown.number_format, shown.start if count is None else count))
    return label


def numeral(number_format: str, number: int) -> str:
    """A number in one of Word's formats; decimal for those a list does not use."""
    write = _FORMATS.get(number_format, str)
    return write(number) if number > 0 else str(number)


def chinese(number: int) -> str:
    """12 → 十二, 101 → 一百零一."""
    digits, result, zero = "零一二三四五六七八九", "", False
    for value, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // value % 10
        if digit:
            result += ("零" if zero else "") + digits[digit] + unit
        zero = bool(result) and not digit
    return result.removeprefix("一") if 10 <= number < 20 else result


def _digit_by_digit(number: int) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(number))


def _letters(number: int) -> str:
    # Word repeats the letter: 27 is AA, 53 is AAA.
    return chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1) if number <= 780 else str(number)


def _roman(number: int) -> str:
    values = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"))
    result = ""
    for value, letters in (
        *values,
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ):
        result += letters * (number // value if number < 4000 else 0)
        number %= value
    return result


def _circled(number: int) -> str:
    return chr(0x2460 + number - 1) if number <= 20 else str(number)


def _full_width(number: int) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))


def _int(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 6 else default


_FORMATS: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(
        ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand"),
        chinese,
    ),
    **dict.fromkeys(("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseCounting"), _digit_by_digit),
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _circled),
    **dict.fromkeys(("decimalFullWidth", "decimalFullWidth2"), _full_width),
    "decimalZero": "{:02d}".format,
    "upperLetter": _letters,
    "lowerLetter": lambda number: _letters(number).lower(),
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "none": "".format,
}
