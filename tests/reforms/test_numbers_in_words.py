"""Numbers said in words, against lists in which one reading gives another number than the next.

市交通运输局 was merged into 市市场监管局, which is printed beside most of the same measures itself; the two belong to a
group; a second list was imported; one measure is suspended, one withdrawn.
"""

import re

import pytest
from django.test import Client

from agencies.models import Agency, GroupMember, Membership, Role
from reforms.duties import derive_duties, measures_beside
from reforms.models import Assignment, Disposition, Duty, Measure, Part, ReformList
from reforms.office.steer import dispose
from reforms.templatetags.portal import unlocalised
from tests.conftest import ON, PersonMaker
from tests.reforms.catalogue.test_lists_begin import import_another
from tests.reforms.people import acting
from tests.reforms.reorganisations import merge_into
from tests.reforms.shown import asked, get, plain, words


@pytest.fixture
def heir(public: ReformList, transport: Agency, market: Agency, person: PersonMaker) -> Agency:
    import_another(ON)
    beside = Measure.objects.printed_for([transport.pk]).order_by("pk")
    for measure in beside[1:]:
        Assignment.objects.get_or_create(
            measure=measure, agency=market, part=Part.LEAD, defaults={"order": 9, "printed_name": market.name}
        )
    districts = Agency.objects.get(name="各区政府")
    for member in (transport, market):
        GroupMember.objects.create(group=districts, member=member)
    derive_duties(measures_beside(districts))
    derive_duties(list(beside.values_list("pk", flat=True)))
    merge_into(market, transport)
    office = acting(person(Role.SUPERVISOR, username="office"))
    of_group = Measure.objects.printed_for([districts.pk]).order_by("pk")
    dispose(of_group[0].pk, Disposition.SUSPENDED, reason="机构调整。", seen=None, who=office, on=ON)
    Measure.objects.filter(pk=of_group[1].pk).update(disposition=Disposition.WITHDRAWN)
    market.refresh_from_db()
    return market


def figures(client: Client, agency: Agency) -> dict[str, tuple[int, str]]:
    """What each figure of an agency's page says, with its number and where it leads."""
    links = get(client, agency.get_absolute_url()).tree.xpath('//ul[@class="figures"]//a')
    found = {}
    for link in links:
        count = words(link.xpath('./span[@class="count"]')[0])
        found[words(link).removeprefix(count).strip()] = (int(count), link.get("href"))
    return found


def test_what_was_taken_over_is_what_it_has_through_its_predecessor_alone(client: Client, heir: Agency) -> None:
    count, address = figures(client, heir)["条承接自市交通运输局"]
    assert count == Duty.objects.filter(agency=heir, via__name="市交通运输局").count() == 1
    assert asked(address).ordered().count() == 1


def test_through_a_group_is_what_it_is_not_printed_beside_itself(client: Client, heir: Agency) -> None:
    districts = Agency.objects.get(name="各区政府")
    count, address = figures(client, heir)["条通过各区政府"]
    printed = Measure.objects.counted().printed_for([districts.pk])
    itself = printed.printed_for([heir.pk])
    assert count == printed.count() - itself.count()
    assert itself.exists()
    assert asked(address).ordered().count() == count


def test_every_figure_is_the_number_of_rows_behind_it(client: Client, heir: Agency) -> None:
    for agency in (heir, Agency.objects.get(name="市交通运输局"), Agency.objects.get(name="福田区政府")):
        for said, (count, address) in figures(client, agency).items():
            assert asked(address).ordered().count() == count, said


def test_a_group_counts_those_who_act_for_it(client: Client, heir: Agency) -> None:
    row = get(client, "/agencies/?search=各区").tree.xpath('//tr[th/a[text()="各区政府"]]')[0]
    assert "10个成员" in words(row).replace(" ", "")


def test_agencies_are_counted_as_agencies_and_names_as_names(client: Client, public: ReformList) -> None:
    measure = Measure.objects.order_by("row")[0]
    beside = measure.assignments.all()[0]
    beside.printed_name = "市场监管局"  # another spelling of the same agency
    beside.save()
    said = plain(client.get("/agencies/").content.decode()).replace(" ", "")
    assert "清单印有其名的单位74个，其中6个为统称。" in said
    assert client.get("/api/v1/stats").json()["agency_names"] == 75


def test_an_item_counts_the_measures_that_count(client: Client, public: ReformList, person: PersonMaker) -> None:
    several = Measure.objects.filter(seq_in_item=3).order_by("row")[0].item
    first = several.measures.order_by("seq_in_item")[0]
    office = acting(person(Role.SUPERVISOR))
    dispose(first.pk, Disposition.SUSPENDED, reason="机构调整。", seen=None, who=office, on=ON)
    page = get(client, several.get_absolute_url())
    rows = page.tree.xpath('//table[@class="measures"]/tbody/tr')
    assert len(rows) == several.measures.count() - 1
    assert f"本事项有{len(rows)}条在册举措；除持续巩固的以外，全部销号后事项办结。" in plain(page.text)


def test_whoever_acts_for_two_agencies_on_one_measure_is_told_of_one(
    client: Client, public: ReformList, transport: Agency, person: PersonMaker
) -> None:
    joint = Measure.objects.printed_for([transport.pk], Part.LEAD).filter(duties__part="responsible").distinct()[0]
    other = joint.duties.exclude(agency=transport).select_related("agency")[0].agency
    somebody = person(Role.REPORTER, agency=transport)
    Membership.objects.create(user=somebody, agency=other, role=Role.REPORTER)
    client.force_login(somebody, backend="agencies.people.sign_in.PasswordBackend")
    page = get(client, "/desk/")
    link = page.tree.xpath('//p[contains(@class, "sentence")]//a[@class="n"]')[0]
    both = Measure.objects.counted().held_by([transport.pk, other.pk]).count()
    assert (link.get("href"), int(words(link))) == ("/measures/?agency=me", both)


def test_the_offices_desk_says_what_its_numbers_count(client: Client, public: ReformList, person: PersonMaker) -> None:
    client.force_login(person(Role.SUPERVISOR), backend="agencies.people.sign_in.PasswordBackend")
    Measure.objects.filter(deadline="2022-06-30").update(deadline_in_force="2022-06-01")
    said = words(get(client, "/desk/").tree.xpath('//section[@aria-labelledby="o-late"]')[0])
    assert re.match(r"逾期未报 \d+ ?条次", said)
    assert "只计应当申请销号的牵头单位；一条举措有几个这样的单位的，逐个单位计为条次。" in said


def test_a_number_in_an_address_is_written_out_however_large() -> None:
    assert [unlocalised(one) for one in (7, 1_234_567, 12.5, 3.0)] == ["7", "1234567", "12.5", "3"]
