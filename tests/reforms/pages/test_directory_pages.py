"""The administrators' pages for agencies: editing, adding, reorganising and merging, first shown and then done."""

from typing import Any

import pytest
from django.test import Client

from agencies.models import Agency, AgencyName, Membership, Role, Succession
from reforms.duties import derive_duties, measures_beside
from reforms.models import Assignment, Duty, Measure, NamedMember, ReformList
from tests.conftest import PersonMaker
from tests.reforms.reorganisations import held, logged, merge_into
from tests.reforms.shown import get, plain

CODE = "914403001922038216"


@pytest.fixture
def administrator(client: Client, person: PersonMaker, reform_list: ReformList) -> Client:
    client.force_login(person(Role.ADMINISTRATOR), backend="agencies.people.sign_in.PasswordBackend")
    return client


def edit(client: Client, agency: Agency, **changes: Any) -> Any:
    """Send the form of an agency as it is, with changes."""
    names = "\n".join(agency.other_names.values_list("name", flat=True))
    told = {
        "full_name": agency.full_name,
        "name_en": agency.name_en,
        "kind": agency.kind,
        "other_names": names,
        "email": agency.email,
        "credit_code": agency.credit_code,
    }
    return client.post(f"/agencies/{agency.pk}/edit/", told | changes)


def said(response: Any) -> str:
    return plain(response.content.decode())


# Editing


def test_what_is_changed_is_saved_and_logged(administrator: Client, transport: Agency) -> None:
    changes = {
        "credit_code": " 91440300-192203821 6".lower(),
        "email": "jtj@example.org",
        "name_en": "Transport",
        "outside_line": "on",
    }
    assert edit(administrator, transport, **changes).status_code == 302
    transport.refresh_from_db()
    assert (transport.credit_code, transport.email, transport.outside_line) == (CODE, "jtj@example.org", True)
    public, internal = logged("agency.changed")
    assert (public.visibility, set(public.after)) == ("public", {"credit_code", "name_en", "outside_line"})
    assert public.before == {"credit_code": "", "name_en": "Transport Bureau", "outside_line": False}
    assert (internal.visibility, internal.before, internal.after) == (
        "internal",
        {"email": ""},
        {"email": "jtj@example.org"},
    )


def test_saving_without_a_change_logs_nothing(administrator: Client, transport: Agency) -> None:
    assert edit(administrator, transport).status_code == 302
    assert logged("agency.changed") == []


