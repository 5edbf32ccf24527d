"""任务交办: what an edition, a group, a name or a reorganisation brings an agency is told it once."""

import pytest

from agencies.access import Principal
from agencies.models import Agency, Role
from importers.editions.apply import Source, apply_plan, revert
from importers.editions.known import plan_import
from reforms.models import Duty, ListEdition, Measure, Notice, ReformList
from reforms.organisation.directory import name_members, open_groups, set_members
from tests.conftest import ON
from tests.importers.text_editions import TextEdition
from tests.reforms.reorganisations import merge_into

WHO = Principal(label="张督办", user_id=None, roles=frozenset({(Role.SUPERVISOR, 0)}))
SOURCE = Source(file_name="第二版.txt", file_sha256="0" * 64, who=WHO, on=ON)
NEW_ROW = ("200", "全新的事项", "一条从前没有的举措。", "市财政局", "市口岸办", "2023年3月底")


@pytest.fixture
def opened(reform_list: ReformList) -> ReformList:
    reform_list.reminders_on, reform_list.reminders_from = True, ON
    reform_list.save()
    return reform_list


def applied(edition: TextEdition, reform_list: ReformList) -> None:
    apply_plan(plan_import(edition.parsed(), reform_list), reform_list, SOURCE)


def told() -> dict[str, int]:
    """How many measures each agency was told of; each agency may be told once."""
    notices = Notice.objects.filter(kind="assigned")
    found = {notice.agency.name: notice.facts["count"] for notice in notices if notice.agency}
    assert len(found) == len(notices)
    return found


def second() -> TextEdition:
    """A new row, and 市财政局 beside two measures where it was not."""
    return (
        TextEdition.real()
        .without("200")
        .with_row_after("199", NEW_ROW)
        .with_responsible("8", "市财政局")
        .with_responsible("199", "市财政局")
    )


def test_the_first_import_tells_nobody(reform_list: ReformList) -> None:
    assert not Notice.objects.exists()


def test_an_edition_tells_each_agency_once_how_many_are_new(opened: ReformList) -> None:
    applied(second(), opened)
    assert told() == {"市财政局": 3, "市口岸办": 1}
    notice = Notice.objects.get(agency__name="市财政局")
    assert (notice.facts["edition"], notice.measure, notice.by_mail) == (2, None, True)


def test_before_reminders_were_switched_on_an_edition_tells_nobody(reform_list: ReformList) -> None:
    applied(second(), reform_list)
    assert not Notice.objects.exists()


def test_an_edition_that_brings_an_agency_nothing_new_tells_it_nothing(opened: ReformList) -> None:
    applied(TextEdition.real().with_deadline("8", "2023年3月底"), opened)
    assert not Notice.objects.exists()


def test_taking_an_edition_back_tells_nobody(opened: ReformList) -> None:
    applied(second(), opened)
    Notice.objects.all().delete()
    revert(ListEdition.objects.get(number=2), who=WHO, on=ON)
    assert not Notice.objects.exists()


def test_a_new_member_of_a_group_is_told_once_of_all_it_brings(opened: ReformList) -> None:
    group, newcomer = Agency.objects.get(name="各区政府"), Agency.objects.create(name="光明新区管委会")
    members = list(group.members.values_list("pk", flat=True))
    set_members(group, [*members, newcomer.pk], who=WHO, on=ON)
    held = Duty.objects.filter(agency=newcomer, measure__disposition="active").count()
    assert told() == {"光明新区管委会": held}
    assert held > 1
    assert Notice.objects.get().facts["group"] == "各区政府"


def test_setting_groups_up_before_the_switch_tells_nobody(reform_list: ReformList) -> None:
    group, newcomer = Agency.objects.get(name="各区政府"), Agency.objects.create(name="光明新区管委会")
    set_members(group, [newcomer.pk], who=WHO, on=ON)
    assert not Notice.objects.exists()


def test_whoever_is_named_for_a_measure_is_told_by_its_name(opened: ReformList, market: Agency) -> None:
    measure = next(one for one in Measure.objects.filter(assignments__agency__kind="open") if _is_new(one, market))
    group = open_groups(measure)[0]
    name_members(measure, {group.pk: [market.pk]}, who=WHO, on=ON)
    notice = Notice.objects.get()
    assert (notice.kind, notice.agency, notice.measure) == ("assigned", market, measure)
    name_members(measure, {group.pk: [market.pk]}, who=WHO, on=ON)
    assert Notice.objects.count() == 1, "nothing changed the second time"


def _is_new(measure: Measure, agency: Agency) -> bool:
    return not Duty.objects.filter(measure=measure, agency=agency).exists()


def test_a_successor_is_told_of_what_it_did_not_hold_already(
    opened: ReformList, transport: Agency, market: Agency
) -> None:
    before = set(Duty.objects.measures_of(market.pk))
    gained = len(set(Duty.objects.measures_of(transport.pk)) - before)
    merge_into(market, transport)
    assert told() == {"市市场监管局": gained}
    assert Notice.objects.get().facts["predecessors"] == ["市交通运输局"]
