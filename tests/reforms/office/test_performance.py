"""各单位办理情况: each number is that of the rows it leads to, whoever was merged, printed in a group or suspended."""

import datetime as dt
import io
import re
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from agencies.models import Agency, GroupMember, Role, User
from reforms.duties import derive_duties, measures_beside
from reforms.models import Assignment, Disposition, Duty, Measure, Part, ProgressReport, ReformList
from reforms.office.steer import dispose
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import return_claim
from reforms.review.extensions import adjust_deadline
from tests.conftest import ON, PersonMaker
from tests.reforms.catalogue.test_lists_begin import import_another
from tests.reforms.people import Cast, acting, attach
from tests.reforms.reorganisations import merge_into, report
from tests.reforms.shown import asked, get, words

COLUMNS = ("led", "claimed", "verified", "in_time", "overdue", "moved", "reports", "returned")


def table(client: Client, query: str = "") -> dict[str, dict[str, Any]]:
    """The cells of each agency, over all pages, as elements."""
    found, page = {}, 1
    while True:
        tree = get(client, f"/performance/?page={page}&{query}").tree
        for row in tree.xpath("//table/tbody/tr"):
            name = words(row.xpath("./th/a")[0])
            found[name] = dict(zip(COLUMNS, row.xpath("./td"), strict=True))
        if not tree.xpath('//a[@rel="next"]'):
            return found
        page += 1


def rows_behind(client: Client, who: User, address: str, on: dt.date) -> int:
    """How many rows a link leads to."""
    if address.startswith("/measures/"):
        return asked(address, who=acting(who), on=on).measures().distinct().count()
    said = get(client, address).tree.xpath('//p[@class="said"]//strong/text()')
    return int(said[0])


@pytest.fixture
def office(person: PersonMaker) -> User:
    return person(Role.SUPERVISOR, username="office")


@pytest.fixture
def tangled(demo: ReformList, transport: Agency, market: Agency, office: User) -> ReformList:
    """市交通运输局 was merged into 市市场监管局, which is printed beside most of the same measures itself; the two
    belong to a group; a second list was imported; one measure is suspended, one withdrawn, one has another deadline."""
    import_another(ON)
    beside = Measure.objects.printed_for([transport.pk]).order_by("pk")
    for measure in beside[1:]:
        Assignment.objects.get_or_create(
            measure=measure, agency=market, part=Part.LEAD, defaults={"order": 9, "printed_name": market.name}
        )
    districts = Agency.objects.get(name="各区政府")
    for member in (transport, market):
        GroupMember.objects.create(group=districts, member=member)
    derive_duties(measures_beside(districts))
    derive_duties(list(beside.values_list("pk", flat=True)))
    merge_into(market, transport)
    who, led = acting(office), Measure.objects.printed_for([market.pk], "lead").order_by("pk")
    open_ones = list(led.filter(status="in_progress"))
    dispose(open_ones[0].pk, Disposition.SUSPENDED, reason="机构调整。", seen=None, who=who, on=ON)
    Measure.objects.filter(pk=open_ones[1].pk).update(disposition=Disposition.WITHDRAWN)
    adjust_deadline(open_ones[2].pk, dt.date(2023, 6, 30), reference="〔2022〕9号", seen=None, who=who, on=ON)
    return demo


@pytest.mark.parametrize("query", ["", "list=shenzhen-2022", "on=2022-05-20", "list=shenzhen-2022&on=2022-06-01"])
def test_each_number_is_that_of_its_rows(tangled: ReformList, office: User, signed_in: Any, query: str) -> None:
    client, followed = signed_in(office), set()
    for name, cells in table(client, query).items():
        for column, cell in cells.items():
            for link in cell.xpath(".//a"):
                address = link.get("href")
                followed.add((column, address))
                assert int(words(link)) == rows_behind(client, office, address, ON), (name, column, address)
    assert {"led", "claimed", "verified", "in_time", "reports"} <= {column for column, _address in followed}
    assert len(followed) > 120


def test_percentages_are_of_the_two_numbers_beside_them(tangled: ReformList, office: User, signed_in: Any) -> None:
    seen = 0
    for cells in table(signed_in(office)).values():
        for cell in (cells["in_time"], cells["reports"]):
            if found := re.fullmatch(r"([\d.]+)% (\d+) / (\d+)", words(cell)):
                share, part, whole = float(found[1]), int(found[2]), int(found[3])
                assert share == pytest.approx(100 * part / whole, abs=0.051)
                seen += 1
    assert seen > 20


def test_agencies_stand_in_the_order_of_the_directory(tangled: ReformList, office: User, signed_in: Any) -> None:
    names = list(table(signed_in(office)))
    known = dict(Agency.objects.values_list("name", "pk"))
    assert [known[name] for name in names] == sorted(known[name] for name in names)
    # Who was dissolved is where it is printed; what it had to report its heir reports.
    assert {"市交通运输局", "市市场监管局"} <= set(names)


def test_what_was_suspended_or_withdrawn_is_in_no_number(
    demo: ReformList, market: Agency, office: User, signed_in: Any
) -> None:
    client = signed_in(office)

    def led() -> int:
        return int(words(table(client)[market.name]["led"]))

    before = led()
    one, other = Measure.objects.printed_for([market.pk], "lead").filter(status="in_progress").order_by("pk")[:2]
    dispose(one.pk, Disposition.CANCELLED, reason="不再办理。", seen=None, who=acting(office), on=ON)
    Measure.objects.filter(pk=other.pk).update(disposition=Disposition.WITHDRAWN)
    assert led() == before - 2 == 58


