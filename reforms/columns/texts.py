"""What is searched of measures, as an index of pairs of characters: which texts hold a word of any length is read off
it in milliseconds, where the database reads every text (docs/performance.md, “A word searched for the first time”).

Measures are indexed in blocks by their ids. A block has the texts of its measures one after another, and of each pair
of neighbouring characters every place in which it stands, sorted by pair. One character is what all pairs begin with
that begin with it; of a longer word the rarest pair is looked up, and at its places the rest is compared. So nothing
is missed and nothing else is found, as `has_word` says in the database; a test holds them equal.

A block is a file of numbers that is mapped, not read: processes share it, and memory holds what is used of it. It is
never altered; what differs from it by now lies beside it (`altered`). The worker makes the blocks; what is in none is
asked of the database. Nothing but time is lost with the files.
"""

import hashlib
import logging
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

import numpy as np
from django.conf import settings

from reforms.columns.reading import CHUNK, Column, among
from reforms.models import Measure, has_word

# So many ids make a block: 0.7 s of work and 80 MB while it is made, 30 MB of disk.
SIZE = 1 << 14
# After so many altered texts, each of which is looked at in every search, the block that has most is made anew.
MOST_ALTERED = 2_000
# Stands before and after every text, as between its cells, and in no word.
BETWEEN = "\n"
# How it is made; files of another version are not taken for those of this one.
_MADE_BY = Path(__file__).read_bytes()
# What NumPy says of a file that is not there, cut, or none of its own.
UNREADABLE = (OSError, ValueError, KeyError, EOFError, BadZipFile)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class TextBlock:
    """The texts of the measures with the ids from `first` on. `text` are code units of UTF-16, in which that of each
    measure begins at `start`. Of the pairs in order `pair`, each stands at the places `place` from its `end` before to
    its own, in the text of the measure `row`, counted from `first`."""

    name: str
    first: int
    pair: Column
    end: Column
    start: Column
    place: Column
    row: Column
    text: Column

    @classmethod
    def made(cls, first: int, texts: Mapping[int, str]) -> Self:
        """Of these texts by the ids of their measures; written to the disk and mapped from there."""
        units = [_units(texts[pk] + BETWEEN) if pk in texts else _units("") for pk in range(first, first + SIZE)]
        text = np.concatenate([_units(BETWEEN), *units])
        name = hashlib.sha256(_MADE_BY + bytes(str(first), "ascii") + text.tobytes()).hexdigest()[:16]
        try:
            return cls.mapped(first, name)
        except UNREADABLE:
            cls(name, first, **_indexed(text, np.array([len(one) for one in units]))).write()
        return cls.mapped(first, name)

    @classmethod
    def mapped(cls, first: int, name: str) -> Self:
        """As it lies on the disk."""
        held = np.load(_path_of(name), mmap_mode="r", allow_pickle=False)
        return cls(name, first, **{part: np.asarray(held[part][0]) for part in _PARTS})

    @property
    def path(self) -> Path:
        """Where it lies."""
        return _path_of(self.name)

    def write(self) -> None:
        """To the disk, moved into its place: whoever reads what was there goes on reading it."""
        to = self.path
        parts = {part: getattr(self, part) for part in _PARTS}
        held = np.zeros(1, [(part, column.dtype, column.shape) for part, column in parts.items()])
        for part, column in parts.items():
            held[part][0] = column
        to.parent.mkdir(parents=True, exist_ok=True)
        # Named by the process: two that write at once do not write into one file.
        aside = to.with_suffix(f".{os.getpid()}.part")
        with aside.open("wb") as file:
            np.save(file, held)
        aside.replace(to)

    def text_of(self, pk: int) -> str:
        """The text of a measure; empty where it was not there."""
        start, end = self.start[pk - self.first : pk - self.first + 2].tolist()
        return self.text[start:end].tobytes().decode(CODE, "surrogatepass").removesuffix(BETWEEN)

    def with_word(self, word: Column) -> Column:
        """The measures that hold a word, counted from `first`; one as often as it does."""
        if len(word) == 1:
            begin, end = self._range(int(word[0]) << 16, (int(word[0]) + 1) << 16)
            return self.row[begin:end]
        pairs = [self._range(pair, pair + 1) for pair in _pairs(word).tolist()]
        rarest = min(range(len(pairs)), key=lambda at: pairs[at][1] - pairs[at][0])
        begin, end = pairs[rarest]
        rows = self.row[begin:end]
        at = self.place[begin:end].astype(np.int64) - rarest if len(word) > len("一二") else rows
        # From the pair outwards: what stands between texts ends each before it leaves the block.
        for offset in (*range(rarest - 1, -1, -1), *range(rarest + 2, len(word))):
            same = self.text[at + offset] == word[offset]
            at, rows = at[same], rows[same]
        return rows

    def _range(self, first: int, last: int) -> tuple[int, int]:
        """Where the places of the pairs from this one to before that one are."""
        begin, end = np.searchsorted(self.pair, np.array([first, last], np.uint64))
        return int(self.end[begin]), int(self.end[end])

    def is_true(self) -> bool:
        """Whether it is what follows from its texts."""
        made = _indexed(self.text, np.diff(self.start))
        return all(np.array_equal(column, getattr(self, part)) for part, column in made.items())


