"""The agencies of a document; those that nobody has seen before are created or given the name they go by."""

from collections.abc import Iterable, Mapping

from agencies.models import Agency, AgencyName
from importers.documents.grammar.agencies import is_collective
from importers.plans.plan import Plan, names_in


def agencies_of(plan: Plan, unseen: tuple[str, ...], named: Mapping[str, int]) -> dict[str, Agency]:
    """Every agency of the document by printed name; unseen ones are created, others given the name they go by.

    A name that another list has brought in since the plan was made is no longer unseen.
    """
    seen_since = Agency.objects.called((*unseen, *named))
    unseen = tuple(name for name in unseen if name not in seen_since)
    named = {name: pk for name, pk in named.items() if name not in seen_since}
    AgencyName.objects.bulk_create([AgencyName(agency_id=pk, name=name) for name, pk in named.items()])
    Agency.objects.bulk_create(
        [Agency(name=name, kind=Agency.Kind.OPEN if is_collective(name) else Agency.Kind.SINGLE) for name in unseen],
        ignore_conflicts=True,  # another list may be bringing it in at this moment
    )
    written = (*plan.added, *(change.printed for change in plan.matched))
    # Asked anew: what another list brought in at the same moment has its id from there.
    agencies = Agency.objects.called(names_in(written))
    _name_in_brackets(unseen, agencies)
    return agencies


def _name_in_brackets(unseen: Iterable[str], agencies: Mapping[str, Agency]) -> None:
    """The name in brackets is another name of a new agency, unless somebody has it."""
    inner = {_inner_name(name): agencies[name] for name in unseen if _inner_name(name)}
    taken = Agency.objects.called(inner)
    AgencyName.objects.bulk_create(
        [AgencyName(agency=agency, name=name) for name, agency in inner.items() if name not in taken],
        ignore_conflicts=True,
    )


def _inner_name(name: str) -> str:
    """市人防办 of 市委军民融合办（市人防办）; empty when there is none."""
    head, _, rest = name.partition("（")
    return rest[:-1] if head and rest.endswith("）") else ""
