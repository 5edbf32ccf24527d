"""Numbers and dates as a spreadsheet shows them (ECMA-376 part 1, 18.8.30 and 18.8.31).

Dates come out as displayed as long as the display is one a person would write here: year, month, day in that
order, in digits or numerals. Other orders and names of months become 2022年12月31日, and midnight is not shown.
"""

import datetime as dt
import re
from functools import lru_cache

_YMD, _MD, _YM = 'yyyy"年"m"月"d"日"', 'm"月"d"日"', 'yyyy"年"m"月"'
_HM, _HMS = 'h"时"mm"分"', 'h"时"mm"分"ss"秒"'
# What the numbers below 164 stand for in Chinese; the rest are shown as General.
_TIME, _TIME_S = "h:mm", "h:mm:ss"
BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 37: "#,##0", 38: "#,##0", 49: "@",
    14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: _TIME, 19: _TIME_S, 20: _TIME, 21: _TIME_S,
    22: "yyyy/m/d h:mm", 27: _YM, 28: _MD, 29: _MD, 30: "m-d-yy", 31: _YMD, 32: _HM, 33: _HMS, 34: _HM, 35: _HMS,
    36: _YM, 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss", 50: _YM, 51: _MD, 52: _YM, 53: _MD, 54: _MD, 55: _HM,
    56: _HMS, 57: _YM, 58: _MD,
}  # fmt: skip
# Quoted text, escapes, conditions and colours in [], parts of dates and digits; else one character.
_TOKEN = re.compile(
    r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]|General|AM/PM|A/P|上午/下午|y+|e[+-]|e+|m+|d+|aaaa?|h+|s+(?:\.0+)?|[0#?]+|.',
    re.IGNORECASE | re.DOTALL,
)
_NOON = {"AM/PM", "A/P", "上午/下午"}
_DIGITS = "〇一二三四五六七八九"
_WEEKDAYS = "一二三四五六日"
# The day after 9999-12-31.
_LAST_SERIAL = 2_958_466


@lru_cache(maxsize=4096)
def shown(number: float, code: str, *, from_1904: bool = False) -> str:
    """What a cell with this number and this format code displays."""
    sections = _sections(code)
    if any(_date_letter(token) for token in sections[0]):
        moment = moment_of(number, from_1904=from_1904)
        return _general(number) if moment is None else _date(moment, sections[0])
    if number < 0 and len(sections) > 1:
        return _number(-number, sections[1])
    return _number(number, sections[2] if number == 0 and len(sections) > 2 else sections[0])


def moment_of(serial: float, *, from_1904: bool = False) -> dt.datetime | None:
    """The day and time a serial number stands for; in the older system 1900 is a leap year."""
    if not 0 <= serial < _LAST_SERIAL:
        return None
    # Day 60 is the 29 February that 1900 did not have, so days before it are counted from one day later.
    first = dt.date(1904, 1, 1) if from_1904 else dt.date(1899, 12, 30 if serial >= 60 else 31)
    return dt.datetime.combine(first, dt.time()) + dt.timedelta(seconds=round(serial * 86400))


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[tuple[str, ...], ...]:
    sections: list[list[str]] = [[]]
    for part in _TOKEN.findall(code):
        if part == ";":
            sections.append([])
        else:
            sections[-1].append(part)
    return tuple(map(tuple, sections))


def _date_letter(token: str) -> str:
    """y, m, d, h or s for a token that shows a part of a date; '' for any other."""
    letter = token[0].lower()
    if letter == "[" and token[1:-1].lower().strip("hms") == "" and len(token) > 2:
        return token[1].lower()
    if token in _NOON or token.lower() in ("general", "e+", "e-"):
        return ""
    return {"e": "y", "a": "w" if len(token) > 2 else ""}.get(letter, letter if letter in "ymdhs" else "")


def _literal(token: str) -> str:
    if token[0] == '"':
        return token.strip('"')
    if token[0] == "\\":
        return token[1:]
    return "" if token[0] in "_*[" else token


