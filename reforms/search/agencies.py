"""Which agencies are meant by a word: by any of their names, in Chinese or English, or by a common abbreviation."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from agencies.models import Agency, AgencyName
from reforms.lib.folding import fold

SHORTEST_ABBREVIATION = 3


class Name(NamedTuple):
    """A name as it is written and as it is searched."""

    text: str
    folded: str


class KnownNames:
    """Every name of every agency; read once for all words of a search."""

    def __init__(self) -> None:
        rows = Agency.objects.order_by("pk").values_list("pk", "name", "full_name", "name_en")
        self.names = {pk: [Name(name, fold(name)) for name in names if name] for pk, *names in rows}
        for pk, name in AgencyName.objects.order_by("pk").values_list("agency_id", "name"):
            self.names[pk].append(Name(name, fold(name)))

    def called(self, word: str) -> frozenset[int]:
        """The ids of agencies of which a name holds the word; where none does, of which it abbreviates one."""
        found = self._where(lambda name: word in name)
        if found or len(word) < SHORTEST_ABBREVIATION or word.isascii():
            return found
        return self._where(lambda name: abbreviates(word, name))

    def _where(self, fits: Callable[[str], bool]) -> frozenset[int]:
        return frozenset(pk for pk, names in self.names.items() if any(fits(name.folded) for name in names))

    def called_all(self, words: Sequence[str]) -> list[int]:
        """The ids of those that each of the words means, in the order in which they were added."""
        sets = [self.called(word) for word in words]
        return sorted(frozenset.intersection(*sets)) if sets else []

    def name_with(self, pk: int, words: Sequence[str]) -> str:
        """The first name of an agency in which one of the words is; empty where it only abbreviates one."""
        names = self.names[pk]
        return next((name.text for name in names if any(word in name.folded for word in words)), "")


def abbreviates(word: str, name: str) -> bool:
    """Whether the word is the name with characters left out between its first and its last: 市中院 for 市中级法院."""
    rest = iter(name)
    return word[0] == name[0] and word[-1] == name[-1] and all(sign in rest for sign in word)
