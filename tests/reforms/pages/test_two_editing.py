"""Two people who have the same form open: the second is told who changed what when, and loses nothing of their own."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from lxml import html

from agencies.models import Agency, Role, User
from reforms.models import CalendarDay, Measure, ReformList
from tests.conftest import PersonMaker
from tests.reforms.shown import plain

SignIn = Callable[[User], Client]
Form = dict[str, Any]


def opened(client: Client, address: str) -> Form:
    """What a browser would send of the form on a page, as it stands."""
    page = html.fromstring(client.get(address).content)
    form = next(one for one in page.forms if one.get("method") == "post" and not one.get("action"))
    sent: Form = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in sent.items()}


@pytest.fixture
def two(person: PersonMaker, reform_list: ReformList) -> tuple[Client, Client]:
    """An administrator and a supervisor, who may both name members; each with a browser of their own."""
    found = []
    for name, role in (("anhui", Role.SUPERVISOR), ("bohai", Role.SUPERVISOR)):
        client = Client()
        user = person(role, username=name)
        client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")
        found.append(client)
    return found[0], found[1]


@pytest.fixture
def administrators(person: PersonMaker, reform_list: ReformList) -> tuple[Client, Client]:
    found = []
    for name in ("anhui", "bohai"):
        client = Client()
        user = person(Role.ADMINISTRATOR, username=name)
        client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")
        found.append(client)
    return found[0], found[1]


def told(answer: Any) -> str:
    assert answer.status_code == 409
    [notice] = html.fromstring(answer.content).xpath('//*[@role="alert"]')
    return plain(html.tostring(notice, encoding="unicode"))


def test_an_agency_that_two_edit(administrators: tuple[Client, Client], transport: Agency) -> None:
    first, second = administrators
    address = f"/agencies/{transport.pk}/edit/"
    one, other = opened(first, address), opened(second, address)
    assert first.post(address, one | {"email": "jt@example.cn", "signs_claims": "on"}).status_code == 302
    answer = second.post(address, other | {"name_en": "Transport"})
    assert "anhui" in told(answer)
    assert "jt@example.cn" in told(answer)
    transport.refresh_from_db()
    assert (transport.email, transport.signs_claims, transport.name_en) == ("jt@example.cn", True, "Transport Bureau")
    again = html.fromstring(answer.content).xpath('//form[@class="form"]')[0]
    sent = dict(again.form_values())
    assert sent["name_en"] == "Transport"
    assert second.post(address, sent | {"email": "jt@example.cn", "signs_claims": "on"}).status_code == 302
    transport.refresh_from_db()
    assert (transport.email, transport.signs_claims, transport.name_en) == ("jt@example.cn", True, "Transport")


def test_an_agency_that_was_given_members_meanwhile_is_still_edited(
    administrators: tuple[Client, Client], transport: Agency, market: Agency
) -> None:
    """What another did to another agency, or what the form does not show, is no reason to refuse it."""
    first, second = administrators
    address = f"/agencies/{transport.pk}/edit/"
    other = opened(second, address)
    place = f"/agencies/{market.pk}/edit/"
    first.post(place, opened(first, place) | {"name_en": "Markets"})
    assert second.post(address, other | {"name_en": "Transport"}).status_code == 302


def test_a_group_whose_members_two_choose(two: tuple[Client, Client], transport: Agency, market: Agency) -> None:
    first, second = two
    group = Agency.objects.get(name="各区政府")
    address = f"/agencies/{group.pk}/members/"
    one, other = opened(first, address), opened(second, address)
    preview = first.post(address, one | {"members": [*one["members"], str(transport.pk)]})
    seen = html.fromstring(preview.content).xpath('//form[not(@action)]//button[@name="seen"]/@value')[0]
    confirmed = {"members": [*one["members"], str(transport.pk)], "as_of": one["as_of"], "seen": seen}
    assert first.post(address, confirmed).status_code == 302
    answer = second.post(address, other | {"members": [*other["members"], str(market.pk)]})
    assert "anhui" in told(answer)
    assert transport.name in told(answer)
    ticked = html.fromstring(answer.content).xpath('//input[@name="members"][@checked]/@value')
    assert str(market.pk) in ticked
    assert set(group.members.all()) >= {transport}


def test_members_that_two_name_for_a_measure(two: tuple[Client, Client], transport: Agency, market: Agency) -> None:
    first, second = two
    measure = Measure.objects.filter(assignments__agency__kind=Agency.Kind.OPEN).order_by("row")[0]
    [field] = {f"group-{one.agency_id}" for one in measure.assignments.filter(agency__kind=Agency.Kind.OPEN)}
    address = f"/measures/{measure.pk}/members/"
    one, other = opened(first, address), opened(second, address)
    assert first.post(address, one | {field: [str(transport.pk)]}).status_code == 302
    answer = second.post(address, other | {field: [str(market.pk)]})
    assert "anhui" in told(answer)
    assert transport.name in told(answer)
    assert [named.member for named in measure.named_members.all()] == [transport]


def test_days_that_two_enter(two: tuple[Client, Client]) -> None:
    first, second = two
    address, days = "/calendar/?year=2022", {"first": "2022-08-01", "last": "2022-08-02", "note": "台风停工"}
    one, other = opened(first, address), opened(second, address)
    first.post(address, one | days | {"works": "0"})
    elsewhere = other | {"first": "2022-09-03", "works": "1", "note": "值班"}
    assert second.post(address, elsewhere).status_code == 302, "of other days it is no matter"
    answer = second.post(address, other | {"first": "2022-08-02", "works": "1", "note": "值班"})
    assert "anhui" in told(answer)
    assert "台风停工" in answer.content.decode()
    assert not CalendarDay.objects.get(day="2022-08-02").works


def test_settings_of_a_list_say_who_changed_them(two: tuple[Client, Client], reform_list: ReformList) -> None:
    first, second = two
    address = f"/lists/{reform_list.slug}/settings/"
    one, other = opened(first, address), opened(second, address)
    assert first.post(address, one | {"short_title": "首批清单"}).status_code == 302
    answer = second.post(address, other | {"issuer": "市委改革办"})
    assert answer.status_code == 409
    assert "anhui" in plain(answer.content.decode())
