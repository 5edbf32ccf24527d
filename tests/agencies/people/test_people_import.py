"""People from a workbook: every fault with its cell, what would change, exactly what was shown, slips for the new."""

import io
import re
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from agencies.access import PORTAL
from agencies.models import Agency, Change, Membership, Role, User
from agencies.people.accounts import set_active
from tests.conftest import ON, PersonMaker, with_another_end

HEADER = ("姓名", "用户名", "单位", "角色", "邮箱")
LIN = ("林填报", "lin", "市交通运输局", "填报人", "lin@sz.gov.cn")
Upload = Callable[..., Any]


@pytest.fixture
def office(person: PersonMaker) -> Client:
    """The browser of an administrator."""
    client = Client()
    client.force_login(person(Role.ADMINISTRATOR, username="zheng"), backend="agencies.people.sign_in.PasswordBackend")
    return client


def workbook(*rows: tuple[Any, ...], header: tuple[Any, ...] = HEADER) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    for row in (header, *rows):
        sheet.append(row)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def upload(client: Client, data: bytes, name: str = "人员.xlsx") -> Any:
    return client.post("/people/import/", {"file": SimpleUploadedFile(name, data)})


def confirm(client: Client, preview: Any) -> Any:
    return client.post("/people/import/confirm/", {"plan": preview.context["signed"]})


def faults(response: Any) -> list[str]:
    assert response.status_code == 422
    return [str(problem) for problem in response.context["problems"]]


def refusal(response: Any) -> str:
    assert response.status_code == 422
    return " ".join(response.context["form"].errors["file"])


def test_new_people_are_shown_then_taken_in_with_their_slips(office: Client, transport: Agency) -> None:
    changes = Change.objects.count()
    preview = upload(office, workbook(LIN, ("王审", "wang", "市市场监管局", "填报人、approver", "")))
    assert (preview.status_code, preview.context["plan"].counts["added"]) == (200, 2)
    assert not User.objects.filter(username__in=["lin", "wang"]).exists()
    assert Change.objects.count() == changes

    receipt = confirm(office, preview)
    lin, wang = User.objects.get(username="lin"), User.objects.get(username="wang")
    assert (lin.full_name, lin.email, lin.memberships.get().agency) == ("林填报", "lin@sz.gov.cn", transport)
    assert set(wang.memberships.values_list("role", flat=True)) == {"reporter", "approver"}
    assert not lin.has_usable_password()
    assert [slip.user.username for slip in receipt.context["slips"]] == ["lin", "wang"]
    told = Change.objects.filter(sequence__gt=changes, object_id=wang.pk).values_list("action", flat=True)
    assert list(told) == ["person.added", "person.role_given", "person.code_issued"]


def test_a_slip_of_the_receipt_lets_its_person_in(office: Client) -> None:
    slip = confirm(office, upload(office, workbook(LIN))).context["slips"][0]
    password = "a new passphrase 7"
    form = {"username": "lin", "code": slip.code, "new_password1": password, "new_password2": password}
    assert Client().post("/code/", form)["Location"] == "/desk/"


def test_the_template_can_be_filled_in(office: Client) -> None:
    book = load_workbook(io.BytesIO(office.get("/people/import/template/").content))
    assert [cell.value for cell in book.worksheets[0][1]] == [*HEADER, "职务", "办公电话", "手机"]
    assert "单位审核人（approver）" in str(list(book["说明"].values))
    book.worksheets[0].append(LIN)
    output = io.BytesIO()
    book.save(output)
    assert upload(office, output.getvalue()).context["plan"].counts["added"] == 1


def test_the_template_speaks_the_words_that_are_read_whatever_the_language(office: Client) -> None:
    office.cookies["django_language"] = "en"
    book = load_workbook(io.BytesIO(office.get("/people/import/template/").content))
    assert "填报人（reporter）" in str(list(book["说明"].values))
    assert upload(office, workbook(LIN)).context["plan"].counts["added"] == 1


def test_columns_stand_in_any_order_and_others_are_left_aside_with_a_note(office: Client) -> None:
    data = workbook(("一级", "lin", "填报人", "市交通运输局", "林"), header=("职级", "用户名", "角色", "单位", "姓名"))
    response = upload(office, data)
    assert response.context["plan"].counts["added"] == 1
    assert "以下各列没有读取" in response.content.decode()
    assert "职级" in response.content.decode()


