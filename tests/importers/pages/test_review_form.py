"""The review of an import is one form: whatever stands on it goes with the button that is pressed."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from lxml import html

from agencies.models import Agency
from importers.models import ImportJob
from importers.pages import imports as pages
from reforms.models import ReformList
from tests.importers.left import Left
from tests.importers.pages.test_import_pages import LAW_FIRMS, UNCLEAR, administrator, job_of, upload, words
from tests.importers.plans.test_plan import fourfold, measure
from tests.importers.text_editions import TextEdition

__all__ = ["administrator"]
LICENCES = "探索高频经营许可跨城互认"
NEW_NAME = "市低空经济局"
WITH_A_NEW_NAME = UNCLEAR.with_lead("11*", NEW_NAME)


@pytest.fixture
def left(administrator: Client, reform_list: ReformList) -> Left:
    return Left(administrator, upload(administrator, fourfold()))


@pytest.fixture
def two_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZE", 2)


def declined(response: Any) -> list[str]:
    """The titles of what the receipt says was not taken."""
    found = html.fromstring(response.content.decode()).xpath(
        '//h2[.="未采纳的变化"]/following-sibling::ul[1]/li//span[@lang]'
    )
    return [one.text for one in found]


def ticks(left: Left) -> dict[str, bool]:
    """Of each row on the page, by the end of its title, whether its tick stands."""
    boxes = left.form.xpath('.//input[@name="accept"]')
    return {box.getnext().text.strip(): box.checked for box in boxes}


def test_confirm_leaves_out_what_is_not_ticked(left: Left) -> None:
    receipt = left.untick(LAW_FIRMS).press("确认导入")
    assert declined(receipt) == [LAW_FIRMS]
    assert measure(6).text.startswith("积极争取司法部支持")
    assert measure(8).deadline == dt.date(2023, 3, 31)


def test_confirm_writes_what_was_declined_before_and_is_ticked_again(left: Left) -> None:
    again = left.untick(LAW_FIRMS).pressed("保存本页取舍")
    receipt = again.tick(LAW_FIRMS).press("确认导入")
    assert declined(receipt) == []
    assert not measure(6).text.startswith("积极争取司法部支持")


@pytest.mark.usefixtures("two_a_page")
def test_what_is_not_ticked_on_each_page_of_the_pager_is_left_out(left: Left) -> None:
    first = next(iter(ticks(left)))
    second = left.untick(first).pressed("下一页")
    other = next(iter(ticks(second)))
    assert other != first
    receipt = second.untick(other).press("确认导入")
    assert sorted(declined(receipt)) == sorted([first, other])


@pytest.mark.parametrize("button", ["全部原文与识别结果 216", "新增 1"])
def test_a_tab_and_a_kind_keep_the_ticks(left: Left, button: str) -> None:
    elsewhere = left.untick(LAW_FIRMS).pressed(button)
    assert "确认后将写入5条变化，1条不采纳" in words(elsewhere.response)
    assert ticks(elsewhere.pressed("变更 4"))[LAW_FIRMS] is False


def test_the_count_follows_the_ticks_and_keeps_nothing(left: Left, administrator: Client) -> None:
    address = left.form.xpath(".//@hx-post")[0]
    left.untick(LAW_FIRMS, LICENCES)
    told = administrator.post(address, dict(left.fields)).content.decode()
    assert "确认后将写入4条变化，2条不采纳（保持原状并列入回执）" in told
    left.fields["accept"].clear()
    told = administrator.post(address, dict(left.fields)).content.decode()
    assert "没有任何采纳的变化，无需写入。" in told
    assert not ImportJob.objects.get().rows.filter(is_declined=True).exists()


def test_with_nothing_ticked_confirm_says_so_and_one_tick_is_enough_to_go_on(
    left: Left, reform_list: ReformList
) -> None:
    left.fields["accept"].clear()
    again = left.pressed("确认导入")
    assert words(again.response).count("没有任何采纳的变化，无需写入。") == 2
    assert reform_list.editions.count() == 1
    receipt = again.tick(LICENCES).press("确认导入")
    assert len(declined(receipt)) == 5
    assert measure(8).deadline == dt.date(2023, 3, 31)


@pytest.mark.parametrize("button", ["保存本页取舍", "保存单位认定", "记录", "全部原文与识别结果 216"])
def test_every_button_takes_in_all_that_stands_on_the_page(
    administrator: Client, reform_list: ReformList, button: str
) -> None:
    job = job_of(upload(administrator, WITH_A_NEW_NAME))
    left = Left.at(administrator, job.get_absolute_url()).untick(LAW_FIRMS).choose(NEW_NAME, "new").fill(ongoing="on")
    left.press(button)
    job.refresh_from_db()
    assert job.agencies == {NEW_NAME: "new"}
    assert [answer["ongoing"] for answer in job.answers] == [True]
    assert [row.title for row in job.rows.filter(is_declined=True)] == [LAW_FIRMS]


@pytest.mark.parametrize(("button", "expected"), [("全部采纳", 0), ("全部不采纳", 7)])
def test_all_at_once_keeps_what_was_typed_beside_it(
    administrator: Client, reform_list: ReformList, button: str, expected: int
) -> None:
    job = job_of(upload(administrator, WITH_A_NEW_NAME))
    left = Left.at(administrator, job.get_absolute_url()).untick(LAW_FIRMS).choose(NEW_NAME, "new").fill(ongoing="on")
    left.press(button)
    job.refresh_from_db()
    assert (job.agencies, len(job.answers)) == ({NEW_NAME: "new"}, 1)
    assert job.rows.filter(is_declined=True).count() == expected


def test_confirm_with_something_typed_keeps_it_and_shows_what_it_makes_of_the_list_first(
    administrator: Client, reform_list: ReformList
) -> None:
    left = Left(administrator, upload(administrator, UNCLEAR)).untick(LAW_FIRMS).fill(day="2022-12-20")
    again = left.pressed("确认导入")
    assert "您刚填写的内容改变了识别结果或单位的认定，请核对后再次确认。未写入任何数据。" in words(again.response)
    assert reform_list.editions.count() == 1
    assert declined(again.press("确认导入")) == [LAW_FIRMS]
    assert measure(11).deadline == dt.date(2022, 12, 20)


def test_confirm_with_another_identity_of_an_agency_shows_it_first(
    administrator: Client, reform_list: ReformList
) -> None:
    edition = TextEdition.real().with_lead("6*", NEW_NAME)
    again = Left(administrator, upload(administrator, edition)).choose(NEW_NAME, "new").pressed("保存单位认定")
    known = Agency.objects.get(name="市司法局")
    other = again.fill(**{"known": known.name, "known-for": NEW_NAME}).pressed("确认导入")
    assert "请核对后再次确认" in words(other.response)
    assert reform_list.editions.count() == 1
    other.press("确认导入")
    assert measure(6).assignments.get(part="lead").agency == known


@pytest.mark.parametrize("button", ["确认导入", "保存本页取舍", "全部不采纳", "全部原文与识别结果 216"])
def test_what_is_wrong_is_shown_again_with_everything_typed_and_nothing_is_kept(
    administrator: Client, reform_list: ReformList, button: str
) -> None:
    left = Left(administrator, upload(administrator, UNCLEAR)).untick(LAW_FIRMS)
    again = left.fill(day="2022-12-20", ongoing="on").pressed(button)
    assert again.response.status_code == 422
    assert "请填写日期或选“持续巩固”，二者选一。" in words(again.response)
    assert {**again.fields, "csrfmiddlewaretoken": []} == {**left.fields, "csrfmiddlewaretoken": []}
    assert "1条不采纳" in words(again.response)
    job = ImportJob.objects.get()
    assert (job.answers, job.rows.filter(is_declined=True).count()) == ([], 0)
    assert reform_list.editions.count() == 1


def test_the_second_of_two_is_told_and_keeps_the_ticks_of_both(
    left: Left, administrator: Client, reform_list: ReformList
) -> None:
    Left.at(administrator, left.response.request["PATH_INFO"]).untick(LICENCES).press("保存本页取舍")
    again = left.untick(LAW_FIRMS).pressed("确认导入")
    assert "在您查看之后有变化，请重新核对后再确认。未写入任何数据。" in words(again.response)
    assert "确认后将写入4条变化，2条不采纳" in words(again.response)
    assert reform_list.editions.count() == 1
    assert sorted(declined(again.press("确认导入"))) == sorted([LAW_FIRMS, LICENCES])


def test_who_saves_or_goes_on_after_another_is_told_and_takes_nothing_back(left: Left, administrator: Client) -> None:
    Left.at(administrator, left.response.request["PATH_INFO"]).untick(LICENCES).press("保存本页取舍")
    again = left.untick(LAW_FIRMS).pressed("变更 4")
    assert "您查看期间，有人改动了取舍、单位认定或识别结果" in words(again.response)
    assert [title for title, stands in ticks(again).items() if not stands] == [LAW_FIRMS, LICENCES]


def test_after_a_mistake_what_another_did_meanwhile_still_has_to_be_looked_at(
    administrator: Client, reform_list: ReformList
) -> None:
    left = Left(administrator, upload(administrator, UNCLEAR)).fill(day="2022-12-20", ongoing="on")
    Left.at(administrator, left.response.request["PATH_INFO"]).untick(LICENCES).press("保存本页取舍")
    again = left.pressed("确认导入").fill(day="", ongoing="")
    page = again.press("确认导入")
    assert "请重新核对后再确认" in words(page)
    assert reform_list.editions.count() == 1


def test_cancelling_needs_nothing_that_stands_on_the_page(left: Left, reform_list: ReformList) -> None:
    assert "该导入已取消，未写入任何数据。" in words(left.untick(LAW_FIRMS).press("取消导入"))
