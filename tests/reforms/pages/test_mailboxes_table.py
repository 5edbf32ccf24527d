"""邮箱 as a workbook: handed out, filled in, every fault with its cell, shown before and after, exactly that done."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from agencies.models import Agency, Change, Role, User
from reforms.models import ReformList
from reforms.organisation.directory import change_agency
from tests.conftest import ON, PersonMaker, with_another_end
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


class Filled:
    """The workbook as the page hands it out, to be filled in."""

    def __init__(self, client: Client, address: str = PAGE) -> None:
        self.book = load_workbook(io.BytesIO(client.get(f"{address}table/").content))
        self.sheet: Any = self.book.worksheets[0]
        self.columns = {cell.value: cell.column for cell in self.sheet[1]}

    def row(self, name: str, column: str = "单位") -> int:
        rows = range(2, self.sheet.max_row + 1)
        return next(row for row in rows if self.sheet.cell(row, self.columns[column]).value == name)

    def value(self, name: str, column: str) -> Any:
        return self.sheet.cell(self.row(name), self.columns[column]).value

    def fill(self, name: str, email: str | None, *, known_by: str = "单位", column: str = "提醒邮箱") -> None:
        self.sheet.cell(self.row(name, known_by), self.columns[column]).value = email

    def data(self) -> bytes:
        return saved(self.book)


def saved(book: Workbook) -> bytes:
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def own_table(*rows: tuple[Any, ...], header: tuple[str, ...] = ("单位", "提醒邮箱")) -> bytes:
    """A table that was not handed out here."""
    book = Workbook()
    sheet: Any = book.active
    for row in (header, *rows):
        sheet.append(row)
    return saved(book)


def upload(client: Client, data: bytes, address: str = PAGE) -> Any:
    return client.post(address, {"upload": "1", "file": SimpleUploadedFile("邮箱.xlsx", data)})


def confirm(client: Client, preview: Any, address: str = PAGE) -> Any:
    return client.post(address, {"plan": preview.context["signed"]}, follow=True)


def shown(preview: Any) -> list[tuple[str, str, str]]:
    return [(step.holder, step.setting.before, step.setting.after) for step in preview.context["steps"]]


def faults(response: Any) -> list[str]:
    assert response.status_code == 422
    return [str(problem) for problem in response.context["problems"]]


def emails() -> dict[str, str]:
    return dict(Agency.objects.exclude(email="").values_list("name", "email"))


@pytest.fixture
def known(reform_list: ReformList, transport: Agency, market: Agency) -> None:
    Agency.objects.filter(pk=transport.pk).update(email="jtj@sz.gov.cn")
    Agency.objects.filter(pk=market.pk).update(email="scjg@sz.gov.cn")


def test_it_is_handed_out_with_what_is_there(office: Client, known: None, cast: Cast) -> None:
    table = Filled(office)
    assert table.value("市交通运输局", "提醒邮箱") == table.value("市交通运输局", "下载时的邮箱") == "jtj@sz.gov.cn"
    assert (table.value("市水务局", "提醒邮箱"), table.value("市水务局", "没有收件邮箱")) == (None, "是")
    assert "life.reporter@example.org" in table.value("市交通运输局", "同时收件的填报人、审核人")
    assert table.sheet.cell(2, 1).value != "市交通运输局", "those without a mailbox come first"


def test_filled_in_it_changes_exactly_the_cells_that_were_filled_in(office: Client, known: None) -> None:
    logged = Change.objects.count()
    table = Filled(office)
    table.fill("市水务局", NEW)
    table.fill("市交通运输局", None)
    preview = upload(office, table.data())
    assert sorted(shown(preview)) == [("市交通运输局", "jtj@sz.gov.cn", ""), ("市水务局", "", NEW)]
    assert Change.objects.count() == logged, "nothing is written before it is confirmed"
    page = " ".join(preview.content.decode().split())
    assert "<del>jtj@sz.gov.cn</del> → <strong>删去</strong>" in page
    assert "已保存2个邮箱。" in confirm(office, preview).content.decode()
    assert emails() == {"市水务局": NEW, "市市场监管局": "scjg@sz.gov.cn"}
    told = Change.objects.order_by("-sequence")[:2]
    assert {(one.action, one.agency.name, str(one.after)) for one in told if one.agency} == {
        ("agency.changed", "市交通运输局", "{'email': ''}"),
        ("agency.changed", "市水务局", f"{{'email': '{NEW}'}}"),
    }


def test_what_another_changed_since_is_left_alone_where_one_did_not_fill_in(
    office: Client, known: None, transport: Agency, person: PersonMaker
) -> None:
    table = Filled(office)
    table.fill("市水务局", NEW)
    change_agency(transport, {"email": "neu@sz.gov.cn"}, [], who=acting(person(Role.ADMINISTRATOR)), on=ON)
    preview = upload(office, table.data())
    assert shown(preview) == [("市水务局", "", NEW)]
    confirm(office, preview)
    assert emails()["市交通运输局"] == "neu@sz.gov.cn"


def test_what_another_changed_since_is_told_where_one_filled_in(
    office: Client, known: None, transport: Agency, person: PersonMaker
) -> None:
    table = Filled(office)
    table.fill("市交通运输局", NEW)
    other = acting(person(Role.ADMINISTRATOR, username="second"))
    change_agency(transport, {"email": "neu@sz.gov.cn"}, [], who=other, on=ON)
    preview = upload(office, table.data())
    assert shown(preview) == [("市交通运输局", "neu@sz.gov.cn", NEW)]
    text = preview.content.decode()
    assert "别人改过" in text
    assert other.label in text


def test_what_another_changed_before_confirming_is_shown_again_and_not_done(
    office: Client, known: None, transport: Agency, person: PersonMaker
) -> None:
    table = Filled(office)
    table.fill("市交通运输局", NEW)
    table.fill("市水务局", "swj@sz.gov.cn")
    preview = upload(office, table.data())
    change_agency(transport, {"email": "neu@sz.gov.cn"}, [], who=acting(person(Role.ADMINISTRATOR)), on=ON)
    again = confirm(office, preview)
    assert again.status_code == 409
    assert ("市交通运输局", "neu@sz.gov.cn", NEW) in shown(again)
    assert "市水务局" not in emails(), "all or none"
    confirm(office, again)
    assert emails()["市交通运输局"] == NEW


def test_an_agency_that_is_gone_before_confirming_stops_the_whole_table(
    office: Client, known: None, transport: Agency, market: Agency
) -> None:
    table = Filled(office)
    table.fill("市交通运输局", NEW)
    row = table.row("市交通运输局")
    preview = upload(office, table.data())
    Agency.objects.filter(pk=transport.pk).update(dissolved_on=ON, successor=market)
    answer = confirm(office, preview)
    assert answer.status_code == 409
    assert f"第{row}行：单位已撤销或合并" in answer.content.decode()


def test_an_agency_is_found_by_every_name_it_has(office: Client, known: None, transport: Agency) -> None:
    transport.other_names.create(name="市交委")
    Agency.objects.filter(name="市水务局").update(full_name="深圳市水务局")
    preview = upload(office, own_table((" 市交委 ", NEW), ("深圳市水务局", "swj@sz.gov.cn")))
    assert shown(preview) == [("市交通运输局", "jtj@sz.gov.cn", NEW), ("市水务局", "", "swj@sz.gov.cn")]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("市交通局", NEW), "A2：没有名为“市交通局”的单位。您是否指：市交通运输局"),
        (("月球管理处", NEW), "A2：没有名为“月球管理处”的单位"),
        (("各区政府", NEW), "A2：“各区政府”是统称"),
        (("", NEW), "A2：未填写单位"),
        (("市水务局", "swj at sz"), "B2：“swj at sz”不是邮箱地址。"),
        (("市水务局", "=A1"), "B2：是公式"),
        (("市水务局", True), "B2：是日期、逻辑值或错误值"),
    ],
)
def test_every_fault_is_told_with_its_row_and_cell(
    office: Client, known: None, row: tuple[Any, ...], said: str
) -> None:
    found = faults(upload(office, own_table(row)))
    assert len(found) == 1
    assert found[0].startswith(said)


def test_two_rows_for_one_agency_are_refused_also_by_two_of_its_names(
    office: Client, known: None, transport: Agency
) -> None:
    transport.other_names.create(name="市交委")
    data = own_table(("市交通运输局", NEW), ("市水务局", "swj@sz.gov.cn"), ("市交委", "b@sz.gov.cn"))
    assert faults(upload(office, data)) == ["A4：“市交委”与第2行是同一个，请删去一行。"]
    assert "市水务局" not in emails()


def test_all_faults_are_told_at_once(office: Client, known: None) -> None:
    data = own_table(("市交通局", "x"), ("市水务局", NEW), ("各区政府", NEW))
    assert [said.split("：")[0] for said in faults(upload(office, data))] == ["A2", "B2", "A4"]


def test_in_a_table_of_ones_own_an_empty_cell_changes_nothing(office: Client, known: None) -> None:
    preview = upload(office, own_table(("市交通运输局", ""), ("市水务局", NEW)))
    assert shown(preview) == [("市水务局", "", NEW)]


def test_a_row_in_which_nothing_was_filled_in_is_not_looked_at(
    office: Client, known: None, transport: Agency, market: Agency
) -> None:
    table = Filled(office)
    table.fill("市水务局", NEW)
    # Merged since: the name in its old row now means the other agency.
    Agency.objects.filter(pk=transport.pk).update(merged_into=market)
    assert shown(upload(office, table.data())) == [("市水务局", "", NEW)]


def test_a_table_that_changes_nothing_offers_nothing_to_confirm(office: Client, known: None) -> None:
    text = upload(office, Filled(office).data()).content.decode()
    assert "表中没有需要更改的邮箱。" in text
    assert "确认更改" not in text


def test_columns_in_any_order_and_only_strange_ones_are_said_to_be_left_aside(office: Client, known: None) -> None:
    data = own_table((NEW, "1", "市水务局", "3"), header=("提醒邮箱", "备注", "单位", "承担举措（条）"))
    preview = upload(office, data)
    assert shown(preview) == [("市水务局", "", NEW)]
    assert list(preview.context["ignored"]) == ["备注"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"no workbook", "不是可以读取的"),
        (own_table(("a", "b"), header=("姓名", "邮箱")), "缺少列“单位”“提醒邮箱”"),
        (own_table(), "表头下面没有内容"),
    ],
)
def test_what_is_no_such_table_is_refused(office: Client, known: None, data: bytes, said: str) -> None:
    response = upload(office, data)
    assert response.status_code == 422
    assert said in response.context["refused"]


def test_without_a_file_one_is_asked_for(office: Client, known: None) -> None:
    response = office.post(PAGE, {"upload": "1"})
    assert (response.status_code, response.context["refused"]) == (422, "请选择要上传的表格。")


def test_only_what_was_shown_to_oneself_on_this_page_can_be_confirmed(
    office: Client, known: None, person: PersonMaker
) -> None:
    plan = upload(office, own_table(("市水务局", NEW))).context["signed"]
    other = Client()
    other.force_login(person(Role.ADMINISTRATOR, username="second"), backend="agencies.people.sign_in.PasswordBackend")
    for client, address, sent in (
        (other, PAGE, plan),
        (office, PEOPLE_PAGE, plan),
        (office, PAGE, with_another_end(plan)),
        (office, PAGE, ""),
    ):
        response = client.post(address, {"plan": sent})
        assert response.status_code == 422
        assert "请重新上传" in response.context["refused"]
    assert "市水务局" not in emails()


def test_the_table_is_in_chinese_whatever_the_language_of_the_page(office: Client, known: None) -> None:
    office.cookies["django_language"] = "en"
    table = Filled(office)
    table.fill("市水务局", NEW)
    assert shown(upload(office, table.data())) == [("市水务局", "", NEW)]


# Of persons ---------------------------------------------------------------------------------------


@pytest.fixture
def filled_in(office: Client, reform_list: ReformList, cast: Cast) -> Callable[..., Any]:
    """Uploads the table of persons with these mailboxes, by username."""

    def send(**typed: str) -> Any:
        table = Filled(office, PEOPLE_PAGE)
        for username, email in typed.items():
            table.fill(username.replace("_", "."), email, known_by="用户名", column="邮箱")
        return upload(office, table.data(), PEOPLE_PAGE)

    return send


def test_persons_likewise(office: Client, filled_in: Callable[..., Any], cast: Cast) -> None:
    preview = filled_in(life_reporter=NEW, life_approver="")
    assert sorted(shown(preview)) == [
        ("life.approver", "life.approver@example.org", ""),
        ("life.reporter", "life.reporter@example.org", NEW),
    ]
    confirm(office, preview, PEOPLE_PAGE)
    cast.reporter.refresh_from_db()
    cast.approver.refresh_from_db()
    assert (cast.reporter.email, cast.approver.email) == (NEW, "")
    logged = Change.objects.filter(action="person.edited", object_id=cast.reporter.pk).get()
    assert (logged.before, logged.after) == ({"email": "life.reporter@example.org"}, {"email": NEW})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("niemand", NEW), "A2：没有用户名“niemand”"),
        (("", NEW), "A2：未填写用户名"),
        (("life.approver", NEW), "A2：用户名“life.approver”的账号已停用"),
        (("life.reporter", "x"), "B2：“x”不是邮箱地址。"),
    ],
)
def test_faults_of_persons_are_told_with_their_cells(
    office: Client, reform_list: ReformList, cast: Cast, row: tuple[str, str], said: str
) -> None:
    User.objects.filter(pk=cast.approver.pk).update(is_active=False)
    found = faults(upload(office, own_table(row, header=("用户名", "邮箱")), PEOPLE_PAGE))
    assert len(found) == 1
    assert found[0].startswith(said)
