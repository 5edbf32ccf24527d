"""Search: any substring of a title, a text, a number or an agency finds its measures, and nothing else does."""

import unicodedata
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from agencies.models import Agency
from reforms.models import Measure, ReformList, searchable
from tests.reforms.shown import PRINTED, Page, get


def found(client: Client, words: str) -> list[tuple[int, int]]:
    """(item, measure in the item) of everything the page says it found."""
    page = search(client, words)
    assert page.status == 200
    measures = Measure.objects.select_related("item").in_bulk(page.measure_ids)
    places = [(measures[pk].item.number, measures[pk].seq_in_item) for pk in page.measure_ids]
    assert page.total == len(places)
    return places


def search(client: Client, words: str) -> Page:
    return get(client, f"/measures/?search={quote(words)}")


def printed_with(*words: str) -> list[tuple[int, int]]:
    """The measures of the list that hold every word in what is printed of them."""
    return [
        (m["item_no"], m["seq_in_item"])
        for m in PRINTED
        if all(
            word in "\n".join([f"第{m['item_no']}项", m["item_title"], m["text"], *m["lead"], *m["responsible"]])
            for word in words
        )
    ]


@pytest.mark.parametrize("words", ["链", "区块链", "办税", "独角兽", "深圳海关", "市口岸办", "一证多址"])
def test_one_character_or_more_find_what_holds_them(client: Client, reform_list: ReformList, words: str) -> None:
    expected = printed_with(words)
    assert 0 < len(expected) <= 50
    assert found(client, words) == expected


def test_every_word_has_to_be_there(client: Client, reform_list: ReformList) -> None:
    assert found(client, "区块链 深圳海关") == printed_with("区块链", "深圳海关")
    assert found(client, "深圳海关 独角兽") == []


def test_a_number_finds_its_item_and_only_it(client: Client, reform_list: ReformList) -> None:
    assert found(client, "第101项") == [(101, 1)]
    assert found(client, "第10项") == [(10, 1)]
    assert found(client, "第68项") == [(68, seq) for seq in range(1, 6)]
    assert found(client, "第201项") == []


def test_full_width_digits_and_letters_are_folded(client: Client, reform_list: ReformList) -> None:
    assert found(client, "第１０１项") == [(101, 1)]
    assert found(client, "５Ｇ") == found(client, "5g") == found(client, "5G") == printed_with("5G")


def test_an_agency_finds_all_it_is_printed_beside(client: Client, reform_list: ReformList) -> None:
    page = search(client, "市市场监管局")
    printed = printed_with("市市场监管局")
    assert page.total == len(printed) >= 73
    assert len(page.measure_ids) == 50


@pytest.mark.parametrize("words", ["%", "_", "\\", "%%", "开_", "'", '"', "市%局"])
def test_signs_are_themselves(client: Client, reform_list: ReformList, words: str) -> None:
    assert found(client, words) == printed_with(words)


def test_signs_in_a_text_are_found(client: Client, led: Measure) -> None:
    led.search_text += "\n完成率_50%以上\\"
    led.save()
    for words in ("率_5", "50%以", "上\\"):
        assert search(client, words).measure_ids == [led.pk]


def test_words_of_two_neighbouring_cells_do_not_make_one(client: Client, reform_list: ReformList) -> None:
    """Item 200's title ends with 体系 and its text begins with 搭建."""
    assert found(client, "培育体系搭建政府") == []


def test_nothing_found_says_what_to_do(client: Client, reform_list: ReformList) -> None:
    page = search(client, "不存在的词语")
    assert (page.status, page.total, page.measure_ids) == (200, 0, [])
    assert "没有符合条件的举措" in page.text


def test_only_spaces_find_everything(client: Client, reform_list: ReformList) -> None:
    assert search(client, "  ").total == 216


def test_what_was_searched_stays_in_the_box_and_is_escaped(client: Client, reform_list: ReformList) -> None:
    page = search(client, '"><script>alert(1)</script>')
    assert page.status == 200
    assert "<script>alert(1)" not in page.text
    assert page.tree.xpath('//input[@name="search"]/@value')[0] == '"><script>alert(1)</script>'


@pytest.mark.parametrize("words", ["\x00", "长" * 101])
def test_what_cannot_be_searched_for_is_struck_out(client: Client, reform_list: ReformList, words: str) -> None:
    page = search(client, words)
    assert (page.status, page.total) == (200, 216)
    assert [said.partition("：")[0] for said in page.struck] == ["搜索"]
    assert "\x00" not in page.text


def test_a_group_is_found_by_its_printed_name_only(client: Client, reform_list: ReformList) -> None:
    """罗湖区政府 is printed nowhere: it acts through 各区政府, which a filter finds and a search does not."""
    assert Agency.objects.filter(name="罗湖区政府").exists()
    assert found(client, "罗湖区政府") == []


@given(st.text() | st.text("市财局、\n，（）Ａａ１①ﬁ㎡\u0301\u3099か\u1100\u1161가İß"))
def test_texts_are_folded_as_a_whole_whatever_stands_beside_the_characters(text: str) -> None:
    assert searchable(text) == unicodedata.normalize("NFKC", text).casefold()
