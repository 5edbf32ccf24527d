"""From where the lists are looked at: who asks, on which business date, and whether they may see the status."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from agencies.access import Principal, Verb, may
from reforms.models import ReformList
from reforms.status.past import catch_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """`sees_status` covers status, light, current deadline and the counts made from them. `past` says that `on` has
    gone by, so that the facts are those of that day (reforms.status.past)."""

    who: Principal
    on: dt.date
    sees_status: bool
    past: bool = False

    @property
    def facts(self) -> str:
        """What leads from a measure to the facts to be shown: nothing, or the standing of the past day."""
        return "past__" if self.past else ""

    @property
    def then(self) -> dt.date | None:
        """The past day, if it is one."""
        return self.on if self.past else None

    @property
    def deadline_field(self) -> str:
        """The deadline that may be shown: the current one goes with the status, the printed one is public."""
        return f"{self.facts}deadline_in_force" if self.sees_status else "deadline"


def viewpoint(who: Principal, on: dt.date, slugs: Collection[str] = (), *, today: dt.date | None = None) -> Viewpoint:
    """The viewpoint on the lists `slugs` (all of them when empty). Status is public only where each list says so.

    With `today`, an earlier `on` is a past day: what the log has to say of it is read first.
    """
    past = today is not None and on < today
    if past:
        catch_up()
    return Viewpoint(who=who, on=on, sees_status=may(who, Verb.READ_STATUS) or _all_public(slugs), past=past)


def _all_public(slugs: Collection[str]) -> bool:
    lists = ReformList.objects.filter(slug__in=slugs) if slugs else ReformList.objects.all()
    flags = set(lists.values_list("public_status", flat=True))
    return flags == {True}
