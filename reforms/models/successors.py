"""Who took over from whom: the successors of dissolved agencies, and those to whom a measure was given."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from agencies.models import Agency
from reforms.models.measures import Takeover


@dataclass(frozen=True, slots=True, kw_only=True)
class Successors:
    """`successors` by dissolved agency; `takeovers` by measure and agency, where another was chosen: for a dissolved
    one, or by the office that gave the measure to somebody else (改派)."""

    successors: Mapping[int, int]
    takeovers: Mapping[tuple[int, int], int]

    @classmethod
    def for_measures(cls, measure_ids: Sequence[int]) -> Self:
        dissolved = Agency.objects.exclude(successor=None).values_list("pk", "successor_id")
        chosen = Takeover.objects.filter(measure__in=measure_ids)
        return cls(
            successors={pk: successor for pk, successor in dissolved if successor},
            takeovers={(row.measure_id, row.predecessor_id): row.successor_id for row in chosen},
        )

    def of(self, agency_id: int, measure_id: int) -> int:
        """Who acts for an agency on a measure today: itself while it exists and keeps the measure, else whoever took it
        over, or that one's heir. A living agency keeps what it took over, whatever it gave away of its own."""
        heir = self._next(agency_id, measure_id)
        passed: set[int] = set()
        while heir is not None and heir not in passed:
            agency_id = heir
            passed.add(heir)
            heir = self._next(heir, measure_id) if heir in self.successors else None
        return agency_id

    def _next(self, agency_id: int, measure_id: int) -> int | None:
        return self.takeovers.get((measure_id, agency_id), self.successors.get(agency_id))

    def before(self, agencies: Collection[int], measure_id: int) -> frozenset[int]:
        """Those that were dissolved, or gave the measure away, for which one of `agencies` acts on it today."""
        gone = {*self.successors, *(pk for measure, pk in self.takeovers if measure == measure_id)}
        return frozenset(pk for pk in gone if self.of(pk, measure_id) in agencies)
