"""What of a measure somebody may read: everything for the office and the leads, else what is one's own."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Exists, OuterRef, Q, QuerySet

from agencies.access import Principal, Verb, agencies_for, may
from agencies.models import Agency, Succession
from reforms.models.measures import Duty, Part, Takeover


@dataclass(frozen=True, slots=True, kw_only=True)
class Successors:
    """`successors` by dissolved agency; `takeovers` by measure and agency, where another was chosen: for a dissolved
    one, or by the office that gave the measure to somebody else (改派)."""

    successors: Mapping[int, int]
    takeovers: Mapping[tuple[int, int], int]

    @classmethod
    def for_measures(cls, measure_ids: "Sequence[int] | QuerySet[Any, Any]") -> Self:
        """Who succeeded whom, as far as it matters for these measures, given by their ids or a query for those. Two
        queries."""
        chosen = Takeover.objects.filter(measure__in=measure_ids)
        takeovers = {(row.measure_id, row.predecessor_id): row.successor_id for row in chosen}
        return cls(successors=_dissolved(), takeovers=takeovers)

    def of(self, agency_id: int, measure_id: int) -> int:
        """Who acts for an agency on a measure today: itself while it exists and keeps the measure, else whoever took it
        over, or that one's heir. A living agency keeps what it took over, whatever it gave away of its own."""
        # `passed` keeps a circle in the data from being walked for ever.
        heir = self._next(agency_id, measure_id)
        passed: set[int] = set()
        while heir is not None and heir not in passed:
            agency_id = heir
            passed.add(heir)
            heir = self._next(heir, measure_id) if heir in self.successors else None
        return agency_id

    def _next(self, agency_id: int, measure_id: int) -> int | None:
        # What was chosen for the measure goes before the agency's general successor.
        return self.takeovers.get((measure_id, agency_id), self.successors.get(agency_id))

    def before(self, agencies: Collection[int], measure_id: int) -> frozenset[int]:
        """Those that were dissolved, or gave the measure away, for which one of `agencies` acts on it today."""
        gone = {*self.successors, *(pk for measure, pk in self.takeovers if measure == measure_id)}
        return frozenset(pk for pk in gone if self.of(pk, measure_id) in agencies)


def _dissolved() -> dict[int, int]:
    """The successor of each dissolved agency."""
    found = Agency.objects.exclude(successor=None).values_list("pk", "successor_id")
    return {pk: successor for pk, successor in found if successor}


def heirs_today() -> dict[int, frozenset[int]]:
    """Those that succeeded each dissolved agency and are there today, several where one was split: for what is about no
    single measure. Whoever was given a measure (改派) succeeded nobody. One query, and one more where anybody was
    dissolved."""
    heirs = {pk: {successor} for pk, successor in _dissolved().items()}
    for old, new in Succession.objects.values_list("predecessors", "successors") if heirs else ():
        if old in heirs:
            heirs[old].add(new)
    return {pk: _living_heirs(pk, heirs) for pk in heirs}


def _living_heirs(agency: int, heirs: Mapping[int, Collection[int]]) -> frozenset[int]:
    # `passed` keeps a circle in the data from being walked for ever.
    passed, waiting = {agency}, [agency]
    while waiting:
        found = set(heirs.get(waiting.pop(), ())) - passed
        passed |= found
        waiting += found
    return frozenset(passed - heirs.keys())


def with_earlier_selves(agencies: frozenset[int]) -> frozenset[int]:
    """These agencies, and the dissolved ones that they succeeded: what those were sent is theirs."""
    if not agencies:
        return agencies
    return agencies | {pk for pk, heirs in heirs_today().items() if heirs & agencies}


def reached(who: Principal, measure: str = "measure") -> Q:
    """What reached others: everything for the office, what concerns a measure (the field of that name) that one leads,
    and one's own."""
    # (): of no agency's in particular, which only those may who read everybody's.
    if may(who, Verb.READ_REPORTS, ()):
        return Q()
    own = agencies_for(who, Verb.READ_REPORTS)
    return led_by(own, measure) | held_by(own, measure) | of_earlier_selves(own, measure)


def of_own_hand(who: Principal, measure: str = "measure") -> Q:
    """What an agency for which one writes or signs has not sent yet, on a measure on which it still acts."""
    return held_by(agencies_for(who, Verb.REPORT) | agencies_for(who, Verb.SIGN), measure)


def led_by(agencies: frozenset[int], measure: str = "measure") -> Q:
    """On a measure (the field of that name) that one of the agencies leads."""
    return Q(Exists(Duty.objects.of(agencies).filter(measure=OuterRef(measure), part=Part.LEAD)))


def held_by(agencies: frozenset[int], measure: str = "measure") -> Q:
    """Of one of the agencies, on a measure (the field of that name) on which it still acts."""
    duties = Duty.objects.filter(measure=OuterRef(measure), agency=OuterRef("agency"))
    return Q(Exists(duties), agency__in=agencies)


def of_earlier_selves(agencies: frozenset[int], measure: str = "measure") -> Q:
    """Of those that the agencies succeeded on a measure, and of their second spellings."""
    if not agencies:
        # Matches nothing, where an empty Q() would match everything.
        return Q(pk__in=[])
    own = Duty.objects.of(agencies)
    held = Q(Exists(own.filter(measure=OuterRef(measure))))
    heirs = Successors.for_measures(own.order_by().values("measure"))
    # Chains of successors cannot be followed in SQL. They are the same for all measures but those that were taken over.
    apart = {pk for pk, _agency in heirs.takeovers}
    general = heirs.before(agencies, 0)
    found = held & Q(agency__in=Agency.objects.filter(merged_into__in=agencies))
    if general:
        found |= held & Q(agency__in=general) & ~Q(**{f"{measure}__in": apart})
    before: dict[int, list[int]] = defaultdict(list)
    for pk in apart:
        for agency in heirs.before(agencies, pk):
            before[agency].append(pk)
    for agency, theirs in before.items():
        found |= Q(**{f"{measure}__in": theirs}, agency=agency)
    return found