def test_the_day_of_report_divides_in_time_from_late(
    reform_list: ReformList, transport: Agency, office: User, signed_in: Any
) -> None:
    """The day of report of May 2022 was the 25th; June's has not passed on the 15th."""
    ReformList.objects.update(standing_every="none", first_on=dt.date(2022, 1, 1))
    held = Measure.objects.held_by([transport.pk]).filter(is_standing=False).order_by("pk")
    on_the_day, after, in_june = held[:3]
    report(transport, on_the_day, on=dt.date(2022, 5, 25))
    report(transport, after, on=dt.date(2022, 5, 26))
    report(transport, in_june, on=dt.date(2022, 6, 2))
    client = signed_in(office)
    assert words(table(client)[transport.name]["reports"]) == f"{100 / held.count():.1f}% 1 / {held.count()}"
    for outcome, count in (("in_time", 1), ("late", 1), ("missing", held.count() - 2)):
        address = f"/performance/reports/?agency={transport.pk}&outcome={outcome}"
        assert rows_behind(client, office, address, ON) == count, outcome
    # On the day of report itself nobody is judged by it yet.
    assert words(table(client, "on=2022-05-25")[transport.name]["reports"]) == f"0.0% 0 / {held.count()}"


def test_nobody_outside_the_governments_line_is_judged_by_its_reports(
    reform_list: ReformList, office: User, signed_in: Any
) -> None:
    court = Agency.objects.get(name="市中级法院")
    assert court.outside_line
    assert Duty.objects.of([court.pk]).exists()
    assert words(table(signed_in(office))[court.name]["reports"]) == "—"


def test_each_return_of_a_claim_counts(led: Measure, cast: Cast, office: User, signed_in: Any) -> None:
    ReformList.objects.update(open_to="public")
    client = signed_in(office)
    for times in (1, 2):
        attach(led, cast.agency, cast.reporter, f"验收报告{times}.pdf")
        content = ReportContent(progress="已完成。", is_claim=True)
        claim = submit_report(led.pk, cast.agency.pk, content, who=acting(cast.reporter), on=ON)
        return_claim(claim.pk, reason=f"第{times}次退回。", seen=None, who=acting(cast.supervisor), on=ON)
        cell = table(client)[cast.agency.name]["returned"]
        assert int(words(cell)) == times
        assert rows_behind(client, office, cell.xpath("./a/@href")[0], ON) == times
    assert ProgressReport.objects.filter(state="returned").count() == 2


def test_agencies_see_their_own_row_unless_the_list_publishes_such_tables(
    demo: ReformList, transport: Agency, reporter: User, signed_in: Any
) -> None:
    client = signed_in(reporter)
    assert list(table(client)) == [transport.name]
    assert words(table(client)[transport.name]["returned"]) == "0"
    ReformList.objects.update(public_status=True, public_agencies=True)
    everybody = table(client)
    assert len(everybody) > 50
    # How others report is theirs and the office's.
    others = [cells for name, cells in everybody.items() if name != transport.name]
    assert {words(cells["returned"]) for cells in others} == {words(cells["reports"]) for cells in others} == {"—"}


def test_whose_reports_are_not_ones_own_are_not_listed(
    demo: ReformList, market: Agency, reporter: User, signed_in: Any
) -> None:
    page = get(signed_in(reporter), f"/performance/reports/?agency={market.pk}")
    assert page.tree.xpath('//p[@class="said"]//strong/text()') == ["0"]


def test_an_administrator_sees_every_row_but_no_reports(
    demo: ReformList, market: Agency, person: PersonMaker, signed_in: Any
) -> None:
    rows = table(signed_in(person(Role.ADMINISTRATOR)))
    assert words(rows[market.name]["led"]) == "60"
    assert words(rows[market.name]["reports"]) == "—"


def test_the_workbook_says_the_same(tangled: ReformList, office: User, signed_in: Any) -> None:
    client = signed_in(office)
    data = b"".join(client.get("/performance/xlsx/").streaming_content)
    sheet = load_workbook(io.BytesIO(data))["各单位办理情况表"]
    assert "不分先后" in sheet["A2"].value
    headings, *rows = sheet.iter_rows(min_row=3, values_only=True)
    written = {row[0]: dict(zip(headings, row, strict=True)) for row in rows}
    shown = table(client)
    assert list(written) == list(shown)
    for name, cells in shown.items():
        assert int(words(cells["led"])) == written[name]["牵头举措"]
        assert int(words(cells["overdue"])) == written[name]["现逾期"]
        share = words(cells["reports"]).split(" ", maxsplit=1)[0]
        assert share == (written[name]["按时报送率"] or "—")


def test_a_file_of_what_cannot_be_used_leads_to_the_page(reform_list: ReformList, office: User, signed_in: Any) -> None:
    for query in ("list=nowhere", "on=2099-01-01", "on=yesterday"):
        response = signed_in(office).get(f"/performance/xlsx/?{query}")
        assert response.status_code == 302
        assert response.url == f"/performance/?{query}"
