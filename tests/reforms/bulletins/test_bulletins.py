"""通报: what it says, who is not named in it, and that it says the same for ever."""

import datetime as dt
import io
import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from docx import Document
from docx.oxml.ns import qn
from lxml import html

from agencies.models import Agency, Role
from reforms.bulletins.counting import figures_of
from reforms.bulletins.drafts import (
    digest_of,
    draft_bulletin,
    edit_bulletin,
    issue_bulletin,
    reword_bulletin,
    submit_bulletin,
)
from reforms.bulletins.figures import Figures
from reforms.bulletins.sending import send_bulletin, void_bulletin
from reforms.models import Bulletin, Light, Measure, ReformList, Stale
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import return_claim
from reforms.review.extensions import adjust_deadline
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.review.test_claims import claimed
from tests.reforms.shown import asked


def text_of(client: Client, bulletin: Bulletin) -> str:
    """All that the Word document says, tables and boxes included."""
    response = client.get(f"{bulletin.get_absolute_url()}docx/")
    document = Document(io.BytesIO(b"".join(response.streaming_content)))
    said = [paragraph.text for paragraph in document.paragraphs]
    said += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    boxes = document.element.body.iter(qn("w:txbxContent"))
    said += ["".join(text.text or "" for text in box.iter(qn("w:t"))) for box in boxes]
    return "\n".join(said)


@pytest.fixture
def office(cast: Cast) -> Any:
    return {"who": acting(cast.supervisor), "on": ON}


@pytest.fixture
def signed_in(cast: Cast, client: Client) -> Client:
    client.force_login(cast.supervisor, backend="agencies.people.sign_in.PasswordBackend")
    return client


def issued(reform_list: ReformList, office: Any, day: dt.date = ON) -> Bulletin:
    draft = draft_bulletin(reform_list, day, **office)
    submit_bulletin(draft.pk, seen=None, **office)
    return issue_bulletin(draft.pk, number="", signed_by="王秘书长", issued_on=ON, seen=None, **office)


def test_its_numbers_are_those_of_the_pages(demo: ReformList, office: Any) -> None:
    figures = Figures.of_json(draft_bulletin(demo, ON, **office).figures)
    assert (figures.items, figures.measures) == (200, 216)
    for light in Light:
        assert figures.light(light) == asked(f"?light={light.value}").ordered().count(), light
    assert sum(section.measures for section in figures.sections) == 216
    assert [line.days for line in figures.overdue] == sorted((line.days for line in figures.overdue), reverse=True)
    late = asked("?light=overdue").ordered()
    assert sorted(line.title for line in figures.overdue) == sorted(late.values_list("title", flat=True))


def test_its_sentences_say_these_numbers(demo: ReformList, office: Any) -> None:
    said = draft_bulletin(demo, ON, **office)
    assert said.overall == (
        "清单共200项改革事项、216条具体举措。截至2022年6月15日，持续巩固31条，已销号24条，待核验6条，正常推进92条，"
        "临近到期52条，待报送8条，逾期3条。持续巩固和已销号合计55条，占25.5%。"
    )
    assert said.problems.startswith("（一）逾期。3条举措已超过完成时限，最长")
    assert said.title.endswith("进展情况的通报")
    # 52 fall due, nine of them of courts, customs and the like.
    assert "今后30天内到期的52条举措中政府序列单位牵头的43条（最近的2022年6月30日到期，还有15天" in said.demands
    assert said.issue == 1
    # As everywhere a measure is called, also one of several of an item.
    assert "第7项第1条“开展‘一照多址’改革”（市市场监管局）" in said.results


def test_a_past_day_is_as_it_was(demo: ReformList, office: Any) -> None:
    earlier = dt.date(2022, 5, 1)
    figures = Figures.of_json(draft_bulletin(demo, earlier, **office).figures)
    for light in Light:
        assert figures.light(light) == asked(f"?light={light.value}&on={earlier}").ordered().count(), light


