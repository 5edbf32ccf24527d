"""Saving what the office knows of an agency, with the duties that follow from its kind; and a directory from a file:
what is known of agencies beyond their printed names, logged as if it had been typed."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, agencies_for
from agencies.directory import changes, entry_of, facts_of, set_other_names
from agencies.log.since import check_unchanged
from agencies.log.write import Entry, record
from agencies.models import Agency, AgencyName, Change, GroupMember
from reforms.duties import ActingAgencies, derive_duties, leads_of, measures_beside, members_of_groups, shares_of
from reforms.models import Duty, Measure, NamedMember, Part, Section, Status, lock_measures
from reforms.notices.assignments import newest_duty, tell_new_holders, tell_new_holders_of
from reforms.status.settle import measure_entry, settle_reported

NOTHING_KNOWN = {
    "full_name": "",
    "name_en": "",
    "credit_code": "",
    "email": "",
    "outside_line": False,
    "signs_claims": False,
}


def add_agency(agency: Agency, other_names: list[str], *, who: Principal, on: dt.date) -> Agency:
    """Save a new agency, checked before, with its other names."""
    with transaction.atomic():
        agency.save()
        set_other_names(agency, other_names)
        before = NOTHING_KNOWN | {"other_names": []}
        record(changes(agency, before, action="agency.added"), who=who, on=on)
    return agency


# What moves the facts of an agency, and what the members of a group.
FACTS_MOVED = ("agency.changed", "agency.renamed", "agency.named")
MEMBERS_MOVED = ("agency.members_changed",)
NAMED = ("measure.members_named",)


def change_agency(
    agency: Agency,
    facts: dict[str, Any],
    other_names: list[str],
    *,
    who: Principal,
    on: dt.date,
    as_of: int | None = None,
) -> None:
    """Write what is known now; when the kind changed, who must act follows at once. Raises ChangedSince where others
    changed it after the entry `as_of` of the log."""
    with transaction.atomic():
        locked = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
        check_unchanged("agency", [locked.pk], FACTS_MOVED, seen=as_of)
        before = facts_of(locked)
        for name, value in facts.items():
            setattr(locked, name, value)
        locked.save()
        set_other_names(locked, other_names)
        settled = write_kind(locked) if before["kind"] != locked.kind else []
        entries = [*changes(locked, before), *settled]
        if entries:
            record(entries, who=who, on=on)


def write_kind(agency: Agency) -> list[Entry]:
    """After its kind was set: a group gives duties to its members, a single body has them itself. The entries."""
    measures = lock_measures(measures_beside(agency))
    derive_duties(measures)
    Measure.objects.filter(pk__in=measures).touch()
    return settle_reported(measures)


def acts_itself(agency: Agency) -> bool:
    """Whether it has people, tokens, reports or a place in a group: then it is one body and no collective name."""
    own = (agency.memberships, agency.tokens, agency.reports, agency.group_places, agency.named_places)
    return any(rows.exists() for rows in own)


def has_members(agency: Agency) -> bool:
    """Whether agencies belong to it, always or beside some measure."""
    return agency.member_places.exists() or NamedMember.objects.filter(group=agency).exists()


UNTOUCHED = (Status.NOT_REPORTED, Status.STANDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersPlan:
    """What other members of a group would change. Duties are counted; `reported` of the `going` ones have reports or
    a status, which stay with the measure."""

    added: tuple[Agency, ...]
    removed: tuple[Agency, ...]
    measures: int
    coming: int
    going: int
    reported: int

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


def plan_members(group: Agency, member_ids: Collection[int]) -> MembersPlan:
    """What would follow if just these were the members. Writes nothing."""
    members = members_of_groups()
    before, after = set(members.get(group.pk, ())), set(member_ids)
    measures = measures_beside(group)
    wanted = shares_of(measures, ActingAgencies.for_measures(measures, members=members | {group.pk: sorted(after)}))
    existing = {(duty.measure_id, duty.agency_id): duty for duty in Duty.objects.filter(measure__in=measures)}
    going = [duty for place, duty in existing.items() if place not in wanted]
    return MembersPlan(
        added=tuple(Agency.objects.filter(pk__in=after - before)),
        removed=tuple(Agency.objects.filter(pk__in=before - after)),
        measures=len(measures),
        coming=len(wanted.keys() - existing.keys()),
        going=len(going),
        reported=sum(1 for duty in going if duty.last_report_on or duty.status not in UNTOUCHED),
    )


def set_members(
    group: Agency, member_ids: Collection[int], *, who: Principal, on: dt.date, as_of: int | None = None
) -> None:
    """Make these the members of a group; the duties of every measure beside which it is printed follow at once. Raises
    ChangedSince as `change_agency`."""
    with transaction.atomic():
        locked = Agency.objects.select_for_update(no_key=True).get(pk=group.pk)
        check_unchanged("agency", [locked.pk], MEMBERS_MOVED, seen=as_of)
        entries = write_members(locked, member_ids, on=on)
        if entries:
            record(entries, who=who, on=on)


def write_members(group: Agency, member_ids: Collection[int], *, on: dt.date) -> list[Entry]:
    """As `set_members`, of a group that is held by a caller who records the entries."""
    # Locked before anything is read, in the order of their ids as everywhere: two who change members meet here.
    measures = lock_measures(measures_beside(group))
    before = _names(group)
    GroupMember.objects.filter(group=group).exclude(member__in=member_ids).delete()
    kept = set(GroupMember.objects.filter(group=group).values_list("member_id", flat=True))
    GroupMember.objects.bulk_create([GroupMember(group=group, member_id=pk) for pk in member_ids if pk not in kept])
    after = _names(group)
    if before == after:
        return []
    newest = newest_duty()
    derive_duties(measures)
    Measure.objects.filter(pk__in=measures).touch()
    tell_new_holders(measures, newest, facts={"group": group.name}, on=on)
    entry = entry_of(group, "agency.members_changed", before={"members": before}, after={"members": after})
    # The members before what follows from them: whoever reads the log forward meets the cause first.
    return [entry, *settle_reported(measures)]


def _names(group: Agency) -> list[str]:
    return list(group.members.order_by("pk").values_list("name", flat=True))


def open_groups(measure: Measure) -> list[Agency]:
    """The open groups printed beside a measure, in printed order, leads first."""
    beside = measure.assignments.filter(agency__kind=Agency.Kind.OPEN).select_related("agency")
    ordered = sorted(beside, key=lambda printed: (printed.part != Part.LEAD, printed.order))
    return list({printed.agency_id: printed.agency for printed in ordered}.values())


def named_members(measure: Measure) -> dict[int, list[int]]:
    """The ids of the agencies named for a measure, by open group."""
    named: dict[int, list[int]] = {}
    for group_id, member_id in measure.named_members.values_list("group_id", "member_id"):
        named.setdefault(group_id, []).append(member_id)
    return named


def name_members(
    measure: Measure,
    members: Mapping[int, Collection[int]],
    *,
    who: Principal,
    on: dt.date,
    as_of: int | None = None,
) -> bool:
    """Make `members` (ids by open group) what the groups mean beside this measure; whether anything changed. Raises
    ChangedSince as `change_agency`."""
    with transaction.atomic():
        # Held, so that two who name members do not each lose the other's.
        locked = Measure.objects.select_for_update(no_key=True).get(pk=measure.pk)
        check_unchanged("measure", [locked.pk], NAMED, seen=as_of)
        before = named_members(locked)
        changed = [group for group, ids in members.items() if set(ids) != set(before.get(group, ()))]
        if not changed:
            return False
        _write_named(locked, {group: members[group] for group in changed})
        newest = newest_duty()
        derive_duties([locked.pk])
        Measure.objects.filter(pk=locked.pk).touch()
        tell_new_holders_of(locked, newest, facts={}, on=on)
        entries = _named_entries(locked, before, changed, members, who)
        record([*entries, *settle_reported([locked.pk])], who=who, on=on)
    return True


def _write_named(measure: Measure, members: Mapping[int, Collection[int]]) -> None:
    measure.named_members.filter(group__in=members).delete()
    NamedMember.objects.bulk_create(
        [
            NamedMember(measure=measure, group_id=group, member_id=member)
            for group, ids in members.items()
            for member in sorted(ids)
        ]
    )


def _named_entries(
    measure: Measure,
    before: Mapping[int, Collection[int]],
    changed: Collection[int],
    after: Mapping[int, Collection[int]],
    who: Principal,
) -> list[Entry]:
    """One entry a group. Where an agency that leads the measure did it, the entry says which."""
    own = sorted(leads_of(measure) & agencies_for(who, Verb.NAME_MEMBERS))
    # One query for the names of all groups and members, of before and after.
    ids = {pk for members in (before, after) for group in changed for pk in (group, *members.get(group, ()))}
    names = dict(Agency.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [
        measure_entry(
            "measure.members_named",
            measure.pk,
            agency_id=own[0] if own else None,
            visibility=Change.Visibility.PUBLIC,
            before={"group": names[group], "members": [names[pk] for pk in sorted(before.get(group, ()))]},
            after={"group": names[group], "members": [names[pk] for pk in sorted(after[group])]},
        )
        for group in changed
    ]


TOLD = ("full_name", "name_en", "kind", "outside_line", "credit_code", "email")
Row = dict[str, Any]


def load_directory(directory: Row, *, who: Principal, on: dt.date) -> int:
    """Write a directory (`agencies`, `sections`; see fixtures/agencies-shenzhen.json), whole or not at all; how many
    agencies it tells of. What is known already is not logged again. Raises ValidationError."""
    rows = directory["agencies"]
    with transaction.atomic():
        entries = [entry for row in rows for entry in _load(row)]
        # Members come last: a group may stand in the file before those that belong to it.
        entries += [entry for row in rows for entry in _load_members(row, on)]
        entries += _name_sections(directory.get("sections", []))
        if entries:
            # Without the agency: one that came with a list goes again with it, whatever was loaded of it.
            record([replace(entry, agency_id=None) for entry in entries], who=who, on=on)
    return len(rows)


def _load(row: Row) -> list[Entry]:
    """What is told of one agency. One that carries the name no longer (renamed, or a second spelling) is left as it
    is: the directory of this portal knows it better than the file."""
    told = {name: row[name] for name in TOLD if name in row}
    known = Agency.objects.called([row["name"]]).get(row["name"])
    if known and known.name != row["name"]:
        return []
    _check(Agency(name=row["name"], **told))
    for name in row.get("other_names", []):
        _check(AgencyName(name=name))
    before = facts_of(known) if known else NOTHING_KNOWN | {"other_names": []}
    agency, _created = Agency.objects.update_or_create(name=row["name"], defaults=told)
    for name in row.get("other_names", []):
        AgencyName.objects.update_or_create(name=name, defaults={"agency": agency})
    settled = write_kind(agency) if known and before["kind"] != agency.kind else []
    return [*changes(agency, before, action="agency.changed" if known else "agency.added"), *settled]


def _check(row: Agency | AgencyName) -> None:
    """What the columns can hold, said before a database says it in its own words."""
    try:
        row.clean_fields(exclude=["agency"])
    except ValidationError as error:
        said = {"name": row.name[:40], "problem": "".join(error.messages)}
        raise ValidationError(_("单位“%(name)s”：%(problem)s") % said) from None


def _load_members(row: Row, on: dt.date) -> list[Entry]:
    """A file adds members and takes none away: others may have been named here since."""
    if not row.get("members"):
        return []
    called = Agency.objects.called([row["name"]])[row["name"]]
    group = Agency.objects.select_for_update(no_key=True).get(pk=called.pk)
    members = {agency.pk for agency in Agency.objects.called(row["members"]).values()}
    return write_members(group, members | set(group.members.values_list("pk", flat=True)), on=on)


def _name_sections(rows: Iterable[Row]) -> list[Entry]:
    """English titles, for the sections of all lists that print these; one entry a list."""
    english = {row["title"]: row["title_en"] for row in rows}
    named: dict[int, list[Section]] = {}
    for section in Section.objects.filter(title__in=english).order_by("reform_list", "number"):
        if section.title_en != english[section.title]:
            section.title_en = english[section.title]
            section.save(update_fields=["title_en"])
            named.setdefault(section.reform_list_id, []).append(section)
    return [
        Entry(
            action="list.sections_named",
            kind="list",
            object_id=list_id,
            visibility=Change.Visibility.PUBLIC,
            after={"sections": [f"{section.number} {section.title_en}" for section in sections]},
        )
        for list_id, sections in named.items()
    ]
