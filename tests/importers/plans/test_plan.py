"""What a later edition does to what is known: identities stay, what changed is named, nothing printed is lost."""

import datetime as dt

import pytest

from agencies.access import COMMAND_LINE, Principal
from agencies.models import Agency, AgencyName, Role
from importers.editions.apply import Receipt, Source, apply_plan
from importers.editions.known import plan_import
from importers.plans.plan import Plan
from reforms.models import Assignment, Duty, Item, Measure, Part, PrintedRow, ProgressReport, ReformList, Status
from reforms.reports.submit import ReportContent, submit_report
from reforms.search.measures import holding
from tests.conftest import ON
from tests.importers.text_editions import TextEdition

SOURCE = Source(file_name="第二版.txt", file_sha256="0" * 64, who=COMMAND_LINE, on=ON)
REWORDED = "争取司法部支持，在全国律师综合管理信息系统设立深圳账号，下放律师事务所名称核准。"


def planned(edition: TextEdition, reform_list: ReformList) -> Plan:
    return plan_import(edition.parsed(), reform_list)


def applied(edition: TextEdition, reform_list: ReformList) -> Receipt:
    return apply_plan(planned(edition, reform_list), reform_list, SOURCE)


def changes(plan: Plan) -> dict[int | None, tuple[str, ...]]:
    """Number of the item in the new document → what differs."""
    return {change.printed.item_no: change.facts for change in plan.changed}


def measure(number: int, seq: int = 1) -> Measure:
    return Measure.objects.counted().get(item__number=number, seq_in_item=seq)


def report(found: Measure) -> ProgressReport:
    """A report of the first lead."""
    lead = Assignment.objects.get(measure=found, part=Part.LEAD, order=1).agency_id
    who = Principal(label="填报人", roles=frozenset({(Role.REPORTER, lead)}))
    return submit_report(found.pk, lead, ReportContent(progress="已完成联调测试。"), who=who, on=ON)


def fourfold() -> TextEdition:
    """Item 6 reworded, 8 due later, 4 and 5 trade places, 200 replaced by something new."""
    return (
        TextEdition.real()
        .with_text("6*", REWORDED)
        .with_deadline("8", "2023年3月底")
        .swapped("4", "5*")
        .without("200")
        .with_row_after("199", ("200", "全新的事项", "一条从前没有的举措。", "市财政局", "各区政府", "2023年3月底"))
    )


def test_the_same_text_has_nothing_to_change(reform_list: ReformList) -> None:
    plan = planned(TextEdition.real(), reform_list)
    assert (plan.same_content, len(plan.matched)) == (True, 216)
    assert (plan.added, plan.changed, plan.withdrawn, plan.new_agencies) == ((), (), (), ())


def test_a_new_list_is_all_new(db: None) -> None:
    plan = plan_import(TextEdition.real().parsed(), None)
    assert (len(plan.added), plan.matched, plan.withdrawn, plan.edition_in_force) == (216, (), (), None)


def test_it_names_exactly_what_differs(reform_list: ReformList) -> None:
    plan = planned(fourfold(), reform_list)
    assert changes(plan) == {4: ("number",), 5: ("number",), 6: ("text",), 8: ("deadline",)}
    assert [new.item_title for new in plan.added] == ["全新的事项"]
    assert [gone.item_title for gone in plan.withdrawn] == ["优化独角兽企业培育体系"]


def test_every_measure_is_accounted_for_once(reform_list: ReformList) -> None:
    plan = planned(fourfold(), reform_list)
    assert len(plan.added) + len(plan.matched) == len(plan.printed.measures) == 216
    known = [change.known.id for change in plan.matched] + [gone.id for gone in plan.withdrawn]
    assert sorted(known) == sorted(Measure.objects.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("edition", "facts"),
    [
        (TextEdition.real().with_lead("6*", "市公安局"), {6: ("lead",)}),
        (TextEdition.real().with_responsible("6*", "市公安局"), {6: ("responsible",)}),
        (TextEdition.real().with_lead("6*", "市司法局（按职责分工负责）"), {6: ("lead",)}),
        (TextEdition.real().edited("6*", lambda c: ("6", *c[1:])), {6: ("national",)}),
        (TextEdition.real().edited("6*", lambda c: (c[0], "另一个题目", *c[2:])), {6: ("title",)}),
        (TextEdition.real().with_deadline("2*", "2022年9月底"), {2: ("deadline",)}),
    ],
)
def test_one_changed_cell_is_one_changed_fact(
    reform_list: ReformList, edition: TextEdition, facts: dict[int, tuple[str, ...]]
) -> None:
    plan = planned(edition, reform_list)
    assert (changes(plan), plan.added, plan.withdrawn) == (facts, (), ())