def test_who_is_outside_the_governments_line_is_not_named(demo: ReformList, office: Any) -> None:
    before = figures_of(demo, ON, since=None, who=office["who"], today=ON)
    line = next(one for one in before.overdue if len(one.leads) == 1)
    Agency.objects.filter(name=line.leads[0]).update(outside_line=True)
    after = figures_of(demo, ON, since=None, who=office["who"], today=ON)
    assert after.light(Light.OVERDUE) == before.light(Light.OVERDUE), "it counts"
    assert line.title not in [one.title for one in after.overdue]
    assert line.leads[0] not in [one.name for one in after.agencies]


def test_what_was_issued_says_the_same_whatever_happens_after(demo: ReformList, office: Any, signed_in: Client) -> None:
    bulletin = issued(demo, office)
    before = text_of(signed_in, bulletin)
    for measure in Measure.objects.filter(status="not_reported")[:3]:
        adjust_deadline(measure.pk, dt.date(2023, 6, 30), reference="〔2022〕9号", seen=None, **office)
    Measure.objects.all().update(title="别的")
    Agency.objects.filter(name="市市场监管局").update(name="市市场局")
    assert text_of(signed_in, bulletin) == before
    assert digest_of(Bulletin.objects.get(pk=bulletin.pk)) == bulletin.digest
    # The control: one that is drafted now says something else.
    assert text_of(signed_in, draft_bulletin(demo, ON, **office)) != before


def test_the_document_has_its_parts(demo: ReformList, office: Any, signed_in: Client) -> None:
    adjust_deadline(Measure.objects.all()[0].pk, dt.date(2023, 6, 30), reference="〔2022〕9号", seen=None, **office)
    draft = draft_bulletin(demo, ON, **office)
    said = text_of(signed_in, draft)
    parts = [
        "督查通报",
        "第1期",
        "（截至2022年6月15日）",
        "（草稿）",
        "一、总体情况",
        "三、存在问题",
        "四、下一步工作要求",
    ]
    annexes = [
        "附件：1．总体情况表",
        "附件1",
        "逾期清单",
        "各单位办理情况表",
        "延期清单",
        "〔2022〕9号",
        "2022年6月15日印发",
    ]
    assert [part for part in [*parts, *annexes] if part not in said] == []
    assert "（草稿）" not in text_of(signed_in, issued(demo, office))
    assert not re.search(r"第\d+名", said), "no ranks"


def test_on_its_page_numbers_stand_in_columns_of_numbers(demo: ReformList, office: Any, signed_in: Client) -> None:
    page = html.fromstring(signed_in.get(issued(demo, office).get_absolute_url()).content)
    heads, late = (page.xpath(f"(//table)[{place}]/thead//th") for place in (1, 2))
    assert ["num" in head.get("class", "") for head in heads] == [False] + [True] * (len(heads) - 1)
    assert [head.text for head in late if "num" in head.get("class", "")] == ["逾期天数"]
    assert {cell.text.isdigit() for cell in page.xpath("(//table)[1]/tbody//td[@class='num']")} == {True}


def test_the_next_one_says_what_was_closed_since_the_last(demo: ReformList, office: Any) -> None:
    issued(demo, office, day=dt.date(2022, 6, 11))
    figures = Figures.of_json(draft_bulletin(demo, ON, **office).figures)
    closed = Measure.objects.filter(closed_on__gt=dt.date(2022, 6, 11), closed_on__lte=ON)
    assert sorted(line.title for line in figures.closed) == sorted(closed.values_list("title", flat=True))
    assert Bulletin.objects.order_by("-pk")[0].issue == 2


def test_a_lead_that_says_it_is_behind_is_named_and_keeps_its_light(
    public: ReformList, led: Measure, cast: Cast, transport: Agency, office: Any
) -> None:
    content = ReportContent(progress="推进缓慢。", outlook="behind")
    submit_report(led.pk, transport.pk, content, who=acting(cast.reporter), on=ON)
    said = draft_bulletin(public, ON, **office)
    assert [line["title"] for line in said.figures["behind"]] == [led.title]
    assert "1条举措由牵头单位自报进度滞后" in said.problems


