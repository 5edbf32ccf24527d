"""A directory from a file: what is known of agencies beyond their printed names, logged as if it had been typed."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agencies.access import Principal
from agencies.directory import changes, facts_of
from agencies.log.write import Entry, record
from agencies.models import Agency, AgencyName, Change
from reforms.models import Section
from reforms.organisation.directory import NOTHING_KNOWN, write_kind, write_members

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
