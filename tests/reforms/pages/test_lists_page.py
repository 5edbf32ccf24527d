"""清单: every list that is open to whoever asks; and what the menu offers to whom."""

from collections.abc import Callable

import pytest
from django.test import Client

from agencies.models import Role, User
from reforms.models import Audience, Measure, ReformList
from tests.conftest import ON, PersonMaker
from tests.reforms.shown import asked, get, plain, words

SignIn = Callable[[User], Client]
OFFICE_ONLY = {"/unreported/", "/matters/"}
KEEPERS_ONLY = {"/lists/"}


def rows(client: Client) -> list[list[str]]:
    return [[words(cell) for cell in row] for row in get(client, "/lists/").tree.xpath("//tbody/tr")]


@pytest.fixture
def second(reform_list: ReformList) -> ReformList:
    """A list that nobody but the office may see yet."""
    return ReformList.objects.create(slug="second", title="第二批清单", year=2023)


def test_visitors_see_what_is_open_to_them(client: Client, reform_list: ReformList, second: ReformList) -> None:
    assert rows(client) == [[str(reform_list), "2022", "216", "第1版"]]
    ReformList.objects.update(open_to=Audience.OFFICE)
    assert "还没有清单" in plain(get(client, "/lists/").text)


def test_the_office_sees_whom_each_is_open_to_and_where_it_is_set(
    reform_list: ReformList, second: ReformList, person: PersonMaker, signed_in: SignIn
) -> None:
    client = signed_in(person(Role.SUPERVISOR))
    shown = {row[0]: row[1:6] for row in rows(client)}
    assert shown["第二批清单"][:2] == ["2023", "0"]
    assert shown["第二批清单"][3] == "督办部门和管理员"
    assert shown[str(reform_list)][:4] == ["2022", "216", "第1版", "所有人"]
    links = get(client, "/lists/").tree.xpath("//tbody//a/@href")
    assert {f"/lists/second/{page}/" for page in ("settings", "working", "reminders")} <= set(links)


def test_archived_lists_come_last_and_their_number_is_their_rows(
    reform_list: ReformList, second: ReformList, person: PersonMaker, signed_in: SignIn
) -> None:
    ReformList.objects.filter(pk=second.pk).update(archived_on=ON)
    Measure.objects.filter(item__number=8).update(disposition="withdrawn")
    found = rows(signed_in(person(Role.SUPERVISOR)))
    assert [row[0] for row in found] == [str(reform_list), "第二批清单 已归档"]
    assert int(found[0][2]) == asked(f"?list={reform_list.slug}").ordered().count() < 216


@pytest.mark.parametrize(
    ("roles", "offered"),
    [
        ((), set()),
        ((Role.REPORTER,), set()),
        ((Role.HEAD,), set()),
        ((Role.AUDITOR,), set()),
        ((Role.ADMINISTRATOR,), KEEPERS_ONLY),
        ((Role.SUPERVISOR,), OFFICE_ONLY | KEEPERS_ONLY),
    ],
)
def test_the_menu_offers_only_what_one_may(
    client: Client, reform_list: ReformList, person: PersonMaker, roles: tuple[Role, ...], offered: set[str]
) -> None:
    if roles:
        client.force_login(person(*roles), backend="agencies.people.sign_in.PasswordBackend")
    menu = set(get(client, "/measures/").tree.xpath('//nav[@class="menu"]/a/@href'))
    assert menu & (OFFICE_ONLY | KEEPERS_ONLY) == offered
    assert {client.get(address).status_code for address in offered} <= {200}


def test_the_sections_of_a_list_show_where_their_measures_stand(client: Client, public: ReformList) -> None:
    heads = [words(head) for head in get(client, public.get_absolute_url()).tree.xpath("(//table)[1]/thead//th")]
    first = [words(cell) for cell in get(client, public.get_absolute_url()).tree.xpath("(//table)[1]/tbody/tr[1]/*")]
    assert heads[:4] == ["任务类别", "事项", "举措", "构成"]
    assert first[:3] == ["1 健全透明规范的市场主体准入退出机制", "25", "27"]
    assert sum(map(int, first[4:])) == 27
    ReformList.objects.update(public_status=False)
    heads = [words(head) for head in get(client, public.get_absolute_url()).tree.xpath("(//table)[1]/thead//th")]
    assert heads == ["任务类别", "事项", "举措"]
