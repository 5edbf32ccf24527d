"""How texts and what is searched for are made alike: width, case and punctuation do not matter.

Nothing here knows what is searched; `reforms.search` does.
"""

import re
import unicodedata
from collections.abc import Iterable

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
