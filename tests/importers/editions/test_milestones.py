"""Milestones that a list prints: made when it is applied, the same over its editions, withdrawn when they are gone."""

import datetime as dt
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from agencies.models import Role
from importers.documents.read import read_document
from importers.editions.apply import apply_plan, revert
from importers.editions.known import plan_import
from importers.editions.milestones import steps_of
from importers.editions.new_list import list_for
from reforms.models import ListEdition, Measure, Milestone, ReformList
from reforms.reports.milestones import report_milestone
from tests.conftest import ON, SLUG, PersonMaker
from tests.importers.editions.test_apply_writers import SOURCE
from tests.importers.text_editions import TextEdition
from tests.reforms.people import acting

JUNE, SEPTEMBER = dt.date(2022, 6, 30), dt.date(2022, 9, 30)
TWO = "2022年6月底前完成试点；2022年12月底前全面推开"
HEAD = "序号,改革事项,具体举措,牵头单位,一季度目标,二季度目标,三季度完成情况,四季度,完成时限"


def applied(reform_list: ReformList, edition: TextEdition) -> None:
    apply_plan(plan_import(edition.parsed(), reform_list), reform_list, SOURCE)


def printed(measure: Measure | None = None) -> list[tuple[dt.date, str, bool]]:
    """Day, title and whether it stands."""
    found = Milestone.objects.filter(source="printed").order_by("due_on")
    found = found.filter(measure=measure) if measure else found
    return [(one.due_on, one.title, one.withdrawn_on is None) for one in found]


def measure_of(number: int) -> Measure:
    return Measure.objects.filter(reform_list__slug=SLUG, item__number=number).order_by("row")[0]


def with_columns(*rows: str, head: str = HEAD) -> Any:
    return read_document("\n".join((head, *rows)).encode(), "2022年改革清单.csv", 2022)


class TestReading:
    @pytest.mark.parametrize(
        ("deadline", "steps"),
        [
            (TWO, {JUNE: "2022年6月底前完成试点"}),
            ("2022年12月底前，其中试点任务6月底前", {JUNE: "其中试点任务6月底前"}),
            ("2022年6、12月底前", {JUNE: "2022年6、12月底前"}),
            ("2022年3月、6月、12月", {dt.date(2022, 3, 31): "2022年3月", JUNE: "6月"}),
            (
                "2022年3月底前立项、2022年6月底前开工、2022年12月底前建成",
                {dt.date(2022, 3, 31): "2022年3月底前立项", JUNE: "2022年6月底前开工"},
            ),
            ("2022年6月底前完成方案、启动试点；12月底前推开", {JUNE: "2022年6月底前完成方案、启动试点"}),
            ("2022年12月底", {}),
        ],
    )
    def test_each_earlier_date_of_a_deadline_with_what_is_said_of_it(
        self, deadline: str, steps: dict[dt.date, str]
    ) -> None:
        edition = TextEdition.real().with_deadline("3*", deadline)
        measure = next(one for one in edition.parsed().measures if one.item_no == 3)
        assert {day: step.title for day, step in steps_of(measure, 2022).items()} == steps

    def test_columns_of_quarters_that_say_what_is_planned(self) -> None:
        (measure,) = with_columns("1,建平台,建设平台,市财政局,完成方案,/,初验通过,上线运行,2022年12月底").measures
        assert {day: step.title for day, step in steps_of(measure, 2022).items()} == {
            dt.date(2022, 3, 31): "完成方案",
            dt.date(2022, 12, 31): "上线运行",
        }

    def test_a_long_text_is_kept_beside_its_beginning(self) -> None:
        (measure,) = with_columns(f"1,建平台,建设平台,市财政局,{'长' * 200},,,,2022年12月底").measures
        (step,) = steps_of(measure, 2022).values()
        assert (len(step.title), step.note) == (120, "长" * 200)


