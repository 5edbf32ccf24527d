"""消息: who is told what, in words, what they have seen of it, and where a notice leads."""

import datetime as dt
import re
from collections.abc import Callable
from functools import partial
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from agencies.access import Principal
from agencies.models import Agency, Role, User
from reforms.models import Measure, Notice, NoticeRead
from reforms.notices.inbox import latest_notices, notices_for, see, unread_count
from reforms.notices.notify import notify
from reforms.notices.wording import SENTENCES, sentence_of
from reforms.office.chasing import chase
from reforms.office.steer import reassign
from reforms.reports.submit import ReportContent, submit_report, withdraw_report
from reforms.review.decisions import send_back, sign_claim
from reforms.review.extensions import (
    ExtensionTerms,
    ask_extension,
    send_back_extension,
    sign_extension,
    withdraw_extension,
)
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting, attach

SignIn = Callable[[User], Client]
Kind = Notice.Kind
UNTIL = "2022-09-30"

REPORT = {"title": "首批清单", "first": "2022-06-01", "last": "2022-06-30", "due": "2022-06-24", "count": 12}

# Kind and facts as the deeds write them, and what is read.
READ = [
    (Kind.WATCHED, {"said": {"zh": ["报送进展", "状态变化"], "en": ["reported"]}}, "报送进展；状态变化。"),
    (Kind.WATCHED, {"view": "逾期", "query": "light=overdue", "count": 12}, "视图“逾期”中有12条举措有新动态。"),
    (
        Kind.DOCUMENT,
        {"bulletin": 1, "document": "bulletin", "issue": 3, "title": "关于甲的通报", "number": "督〔2022〕3号"},
        "第3期督查通报已送达，请查阅：关于甲的通报（督〔2022〕3号）",
    ),
    (
        Kind.DOCUMENT,
        {"bulletin": 1, "document": "brief", "issue": 3, "title": "关于甲的专报", "number": ""},
        "第3期督查专报已送达，请查阅：关于甲的专报",
    ),
    (
        Kind.DOCUMENT,
        {"document": "letter", "title": "关于甲的函", "outside_line": True},
        "函已送达，请予支持：关于甲的函",
    ),
    (Kind.DOCUMENT, {"document": "letter", "title": "关于甲的函"}, "函已送达，请查阅：关于甲的函"),
    (
        Kind.DOCUMENT_VOID,
        {"bulletin": 1, "title": "关于甲的通报", "reason": "数据有误。"},
        "已送达的下列文件作废：关于甲的通报。理由：数据有误。",
    ),
    (Kind.FILE_MADE, {"file": "甲.zip", "token": "a"}, "文件已生成，24小时内可以下载：甲.zip"),
    (Kind.ASSIGNED, {"old": "市商务局", "reason": "职责调整"}, "由市商务局改派本单位承担：职责调整"),
    (
        Kind.ASSIGNED,
        {"edition": 2, "list": "首批清单", "count": 3},
        "首批清单（第2版）已印发，本单位新承担3条举措，请签收。",
    ),
    (Kind.ASSIGNED, {"group": "各区政府", "count": 3}, "列入“各区政府”，新承担3条举措。"),
    (Kind.ASSIGNED, {"count": 1}, "已明确由本单位承担。"),
    (Kind.ASSIGNED, {"predecessors": ["市甲局", "市乙局"], "count": 4}, "因机构变更，承接市甲局、市乙局的4条举措。"),
    (Kind.RETURNED, {"reason": "请补充批复文件。"}, "销号申请退回修改：请补充批复文件。"),
    (Kind.VERIFIED, {"closed": True}, "经核验，已销号。"),
    (Kind.VERIFIED, {"closed": False}, "本单位的销号申请核验通过；其他牵头单位通过后销号。"),
    (Kind.REOPENED, {"reason": "系统停用"}, "恢复督办，请继续推进并报送：系统停用"),
    (Kind.EXTENSION_GRANTED, {"until": UNTIL, "remark": ""}, "同意延期，现行时限为2022年9月30日。"),
    (Kind.EXTENSION_GRANTED, {"until": UNTIL, "remark": "仅此一次"}, "同意延期，现行时限为2022年9月30日：仅此一次"),
    (Kind.EXTENSION_REFUSED, {"reason": "理由不充分"}, "不同意延期，时限不变：理由不充分"),
    (
        Kind.DEADLINE_ADJUSTED,
        {"until": UNTIL, "reference": "深改办〔2022〕8号"},
        "完成时限调整为2022年9月30日（深改办〔2022〕8号）。",
    ),
    (Kind.CHASED, {"words": ""}, "请尽快报送进展。"),
    (Kind.CHASED, {"words": "请于周五前。"}, "请尽快报送进展：请于周五前。"),
    (Kind.TO_SIGN, {}, "有一份销号申请待审签。"),
    (Kind.TO_SIGN, {"until": UNTIL}, "有一份延期申请待审签，申请延至2022年9月30日。"),
    (Kind.TO_SIGN, {"paper": "order", "title": "关于逾期的督办"}, "有一份督办单待您签发：关于逾期的督办"),
    (
        Kind.SENT_BACK,
        {"paper": "letter", "title": "关于甲的函", "reason": "数据有误"},
        "您拟稿的函未予签发，已退回修改：关于甲的函。理由：数据有误",
    ),
    (
        Kind.PAPER_SIGNED,
        {"paper": "brief", "title": "关于甲的专报", "number": "督1号", "signed_by": "王秘书长"},
        "您拟稿的督查专报已由王秘书长签发：关于甲的专报（督1号）",
    ),
    (Kind.SENT_BACK, {"reason": "数据有误"}, "您填写的销号申请未予审签，已退回：数据有误"),
    (Kind.SENT_BACK, {"reason": "数据有误", "until": UNTIL}, "您填写的延期申请未予审签，已退回：数据有误"),
    (Kind.MATTER_ANSWERED, {"text": "接口已开放。"}, "需协调事项的答复：接口已开放。"),
    (Kind.MATTER_ANSWERED, {"text": ""}, "所提需协调事项已在协调。"),
    (Kind.DISPOSED, {"disposition": "suspended", "reason": "上位法修订"}, "举措中止：上位法修订"),
    (Kind.DISPOSED, {"disposition": "cancelled", "reason": "并入他项"}, "举措终止：并入他项"),
    (Kind.DISPOSED, {"disposition": "active", "reason": "条件具备"}, "举措恢复，请继续推进并报送：条件具备"),
    (
        Kind.HANDED_OVER,
        {"from": "林填报", "duties": 3, "drafts": 1},
        "林填报的工作已移交给您：经办举措3条，未报送的草稿1份。",
    ),
    (
        Kind.ORDERED,
        {"order": 1, "order_number": "督〔2022〕1号", "count": 3, "reply_by": "2022-07-21"},
        "督〔2022〕1号：请抓紧办理3条举措，于2022年7月21日前反馈办理情况。",
    ),
    (
        Kind.REMINDED,
        {"late": 2, "longest": 15, "near": 3},
        "2条举措已逾期，最长15天，另有3条临近到期。",
    ),
    (Kind.REMINDED, {"late": 0, "longest": 0, "near": 3}, "3条举措临近到期。"),
    (
        Kind.REPORT_DUE,
        REPORT,
        "《首批清单》6月进展请于2022年6月24日前报送，尚有12条举措未报送。",
    ),
    (
        Kind.REPORT_DUE,
        {**REPORT, "late": True},
        "《首批清单》6月进展未按时报送：12条举措，应于2022年6月24日前报送。",
    ),
    (
        Kind.REPORT_DUE,
        {**REPORT, "outside_line": True},
        "商请于2022年6月24日前提供《首批清单》12条举措的6月进展情况。",
    ),
    (
        Kind.ACKNOWLEDGE_DUE,
        {"title": "首批清单", "number": 2, "due": "2022-06-20"},
        "《首批清单》（第2版）尚未签收，请于2022年6月20日前签收。",
    ),
    (
        Kind.ACKNOWLEDGE_DUE,
        {"title": "首批清单", "number": 2, "due": "2022-06-20", "late": True},
        "《首批清单》（第2版）尚未签收，应于2022年6月20日前签收。",
    ),
    (
        Kind.ACKNOWLEDGE_DUE,
        {"title": "首批清单", "number": 2, "due": "2022-06-20", "outside_line": True},
        "商请于2022年6月20日前签收《首批清单》（第2版）。",
    ),
    (
        Kind.ACKNOWLEDGE_DUE,
        {"title": "首批清单", "number": 2, "due": "2022-06-20", "late": True, "outside_line": True},
        "《首批清单》（第2版）尚未签收，商请予以签收（原商请2022年6月20日前签收）。",
    ),
    (
        Kind.WEEK,
        {"late": 3, "agencies": 2, "longest": 15, "near": 52, "orders": 0, "waiting": 5},
        "逾期3条（2家单位，最长15天），临近到期52条，待审核5件。",
    ),
    (Kind.ORDER_VOID, {"order_number": "督〔2022〕1号", "reason": "举措已移交"}, "督〔2022〕1号作废：举措已移交"),
    (
        Kind.ORDER_ANSWERED,
        {"order_number": "督〔2022〕1号", "agency_name": "市水务局"},
        "市水务局已反馈督〔2022〕1号的办理情况。",
    ),
]