def test_other_names_are_added_and_removed(administrator: Client, market: Agency) -> None:
    names = "市知识产权局\n市 市场监督管理局\n\n市市监局\n市市监局\n"
    edit(administrator, market, other_names=names)
    assert set(market.other_names.values_list("name", flat=True)) == {"市知识产权局", "市市场监督管理局", "市市监局"}
    [entry] = logged("agency.changed")
    assert "深圳市知识产权局" in entry.before["other_names"]
    assert "市市监局" in entry.after["other_names"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("credit_code", "914403001922038217", "校验位不符"),
        ("credit_code", "12345", "应为18位，现为5位"),
        ("other_names", "市交委\n市司法局", "“市司法局”已是“市司法局”的名称；如为同一单位，请用“合并重复单位”。"),
        ("other_names", "市知识产权局", "“市知识产权局”已是“市市场监管局”的名称"),
        ("full_name", "深圳市司法局", "“深圳市司法局”已是“市司法局”的名称"),
        ("other_names", "长" * 121, "名称最多120字"),
        ("email", "no-address", "请输入合法的邮件地址。"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    administrator: Client, transport: Agency, field: str, value: str, sentence: str
) -> None:
    response = edit(administrator, transport, **{field: value})
    assert response.status_code == 422
    assert sentence in said(response)
    assert set(response.context["form"].errors) == {field}
    assert not AgencyName.objects.filter(name="市交委").exists()


def test_a_code_belongs_to_one_agency(administrator: Client, transport: Agency, market: Agency) -> None:
    edit(administrator, market, credit_code=CODE)
    response = edit(administrator, transport, credit_code=CODE)
    assert response.status_code == 422
    assert "该代码已属于“市市场监管局”；如为同一单位，请用“合并重复单位”。" in said(response)


def test_an_open_group_that_gets_fixed_members_and_back(administrator: Client) -> None:
    group, luohu = Agency.objects.get(name="市直有关单位"), Agency.objects.get(name="罗湖区政府")
    measure = Measure.objects.filter(assignments__agency=group)[0]
    NamedMember.objects.create(measure=measure, group=group, member=luohu)
    assert edit(administrator, group, kind="single").status_code == 422
    assert edit(administrator, group, kind="group").status_code == 302
    assert Duty.objects.filter(measure=measure, agency=luohu, via=group).exists()


def test_a_group_without_members_can_be_one_agency(administrator: Client) -> None:
    group = Agency.objects.get(name="市直有关单位")
    count = Assignment.objects.filter(agency=group).count()
    assert edit(administrator, group, kind="single").status_code == 302
    assert len(held(group)) == count


def test_an_agency_with_people_cannot_become_a_group(
    administrator: Client, transport: Agency, person: PersonMaker
) -> None:
    person(Role.VIEWER, agency=transport)
    assert "不能改为统称" in said(edit(administrator, transport, kind="group"))


# Adding


def test_an_agency_like_a_known_one_is_added_only_after_somebody_has_looked(administrator: Client) -> None:
    form = {"name": "市市场和质量监管委", "kind": "single"}
    warned = administrator.post("/agencies/new/", form)
    assert warned.status_code == 422
    assert [one.name for one in warned.context["alike"]] == ["市市场监管局"]
    assert not Agency.objects.filter(name=form["name"]).exists()
    another = administrator.post("/agencies/new/", form | {"confirmed": "市市监委"})
    assert another.status_code == 422
    done = administrator.post("/agencies/new/", form | {"confirmed": form["name"], "other_names": "市市监委"})
    added = Agency.objects.get(name=form["name"])
    assert done["Location"] == added.get_absolute_url()
    # The list's agencies were logged when it came in.
    [entry] = [entry for entry in logged("agency.added") if entry.object_id == added.pk]
    assert (entry.object_id, entry.after["name"], entry.after["other_names"]) == (added.pk, form["name"], ["市市监委"])


def test_an_agency_like_no_other_is_added_at_once(administrator: Client) -> None:
    assert administrator.post("/agencies/new/", {"name": "大鹏新区管委会", "kind": "single"}).status_code == 302


@pytest.mark.parametrize("name", ["市司法局", "深圳市司法局", "市知识产权局"])
def test_a_known_name_is_never_added_again(administrator: Client, name: str) -> None:
    count = Agency.objects.count()
    response = administrator.post("/agencies/new/", {"name": name, "kind": "single", "confirmed": name})
    assert (response.status_code, Agency.objects.count()) == (422, count)


# Reorganising


def test_renaming_by_the_page(administrator: Client, transport: Agency) -> None:
    form = {"kind": "renamed", "name": "市交通局", "on": "2022-05-01", "reference": "深编〔2022〕5号"}
    assert administrator.post(f"/agencies/{transport.pk}/succession/", form).status_code == 302
    shown = said(administrator.get(f"/agencies/{transport.pk}/"))
    assert "市交通运输局 → 市交通局 深编〔2022〕5号" in shown
    assert "又名 市交通运输局" in shown


def merger(client: Client, agency: Agency, **form: Any) -> Any:
    told = {"kind": "merged", "on": "2022-05-01", "reference": "深编〔2022〕5号"} | form
    return client.post(f"/agencies/{agency.pk}/succession/", told)


def test_a_merger_is_shown_before_it_is_done(administrator: Client, transport: Agency, reporter: Any) -> None:
    heir = Agency.objects.create(name="市大交通局")
    count = len(held(transport))
    preview = merger(administrator, transport, successor="市大交通局")
    shown = said(preview)
    for line in (f"转移任务分工 {count}", "停用令牌 0", "（填报人）"):
        assert line in shown
    assert (len(held(heir)), Succession.objects.count()) == (0, 0)
    place = Membership.objects.get(user=reporter)
    confirmed = {"seen": preview.context["seen"], "people": place.pk}
    done = merger(administrator, transport, successor="市大交通局", **confirmed)
    assert (done.status_code, done["Location"]) == (302, heir.get_absolute_url())
    assert len(held(heir)) == count
    assert Membership.objects.get(user=reporter).agency == heir


def test_a_merger_that_changed_meanwhile_is_shown_again(
    administrator: Client, transport: Agency, reporter: Any, person: PersonMaker
) -> None:
    heir = Agency.objects.create(name="市大交通局")
    seen = merger(administrator, transport, successor=heir.name).context["seen"]
    person(Role.VIEWER, agency=transport)
    again = merger(administrator, transport, successor=heir.name, seen=seen, people=[1])
    assert "核对期间数据有变化，请按下列内容重新核对。" in said(again)
    assert {name for name, _value in again.context["sent"]} == {"kind", "on", "reference", "successor"}
    assert held(heir) == {}


def test_two_are_merged_at_once(administrator: Client, transport: Agency) -> None:
    heir, water = Agency.objects.create(name="市大交通局"), Agency.objects.get(name="市水务局")
    form = {"successor": "市大交通局", "also": "深圳市水务局"}
    seen = merger(administrator, transport, **form).context["seen"]
    merger(administrator, transport, **form, seen=seen)
    assert held(transport) == held(water) == {}
    assert len(held(heir)) > 0


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"successor": "市市场临管局"}, "没有名为“市市场临管局”的单位。您是否指：市市场监管局"),
        ({"successor": "无此单位"}, "没有名为“无此单位”的单位，请先在“单位”页新增。"),
        ({"successor": "市交通运输局"}, "“市交通运输局”不能承接自己"),
        ({"successor": "市司法局", "on": "2022-06-16"}, "请在2022年6月16日当天或之后再登记。"),
        ({"kind": "split", "successors_named": "市司法局"}, "两个以上承接单位"),
        ({"kind": "renamed", "name": "市司法局"}, "已是“市司法局”的名称"),
    ],
)
def test_what_cannot_be_is_said(administrator: Client, transport: Agency, form: Any, sentence: str) -> None:
    response = merger(administrator, transport, **form)
    assert response.status_code == 422
    assert sentence in said(response)


