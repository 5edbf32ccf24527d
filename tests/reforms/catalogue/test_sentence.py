"""The filters as one sentence: what it says is what is asked for, and its number is that of the rows."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils.translation import override

from agencies.models import Agency, User
from reforms.catalogue.said import Speaker, sentence
from reforms.models import Assignment, Duty, Measure, Part, ReformList
from tests.reforms.shown import PRINTED, Page, asked, get, words

DISTRICT, GROUP = "福田区政府", "各区政府"


def heading(page: Page) -> str:
    return words(page.tree.xpath("//h1")[0])


def said(query: str) -> str:
    """The sentence of an address, with the number of its rows."""
    filters = asked(f"/measures/?{query}")
    return sentence(filters, len(filters.ordered()), Speaker(filters))


def printed(**wanted: object) -> int:
    """How many measures the list prints with these facts."""
    return sum(all(measure[name] == value for name, value in wanted.items()) for measure in PRINTED)


def test_each_filter_is_said_in_words(demo: ReformList, market: Agency) -> None:
    title = demo.sections.get(number=5).title
    june, none = printed(deadline="2022-06-30"), printed(deadline=None)
    later = june + printed(deadline="2022-12-31")
    led = sum(market.name in measure["lead"] and measure["deadline"] is not None for measure in PRINTED)
    found = {
        "": ("举措（216条）"),
        "light=overdue": "已逾期的举措（3条）",
        "light=overdue&light=closed": "已逾期或已销号的举措（27条）",
        "section=5&national=true": f"属“{title}”、属国家改革任务的举措（{printed(section_no=5, national=True)}条）",
        "item=51&item=68": f"第51或68项的举措（{printed(item_no=51) + printed(item_no=68)}条）",
        f"lead={market.pk}&standing=false": f"市市场监管局牵头、不属持续巩固的举措（{led}条）",
        "deadline=2022-06-30&deadline=none": f"时限为2022年6月30日或未印发时限的举措（{june + none}条）",
        "deadline_after=2022-06-30": f"时限不早于2022年6月30日的举措（{later}条）",
        "deadline_after=2022-06-01&deadline_before=2022-06-30": (
            f"时限不早于2022年6月1日、时限不晚于2022年6月30日的举措（{june}条）"
        ),
        "on=2022-01-31&light=closed": "已销号的举措（0条，截至2022年1月31日）",
        "extended=false&status=closed": "状态为已销号、时限未经延期或调整的举措（24条）",
    }
    assert {query: said(query) for query in found} == found


def test_of_many_values_the_first_are_said_and_how_many_there_are(demo: ReformList) -> None:
    first = [demo.sections.get(number=number).title for number in (1, 2, 3)]
    count = sum(printed(section_no=number) for number in range(1, 6))
    assert said("section=1&section=2&section=3&section=4&section=5") == (
        f"属“{'、'.join(first)}等5个之一”的举措（{count}条）"
    )


def test_being_printed_and_having_to_act_are_different_sentences_with_different_numbers(demo: ReformList) -> None:
    """A district is printed beside few measures, and acts on those of all districts as well."""
    district, group = Agency.objects.get(name=DISTRICT), Agency.objects.get(name=GROUP)
    beside = set(Assignment.objects.filter(agency=district).values_list("measure", flat=True))
    acting = set(Duty.objects.filter(agency=district).values_list("measure", flat=True))
    through = set(Duty.objects.filter(agency=district, via=group).values_list("measure", flat=True))
    assert len({len(beside), len(acting), len(through)}) == 3
    assert said(f"agency={DISTRICT}") == f"列有{DISTRICT}的举措（{len(beside)}条）"
    assert said(f"holder={DISTRICT}") == f"由{DISTRICT}承担的举措（{len(acting)}条）"
    assert said(f"holder={DISTRICT}&via={GROUP}") == f"由{DISTRICT}承担、经由{GROUP}的举措（{len(through)}条）"
    leads = Assignment.objects.filter(agency=group, part=Part.LEAD).count()
    assert said(f"agency={GROUP}&role=lead") == f"{GROUP}牵头的举措（{leads}条）"


def test_what_was_withdrawn_is_counted_where_it_is_asked_for(demo: ReformList, led: Measure) -> None:
    Measure.objects.filter(pk=led.pk).update(disposition="withdrawn")
    assert said("") == "举措（215条）"
    assert said("disposition=withdrawn") == "在册情况为调出清单的举措（1条）"


def test_several_lists_are_counted_together_and_apart(demo: ReformList) -> None:
    other = ReformList.objects.create(
        slug="second", title="第二批清单", year=2023, open_to="public", public_status=True
    )
    Measure.objects.filter(row__lt=12).update(reform_list=other)
    moved = Measure.objects.filter(reform_list=other).count()
    assert said("") == "举措（216条）"
    assert said("list=second") == f"列入第二批清单的举措（{moved}条）"
    assert said(f"list={demo.slug}") == f"列入{demo}的举措（{216 - moved}条）"


def test_english(demo: ReformList, market: Agency) -> None:
    with override("en"):
        assert said("") == "Measures (216)"
        assert said(f"lead={market.pk}&light=overdue&light=due_soon") == (
            "Measures led by Market Supervision Bureau, overdue or due soon (14)"
        )
        assert said("deadline=none&on=2022-05-31") == "Measures without a printed deadline (31, as of 31 May 2022)"


def test_title_and_heading_say_it_and_htmx_renews_both(client: Client, demo: ReformList) -> None:
    address, text = "/measures/?light=overdue&section=11", said("section=11&light=overdue")
    page = get(client, address)
    assert heading(page) == text
    assert page.tree.xpath("//title/text()")[0].startswith(f"{text} · ")
    assert str(page.total) in text
    part = get(client, address, **{"HX-Request": "true"})
    assert words(part.tree.xpath("//h1[@hx-swap-oob]")[0]) == text
    assert f"<title>{text} · " in part.text


@pytest.mark.parametrize("query", ["agency=me", "agency=me&role=lead"])
def test_one_s_own_agency_is_called_so(
    query: str, demo: ReformList, reporter: User, transport: Agency, signed_in: Callable[[User], Client]
) -> None:
    duties = Duty.objects.filter(agency=transport)
    if "role" in query:
        duties = duties.filter(part=Part.LEAD)
    count = duties.filter(measure__disposition="active").values("measure").distinct().count()
    words_of_it = "本单位牵头承担" if "role" in query else "由本单位承担"
    assert heading(get(signed_in(reporter), f"/measures/?{query}")) == f"{words_of_it}的举措（{count}条）"
