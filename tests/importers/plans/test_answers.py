"""What a person settles: the printed words stay, the doubt goes, and the next edition does not ask again."""

import datetime as dt

import pytest

from importers.documents.values import ParsedList
from importers.editions.apply import apply_plan
from importers.editions.known import plan_import
from importers.plans.plan import Answer, settle
from reforms.models import ListEdition, Measure, ReformList
from tests.importers.plans.test_plan import SOURCE
from tests.importers.text_editions import TextEdition

UNCLEAR = TextEdition.real().with_deadline("8", "力争年内见效")
DAY = dt.date(2022, 12, 20)


def about(parsed: ParsedList, number: int, cell: str, **meaning: object) -> Answer:
    measure = next(one for one in parsed.measures if one.item_no == number)
    return Answer.about(measure, cell, **meaning)


def measure(number: int) -> Measure:
    return Measure.objects.counted().get(item__number=number)


def test_an_answer_gives_an_unclear_deadline_a_day_and_ends_the_doubt() -> None:
    parsed = UNCLEAR.parsed()
    assert [problem.kind for problem in parsed.warnings] == ["unparsed_deadline"]
    settled = settle(parsed, [about(parsed, 8, "deadline", day=DAY)])
    found = next(one for one in settled.measures if one.item_no == 8)
    assert (found.deadline, found.deadline_text, found.printed.deadline) == (DAY, "力争年内见效", "力争年内见效")
    assert (settled.warnings, settled.outcome) == ((), "ok")


def test_an_answer_is_for_one_row_only() -> None:
    parsed = UNCLEAR.with_deadline("11*", "力争年内见效").parsed()
    settled = settle(parsed, [about(parsed, 8, "deadline", ongoing=True)])
    assert [(problem.item_no, problem.kind) for problem in settled.warnings] == [(11, "unparsed_deadline")]


@pytest.mark.parametrize(
    "change",
    [
        lambda edition: edition.with_deadline("8", "力争明年见效"),
        lambda edition: edition.with_text("8", "整条举措已经改写。"),
    ],
)
def test_an_answer_no_longer_holds_when_the_words_have_changed(change) -> None:
    parsed = UNCLEAR.parsed()
    answer = about(parsed, 8, "deadline", day=DAY)
    later = change(UNCLEAR).parsed()
    assert settle(later, [answer]) == later


def test_names_are_given_for_an_elided_cell() -> None:
    parsed = TextEdition.real().with_lead("6*", "司法、公安部门").parsed()
    settled = settle(parsed, [about(parsed, 6, "lead", names=("市司法局", "市公安局"))])
    found = next(one for one in settled.measures if one.item_no == 6)
    assert (found.lead, found.printed.lead) == (("市司法局", "市公安局"), "司法、公安部门")
    assert settled.warnings == ()


def test_an_answer_goes_to_json_and_back() -> None:
    parsed = UNCLEAR.parsed()
    for answer in (
        about(parsed, 8, "deadline", day=DAY),
        about(parsed, 8, "deadline", ongoing=True),
        about(parsed, 6, "lead", names=("市司法局",)),
    ):
        assert Answer.of_json(answer.as_json()) == answer


def apply(edition: TextEdition, reform_list: ReformList, *answers: Answer) -> ListEdition:
    return apply_plan(plan_import(edition.parsed(), reform_list, answers), reform_list, SOURCE).edition


def test_what_was_settled_holds_for_the_next_edition_too(reform_list: ReformList) -> None:
    apply(UNCLEAR, reform_list, about(UNCLEAR.parsed(), 8, "deadline", day=DAY))
    assert (measure(8).deadline, measure(8).deadline_text) == (DAY, "力争年内见效")
    plan = plan_import(UNCLEAR.with_deadline("11*", "2022年9月底").parsed(), reform_list)
    assert [change.printed.item_no for change in plan.changed] == [11]
    assert plan.printed.warnings == ()


def test_the_same_file_again_changes_nothing_after_it_was_settled(reform_list: ReformList) -> None:
    apply(UNCLEAR, reform_list, about(UNCLEAR.parsed(), 8, "deadline", day=DAY))
    plan = plan_import(UNCLEAR.parsed(), reform_list)
    assert (plan.same_content, plan.changes_nothing) == (True, True)


def test_another_answer_to_the_same_words_is_a_change_of_the_deadline(reform_list: ReformList) -> None:
    apply(UNCLEAR, reform_list, about(UNCLEAR.parsed(), 8, "deadline", day=DAY))
    plan = plan_import(UNCLEAR.parsed(), reform_list, (about(UNCLEAR.parsed(), 8, "deadline", ongoing=True),))
    assert [(change.printed.item_no, change.facts) for change in plan.changed] == [(8, ("deadline",))]
