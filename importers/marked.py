"""Which words changed between an old and a new text."""

from difflib import SequenceMatcher
from typing import NamedTuple

SHORTEST_KEPT = 2
LONGEST_MARKED = 4_000


class Piece(NamedTuple):
    """A stretch of text: `kept`, `gone` or `come`."""

    kind: str
    text: str


def marked(old: str, new: str) -> list[Piece]:
    """The old and the new text as one, with what went and what came. Very short common stretches count as changed,
    so that a rewritten sentence reads as one and not as confetti."""
    if len(old) + len(new) > LONGEST_MARKED:
        return [Piece("gone", old), Piece("come", new)]
    pieces: list[Piece] = []
    gone = come = ""
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        inside = 0 < a and b < len(old)
        if kind == "equal" and (b - a >= SHORTEST_KEPT or not inside):
            pieces += _changed(gone, come)
            pieces.append(Piece("kept", old[a:b]))
            gone = come = ""
        else:
            gone, come = gone + old[a:b], come + new[c:d]
    return [*pieces, *_changed(gone, come)]


def _changed(gone: str, come: str) -> list[Piece]:
    return [Piece(kind, text) for kind, text in (("gone", gone), ("come", come)) if text]
