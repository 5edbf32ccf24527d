"""A list of thousands: no page grows with it, and what is said of it counts all of it."""

from collections.abc import Callable

import pytest
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import timezone
from lxml.html import fragment_fromstring

from agencies.models import Agency, Role, User
from reforms.models import Duty, Measure, Part, ProgressReport, ReformList, Section
from tests.conftest import ON, PersonMaker
from tests.reforms.large import repeated
from tests.reforms.shown import get, plain

MANY = 700
HEAVIEST = 300_000


@pytest.fixture
def longest(public: ReformList) -> Measure:
    """The measure with the longest text, which its item repeats many times."""
    found = max(Measure.objects.filter(duties__part=Part.LEAD), key=lambda one: len(one.text))
    repeated(found, MANY)
    return found


@pytest.fixture
def supervisor(person: PersonMaker, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(person(Role.SUPERVISOR))


def rows(client: Client, address: str, table: int = 1) -> int:
    page = get(client, address)
    assert len(page.text.encode()) < HEAVIEST
    return len(page.tree.xpath(f'(//table[@class="measures"])[{table}]/tbody/tr'))


def test_an_item_and_a_section_are_shown_page_by_page(client: Client, longest: Measure) -> None:
    for one, count in (
        (longest.item, longest.item.measures.count()),
        (longest.section, Measure.objects.filter(section=longest.section).count()),
    ):
        address = one.get_absolute_url()
        assert rows(client, address) == 50
        assert rows(client, f"{address}?page={-(-count // 50)}") == count % 50 or 50
        assert get(client, address).tree.xpath('//nav[@class="pager"]/a[@rel="next"]/@href') == ["?page=2"]


def test_an_item_says_how_many_measures_it_has_not_how_many_are_shown(client: Client, longest: Measure) -> None:
    count = longest.item.measures.count()
    assert count > 50
    assert f"本事项有{count}条在册举措" in plain(get(client, longest.item.get_absolute_url()).text)


def test_each_part_of_an_agency_turns_its_pages(supervisor: Client, longest: Measure) -> None:
    lead = longest.assignments.filter(part=Part.LEAD)[0].agency
    led = Measure.objects.counted().printed_for([lead.pk], Part.LEAD).count()
    address = lead.get_absolute_url()
    assert rows(supervisor, address) == 25
    page = get(supervisor, f"{address}?part=lead&page=2")
    assert page.tree.xpath('//nav[@class="pager"]/@aria-label') == ["分页 牵头的举措"]
    assert page.tree.xpath('//nav[@class="pager"]/a[@rel="next"]/@href') == ["?part=lead&page=3#parts"]
    assert f"{led}条牵头" in plain(page.text).replace(" ", "")
    shown = [get(supervisor, f"{address}?part=lead&page={n}").tree for n in range(1, -(-led // 25) + 1)]
    links = [link for tree in shown for link in tree.xpath('//table[@class="measures"]//td[@class="what"]/a/@href')]
    assert len(set(links)) == len(links) == led
    owing = get(supervisor, f"{address}?part=owing&page=2").tree
    assert owing.xpath('//nav[@class="pager"]/a[@rel="prev"]/@href') == ["?part=owing&page=1#parts"]


def test_what_one_agency_owes_is_paged_too(supervisor: Client, longest: Measure) -> None:
    lead = Agency.objects.get(pk=longest.assignments.filter(part=Part.LEAD)[0].agency_id)
    address = f"/unreported/?agency={lead.pk}"
    page = supervisor.get(address)
    assert len(page.content) < HEAVIEST
    assert len(page.context["duties"]) == 50
    assert page.context["duties"].paginator.count > MANY
    assert f"?agency={lead.pk}&amp;page=2" in page.content.decode()


def test_the_sections_of_a_list_are_shown_page_by_page(client: Client, public: ReformList, led: Measure) -> None:
    sections = Section.objects.bulk_create(
        Section(reform_list=public, number=number, title=f"任务类别{number}") for number in range(100, 1100)
    )
    made = repeated(led, len(sections))
    for measure, section in zip(made, sections, strict=True):
        measure.section = section
    Measure.objects.bulk_update(made, ["section"], batch_size=500)
    for address in (public.get_absolute_url(), "/", "/measures/"):
        assert len(client.get(address).content) < HEAVIEST
    numbers = get(client, f"{public.get_absolute_url()}?page=2").tree.xpath("(//table)[1]/tbody/tr/th/a/span[1]/text()")
    assert [int(number) for number in numbers] == [*range(138, 188)]


def test_the_queue_of_the_office_is_shown_page_by_page(supervisor: Client, longest: Measure) -> None:
    duties = Duty.objects.filter(measure__item=longest.item, part=Part.LEAD).order_by("measure", "pk")
    first = {duty.measure_id: duty for duty in reversed(duties)}
    claim = {"state": "under_review", "is_claim": True, "progress": "已完成。", "on": ON, "claimed_on": ON}
    ProgressReport.objects.bulk_create(
        ProgressReport(measure_id=pk, duty=duty, agency_id=duty.agency_id, recorded_at=timezone.now(), **claim)
        for pk, duty in first.items()
    )
    page = get(supervisor, "/review/?kind=claim")
    assert len(page.text.encode()) < HEAVIEST
    assert len(page.tree.xpath('//ul[@class="tasks waiting"]/li')) == 50
    assert page.tree.xpath('//nav[@class="pager"]/a[@rel="next"]/@href') == ["?kind=claim&page=2"]
    first_of_page_2 = supervisor.get("/review/?kind=claim&page=2").context["rows"][0][1]
    assert first_of_page_2.endswith("?kind=claim")


def test_the_pager_of_a_million_names_the_pages_around_alone() -> None:
    page = Paginator(range(1_000_000), 50).get_page(300)
    said = render_to_string("parts/pager.html", {"page": page}, RequestFactory().get("/measures/?page=300"))
    shown = [part.text.strip() for part in fragment_fromstring(said, create_parent=True).xpath(".//nav/*")]
    assert shown == ["上一页", "1", "2", "…", "298", "299", "300", "301", "302", "…", "19999", "20000", "下一页"]
    assert len(said) < 3_000
