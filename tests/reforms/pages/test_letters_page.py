"""收信设置: resting reminders, naming a substitute, and who sees it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from agencies.models import Agency, LetterPause, Role, User
from reforms.models import ReformList
from tests.conftest import ON, PersonMaker

PAGE = "/letters/"


@pytest.fixture
def chen(person: PersonMaker, transport: Agency) -> User:
    return person(Role.REPORTER, agency=transport, username="chen")


@pytest.fixture
def lin(person: PersonMaker, transport: Agency) -> User:
    return person(Role.REPORTER, agency=transport, username="lin")


@pytest.fixture
def signed_in(client: Client) -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


def fields(agency: Agency, until: str, substitute: User | None = None) -> dict[str, str]:
    name = f"agency-{agency.pk}"
    facts = {"agency": str(agency.pk), f"{name}-until": until}
    return facts | ({f"{name}-substitute": str(substitute.pk)} if substitute else {})


def test_one_rests_and_comes_back(
    signed_in: Callable[[User], Client], chen: User, lin: User, transport: Agency
) -> None:
    browser = signed_in(chen)
    page = browser.post(PAGE, fields(transport, "2022-06-20", lin), follow=True).content.decode()
    assert f"您的提醒信至2022年6月20日由{lin}代收。" in page
    assert "chen@example.org" in page
    seen = signed_in(lin).get(PAGE).content.decode()
    assert f"{chen}（至2022年6月20日）的信由{lin}代收。" in seen, "colleagues are shown it"
    back = signed_in(chen).post(PAGE, {"agency": transport.pk, "resume": "1"}, follow=True).content.decode()
    assert "已恢复收信" in back
    assert not LetterPause.objects.exists()


def test_whoever_is_the_only_reporter_is_told_that_letters_come_all_the_same(
    signed_in: Callable[[User], Client], chen: User, transport: Agency
) -> None:
    page = signed_in(chen).post(PAGE, fields(transport, "2022-06-20"), follow=True).content.decode()
    assert "因没有其他可收信的人员，提醒信仍发给本人" in page


def test_too_long_is_refused_beside_its_field(
    signed_in: Callable[[User], Client], chen: User, transport: Agency
) -> None:
    page = signed_in(chen).post(PAGE, fields(transport, "2022-07-16"))
    assert page.status_code == 422
    assert "30天以内" in page.content.decode()


def test_of_another_agency_there_is_nothing_to_set(
    signed_in: Callable[[User], Client], chen: User, market: Agency
) -> None:
    assert signed_in(chen).post(PAGE, fields(market, "2022-06-20")).status_code == 404


def test_the_office_has_nothing_to_set(signed_in: Callable[[User], Client], person: PersonMaker) -> None:
    page = signed_in(person(Role.SUPERVISOR, username="office")).get(PAGE)
    assert "没有发给您的提醒信" in page.content.decode()


def test_the_offices_preview_and_the_agencys_page_say_it_and_visitors_are_not_told(
    signed_in: Callable[[User], Client],
    client: Client,
    chen: User,
    lin: User,
    transport: Agency,
    person: PersonMaker,
    reform_list: ReformList,
) -> None:
    signed_in(chen).post(PAGE, fields(transport, "2022-06-30"))
    said = f"{chen}（至2022年6月30日）暂不收信"
    supervisor = signed_in(person(Role.SUPERVISOR, username="office"))
    preview = supervisor.get(reverse("reminder-settings", args=[reform_list.slug]), {"on": str(ON)})
    assert said in preview.content.decode()
    digest = next(one for one, _groups in preview.context["digests"] if one.agency == transport)
    assert digest.recipients == ("lin@example.org",)
    page = transport.get_absolute_url()
    assert said in supervisor.get(page).content.decode()
    assert said in signed_in(lin).get(page).content.decode()
    client.logout()
    assert said not in client.get(page).content.decode()
