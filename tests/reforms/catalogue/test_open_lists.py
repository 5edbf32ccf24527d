"""Whom a list is open to, what archiving does, and that each list tells its own status, on pages and in the API."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client

from agencies.models import Agency, Role, User
from reforms.models import Audience, Duty, Light, Measure, ProgressReport, ReformList, Reminder
from reforms.reminders.owed import create_owed
from reforms.reports.periods import unreported
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, REAL_LIST, PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.shown import get, words

SignIn = Callable[[User], Client]
OFFICE_ROLES = (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR)


@pytest.fixture
def second(demo: ReformList) -> ReformList:
    """The same list once more, as it stands after it came in: with the office alone."""
    call_command("import_list", str(REAL_LIST), slug="second", yes=True, verbosity=0)
    return ReformList.objects.get(slug="second")


def addresses(of: ReformList) -> list[str]:
    """Every page and answer that is about this list alone."""
    measure = Measure.objects.filter(reform_list=of).order_by("row")[0]
    pages = [of.get_absolute_url(), measure.get_absolute_url(), measure.item.get_absolute_url()]
    pages += [measure.section.get_absolute_url(), f"/?list={of.slug}"]
    edition = f"/lists/{of.slug}/editions/1/"
    pages += [edition, f"{edition}list.csv", f"/lists/{of.slug}/editions/1...1/"]
    return [*pages, f"/api/v1/measures/{measure.pk}", f"/api/v1/items/{measure.item.pk}", f"/api/v1/lists/{of.slug}"]


def test_a_new_list_is_open_to_the_office_alone(second: ReformList) -> None:
    assert second.open_to == Audience.OFFICE


def test_nobody_else_finds_a_list_that_is_being_prepared(
    second: ReformList, client: Client, person: PersonMaker, signed_in: SignIn, transport: Agency
) -> None:
    found = addresses(second)
    for who in (client, signed_in(person(Role.REPORTER, agency=transport)), signed_in(person(Role.HEAD))):
        assert {address: who.get(address).status_code for address in found} == dict.fromkeys(found, 404)


def test_its_name_is_not_told_by_a_filter(
    second: ReformList, client: Client, person: PersonMaker, signed_in: SignIn, transport: Agency
) -> None:
    ReformList.objects.filter(pk=second.pk).update(title="尚在起草的清单", short_title="")
    reporter = signed_in(person(Role.REPORTER, agency=transport))
    for who in (client, reporter):
        for address in (
            "/measures/",
            "/unreported/",
            "/matters/",
            "/measures/?list=second",
            "/unreported/?list=second",
        ):
            assert "尚在起草" not in who.get(address).content.decode()
        unknown = who.get("/api/v1/measures?list=third").json()["errors"]
        hidden = who.get("/api/v1/measures?list=second").json()["errors"]
        assert str(hidden).replace("second", "third") == str(unknown)
    assert "任务类别" in get(client, "/measures/").facet_names  # as with one list


def test_no_form_opens_on_its_measures(
    second: ReformList, person: PersonMaker, signed_in: SignIn, transport: Agency
) -> None:
    duty = Duty.objects.filter(measure__reform_list=second, agency=transport).order_by("measure__row")[0]
    reporter = signed_in(person(Role.REPORTER, agency=transport))
    pk = duty.measure_id
    forms = ["report", "extension", "duty", "members", "draft/discard"]
    found = {name: reporter.get(f"/measures/{pk}/{name}/").status_code for name in forms}
    assert found == dict.fromkeys(forms, 404)
    assert reporter.get(f"/api/v1/measures/{pk}/reports").status_code == 404


@pytest.mark.parametrize("role", OFFICE_ROLES)
def test_the_office_finds_it(second: ReformList, person: PersonMaker, signed_in: SignIn, role: Role) -> None:
    office = signed_in(person(role))
    # The page of an item with one measure is that measure's.
    codes = {address: office.get(address, follow=True).status_code for address in addresses(second)}
    assert {address: code for address, code in codes.items() if code != 200} == {}


def told(client: Client) -> dict[str, object]:
    """What counts and collections say, without naming a list."""
    api = {
        name: client.get(f"/api/v1/{name}?page_size=500").json()["results"] for name in ("lists", "sections", "items")
    }
    stats = client.get("/api/v1/stats").json()
    agencies = {one["id"]: (one["lead"], one["responsible"]) for one in agencies_of(client)}
    changes = client.get("/api/v1/changes?limit=1000").json()["results"]
    return {
        "measures": get(client, "/measures/").total,
        "overview": client.get("/").context["numbers"].totals,
        "stats": (stats["measures"], stats["lists"]),
        "agencies": agencies,
        "changes": len(changes),
        **{name: len(rows) for name, rows in api.items()},
    }


def agencies_of(client: Client) -> list[dict[str, int]]:
    return list(client.get("/api/v1/agencies?page_size=500").json()["results"])


def test_nothing_that_counts_lets_a_list_show_that_is_being_prepared(
    demo: ReformList, client: Client, person: PersonMaker, signed_in: SignIn, transport: Agency
) -> None:
    reporter = signed_in(person(Role.REPORTER, agency=transport))
    before = told(client), told(reporter)
    call_command("import_list", str(REAL_LIST), slug="second", yes=True, verbosity=0)
    assert (told(client), told(reporter)) == before
    ReformList.objects.filter(slug="second").update(open_to=Audience.PUBLIC)
    assert told(client)["measures"] == 432
    assert told(client) != before[0]


def test_what_is_open_to_agencies_is_for_those_who_sign_in(
    second: ReformList, client: Client, person: PersonMaker, signed_in: SignIn
) -> None:
    ReformList.objects.filter(pk=second.pk).update(open_to=Audience.AGENCIES)
    assert client.get(second.get_absolute_url()).status_code == 404
    assert signed_in(person(Role.REPORTER)).get(second.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [(None, None, 200), (0, None, 200), (1, None, 404), (None, 0, 200), (None, -1, 404), (-3, 3, 200)],
)
def test_visitors_read_a_list_on_its_public_days(
    second: ReformList,
    client: Client,
    person: PersonMaker,
    signed_in: SignIn,
    first: int | None,
    last: int | None,
    expected: int,
) -> None:
    days = {"public_from": first, "public_until": last}
    known = {name: None if n is None else ON + dt.timedelta(days=n) for name, n in days.items()}
    ReformList.objects.filter(pk=second.pk).update(open_to=Audience.PUBLIC, **known)
    assert client.get(second.get_absolute_url()).status_code == expected
    assert signed_in(person(Role.REPORTER)).get(second.get_absolute_url()).status_code == 200


def test_agencies_owe_nothing_on_a_list_that_is_being_prepared(second: ReformList, led: Measure, cast: Cast) -> None:
    assert not unreported(ON, [second]).exists()
    theirs = Measure.objects.get(reform_list=second, row=led.row)
    said = ReportContent(progress="已启动。")
    with pytest.raises(ValidationError, match="尚未下达"):
        submit_report(theirs.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON)
    ReformList.objects.filter(pk=second.pk).update(open_to=Audience.AGENCIES)
    assert unreported(ON, [second]).exists()
    submit_report(theirs.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON)


@pytest.fixture
def cast(person: PersonMaker, transport: Agency) -> Cast:
    return Cast(person, transport)


def test_an_archived_list_is_read_at_its_address_and_worked_on_no_longer(
    demo: ReformList, client: Client, led: Measure, cast: Cast, signed_in: SignIn
) -> None:
    Reminder.objects.all().delete()
    ReformList.objects.filter(pk=demo.pk).update(archived_on=ON)
    assert client.get(demo.get_absolute_url()).status_code == client.get(led.get_absolute_url()).status_code == 200
    assert get(client, "/measures/").total == 0
    assert get(client, f"/measures/?list={demo.slug}").total == 216
    assert client.get("/api/v1/stats").json()["measures"] == 0
    assert not unreported(ON).exists()
    assert create_owed(dt.date(2022, 6, 30)) == 0
    assert led.text not in signed_in(cast.reporter).get("/desk/").content.decode()
    with pytest.raises(ValidationError, match="已归档"):
        submit_report(led.pk, cast.agency.pk, ReportContent(progress="迟到。"), who=acting(cast.reporter), on=ON)


def test_what_an_archived_list_left_waiting_is_off_desk_badge_and_queue(
    demo: ReformList, person: PersonMaker, signed_in: SignIn
) -> None:
    """Claims and matters rest with their list, stay at their addresses, and wait again when it is taken up again."""

    def waiting() -> tuple[int, ...]:
        desk = client.get("/desk/").context["office"]
        return (
            desk.claims.count,
            int(str(client.get("/desk/").context["waits_for_review"])),
            len(client.get("/review/").context["page"].object_list),
            desk.matters.count,
            len(client.get("/matters/").context["page"].object_list),
        )

    client = signed_in(person(Role.SUPERVISOR))
    before = waiting()
    assert all(before)
    claim = ProgressReport.objects.in_queue("under_review")[0]
    ReformList.objects.update(archived_on=ON)
    assert waiting() == (0, 0, 0, 0, 0)
    assert client.get(f"/review/claims/{claim.pk}/").status_code == 200
    assert len(client.get(f"/matters/?list={demo.slug}").context["page"].object_list) == before[4]
    ReformList.objects.update(archived_on=None)
    assert waiting() == before


def test_an_overview_without_a_list_in_work_says_why(
    reform_list: ReformList, client: Client, person: PersonMaker, signed_in: SignIn
) -> None:
    def heading(who: Client) -> str:
        return words(get(who, "/").tree.xpath("//h1")[0])

    ReformList.objects.update(archived_on=ON)
    assert heading(client) == "目前没有在办的清单"
    assert get(client, "/").tree.xpath('//main//a[@href="/lists/"]')
    ReformList.objects.update(archived_on=None, open_to=Audience.OFFICE)
    assert heading(client) == "还没有公开的清单"
    assert heading(signed_in(person(Role.REPORTER))) == "还没有清单"


def test_each_list_tells_its_own_status(second: ReformList, client: Client, led: Measure) -> None:
    """Two equal lists, of which one publishes its status: lights are of that one, counts of both."""
    ReformList.objects.filter(pk=second.pk).update(open_to=Audience.PUBLIC)
    page = client.get("/").context
    totals = page["numbers"].totals
    assert (totals.measures, sum(one.count for one in totals.lights)) == (432, 216)
    by_list = {line.subject.slug: (line.total, bool(line.lights)) for line in page["table"].lines}
    assert by_list == {"shenzhen-2022": (216, True), "second": (216, False)}
    for light in Light:
        expected = Measure.objects.filter(reform_list__public_status=True).counted().light_counts(ON)[light]
        assert get(client, f"/measures/?light={light.value}").total == expected
    rows = client.get(f"/measures/?search={led.item.title}").context["rows"]
    assert {(row.list_slug, row.light is None, row.status is None) for row in rows} == {
        ("shenzhen-2022", False, False),
        ("second", True, True),
    }


def test_the_news_of_the_overview_are_those_of_lists_that_tell_their_status(
    second: ReformList, client: Client, cast: Cast, led: Measure
) -> None:
    ReformList.objects.filter(pk=second.pk).update(open_to=Audience.PUBLIC)
    theirs = Measure.objects.get(reform_list=second, row=led.row)
    said = ReportContent(progress="已启动。")
    submit_report(theirs.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON)
    assert theirs.pk not in {news.measure.pk for news in client.get("/").context["news"].first}
    ReformList.objects.filter(pk=second.pk).update(public_status=True)
    assert theirs.pk in {news.measure.pk for news in client.get("/").context["news"].first}


def test_the_feed_does_not_name_what_is_being_prepared(second: ReformList, client: Client) -> None:
    mine = set(Measure.objects.filter(reform_list=second).values_list("pk", flat=True))
    changes = client.get("/api/v1/changes?limit=1000").json()["results"]
    assert not [one for one in changes if one["kind"] == "measure" and one["object_id"] in mine]
    ReformList.objects.filter(pk=second.pk).update(open_to=Audience.PUBLIC)
    after = client.get("/api/v1/changes?limit=1000").json()["results"]
    assert len(after) > len(changes)
