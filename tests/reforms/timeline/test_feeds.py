"""订阅: what happened as Atom (RFC 4287), and addresses that show exactly what their owner may read at that moment."""

import datetime as dt
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from icalendar import Calendar
from lxml import etree, html

from agencies.models import Agency, Membership, Role, User
from reforms.models import Disposition, Duty, Measure, PersonalFeed, ReformList, SavedView
from reforms.office.steer import dispose
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.extensions import adjust_deadline
from reforms.timeline import news
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.shown import asked

ATOM = "{http://www.w3.org/2005/Atom}"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
SECRET = "已与三家银行签约"


@pytest.fixture
def office(person: PersonMaker, transport: Agency) -> Cast:
    return Cast(person, transport)


def atom(client: Client, address: str) -> Any:
    """The feed, held against what RFC 4287 asks of every one (sections 3 and 4)."""
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/atom+xml; charset=utf-8"), address
    feed = etree.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed"
    for one in (feed, *feed.findall(f"{ATOM}entry")):
        for tag in ("id", "title", "updated"):
            assert len(one.findall(f"{ATOM}{tag}")) == 1, tag
            assert one.findtext(f"{ATOM}{tag}"), tag
        assert re.fullmatch(r"(tag|https?):\S+", one.findtext(f"{ATOM}id")), "an absolute IRI"
        assert MOMENT.fullmatch(one.findtext(f"{ATOM}updated"))
        links = [(link.get("rel"), link.get("type")) for link in one.findall(f"{ATOM}link")]
        assert len(links) == len(set(links))
        assert all(link.get("href").startswith("http://") for link in one.findall(f"{ATOM}link"))
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    assert [link.get("rel") for link in feed.findall(f"{ATOM}link")] == ["self", "alternate"]
    names = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert len(names) == len(set(names)) <= 100
    # A second parser that knows nothing of the first reads the same.
    again = ET.fromstring(answer.content)  # our own
    assert [entry.findtext(f"{ATOM}title") for entry in again.iter(f"{ATOM}entry")] == titles(feed)
    return feed


