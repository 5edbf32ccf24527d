"""Accepting and declining the changes of an edition, row by row; and taking an edition back."""

import datetime as dt
from dataclasses import replace

import pytest
from django.test import Client

from agencies.access import Principal
from agencies.log.chain import first_broken
from agencies.models import Agency, Change, Role
from importers.editions.apply import BaseMoved, NothingBefore, apply_plan, plan_revert, revert
from importers.editions.known import plan_import
from importers.models import EditionReading
from importers.plans.plan import Decline, Plan
from reforms.duties import claimants_of
from reforms.models import Assignment, Duty, ListEdition, Measure, PrintedRow, ReformList
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import verify_claim
from tests.conftest import ON, PersonMaker
from tests.importers.plans.test_plan import REWORDED, SOURCE, fourfold, measure, report
from tests.importers.text_editions import TextEdition
from tests.reforms.people import attach

WHO = SOURCE.who


def state() -> dict[str, list[tuple[object, ...]]]:
    """What the list says and who must act, without what only counts writes and where the row was last printed."""
    fields = ["pk", "item_id", "item__number", "item__title", "item__is_national", "section__number", "section__title"]
    fields += ["seq_in_item", "title", "text", "lead_note", "deadline", "deadline_text", "deadline_in_force"]
    fields += ["is_standing", "status", "search_text"]
    beside = ("measure_id", "part", "order", "printed_name", "agency_id")
    return {
        "measures": list(Measure.objects.counted().order_by("pk").values_list(*fields)),
        "beside": list(
            Assignment.objects.filter(measure__disposition="active")
            .order_by("measure", "part", "order")
            .values_list(*beside)
        ),
        "duties": list(
            Duty.objects.filter(measure__disposition="active")
            .order_by("measure", "agency")
            .values_list("measure_id", "agency_id", "part", "via_id", "status")
        ),
    }


def plan_of(edition: TextEdition, reform_list: ReformList) -> Plan:
    return plan_import(edition.parsed(), reform_list)


def row_of(plan: Plan, number: int) -> int:
    return next(one.row for one in plan.printed.measures if one.item_no == number)


def apply(edition: TextEdition, reform_list: ReformList, *declines: Decline) -> ListEdition:
    return apply_plan(plan_of(edition, reform_list).without(declines), reform_list, SOURCE).edition


def test_a_declined_row_stays_as_it_was_and_is_listed(reform_list: ReformList) -> None:
    before = measure(6).text
    plan = plan_of(fourfold(), reform_list)
    edition = apply(fourfold(), reform_list, Decline("row", row_of(plan, 6)))
    assert measure(6).text == before
    assert measure(8).deadline == dt.date(2023, 3, 31)
    printed = PrintedRow.objects.get(edition=edition, is_declined=True)
    assert (printed.measure_id, printed.text) == (measure(6).pk, REWORDED)


def test_a_declined_addition_is_kept_as_printed_and_makes_no_measure(reform_list: ReformList) -> None:
    plan = plan_of(fourfold(), reform_list)
    edition = apply(fourfold(), reform_list, Decline("row", row_of(plan, 200)))
    assert not Measure.objects.filter(title="全新的事项").exists()
    printed = PrintedRow.objects.get(edition=edition, is_declined=True)
    assert (printed.measure_id, printed.title) == (None, "全新的事项")


def test_a_declined_withdrawal_keeps_the_measure(reform_list: ReformList) -> None:
    gone = measure(200)
    edition = apply(fourfold(), reform_list, Decline("measure", gone.pk))
    gone.refresh_from_db()
    assert (gone.disposition, edition.kept) == ("active", [gone.pk])


def test_agencies_of_declined_rows_only_are_not_created(reform_list: ReformList) -> None:
    edition = TextEdition.real().with_lead("6*", "市低空经济局")
    plan = plan_of(edition, reform_list)
    assert plan.new_agencies == ("市低空经济局",)
    apply(edition, reform_list, Decline("row", row_of(plan, 6)))
    assert not Agency.objects.filter(name="市低空经济局").exists()


def test_what_was_declined_is_proposed_again_by_the_next_import(reform_list: ReformList) -> None:
    plan = plan_of(fourfold(), reform_list)
    apply(fourfold(), reform_list, Decline("row", row_of(plan, 6)))
    again = plan_of(fourfold(), reform_list)
    assert [(change.printed.item_no, change.facts) for change in again.changed] == [(6, ("text",))]
    assert not again.changes_nothing


