"""An agency's reporters tick their own measures on 举措 and say of them what the desk's bar says, in one telling."""

from typing import Any

import pytest
from django.test import Client
from lxml import html

from agencies.models import Agency, Role, User
from reforms.models import Duty, Measure, ProgressReport, ReformList
from tests.conftest import PersonMaker
from tests.reforms.shown import get


@pytest.fixture
def own(client: Client, demo: ReformList, reporter: User) -> Client:
    client.force_login(reporter, backend="agencies.people.sign_in.PasswordBackend")
    return client


def ticks(page: Any) -> list[int]:
    return [int(pk) for pk in page.tree.xpath("//table//td/input[@form='bulk']/@value")]


def said(answer: Any) -> list[str]:
    found = html.fromstring(answer.content.decode()).xpath("//p[contains(@class, 'notice-')]")
    return [" ".join(one.text_content().split()) for one in found]


def open_duties(agency: Agency) -> list[Duty]:
    said_before = Duty.objects.filter(agency=agency, status="in_progress", measure__is_standing=False)
    reported = said_before.exclude(last_report_on=None).exclude(measure__reports__state="draft")
    return list(reported.select_related("measure").order_by("pk"))


def test_only_what_ones_agency_holds_can_be_ticked(own: Client, transport: Agency) -> None:
    page = get(own, "/measures/?page_size=200")
    held = set(Duty.objects.filter(agency=transport).values_list("measure", flat=True))
    assert ticks(page) == [pk for pk in page.measure_ids if pk in held]
    assert 0 < len(ticks(page)) < len(page.measure_ids)
    assert not ticks(get(own, "/measures/?on=2022-05-31"))
    assert not ticks(get(Client(), "/measures/"))


def test_a_row_that_was_made_for_others_has_no_tick_for_them(own: Client, transport: Agency) -> None:
    # The same row is remembered with and without its tick.
    mine = get(own, "/measures/?agency=me")
    assert ticks(mine)
    visitor = get(Client(), f"/measures/?id={ticks(mine)[0]}")
    assert visitor.measure_ids == [ticks(mine)[0]]
    assert not ticks(visitor)


def test_nothing_changed_of_several_is_one_telling(own: Client, transport: Agency) -> None:
    chosen = open_duties(transport)[:2]
    assert len(chosen) == 2
    before = ProgressReport.objects.filter(agency=transport).count()
    data = {"measure": [one.measure_id for one in chosen], "next": "/measures/?agency=me", "form_key": "k"}
    answer = own.post("/desk/unchanged/", data, follow=True)
    assert answer.redirect_chain[-1][0] == "/measures/?agency=me"
    assert said(answer) == ["已报送2条举措“本期无变化”。"]
    assert ProgressReport.objects.filter(agency=transport).count() == before + 2


def test_who_is_in_charge_is_set_of_those_ticked(own: Client, transport: Agency) -> None:
    chosen = [one.measure_id for one in Duty.objects.filter(agency=transport)[:3]]
    data = {"measure": chosen, "division": "法规处", "officer_user": "", "next": "/measures/"}
    assert said(own.post("/desk/officers/", data, follow=True)) == ["已设置3条举措的责任处室、经办人。"]
    assert Duty.objects.filter(division="法规处").count() == 3
    assert set(Duty.objects.filter(division="法规处").values_list("agency", flat=True)) == {transport.pk}


def test_another_agencys_measure_is_not_touched(own: Client, transport: Agency) -> None:
    other = Measure.objects.exclude(duties__agency=transport)[0]
    answer = own.post("/desk/officers/", {"measure": [other.pk], "division": "法规处"}, follow=True)
    assert said(answer) == ["请先勾选举措，再设置责任处室、经办人。"]
    assert not Duty.objects.filter(division="法规处").exists()


def test_viewers_tick_nothing(demo: ReformList, person: PersonMaker, transport: Agency) -> None:
    viewer = Client()
    viewer.force_login(person(Role.VIEWER, agency=transport), backend="agencies.people.sign_in.PasswordBackend")
    assert not ticks(get(viewer, "/measures/?agency=me"))