def test_identities_survive_rewording_and_renumbering(reform_list: ReformList) -> None:
    before = {number: (measure(number).pk, measure(number).item_id) for number in (4, 5, 6, 8)}
    applied(fourfold(), reform_list)
    after = {number: (measure(number).pk, measure(number).item_id) for number in (4, 5, 6, 8)}
    assert after == {4: before[5], 5: before[4], 6: before[6], 8: before[8]}
    assert measure(4).item.is_national
    assert not measure(5).item.is_national


def test_status_and_reports_survive(reform_list: ReformList) -> None:
    reworded, moved, later = measure(6), measure(4), measure(8)
    reports = [report(found).pk for found in (reworded, moved, later)]
    applied(fourfold(), reform_list)
    for found in (reworded, moved, later):
        found.refresh_from_db()
        assert (found.status, found.first_report_on) == (Status.IN_PROGRESS, ON)
        lead = Duty.objects.get(measure=found, part=Part.LEAD)
        assert (lead.status, lead.last_report_on) == (Status.IN_PROGRESS, ON)
    kept = ProgressReport.objects.filter(pk__in=reports)
    assert {one.measure_id for one in kept} == {reworded.pk, moved.pk, later.pk}
    assert all(one.duty_id for one in kept)


def test_the_closed_stay_closed(reform_list: ReformList) -> None:
    found = measure(6)
    found.status, found.closed_on, found.claimed_on, found.first_report_on = Status.CLOSED, ON, ON, ON
    found.save()
    applied(fourfold(), reform_list)
    found.refresh_from_db()
    assert (found.status, found.closed_on, found.text) == (Status.CLOSED, ON, REWORDED)


def test_the_dropped_row_is_marked_withdrawn_and_kept(reform_list: ReformList) -> None:
    gone = measure(200)
    made = report(gone)
    applied(fourfold(), reform_list)
    gone.refresh_from_db()
    assert gone.disposition == "withdrawn"
    assert ProgressReport.objects.get(pk=made.pk).measure_id == gone.pk
    assert Measure.objects.counted().count() == 216
    assert measure(200).title == "全新的事项"
    assert measure(200).pk != gone.pk


def test_the_rows_of_both_editions_are_kept_as_printed(reform_list: ReformList) -> None:
    before = list(PrintedRow.objects.order_by("pk").values())
    applied(fourfold(), reform_list)
    first, second = reform_list.editions.order_by("number")
    assert list(PrintedRow.objects.filter(edition=first).order_by("pk").values()) == before
    assert PrintedRow.objects.filter(edition=second).count() == 216
    rows = PrintedRow.objects.filter(measure=measure(6)).order_by("edition__number")
    assert rows[0].text.startswith("积极争取司法部支持")
    assert rows[1].text == REWORDED
    assert [row.number for row in PrintedRow.objects.filter(measure=measure(4)).order_by("edition__number")] == [
        "5*",
        "4*",
    ]


def test_only_what_changed_gets_a_new_version(reform_list: ReformList) -> None:
    before = dict(Measure.objects.values_list("pk", "version"))
    applied(fourfold(), reform_list)
    after = Measure.objects.counted().values_list("pk", "version", "item__number")
    touched = sorted(number for pk, version, number in after if version != before.get(pk, version))
    assert touched == [4, 5, 6, 8]


def test_the_deadline_in_force_follows_the_printed_one(reform_list: ReformList) -> None:
    applied(fourfold(), reform_list)
    assert (measure(8).deadline, measure(8).deadline_in_force) == (dt.date(2023, 3, 31), dt.date(2023, 3, 31))


def test_a_deadline_the_office_moved_stays_where_it_was_moved(reform_list: ReformList) -> None:
    Measure.objects.filter(pk=measure(8).pk).update(deadline_in_force=dt.date(2023, 6, 30))
    applied(fourfold(), reform_list)
    assert (measure(8).deadline, measure(8).deadline_in_force) == (dt.date(2023, 3, 31), dt.date(2023, 6, 30))


def test_what_is_searched_follows_the_new_text_and_number(reform_list: ReformList) -> None:
    applied(fourfold(), reform_list)
    assert list(holding(Measure.objects.all(), "下放律师事务所名称核准")) == [measure(6)]
    assert list(holding(Measure.objects.counted(), "第200项")) == [measure(200)]


