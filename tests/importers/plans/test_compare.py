"""Comparing two documents: every change is found, nothing else is, and a moved number is a renumbering."""

import json
import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from importers.documents.read import check_file
from importers.documents.values import ParsedList, ParsedMeasure
from importers.plans.compare import KINDS, Comparison, Difference, as_dict, compare, items_of
from importers.plans.matching import match
from tests.conftest import FIXTURES, REAL_LIST
from tests.importers.text_editions import TEXT_LIST, TextEdition

SECOND = FIXTURES / "shenzhen-2022-second-edition.txt"
EXPECTED = FIXTURES / "shenzhen-2022-second-edition.changes.json"
SCHEMAS = Path(__file__).resolve().parents[3] / "docs" / "schemas"
REAL = check_file(REAL_LIST)

Told = tuple[str, int | None, object, object]


def changed(change: Callable[[ParsedMeasure], ParsedMeasure], *numbers: int, seq: int = 1) -> ParsedList:
    """The real list with one measure of some items changed."""
    return replace(
        REAL,
        measures=tuple(
            change(one) if one.item_no in numbers and one.seq_in_item == seq else one for one in REAL.measures
        ),
    )


def told(found: Comparison) -> list[Told]:
    return [(one.kind, one.item_no, one.old, one.new) for one in found.changes]


def kinds(found: Comparison) -> list[tuple[str, int | None]]:
    return [(one.kind, one.item_no) for one in found.changes]


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_a_list_and_its_text_export_are_the_same() -> None:
    assert compare(REAL, check_file(TEXT_LIST)).changes == ()


def test_white_space_is_not_a_change() -> None:
    spaced = changed(
        lambda one: replace(one, text=one.text.replace("，", "，\n "), item_title=f" {one.item_title}"), 6, 8
    )
    assert compare(REAL, spaced).changes == ()


def test_another_order_of_the_same_agencies_is_cosmetic() -> None:
    found = compare(REAL, changed(lambda one: replace(one, lead=one.lead[::-1]), 2))
    assert kinds(found) == [("lead_reordered", 2)]
    assert found.of_substance == 0


def test_agencies_that_come_and_go_are_named() -> None:
    found = compare(REAL, changed(lambda one: replace(one, lead=("市公安局",)), 6))
    assert [(one.kind, one.added, one.removed) for one in found.changes] == [
        ("lead_changed", ("市公安局",), ("市司法局",))
    ]


def test_the_note_that_all_lead_is_a_change_of_leads() -> None:
    found = compare(REAL, changed(lambda one: replace(one, lead_note="按职责分工负责"), 6))
    assert told(found) == [("lead_changed", 6, ["市司法局"], ["市司法局", "按职责分工负责"])]


def test_two_items_that_trade_numbers_are_renumbered_and_nothing_else() -> None:
    found = compare(REAL, TextEdition.real().swapped("4", "5*").parsed())
    assert told(found) == [("item_renumbered", 4, 5, 4), ("item_renumbered", 5, 4, 5)]


def test_an_item_put_in_moves_the_numbers_behind_it_and_changes_nothing_else() -> None:
    new = replace(
        REAL.measures[0],
        item_no=150,
        item_title="全新的事项",
        text="一条从前没有的举措，内容与别的都不同。",
        national=False,
    )
    moved = [
        replace(one, item_no=one.item_no + 1) if (one.item_no or 0) >= 150 else one
        for one in REAL.measures
        if one.item_no is not None
    ]
    place = next(i for i, one in enumerate(moved) if one.item_no == 151)
    found = compare(REAL, replace(REAL, measures=(*moved[:place], new, *moved[place:])))
    assert found.counts == {"item_added": 1, "item_renumbered": 51}


def test_an_item_with_several_measures_is_renumbered_once() -> None:
    swap = {68: 69, 69: 68}
    measures = tuple(replace(one, item_no=swap.get(one.item_no or 0, one.item_no)) for one in REAL.measures)
    assert told(compare(REAL, replace(REAL, measures=measures))) == [
        ("item_renumbered", 68, 69, 68),
        ("item_renumbered", 69, 68, 69),
    ]


