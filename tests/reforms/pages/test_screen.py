"""大屏: what a wall shows, to whom, and from where."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from agencies.models import Agency, Change, Role, Screen, User
from reforms.models import Measure, ReformList
from reforms.pages.screen import LINES, ROWS, Scene
from tests.conftest import PersonMaker, with_another_end
from tests.reforms.shown import LEADS, get, plain, words

SignIn = Callable[[User], Client]


@pytest.fixture
def administrator(signed_in: SignIn, person: PersonMaker) -> Client:
    return signed_in(person(Role.ADMINISTRATOR))


def make(client: Client, networks: str, agency: Agency) -> Any:
    return client.post("/screens/", {"agency": agency.pk, "name": "三楼大厅", "networks": networks})


def address_of(client: Client, networks: str, agency: Agency) -> str:
    return re.sub(r"^https?://[^/]+", "", make(client, networks, agency).context["address"])


def scenes(client: Client, address: str = "/screen/", **extra: str) -> list[str]:
    return re.findall(r'<section class="scene" id="(\w+)"', client.get(address, **extra).content.decode())


def test_its_numbers_are_those_of_the_overview(signed_in: SignIn, person: PersonMaker, demo: ReformList) -> None:
    client = signed_in(person(Role.SUPERVISOR))
    wall, overview = client.get("/screen/"), client.get("/")
    assert scenes(client) == Scene.values
    assert wall.context["totals"] == overview.context["numbers"].totals
    shown = plain(wall.content.decode())
    for counted in overview.context["numbers"].totals.lights:
        assert f"{counted.light.label}{counted.count}" in re.sub(r"\s", "", shown)
    assert [one.total for one in wall.context["lines"]] == [one.total for one in overview.context["table"].lines][
        :LINES
    ]
    assert '<a href="/' not in wall.content.decode(), "nothing on a wall is pressed"


def test_a_scene_that_has_room_for_the_first_says_how_many_there_are(
    signed_in: SignIn, person: PersonMaker, demo: ReformList
) -> None:
    client = signed_in(person(Role.SUPERVISOR))
    heads = {one.get("id"): words(one) for one in get(client, "/screen/").tree.xpath("//section/h1")}
    soon = client.get("/measures/?light=due_soon").context["page"].paginator.count
    assert soon > ROWS
    assert heads["title-soon"] == f"30天内到期 共{soon}条"
    assert heads["title-overdue"] == "逾期举措 共3条"
    this_week = words(get(client, "/").tree.xpath('//h2[@id="news"]')[0])
    assert heads["title-latest"] == re.sub(r"(\d+) ", r"共\1", this_week)
    assert heads["title-agencies"] == f"各单位牵头情况 共{len(LEADS)}家"


def test_measures_of_one_item_are_told_apart_by_how_they_begin(
    signed_in: SignIn, person: PersonMaker, demo: ReformList
) -> None:
    client = signed_in(person(Role.SUPERVISOR))
    rows = [words(one) for one in get(client, "/screen/").tree.xpath('//section[@id="soon"]//p[@class="what"]')]
    assert rows[0].startswith("第51项第2条 推进区块链技术在政务服务、医疗服务、物流领域的应用 试点推行基于区块链")
    assert len(set(rows)) == ROWS


def test_the_wall_of_one_list_counts_its_agencies_in_it_alone(
    signed_in: SignIn, person: PersonMaker, demo: ReformList, led: Measure
) -> None:
    other = ReformList.objects.create(slug="other", title="另一份清单", year=2022, open_to="public")
    Measure.objects.filter(pk=led.pk).update(reform_list=other)
    client = signed_in(person(Role.SUPERVISOR))
    [line] = client.get("/screen/?list=other&scenes=agencies").context["leads"]
    assert (str(line.subject), line.total) == ("市交通运输局", 1)


def test_a_visitor_sees_what_is_public_alone(client: Client, demo: ReformList) -> None:
    ReformList.objects.update(public_status=False)
    assert scenes(client) == ["totals", "sections", "course", "soon"]
    assert "逾期" not in re.sub(r"黄灯.*", "", plain(client.get("/screen/").content.decode()))
    ReformList.objects.update(open_to="agencies")
    assert "还没有公开的清单。" in client.get("/screen/").content.decode()


def test_scenes_and_seconds_are_chosen_in_the_address_and_nonsense_is_not_heeded(
    client: Client, demo: ReformList
) -> None:
    ReformList.objects.update(public_status=True)
    assert scenes(client, "/screen/?scenes=soon,totals") == ["totals", "soon"]
    assert scenes(client, "/screen/?scenes=weather") == scenes(client)
    seconds = [client.get(f"/screen/?seconds={asked}").context["wall"].seconds for asked in ("30", "1", "9999", "soon")]
    assert seconds == [30, 5, 120, 15]
    assert client.get("/screen/?list=no-such-list").status_code == 404


def test_a_screen_opens_without_signing_in_from_its_own_addresses_only(
    administrator: Client, demo: ReformList, transport: Agency
) -> None:
    ReformList.objects.update(public_status=False)
    address = address_of(administrator, "10.20.3.0/24\n2001:db8:1:2::/64", transport)
    wall = Client()
    assert scenes(wall, address, REMOTE_ADDR="10.20.3.15") == Scene.values, "it reads as a viewer of its agency"
    assert scenes(wall, address, REMOTE_ADDR="2001:db8:1:2::77") == Scene.values
    for elsewhere in ("10.20.4.15", "2001:db8:1:3::77", "unknown"):
        assert wall.get(address, REMOTE_ADDR=elsewhere).status_code == 404
    assert wall.get(f"{with_another_end(address[:-1])}/", REMOTE_ADDR="10.20.3.15").status_code == 404
    assert wall.get("/desk/", REMOTE_ADDR="10.20.3.15").status_code == 302, "nobody is signed in by it"


def test_an_ended_address_opens_nothing_and_the_log_tells_of_both(
    administrator: Client, demo: ReformList, transport: Agency
) -> None:
    address = address_of(administrator, "10.20.3.15", transport)
    screen = Screen.objects.get()
    key = address.strip("/").split("/")[1]
    kept = [*Screen.objects.values(), *Change.objects.filter(kind="screen").values()]
    assert key not in str(kept), "the key is kept nowhere"
    assert Client().get(address, REMOTE_ADDR="10.20.3.15").status_code == 200
    screen.refresh_from_db()
    assert screen.last_seen_at
    administrator.post(f"/screens/{screen.pk}/end/")
    assert Client().get(address, REMOTE_ADDR="10.20.3.15").status_code == 404
    assert list(Change.objects.filter(kind="screen").values_list("action", flat=True)) == [
        "screen.made",
        "screen.ended",
    ]


@pytest.mark.parametrize(
    ("networks", "said"),
    [
        ("", "必填"),
        ("三楼", "不是IP地址或网段"),
        ("10.20.3.15/24", "不是IP地址或网段"),
        ("10.0.0.0/8", "范围过大"),
        ("::/0", "范围过大"),
        ("10.20.3.0/24 nonsense", "“nonsense”不是"),
    ],
)
def test_addresses_are_checked(administrator: Client, transport: Agency, networks: str, said: str) -> None:
    answer = make(administrator, networks, transport)
    assert answer.status_code == 422
    assert said in str(answer.context["form"].errors)
    assert not Screen.objects.exists()
