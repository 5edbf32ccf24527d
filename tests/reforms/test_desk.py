"""我的工作台: what waits for the person who signed in, what is late first."""

from collections.abc import Callable

from django.test import Client

from agencies.models import Agency, Role, User
from reforms.models import Duty, Measure, ReformList
from tests.conftest import PersonMaker

SignIn = Callable[[User], Client]


def test_it_holds_what_the_agency_must_act_on_by_light(
    signed_in: SignIn, reporter: User, demo: ReformList, transport: Agency
) -> None:
    context = signed_in(reporter).get("/desk/").context
    held = set(Measure.objects.held_by([transport.pk]).values_list("pk", flat=True))
    waiting = [row.id for _light, rows in context["groups"] for row in rows]
    assert context["held"] == len(held) > 0
    assert len(waiting) + context["settled"] == len(held)
    assert set(waiting) <= held
    assert all(row.light == light for light, rows in context["groups"] for row in rows)


def test_it_says_how_many_and_links_to_them(signed_in: SignIn, reporter: User, transport: Agency) -> None:
    client = signed_in(reporter)
    held = client.get("/desk/").context["held"]
    assert client.get("/measures/?agency=me").context["page"].paginator.count == held


def test_it_shows_what_comes_through_a_group(signed_in: SignIn, person: PersonMaker, reform_list: ReformList) -> None:
    futian = Agency.objects.get(name="福田区政府")
    client = signed_in(person(Role.REPORTER, agency=futian))
    through = Duty.objects.filter(agency=futian).exclude(via=None)[0].measure
    Measure.objects.filter(pk=through.pk).update(is_standing=False, status="not_reported")
    assert f"/measures/{through.pk}/report/" in client.get("/desk/").content.decode()


def test_it_offers_reporting_only_to_who_may_report(
    signed_in: SignIn, person: PersonMaker, transport: Agency, led: Measure
) -> None:
    assert "/report/" not in signed_in(person(Role.VIEWER, agency=transport)).get("/desk/").content.decode()
    assert f"/measures/{led.pk}/report/" in (
        signed_in(person(Role.REPORTER, agency=transport)).get("/desk/").content.decode()
    )


def test_it_says_so_when_nothing_waits(signed_in: SignIn, person: PersonMaker) -> None:
    idle = Agency.objects.create(name="市闲置办")
    assert "没有待办的举措" in signed_in(person(Role.REPORTER, agency=idle)).get("/desk/").content.decode()


def test_nobody_sees_the_desk_unsigned(client: Client, reform_list: ReformList) -> None:
    assert client.get("/desk/")["Location"] == "/sign-in/?next=/desk/"