def test_a_split_asks_measure_by_measure(administrator: Client, transport: Agency) -> None:
    road, rail = (Agency.objects.create(name=name) for name in ("市公路局", "市轨道办"))
    measures = sorted(held(transport))
    form: dict[str, Any] = {"kind": "split", "successors_named": "市公路局\n市轨道办"}
    preview = merger(administrator, transport, **form)
    assert preview.content.decode().count("<select") == len(measures)
    form |= {f"measure-{measures[0]}": rail.pk, "seen": preview.context["seen"]}
    assert merger(administrator, transport, **form).status_code == 302
    assert (sorted(held(road)), sorted(held(rail))) == (measures[1:], measures[:1])


def test_a_collective_name_can_only_be_renamed(administrator: Client) -> None:
    group = Agency.objects.get(name="各区政府")
    page = administrator.get(f"/agencies/{group.pk}/succession/?kind=split").content.decode()
    assert 'value="renamed"' in page
    assert "tabs" not in page


def test_the_page_of_a_dissolved_agency_says_who_succeeded_it(
    administrator: Client, transport: Agency, reporter: Any
) -> None:
    heir = Agency.objects.create(name="市大交通局")
    count = len(held(transport))
    merge_into(heir, transport)
    shown = said(administrator.get(f"/agencies/{transport.pk}/"))
    assert "该单位已于2022年5月1日撤销，不再承担任务分工，由 市大交通局 承接。" in shown
    assert "尚未转出的人员" in shown
    assert str(reporter) in shown
    assert "尚未转出的人员" not in said(Client().get(f"/agencies/{transport.pk}/"))
    page = get(Client(), f"/agencies/{heir.pk}/")
    links = page.tree.xpath('//ul[@class="figures"]//a/@href')
    assert f"/measures/?holder={heir.pk}&via={transport.pk}" in links
    assert f"{count} 条承接自市交通运输局" in plain(page.text)
    assert "深编〔2022〕5号" in plain(page.text)
    assert administrator.get(f"/agencies/{transport.pk}/succession/").status_code == 404