_PARTS = ("pair", "end", "start", "place", "row", "text")
CODE = "utf-16-le"


def _units(text: str) -> Column:
    return np.frombuffer(text.encode(CODE, "surrogatepass"), np.uint16)


def _pairs(text: Column) -> Column:
    """A number for every two that stand beside each other."""
    return text[:-1].astype(np.uint32) << 16 | text[1:]


def _indexed(text: Column, lengths: Column) -> dict[str, Column]:
    rows = np.repeat(np.arange(len(lengths), dtype=np.uint16), lengths)
    pairs = _pairs(text)
    # By the second and then by the first, which for numbers this small takes one pass each.
    place = np.argsort(text[1:], kind="stable")
    place = place[np.argsort(text[place], kind="stable")]
    place = place[text[place] != ord(BETWEEN)].astype(np.uint32)
    ordered = pairs[place]
    begins = np.flatnonzero(np.diff(ordered, prepend=np.uint32(0)))
    return {
        "pair": ordered[begins],
        "end": np.append(begins, len(place)).astype(np.uint32),
        "start": np.append(1, 1 + np.cumsum(lengths)).astype(np.uint32),
        "place": place,
        # The first sign stands before all texts.
        "row": rows[place - 1],
        "text": text,
    }


@dataclass(frozen=True, slots=True, eq=False)
class SearchedTexts:
    """The blocks that were made, of all ids up to `end`, and the texts that are others by now."""

    blocks: tuple[TextBlock, ...] = ()
    altered: dict[int, str] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """The first id that is in no block."""
        return len(self.blocks) * SIZE

    @property
    def names(self) -> list[str]:
        """Of its blocks, by which they are found on the disk."""
        return [block.name for block in self.blocks]

    @classmethod
    def mapped(cls, names: Iterable[str], altered: Collection[int]) -> Self:
        """Those of the disk with the altered ones as they are now. The first that is not there ends them."""
        blocks: list[TextBlock] = []
        for name in names:
            try:
                blocks.append(TextBlock.mapped(len(blocks) * SIZE, name))
            except UNREADABLE as error:
                log.warning("A block of searched texts cannot be read and is made anew: %s", error)
                break
        found = cls(tuple(blocks))
        return found.followed(altered, texts_of(altered)) if altered else found

    def followed(self, ids: Iterable[int], texts: Mapping[int, str]) -> Self:
        """The same, with these texts of the measures with these ids; one that is not there has gone."""
        altered = dict(self.altered)
        for pk in ids:
            if pk < self.end:
                altered.pop(pk, None)
                if texts.get(pk, "") != self.blocks[pk // SIZE].text_of(pk):
                    altered[pk] = texts.get(pk, "")
        return type(self)(self.blocks, altered)

    def with_word(self, word: str, ids: Column) -> Column:
        """Which of the measures with these ids hold a word."""
        units = _units(word)
        found = np.zeros(max(self.end, int(ids.max(initial=0)) + 1), bool)
        for block in self.blocks:
            found[block.first : block.first + SIZE][block.with_word(units)] = True
        for pk, text in self.altered.items():
            found[pk] = word in text
        if self.end >= len(found):
            return found[ids]
        others = Measure.objects.filter(has_word(word), pk__gte=self.end).order_by().values_list("pk", flat=True)
        return found[ids] | among(ids, list(others.iterator(chunk_size=CHUNK)))

    def lack(self, last: int) -> bool:
        """Whether a block is missing up to the measure with this id, or one has many texts that are altered."""
        return self.end <= last or len(self.altered) >= MOST_ALTERED

    def with_another(self, last: int) -> Self | None:
        """With a block more, or with that made anew of which most texts are altered; None where none is lacking. Its
        texts are read later than what is kept was, so that what was logged since is read again as of all others."""
        if not self.lack(last):
            return None
        number = len(self.blocks)
        if self.end > last:
            number = int(np.bincount([pk // SIZE for pk in self.altered]).argmax())
        first = number * SIZE
        block = TextBlock.made(first, texts_of(range(first, first + SIZE)))
        others = {pk: text for pk, text in self.altered.items() if pk // SIZE != number}
        return type(self)((*self.blocks[:number], block, *self.blocks[number + 1 :]), others)

    def differ(self) -> bool:
        """Whether they are not what is in the database."""
        return not all(block.is_true() and self._are_texts(block) for block in self.blocks)

    def _are_texts(self, block: TextBlock) -> bool:
        ids = range(block.first, block.first + SIZE)
        # What is there no longer is found by nobody.
        return all(self.altered.get(pk, block.text_of(pk)) == text for pk, text in texts_of(ids).items())


def texts_of(ids: Collection[int]) -> dict[int, str]:
    """What is searched of these measures, by their ids; one query."""
    near = {"pk__range": (ids[0], ids[-1])} if isinstance(ids, range) else {"pk__in": ids}
    return dict(Measure.objects.filter(**near).order_by().values_list("pk", "search_text").iterator(chunk_size=CHUNK))


def folder() -> Path:
    """Where columns and blocks lie."""
    return Path(settings.DATA_DIR) / "columns"


def _path_of(name: str) -> Path:
    return folder() / f"{name}.npy"