def titles(feed: Any) -> list[str]:
    return [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")]


def said(feed: Any) -> str:
    return "\n".join(feed.itertext())


def uids(client: Client, address: str) -> set[int]:
    answer = client.get(address)
    assert answer.status_code == 200
    found = [str(one["uid"]) for one in Calendar.from_ical(answer.content).walk("VEVENT")]
    return {int(uid.split("-")[1].split("@")[0]) for uid in found if uid.startswith("measure-")}


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")
    return client


def made_by(user: User, query: str) -> tuple[str, str]:
    """The paths of a new personal address: of the calendar and of the news."""
    answer = signed(user).post(f"/subscribe/new/?{query}")
    shown = html.fromstring(answer.content.decode()).xpath("//*[@role='status']//*[contains(@class, 'secret')]/text()")
    calendar, news = (address.partition("//")[2].partition("/")[2] for address in shown)
    assert "no-store" in answer["Cache-Control"]
    return f"/{calendar}", f"/{news}"


class TestPublic:
    def test_news_are_valid_newest_first_and_the_same_again(self, client: Client, demo: ReformList) -> None:
        feed = atom(client, "/timeline/changes.atom")
        moments = [entry.findtext(f"{ATOM}updated") for entry in feed.findall(f"{ATOM}entry")]
        assert len(moments) == 100
        assert moments == sorted(moments, reverse=True)
        again = atom(client, "/timeline/changes.atom")
        assert [one.findtext(f"{ATOM}id") for one in feed] == [one.findtext(f"{ATOM}id") for one in again]
        assert any("状态由“" in title for title in titles(feed))

    @pytest.mark.parametrize("query", ["section=5", "list=shenzhen-2022", "light=overdue", "agency=市交通运输局"])
    def test_of_a_choice_only_its_measures_are_told(self, client: Client, demo: ReformList, query: str) -> None:
        feed = atom(client, f"/timeline/changes.atom?{query}")
        links = [link.get("href") for link in feed.iterfind(f"{ATOM}entry/{ATOM}link")]
        pages = {link for link in links if "/measures/" in link}
        chosen = set(asked(f"?{query}").measures(every_disposition=True).values_list("pk", flat=True))
        assert pages
        assert {int(page.rstrip("/").rpartition("/")[2]) for page in pages} <= chosen

    @pytest.mark.parametrize("query", ["", "section=5", "light=overdue", "id=7", "on=2022-05-01", "search=无此词"])
    def test_of_many_measures_the_same_is_told_as_of_few(
        self, demo: ReformList, query: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def told() -> bytes:
            return news.news_of(asked(f"?{query}"), name="", own="", page="")

        few = told()
        monkeypatch.setattr(news, "FEW", -1)
        monkeypatch.setattr(news, "NEAR", 1)
        assert told() == few
        monkeypatch.setattr(news, "_holds", lambda _is_asked, _pk: False)
        assert (told() == few) == (query == "search=无此词")

    def test_one_measure_is_told_from_its_beginning(self, client: Client, demo: ReformList, led: Measure) -> None:
        feed = atom(client, f"/timeline/changes.atom?id={led.pk}")
        assert titles(feed)[-1].endswith("：列入清单")
        assert led.title[:8] in feed.findtext(f"{ATOM}title")
        assert uids(client, f"/timeline/deadlines.ics?id={led.pk}") == {led.pk}

    def test_a_list_is_told_as_one_edition_and_not_row_by_row(self, client: Client, public: ReformList) -> None:
        assert [title.partition("：")[2] for title in titles(atom(client, "/timeline/changes.atom"))] == [
            "第1版生效：新增216条，调整0条，调出0条"
        ]

    def test_of_a_past_day_what_had_happened_by_then(self, client: Client, demo: ReformList) -> None:
        feed = atom(client, "/timeline/changes.atom?on=2022-05-01")
        days = {tuple(map(int, re.findall(r"\d+", one.text)[:3])) for one in feed.iter(f"{ATOM}summary")}
        assert days
        assert max(days) <= (2022, 5, 1)

    def test_who_has_it_is_told_so(self, client: Client, public: ReformList, led: Measure, office: Cast) -> None:
        for address in ("/timeline/deadlines.ics", "/timeline/changes.atom"):
            first = client.get(address)
            assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
            assert not first.cookies
        before = client.get("/timeline/deadlines.ics")["ETag"]
        adjust_deadline(led.pk, dt.date(2022, 9, 1), reference="1", seen=None, who=acting(office.supervisor), on=ON)
        assert client.get("/timeline/deadlines.ics", headers={"If-None-Match": before}).status_code == 200

    def test_whoever_asks_gets_what_visitors_get(self, demo: ReformList, office: Cast, led: Measure) -> None:
        ReformList.objects.update(public_status=False)
        submit_report(led.pk, office.agency.pk, ReportContent(progress=SECRET), who=acting(office.reporter), on=ON)
        for address in ("/timeline/deadlines.ics", f"/timeline/changes.atom?id={led.pk}"):
            assert signed(office.supervisor).get(address).content == Client().get(address).content
        assert SECRET not in said(atom(signed(office.supervisor), f"/timeline/changes.atom?id={led.pk}"))

    def test_in_english_where_the_address_says_so(self, client: Client, demo: ReformList) -> None:
        feed = atom(client, "/timeline/changes.atom?section=5&lang=en")
        assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
        assert any("Status" in title for title in titles(feed))

    def test_a_stopped_measure_is_told_of(self, client: Client, public: ReformList, led: Measure, office: Cast) -> None:
        dispose(led.pk, Disposition.CANCELLED, reason="并入", seen=None, who=acting(office.supervisor), on=ON)
        assert titles(atom(client, "/timeline/changes.atom"))[0].endswith("：终止")
        assert "并入" not in said(atom(client, "/timeline/changes.atom")), "reasons are internal"


class TestPersonal:
    def test_ones_own_agency_by_duties(self, demo: ReformList, reporter: User, transport: Agency) -> None:
        calendar, news = made_by(reporter, "agency=me")
        dated = Duty.objects.of([transport.pk]).exclude(measure__deadline_in_force=None)
        assert uids(Client(), calendar) == set(dated.values_list("measure", flat=True))
        assert atom(Client(), news).findtext(f"{ATOM}title") == "改革事项动态：本单位承担的举措"

    def test_it_tells_what_its_owner_may_read_and_asks_anew_each_time(
        self, demo: ReformList, office: Cast, led: Measure, market: Agency
    ) -> None:
        _calendar, news = made_by(office.reporter, f"id={led.pk}")
        submit_report(led.pk, office.agency.pk, ReportContent(progress=SECRET), who=acting(office.reporter), on=ON)
        assert SECRET in said(atom(Client(), news))
        # Moved to an agency that has nothing to do with the measure.
        Membership.objects.filter(user=office.reporter).update(agency=market, role=Role.VIEWER)
        if not Duty.objects.of([market.pk]).filter(measure=led).exists():
            assert SECRET not in said(atom(Client(), news))

    @pytest.mark.parametrize("lost", ["no role", "shut out"])
    def test_without_rights_it_is_gone(self, demo: ReformList, reporter: User, lost: str) -> None:
        addresses = made_by(reporter, "agency=me")
        if lost == "no role":
            Membership.objects.filter(user=reporter).delete()
        else:
            User.objects.filter(pk=reporter.pk).update(is_active=False)
        for address in addresses:
            answer = Client().get(address)
            assert answer.status_code == 410
            assert "VEVENT" not in answer.content.decode()

    def test_a_list_that_was_closed_to_agencies_is_gone(self, demo: ReformList, reporter: User) -> None:
        calendar, _news = made_by(reporter, "list=shenzhen-2022")
        assert uids(Client(), calendar)
        ReformList.objects.update(open_to="office")
        assert Client().get(calendar).status_code == 410

    def test_a_view_is_followed_and_ends_with_it(self, demo: ReformList, reporter: User, person: PersonMaker) -> None:
        owner = person(Role.SUPERVISOR, username="owner")
        view = SavedView.objects.create(user=owner, name="临近", query="section=5", shared_with="everybody")
        calendar, _news = made_by(reporter, f"view={view.pk}")
        assert uids(Client(), calendar) == set(
            asked("?section=5").measures().exclude(deadline_in_force=None).values_list("pk", flat=True)
        )
        SavedView.objects.update(query="section=1")
        assert uids(Client(), calendar) == set(
            asked("?section=1").measures().exclude(deadline_in_force=None).values_list("pk", flat=True)
        )
        SavedView.objects.update(shared_with="nobody")
        assert Client().get(calendar).status_code == 410
        view.delete()
        assert Client().get(calendar).status_code == 404

    def test_renewed_the_old_address_opens_nothing_and_ended_none_does(self, demo: ReformList, reporter: User) -> None:
        old, _news = made_by(reporter, "section=5")
        feed = PersonalFeed.objects.get()
        page = signed(reporter).post(f"/account/feeds/{feed.pk}/renew/").content.decode()
        new = "/" + html.fromstring(page).xpath("//*[@class='mono secret']/text()")[0].split("/", 3)[3]
        assert (Client().get(old).status_code, Client().get(new).status_code) == (404, 200)
        assert "任务类别" in signed(reporter).get("/account/").content.decode()
        signed(reporter).post(f"/account/feeds/{feed.pk}/end/")
        assert Client().get(new).status_code == 404
        assert not PersonalFeed.objects.exists()

    def test_nobody_elses_can_be_touched(self, demo: ReformList, reporter: User, office: Cast) -> None:
        made_by(reporter, "section=5")
        feed = PersonalFeed.objects.get()
        for act in ("renew", "end"):
            assert signed(office.supervisor).post(f"/account/feeds/{feed.pk}/{act}/").status_code == 404

    def test_the_key_is_kept_nowhere_and_the_answer_in_no_ones_cache(self, demo: ReformList, reporter: User) -> None:
        calendar, _news = made_by(reporter, "section=5")
        assert calendar.split("/")[2] not in str(PersonalFeed.objects.values().get())
        first = Client().get(calendar)
        assert "private" in first["Cache-Control"]
        assert not first.cookies
        assert Client().get(calendar, headers={"If-None-Match": first["ETag"]}).status_code == 304

    def test_no_more_than_so_many(self, demo: ReformList, reporter: User) -> None:
        for number in range(20):
            PersonalFeed.objects.create(user=reporter, name="x", digest=str(number), made_at=dt.datetime.now(dt.UTC))
        assert signed(reporter).post("/subscribe/new/?section=5", follow=True).content.decode().count("最多20个") >= 1
        assert PersonalFeed.objects.count() == 20


class TestPage:
    @pytest.mark.parametrize(
        "page", ["/measures/?section=5", "/timeline/?section=5", "/lists/shenzhen-2022/sections/5/", "/agencies/{}/"]
    )
    def test_a_page_names_its_feeds_and_leads_to_the_explanation(
        self, client: Client, demo: ReformList, transport: Agency, page: str
    ) -> None:
        tree = html.fromstring(client.get(page.format(transport.pk)).content.decode())
        feeds = tree.xpath("//head/link[@rel='alternate' and starts-with(@type, 'application/atom')]/@href")
        atom(client, feeds[0])
        told = html.fromstring(client.get(tree.xpath("//main//a[contains(@href, '/subscribe/')]/@href")[0]).content)
        for address in told.xpath("//*[contains(@class, 'secret')]/text()"):
            assert client.get("/" + address.split("/", 3)[3]).status_code == 200

    def test_what_is_not_public_has_no_public_address(self, reporter: User, reform_list: ReformList) -> None:
        ReformList.objects.update(open_to="agencies")
        page = signed(reporter).get("/subscribe/?list=shenzhen-2022").content.decode()
        assert "没有公开地址" in page
        assert "生成个人地址" in page
        assert "生成个人地址" not in Client().get("/subscribe/").content.decode()