def test_a_claim_that_came_back_is_named_until_it_is_made_anew(
    public: ReformList, led: Measure, cast: Cast, transport: Agency, office: Any
) -> None:
    claim = claimed(led, cast)
    return_claim(claim.pk, reason="佐证不足。", seen=None, who=acting(cast.supervisor), on=ON)
    said = draft_bulletin(public, ON, **office)
    assert [line["title"] for line in said.figures["returned"]] == [led.title]
    assert "退回修改。1条举措的销号申请经核验退回，尚未重新报送" in said.problems
    assert "佐证不足" not in said.problems, "why is between the office and the agency"
    assert "重新报送" in said.demands
    earlier = figures_of(public, ON - dt.timedelta(days=1), since=None, who=office["who"], today=ON)
    assert not earlier.returned
    report = ReportContent(progress="已补充佐证。")
    submit_report(led.pk, transport.pk, report, who=acting(cast.reporter), on=ON)
    assert not figures_of(public, ON, since=None, who=office["who"], today=ON).returned


def test_a_box_is_as_high_as_what_is_in_it(demo: ReformList, office: Any, client: Client, cast: Cast) -> None:
    draft = draft_bulletin(demo, ON, **office)
    Bulletin.objects.filter(pk=draft.pk).update(problems="未发现问题。", results="很长的成效。" * 100)
    client.force_login(cast.supervisor)
    tree = html.fromstring(client.get(draft.get_absolute_url()).content)
    short, long = (int(tree.xpath(f'string(//textarea[@name="{name}"]/@rows)')) for name in ("problems", "results"))
    assert (short, long) == (2, 16)
    days = tree.xpath('//table[contains(@class, "annex")]//td[@class="nowrap"]/text()')
    assert "2022年3月31日" in days, "a day is in one line on a phone too"


def test_words_of_the_office_stay_until_it_has_them_written_anew(demo: ReformList, office: Any) -> None:
    draft = draft_bulletin(demo, ON, **office)
    written = {name: getattr(draft, name) for name in ("issue", "title", "to", "intro", "results", "problems")}
    written |= {name: getattr(draft, name) for name in ("demands", "contact", "contact_phone")}
    edited = edit_bulletin(
        draft.pk, written | {"overall": "总体良好。", "copies_to": "市委办公厅"}, seen=draft.version, **office
    )
    assert (edited.overall, edited.copies_to) == ("总体良好。", "市委办公厅")
    again = reword_bulletin(draft.pk, seen=edited.version, **office)
    assert (again.overall, again.copies_to) == (draft.overall, "市委办公厅")
    with pytest.raises(Stale):
        edit_bulletin(draft.pk, written | {"overall": "", "copies_to": ""}, seen=draft.version, **office)


def test_it_is_signed_by_another_and_changed_no_more(demo: ReformList, cast: Cast, office: Any) -> None:
    draft = draft_bulletin(demo, ON, **office)
    signature: Any = {"number": "", "issued_on": ON, "seen": None}
    with pytest.raises(ValidationError, match="不能这样办理"):
        issue_bulletin(draft.pk, signed_by="王秘书长", **signature, **office)
    submit_bulletin(draft.pk, seen=None, **office)
    with pytest.raises(ValidationError, match="拟稿人本人"):
        issue_bulletin(draft.pk, signed_by=str(cast.supervisor), **signature, **office)
    issue_bulletin(draft.pk, signed_by="王秘书长", **signature, **office)
    with pytest.raises(ValidationError, match="已签发"):
        reword_bulletin(draft.pk, seen=None, **office)
    void_bulletin(draft.pk, reason="数据有误。", seen=None, **office)
    assert draft_bulletin(demo, ON, **office).issue == 1, "its number is free again"


