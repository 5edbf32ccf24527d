"""Which agencies are meant by a word: by any of their names, in Chinese or English, or by a common abbreviation."""

from collections.abc import Mapping

from agencies.models import Agency, AgencyName
from reforms.lib.folding import fold

SHORTEST_ABBREVIATION = 3


class KnownNames:
    """Every name of every agency, folded; read once for all words of a search."""

    def __init__(self) -> None:
        rows = Agency.objects.order_by("pk").values_list("pk", "name", "full_name", "name_en")
        self.names: dict[int, list[str]] = {pk: [fold(name) for name in names if name] for pk, *names in rows}
        for pk, name in AgencyName.objects.order_by("pk").values_list("agency_id", "name"):
            self.names[pk].append(fold(name))

    def called(self, word: str) -> frozenset[int]:
        """The ids of agencies of which a name holds the word; where none does, of which it abbreviates one."""
        found = frozenset(pk for pk, names in self.names.items() if any(word in name for name in names))
        return found or _abbreviated(word, self.names)


def _abbreviated(word: str, known: Mapping[int, list[str]]) -> frozenset[int]:
    if len(word) < SHORTEST_ABBREVIATION or word.isascii():
        return frozenset()
    return frozenset(pk for pk, names in known.items() if any(abbreviates(word, name) for name in names))


def abbreviates(word: str, name: str) -> bool:
    """Whether the word is the name with characters left out between its first and its last: 市中院 for 市中级法院."""
    rest = iter(name)
    return word[0] == name[0] and word[-1] == name[-1] and all(sign in rest for sign in word)
