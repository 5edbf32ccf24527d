"""我的视图: kept under a name, starred on the desk with their count, shared as a query that opens nothing."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client

from agencies.access import Principal
from agencies.models import Agency, Membership, Role, User
from reforms.desk.saved_views import MOST, SharedWith, save_view
from reforms.models import ReformList, SavedView
from tests.conftest import ON, PersonMaker
from tests.reforms.catalogue.test_lists_begin import import_another
from tests.reforms.shown import get, plain, words

NEW = "/measures/views/new/"
EVERYBODY = SavedView.Sharing.EVERYBODY.value


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")
    return client


def saved(user: User, query: str, name: str = "常看", audience: str = "nobody", **more: str) -> HttpResponse:
    """What saving a query by its form answers."""
    data = {"name": name, "audience": audience, "starred": "on"} | more
    return client_of(user).post(f"{NEW}?{query}", data)  # type: ignore[return-value]  # a test response


def errors(response: Any) -> list[str]:
    return [words(one) for one in page_of(response).xpath("//*[@class='error']|//*[@role='alert']//li")]


def page_of(response: Any) -> Any:
    from lxml import html

    return html.fromstring(response.content.decode())


def on_desk(user: User) -> dict[str, str]:
    """The starred views on a desk: name and count, with where each leads."""
    links = get(client_of(user), "/desk/").tree.xpath("//nav[contains(@class, 'starred')]/a")
    return {words(link): link.get("href") for link in links[:-1]}


def listed(user: User) -> list[str]:
    """The names on the page of views, one's own first."""
    return [words(link) for link in get(client_of(user), "/measures/views/").tree.xpath("//ul/li/div[1]/a")]


@pytest.fixture
def office(person: PersonMaker) -> User:
    return person(Role.SUPERVISOR, username="office")


@pytest.fixture
def colleague(person: PersonMaker, transport: Agency) -> User:
    return person(Role.VIEWER, agency=transport, username="colleague")


@pytest.fixture
def stranger(person: PersonMaker, market: Agency) -> User:
    return person(Role.REPORTER, agency=market, username="stranger")


def test_what_is_shown_is_kept_with_filters_order_and_columns(demo: ReformList, reporter: User) -> None:
    query = (
        "light=due_soon&lead=市市场监管局&ordering=-deadline&columns=lead&columns=status&density=compact&page_size=20"
    )
    page = get(client_of(reporter), f"/measures/?{query}&page=2&utm_source=x")
    form = page.tree.xpath("//p[@class='saved']/a/@href")[0]
    response = client_of(reporter).post(form, {"name": "市监临近到期", "audience": "nobody", "starred": "on"})
    assert response.status_code == 302
    shown = get(client_of(reporter), response["Location"])
    first = get(client_of(reporter), f"/measures/?{query}")
    assert (shown.measure_ids, shown.chips, shown.headings) == (first.measure_ids, first.chips, first.headings)
    assert words(shown.tree.xpath("//p[@class='saved']/a[@aria-current]")[0]) == "★市监临近到期"


def test_starred_ones_stand_on_the_desk_with_the_number_of_their_rows(
    demo: ReformList, reporter: User, transport: Agency
) -> None:
    """Readings differ: printed beside, to act on, another list, a past day, what can no longer be used."""
    import_another(ON)
    queries = {
        "本单位的": "agency=me",
        "列有的": f"agency={transport.pk}",
        "另一清单": "list=another&light=awaiting_report",
        "那一天": "on=2022-03-31&light=closed&light=standing",
        "失效": "list=gone-since&light=closed",
    }
    for name, query in queries.items():
        SavedView.objects.create(user=reporter, name=name, query=query).starred_by.add(reporter)
    totals = {name: get(client_of(reporter), f"/measures/?{query}").total for name, query in queries.items()}
    assert len(set(totals.values())) > 3
    assert on_desk(reporter) == {f"{name} {totals[name]}": f"/measures/?{queries[name]}" for name in sorted(queries)}


def test_the_desk_counts_what_its_owner_sees_and_the_reader_what_they_see(
    reform_list: ReformList, office: User, reporter: User
) -> None:
    """A list that is being prepared is the office's alone; a shared view does not open it."""
    import_another(ON)
    ReformList.objects.exclude(pk=reform_list.pk).update(open_to="office")
    assert saved(office, "national=true", "国家任务", EVERYBODY).status_code == 302
    view = SavedView.objects.get()
    view.starred_by.add(reporter)
    counts = {user: next(iter(on_desk(user))) for user in (office, reporter)}
    assert counts[office] != counts[reporter]
    for user, text in counts.items():
        assert text == f"国家任务 {get(client_of(user), view.get_absolute_url()).total}"


