"""Which words changed between an old and a new text."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

SHORTEST_KEPT = 2
SHORT = 24
# difflib's time grows with the product of both lengths.
LONGEST_MARKED = 4_000
PAUSES = frozenset("，。；：、！？“”‘’（）《》,.;:!?()\n ")


class Piece(NamedTuple):
    """A stretch of text: `equal`, `deleted` or `inserted` (difflib's words), or a `separator` between two of them."""

    kind: str
    text: str


def replaced(old: str, new: str) -> list[Piece]:
    """Both as a whole, for what is too short to be marked word by word."""
    return [Piece("deleted", old), Piece("separator", " → "), Piece("inserted", new)]


def listed(pieces: list[Piece]) -> list[Piece]:
    """Names one after the other, as lists print them."""
    return [part for piece in pieces for part in (Piece("separator", "、"), piece)][1:]


def marked(old: str, new: str) -> list[Piece]:
    """The old and the new text as one, with what was deleted and what inserted. Common stretches under SHORTEST_KEPT
    characters count as changed."""
    if max(len(old), len(new)) <= SHORT and not (old in new or new in old):
        return replaced(old, new)
    if len(old) + len(new) > LONGEST_MARKED:
        return replaced(old, new)
    return list(_slid(_marked(old, new)))


def _marked(old: str, new: str) -> list[Piece]:
    pieces: list[Piece] = []
    deleted = inserted = ""
    # With autojunk difflib would not look at what is frequent in a long text, such as 的.
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        at_an_end = a == 0 or b == len(old)
        if kind == "equal" and (b - a >= SHORTEST_KEPT or at_an_end):
            pieces += _changed(deleted, inserted)
            pieces.append(Piece("equal", old[a:b]))
            deleted = inserted = ""
        else:
            deleted, inserted = deleted + old[a:b], inserted + new[c:d]
    return [*pieces, *_changed(deleted, inserted)]


def _changed(deleted: str, inserted: str) -> list[Piece]:
    return [Piece(kind, text) for kind, text in (("deleted", deleted), ("inserted", inserted)) if text]


def _slid(pieces: list[Piece]) -> Iterator[Piece]:
    """A stretch that only went or only came may be marked a little further left without changing what is said
    (社保[开户、公积金]开户 is 社保开户、[公积金开户]): it is marked from a pause on where there is one."""
    at = 0
    while at < len(pieces):
        if at + 2 < len(pieces) and _is_alone(pieces[at : at + 3]):
            before, changed, after = _from_a_pause(*pieces[at : at + 3])
            pieces[at + 2] = after
            yield from (before, changed)
            at += 2
        else:
            yield pieces[at]
            at += 1


def _is_alone(pieces: list[Piece]) -> bool:
    return pieces[0].kind == pieces[2].kind == "equal" and pieces[1].kind != "equal"


def _from_a_pause(before: Piece, changed: Piece, after: Piece) -> tuple[Piece, Piece, Piece]:
    left, middle, right = before.text, changed.text, after.text
    while right and middle[0] == right[0] and (not left or left[-1] not in PAUSES):
        left, middle, right = left + middle[0], middle[1:] + middle[0], right[1:]
    if not left or left[-1] not in PAUSES or not right:
        return before, changed, after
    return Piece("equal", left), Piece(changed.kind, middle), Piece("equal", right)
