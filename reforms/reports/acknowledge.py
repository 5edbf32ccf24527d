"""签收: an agency takes note of what an edition gives it to do, once."""

import datetime as dt
from collections.abc import Collection, Iterable

import numpy as np
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.write import Entry, record
from agencies.models import Change
from reforms.columns.facts import MeasureColumns
from reforms.columns.kept import columns
from reforms.columns.reading import Column, among, different, place_of
from reforms.columns.remembered import REMEMBERED
from reforms.models import Acknowledgement, Disposition, Duty, DutyQuerySet, ListEdition, ReformList


def acknowledge(edition_id: int, agency_id: int, *, who: Principal, on: dt.date) -> Acknowledgement:
    """Record that an agency has taken note of its duties in the edition in force. Doing it again changes nothing.

    Raises PermissionDenied, and ValidationError where another edition is in force by now.
    """
    if not may(who, Verb.REPORT, [agency_id]):
        raise PermissionDenied
    with transaction.atomic():
        # Held against an edition that comes into force at this moment.
        edition = ListEdition.objects.select_for_update(no_key=True).get(pk=edition_id)
        if not edition.is_in_force:
            raise ValidationError(_("这一版清单已不是现行版本，请签收现行版本。"), code="not_in_force")
        if not Duty.objects.filter(measure__reform_list=edition.reform_list_id, agency=agency_id).exists():
            raise PermissionDenied
        made, new = Acknowledgement.objects.get_or_create(
            edition=edition,
            agency_id=agency_id,
            defaults={"on": on, "recorded_at": timezone.now(), "author": who.label, "author_user_id": who.user_id},
        )
        if new:
            record([_entry(made)], who=who, on=on)
    return made


def not_acknowledged(agencies: Collection[int] | None = None, *, lists: Collection[int] | None = None) -> DutyQuerySet:
    """The duties in editions in force (of `lists`; None: of all) of which their holders (of these agencies; None: all)
    have not taken note."""
    done = Acknowledgement.objects.filter(
        edition__is_in_force=True, edition__reform_list=OuterRef("measure__reform_list"), agency=OuterRef("agency")
    )
    in_force = ListEdition.objects.filter(is_in_force=True, reform_list=OuterRef("measure__reform_list"))
    # What the office stopped, or an edition left out, gives nothing to take note of.
    held = Duty.objects.in_work().filter(Exists(in_force), ~Exists(done), measure__disposition="active")
    if agencies is not None:
        held = held.of(agencies)
    return held if lists is None else held.filter(measure__reform_list__in=lists)


def to_acknowledge(
    agencies: Collection[int] | None = None, *, lists: Collection[int] | None = None
) -> list[tuple[ListEdition, int]]:
    """The editions of these duties (with their lists), each with the agency's id: two queries."""
    held = not_acknowledged(agencies, lists=lists)
    return _with_editions(list(held.order_by().values_list("measure__reform_list", "agency").distinct()))


def waiting_to_acknowledge(agencies: Collection[int] | None = None) -> list[tuple[ListEdition, int]]:
    """The same for a page, whose duties are in memory."""
    return _with_editions(_listed(waiting_pairs(columns(), agencies)))


def first_to_acknowledge(agencies: Collection[int], most: int) -> tuple[list[tuple[ListEdition, int]], int]:
    """The first of these, and how many they are: of thousands of lists a page shows some."""
    now = columns()
    pairs = _listed(waiting_pairs(now, agencies))
    if len(pairs) > most:
        in_force = editions_in_force(now)
        pairs.sort(key=lambda pair: (in_force.get(pair[0], 0), pair[1]))
    return _with_editions(pairs[:most]), len(pairs)


def editions_in_force(now: MeasureColumns) -> dict[int, int]:
    """The id of the edition in force of each list in work, the latest list first."""
    editions = ListEdition.objects.filter(is_in_force=True, reform_list__in=ReformList.objects.in_work())
    latest_first = editions.order_by("-reform_list__year", "-reform_list_id")
    made_from = (now.lists,)
    return REMEMBERED.of("editions in force", made_from, lambda: dict(latest_first.values_list("reform_list", "pk")))


def waiting_pairs(now: MeasureColumns, agencies: Collection[int] | None = None) -> Column:
    """A row of lists and a row of their agencies, as ids."""
    measures, duties = now.of["reform_list_id"], now.duties.of["agency_id"]
    made_from = (now.lists, measures, now.of["disposition"], now.duties.at, duties)
    every = REMEMBERED.of("to acknowledge", made_from, lambda: _waiting_pairs(now))
    return every if agencies is None else every[:, among(every[1], agencies)]


def _waiting_pairs(now: MeasureColumns) -> Column:
    of_agency, of_list = now.duties.of["agency_id"], now.of["reform_list_id"][now.duties.at]
    active = now.of["disposition"][now.duties.at] == place_of(Disposition.ACTIVE)
    given = active & among(of_list, editions_in_force(now))
    taken = Acknowledgement.objects.filter(edition__is_in_force=True).order_by()
    done = np.array(list(taken.values_list("edition__reform_list", "agency")), np.int64).reshape(-1, 2)
    # A number for each list and agency.
    most = int(max(of_agency.max(initial=0), done[:, 1].max(initial=0))) + 1
    numbers, _counts = different(of_list[given].astype(np.int64) * most + of_agency[given])
    return np.array(np.divmod(np.setdiff1d(numbers, done[:, 0] * most + done[:, 1]), most))


def _listed(pairs: Column) -> list[tuple[int, int]]:
    return [(int(list_id), int(agency_id)) for list_id, agency_id in pairs.T.tolist()]


def _with_editions(pairs: Collection[tuple[int, int]]) -> list[tuple[ListEdition, int]]:
    in_force = ListEdition.objects.filter(is_in_force=True, reform_list__in={list_id for list_id, _agency in pairs})
    editions = {edition.reform_list_id: edition for edition in in_force.select_related("reform_list")}
    return sorted([(editions[list_id], agency) for list_id, agency in pairs], key=lambda pair: (pair[0].pk, pair[1]))


def given_on(editions: Iterable[ListEdition]) -> dict[int, dt.date]:
    """Since when agencies are asked to take note of each of these (with their lists), by id: the day it came into
    force, or the first day of its list's reminders where that is later."""
    first_days = {edition.pk: edition.reform_list.reminders_from for edition in editions}
    applied = Change.objects.filter(kind="edition", action="edition.applied", object_id__in=first_days)
    return {pk: max(on, first_days[pk] or on) for pk, on in applied.values_list("object_id", "on")}


def _entry(made: Acknowledgement) -> Entry:
    return Entry(
        action="edition.acknowledged",
        kind="edition",
        object_id=made.edition_id,
        agency_id=made.agency_id,
        visibility=Change.Visibility.INTERNAL,
        after={"agency": made.agency_id},
    )