def test_a_view_is_its_owner_s_until_it_is_shared(
    demo: ReformList, reporter: User, colleague: User, stranger: User, office: User, transport: Agency
) -> None:
    saved(reporter, "light=overdue", "自用")
    saved(reporter, "light=closed", "本单位用", f"agency-{transport.pk}")
    saved(office, "light=due_soon", "大家用", EVERYBODY)
    assert {user.username: listed(user) for user in (reporter, colleague, stranger, office)} == {
        reporter.username: ["本单位用", "自用", "大家用"],
        "colleague": ["大家用", "本单位用"],
        "stranger": ["大家用"],
        "office": ["大家用"],
    }
    beside = plain(get(client_of(stranger), "/measures/").text)
    assert "大家用" in beside
    assert not [name for name in ("自用", "本单位用") if name in beside]


def test_nobody_shares_with_whom_they_do_not_belong_to(
    demo: ReformList, reporter: User, market: Agency, office: User
) -> None:
    for audience in (EVERYBODY, f"agency-{market.pk}", "agency-", "agency"):
        assert saved(reporter, "", audience=audience).status_code == 422
    who = Principal.of_user(reporter)
    for wanted in (SharedWith(SavedView.Sharing.EVERYBODY), SharedWith(SavedView.Sharing.AGENCY, market.pk)):
        with pytest.raises(PermissionDenied):
            save_view("不可", "", wanted, starred=False, who=who)
    assert not SavedView.objects.exists()
    assert saved(office, "", audience=EVERYBODY).status_code == 302


def test_what_somebody_shared_ends_with_their_place(
    demo: ReformList, reporter: User, colleague: User, office: User, transport: Agency
) -> None:
    saved(reporter, "", "本单位用", f"agency-{transport.pk}")
    saved(office, "", "大家用", EVERYBODY)
    for view in SavedView.objects.all():
        view.starred_by.add(colleague)
    assert len(on_desk(colleague)) == 2
    User.objects.filter(pk=office.pk).update(is_active=False)
    assert listed(colleague) == ["本单位用"]
    Membership.objects.filter(user=reporter).delete()
    assert (listed(colleague), on_desk(colleague)) == ([], {})


def test_only_its_owner_changes_and_removes_a_view(
    demo: ReformList, reporter: User, colleague: User, transport: Agency
) -> None:
    saved(reporter, "light=overdue", "逾期", f"agency-{transport.pk}")
    pk = SavedView.objects.get().pk
    for client in (client_of(colleague), Client()):
        for address in (f"/measures/views/{pk}/", f"/measures/views/{pk}/remove/"):
            assert client.post(address, {"name": "别的", "audience": "nobody"}).status_code in (404, 302)
    assert SavedView.objects.get().name == "逾期"
    own = client_of(reporter)
    assert own.post(f"/measures/views/{pk}/", {"name": "已逾期", "audience": "nobody"}).status_code == 302
    found = SavedView.objects.get()
    assert (found.name, found.shared_with, found.agency, found.query) == ("已逾期", "nobody", None, "light=overdue")
    assert (on_desk(reporter), listed(colleague)) == ({}, [])
    own.post(f"/measures/views/{pk}/remove/")
    assert not SavedView.objects.exists()


def test_a_star_is_one_s_own(demo: ReformList, office: User, colleague: User) -> None:
    saved(office, "light=overdue", "逾期", EVERYBODY)
    pk = SavedView.objects.get().pk
    assert on_desk(colleague) == {}
    client_of(colleague).post(f"/measures/views/{pk}/star/")
    assert on_desk(colleague) == {"逾期 3": "/measures/?light=overdue"}
    client_of(office).post(f"/measures/views/{pk}/star/", {"off": "1"})
    assert (on_desk(office), len(on_desk(colleague))) == ({}, 1)


def test_a_name_that_is_taken_is_said_and_nothing_typed_is_lost(
    demo: ReformList, reporter: User, colleague: User
) -> None:
    saved(reporter, "light=overdue", "常看")
    again = saved(reporter, "light=closed", " 常看 ")
    assert again.status_code == 422
    assert errors(again) == ["您已有名为“常看”的视图，请换一个名称。"]
    assert page_of(again).xpath("//input[@name='name']/@value")[0].strip() == "常看"
    assert saved(colleague, "light=closed", "常看").status_code == 302
    saved(reporter, "light=closed", "另看")
    other = SavedView.objects.get(name="另看").pk
    renamed = client_of(reporter).post(f"/measures/views/{other}/", {"name": "常看", "audience": "nobody"})
    assert errors(renamed) == ["您已有名为“常看”的视图，请换一个名称。"]


def test_there_are_no_more_than_one_can_look_through(demo: ReformList, reporter: User) -> None:
    SavedView.objects.bulk_create(SavedView(user=reporter, name=f"第{n}个", query="") for n in range(MOST))
    assert errors(saved(reporter, "", "再一个")) == [f"最多保存{MOST}个视图，请先删除不用的。"]
    assert SavedView.objects.count() == MOST


def test_visitors_have_none(client: Client, demo: ReformList, office: User) -> None:
    saved(office, "light=overdue", "大家用", EVERYBODY)
    page = get(client, "/measures/")
    assert "大家用" not in page.text
    assert not page.tree.xpath("//p[@class='saved']")