def test_position_and_telephone_come_along_and_empty_cells_change_nothing(office: Client) -> None:
    header = (*HEADER, "职务", "办公电话", "手机")
    confirm(office, upload(office, workbook((*LIN, "科长", "0755-88101234", "13800000000"), header=header)))
    confirm(office, upload(office, workbook((*LIN, "处长", "", None), header=header)))
    user = User.objects.get(username="lin")
    assert (user.position, user.phone, user.mobile) == ("处长", "0755-88101234", "13800000000")
    assert Change.objects.filter(action="person.edited").get().after == {"position": "处长"}
    said = upload(office, workbook((*LIN, "长" * 61, "", "1" * 41), header=header))
    assert faults(said) == ["F2：超过60字。", "H2：超过40字。"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("", *LIN[1:]), "A2：未填写姓名"),
        (("林" * 61, *LIN[1:]), "A2：姓名超过60字"),
        (("林", "", *LIN[2:]), "B2：未填写用户名"),
        (("林", "li n", *LIN[2:]), "B2：用户名“li n”不合要求"),
        (("林", "ｌｉｎ", *LIN[2:]), "B2：用户名“ｌｉｎ”不合要求"),
        (("林", "l" * 151, *LIN[2:]), "B2：用户名"),
        ((*LIN[:2], "", *LIN[3:]), "C2：未填写单位"),
        ((*LIN[:2], "市交通局", *LIN[3:]), "C2：没有名为“市交通局”的单位。您是否指：市交通运输局"),
        ((*LIN[:2], "月球管理处", *LIN[3:]), "C2：没有名为“月球管理处”的单位"),
        ((*LIN[:2], "各区政府", *LIN[3:]), "C2：“各区政府”是统称"),
        ((*LIN[:3], "", LIN[4]), "D2：未填写角色"),
        ((*LIN[:3], "填报人、国王", LIN[4]), "D2：没有名为“国王”的角色"),
        ((*LIN[:4], "lin at sz"), "E2：“lin at sz”不是邮箱地址"),
        ((*LIN[:4], "=A1"), "E2：是公式"),
        (("=1+1", *LIN[1:]), "A2：是公式"),
        ((*LIN[:1], True, *LIN[2:]), "B2：是日期、逻辑值或错误值"),
    ],
)
def test_every_fault_is_told_with_its_cell(office: Client, row: tuple[Any, ...], said: str) -> None:
    found = faults(upload(office, workbook(row)))
    assert len(found) == 1
    assert found[0].startswith(said)


def test_all_faults_of_a_table_are_told_at_once(office: Client) -> None:
    rows = [("", "a", "市交通局", "填报人", ""), LIN, ("王", "", "市交通运输局", "国王", "x")]
    assert [said.split("：")[0] for said in faults(upload(office, workbook(*rows)))] == ["A2", "C2", "B4", "D4", "E4"]
    assert not User.objects.filter(username="lin").exists()


@pytest.mark.parametrize("again", ["lin", "Lin"])
def test_a_username_stands_in_a_table_once(office: Client, again: str) -> None:
    (found,) = faults(upload(office, workbook(LIN, ("另", again, *LIN[2:]))))
    assert found.startswith(f"B3：用户名“{again}”与第2行重复")


def test_a_row_number_counts_from_the_top_of_the_sheet(office: Client) -> None:
    data = workbook(HEADER, (), ("", "lin", *LIN[2:]), header=("2022年联络员名单",))
    assert faults(upload(office, data)) == ["A4：未填写姓名。"]


def test_another_name_of_an_agency_is_known(office: Client, transport: Agency) -> None:
    transport.other_names.create(name="市交委")
    confirm(office, upload(office, workbook((*LIN[:2], " 市交委 ", *LIN[3:]))))
    assert Membership.objects.get(user__username="lin").agency == transport


@pytest.fixture
def lin(person: PersonMaker, transport: Agency) -> User:
    user = person(Role.REPORTER, agency=transport, username="lin")
    user.full_name, user.email = "林旧", "old@sz.gov.cn"
    user.save()
    return user


