"""What is kept to be searched is what is printed, whatever happened since; and it can be checked and made anew."""

import pytest
from django.core.management import call_command
from django.test import Client

from agencies.models import Agency
from reforms.models import Assignment, Item, Measure, ReformList
from reforms.organisation.merge import merge_agencies
from reforms.search.text import wrong_texts
from tests.conftest import FIXTURES, ON
from tests.reforms.people import Cast, acting
from tests.reforms.shown import get


def wrong() -> list[int]:
    return [pk for some in wrong_texts(Measure.objects.all()) for pk, _text in some]


def test_an_import_leaves_nothing_to_mend(reform_list: ReformList) -> None:
    assert wrong() == []
    assert Measure.objects.exclude(search_text="").count() == 216


def test_neither_does_the_next_edition(reform_list: ReformList) -> None:
    """It renumbers items, and leaves measures out."""
    numbers = dict(Measure.objects.values_list("pk", "item__number"))
    second = FIXTURES / "shenzhen-2022-second-edition.txt"
    call_command("import_list", str(second), slug="shenzhen-2022", yes=True, verbosity=0)
    assert numbers.items() - set(Measure.objects.values_list("pk", "item__number"))
    assert Measure.objects.filter(disposition="withdrawn").exists()
    assert wrong() == []


def test_a_measure_that_is_no_longer_printed_is_found_by_the_number_of_its_item(reform_list: ReformList) -> None:
    measure = Measure.objects.filter(item__number=68).order_by("seq_in_item")[0]
    Item.objects.filter(pk=measure.item_id).update(number=400)
    assert measure.pk in wrong()
    call_command("check_derived", "--rebuild", verbosity=0)
    assert wrong() == []


def test_a_merger_that_leaves_one_name_beside_a_measure_leaves_one_to_be_searched(
    reform_list: ReformList, cast: Cast
) -> None:
    beside = Assignment.objects.filter(agency__kind="single").order_by("pk")[0]
    double = Agency.objects.create(name="市重名局", kind="single")
    Assignment.objects.create(
        measure=beside.measure, agency=double, part=beside.part, order=40, printed_name="市重名局"
    )
    call_command("check_derived", "--rebuild", verbosity=0)
    merge_agencies(beside.agency, double, who=acting(cast.supervisor), on=ON)
    assert not beside.measure.assignments.filter(printed_name="市重名局").exists()
    assert wrong() == []


def test_the_command_names_what_differs_and_mends_it(
    reform_list: ReformList, led: Measure, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("check_derived")
    Measure.objects.filter(pk=led.pk).update(search_text="")
    with pytest.raises(SystemExit, match="1"):
        call_command("check_derived")
    assert f"1条举措的搜索文本与印发内容不符（编号：{led.pk}）" in capsys.readouterr().out
    number = f"第{led.item.number}项"
    assert led.pk not in get(client, f"/measures/?search={number}").measure_ids
    version = Measure.objects.get(pk=led.pk).version
    call_command("check_derived", "--rebuild")
    call_command("check_derived")
    assert led.pk in get(client, f"/measures/?search={number}").measure_ids
    assert Measure.objects.get(pk=led.pk).version == version
