"""The desk of the 督办 office: what waits for it, each number with the rows behind it."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from agencies.access import Principal
from agencies.models import Agency, Role, User
from reforms.desk.office import SHOWN, OfficeDesk, office_groups
from reforms.models import Duty, Matter, Measure, Notice, ProgressReport, ReformList
from reforms.reports.acknowledge import acknowledge, to_acknowledge
from reforms.reports.periods import unreported
from reforms.review.extensions import ExtensionTerms, ask_extension
from tests.conftest import ON, PersonMaker
from tests.reforms.many import many_lists
from tests.reforms.pages.test_queries import queries
from tests.reforms.people import Cast, acting
from tests.reforms.reports.late import late_claimants

SignIn = Callable[[User], Client]


@pytest.fixture
def cast(person: PersonMaker, transport: Agency) -> Cast:
    return Cast(person, transport)


def desk_of(user: User) -> OfficeDesk:
    desk = office_groups(Principal.of_user(user), ON)
    assert desk
    return desk


def test_it_counts_what_waits_for_the_office(demo: ReformList, cast: Cast) -> None:
    desk = desk_of(cast.supervisor)
    assert desk.claims.count == ProgressReport.objects.filter(state="under_review").count() > 0
    assert desk.matters.count == Matter.objects.living().count() > 0
    assert desk.silent_duties == unreported(ON).count() > 0
    assert desk.late_duties == late_claimants(ON).count() > 0
    assert desk.extensions.count == 0


def test_every_number_is_a_link_to_as_many_rows(demo: ReformList, cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.supervisor)
    desk = client.get("/desk/").context["office"]
    text = client.get("/desk/").content.decode()
    for address, count in (
        ("/unreported/", desk.silent_duties),
        ("/unreported/?overdue=true", desk.late_duties),
    ):
        assert f'href="{address}">{count}</a>' in text
        assert sum(row.owing.count for row in client.get(address).context["owing"]) == count
    assert f'href="/matters/">{desk.matters.count}</a>' in text
    assert client.get("/matters/").context["page"].paginator.count == desk.matters.count
    late = desk.late[0]
    assert len(client.get(f"/unreported/?overdue=true&agency={late.agency.pk}").context["duties"]) == late.count


def test_an_extension_that_is_asked_for_waits_there(led: Measure, cast: Cast, signed_in: SignIn) -> None:
    wanted = ExtensionTerms(until=dt.date(2022, 9, 30), reason="上级文件尚未印发。")
    ask_extension(led.pk, cast.agency.pk, wanted, who=acting(cast.reporter), on=ON)
    assert desk_of(cast.supervisor).extensions.count == 1
    assert "2022年6月30日 → 2022年9月30日" in signed_in(cast.supervisor).get("/desk/").content.decode()


def test_who_has_not_taken_note_of_the_edition_in_force_is_named(reform_list: ReformList, cast: Cast) -> None:
    edition = reform_list.editions.get(is_in_force=True)
    (before,) = desk_of(cast.supervisor).not_taken.first
    assert before.edition == edition
    assert cast.agency in before.agencies
    assert desk_of(cast.supervisor).not_taken.pairs == Duty.objects.values("agency").distinct().count()
    acknowledge(edition.pk, cast.agency.pk, who=acting(cast.reporter), on=ON)
    (after,) = desk_of(cast.supervisor).not_taken.first
    assert cast.agency not in after.agencies


def test_of_many_lists_the_latest_that_waits_is_named_first(demo: ReformList, cast: Cast) -> None:
    many_lists(demo, SHOWN + 2)
    waiting = to_acknowledge()
    latest = sorted({edition.reform_list for edition, _agency in waiting}, key=lambda one: (-one.year, -one.pk))
    found = desk_of(cast.supervisor).not_taken
    assert [one.edition.reform_list for one in found.first] == latest[:SHOWN]
    assert (found.pairs, found.editions) == (len(waiting), len(latest))
    named = {(one.edition, agency.pk) for one in found.first for agency in one.agencies}
    assert named == {pair for pair in waiting if pair[0].reform_list in latest[:SHOWN]}


def test_it_chases_from_the_desk(demo: ReformList, cast: Cast, signed_in: SignIn) -> None:
    late = desk_of(cast.supervisor).late[0]
    signed_in(cast.supervisor).post("/unreported/?overdue=true", {"agency": [late.agency.pk]})
    told = Notice.objects.get(kind="chased")
    assert (told.agency, told.facts["count"]) == (late.agency, late.count)


@pytest.mark.parametrize("role", [Role.REPORTER, Role.HEAD, Role.AUDITOR, Role.ADMINISTRATOR])
def test_nobody_else_has_it(person: PersonMaker, transport: Agency, role: Role) -> None:
    assert office_groups(Principal.of_user(person(role, agency=transport)), ON) is None


def test_a_full_desk_takes_no_more_queries_than_an_emptier_one(demo: ReformList, cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.supervisor)
    queries(client, "/desk/")
    full = queries(client, "/desk/")
    Measure.objects.exclude(section__number__in=(1, 9)).update(disposition="suspended")
    assert queries(client, "/desk/") <= full
    assert full <= 47
