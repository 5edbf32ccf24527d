"""The directory of agencies: adding one by hand, and changing what is known of one.

These write and give back the entries for the log; whoever calls them records those last, in the same transaction.
"""

from collections.abc import Collection, Iterable
from typing import Any

from agencies.log.write import Entry
from agencies.models import Agency, AgencyName, Change

PUBLIC, INTERNAL = Change.Visibility.PUBLIC, Change.Visibility.INTERNAL
PUBLIC_FACTS = ("name", "full_name", "name_en", "credit_code", "kind", "outside_line")
INTERNAL_FACTS = ("email", "signs_claims")
LONGEST_NAME = 120
Facts = dict[str, Any]


def facts_of(agency: Agency) -> Facts:
    """What is known of a saved agency, other names included; JSON values."""
    names = sorted(agency.other_names.values_list("name", flat=True))
    return {name: getattr(agency, name) for name in (*PUBLIC_FACTS, *INTERNAL_FACTS)} | {"other_names": names}


def set_other_names(agency: Agency, names: Iterable[str]) -> None:
    """Make `names` the other names of an agency."""
    wanted = dict.fromkeys(names)
    AgencyName.objects.filter(agency=agency).exclude(name__in=wanted).delete()
    kept = set(AgencyName.objects.filter(agency=agency).values_list("name", flat=True))
    AgencyName.objects.bulk_create([AgencyName(agency=agency, name=name) for name in wanted if name not in kept])


def changes(agency: Agency, before: Facts, *, action: str = "agency.changed", reason: str = "") -> list[Entry]:
    """The entries for what is different now: what everybody may see, and what is internal."""
    after = facts_of(agency)
    different = [name for name in after if before.get(name) != after[name]]
    # An entry has one visibility, so that what is internal needs an entry of its own.
    parts = (
        (PUBLIC, [name for name in different if name not in INTERNAL_FACTS]),
        (INTERNAL, [name for name in different if name in INTERNAL_FACTS]),
    )
    return [
        entry_of(
            agency,
            action,
            visibility=visibility,
            before={name: before[name] for name in names if name in before},
            after={name: after[name] for name in names},
            reason=reason,
        )
        for visibility, names in parts
        if names
    ]


def entry_of(
    agency: Agency,
    action: str,
    *,
    after: Facts,
    before: Facts | None = None,
    reason: str = "",
    visibility: Change.Visibility = PUBLIC,
) -> Entry:
    """An entry that tells of an agency."""
    return Entry(
        action=action,
        kind="agency",
        object_id=agency.pk,
        agency_id=agency.pk,
        visibility=visibility,
        before=before or {},
        after=after,
        reason=reason,
    )


def strangers_called(names: Collection[str], agency: Agency | None) -> dict[str, Agency]:
    """Which of `names` already belong to another agency than this one."""
    return {name: found for name, found in Agency.objects.called(names).items() if found != agency}


def own_names(agency: Agency, names: Iterable[str]) -> list[str]:
    """Those of `names` that can be its other names: not its present ones, not another agency's, not too long."""
    fitting = {name for name in names if 0 < len(name) <= LONGEST_NAME} - {agency.name, agency.full_name}
    return sorted(fitting - set(strangers_called(fitting, agency)))


def spellings_kept(agency: Agency) -> set[str]:
    """Names of rows that turned out to be this agency: documents print them, so that they stay its other names."""
    return set(agency.spellings.values_list("name", flat=True))