def test_who_is_there_already_gets_further_roles_and_details_before_and_after(office: Client, lin: User) -> None:
    preview = upload(office, workbook((*LIN[:3], "填报人、单位审核人", LIN[4])))
    page = preview.content.decode()
    assert preview.context["plan"].counts == {"added": 0, "changed": 1, "unchanged": 0}
    assert "<del>林旧</del> → <ins>林填报</ins>" in page
    assert "<del>old@sz.gov.cn</del> → <ins>lin@sz.gov.cn</ins>" in page
    receipt = confirm(office, preview)
    lin.refresh_from_db()
    assert (lin.full_name, lin.email) == ("林填报", "lin@sz.gov.cn")
    assert set(lin.memberships.values_list("role", flat=True)) == {"reporter", "approver"}
    assert lin.has_usable_password()
    assert receipt.context["slips"] == []
    edit = Change.objects.get(action="person.edited", object_id=lin.pk)
    assert (edit.before["full_name"], edit.after["full_name"]) == ("林旧", "林填报")


def test_what_a_table_leaves_out_stays(office: Client, lin: User) -> None:
    confirm(office, upload(office, workbook(("林新", "lin", "市交通运输局", "填报人"), header=HEADER[:4])))
    lin.refresh_from_db()
    assert (lin.full_name, lin.email) == ("林新", "old@sz.gov.cn")


def test_a_table_that_says_what_is_known_offers_nothing_to_confirm(office: Client, lin: User) -> None:
    response = upload(office, workbook(("林旧", "lin", "市交通运输局", "填报人", "")))
    assert response.context["plan"].counts["unchanged"] == 1
    assert "不需要导入" in response.content.decode()
    assert "确认导入" not in response.content.decode()


def test_who_is_shut_out_is_not_let_in_by_a_table(office: Client, lin: User) -> None:
    set_active(lin, active=False, who=PORTAL, on=ON)
    assert faults(upload(office, workbook(LIN))) == ["B2：用户名“lin”的账号已停用，请先在人员页启用。"]


def test_a_name_that_differs_in_capitals_only_is_refused(office: Client, lin: User) -> None:
    (found,) = faults(upload(office, workbook((LIN[0], "LIN", *LIN[2:]))))
    assert found.startswith("B2：与已有用户名“lin”仅大小写不同")


def test_what_changed_meanwhile_is_shown_again_and_not_done(office: Client, lin: User) -> None:
    preview = upload(office, workbook(LIN))
    User.objects.filter(pk=lin.pk).update(full_name="林中")
    again = confirm(office, preview)
    assert again.status_code == 409
    assert "<del>林中</del>" in again.content.decode()
    lin.refresh_from_db()
    assert lin.full_name == "林中"
    assert confirm(office, again).status_code == 200
    lin.refresh_from_db()
    assert lin.full_name == "林填报"


def test_confirming_twice_takes_nobody_in_twice(office: Client) -> None:
    preview = upload(office, workbook(LIN))
    confirm(office, preview)
    assert confirm(office, preview).status_code == 409
    assert User.objects.filter(username="lin").count() == 1
    assert Membership.objects.filter(user__username="lin").count() == 1


def test_somebody_shut_out_meanwhile_stops_the_whole_table(office: Client, lin: User) -> None:
    preview = upload(office, workbook(LIN, ("王", "wang", *LIN[2:])))
    set_active(lin, active=False, who=PORTAL, on=ON)
    response = confirm(office, preview)
    assert response.status_code == 409
    assert "第2行：用户名“lin”的账号已停用" in response.content.decode()
    assert not User.objects.filter(username="wang").exists()


def test_only_what_was_shown_to_oneself_can_be_confirmed(office: Client, person: PersonMaker) -> None:
    preview = upload(office, workbook(LIN))
    signed = preview.context["signed"]
    other = Client()
    other.force_login(person(Role.ADMINISTRATOR, username="second"), backend="agencies.people.sign_in.PasswordBackend")
    for client, plan in ((other, signed), (office, with_another_end(signed)), (office, "")):
        response = client.post("/people/import/confirm/", {"plan": plan})
        assert response.status_code == 422
        assert "请重新上传" in response.content.decode()
    assert not User.objects.filter(username="lin").exists()


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (("姓名", "用户名", "角色"), "缺少列“单位”"),
        (("a", "b"), "缺少列“姓名”“用户名”“单位”“角色”"),
        ((*HEADER, "单位"), "有两列“单位”"),
    ],
)
def test_a_table_without_its_columns_is_refused(office: Client, header: tuple[str, ...], said: str) -> None:
    assert said in refusal(upload(office, workbook(LIN, header=header)))


