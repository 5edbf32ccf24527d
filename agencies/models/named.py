"""Agencies by the names that people write: any name one is known by, and for an unknown one what it may mean."""

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _

from agencies.lib.likeness import Suggestion
from agencies.models.agency import Agency

# Likeness is compared with every known name: a whole table of unknown names would take too long.
SUGGESTED_FOR = 30


def tidy(text: str) -> str:
    """A name without white space; brackets as the lists print them."""
    return "".join(text.split()).replace("(", "（").replace(")", "）")


def unknown_name(name: str, meant: Collection[Suggestion]) -> str:
    """That no agency has this name, and which one it may be."""
    if meant:
        suggested = _("、").join(one.name for one in meant)
        return _("没有名为“%(name)s”的单位。您是否指：%(meant)s") % {"name": name[:60], "meant": suggested}
    return _("没有名为“%(name)s”的单位，请先在“单位”页新增。") % {"name": name[:60]}


class NamedAgencies:
    """The agencies a table names, looked up at once; and what the unknown names may mean."""

    def __init__(self, names: Iterable[str]) -> None:
        wanted = list(dict.fromkeys(filter(None, map(tidy, names))))
        self._found = Agency.objects.called(wanted)
        unknown = [name for name in wanted if name not in self._found]
        self._meant = Agency.objects.suggest(unknown[:SUGGESTED_FOR])

    def get(self, text: str) -> Agency | None:
        """The agency of that name."""
        return self._found.get(tidy(text))

    def what_is_wrong(self, text: str) -> str:
        """Why it names no agency that acts itself; empty when it does."""
        name = tidy(text)
        if not name:
            return _("未填写单位。")
        agency = self._found.get(name)
        if agency is None:
            return unknown_name(name, self._meant.get(name, []))
        if agency.dissolved_on:
            return _("单位“%(name)s”已撤销，由“%(heir)s”承接。") % {"name": name, "heir": agency.successor}
        return _("“%(name)s”是统称，请填具体单位。") % {"name": name} if agency.is_collective else ""