def test_a_dissolved_agency_gets_no_people_and_no_tokens(administrator: Client, transport: Agency) -> None:
    merge_into(Agency.objects.create(name="市大交通局"), transport)
    token = administrator.post("/tokens/", {"agency": transport.pk, "name": "x", "days": 1})
    person = {"username": "x", "full_name": "某", "agency": transport.pk, "role": "viewer"}
    assert (token.status_code, administrator.post("/people/", person).status_code) == (422, 422)


def test_members_that_were_dissolved_are_marked_on_the_group(client: Client, reform_list: ReformList) -> None:
    luohu, group = Agency.objects.get(name="罗湖区政府"), Agency.objects.get(name="各区政府")
    heir = Agency.objects.create(name="罗湖区新政府")
    merge_into(heir, luohu)
    derive_duties(measures_beside(group))
    assert "罗湖区政府 （由罗湖区新政府承接）" in said(client.get(group.get_absolute_url()))
    assert "18 条通过各区政府" in said(client.get(heir.get_absolute_url()))


# Merging duplicates


def test_a_duplicate_is_shown_and_then_merged(administrator: Client, transport: Agency) -> None:
    twin = Agency.objects.create(name="市交通运输委")
    address = f"/agencies/{transport.pk}/merge/"
    assert f"?duplicate={'%E5%B8%82%E4%BA%A4%E9%80%9A%E8%BF%90%E8%BE%93%E5%A7%94'}" in (
        administrator.get(address).content.decode()
    )
    preview = administrator.post(address, {"duplicate": "市交通运输委"})
    assert preview.status_code == 200
    assert Agency.objects.get(pk=twin.pk).merged_into is None
    done = administrator.post(address, {"duplicate": "市交通运输委", "seen": preview.context["seen"]})
    assert done["Location"] == transport.get_absolute_url()
    assert administrator.get(f"/agencies/{twin.pk}/")["Location"] == transport.get_absolute_url()
    assert administrator.get(f"/agencies/{twin.pk}/edit/").status_code == 404
    kept = edit(administrator, transport, other_names="")
    assert "“市交通运输委”是已并入本单位的名称，文件中可能印有，不能删除。" in said(kept)


@pytest.mark.parametrize("name", ["市交通运输局", "各区政府", "无此单位"])
def test_what_cannot_be_merged_is_refused(administrator: Client, transport: Agency, name: str) -> None:
    assert administrator.post(f"/agencies/{transport.pk}/merge/", {"duplicate": name}).status_code == 422


# Who sees the way there


def test_links_are_shown_to_whoever_may_follow_them(
    administrator: Client, person: PersonMaker, transport: Agency
) -> None:
    group = Agency.objects.get(name="各区政府")
    assert f"/agencies/{transport.pk}/merge/" in administrator.get(transport.get_absolute_url()).content.decode()
    assert "/agencies/new/" in administrator.get("/agencies/").content.decode()
    supervisor = Client()
    supervisor.force_login(person(Role.SUPERVISOR), backend="agencies.people.sign_in.PasswordBackend")
    page = supervisor.get(group.get_absolute_url()).content.decode()
    assert f"/agencies/{group.pk}/members/" in page
    assert "/edit/" not in page
    for address in ("/agencies/", group.get_absolute_url()):
        page = Client().get(address).content.decode()
        assert not [link for link in ("/new/", "/members/", "/edit/", "/merge/", "/succession/") if link in page]


def test_the_pages_are_in_english_too(administrator: Client, transport: Agency) -> None:
    administrator.cookies["django_language"] = "en"
    twin = Agency.objects.create(name="市交通运输委")
    assert "Merge duplicates" in said(administrator.get(f"/agencies/{transport.pk}/merge/"))
    assert "Times printed" in said(administrator.post(f"/agencies/{transport.pk}/merge/", {"duplicate": twin.name}))
    assert "Duties moving" in said(merger(administrator, transport, successor="市司法局"))
    assert "Reorganisation" in said(administrator.get(f"/agencies/{transport.pk}/"))