def test_an_empty_table_is_refused(office: Client) -> None:
    assert "表头下面没有内容" in refusal(upload(office, workbook()))


def test_two_thousand_rows_are_taken_and_one_more_is_not(office: Client) -> None:
    rows = [(f"人{n}", f"p{n}", "市交通运输局", "查看", "") for n in range(2001)]
    assert "超过2000行" in refusal(upload(office, workbook(*rows)))
    receipt = confirm(office, upload(office, workbook(*rows[:2000])))
    assert len(receipt.context["slips"]) == 2000
    assert Membership.objects.filter(user__username__startswith="p").count() == 2000


@pytest.mark.parametrize("data", [b"", b"no workbook", b"PK\3\4 broken", workbook(LIN)[:-200]])
def test_what_is_no_workbook_is_refused(office: Client, data: bytes) -> None:
    assert upload(office, data).status_code == 422


def test_a_file_over_two_megabytes_is_refused(office: Client) -> None:
    assert "超过2MB" in refusal(upload(office, b"PK" + bytes(2 * 1024 * 1024)))


def rewritten(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The workbook with its parts changed."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return output.getvalue()


def locked(data: bytes) -> bytes:
    """The workbook with parts that need a password, as its flags say."""
    return re.sub(rb"(PK(?:\x03\x04..|\x01\x02....)).", lambda found: found[1] + b"\1", data, flags=re.DOTALL)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"])
def test_a_workbook_with_a_spoilt_part_is_refused(office: Client, part: str) -> None:
    spoilt = rewritten(workbook(LIN), lambda name, content: content[:-9] + b"<<<" if name == part else content)
    assert "不是可以读取" in refusal(upload(office, spoilt))


def test_a_workbook_with_locked_parts_is_refused(office: Client) -> None:
    assert "不是可以读取" in refusal(upload(office, locked(workbook(LIN))))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_a_file_that_unpacks_to_very_much_is_refused_at_once(office: Client, part: str) -> None:
    bomb = rewritten(workbook(LIN), lambda name, content: content + b" " * 200_000_000 if name == part else content)
    assert len(bomb) < 2 * 1024 * 1024
    began = time.monotonic()
    assert "解压后过大" in refusal(upload(office, bomb))
    assert time.monotonic() - began < 2


def test_a_directory_that_lies_about_a_size_gains_nothing(office: Client) -> None:
    padded = workbook(LIN)
    bomb = rewritten(padded, lambda name, content: content + b" " * 50_000_000 if "sheet1" in name else content)
    size = re.escape(
        zipfile.ZipFile(io.BytesIO(bomb)).getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    )
    liar = re.sub(size, (1000).to_bytes(4, "little"), bomb)
    assert liar != bomb
    assert "不是可以读取" in refusal(upload(office, liar))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_with_its_own_entities_is_refused(office: Client, encoding: str) -> None:
    def with_entity(name: str, content: bytes) -> bytes:
        if "sheet1" not in name:
            return content
        body = re.sub(r"^<\?xml[^>]*\?>", "", content.decode())
        head = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE worksheet [<!ENTITY a "aaaa">]>'
        return (head + body).encode(encoding)

    assert "DTD" in refusal(upload(office, rewritten(workbook(LIN), with_entity)))


def test_a_cell_at_the_far_end_of_the_sheet_costs_nothing(office: Client) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(HEADER)
    sheet.append(LIN)
    sheet.cell(row=1_048_576, column=16_384, value="远")
    output = io.BytesIO()
    book.save(output)
    began = time.monotonic()
    assert upload(office, output.getvalue()).context["plan"].counts["added"] == 1
    assert time.monotonic() - began < 5


def test_many_unknown_names_do_not_take_long(office: Client) -> None:
    rows = [(f"人{n}", f"p{n}", f"市第{n}管理局", "查看", "") for n in range(2000)]
    began = time.monotonic()
    assert len(faults(upload(office, workbook(*rows)))) == 2000
    assert time.monotonic() - began < 20