def test_a_standing_measure_that_gets_a_deadline_has_to_be_reported_on(reform_list: ReformList) -> None:
    assert measure(2).status == Status.STANDING
    applied(TextEdition.real().with_deadline("2*", "2022年9月底"), reform_list)
    found = measure(2)
    assert (found.status, found.is_standing, found.deadline) == (Status.NOT_REPORTED, False, dt.date(2022, 9, 30))
    assert set(found.duties.values_list("status", flat=True)) == {Status.NOT_REPORTED}


def test_a_measure_that_is_now_in_place_is_standing_for_everyone_beside_it(reform_list: ReformList) -> None:
    applied(TextEdition.real().with_deadline("1*", "已落地，持续巩固提升"), reform_list)
    found = measure(1)
    assert (found.status, found.deadline, found.deadline_in_force) == (Status.STANDING, None, None)
    assert set(found.duties.values_list("status", flat=True)) == {Status.STANDING}


def test_who_is_named_first_is_kept_as_printed(reform_list: ReformList) -> None:
    """The first-named lead must claim, so its place in the cell counts."""
    applied(TextEdition.real().with_lead("2*", "人民银行深圳市中心支行、市市场监管局"), reform_list)
    leads = Assignment.objects.filter(measure=measure(2), part=Part.LEAD).order_by("order")
    assert [lead.printed_name for lead in leads] == ["人民银行深圳市中心支行", "市市场监管局"]


def test_an_agency_no_longer_printed_has_no_duty_left(reform_list: ReformList) -> None:
    applied(TextEdition.real().with_responsible("1*", "深圳市税务局"), reform_list)
    names = measure(1).duties.values_list("agency__name", flat=True)
    assert sorted(names) == ["市市场监管局", "深圳市税务局"]


def test_a_report_outlives_the_duty_it_was_made_on(reform_list: ReformList) -> None:
    made = report(measure(6))
    applied(TextEdition.real().with_lead("6*", "市公安局"), reform_list)
    made.refresh_from_db()
    assert (made.measure_id, made.agency.name) == (measure(6).pk, "市司法局")


def test_an_item_keeps_its_identity_when_a_measure_is_put_in_front(reform_list: ReformList) -> None:
    item = Item.objects.get(number=6)
    edition = TextEdition.real().edited("6*", lambda c: ("", c[1], c[2], c[3], c[4], c[5]))
    place = next(i for i, block in enumerate(edition.blocks) if "率先探索律师事务所名称核准改革试点" in block)
    front = "\t6*\n\t率先探索律师事务所名称核准改革试点\n\t先行制定全新的实施办法。\n\t市司法局\n\t\n\t2022年6月底"
    edition = TextEdition((*edition.blocks[:place], front, *edition.blocks[place:]))
    applied(edition, reform_list)
    assert {measure(6, 1).item_id, measure(6, 2).item_id} == {item.pk}


def test_a_suspended_measure_that_is_printed_again_is_not_a_second_one(reform_list: ReformList) -> None:
    suspended = measure(6)
    Measure.objects.filter(pk=suspended.pk).update(disposition="suspended")
    plan = planned(TextEdition.real().with_deadline("8", "2023年3月底"), reform_list)
    assert (plan.added, plan.withdrawn) == ((), ())


def test_going_back_to_the_first_edition_restores_what_it_said(reform_list: ReformList) -> None:
    def said() -> list[tuple[object, ...]]:
        fields = ("item__number", "seq_in_item", "title", "text", "deadline", "deadline_text", "is_standing")
        return list(Measure.objects.counted().order_by("row").values_list(*fields))

    before = said()
    applied(fourfold(), reform_list)
    assert said() != before
    applied(TextEdition.real(), reform_list)
    assert said() == before
    assert list(reform_list.editions.values_list("number", "is_in_force")) == [(1, False), (2, False), (3, True)]


def test_an_agency_printed_under_two_of_its_names_is_beside_the_measure_once(reform_list: ReformList) -> None:
    AgencyName.objects.create(agency=Agency.objects.get(name="市司法局"), name="深圳市司法行政局")
    edition = TextEdition.real().with_lead("6*", "市司法局、深圳市司法行政局")
    assert planned(edition, reform_list).changes_nothing
    applied(edition, reform_list)
    assert [lead.printed_name for lead in measure(6).assignments.filter(part=Part.LEAD)] == ["市司法局"]
    again = planned(edition, reform_list)
    assert (again.same_content, again.changes_nothing) == (True, True)


def test_a_name_that_another_list_brought_in_meanwhile_is_not_created_twice(reform_list: ReformList) -> None:
    edition = TextEdition.real().with_lead("6*", "市低空经济局")
    plan = planned(edition, reform_list)
    known = Agency.objects.create(name="市低空经济局")
    apply_plan(plan, reform_list, SOURCE)
    assert measure(6).assignments.get(part=Part.LEAD).agency == known
