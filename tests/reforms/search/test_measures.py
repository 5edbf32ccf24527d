"""Search: any part of a title, a text, a number or a name of an agency finds its measures, and nothing else does."""

import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from agencies.models import Agency, AgencyName
from reforms.lib.folding import LEFT_OUT, fold, words_of
from reforms.models import Assignment, Duty, Measure, ReformList
from reforms.search.agencies import abbreviates
from reforms.search.measures import holding, place_meant
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


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("市知识产权局", "市市场监管局"),  # shown as another name of it
        ("深圳市市场监督管理局", "市市场监管局"),
        ("Market Supervision", "市市场监管局"),
        ("market supervision bureau", "市市场监管局"),
        ("市发改委", "市发展改革委"),
        ("市中院", "市中级法院"),
        ("广东省深圳市中级人民法院", "市中级法院"),
        ("罗湖区政府", "各区政府"),
        ("Luohu", "各区政府"),
        ("深圳市罗湖区", "各区政府"),
    ],
)
def test_every_name_of_an_agency_finds_what_it_is_printed_beside(
    client: Client, reform_list: ReformList, words: str, name: str
) -> None:
    """Districts act through 各区政府."""
    agency = Agency.objects.get(name=name)
    total = search(client, words).total
    assert total == Measure.objects.printed_for([agency.pk]).count() > 0


def test_a_word_and_a_name_are_both_asked_for(client: Client, reform_list: ReformList) -> None:
    market = [m for m in PRINTED if "市市场监管局" in {*m["lead"], *m["responsible"]}]
    both = [m for m in market if "专利" in m["item_title"] + m["text"]]
    assert len(market) > search(client, "Market 专利").total == len(both) > 0


def test_a_name_that_is_given_is_known_at_once(client: Client, reform_list: ReformList) -> None:
    assert search(client, "市营商办").total == 0
    market = Agency.objects.get(name="市市场监管局")
    market.other_names.create(name="市营商办")
    assert search(client, "市营商办").total == Measure.objects.printed_for([market.pk]).count()


@pytest.mark.parametrize(
    "words", ["拓展开办企业一窗通", "开办企业“一窗通”", "开办企业「一窗通」", '开办企业"一窗通"', "开办企业(一窗通)"]
)
def test_signs_do_not_matter(client: Client, reform_list: ReformList, words: str) -> None:
    """Printed is 拓展开办企业“一窗通”服务."""
    bare = words.translate(dict.fromkeys(map(ord, '“”「」"()')))
    expected = [
        (m["item_no"], m["seq_in_item"])
        for m in PRINTED
        if bare in f"{m['item_title']}\n{m['text']}".replace("“", "").replace("”", "")
    ]
    assert found(client, words) == expected
    assert (1, 1) in expected


@pytest.mark.parametrize("words", ["68-2", "68—2", "６８－２", "第68项第2条", "第68-2条"])
def test_a_place_in_an_item_finds_that_measure(client: Client, reform_list: ReformList, words: str) -> None:
    assert found(client, words) == [(68, 2)]


@pytest.mark.parametrize("words", ["%", "_", "\\", "%%", "开_", "市%局"])
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


@pytest.mark.parametrize("words", ["  ", "“”", "-", "、"])
def test_signs_alone_find_everything(client: Client, reform_list: ReformList, words: str) -> None:
    assert search(client, words).total == 216


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


ALPHABET = st.sampled_from("市财局、\n，（）Ａａ１①ﬁ㎡\u0301\u3099か\u1100\u1161가İß “”'·—-%_")


@given(st.text() | st.text(ALPHABET))
def test_texts_are_folded_as_a_whole_whatever_stands_beside_the_characters(text: str) -> None:
    plain = unicodedata.normalize("NFKC", text).casefold()
    assert fold(text) == "".join(sign for sign in plain if sign not in LEFT_OUT and not sign.isspace())


def scanned(query: str) -> set[int]:
    """What a plain reading of everything finds: the printed cells of each measure, and all names of who is printed
    beside it or acts on it."""
    words, names, beside = words_of(query), names_by_agency(), agencies_by_measure()
    short = {word: abbreviated(word, names) for word in words}
    return {
        measure.pk
        for measure in Measure.objects.select_related("item").prefetch_related("assignments")
        for agencies in [beside.get(measure.pk, set())]
        for texts in [[*cells_of(measure), *(name for pk in agencies for name in names[pk])]]
        if all(any(word in text for text in texts) or short[word] & agencies for word in words)
    }


def agencies_by_measure() -> dict[int, set[int]]:
    beside: dict[int, set[int]] = {}
    for model in (Assignment, Duty):
        for measure, agency in model.objects.values_list("measure", "agency"):
            beside.setdefault(measure, set()).add(agency)
    return beside


def names_by_agency() -> dict[int, list[str]]:
    names = {
        agency.pk: [fold(name) for name in (agency.name, agency.full_name, agency.name_en) if name]
        for agency in Agency.objects.all()
    }
    for other in AgencyName.objects.all():
        names[other.agency_id].append(fold(other.name))
    return names


def abbreviated(word: str, names: dict[int, list[str]]) -> set[int]:
    """Whom a word abbreviates, where it is part of nobody's name."""
    if len(word) < 3 or word.isascii() or any(word in name for known in names.values() for name in known):
        return set()
    return {pk for pk, known in names.items() if any(abbreviates(word, name) for name in known)}


def cells_of(measure: Measure) -> Iterable[str]:
    printed = [beside.printed_name for beside in measure.assignments.all()]
    return map(fold, [f"第{measure.item.number}项", measure.item.title, measure.title, measure.text, *printed])


def test_none_is_missed_and_nothing_else_is_found(reform_list: ReformList) -> None:
    """Random pieces of texts and names, mixed with signs, against a plain reading of everything."""
    sources = [*Measure.objects.values_list("text", flat=True), *Measure.objects.values_list("title", flat=True)]
    for row in Agency.objects.values_list("name", "full_name", "name_en"):
        sources += [name for name in row if name]
    sources += AgencyName.objects.values_list("name", flat=True)

    @st.composite
    def pieces(draw: st.DrawFn) -> str:
        text = draw(st.sampled_from(sources))
        start = draw(st.integers(0, len(text) - 1))
        piece = text[start : start + draw(st.integers(1, 8))]
        sign = draw(st.sampled_from(["", "“", "”", "·", "-", "（", "　", "、"]))
        at = draw(st.integers(0, len(piece)))
        return piece[:at] + sign + piece[at:]

    @settings(max_examples=60, deadline=None)
    @given(st.lists(pieces(), min_size=1, max_size=2))
    def holds(parts: list[str]) -> None:
        query = " ".join(parts)
        if place_meant(query) is None:
            assert set(holding(Measure.objects.all(), query).values_list("pk", flat=True)) == scanned(query), query

    holds()
