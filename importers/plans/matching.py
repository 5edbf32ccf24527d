"""Which measure of a later document is which of an earlier one: by what they say first, by their number last."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol


class Matchable(Protocol):
    """What measures are matched by; parsed and known ones both have it."""

    @property
    def item_no(self) -> int | None: ...
    @property
    def item_title(self) -> str: ...
    @property
    def seq_in_item(self) -> int: ...
    @property
    def text(self) -> str: ...


SHINGLE = 4
# Words found in more measures than this say nothing of any one of them.
RARE = 12
# Shorter texts (持续推进) may be those of several measures.
LONG_ENOUGH = 10
# How alike two texts must be (0 to 1, by shared pairs of characters) to be one measure reworded.
UNDER_ONE_TITLE, UNDER_ANY_TITLE, IN_ONE_PLACE, IN_TITLE = 0.4, 0.6, 0.45, 0.5


def bare(text: str) -> str:
    """Text as it is compared: white space does not count."""
    return "".join(text.split())


@dataclass(frozen=True)
class _Likeness:
    """One measure as it is compared."""

    title: str
    text: str
    item_no: int | None
    seq: int
    under_title: int

    @cached_property
    def title_pairs(self) -> Counter[str]:
        return _pairs_of_characters(self.title)

    @cached_property
    def text_pairs(self) -> Counter[str]:
        return _pairs_of_characters(self.text)

    @property
    def shingles(self) -> set[str]:
        whole = self.title + self.text
        return {whole[at : at + SHINGLE] for at in range(max(1, len(whole) - SHINGLE + 1))}


# Exact matches, the strictest first.
_KEYS: tuple[Callable[[_Likeness], Hashable | None], ...] = (
    lambda m: (m.title, m.text, m.item_no, m.seq),
    lambda m: (m.title, m.text, m.item_no),
    lambda m: (m.title, m.text),
    lambda m: (m.text, m.item_no),
    lambda m: m.text if len(m.text) >= LONG_ENOUGH else None,
)


def _place_in_item(measure: _Likeness) -> Hashable:
    """Where an item has as many measures as before, one rewritten from end to end is known by its place."""
    return measure.title, measure.seq, measure.under_title


def match(old: Sequence[Matchable], new: Sequence[Matchable]) -> dict[int, int]:
    """Index in `new` → index in `old`. Each is taken once; what has no counterpart is missing from the answer."""
    olds, news = _likenesses(old), _likenesses(new)
    pairs: dict[int, int] = {}
    for key in _KEYS:
        _pair_exactly(olds, news, pairs, key)
    _pair_by_likeness(olds, news, pairs)
    _pair_exactly(olds, news, pairs, _place_in_item)
    return pairs


def _likenesses(measures: Sequence[Matchable]) -> dict[int, _Likeness]:
    titles = [bare(measure.item_title) for measure in measures]
    count = Counter(titles)
    return {
        i: _Likeness(title, bare(measure.text), measure.item_no, measure.seq_in_item, count[title])
        for i, (measure, title) in enumerate(zip(measures, titles, strict=True))
    }


def _pair_exactly(
    olds: dict[int, _Likeness],
    news: dict[int, _Likeness],
    pairs: dict[int, int],
    key: Callable[[_Likeness], Hashable | None],
) -> None:
    """Pair what is left on both sides and shares `key`, in printed order; takes the paired ones out."""
    waiting: dict[Hashable, list[int]] = {}
    # Backwards, so that `pop` gives the first printed.
    for i, likeness in reversed(olds.items()):
        waiting.setdefault(key(likeness), []).append(i)
    for i, likeness in list(news.items()):
        of_key = key(likeness)
        if of_key is not None and waiting.get(of_key):
            pairs[i] = waiting[of_key].pop()
            del news[i], olds[pairs[i]]


def _pair_by_likeness(olds: dict[int, _Likeness], news: dict[int, _Likeness], pairs: dict[int, int]) -> None:
    """Pair the most alike first; a pair that is not alike enough is none."""
    scored = [
        (-score, abs(i - j), i, j)
        for i, j in _candidates(olds, news)
        if (score := _score(olds[j], news[i])) is not None
    ]
    # Of pairs that are equally alike the nearer ones in the document go together.
    for _worst, _distance, i, j in sorted(scored):
        if i in news and j in olds:
            pairs[i] = j
            del news[i], olds[j]


def _candidates(olds: dict[int, _Likeness], news: dict[int, _Likeness]) -> Iterator[tuple[int, int]]:
    """Pairs worth comparing: under one title, under one number, or with words that few others have."""
    # Comparing each with each would grow with the square of the list.
    index: dict[Hashable, list[int]] = {}
    for j, likeness in olds.items():
        for key in _places(likeness):
            index.setdefault(key, []).append(j)
    for i, likeness in news.items():
        found = {j for key in _places(likeness) if len(index.get(key, ())) <= RARE for j in index.get(key, ())}
        yield from ((i, j) for j in sorted(found))


def _places(likeness: _Likeness) -> Iterator[Hashable]:
    yield "title", likeness.title
    if likeness.item_no is not None:
        yield "number", likeness.item_no
    yield from likeness.shingles


def _score(old: _Likeness, new: _Likeness) -> float | None:
    """How alike two measures are, with a little more for the same place; None when they are not one measure."""
    text, title = _alike(old.text_pairs, new.text_pairs), _alike(old.title_pairs, new.title_pairs)
    same_title, same_number = old.title == new.title, old.item_no == new.item_no
    # The only measure under this title, before and now: its text may be another one altogether.
    unmistakable = same_title and old.under_title == new.under_title == 1
    alike = (
        unmistakable
        or text >= UNDER_ANY_TITLE
        or (same_title and text >= UNDER_ONE_TITLE)
        or (title >= IN_TITLE and text >= UNDER_ONE_TITLE)
        or (same_number and (text + title) / 2 >= IN_ONE_PLACE and not same_title)
    )
    if not alike:
        return None
    return text + title + 0.1 * same_number + 0.05 * (same_number and old.seq == new.seq)


def _pairs_of_characters(text: str) -> Counter[str]:
    return Counter(text[at : at + 2] for at in range(max(1, len(text) - 1)))


def _alike(one: Counter[str], other: Counter[str]) -> float:
    """Dice's coefficient: 1 for the same text, 0 for nothing in common."""
    return 2 * (one & other).total() / (one.total() + other.total())
