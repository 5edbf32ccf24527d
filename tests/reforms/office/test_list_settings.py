"""办理设置 of a list: its reporting periods, and who must claim that a measure is done."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from agencies.models import Agency, Change, Role, User
from reforms.models import Assignment, Measure, Part, ReformList
from reforms.office.list_settings import Working, change_working, would_change
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, SLUG, PersonMaker
from tests.reforms.people import acting, attach

SignIn = Callable[[User], Client]
ADDRESS = f"/lists/{SLUG}/working/"
EVERY_LEAD = Working(
    report_every="month",
    standing_every="half_year",
    report_day=25,
    claimed_by="every_lead",
    contact="",
    contact_phone="",
)


@pytest.fixture
def supervisor(person: PersonMaker) -> User:
    return person(Role.SUPERVISOR)


@pytest.fixture
def joint(person: PersonMaker, db: None) -> Measure:
    """A measure with two leads of which the first has claimed, and so waits for the office."""
    for measure in Measure.objects.filter(is_standing=False, lead_note="").order_by("row"):
        leads = list(Assignment.objects.filter(measure=measure, part=Part.LEAD, agency__kind=Agency.Kind.SINGLE))
        if len(leads) == 2:
            reporter = person(Role.REPORTER, agency=leads[0].agency)
            attach(measure, leads[0].agency, reporter)
            who = acting(reporter)
            submit_report(
                measure.pk, leads[0].agency_id, ReportContent(progress="完成。", is_claim=True), who=who, on=ON
            )
            return measure
    raise AssertionError


def chosen(client: Client, **changes: str) -> dict[str, Any]:
    """The form as the page hands it out, with some of it changed."""
    form = client.get(ADDRESS).context["form"]
    return {name: form[name].value() for name in form.fields} | changes


def test_the_day_of_report_and_the_contact_are_set_there(
    signed_in: SignIn, supervisor: User, reform_list: ReformList
) -> None:
    client = signed_in(supervisor)
    client.post(ADDRESS, chosen(client, report_day="28", contact="张三", contact_phone="0755-12345678"))
    reform_list.refresh_from_db()
    assert (reform_list.report_day, reform_list.contact, reform_list.contact_phone) == (28, "张三", "0755-12345678")
    change = Change.objects.get(action="list.settings_changed")
    assert change.after == {"report_day": 28, "contact": "张三", "contact_phone": "0755-12345678"}
    assert client.post(ADDRESS, chosen(client, report_day="32")).status_code == 422


def test_periods_are_changed_at_once_and_logged_with_what_they_were(
    signed_in: SignIn, supervisor: User, reform_list: ReformList
) -> None:
    client = signed_in(supervisor)
    client.post(ADDRESS, chosen(client, report_every="quarter"))
    reform_list.refresh_from_db()
    assert reform_list.report_every == "quarter"
    change = Change.objects.get(action="list.settings_changed")
    assert (change.before, change.after) == ({"report_every": "month"}, {"report_every": "quarter"})
    assert change.visibility == Change.Visibility.INTERNAL


def test_another_rule_of_claiming_shows_first_how_many_measures_it_moves(
    signed_in: SignIn, supervisor: User, joint: Measure
) -> None:
    client = signed_in(supervisor)
    joint.refresh_from_db()
    assert joint.status == "under_review"
    form = chosen(client, claimed_by="every_lead")
    shown = client.post(ADDRESS, form)
    assert shown.context["moving"] == 1
    assert ReformList.objects.get(slug=SLUG).claimed_by == "as_printed"
    client.post(ADDRESS, {**form, "confirmed": "1"})
    joint.refresh_from_db()
    assert (ReformList.objects.get(slug=SLUG).claimed_by, joint.status) == ("every_lead", "in_progress")


def test_what_is_closed_stays_closed(supervisor: User, joint: Measure) -> None:
    joint.reports.update(state="verified")
    Measure.objects.filter(pk=joint.pk).update(status="closed", closed_on=ON, claimed_on=ON)
    change_working(joint.reform_list_id, EVERY_LEAD, seen=None, who=acting(supervisor), on=ON)
    joint.refresh_from_db()
    assert joint.status == "closed"


def test_asking_what_would_change_changes_nothing(joint: Measure) -> None:
    joint.refresh_from_db()
    before = joint.version
    assert would_change(joint.reform_list_id, EVERY_LEAD) == 1
    joint.refresh_from_db()
    assert (joint.version, ReformList.objects.get(slug=SLUG).claimed_by) == (before, "as_printed")


def test_whoever_was_looking_at_old_settings_sees_the_new_ones_and_keeps_their_choice(
    signed_in: SignIn, supervisor: User, reform_list: ReformList
) -> None:
    client = signed_in(supervisor)
    form = chosen(client, standing_every="quarter")
    ReformList.objects.filter(pk=reform_list.pk).update(report_every="never")
    late = client.post(ADDRESS, form)
    assert late.status_code == 409
    assert "不要求" in late.content.decode()
    assert late.context["form"]["standing_every"].value() == "quarter"
    reform_list.refresh_from_db()
    assert reform_list.standing_every == "half_year"


def test_saved_unchanged_it_logs_nothing(signed_in: SignIn, supervisor: User, reform_list: ReformList) -> None:
    client = signed_in(supervisor)
    assert client.post(ADDRESS, chosen(client)).status_code == 302
    assert not Change.objects.filter(action="list.settings_changed").exists()


def test_only_those_who_keep_reminders_may(person: PersonMaker, reform_list: ReformList, transport: Agency) -> None:
    change_working(reform_list.pk, EVERY_LEAD, seen=None, who=acting(person(Role.ADMINISTRATOR)), on=ON)
    who = acting(person(Role.APPROVER, agency=transport))
    with pytest.raises(PermissionDenied):
        change_working(reform_list.pk, EVERY_LEAD, seen=None, who=who, on=ON)