@pytest.fixture
def cast(person: PersonMaker, transport: Agency) -> Cast:
    return Cast(person, transport)


@pytest.fixture
def chased(cast: Cast, led: Measure) -> Notice:
    """The office has chased `led`; the notice to 市交通运输局."""
    chase(led.pk, words="请于周五前报送。", who=acting(cast.supervisor), on=ON)
    return Notice.objects.get(agency=cast.agency)


def text_of(client: Client, address: str = "/notices/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return unescape(response.content.decode())


def told_agency(agency: Agency, count: int = 1, kind: Notice.Kind = Kind.CHASED, **facts: Any) -> list[Notice]:
    for _ in range(count):
        notify(kind, on=ON, agencies=[agency.pk], facts=facts)
    return list(Notice.objects.filter(agency=agency).order_by("pk"))


# In words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "facts", "sentence"), READ, ids=lambda value: str(value)[:24])
def test_a_notice_is_one_sentence(kind: Notice.Kind, facts: dict[str, Any], sentence: str) -> None:
    assert str(sentence_of(Notice(kind=kind, facts=facts))) == sentence


def test_every_kind_has_its_sentence() -> None:
    assert set(SENTENCES) == {kind for kind, _facts, _sentence in READ} == set(Kind)


def test_on_english_pages_what_people_wrote_stays_as_it_is() -> None:
    with translation.override("en"):
        sentence = sentence_of(Notice(kind=Kind.RETURNED, facts={"reason": "请补充。"}))
    assert (sentence.what, sentence.words) == ("The claim was returned: ", "请补充。")


def test_on_english_pages_the_title_of_a_list_is_marked_as_chinese(signed_in: SignIn, cast: Cast) -> None:
    notify(Kind.REPORT_DUE, on=ON, agencies=[cast.agency.pk], facts={**REPORT, "first": "2022-01-01"})
    client = signed_in(cast.reporter)
    client.cookies["django_language"] = "en"
    said = '“<span lang="zh-CN">首批清单</span>”: please report the progress for the first half of the year by'
    assert said in text_of(client)


def test_one_day_is_one_day_in_english() -> None:
    late = {"late": 5, "near": 0, "longest": 1}
    with translation.override("en"):
        assert str(sentence_of(Notice(kind=Kind.REMINDED, facts=late))) == (
            "5 measures are overdue, the longest by 1 day."
        )
        week = str(sentence_of(Notice(kind=Kind.WEEK, facts=late | {"agencies": 2})))
    assert "the longest by 1 day)" in week


# Who sees it --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.REPORTER, Role.APPROVER, Role.VIEWER, Role.HEAD])
def test_the_people_of_an_agency_find_what_it_was_told(
    signed_in: SignIn, person: PersonMaker, chased: Notice, role: Role
) -> None:
    assert chased.agency
    reader = person(role, agency=chased.agency, username="reader")
    text = text_of(signed_in(reader))
    assert "请于周五前报送。" in text
    assert f'href="/notices/{chased.pk}/"' in text


def test_nobody_sees_what_another_agency_was_told(
    signed_in: SignIn, person: PersonMaker, chased: Notice, market: Agency, cast: Cast
) -> None:
    for stranger in (person(Role.REPORTER, agency=market), cast.supervisor, person(Role.AUDITOR)):
        client = signed_in(stranger)
        assert "请于周五前报送。" not in text_of(client)
        assert client.get(f"/notices/{chased.pk}/").status_code == 404
        assert client.post(f"/notices/{chased.pk}/seen/").status_code == 404
    assert not NoticeRead.objects.exists()


def test_what_one_person_is_told_is_theirs_alone(cast: Cast) -> None:
    notify(Kind.HANDED_OVER, on=ON, users=[cast.reporter.pk], facts={"from": "林填报"})
    assert notices_for(acting(cast.reporter)).count() == 1
    for other in (cast.approver, cast.supervisor):
        assert not notices_for(acting(other)).exists()


def test_the_office_is_told_what_one_of_it_did_but_not_who_did_it(cast: Cast) -> None:
    notify(Kind.DISPOSED, on=ON, office=True, by=cast.supervisor.pk, facts={"disposition": "suspended"})
    assert notices_for(acting(cast.second_supervisor)).count() == 1
    assert not notices_for(acting(cast.supervisor)).exists()
    assert not notices_for(acting(cast.reporter)).exists()


def test_what_waits_to_be_signed_is_for_those_who_write_and_sign(person: PersonMaker, cast: Cast) -> None:
    notify(Kind.TO_SIGN, on=ON, agencies=[cast.agency.pk])
    assert notices_for(acting(cast.approver)).exists()
    viewer = person(Role.VIEWER, agency=cast.agency)
    assert not notices_for(acting(viewer)).exists()


def test_a_token_has_no_inbox(transport: Agency) -> None:
    told_agency(transport)
    who = Principal(label="旧系统", token_id=1, roles=frozenset({(Role.REPORTER, transport.pk)}))
    assert (notices_for(who).count(), unread_count(who), latest_notices(who)) == (0, 0, [])


# Seen and unseen ----------------------------------------------------------------------------------


def test_the_menu_counts_what_one_has_not_seen(signed_in: SignIn, cast: Cast) -> None:
    told_agency(cast.agency, 2)
    client = signed_in(cast.reporter)
    assert re.search(r'<span class="unread">\s*2\s*<', text_of(client, "/measures/"))
    client.post("/notices/seen/", {"newest": Notice.objects.latest("pk").pk})
    assert not re.search(r'id="unread"[^>]*>\s*消息\s*<span', text_of(client, "/measures/"))
    assert unread_count(acting(cast.approver)) == 2, "each has their own"


def test_a_very_full_inbox_says_so_in_the_menu(signed_in: SignIn, cast: Cast) -> None:
    told_agency(cast.agency, 101)
    assert re.search(r'<span class="unread">\s*99\+\s*<', text_of(signed_in(cast.reporter)))


def test_a_visitor_has_no_inbox(client: Client, led: Measure) -> None:
    assert 'id="unread"' not in text_of(client, led.get_absolute_url())


def test_what_is_unseen_comes_first_then_what_is_newest(signed_in: SignIn, cast: Cast) -> None:
    oldest, middle, newest = told_agency(cast.agency, 3)
    see(acting(cast.reporter), Notice.objects.filter(pk__in=[newest.pk, oldest.pk]))
    told = signed_in(cast.reporter).get("/notices/").context["told"]
    assert [(one.notice.pk, one.seen) for one in told] == [(middle.pk, False), (newest.pk, True), (oldest.pk, True)]


def test_one_can_be_marked_and_the_filters_stay(signed_in: SignIn, cast: Cast) -> None:
    one, other = told_agency(cast.agency, 2)
    client = signed_in(cast.reporter)
    answer = client.post(f"/notices/{one.pk}/seen/", {"next": "/notices/?unseen=1"})
    assert answer["Location"] == "/notices/?unseen=1"
    assert [told.notice.pk for told in client.get("/notices/?unseen=1").context["told"]] == [other.pk]


def test_marking_all_leaves_what_came_after_the_page_was_shown(signed_in: SignIn, cast: Cast) -> None:
    [first] = told_agency(cast.agency)
    client = signed_in(cast.reporter)
    shown = client.get("/notices/").context["newest"]
    told_agency(cast.agency)
    assert "已全部标为已读。" in unescape(
        client.post("/notices/seen/", {"newest": shown}, follow=True).content.decode()
    )
    assert NoticeRead.objects.get().notice_id == first.pk


def test_marking_twice_is_marking_once(cast: Cast) -> None:
    told_agency(cast.agency)
    for _ in range(2):
        see(acting(cast.reporter), Notice.objects.all())
    assert NoticeRead.objects.count() == 1


@pytest.mark.parametrize("newest", ["", "all", "-1", "9" * 40])
def test_a_form_without_a_sensible_number_marks_nothing(signed_in: SignIn, cast: Cast, newest: str) -> None:
    told_agency(cast.agency)
    assert signed_in(cast.reporter).post("/notices/seen/", {"newest": newest}).status_code == 302
    assert not NoticeRead.objects.exists()


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example/"])
def test_it_leads_back_to_no_other_site(signed_in: SignIn, cast: Cast, elsewhere: str) -> None:
    [notice] = told_agency(cast.agency)
    answer = signed_in(cast.reporter).post(f"/notices/{notice.pk}/seen/", {"next": elsewhere})
    assert answer["Location"] == "/notices/"


def test_it_can_be_filtered_by_kind(signed_in: SignIn, cast: Cast) -> None:
    told_agency(cast.agency, kind=Kind.CHASED, words="甲")
    told_agency(cast.agency, kind=Kind.RETURNED, reason="乙")
    client = signed_in(cast.reporter)
    text = text_of(client, "/notices/?kind=returned")
    assert "销号申请退回修改：" in text
    assert "请尽快报送进展" not in text
    assert [value for value, _label in client.get("/notices/").context["kinds"]] == ["returned", "chased"]


def test_a_full_inbox_has_pages_of_fifty(signed_in: SignIn, cast: Cast) -> None:
    told_agency(cast.agency, 51)
    client = signed_in(cast.reporter)
    assert [len(client.get(f"/notices/?page={page}").context["told"]) for page in (1, 2)] == [50, 1]


def test_many_notices_take_no_more_queries_than_few(signed_in: SignIn, cast: Cast, led: Measure) -> None:
    client = signed_in(cast.reporter)
    client.get("/notices/")  # the first page of a session moves its end on
    needed = []
    for count in (1, 30):
        for _ in range(count):
            notify(Kind.CHASED, on=ON, agencies=[cast.agency.pk], measure=led)
        with CaptureQueriesContext(connection) as asked:
            client.get("/notices/")
        needed.append(len(asked))
    assert needed[0] == needed[1]


def test_an_empty_inbox_says_what_will_be_there(signed_in: SignIn, cast: Cast) -> None:
    assert "还没有消息。" in text_of(signed_in(cast.reporter))


# Where it leads -----------------------------------------------------------------------------------


def test_opening_a_notice_marks_it_seen_and_leads_to_the_report(
    signed_in: SignIn, cast: Cast, chased: Notice, led: Measure
) -> None:
    answer = signed_in(cast.reporter).get(f"/notices/{chased.pk}/")
    assert answer["Location"] == f"/measures/{led.pk}/report/"
    assert unread_count(acting(cast.reporter)) == 0


def test_who_may_only_read_is_led_to_the_measure(
    signed_in: SignIn, person: PersonMaker, chased: Notice, led: Measure
) -> None:
    assert chased.agency
    viewer = person(Role.VIEWER, agency=chased.agency)
    assert signed_in(viewer).get(f"/notices/{chased.pk}/")["Location"] == f"/measures/{led.pk}/"


def test_after_the_measure_went_to_another_agency_it_leads_to_the_measure(
    signed_in: SignIn, cast: Cast, chased: Notice, led: Measure, market: Agency
) -> None:
    reassign(led.pk, cast.agency.pk, market.pk, reason="职责调整", seen=None, who=acting(cast.supervisor), on=ON)
    client = signed_in(cast.reporter)
    location = client.get(f"/notices/{chased.pk}/")["Location"]
    assert location == f"/measures/{led.pk}/"
    assert client.get(location).status_code == 200


def test_what_waits_to_be_signed_leads_who_signs_to_the_queue(signed_in: SignIn, cast: Cast, led: Measure) -> None:
    Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
    attach(led, cast.agency, cast.reporter)
    said = ReportContent(progress="已完成。", is_claim=True)
    submit_report(led.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON)
    notice = Notice.objects.get(kind=Kind.TO_SIGN)
    assert signed_in(cast.approver).get(f"/notices/{notice.pk}/")["Location"] == "/sign/"
    assert signed_in(cast.reporter).get(f"/notices/{notice.pk}/").status_code == 404


def test_a_claim_sent_back_leads_its_writer_to_the_report(signed_in: SignIn, cast: Cast, led: Measure) -> None:
    Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
    attach(led, cast.agency, cast.reporter)
    said = ReportContent(progress="已完成。", is_claim=True)
    report = submit_report(led.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON)
    send_back(report.pk, reason="数据有误", seen=None, who=acting(cast.approver), on=ON)
    client = signed_in(cast.reporter)
    assert "您填写的销号申请未予审签，已退回：" in text_of(client)
    notice = Notice.objects.get(kind=Kind.SENT_BACK)
    assert client.get(f"/notices/{notice.pk}/")["Location"] == f"/measures/{led.pk}/report/"


def test_a_request_sent_back_leads_its_writer_to_the_measure(signed_in: SignIn, cast: Cast, led: Measure) -> None:
    Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
    wanted = ExtensionTerms(until=dt.date(2022, 9, 30), reason="接口未开放")
    extension = ask_extension(led.pk, cast.agency.pk, wanted, who=acting(cast.reporter), on=ON)
    send_back_extension(extension.pk, reason="理由不足", seen=None, who=acting(cast.approver), on=ON)
    client = signed_in(cast.reporter)
    assert "您填写的延期申请未予审签，已退回：" in text_of(client)
    notice = Notice.objects.get(kind=Kind.SENT_BACK)
    assert client.get(f"/notices/{notice.pk}/")["Location"] == f"/measures/{led.pk}/"


def test_what_is_about_no_single_measure_leads_to_the_desk(signed_in: SignIn, cast: Cast) -> None:
    [notice] = told_agency(cast.agency, kind=Kind.ASSIGNED)
    assert signed_in(cast.reporter).get(f"/notices/{notice.pk}/")["Location"] == "/desk/"


# On the desk --------------------------------------------------------------------------------------


def test_the_desk_shows_the_latest_five(signed_in: SignIn, cast: Cast) -> None:
    told = told_agency(cast.agency, 6)
    text = text_of(signed_in(cast.reporter), "/desk/")
    assert [f'href="/notices/{notice.pk}/"' in text for notice in told] == [False, *[True] * 5]


def test_the_desk_has_no_heading_for_no_notices(signed_in: SignIn, cast: Cast) -> None:
    assert 'id="notices"' not in text_of(signed_in(cast.reporter), "/desk/")


Step = Callable[[Any, Cast], object]
STEPS: dict[str, Step] = {
    "signed": lambda deeds, cast: deeds.sign(seen=None, who=acting(cast.approver), on=ON),
    "sent back": lambda deeds, cast: deeds.send_back(reason="数据有误", seen=None, who=acting(cast.approver), on=ON),
    "withdrawn": lambda deeds, cast: deeds.withdraw(seen=None, who=acting(cast.reporter), on=ON),
}
CLAIM = SimpleNamespace(sign=sign_claim, send_back=send_back, withdraw=withdraw_report)
EXTENSION = SimpleNamespace(sign=sign_extension, send_back=send_back_extension, withdraw=withdraw_extension)


def asks_for_both(cast: Cast, measure: Measure) -> dict[str, Any]:
    """A claim and a request for more time that wait for the agency's signature, each with its steps."""
    Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
    attach(measure, cast.agency, cast.reporter)
    said = ReportContent(progress="已完成。", is_claim=True)
    claim = submit_report(measure.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON)
    wanted = ExtensionTerms(until=dt.date(2022, 9, 30), reason="接口未开放")
    extension = ask_extension(measure.pk, cast.agency.pk, wanted, who=acting(cast.reporter), on=ON)
    kinds = {"销号申请": (CLAIM, claim.pk), "延期申请": (EXTENSION, extension.pk)}
    return {
        name: SimpleNamespace(**{step: partial(deed, pk) for step, deed in vars(deeds).items()})
        for name, (deeds, pk) in kinds.items()
    }


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("asked", "other"), [("销号申请", "延期申请"), ("延期申请", "销号申请")])
def test_what_waits_for_no_signature_any_more_is_not_unread(
    cast: Cast, person: PersonMaker, led: Measure, asked: str, other: str, step: str
) -> None:
    second = person(Role.APPROVER, agency=cast.agency, username="second.approver")
    deeds = asks_for_both(cast, led)
    assert [unread_count(acting(one)) for one in (cast.approver, second)] == [2, 2]
    STEPS[step](deeds[asked], cast)
    for one in (cast.approver, second):
        [unread] = [told.sentence for told in latest_notices(acting(one)) if not told.seen]
        assert other in str(unread)
    assert Notice.objects.filter(kind=Kind.TO_SIGN, by_mail=True).count() <= 1


def test_a_claim_written_anew_asks_for_its_signature_once(cast: Cast, led: Measure) -> None:
    asks_for_both(cast, led)
    claim = led.reports.get(state="awaiting_signature")
    said = ReportContent(progress="已全部完成。", is_claim=True)
    submit_report(led.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON, replaces=claim.pk)
    assert unread_count(acting(cast.approver)) == 2