def test_declining_everything_changes_no_measure(reform_list: ReformList) -> None:
    before = state()
    plan = plan_of(fourfold(), reform_list)
    declines = [Decline("row", change.printed.row) for change in plan.changed]
    declines += [Decline("row", printed.row) for printed in plan.added]
    declines += [Decline("measure", known.id) for known in plan.withdrawn]
    apply(fourfold(), reform_list, *declines)
    after = state()
    assert after == before


def test_an_unseen_name_may_be_another_name_of_a_known_agency(reform_list: ReformList) -> None:
    edition = TextEdition.real().with_lead("6*", "深圳市司法行政局")
    plan = plan_of(edition, reform_list)
    known = Agency.objects.get(name="市司法局")
    apply_plan(plan, reform_list, SOURCE, other_names={"深圳市司法行政局": known.pk})
    lead = Assignment.objects.get(measure=measure(6), part="lead")
    assert (lead.agency_id, lead.printed_name) == (known.pk, "深圳市司法行政局")
    assert not Agency.objects.filter(name="深圳市司法行政局").exists()
    assert plan_of(edition, reform_list).new_agencies == ()
    assert Change.objects.get(action="agency.named").after == {"other_name": "深圳市司法行政局"}


# Taking back --------------------------------------------------------------------------------------


def test_taking_an_edition_back_restores_everything_it_changed(reform_list: ReformList) -> None:
    before = state()
    edition = apply(fourfold(), reform_list)
    assert state() != before
    places = list(Measure.objects.filter(pk__in=[one[0] for one in before["measures"]]).values_list("pk", "row"))
    assert revert(edition, who=WHO, on=ON).number == 1
    assert state() == before
    printed = PrintedRow.objects.filter(edition__number=1).values_list("measure_id", "row")
    assert sorted(Measure.objects.counted().values_list("pk", "row")) == sorted(printed) != sorted(places)
    edition.refresh_from_db()
    assert (edition.is_in_force, edition.is_reverted, edition.reverted_by) == (False, True, WHO.label)


def test_reports_and_history_survive_an_edition_and_its_being_taken_back(reform_list: ReformList) -> None:
    made = report(measure(6))
    edition = apply(fourfold(), reform_list)
    revert(edition, who=WHO, on=ON)
    made.refresh_from_db()
    assert (made.measure_id, measure(6).status) == (measure(6).pk, "in_progress")
    assert first_broken(Change.objects.order_by("sequence")) is None
    assert Change.objects.filter(action="edition.reverted").count() == 1


def test_a_closed_measure_that_an_edition_prints_as_standing_is_closed_again_when_it_is_taken_back(
    reform_list: ReformList, person: PersonMaker
) -> None:
    found, office = measure(8), Principal.of_user(person(Role.SUPERVISOR))
    for agency in claimants_of(found):
        reporter = person(Role.REPORTER, agency=Agency.objects.get(pk=agency))
        attach(found, Agency.objects.get(pk=agency), reporter)
        who = Principal.of_user(reporter)
        claim = submit_report(found.pk, agency, ReportContent(progress="已完成。", is_claim=True), who=who, on=ON)
        verify_claim(claim.pk, seen=None, who=office, on=ON)
    edition = apply(TextEdition.real().with_deadline("8", "持续推进"), reform_list)
    standing = measure(8)
    assert (standing.status, standing.closed_on) == ("standing", None)
    revert(edition, who=WHO, on=ON)
    closed = measure(8)
    assert (closed.status, closed.closed_on, closed.claimed_on) == ("closed", ON, ON)
    assert set(Duty.objects.filter(measure=closed).values_list("status", flat=True)) == {"closed"}
    told = Change.objects.filter(action="measure.status_changed", object_id=closed.pk).order_by("sequence")
    assert [(change.before["status"], change.after["status"]) for change in told] == [
        ("not_reported", "under_review"),
        ("under_review", "closed"),
        ("closed", "standing"),
        ("standing", "in_progress"),
        ("in_progress", "closed"),
    ]


def with_sections(reform_list: ReformList, *titles: str) -> Plan:
    """The real list with these titles for its first sections, and one more for its last measure."""
    printed = TextEdition.real().parsed()
    again = [replace(old, title=title) for old, title in zip(printed.sections, titles, strict=False)]
    last = replace(printed.sections[-1], no=13, title="新增类别")
    moved = replace(printed.measures[-1], section_no=13, section="新增类别")
    sections = (*again, *printed.sections[len(again) :], last)
    return plan_import(replace(printed, sections=sections, measures=(*printed.measures[:-1], moved)), reform_list)