def test_something_else_under_an_old_number_is_not_a_rewording() -> None:
    new = ("200", "全新的事项", "一条从前没有的举措。", "市财政局", "各区政府", "2023年3月底")
    edition = TextEdition.real().without("200").with_row_after("199", new)
    assert kinds(compare(REAL, edition.parsed())) == [("item_added", 200), ("item_removed", 200)]


def test_one_measure_of_an_item_may_come_or_go() -> None:
    shorter = replace(REAL, measures=tuple(one for one in REAL.measures if (one.item_no, one.seq_in_item) != (68, 2)))
    assert [(one.kind, one.item_no, one.seq_in_item) for one in compare(REAL, shorter).changes] == [
        ("measure_removed", 68, 2)
    ]
    assert [(one.kind, one.item_no, one.seq_in_item) for one in compare(shorter, REAL).changes] == [
        ("measure_added", 68, 2)
    ]


def test_a_new_title_over_the_same_text_is_a_new_title() -> None:
    found = compare(REAL, changed(lambda one: replace(one, item_title="另一个题目"), 6))
    assert told(found) == [("title_changed", 6, "率先探索律师事务所名称核准改革试点", "另一个题目")]


def test_a_text_written_anew_under_its_own_title_is_a_change_of_text() -> None:
    found = compare(REAL, changed(lambda one: replace(one, text="全部改写。"), 6))
    assert kinds(found) == [("text_changed", 6)]


def test_one_of_several_measures_written_anew_is_a_change_of_text() -> None:
    found = compare(REAL, changed(lambda one: replace(one, text="全部改写。"), 68, seq=2))
    assert kinds(found) == [("text_changed", 68)]


def test_a_measure_struck_out_and_another_one_added_are_two_changes() -> None:
    others = tuple(one for one in REAL.measures if (one.item_no, one.seq_in_item) != (51, 1))
    moved = tuple(replace(one, seq_in_item=one.seq_in_item - 1) if one.item_no == 51 else one for one in others)
    last = max((one for one in REAL.measures if one.item_no == 51), key=lambda one: one.seq_in_item)
    found = compare(REAL, replace(REAL, measures=(*moved, replace(last, text="一条从前没有的举措。"))))
    assert kinds(found) == [("measure_removed", 51), ("measure_added", 51)]


def test_the_second_edition_is_compared_without_a_false_or_missing_change() -> None:
    found = as_dict(compare(REAL, check_file(SECOND)))
    assert found == json.loads(EXPECTED.read_text(encoding="utf-8"))
    assert set(found["counts"]) == set(KINDS)


def test_both_schemas_are_kept() -> None:
    out = StringIO()
    call_command("compare_lists", str(REAL_LIST), str(SECOND), "--json", stdout=out)
    validator("reform-list-diff-1").validate(json.loads(out.getvalue()))
    out = StringIO()
    call_command("check_list", str(REAL_LIST), "--json", stdout=out)
    validator("reform-list-1").validate(json.loads(out.getvalue()))


@pytest.mark.parametrize("kind", ["", "unheard_of"])
def test_the_schema_refuses_what_it_does_not_know(kind: str) -> None:
    value = as_dict(compare(REAL, check_file(SECOND)))
    value["changes"][0]["kind"] = kind
    assert not validator("reform-list-diff-1").is_valid(value)


def test_people_are_told_the_old_and_the_new_words() -> None:
    out = StringIO()
    call_command("compare_lists", str(REAL_LIST), str(SECOND), stdout=out)
    assert "第8项　探索高频经营许可跨城互认　完成时限调整" in out.getvalue()
    assert "    - 2022年12月底\n    + 2023年3月底" in out.getvalue()


def test_a_document_that_cannot_be_read_ends_with_exit_code_1(tmp_path: Path) -> None:
    broken, errors = tmp_path / "坏.docx", StringIO()
    broken.write_bytes(REAL_LIST.read_bytes()[:30_000])
    with pytest.raises(SystemExit) as end:
        call_command("compare_lists", str(REAL_LIST), str(broken), stderr=errors)
    assert end.value.code == 1
    assert "坏.docx：不能导入" in errors.getvalue()
    assert "（corrupt_file）" in errors.getvalue()


