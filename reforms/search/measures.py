"""Measures by words: each must be in what is printed, or be a name of an agency that is printed or must act."""

import re
import unicodedata
from collections.abc import Callable, Collection

from django.db.models import Exists, OuterRef, Q

from reforms.lib.folding import words_of
from reforms.models import Assignment, Duty, MeasureQuerySet, has_word
from reforms.search.agencies import KnownNames

# The measures of so few agencies are gathered first; of more each measure without the word in its text is asked.
FEW = 20
# 51-2, 第51项第2条: the second measure of item 51.
PLACE = re.compile(r"^第?(\d{1,4})(?:项?第|项?[-—–‐−]{1,2})(\d{1,3})条?$")


def holding(measures: MeasureQuerySet, query: str, known: Callable[[], KnownNames] = KnownNames) -> MeasureQuerySet:
    """Those that hold every word of a query, in any place. `known` gives the names of agencies, where somebody has
    read them already."""
    words = words_of(query)
    names = known() if words else None
    place = place_meant(query)
    for word in words:
        found = has_word(word)
        if names and (agencies := names.called(word)):
            found |= _beside(agencies)
        if place:
            found |= Q(item__number=place[0], seq_in_item=place[1])
        measures = measures.filter(found)
    return measures


def place_meant(query: str) -> tuple[int, int] | None:
    """The numbers of item and measure that a query like 51-2 means."""
    found = PLACE.match(unicodedata.normalize("NFKC", query).strip())
    return (int(found[1]), int(found[2])) if found else None


def _beside(agencies: Collection[int]) -> Q:
    """Measures beside which one of them is printed, or on which it must act (through a group, or for another)."""
    printed, acting = (model.objects.filter(agency__in=sorted(agencies)).order_by() for model in (Assignment, Duty))
    if len(agencies) <= FEW:
        return Q(pk__in=printed.values("measure")) | Q(pk__in=acting.values("measure"))
    own = {"measure": OuterRef("pk")}
    return Q(Exists(printed.filter(**own))) | Q(Exists(acting.filter(**own)))