def test_a_section_that_came_with_the_edition_is_gone_when_it_is_taken_back(
    reform_list: ReformList, client: Client
) -> None:
    pages = (reform_list.get_absolute_url(), "/api/v1/sections")
    edition = apply_plan(with_sections(reform_list), reform_list, SOURCE).edition
    assert ["新增类别" in client.get(page).content.decode() for page in pages] == [True, True]
    revert(edition, who=WHO, on=ON)
    assert ["新增类别" in client.get(page).content.decode() for page in pages] == [False, False]


def test_the_english_of_a_section_follows_its_title(reform_list: ReformList) -> None:
    first, second = reform_list.sections.filter(number__in=(1, 2))
    assert "" not in (first.title_en, second.title_en)
    apply_plan(with_sections(reform_list, second.title, "另一类别"), reform_list, SOURCE)
    told = reform_list.sections.filter(number__in=(1, 2)).values_list("title", "title_en")
    assert list(told) == [(second.title, second.title_en), ("另一类别", "")]


def test_what_came_with_the_edition_is_withdrawn_and_what_went_is_back(reform_list: ReformList) -> None:
    gone = measure(200)
    edition = apply(fourfold(), reform_list)
    new = measure(200)
    revert(edition, who=WHO, on=ON)
    for found, disposition in ((gone, "active"), (new, "withdrawn")):
        found.refresh_from_db()
        assert found.disposition == disposition
    actions = Change.objects.filter(object_id=gone.pk, kind="measure").order_by("sequence")
    assert list(actions.values_list("action", flat=True)) == [
        "measure.added",
        "measure.withdrawn",
        "measure.reinstated",
    ]


def test_a_withdrawn_measure_that_is_printed_again_is_the_same_measure(reform_list: ReformList) -> None:
    gone = measure(200)
    apply(fourfold(), reform_list)
    apply(TextEdition.real(), reform_list)
    assert measure(200).pk == gone.pk


def test_with_declined_rows_the_state_before_is_restored_too(reform_list: ReformList) -> None:
    """The edition in between declined a row: it goes back to the words of the edition before that."""
    plan = plan_of(fourfold(), reform_list)
    apply(fourfold(), reform_list, Decline("row", row_of(plan, 6)), Decline("measure", measure(200).pk))
    second = state()
    third = apply(fourfold().with_deadline("11*", "2022年9月底"), reform_list)
    assert measure(6).text == REWORDED
    revert(third, who=WHO, on=ON)
    assert state() == second


def test_an_edition_can_be_taken_back_to_the_first_one_by_one(reform_list: ReformList) -> None:
    first = state()
    second = apply(fourfold(), reform_list)
    third = apply(fourfold().with_deadline("11*", "2022年9月底"), reform_list)
    revert(third, who=WHO, on=ON)
    second.refresh_from_db()
    revert(second, who=WHO, on=ON)
    assert state() == first
    assert list(reform_list.editions.filter(is_in_force=True).values_list("number", flat=True)) == [1]


def test_the_next_edition_is_numbered_after_those_taken_back(reform_list: ReformList) -> None:
    revert(apply(fourfold(), reform_list), who=WHO, on=ON)
    assert apply(fourfold(), reform_list).number == 3


def test_the_first_edition_cannot_be_taken_back(reform_list: ReformList) -> None:
    with pytest.raises(NothingBefore):
        plan_revert(reform_list.editions.get())


def test_only_the_edition_in_force_can_be_taken_back(reform_list: ReformList) -> None:
    second = apply(fourfold(), reform_list)
    apply(fourfold().with_deadline("11*", "2022年9月底"), reform_list)
    second.refresh_from_db()
    with pytest.raises(BaseMoved):
        revert(second, who=WHO, on=ON)


def test_the_plan_of_taking_back_says_what_it_will_do(reform_list: ReformList) -> None:
    plan, before = plan_revert(apply(fourfold(), reform_list))
    assert before.number == 1
    assert sorted(change.printed.item_no or 0 for change in plan.changed) == [4, 5, 6, 8, 200]
    assert [known.item_title for known in plan.withdrawn] == ["全新的事项"]


def test_what_was_understood_is_kept_whole_with_the_edition(reform_list: ReformList) -> None:
    edition = apply(fourfold(), reform_list)
    assert EditionReading.objects.get(edition=edition).parsed == fourfold().parsed()
