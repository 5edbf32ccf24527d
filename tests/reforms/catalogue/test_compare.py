"""Two days side by side: each number is that of the measures page on its day, each change that of its measures."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from agencies.models import Role, User
from reforms.bulletins.drafts import draft_bulletin, issue_bulletin, submit_bulletin
from reforms.catalogue.compare import FIGURES, TwoDays
from reforms.models import Disposition, Light, Measure, ReformList
from reforms.office.steer import dispose
from reforms.review.extensions import adjust_deadline
from tests.conftest import ON, SLUG, PersonMaker
from tests.reforms.catalogue.test_lists_begin import import_another
from tests.reforms.people import acting
from tests.reforms.shown import asked, get, words

MAY = dt.date(2022, 5, 1)


@pytest.fixture
def office(person: PersonMaker) -> User:
    return person(Role.SUPERVISOR, username="office")


@pytest.fixture
def stirred(demo: ReformList, office: User) -> ReformList:
    """A second list; one measure suspended, one cancelled, one withdrawn, two with another deadline."""
    import_another(ON)
    who = acting(office)
    one, other, third, fourth, fifth = Measure.objects.filter(reform_list=demo, status="in_progress").order_by("pk")[:5]
    dispose(one.pk, Disposition.SUSPENDED, reason="机构调整。", seen=None, who=who, on=ON)
    dispose(other.pk, Disposition.CANCELLED, reason="不再办理。", seen=None, who=who, on=dt.date(2022, 5, 20))
    Measure.objects.filter(pk=third.pk).update(disposition=Disposition.WITHDRAWN)
    adjust_deadline(fourth.pk, dt.date(2023, 6, 30), reference="〔2022〕9号", seen=None, who=who, on=ON)
    adjust_deadline(fifth.pk, dt.date(2022, 4, 30), reference="〔2022〕2号", seen=None, who=who, on=dt.date(2022, 5, 3))
    return demo


def shown_on(query: str, office: User) -> set[int]:
    return set(asked(f"?list={SLUG}&{query}", who=acting(office)).measures().values_list("pk", flat=True))


@pytest.mark.parametrize("later", [ON, dt.date(2022, 6, 1)])
def test_each_number_is_that_of_its_day(stirred: ReformList, office: User, later: dt.date) -> None:
    Measure.objects.filter(disposition=Disposition.WITHDRAWN).update(disposition=Disposition.ACTIVE)
    days = TwoDays(stirred, MAY, later, ON)
    for one in days.differences():
        before = shown_on(f"on={MAY}&{one.query}", office)
        after = shown_on(f"on={later}&{one.query}", office)
        assert (one.before, one.after) == (len(before), len(after)), one.name
        assert one.change == one.came - one.went
        for came, expected in ((True, after - before), (False, before - after)):
            found = set(days.changed(one.name, came=came).values_list("pk", flat=True))
            assert found == expected, (one.name, came)
            assert len(found) == (one.came if came else one.went)


def test_it_sees_what_was_stopped_completed_and_moved(stirred: ReformList) -> None:
    by_name = {one.name: one for one in TwoDays(stirred, MAY, ON, ON).differences()}
    assert list(by_name) == [*map(str, FIGURES)]
    assert by_name["measures"].went == 2, "suspended and cancelled; what was withdrawn unlogged stands in no reading"
    assert by_name["moved"].came == 2
    assert by_name["closed"].came > 0
    assert by_name["overdue"].came > 0
    assert sum(by_name[light.value].after for light in Light) == by_name["measures"].after


def page(client: Client, query: str = "") -> Any:
    return get(client, f"/bulletins/compare/?{query}")


def test_it_begins_with_the_last_issued_bulletin(stirred: ReformList, office: User, signed_in: Any) -> None:
    client, who = signed_in(office), acting(office)
    ReformList.objects.exclude(pk=stirred.pk).update(year=2021)
    assert page(client).tree.xpath('//input[@name="from"]/@value') == ["2022-05-16"]
    draft = draft_bulletin(stirred, MAY, who=who, on=ON)
    assert page(client).tree.xpath('//input[@name="from"]/@value') == ["2022-05-16"], "a draft is no bulletin"
    submit_bulletin(draft.pk, seen=None, who=who, on=ON)
    issue_bulletin(draft.pk, number="", signed_by="王秘书长", issued_on=ON, seen=None, who=who, on=ON)
    shown = page(client)
    assert shown.tree.xpath('//input[@name="from"]/@value') == ["2022-05-01"]
    assert "第1期" in shown.text


def test_the_links_lead_to_as_many_rows(stirred: ReformList, office: User, signed_in: Any) -> None:
    client, followed = signed_in(office), 0
    for link in page(client, f"list={SLUG}&from={MAY}").tree.xpath("//table/tbody/tr/td/a"):
        address = link.get("href")
        if address.startswith("/measures/"):
            rows = asked(address, who=acting(office)).measures().count()
        else:
            rows = int(words(get(client, f"/bulletins/compare/{address}").tree.xpath('//h2[@id="rows"]/span')[0]))
        if "measures" not in address or Measure.objects.filter(disposition="withdrawn").count() == 0:
            assert rows == int(words(link)), address
        followed += 1
    assert followed > 20


def test_the_first_day_comes_before_the_last(demo: ReformList, office: User, signed_in: Any) -> None:
    for query in ("from=2022-06-15", "from=2099-01-01", "from=2022-05-02&on=2022-05-01"):
        assert len(page(signed_in(office), query).struck) == 1, query
