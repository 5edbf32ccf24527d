"""From where the lists are looked at: who asks, on which business date, and whether they may see the status."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from agencies.principal import Principal
from agencies.rules import Verb, may
from reforms.models import ReformList


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """`sees_status` covers status, light, current deadline and the counts made from them."""

    who: Principal
    on: dt.date
    sees_status: bool

    @property
    def deadline_field(self) -> str:
        """The deadline that may be shown: the current one goes with the status, the printed one is public."""
        return "deadline_in_force" if self.sees_status else "deadline"


def viewpoint(who: Principal, on: dt.date, slugs: Collection[str] = ()) -> Viewpoint:
    """The viewpoint on the lists `slugs` (all of them when empty). Status is public only where each list says so."""
    return Viewpoint(who=who, on=on, sees_status=may(who, Verb.READ_STATUS) or _all_public(slugs))


def _all_public(slugs: Collection[str]) -> bool:
    lists = ReformList.objects.filter(slug__in=slugs) if slugs else ReformList.objects.all()
    flags = set(lists.values_list("public_status", flat=True))
    return flags == {True}
