"""未报送: who has not reported in a period, for the office and for an agency itself."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from agencies.models import Agency, Role, User
from reforms.models import Measure, Notice, ProgressReport, ReformList
from reforms.reports.periods import by_agency, unreported
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import verify_claim
from tests.conftest import ON, SLUG, PersonMaker
from tests.reforms.pages.test_queries import queries
from tests.reforms.people import Cast, acting, attach
from tests.reforms.reports.late import late_claimants
from tests.reforms.shown import get

SignIn = Callable[[User], Client]
MAY, JUNE_1 = dt.date(2022, 5, 10), dt.date(2022, 6, 1)


@pytest.fixture
def cast(person: PersonMaker, transport: Agency) -> Cast:
    return Cast(person, transport)


def say(measure: Measure, cast: Cast, on: dt.date, said: ReportContent | None = None) -> ProgressReport:
    return submit_report(
        measure.pk, cast.agency.pk, said or ReportContent(progress="推进中。"), who=acting(cast.reporter), on=on
    )


def owes(measure: Measure, cast: Cast, on: dt.date) -> bool:
    return unreported(on).filter(measure=measure, agency=cast.agency).exists()


def test_it_is_asked_in_few_terms_however_many_lists_there_are(demo: ReformList) -> None:
    before = list(unreported(ON).order_by("pk"))
    lists = [
        ReformList(slug=f"city-{number}", title=f"第{number}号清单", year=2022, report_every=every)
        for number in range(600)
        for every in [("month", "quarter", "half_year", "never")[number % 4]]
    ]
    ReformList.objects.bulk_create(lists)
    assert list(unreported(ON).order_by("pk")) == before
    assert len(before) > 100
    assert list(unreported(ON, [demo]).order_by("pk")) == before
    assert not unreported(ON, ReformList.objects.exclude(pk=demo.pk)).exists()


def test_a_report_answers_for_its_own_period_only(led: Measure, cast: Cast) -> None:
    say(led, cast, MAY)
    assert [owes(led, cast, on) for on in (dt.date(2022, 4, 30), MAY, ON)] == [True, False, True]
    say(led, cast, ON)
    assert [owes(led, cast, on) for on in (MAY, ON)] == [False, False]


def test_who_claimed_by_the_end_of_a_period_owes_nothing_from_then_on(led: Measure, cast: Cast) -> None:
    attach(led, cast.agency, cast.reporter)
    claim = say(led, cast, MAY, ReportContent(progress="完成。", is_claim=True))
    verify_claim(claim.pk, seen=None, who=acting(cast.supervisor), on=ON)
    assert [owes(led, cast, on) for on in (dt.date(2022, 4, 1), MAY, ON)] == [True, False, False]


def test_nothing_is_owed_before_the_year_of_the_list_or_where_none_is_asked(
    reform_list: ReformList, led: Measure, cast: Cast
) -> None:
    assert not unreported(dt.date(2021, 12, 31)).exists()
    reform_list.report_every = "never"
    reform_list.save()
    assert not owes(led, cast, ON)


def test_late_claimants_are_those_whose_overdue_measures_wait_for_them(demo: ReformList) -> None:
    late = late_claimants(ON)
    assert late.exists()
    overdue = set(Measure.objects.counted().with_light(ON).filter(light="overdue").values_list("pk", flat=True))
    assert {duty.measure_id for duty in late} <= overdue
    assert {duty.part for duty in late} == {"lead"}


def test_the_office_sees_every_agency_with_its_number_and_the_rows_behind_it(
    signed_in: SignIn, person: PersonMaker, demo: ReformList
) -> None:
    client = signed_in(person(Role.AUDITOR))
    context = client.get("/unreported/").context
    first = context["owing"][0].owing
    assert sum(row.owing.count for row in context["owing"]) == unreported(ON).count()
    rows = client.get(f"/unreported/?agency={first.agency.pk}").context["duties"]
    assert rows.paginator.count == first.count
    assert "催办勾选" not in client.get("/unreported/").content.decode()


def test_an_agency_sees_its_own_only(signed_in: SignIn, reporter: User, transport: Agency, market: Agency) -> None:
    client = signed_in(reporter)
    context = client.get("/unreported/").context
    assert {duty.agency for duty in context["duties"]} == {transport}
    assert not client.get(f"/unreported/?agency={market.pk}").context["owing"]
    assert client.post("/unreported/", {"agency": [transport.pk]}).status_code == 403


def test_the_office_chases_those_it_ticks(signed_in: SignIn, cast: Cast, market: Agency, led: Measure) -> None:
    client = signed_in(cast.supervisor)
    sent = client.post(f"/unreported/?list={SLUG}", {"agency": [cast.agency.pk], "words": "请今天报送。"}, follow=True)
    assert "已催办1个单位" in sent.content.decode()
    told = Notice.objects.get(kind="chased")
    assert (told.agency, told.facts["words"]) == (cast.agency, "请今天报送。")
    nobody = client.post("/unreported/", {"words": "请报送。"}, follow=True)
    assert "请先勾选" in nobody.content.decode()


def test_for_a_past_period_nobody_is_chased(signed_in: SignIn, cast: Cast) -> None:
    client = signed_in(cast.supervisor)
    assert "催办勾选" not in client.get("/unreported/?on=2022-03-01").content.decode()
    assert client.post("/unreported/?on=2022-03-01", {"agency": [cast.agency.pk]}).status_code == 403
    assert not Notice.objects.exists()


def test_the_csv_has_one_row_a_duty(signed_in: SignIn, cast: Cast) -> None:
    client = signed_in(cast.supervisor)
    response = client.get(f"/unreported/export/csv/?agency={cast.agency.pk}")
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("单位,清单,序号")
    assert len(lines) - 1 == unreported(ON).of([cast.agency.pk]).count()


@pytest.mark.parametrize(
    ("query", "struck"),
    [
        ("agency=x", ["单位：x"]),
        ("list=none", ["清单：none"]),
        ("on=2022-13-01", ["含此日的报送期：2022-13-01"]),
        ("overdue=maybe", ["逾期未报：maybe"]),
        ("colour=red", []),
    ],
)
def test_what_the_address_cannot_mean_is_struck_out(
    signed_in: SignIn, cast: Cast, query: str, struck: list[str]
) -> None:
    client = signed_in(cast.supervisor)
    page = get(client, f"/unreported/?{query}&late=true")
    assert (page.status, page.struck, page.unknown) == (200, struck, [] if struck else ["colour"])
    assert page.tree.xpath('//input[@name="late"]/@value') == ["true"]
    assert client.get(f"/unreported/export/csv/?{query}").status_code == (302 if struck else 200)


def test_an_agencys_page_shows_what_it_owes_to_those_who_may_read_it(
    signed_in: SignIn, cast: Cast, person: PersonMaker, market: Agency
) -> None:
    address = cast.agency.get_absolute_url()
    assert "本期未报送" in signed_in(cast.supervisor).get(address).content.decode()
    assert "本期未报送" in signed_in(cast.reporter).get(address).content.decode()
    other = person(Role.REPORTER, agency=market)
    assert "本期未报送" not in signed_in(other).get(address).content.decode()
    assert "本期未报送" not in Client().get(address).content.decode()


def test_many_agencies_take_no_more_queries_than_few(signed_in: SignIn, cast: Cast) -> None:
    client = signed_in(cast.supervisor)
    queries(client, "/unreported/")
    many, every = len(by_agency(unreported(ON))), queries(client, "/unreported/")
    Measure.objects.exclude(section__number=9).update(disposition="suspended")
    assert 0 < len(by_agency(unreported(ON))) < many
    assert queries(client, "/unreported/") == every
