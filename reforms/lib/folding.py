"""How texts and what is searched for are made alike: width, case and punctuation do not matter.

Nothing here knows what is searched; `reforms.search` does.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Chinese characters are what they are and join with nothing: leaving them out takes a third of the time.
_MAY_FOLD = re.compile("[^\u4e00-\u9fff]+")
# Signs that are typed in many ways, or not at all: quotes, brackets, commas, dots between and dashes.
LEFT_OUT = "“”‘’\"'`「」『』《》〈〉«»()[]【】〔〕、,·・•—–‐‑−-"
_AWAY = dict.fromkeys(map(ord, LEFT_OUT))
# What is typed between words. A comma as well: names that a page lists stand in cells of their own.
_BETWEEN = re.compile(r"[\s、,，;；。]+")


def fold(text: str) -> str:
    """A text without what does not matter; also without white space."""
    # Folding may make white space of a sign, and cases out of others.
    return "".join(_MAY_FOLD.sub(_folded, text).casefold().translate(_AWAY).split())


def _folded(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])


def fold_cells(cells: Iterable[str]) -> str:
    """Several texts to be searched one by one: nothing is found that begins in one and ends in the next."""
    return "\n".join(map(fold, cells))


def words_of(query: str) -> list[str]:
    """What is searched for: folded words, each of which must be there. Signs alone are no word."""
    return [word for part in _BETWEEN.split(query) if (word := fold(part))]


@dataclass(frozen=True, slots=True)
class FoundPiece:
    """A piece of a text, and whether it is what was searched for."""

    text: str
    hit: bool = False


def marked(text: str, words: Sequence[str]) -> list[FoundPiece]:
    """The whole text with everything marked that one of these folded words finds."""
    pieces, last = [], 0
    for start, end in _hits(text, words):
        pieces += [FoundPiece(text[last:start]), FoundPiece(text[start:end], hit=True)]
        last = end
    return [piece for piece in (*pieces, FoundPiece(text[last:])) if piece.text]


def excerpt(text: str, words: Sequence[str], *, before: int = 20, length: int = 80) -> list[FoundPiece]:
    """What stands around the first hit, marked; the beginning of the text where there is none."""
    first = next(iter(_hits(text, words)), (0, 0))[0]
    start = max(0, min(first - before, len(text) - length))
    pieces = marked(text[start : start + length], words)
    cut = [FoundPiece("…")] if start else []
    return [*cut, *pieces, *([FoundPiece("…")] if start + length < len(text) else [])]


def holds(text: str, words: Sequence[str]) -> bool:
    """Whether one of the words is in the text."""
    return bool(_hits(text, words))


def _hits(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand in the text as it is written; overlapping places are one."""
    signs = [(fold(sign), at) for at, sign in enumerate(text)]
    folded, places = "".join(sign for sign, _at in signs), [at for sign, at in signs for _one in sign]
    found: list[tuple[int, int]] = []
    for start, end in sorted(_places(folded, words)):
        first, last = places[start], places[end - 1] + 1
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _places(folded: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    for word in words:
        at = folded.find(word)
        while at >= 0:
            yield at, at + len(word)
            at = folded.find(word, at + len(word))
