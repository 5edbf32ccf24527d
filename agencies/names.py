"""Agencies by the names that people write: looked up at once, and which one an unknown name may mean."""

from collections.abc import Collection, Iterable

from django.utils.translation import gettext

from agencies.lib.likeness import Suggestion, suggestions
from agencies.models import Agency, AgencyQuerySet

# Likeness is compared with every known name: a whole table of unknown names would take too long.
SUGGESTED_FOR = 30


def tidy(text: str) -> str:
    """A name without white space; brackets as the lists print them."""
    return "".join(text.split()).replace("(", "（").replace(")", "）")


def suggest(names: Iterable[str], among: AgencyQuerySet | None = None) -> dict[str, list[Suggestion]]:
    """For each of `names` the agencies (`among` some) it may be another name of, the likeliest first. One query."""
    agencies = Agency.objects.all() if among is None else among
    rows = agencies.known().order_by("pk").values_list("pk", "name", "full_name", "other_names__name")
    known = {name: pk for pk, *all_names in rows for name in all_names if name}
    return {name: suggestions(name, known) for name in names}


def unknown_name(name: str, meant: Collection[Suggestion]) -> str:
    """That no agency has this name, and which one it may be."""
    if meant:
        suggested = gettext("、").join(one.name for one in meant)
        return gettext("没有名为“%(name)s”的单位。您是否指：%(meant)s") % {"name": name[:60], "meant": suggested}
    return gettext("没有名为“%(name)s”的单位，请先在“单位”页新增。") % {"name": name[:60]}


class NamedAgencies:
    """The agencies a table names, looked up at once; and what the unknown names may mean."""

    def __init__(self, names: Iterable[str]) -> None:
        wanted = list(dict.fromkeys(filter(None, map(tidy, names))))
        self._found = Agency.objects.called(wanted)
        unknown = [name for name in wanted if name not in self._found]
        self._meant = suggest(unknown[:SUGGESTED_FOR])

    def get(self, text: str) -> Agency | None:
        """The agency of that name."""
        return self._found.get(tidy(text))

    def what_is_wrong(self, text: str) -> str:
        """Why it names no agency that acts itself; empty when it does."""
        name = tidy(text)
        if not name:
            return gettext("未填写单位。")
        agency = self._found.get(name)
        if agency is None:
            return unknown_name(name, self._meant.get(name, []))
        if agency.dissolved_on:
            return gettext("单位“%(name)s”已撤销，由“%(heir)s”承接。") % {"name": name, "heir": agency.successor}
        return gettext("“%(name)s”是统称，请填具体单位。") % {"name": name} if agency.is_collective else ""
