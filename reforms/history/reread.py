"""What whoever keeps a copy reads again after a change: the rules that the feed states beside each entry.

A rule names a collection of the API and which part of it: of the copy that part is thrown away, and what is read takes
its place. What moves many at once (an edition, members of a group, an agency that ends, settings of a list) is one
entry with rules for whole parts.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agencies.access import Principal
from agencies.models import Change
from reforms.models import ListEdition, Measure, ReformList


class Collected(StrEnum):
    """The collections of the API of which copies are kept."""

    MEASURES = "measures"
    LISTS = "lists"
    SECTIONS = "sections"
    ITEMS = "items"
    AGENCIES = "agencies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """One part of a collection: of one list (its slug), beside which one agency is printed, one measure (its id), or
    all of it. Of a list that is `gone` (archived, or not open to them) there is nothing to be read."""

    what: Collected
    list: str = ""
    agency: int | None = None
    measure: int | None = None
    gone: bool = False


Rules = tuple[Reread, ...]
DISPOSED = ("measure.suspended", "measure.cancelled", "measure.resumed")
# They change nothing that the collections show.
WITHOUT = frozenset(
    {
        "edition.acknowledged",
        "reminders.switched",
        "reminders.ruled",
        "bulletins.worded",
        "duty.officer_named",
        "measure.chased",
        "measure.ordered",
        "matter.handled",
        "milestone.planned",
        "milestone.printed",
        "milestone.changed",
        "milestone.done",
        "milestone.reopened",
        "milestone.withdrawn",
        "evidence.added",
        "evidence.removed",
        "claim.sent_back",
        "extension.asked",
        "extension.signed",
        "extension.sent_back",
        "extension.withdrawn",
        "extension.refused",
    }
)
# Logged together with an edition, or with an agency that ends, whose entry stands before them and has the rule for all.
TOLD_BEFORE = frozenset(
    {"measure.added", "measure.reprinted", "measure.reinstated", "measure.withdrawn", "measure.duty_moved"}
)
# What an agency is called, whether it is one body and who belongs to it is shown with the measures beside which it is
# printed.
SHOWN_WITH_MEASURES = frozenset({"name", "full_name", "kind", "members"})
REORGANISED = frozenset({"agency.merged", "agency.merged_into", "agency.dissolved", "agency.succeeded"})
# Facts of a list that the collections do not show; and those that say nothing of its measures.
SAID_NOWHERE = frozenset({"report_every", "standing_every", "report_day", "contact", "contact_phone"})
SAID_OF_LISTS_ALONE = frozenset({"short_title", "year", "issuer", "document_number", "issued_on", "link", "licence"})
ALL_AGENCIES, ALL_LISTS = Reread(what=Collected.AGENCIES), Reread(what=Collected.LISTS)
ALL_MEASURES = Reread(what=Collected.MEASURES)


def rules_of(changes: Sequence[Any], who: Principal, *, own: bool) -> list[Rules]:
    """What `who` reads again after each of these entries of the feed; `own` where only their own measures are kept.
    At most four queries."""
    ground = _ListsOfChanges.of(changes, who, own=own)
    return [tuple(ground.rules(change)) for change in changes]


@dataclass(frozen=True, slots=True)
class _ListsOfChanges:
    """The lists that changes are about, by the ids of lists, editions and measures; those that can be read now."""

    lists: Mapping[int, str]
    editions: Mapping[int, str]
    measures: Mapping[int, str]
    shown: Collection[str]
    own: bool

    @classmethod
    def of(cls, changes: Sequence[Change], who: Principal, *, own: bool) -> "_ListsOfChanges":
        lists = _slugs(ReformList, "slug", [one for one in changes if one.kind == "list"])
        editions = _slugs(ListEdition, "reform_list__slug", [one for one in changes if one.kind == "edition"])
        measures = _slugs(Measure, "reform_list__slug", [one for one in changes if one.action in DISPOSED])
        named = any(one.kind in {"list", "edition"} or one.action in DISPOSED for one in changes)
        shown = ReformList.objects.readable_by(who).filter(archived_on=None).values_list("slug", flat=True)
        return cls(lists, editions, measures, frozenset(shown) if named else frozenset(), own)

    def rules(self, change: Any) -> Iterator[Reread]:
        # What is internal of an agency the collections do not show.
        inner = change.kind == "agency" and change.visibility == Change.Visibility.INTERNAL
        if inner or change.action in WITHOUT | TOLD_BEFORE:
            return iter(())
        if change.kind == "measure":
            return self._of_measure(change)
        if change.kind == "agency":
            return self._of_agency(change)
        if change.kind == "edition":
            return self._of_list(self.editions.get(change.object_id) or str(change.after.get("list", "")))
        if change.action == "list.sections_named":
            return self._of_sections(self.lists.get(change.object_id, ""))
        # A list that was undone is told of by its entry alone.
        slug = self.lists.get(change.object_id) or str(change.before.get("list", ""))
        return self._of_settings(slug, {*change.before, *change.after})

    def _of_measure(self, change: Change) -> Iterator[Reread]:
        yield Reread(what=Collected.MEASURES, measure=change.object_id)
        # Whether it counts is seen in the figures of its section and its agencies, and in its item.
        if change.action in DISPOSED:
            yield from self._counted_in(self.measures.get(change.object_id, ""))

    def _of_agency(self, change: Change) -> Iterator[Reread]:
        yield ALL_AGENCIES
        if change.action in REORGANISED:
            yield ALL_MEASURES
        # One that was added by hand is printed nowhere yet.
        elif change.action != "agency.added" and SHOWN_WITH_MEASURES & {*change.after}:
            yield self._printed_beside(change)

    def _printed_beside(self, change: Change) -> Reread:
        # A member of a group is not printed itself: of one's own measures any may be meant.
        return ALL_MEASURES if self.own else Reread(what=Collected.MEASURES, agency=change.object_id)

    def _of_sections(self, slug: str) -> Iterator[Reread]:
        # Those who keep their own measures do not keep sections.
        return iter(() if self.own else (self._part(Collected.SECTIONS, slug),))

    def _of_settings(self, slug: str, facts: Collection[str]) -> Iterator[Reread]:
        said = {*facts} - SAID_NOWHERE
        if said - {"claimed_by"}:
            yield ALL_LISTS
        if said - SAID_OF_LISTS_ALONE:
            yield self._part(Collected.MEASURES, slug)
        # How many measures there are of it to count: whom it is open to, whether it is archived, or undone.
        if said - SAID_OF_LISTS_ALONE - {"title", "claimed_by"}:
            yield from self._counted_in(slug)

    def _of_list(self, slug: str) -> Iterator[Reread]:
        """All that is shown of a list; without its slug (in entries from before it was kept), of every list."""
        yield ALL_LISTS
        yield self._part(Collected.MEASURES, slug)
        yield from self._counted_in(slug)

    def _counted_in(self, slug: str) -> Iterator[Reread]:
        # These are figures of everybody's measures, which those who keep their own are not told of.
        if self.own:
            return
        yield self._part(Collected.SECTIONS, slug)
        yield self._part(Collected.ITEMS, slug)
        yield ALL_AGENCIES

    def _part(self, what: Collected, slug: str) -> Reread:
        return Reread(what=what, list=slug, gone=bool(slug) and slug not in self.shown)


def _slugs(model: Any, path: str, changes: Sequence[Change]) -> dict[int, str]:
    """The slug of the list of each object, by its id."""
    ids = {change.object_id for change in changes}
    return dict(model.objects.filter(pk__in=ids).values_list("pk", path)) if ids else {}
