"""Who stands for whom: the members of groups, those named for a measure, and the heirs of dissolved agencies."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from agencies.models import GroupMember
from reforms.models import NamedMember, Successors

Members = Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingAgencies:
    """Everything that says who acts for a printed agency."""

    members: Members
    named: Mapping[tuple[int, int], Sequence[int]]
    heirs: Successors

    @classmethod
    def for_measures(cls, measure_ids: Sequence[int], *, members: Members | None = None) -> Self:
        """As the database has it; `members` asks what would follow if groups had these members."""
        named: dict[tuple[int, int], list[int]] = {}
        for row in NamedMember.objects.filter(measure__in=measure_ids):
            named.setdefault((row.measure_id, row.group_id), []).append(row.member_id)
        return cls(
            members=members_of_groups() if members is None else members,
            named=named,
            heirs=Successors.for_measures(measure_ids),
        )

    def of(self, agency_id: int, measure_id: int, *, collective: bool) -> Iterator[int]:
        """The agencies that act for one printed beside a measure."""
        meant: Sequence[int] = (agency_id,)
        if collective:
            meant = (*self.members.get(agency_id, ()), *self.named.get((measure_id, agency_id), ()))
        for one in meant:
            yield self.heirs.of(one, measure_id)


def members_of_groups() -> dict[int, list[int]]:
    members: dict[int, list[int]] = {}
    for group_id, member_id in GroupMember.objects.values_list("group_id", "member_id"):
        members.setdefault(group_id, []).append(member_id)
    return members
