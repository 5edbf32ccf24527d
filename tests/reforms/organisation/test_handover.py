"""When somebody leaves: who may take over, what is shown first, and what is done."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from agencies.access import PORTAL, Principal
from agencies.models import Agency, Change, Role, User
from agencies.people.accounts import set_active
from reforms.models import Duty, Measure, Notice, ProgressReport
from reforms.organisation.handover import HandOver, hand_over
from reforms.reports.drafts import save_draft
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, PersonMaker


@pytest.fixture
def office(client: Client, person: PersonMaker, signed_in: Callable[[User], Client]) -> Client:
    """The browser of an administrator."""
    return signed_in(person(Role.ADMINISTRATOR, username="zheng"))


@pytest.fixture
def lin(person: PersonMaker, transport: Agency) -> User:
    """Who leaves: reporter and viewer of 市交通运输局."""
    return person(Role.REPORTER, Role.VIEWER, agency=transport, username="lin")


@pytest.fixture
def wang(person: PersonMaker, transport: Agency) -> User:
    """Who takes over: an approver of 市交通运输局."""
    return person(Role.APPROVER, agency=transport, username="wang")


def form_for(colleague: User, agency: Agency, **more: str) -> dict[str, str]:
    return {"to": f"{agency.pk}-{colleague.pk}", "reason": "调离", **more}


def confirmed(office: Client, leaver: User, form: dict[str, str]) -> Any:
    address = f"/people/{leaver.pk}/hand-over/"
    preview = office.post(address, form)
    assert preview.status_code == 200
    return office.post(address, form | {"seen": preview.context["seen"]}, follow=True)


def test_reporters_and_approvers_of_the_same_agency_may_take_over(
    office: Client, lin: User, wang: User, person: PersonMaker, transport: Agency, market: Agency
) -> None:
    person(Role.VIEWER, agency=transport, username="only.reads")
    person(Role.REPORTER, agency=market, username="elsewhere")
    gone = person(Role.REPORTER, agency=transport, username="gone")
    set_active(gone, active=False, who=PORTAL, on=ON)
    choices = office.get(f"/people/{lin.pk}/hand-over/").context["form"].fields["to"].choices
    assert [key for key, _label in choices] == [f"{transport.pk}-{wang.pk}"]


def test_without_a_colleague_it_says_what_to_do(office: Client, lin: User) -> None:
    assert "请先在本单位新增一位" in office.get(f"/people/{lin.pk}/hand-over/").content.decode()


def test_what_moves_is_shown_before_anything_is_done(office: Client, lin: User, wang: User, transport: Agency) -> None:
    changes = Change.objects.count()
    form = form_for(wang, transport, roles="on", deactivate="on")
    preview = office.post(f"/people/{lin.pk}/hand-over/", form)
    assert set(preview.context["roles_given"]) == {"填报人", "查看"}
    lin.refresh_from_db()
    assert lin.is_active
    assert wang.memberships.count() == 1
    assert Change.objects.count() == changes


def test_roles_are_given_and_the_account_is_shut_where_ticked(
    office: Client, lin: User, wang: User, transport: Agency
) -> None:
    page = confirmed(office, lin, form_for(wang, transport, roles="on", deactivate="on")).content.decode()
    lin.refresh_from_db()
    assert not lin.is_active
    assert set(wang.memberships.values_list("agency", "role")) == {
        (transport.pk, role) for role in ("approver", "reporter", "viewer")
    }
    told = Change.objects.get(action="person.handed_over")
    assert (told.object_id, told.after["to"], told.reason) == (lin.pk, "wang", "调离")
    assert "市交通运输局：wang" in page


def test_what_is_not_ticked_stays(office: Client, lin: User, wang: User, transport: Agency) -> None:
    confirmed(office, lin, form_for(wang, transport))
    lin.refresh_from_db()
    assert lin.is_active
    assert list(wang.memberships.values_list("role", flat=True)) == ["approver"]
    assert Change.objects.latest("sequence").action == "person.handed_over"


def test_roles_in_other_agencies_are_not_given(
    office: Client, lin: User, wang: User, transport: Agency, market: Agency
) -> None:
    lin.memberships.create(agency=market, role=Role.HEAD)
    confirmed(office, lin, form_for(wang, transport, roles="on"))
    assert not wang.memberships.filter(agency=market).exists()


def test_reports_keep_their_author(lin: User, wang: User, transport: Agency, led: Measure) -> None:
    submit_report(led.pk, transport.pk, ReportContent(progress="已完成。"), who=Principal.of_user(lin), on=ON)
    before = list(ProgressReport.objects.filter(measure=led).values())
    hand_over(lin, wang, HandOver(agency=transport, roles=True, deactivate=True), who=PORTAL, on=ON)
    assert list(ProgressReport.objects.filter(measure=led).values()) == before


def test_what_changed_since_the_preview_is_shown_again(
    office: Client, lin: User, wang: User, transport: Agency
) -> None:
    address, form = f"/people/{lin.pk}/hand-over/", form_for(wang, transport, roles="on", deactivate="on")
    seen = office.post(address, form).context["seen"]
    lin.memberships.create(agency=transport, role=Role.HEAD)
    again = office.post(address, form | {"seen": seen})
    assert "核对期间数据有变化" in again.content.decode()
    assert "单位负责人" in again.context["roles_given"]
    lin.refresh_from_db()
    assert lin.is_active


def test_a_colleague_who_was_shut_out_takes_nothing_over(lin: User, wang: User, transport: Agency) -> None:
    set_active(wang, active=False, who=PORTAL, on=ON)
    with pytest.raises(ValidationError, match="请另选一人"):
        hand_over(lin, wang, HandOver(agency=transport, roles=True, deactivate=True), who=PORTAL, on=ON)
    lin.refresh_from_db()
    assert lin.is_active


def test_nobody_hands_over_to_themselves(office: Client, lin: User, wang: User, transport: Agency) -> None:
    response = office.post(f"/people/{lin.pk}/hand-over/", form_for(lin, transport))
    assert response.status_code == 422


def test_the_last_administrator_hands_over_with_the_role_or_stays(person: PersonMaker, transport: Agency) -> None:
    leaver = person(Role.ADMINISTRATOR, agency=transport, username="leaver")
    heir = person(Role.REPORTER, agency=transport, username="heir")
    with pytest.raises(ValidationError, match="最后一位系统管理员"):
        hand_over(leaver, heir, HandOver(agency=transport, roles=False, deactivate=True), who=PORTAL, on=ON)
    hand_over(leaver, heir, HandOver(agency=transport, roles=True, deactivate=True), who=PORTAL, on=ON)
    assert heir.memberships.filter(role=Role.ADMINISTRATOR).exists()


def test_nobody_shuts_out_themselves_by_handing_over(
    client: Client, person: PersonMaker, signed_in: Callable[[User], Client], transport: Agency
) -> None:
    leaver = person(Role.ADMINISTRATOR, agency=transport, username="leaver")
    heir = person(Role.REPORTER, agency=transport, username="heir")
    office = signed_in(leaver)
    assert "deactivate" not in office.get(f"/people/{leaver.pk}/hand-over/").context["form"].fields
    confirmed(office, leaver, form_for(heir, transport, deactivate="on"))
    leaver.refresh_from_db()
    assert leaver.is_active


def test_duties_and_drafts_go_to_the_colleague_who_is_told(
    office: Client, lin: User, wang: User, transport: Agency, led: Measure
) -> None:
    Duty.objects.filter(measure=led, agency=transport).update(officer_user=lin, officer="林")
    written = {"progress": "正在联调。"}
    save_draft(led.pk, transport.pk, written, seen=0, who=Principal.of_user(lin), on=ON)
    page = office.post(f"/people/{lin.pk}/hand-over/", form_for(wang, transport))
    assert (page.context["work"].duties, page.context["work"].drafts) == (1, 1)
    confirmed(office, lin, form_for(wang, transport))
    duty, draft = Duty.objects.get(measure=led, agency=transport), ProgressReport.objects.get()
    assert (duty.officer_user, duty.officer) == (wang, str(wang))
    assert (draft.author_user, draft.progress) == (wang, "正在联调。")
    assert Notice.objects.get(kind="handed_over").user == wang
