"""填报进展: the form, what becomes of it, and who can read it afterwards."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from agencies.models import Agency, Role, User
from reforms.models import Measure, ProgressReport, ReformList
from tests.conftest import ON, PersonMaker

SignIn = Callable[[User], Client]
SECRET_TEXT, SECRET_PROBLEM, AUTHOR = "联调进度只对内说明", "经费缺口只对内说明", "林只对内"


def address_of(measure: Measure) -> str:
    return f"/measures/{measure.pk}/report/"


def filled(client: Client, measure: Measure, **changes: str) -> dict[str, Any]:
    """The form as the page hands it out, filled in."""
    form = client.get(address_of(measure)).context["form"]
    fields = {"agency": form.fields["agency"].initial, "form_key": form.fields["form_key"].initial}
    return {**fields, "progress": SECRET_TEXT, "problems": SECRET_PROBLEM, "outlook": "on_schedule", **changes}


def text_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_sent_it_is_a_report_and_back_to_the_measure(signed_in: SignIn, reporter: User, led: Measure) -> None:
    client = signed_in(reporter)
    response = client.post(address_of(led), filled(client, led), follow=True)
    assert response.redirect_chain == [(f"/measures/{led.pk}/", 302)]
    text = response.content.decode()
    assert "已报送" in text
    assert SECRET_TEXT in text
    assert "状态由“尚未报送”变为“推进中”" in text
    assert "报送进展" in text


def test_a_form_sent_twice_is_one_report(signed_in: SignIn, reporter: User, led: Measure) -> None:
    client = signed_in(reporter)
    form = filled(client, led)
    first, second = client.post(address_of(led), form), client.post(address_of(led), form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert ProgressReport.objects.count() == 1
    client.post(address_of(led), filled(client, led))
    assert ProgressReport.objects.count() == 2


def test_the_next_form_begins_with_what_was_said_last(signed_in: SignIn, reporter: User, led: Measure) -> None:
    client = signed_in(reporter)
    client.post(address_of(led), filled(client, led))
    form = client.get(address_of(led)).context["form"]
    assert (form["progress"].value(), form["problems"].value()) == (SECRET_TEXT, SECRET_PROBLEM)


@pytest.mark.parametrize(("field", "text"), [("progress", ""), ("progress", "长" * 5001), ("problems", "长" * 5001)])
def test_what_cannot_be_taken_is_said_and_what_was_typed_stays(
    signed_in: SignIn, reporter: User, led: Measure, field: str, text: str
) -> None:
    client = signed_in(reporter)
    response = client.post(address_of(led), filled(client, led, next_step="不要丢失", **{field: text}))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "不要丢失" in response.content.decode()
    assert not ProgressReport.objects.exists()


@pytest.mark.parametrize("standing", [{"status": "closed", "closed_on": ON}, {"disposition": "withdrawn"}])
def test_a_measure_that_is_closed_or_gone_takes_no_report(
    signed_in: SignIn, reporter: User, led: Measure, standing: dict[str, Any]
) -> None:
    client = signed_in(reporter)
    form = filled(client, led)
    Measure.objects.filter(pk=led.pk).update(**standing)
    response = client.post(address_of(led), form)
    assert response.status_code == 422
    assert SECRET_TEXT in response.content.decode()
    assert not ProgressReport.objects.exists()


def test_a_visitor_is_asked_to_sign_in_and_comes_back(client: Client, led: Measure) -> None:
    for response in (client.get(address_of(led)), client.post(address_of(led), {"progress": "x"})):
        assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={address_of(led)}")


def test_another_agency_cannot_report(
    signed_in: SignIn, person: PersonMaker, led: Measure, market: Agency, transport: Agency
) -> None:
    client = signed_in(person(Role.REPORTER, agency=market))
    form = {"agency": transport.pk, "form_key": "x" * 32, "progress": "x", "outlook": "on_schedule"}
    assert client.get(address_of(led)).status_code == 403
    assert client.post(address_of(led), form).status_code == 403
    assert not ProgressReport.objects.exists()


def test_one_cannot_report_in_the_name_of_another_agency(
    signed_in: SignIn, reporter: User, led: Measure, market: Agency
) -> None:
    client = signed_in(reporter)
    response = client.post(address_of(led), filled(client, led) | {"agency": market.pk})
    assert response.status_code == 422
    assert not ProgressReport.objects.exists()


@pytest.fixture
def reported(signed_in: SignIn, reporter: User, led: Measure) -> Measure:
    """The led measure with a report whose every word, and whose author, is internal."""
    User.objects.filter(pk=reporter.pk).update(full_name=AUTHOR)
    client = signed_in(reporter)
    client.post(address_of(led), filled(client, led))
    client.logout()
    return led


def readers(measure: Measure) -> list[str]:
    return [f"/measures/{measure.pk}/", "/", f"/measures/?item={measure.item.number}", "/measures/export/csv/"]


def whole(response: Any) -> str:
    return b"".join(response.streaming_content if response.streaming else [response.content]).decode()


def test_visitors_read_nothing_of_it(client: Client, reported: Measure, public: ReformList) -> None:
    for address in readers(reported):
        text = whole(client.get(address))
        assert [word for word in (SECRET_TEXT, SECRET_PROBLEM, AUTHOR) if word in text] == []


def test_visitors_learn_nothing_of_it_where_the_status_is_hidden(client: Client, reported: Measure) -> None:
    text = text_of(client, f"/measures/{reported.pk}/")
    assert [word for word in (SECRET_TEXT, SECRET_PROBLEM, AUTHOR, "推进中", "报送进展") if word in text] == []


def test_other_agencies_read_nothing_of_it(
    signed_in: SignIn, person: PersonMaker, reported: Measure, market: Agency
) -> None:
    client = signed_in(person(Role.REPORTER, agency=market))
    for address in readers(reported):
        text = whole(client.get(address))
        assert [word for word in (SECRET_TEXT, SECRET_PROBLEM, AUTHOR) if word in text] == []


def test_the_agency_and_the_office_read_all_of_it(
    signed_in: SignIn, person: PersonMaker, reported: Measure, transport: Agency
) -> None:
    for reader in (person(Role.VIEWER, agency=transport), person(Role.SUPERVISOR), person(Role.AUDITOR)):
        text = text_of(signed_in(reader), f"/measures/{reported.pk}/")
        assert [word for word in (SECRET_TEXT, SECRET_PROBLEM, AUTHOR) if word not in text] == []


def test_the_button_is_there_only_for_who_may_report(
    signed_in: SignIn, person: PersonMaker, reporter: User, led: Measure, transport: Agency
) -> None:
    page = f"/measures/{led.pk}/"
    assert address_of(led) in text_of(signed_in(reporter), page)
    assert address_of(led) not in text_of(signed_in(person(Role.VIEWER, agency=transport)), page)