def test_an_item_that_goes_on_after_others_is_one_item() -> None:
    first = [one for one in REAL.measures if one.item_no in (1, 68)]
    parts = [*[one for one in first if one.item_no == 68][:2], *[one for one in first if one.item_no == 1]]
    parts += [one for one in first if one.item_no == 68][2:]
    assert [len(places) for places in items_of(parts)] == [5, 1]


# Editions made at random: what is done to them is known, so what must be found is too.

AGENCIES = ("市财政局", "市公安局", "市司法局", "市商务局", "市市场监管局", "前海管理局", "各区政府")
Edit = tuple[str, int]


def reworded(one: ParsedMeasure) -> ParsedMeasure:
    """Most of the words stay, as in a real revision."""
    half = len(one.text) // 3
    return replace(one, text=one.text[:half] + "进一步完善配套机制，" + one.text[half:])


def redirected(one: ParsedMeasure) -> ParsedMeasure:
    return replace(one, lead=tuple(name for name in AGENCIES if name not in one.lead)[:1])


def helped(one: ParsedMeasure) -> ParsedMeasure:
    return replace(one, responsible=(*one.responsible, *[name for name in AGENCIES if name not in one.responsible][:1]))


def put_off(one: ParsedMeasure) -> ParsedMeasure:
    return replace(one, deadline_text="2023年10月底")


def starred(one: ParsedMeasure) -> ParsedMeasure:
    return replace(one, national=not one.national)


def renamed(one: ParsedMeasure) -> ParsedMeasure:
    return replace(one, item_title=f"深入{one.item_title}工作")


EDITS: dict[str, Callable[[ParsedMeasure], ParsedMeasure]] = {
    "text_changed": reworded,
    "lead_changed": redirected,
    "responsible_changed": helped,
    "deadline_changed": put_off,
    "national_changed": starred,
    "title_changed": renamed,
}


def edited(one: ParsedMeasure, edits: Iterable[str]) -> ParsedMeasure:
    return reduce(lambda so_far, kind: EDITS[kind](so_far), sorted(edits), one)


SINGLE = sorted({one.item_no for one in REAL.measures if one.item_no} - {7, 24, 35, 51, 66, 68, 69})


@settings(max_examples=60, deadline=None)
@given(
    edits=st.dictionaries(st.sampled_from(SINGLE), st.sets(st.sampled_from(sorted(EDITS)), min_size=1), max_size=25),
    gone=st.sets(st.sampled_from(SINGLE), max_size=8),
    shuffled=st.integers(0, 2**32),
    moved=st.integers(0, 12),
)
def test_every_random_edition_is_compared_without_a_false_or_missing_change(
    edits: dict[int, set[str]], gone: set[int], shuffled: int, moved: int
) -> None:
    """Rows reworded in several cells at once, dropped, and renumbered among each other."""
    random_source = random.Random(shuffled)
    numbers = random_source.sample([number for number in SINGLE if number not in gone], moved)
    new_number = dict(zip(numbers, random_source.sample(numbers, len(numbers)), strict=True))
    measures, expected = [], set[tuple[str, int | None]]()
    for one in REAL.measures:
        number = one.item_no or 0
        if number in gone:
            expected.add(("item_removed", number))
            continue
        to = new_number.get(number, number)
        expected |= {(kind, to) for kind in edits.get(number, ())}
        if to != number:
            expected.add(("item_renumbered", to))
        measures.append(replace(edited(one, edits.get(number, ())), item_no=to))
    found = compare(REAL, replace(REAL, measures=tuple(measures)))
    assert set(kinds(found)) == expected
    assert len(found.changes) == len(expected)


def test_a_match_takes_nothing_twice() -> None:
    pairs = match(REAL.measures, (*REAL.measures, *REAL.measures))
    assert len(pairs) == len(set(pairs.values())) == len(REAL.measures)


def test_a_difference_keeps_what_was_printed() -> None:
    (only,) = compare(REAL, changed(put_off, 8)).changes
    assert only == Difference(
        kind="deadline_changed",
        item_no=8,
        seq_in_item=1,
        title="探索高频经营许可跨城互认",
        old="2022年12月底",
        new="2023年10月底",
    )