class TestApplying:
    def test_they_are_made_with_their_source_and_told_in_the_history(self, reform_list: ReformList) -> None:
        applied(reform_list, TextEdition.real().with_deadline("3*", TWO))
        measure = measure_of(3)
        assert printed() == [(JUNE, "2022年6月底前完成试点", True)]
        assert measure.deadline == dt.date(2022, 12, 31)
        milestone = measure.milestones.get()
        assert (milestone.agency, milestone.planned_by) == (None, "")

    def test_the_same_again_changes_nothing_and_what_was_reported_stays(
        self, reform_list: ReformList, person: PersonMaker
    ) -> None:
        edition = TextEdition.real().with_deadline("3*", TWO)
        applied(reform_list, edition)
        milestone = Milestone.objects.get()
        who: Any = {"who": acting(person(Role.SUPERVISOR)), "on": ON}
        report_milestone(milestone.pk, done_on=ON, words="已完成。", seen=None, **who)
        applied(reform_list, edition.with_text("3*", "改了措辞。"))
        milestone.refresh_from_db()
        assert (milestone.version, milestone.done_on) == (2, ON)
        assert Milestone.objects.count() == 1

    def test_one_that_is_no_longer_printed_is_withdrawn_and_comes_back(self, reform_list: ReformList) -> None:
        before = TextEdition.real().with_deadline("3*", TWO)
        applied(reform_list, before)
        applied(reform_list, before.with_deadline("3*", "2022年9月底前完成试点；2022年12月底前全面推开"))
        assert printed(measure_of(3)) == [
            (JUNE, "2022年6月底前完成试点", False),
            (SEPTEMBER, "2022年9月底前完成试点", True),
        ]
        revert(ListEdition.objects.get(is_in_force=True), who=SOURCE.who, on=ON)
        assert [stands for _day, _title, stands in printed(measure_of(3))] == [True, False]

    def test_another_wording_is_the_same_milestone(self, reform_list: ReformList) -> None:
        before = TextEdition.real().with_deadline("3*", TWO)
        applied(reform_list, before)
        applied(reform_list, before.with_deadline("3*", TWO.replace("完成试点", "试点完成")))
        assert printed() == [(JUNE, "2022年6月底前试点完成", True)]
        assert Milestone.objects.get().version == 2

    def test_beside_an_own_one_of_the_same_name(self, reform_list: ReformList) -> None:
        own = Milestone.objects.create(measure=measure_of(3), title="2022年6月底前完成试点", due_on=JUNE, planned_on=ON)
        applied(reform_list, TextEdition.real().with_deadline("3*", TWO))
        assert Milestone.objects.exclude(pk=own.pk).get().is_printed

    def test_a_new_list_with_columns_of_quarters(self, reform_list: ReformList) -> None:
        found = with_columns("1,建平台,建设平台,市财政局,完成方案,启动建设,,上线,2022年12月底")
        made = list_for(found, slug="quarters", year=2022, on=ON)
        apply_plan(plan_import(found, made), made, SOURCE)
        assert [title for _day, title, _stands in printed()] == ["完成方案", "启动建设", "上线"]


def test_the_column_that_was_becomes_milestones(reform_list: ReformList) -> None:
    """What the migration writes, from rows as they were."""
    measure = measure_of(3)

    class Rows:
        def exclude(self, **_milestone: None) -> "Rows":
            return self

        def values_list(self, *_names: str) -> "Rows":
            return self

        def iterator(self, *, chunk_size: int) -> Any:
            yield measure.pk, JUNE, "2022年6月底；\n12月底", dt.datetime(2022, 1, 31, 20, tzinfo=dt.UTC)

    class Before:
        def get_model(self, app: str, name: str) -> Any:
            if name == "Measure":
                return type("Measure", (), {"objects": Rows()})
            return apps.get_model(app, name)

    import_module("reforms.migrations.0039_milestones_that_lists_print").keep_printed(Before(), None)
    milestone = Milestone.objects.get()
    assert (milestone.title, milestone.due_on) == ("2022年6月底； 12月底", JUNE)
    assert (milestone.planned_on, milestone.source) == (dt.date(2022, 2, 1), "printed")
