"""邮箱 of all agencies and of all persons on one page: saved at once, nothing lost, told when others were quicker."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from agencies.models import Agency, Change, Membership, Role, User
from reforms.models import ReformList
from reforms.organisation.directory import change_agency
from reforms.organisation.mailboxes import AGENCIES, Mailbox
from reforms.reminders.letters import recipients_of
from reforms.reminders.stages import TOLD_FIRST
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting

PAGE, PEOPLE_PAGE = "/agencies/mailboxes/", "/people/mailboxes/"
NEW = "dzg@sz.gov.cn"


@pytest.fixture
def administrator(person: PersonMaker) -> User:
    return person(Role.ADMINISTRATOR, username="zheng")


@pytest.fixture
def office(administrator: User, signed_in: Callable[[User], Client]) -> Client:
    """The browser of an administrator."""
    return signed_in(administrator)


def filled(client: Client, address: str = PAGE, **typed: str) -> dict[str, Any]:
    """The form as the page hands it out, with these mailboxes typed (by the names of their holders)."""
    form = {}
    for row in client.get(address).context["rows"]:
        form |= {f"email-{row.box.pk}": typed.get(str(row.box.holder), row.typed), f"was-{row.box.pk}": row.was}
    return form


def change_mailbox(agency: Agency, email: str, user: User) -> None:
    """As a single change."""
    change_agency(agency, {"email": email}, [], who=acting(user), on=ON)


def names(response: Any) -> list[str]:
    return [str(row.box.holder) for row in response.context["rows"]]


def test_those_whom_no_letter_reaches_come_first_and_are_what_the_filter_finds(
    office: Client, reform_list: ReformList, cast: Cast, market: Agency
) -> None:
    User.objects.update(email="")
    Agency.objects.exclude(name="市水务局").update(email="x@sz.gov.cn")
    Agency.objects.filter(pk=cast.agency.pk).update(email="")
    page = office.get(PAGE)
    assert names(page)[:2] == ["市交通运输局", "市水务局"], "by how much they have to do"
    assert page.context["missing"] == 2
    # A reporter's own mailbox is one, a viewer's is not: who merely reads along gets no letter.
    User.objects.filter(pk=cast.reporter.pk).update(email="reporter@sz.gov.cn")
    Membership.objects.create(user=cast.reporter, agency=Agency.objects.get(name="市水务局"), role=Role.VIEWER)
    assert names(office.get(f"{PAGE}?missing=1")) == ["市水务局"]


def test_the_page_counts_as_missing_just_whom_letters_do_not_reach(
    office: Client, administrator: User, reform_list: ReformList, cast: Cast
) -> None:
    User.objects.update(email="")
    User.objects.filter(pk__in=[cast.reporter.pk, cast.supervisor.pk]).update(email="somebody@sz.gov.cn")
    boxes: list[Mailbox] = AGENCIES.all(who=acting(administrator), on=ON)
    assert {box.holder.name for box in boxes if not box.is_missing} == {"市交通运输局"}
    for box in boxes:
        assert box.is_missing is not bool(recipients_of(box.holder, TOLD_FIRST))


def test_collective_names_and_agencies_that_are_gone_are_left_out(
    office: Client, reform_list: ReformList, transport: Agency, market: Agency
) -> None:
    Agency.objects.filter(pk=transport.pk).update(dissolved_on=ON, successor=market)
    shown = names(office.get(PAGE))
    assert "市市场监管局" in shown
    assert not {"市交通运输局", "各区政府", "各有关单位"} & set(shown)


def test_beside_each_stands_how_many_measures_its_link_shows(
    office: Client, reform_list: ReformList, transport: Agency
) -> None:
    row = next(row for row in office.get(PAGE).context["rows"] if row.box.pk == transport.pk)
    measures = office.get(f"/measures/?holder={transport.pk}")
    assert f"<strong>{row.box.duties}</strong>" in measures.content.decode()
    assert row.box.duties > 0


def test_many_are_saved_at_once_and_logged_like_single_changes(
    office: Client, administrator: User, reform_list: ReformList, transport: Agency, market: Agency
) -> None:
    change_mailbox(transport, "old@sz.gov.cn", administrator)
    single = Change.objects.latest("sequence")
    sent = office.post(PAGE, filled(office, 市交通运输局=NEW, 市市场监管局=" scjg@sz.gov.cn "), follow=True)
    assert "已保存2个邮箱。" in sent.content.decode()
    transport.refresh_from_db()
    market.refresh_from_db()
    assert (transport.email, market.email) == (NEW, "scjg@sz.gov.cn")
    logged = Change.objects.filter(sequence__gt=single.sequence).order_by("object_id")
    assert {(one.action, one.kind, one.visibility) for one in logged} == {
        (single.action, single.kind, single.visibility)
    }
    changes = {one.object_id: (one.before, one.after) for one in logged}
    assert changes == {
        transport.pk: ({"email": "old@sz.gov.cn"}, {"email": NEW}),
        market.pk: ({"email": ""}, {"email": "scjg@sz.gov.cn"}),
    }


def test_what_nobody_touched_is_not_written(office: Client, reform_list: ReformList) -> None:
    logged = Change.objects.count()
    assert "没有变化。" in office.post(PAGE, filled(office), follow=True).content.decode()
    assert Change.objects.count() == logged


def test_faults_name_their_row_and_nothing_typed_is_lost(
    office: Client, reform_list: ReformList, transport: Agency, market: Agency
) -> None:
    typed = {"市交通运输局": "jtj＠sz.gov.cn", "市市场监管局": "scjg@sz.gov.cn"}
    back = office.post(PAGE, filled(office, **typed))
    text = " ".join(back.content.decode().split())
    assert back.status_code == 422
    assert f'href="#email-{transport.pk}" lang="zh-CN">市交通运输局</a><span>：“jtj＠sz.gov.cn”不是邮箱' in text
    assert {str(row.box.holder): row.typed for row in back.context["rows"] if row.typed} == typed
    assert not Agency.objects.filter(email="scjg@sz.gov.cn").exists(), "all or none"


def test_who_was_quicker_is_told_with_their_mailbox_and_saving_again_overrules_it(
    office: Client, person: PersonMaker, reform_list: ReformList, transport: Agency, market: Agency
) -> None:
    form = filled(office, 市交通运输局=NEW, 市市场监管局="scjg@sz.gov.cn")
    other = person(Role.ADMINISTRATOR, username="second")
    change_mailbox(transport, "other@sz.gov.cn", other)
    back = office.post(PAGE, form)
    text = back.content.decode()
    assert back.status_code == 409
    assert "现为other@sz.gov.cn" in text
    assert acting(other).label in text
    row = next(row for row in back.context["rows"] if row.box.pk == transport.pk)
    assert (row.typed, row.was) == (NEW, "other@sz.gov.cn")
    assert not Agency.objects.filter(email="scjg@sz.gov.cn").exists()
    again = {f"email-{row.box.pk}": row.typed for row in back.context["rows"]}
    again |= {f"was-{row.box.pk}": row.was for row in back.context["rows"]}
    office.post(PAGE, again)
    transport.refresh_from_db()
    assert transport.email == NEW


def test_what_another_set_on_a_row_one_did_not_touch_stays(
    office: Client, person: PersonMaker, reform_list: ReformList, transport: Agency, market: Agency
) -> None:
    form = filled(office, 市市场监管局=NEW)
    change_mailbox(transport, "other@sz.gov.cn", person(Role.ADMINISTRATOR, username="second"))
    assert office.post(PAGE, form).status_code == 302
    transport.refresh_from_db()
    assert transport.email == "other@sz.gov.cn"


def test_the_same_mailbox_set_by_two_is_no_conflict(
    office: Client, person: PersonMaker, reform_list: ReformList, transport: Agency
) -> None:
    form = filled(office, 市交通运输局=NEW)
    change_mailbox(transport, NEW, person(Role.ADMINISTRATOR, username="second"))
    assert office.post(PAGE, form).status_code == 302


def test_an_agency_dissolved_meanwhile_is_said_and_what_was_typed_for_it(
    office: Client, reform_list: ReformList, transport: Agency, market: Agency
) -> None:
    form = filled(office, 市交通运输局=NEW)
    Agency.objects.filter(pk=transport.pk).update(dissolved_on=ON, successor=market)
    back = office.post(PAGE, form)
    assert back.status_code == 409
    assert f"您填写的{NEW}：该单位已撤销或合并" in " ".join(back.content.decode().split())


def test_the_filter_stays_after_saving(office: Client, reform_list: ReformList, transport: Agency) -> None:
    sent = office.post(f"{PAGE}?missing=1", filled(office, f"{PAGE}?missing=1", 市交通运输局=NEW))
    assert sent["Location"] == f"{PAGE}?missing=1"
    assert "市交通运输局" not in names(office.get(f"{PAGE}?missing=1"))


def test_a_hundred_agencies_cost_no_more_queries_than_one(
    office: Client, reform_list: ReformList, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(14):
        office.get(PAGE)


# Of persons ---------------------------------------------------------------------------------------


def test_persons_likewise(office: Client, reform_list: ReformList, cast: Cast) -> None:
    cast.approver.is_active = False
    cast.approver.save()
    page = office.get(PEOPLE_PAGE)
    shown = [row.box.holder.username for row in page.context["rows"]]
    assert "life.reporter" in shown
    assert "life.approver" not in shown, "who is shut out gets no letter"
    office.post(PEOPLE_PAGE, filled(office, PEOPLE_PAGE, **{str(cast.reporter): NEW}))
    cast.reporter.refresh_from_db()
    assert cast.reporter.email == NEW
    logged = Change.objects.latest("sequence")
    assert (logged.action, logged.object_id, logged.after) == ("person.edited", cast.reporter.pk, {"email": NEW})
    assert "life.reporter" not in [
        row.box.holder.username for row in office.get(f"{PEOPLE_PAGE}?missing=1").context["rows"]
    ]


# Where one comes from -----------------------------------------------------------------------------


def test_the_links_are_where_mailboxes_are_missed(
    office: Client, person: PersonMaker, reform_list: ReformList, cast: Cast
) -> None:
    assert PAGE in office.get("/agencies/").content.decode()
    assert PEOPLE_PAGE in office.get("/people/").content.decode()
    settings = f"/lists/{reform_list.slug}/reminders/"
    page = office.get(settings)
    without = page.context["without_mailbox"]
    assert without == page.context["page"].paginator.count - 1, "the reporter of one has a mailbox"
    assert f"其中{without}个单位没有收件邮箱" in page.content.decode()
    assert f"{PAGE}?missing=1" in page.content.decode()
    # Who may not fill it in is told who can.
    client = Client()
    client.force_login(cast.supervisor, backend="agencies.people.sign_in.PasswordBackend")
    shown = client.get(settings).content.decode()
    assert PAGE not in shown
    assert "请系统管理员在“单位邮箱”中填写。" in shown