def test_agencies_draft_nothing_and_read_nothing_that_was_not_sent_to_them(
    demo: ReformList, office: Any, cast: Cast, transport: Agency
) -> None:
    draft, out = draft_bulletin(demo, ON, **office), issued(demo, office)
    client = Client()
    client.force_login(cast.reporter, backend="agencies.people.sign_in.PasswordBackend")
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.get(out.get_absolute_url()).status_code == 404
    send_bulletin(out.pk, [transport.pk], seen=None, **office)
    page = client.get(out.get_absolute_url())
    assert page.status_code == 200
    assert b'name="act"' not in page.content
    with pytest.raises(PermissionDenied):
        draft_bulletin(demo, ON, who=acting(cast.reporter), on=ON)
    assert Client().get(out.get_absolute_url()).status_code == 302
    # Of a list that is the office's alone nobody else reads anything.
    demo.open_to = "office"
    demo.save()
    assert client.get(out.get_absolute_url()).status_code == 404


def test_the_first_speaks_of_no_issue_before_it(demo: ReformList, office: Any) -> None:
    first = draft_bulletin(demo, ON, **office)
    assert first.results.startswith("近30天新销号")
    submit_bulletin(first.pk, seen=None, **office)
    issue_bulletin(first.pk, number="", signed_by="王秘书长", issued_on=ON, seen=None, **office)
    later = {**office, "on": ON + dt.timedelta(days=7)}
    assert draft_bulletin(demo, later["on"], **later).results == "上期以来没有新销号的举措。"


def test_of_a_day_to_come_there_is_none(demo: ReformList, office: Any) -> None:
    with pytest.raises(ValidationError, match="不能晚于今天"):
        draft_bulletin(demo, ON + dt.timedelta(days=1), **office)


def test_of_two_that_take_one_issue_the_second_is_told(demo: ReformList, office: Any, person: PersonMaker) -> None:
    draft_bulletin(demo, ON, **office)
    second = draft_bulletin(demo, ON, who=acting(person(Role.SUPERVISOR)), on=ON)
    said = {name: getattr(second, name) for name in ("title", "to", "intro", "overall", "results", "problems")}
    said |= {name: getattr(second, name) for name in ("demands", "contact", "contact_phone", "copies_to")}
    with pytest.raises(ValidationError, match="第1期"):
        edit_bulletin(second.pk, said | {"issue": 1}, seen=None, **office)


def test_submitting_takes_what_was_typed_along(demo: ReformList, office: Any, signed_in: Client) -> None:
    draft = draft_bulletin(demo, ON, **office)
    fields = ("issue", "title", "to", "intro", "overall", "results", "problems", "demands")
    typed = {name: getattr(draft, name) for name in fields} | {"copies_to": "市委办公厅", "act": "submit"}
    answer = signed_in.post(draft.get_absolute_url(), typed | {"seen": draft.version})
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.copies_to) == ("submitted", "市委办公厅")
    again = signed_in.post(draft.get_absolute_url(), typed | {"seen": 1, "title": "别的标题"})
    assert again.status_code == 409
    assert "别的标题" in again.content.decode(), "nothing typed is lost"


def test_wording_it_anew_keeps_what_was_typed_beside_the_texts(
    demo: ReformList, office: Any, signed_in: Client
) -> None:
    draft = draft_bulletin(demo, ON, **office)
    fields = ("issue", "title", "to", "intro", "results", "problems", "demands")
    typed = {name: getattr(draft, name) for name in fields}
    typed |= {"overall": "总体良好。", "copies_to": "市委办公厅", "act": "reword", "seen": draft.version}
    assert signed_in.post(draft.get_absolute_url(), typed).status_code == 302
    said = Bulletin.objects.get(pk=draft.pk)
    assert (said.overall, said.copies_to, said.state) == (draft.overall, "市委办公厅", "draft")
