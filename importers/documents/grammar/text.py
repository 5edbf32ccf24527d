"""Characters: what is dropped, what is levelled, and how lines of a cell are joined."""

import re
import unicodedata

NOTHING_PRINTED = frozenset({"", "/", "／", "\\", "-", "--", "－", "—", "——", "–", "无", "暂无"})
"""What is written into a cell to say that it is meant to be empty."""

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