def _date(moment: dt.datetime, tokens: tuple[str, ...]) -> str:
    letters = _with_minutes([_date_letter(token) for token in tokens])
    of_day = [letter for letter in letters if letter in ("y", "m", "d")]
    at_midnight = moment.time() == dt.time()
    if of_day and at_midnight:
        end = next((at for at, letter in enumerate(letters) if letter in ("h", "n", "s")), len(tokens))
        tokens, letters = tokens[:end], letters[:end]
    named = any(letter == "m" and len(token) > 2 for letter, token in zip(letters, tokens, strict=True))
    in_order = of_day == [one for one in "ymd" if one in of_day] and "yy" not in tokens
    bare = of_day == ["m", "d"] and not any("月" in token for token in tokens)
    # Other orders, two-digit years, names of months, and 6-30 without 月: none is written so here.
    if of_day and (named or bare or not in_order):
        plain = {"y": f"{moment.year}年", "m": f"{moment.month}月", "d": f"{moment.day}日"}
        return "".join(plain[one] for one in "ymd" if one in of_day)
    in_numerals = any(token.lower().startswith("[dbnum") for token in tokens)
    parts = map(_part, tokens, letters, [moment] * len(tokens))
    text = "".join(_numerals(part) if in_numerals and part.isdigit() else part for part in parts)
    return text.strip(" T-/.")


def _with_minutes(letters: list[str]) -> list[str]:
    """An m after hours or before seconds means minutes: n."""
    said = [(at, letter) for at, letter in enumerate(letters) if letter]
    for before, (at, letter), after in zip([(0, ""), *said], said, [*said[1:], (0, "")], strict=False):
        if letter == "m" and (before[1] == "h" or after[1] == "s"):
            letters[at] = "n"
    return letters


def _part(token: str, letter: str, moment: dt.datetime) -> str:
    if letter == "w":
        return ("星期" if len(token) > 3 else "") + _WEEKDAYS[moment.weekday()]
    if letter == "d" and len(token) > 2:
        return "星期" + _WEEKDAYS[moment.weekday()]
    if not letter:
        return ("上午" if moment.hour < 12 else "下午") if token in _NOON else _literal(token)
    value = {
        "y": moment.year,
        "m": moment.month,
        "d": moment.day,
        "h": moment.hour,
        "n": moment.minute,
        "s": moment.second,
    }
    return str(value[letter]).zfill(len(token) if letter != "y" and token[0] != "[" else 1)


def _numerals(digits: str) -> str:
    """2022 → 二〇二二, 12 → 十二."""
    if len(digits) > 2 or int(digits) == 0:
        return "".join(_DIGITS[int(digit)] for digit in digits)
    tens, ones = divmod(int(digits), 10)
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones else "")


def _number(number: float, tokens: tuple[str, ...]) -> str:
    """Literals around one number; what is more intricate is shown as General."""
    places = [at for at, token in enumerate(tokens) if token[0] in "0#?.," or token.lower() in ("general", "@")]
    if not places:
        return "".join(map(_literal, tokens)) or _general(number)
    first, last = places[0], places[-1]
    pattern = "".join(tokens[first : last + 1])
    before, after = ("".join(map(_literal, part)) for part in (tokens[:first], tokens[last + 1 :]))
    if "%" in after:
        number *= 100
    return before + _digits(number, pattern) + after


def _digits(number: float, pattern: str) -> str:
    match = re.fullmatch(r"([0#?,]*[0#?])?(?:\.([0#?]*))?", pattern)
    if not match:
        return _general(number)
    whole, decimals = match[1] or "", match[2] or ""
    text = f"{number:{',' if ',' in whole else ''}.{len(decimals)}f}"
    # A # shows a digit only where there is one.
    optional = len(decimals) - len(decimals.rstrip("#?"))
    for _ in range(optional):
        text = text.removesuffix("0")
    text = text.removesuffix(".")
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    missing = whole.count("0") - len(text.partition(".")[0])
    return sign + "0" * max(0, missing) + text


def _general(number: float) -> str:
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.11g}"
