"""签收: an agency takes note of an edition, once; a new edition is taken note of anew."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from agencies.models import Agency, Change, Role
from reforms.columns.kept import columns
from reforms.models import Acknowledgement, ListEdition, ReformList
from reforms.reports.acknowledge import (
    acknowledge,
    first_to_acknowledge,
    to_acknowledge,
    waiting_pairs,
    waiting_to_acknowledge,
)
from tests.conftest import ON, PersonMaker
from tests.reforms.many import many_lists
from tests.reforms.people import Cast, acting


@pytest.fixture
def edition(reform_list: ReformList) -> ListEdition:
    return reform_list.editions.get(is_in_force=True)


def waiting(cast: Cast) -> list[tuple[ListEdition, int]]:
    return to_acknowledge(frozenset({cast.agency.pk}))


def test_an_edition_waits_until_it_is_taken_note_of(edition: ListEdition, cast: Cast) -> None:
    assert waiting(cast) == [(edition, cast.agency.pk)]
    made = acknowledge(edition.pk, cast.agency.pk, who=acting(cast.reporter), on=ON)
    assert (made.on, made.author_user) == (ON, cast.reporter)
    assert waiting(cast) == []
    assert Change.objects.filter(action="edition.acknowledged", agency=cast.agency).count() == 1


def test_a_second_time_changes_nothing(edition: ListEdition, cast: Cast) -> None:
    first = acknowledge(edition.pk, cast.agency.pk, who=acting(cast.reporter), on=ON)
    later = acknowledge(edition.pk, cast.agency.pk, who=acting(cast.approver), on=ON + dt.timedelta(days=3))
    assert (later.pk, later.on, later.author_user) == (first.pk, ON, cast.reporter)
    assert Change.objects.filter(action="edition.acknowledged").count() == 1


def test_a_colleague_of_another_agency_cannot(edition: ListEdition, cast: Cast, market: Agency) -> None:
    for who in (cast.reporter, cast.supervisor):
        with pytest.raises(PermissionDenied):
            acknowledge(edition.pk, market.pk, who=acting(who), on=ON)
    assert not Acknowledgement.objects.exists()


def test_an_agency_without_duties_has_nothing_to_take_note_of(edition: ListEdition, person: PersonMaker) -> None:
    idle = Agency.objects.create(name="市闲置办")
    assert to_acknowledge(frozenset({idle.pk})) == []
    with pytest.raises(PermissionDenied):
        acknowledge(edition.pk, idle.pk, who=acting(person(Role.REPORTER, agency=idle)), on=ON)


def test_an_edition_that_is_no_longer_in_force_cannot_be_taken_note_of(edition: ListEdition, cast: Cast) -> None:
    ListEdition.objects.filter(pk=edition.pk).update(is_in_force=False)
    with pytest.raises(ValidationError, match="不是现行版本"):
        acknowledge(edition.pk, cast.agency.pk, who=acting(cast.reporter), on=ON)


def test_a_new_edition_waits_again(edition: ListEdition, cast: Cast) -> None:
    acknowledge(edition.pk, cast.agency.pk, who=acting(cast.reporter), on=ON)
    ListEdition.objects.filter(pk=edition.pk).update(is_in_force=False)
    facts = {"imported_at": edition.imported_at, "content_sha256": "2" * 64}
    second = ListEdition.objects.create(reform_list=edition.reform_list, number=2, title="第二版", **facts)
    assert waiting(cast) == [(second, cast.agency.pk)]


def test_in_memory_it_is_what_the_database_says(demo: ReformList, cast: Cast, market: Agency) -> None:
    many_lists(demo, 3)
    archived, closed = ReformList.objects.exclude(pk=demo.pk).order_by("pk")[:2]
    ReformList.objects.filter(pk=archived.pk).update(archived_on=ON)
    ReformList.objects.filter(pk=closed.pk).update(open_to="office")
    for agencies in (None, {market.pk}, {market.pk, cast.agency.pk}, ()):
        every = to_acknowledge(agencies)
        assert waiting_to_acknowledge(agencies) == every
        assert first_to_acknowledge(agencies, 2) == (every[:2], len(every))
    (edition, agency_id) = next(pair for pair in to_acknowledge() if pair[1] == cast.agency.pk)
    before = waiting_pairs(columns()).shape[1]
    acknowledge(edition.pk, agency_id, who=acting(cast.reporter), on=ON)
    assert waiting_to_acknowledge() == to_acknowledge()
    assert waiting_pairs(columns()).shape[1] == before - 1
