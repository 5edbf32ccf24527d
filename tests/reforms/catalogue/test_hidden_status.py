"""Where a list does not publish its status, nothing that a visitor can open tells of 中止 or 终止."""

import re
from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client

from agencies.access import PORTAL
from agencies.log.write import record
from agencies.models import Agency, Role, User
from importers.editions.log_entries import measure_withdrawn
from reforms.models import Assignment, Disposition, Measure, ReformList
from reforms.office.steer import dispose
from tests.conftest import ON, PersonMaker
from tests.reforms.people import acting

STOPPED = (Disposition.SUSPENDED, Disposition.CANCELLED)
SignIn = Callable[[User], Client]


@pytest.fixture
def only(transport: Agency) -> Measure:
    """A measure that is the only one of its item, so that item and agency would show its absence."""
    lonely = Measure.objects.printed_for([transport.pk], "lead").exclude(item__measures__seq_in_item=2)
    return lonely.order_by("row")[0]


@pytest.fixture
def stop(person: PersonMaker) -> Callable[[Measure, Disposition], None]:
    supervisor = acting(person(Role.SUPERVISOR))

    def stop(measure: Measure, disposition: Disposition) -> None:
        dispose(measure.pk, disposition, reason="等待上级方案", seen=None, who=supervisor, on=ON)

    return stop


def addresses(measure: Measure) -> list[str]:
    """Every page and answer that shows, counts or leads on to the measure."""
    item, agencies = measure.item, Assignment.objects.filter(measure=measure).values_list("agency", flat=True)
    pages = ["/", "/measures/", f"/measures/?search={measure.title}", "/agencies/", "/lists/shenzhen-2022/"]
    pages += [measure.get_absolute_url(), item.get_absolute_url(), measure.section.get_absolute_url()]
    pages += [f"/measures/{pk}/" for pk in neighbours(measure)] + [f"/agencies/{pk}/" for pk in agencies]
    pages += ["/measures/export/csv/", f"/measures/?lead={agencies[0]}", "/?on=2022-06-20", "/measures/?on=2022-06-20"]
    answers = [
        "stats",
        "measures?count=true&page_size=500",
        f"measures/{measure.pk}",
        "sections",
        "agencies?page_size=500",
    ]
    answers += ["items?page_size=500", f"items/{item.pk}", f"agencies/{agencies[0]}", "agencies?printed=false"]
    return pages + [f"/api/v1/{answer}" for answer in answers]


def neighbours(measure: Measure) -> list[int]:
    rows = list(Measure.objects.order_by("row").values_list("pk", flat=True))
    at = rows.index(measure.pk)
    return [rows[at - 1], rows[at + 1]]


def shown(client: Client, measure: Measure) -> dict[str, str]:
    """What a visitor gets at each address, without what is new in every answer."""
    texts = {}
    for address in addresses(measure):
        # The page of an item with one measure is that measure's.
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        texts[address] = re.sub(r'value="[A-Za-z0-9]{64}"|"sequence":\d+', "", body.decode())
    return texts


@pytest.mark.parametrize("disposition", STOPPED)
def test_a_visitor_is_told_nothing(
    client: Client, only: Measure, stop: Callable[[Measure, Disposition], None], disposition: Disposition
) -> None:
    before = shown(client, only)
    assert '"measures":216' in before["/api/v1/stats"]
    stop(only, disposition)
    after = shown(client, only)
    assert [address for address in before if before[address] != after[address]] == []


def test_where_the_status_is_public_everybody_is_told(
    client: Client, public: ReformList, only: Measure, stop: Callable[[Measure, Disposition], None]
) -> None:
    stop(only, Disposition.SUSPENDED)
    assert client.get("/api/v1/stats").json()["measures"] == 215
    assert client.get(f"/api/v1/measures/{only.pk}").json()["disposition"] == "suspended"
    page = client.get(only.get_absolute_url()).content.decode()
    assert "中止" in page
    assert "等待上级方案" not in page


def test_who_has_a_role_is_told(
    signed_in: SignIn, reporter: User, only: Measure, stop: Callable[[Measure, Disposition], None]
) -> None:
    stop(only, Disposition.SUSPENDED)
    client = signed_in(reporter)
    assert client.get("/api/v1/stats").json()["measures"] == 215
    assert client.get(f"/api/v1/measures/{only.pk}").json()["disposition"] == "suspended"


def test_a_visitor_counts_with_those_of_the_lists_that_hide_them_alone(
    client: Client, only: Measure, reform_list: ReformList, stop: Callable[[Measure, Disposition], None]
) -> None:
    """Of two lists, one of which publishes its status, the agency's page counts each as its own pages do."""
    other = ReformList.objects.create(slug="open", title="公开的清单", year=2023, public_status=True)
    agency = only.assignments.get(part="lead").agency
    before = client.get(f"/api/v1/agencies/{agency.pk}").json()["lead"]
    stop(only, Disposition.SUSPENDED)
    assert client.get(f"/api/v1/agencies/{agency.pk}").json()["lead"] == before
    Measure.objects.filter(pk=only.pk).update(reform_list=other)
    assert client.get(f"/api/v1/agencies/{agency.pk}").json()["lead"] == before - 1


def test_the_log_does_not_tell_a_visitor_what_a_withdrawn_measure_was(
    client: Client, only: Measure, stop: Callable[[Measure, Disposition], None]
) -> None:
    stop(only, Disposition.SUSPENDED)
    with transaction.atomic():
        record([measure_withdrawn(only.pk, "suspended")], who=PORTAL, on=ON)
    changes = client.get("/api/v1/changes?limit=1000").json()["results"]
    (told,) = [one for one in changes if one["action"] == "measure.withdrawn"]
    assert (told["before"], told["after"]) == ({"disposition": "active"}, {"disposition": "withdrawn"})
