"""Saving what the office knows of an agency, with the duties that follow from its kind."""

import datetime as dt
from typing import Any

from django.db import transaction

from agencies.access import Principal
from agencies.directory import changes, facts_of, set_other_names
from agencies.log.write import Entry, record
from agencies.models import Agency
from reforms.duties.derive import derive_duties, measures_beside
from reforms.models import Measure, NamedMember, lock_measures
from reforms.status.settle import settle_reported

NOTHING_KNOWN = {
    "full_name": "",
    "name_en": "",
    "credit_code": "",
    "email": "",
    "outside_line": False,
    "signs_claims": False,
}


def add_agency(agency: Agency, other_names: list[str], *, actor: Principal, on: dt.date) -> Agency:
    """Save a new agency, checked before, with its other names."""
    with transaction.atomic():
        agency.save()
        set_other_names(agency, other_names)
        before = NOTHING_KNOWN | {"other_names": []}
        record(changes(agency, before, action="agency.added"), actor=actor, on=on)
    return agency


def change_agency(
    agency: Agency, facts: dict[str, Any], other_names: list[str], *, actor: Principal, on: dt.date
) -> None:
    """Write what is known now; when the kind changed, who must act follows at once."""
    with transaction.atomic():
        locked = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
        before = facts_of(locked)
        for name, value in facts.items():
            setattr(locked, name, value)
        locked.save()
        set_other_names(locked, other_names)
        settled: list[Entry] = []
        if before["kind"] != locked.kind:
            measures = lock_measures(measures_beside(locked))
            derive_duties(measures)
            Measure.objects.filter(pk__in=measures).touch()
            settled = settle_reported(measures)
        entries = [*changes(locked, before), *settled]
        if entries:
            record(entries, actor=actor, on=on)


def acts_itself(agency: Agency) -> bool:
    """Whether it has people, tokens, reports or a place in a group: then it is one body and no collective name."""
    own = (agency.memberships, agency.tokens, agency.reports, agency.group_places, agency.named_places)
    return any(rows.exists() for rows in own)


def has_members(agency: Agency) -> bool:
    """Whether agencies belong to it, always or beside some measure."""
    return agency.member_places.exists() or NamedMember.objects.filter(group=agency).exists()
