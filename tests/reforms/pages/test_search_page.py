"""查找, from the head of every page: a few of each kind with what was found marked, nothing that may not be read."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from lxml import html

from agencies.models import Agency, Role, User
from reforms.lib.folding import excerpt, marked
from reforms.models import Measure, ProgressReport, ReformList
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.shown import get, words

SignIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
SAID = "专用线路已完成割接"


def found(client: Client, query: str) -> dict[str, list[str]]:
    """What the page shows: the first link of each hit, by the heading above it."""
    page = get(client, f"/search/?q={quote(query)}")
    assert page.status == 200
    shown: dict[str, list[str]] = {}
    for heading in page.tree.xpath("//main//h2"):
        links = heading.getnext().xpath("./li/a[1]")
        shown[words(heading).split()[0]] = [words(link) for link in links]
    return shown


def suggested(client: Client, query: str) -> Any:
    text = client.get(f"/search/?q={quote(query)}", headers=HTMX).content.decode()
    assert "<html" not in text
    return html.fromstring(f"<div>{text}</div>")


def test_every_page_has_the_box(client: Client, reform_list: ReformList, led: Measure) -> None:
    for address in ("/", "/measures/", "/agencies/", led.get_absolute_url(), "/sign-in/", "/no-such-page/"):
        tree = html.fromstring(client.get(address).content.decode())
        assert tree.xpath('//header//form[@role="search"]/@action') == ["/search/"]


def test_it_finds_measures_and_agencies_by_any_name(client: Client, reform_list: ReformList) -> None:
    shown = found(client, "市知识产权局")
    assert shown["单位"] == ["市市场监管局"]
    assert len(shown["举措"]) == 10
    assert found(client, "Luohu")["单位"] == ["罗湖区政府"]


def test_the_number_of_all_is_that_of_the_page_it_leads_to(client: Client, public: ReformList) -> None:
    page = get(client, "/search/?q=企业")
    link = page.tree.xpath('//main//a[starts-with(@href, "/measures/?")]')[0]
    whole = get(client, link.get("href"))
    assert words(link) == f"全部{whole.total}条举措"
    assert whole.total > 10
    agencies = page.tree.xpath('//main//a[starts-with(@href, "/agencies/?")]')
    assert not agencies
    many = get(client, "/search/?q=政府").tree.xpath('//main//a[starts-with(@href, "/agencies/?")]')[0]
    rows = html.fromstring(client.get(many.get("href")).content.decode()).xpath("//main//tbody/tr")
    assert words(many) == f"全部{len(rows)}个单位"


@pytest.mark.parametrize(("query", "place"), [("68-2", "68-2"), ("第68项第2条", "68-2"), ("68—3", "68-3")])
def test_a_place_finds_its_measure(client: Client, reform_list: ReformList, query: str, place: str) -> None:
    (link,) = found(client, query)["举措"]
    assert link.startswith(place)


@pytest.mark.parametrize("query", ["68", "第68项", "６８"])
def test_a_number_finds_its_item(client: Client, reform_list: ReformList, query: str) -> None:
    (link,) = found(client, query)["改革事项"]
    assert link.startswith("68建立健全")


def test_an_item_of_several_measures_is_found_by_its_title(client: Client, reform_list: ReformList) -> None:
    item = Measure.objects.filter(item__number=68)[0].item
    assert found(client, item.title[:8])["改革事项"] == [f"68{item.title}"]


def test_what_was_found_is_marked_where_it_stands(client: Client, reform_list: ReformList) -> None:
    page = get(client, "/search/?q=开办企业一窗通")
    texts = [words(mark) for mark in page.tree.xpath("//main//mark")]
    assert {text.translate(dict.fromkeys(map(ord, "“”"))) for text in texts} == {"开办企业一窗通"}


def test_an_excerpt_stands_round_the_hit() -> None:
    text = "零" * 50 + "推行“一窗通”平台" + "末" * 100
    pieces = excerpt(text, ["一窗通平台"])
    assert [piece.text for piece in pieces if piece.hit] == ["一窗通”平台"]
    assert (pieces[0].text, pieces[-1].text) == ("…", "…")
    assert 80 <= sum(len(piece.text) for piece in pieces) <= 82
    assert [piece.text for piece in marked("甲乙甲", ["甲"])] == ["甲", "乙", "甲"]
    assert [piece.text for piece in excerpt("短文", ["无"])] == ["短文"]


def test_as_one_types_five_of_a_kind_are_suggested(client: Client, reform_list: ReformList) -> None:
    tree = suggested(client, "市场")
    groups = {
        group.get("aria-label"): group.xpath('.//a[@role="option"]') for group in tree.xpath('//*[@role="group"]')
    }
    assert {name: len(found) for name, found in groups.items()} == {"改革事项": 1, "单位": 1, "举措": 5, "全部结果": 1}
    assert groups["全部结果"][0].get("href") == f"/search/?q={quote('市场')}"
    assert not suggested(client, " ").xpath("//a")


def test_markup_that_is_searched_for_is_text(client: Client, reform_list: ReformList) -> None:
    for headers in ({}, HTMX):
        said = client.get(f"/search/?q={quote('<script>alert(1)</script>')}", headers=headers).content.decode()
        assert "<script>alert" not in said
    assert client.get("/search/?q=%00").status_code == 200
    assert client.get(f"/search/?q={'长' * 500}").status_code == 200


def test_a_list_that_is_not_open_is_in_nothing(client: Client, reform_list: ReformList, reporter: User) -> None:
    client_of_agency = Client()
    client_of_agency.force_login(reporter, backend="agencies.people.sign_in.PasswordBackend")
    ReformList.objects.update(open_to="office")
    for who in (client, client_of_agency):
        assert not {"举措", "改革事项"} & set(found(who, "第68项"))
        assert not suggested(who, "一窗通").xpath('//a[starts-with(@href, "/measures/")]')
    ReformList.objects.update(open_to="agencies")
    assert "举措" not in found(client, "一窗通")
    assert "举措" in found(client_of_agency, "一窗通")


def test_a_status_is_shown_where_it_is_public(client: Client, demo: ReformList) -> None:
    assert get(client, "/search/?q=一窗通").tree.xpath('//main//*[contains(@class, "light-")]')
    ReformList.objects.update(public_status=False)
    assert not get(client, "/search/?q=一窗通").tree.xpath('//main//*[contains(@class, "light-")]')


class TestReports:
    """Only those one may read, and none that was not sent."""

    @pytest.fixture
    def sent(self, led: Measure, cast: Cast) -> ProgressReport:
        content = ReportContent(progress=f"{SAID}，运行平稳。")
        return submit_report(led.pk, cast.agency.pk, content, who=acting(cast.reporter), on=ON)

    def test_the_office_and_the_agency_find_them(self, sent: ProgressReport, signed_in: SignIn, cast: Cast) -> None:
        for person in (cast.reporter, cast.supervisor):
            client = signed_in(person)
            page = get(client, f"/search/?q={SAID}")
            assert len(page.tree.xpath(f'//a[contains(@href, "#report-{sent.pk}")]')) == 1
            assert words(page.tree.xpath("//main//mark")[0]) == SAID

    def test_nobody_else_does(
        self, sent: ProgressReport, signed_in: SignIn, person: PersonMaker, market: Agency, client: Client
    ) -> None:
        stranger = person(Role.REPORTER, agency=market, username="stranger")
        holders = set(sent.measure.duties.values_list("agency", flat=True))
        assert market.pk not in holders
        for who in (client, signed_in(stranger)):
            for headers in ({}, HTMX):
                said = who.get(f"/search/?q={SAID}", headers=headers).content.decode()
                assert "运行平稳" not in said
                assert "#report-" not in said

    def test_a_draft_is_found_by_nobody(self, sent: ProgressReport, signed_in: SignIn, cast: Cast) -> None:
        ProgressReport.objects.filter(pk=sent.pk).update(state="draft")
        for person in (cast.reporter, cast.supervisor):
            assert "#report-" not in signed_in(person).get(f"/search/?q={SAID}").content.decode()
