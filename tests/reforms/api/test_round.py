"""The working life of a measure by API: drafted, borne out, sent, returned, mended, verified; each by who may."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agencies.access import Principal, Verb, agencies_for
from agencies.models import Agency, Change, Role, User
from reforms.duties import holders
from reforms.models import UNSENT, Measure, ProgressReport
from reforms.reports.permissions import readable_on
from tests.conftest import PersonMaker
from tests.reforms.api.contract import API, departures, document_of
from tests.reforms.people import acting

Caller = Callable[..., Any]


def caller(headers: dict[str, str] | None = None, user: User | None = None) -> Caller:
    """call("post", "/reports/1/submit", {…}, seen=answer) by token or as a person."""
    client = Client()
    if user:
        client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")

    def call(method: str, address: str, body: Any = None, *, seen: Any = None, **more: str) -> Any:
        told = {**(headers or {}), **({"If-Match": seen["ETag"]} if seen is not None else {}), **more}
        kind = {} if method == "get" else {"content_type": "application/json"}
        return getattr(client, method)(API + address, body or {}, headers=told, **kind)

    return call


@pytest.fixture
def agency(transport: Agency, bearer: Any) -> Caller:
    return caller(bearer(transport))


@pytest.fixture
def office(person: PersonMaker) -> Caller:
    return caller(user=person(Role.SUPERVISOR))


def hand_in(report: int, headers: dict[str, str]) -> None:
    upload = SimpleUploadedFile("验收报告.pdf", b"%PDF-1.4\n1")
    assert Client().post(f"{API}/reports/{report}/evidence", {"file": upload}, headers=headers).status_code == 201


@pytest.fixture
def claimed(agency: Caller, led: Measure, transport: Agency, bearer: Any) -> Any:
    """A claim of 市交通运输局 that waits for the office, as answered."""
    draft = agency("post", f"/measures/{led.pk}/reports", {"progress": "已完成。", "claim": True, "draft": True})
    assert (draft.status_code, draft.json()["state"]) == (201, "draft")
    hand_in(draft.json()["id"], bearer(transport))
    seen = agency("get", f"/reports/{draft.json()['id']}")
    sent = agency("post", f"/reports/{draft.json()['id']}/submit", seen=seen)
    assert (sent.status_code, sent.json()["state"], sent.json()["id"]) == (200, "under_review", draft.json()["id"])
    return sent


def test_from_draft_to_verified(agency: Caller, office: Caller, claimed: Any, led: Measure) -> None:
    address = f"/reports/{claimed.json()['id']}"
    assert [one["name"] for one in claimed.json()["evidence"]] == ["验收报告.pdf"]
    returned = office("post", f"{address}/return", {"reason": "请补充验收结论。"}, seen=office("get", address))
    assert (returned.json()["state"], returned.json()["reason"]) == ("returned", "请补充验收结论。")
    draft = agency("post", f"/measures/{led.pk}/reports", {"progress": "已完成。", "claim": True, "draft": True})
    mended = agency("patch", f"/reports/{draft.json()['id']}", {"progress": "已完成，验收合格。"}, seen=draft)
    assert (mended.json()["progress"], mended.json()["is_claim"]) == ("已完成，验收合格。", True)
    assert [one["name"] for one in mended.json()["evidence"]] == ["验收报告.pdf"]
    again = agency("post", f"/reports/{draft.json()['id']}/submit", seen=mended)
    verified = office("post", f"/reports/{again.json()['id']}/verify", seen=again)
    assert (verified.status_code, verified.json()["state"]) == (200, "verified")
    measure = office("get", f"/measures/{led.pk}")
    assert measure.json()["status"] == "closed"
    reopened = office("post", f"/measures/{led.pk}/reopen", {"reason": "复查未通过。"}, seen=measure)
    assert reopened.json()["status"] == "in_progress"
    documented = document_of(Client())
    for path, answer in (("/reports/{id}/verify", verified), ("/reports/{id}/return", returned)):
        assert departures(documented, path, answer, method="post") == []


@pytest.mark.parametrize("deed", ["verify", "return", "withdraw"])
def test_who_says_not_what_was_seen_is_asked_to(office: Caller, claimed: Any, deed: str) -> None:
    answer = office("post", f"/reports/{claimed.json()['id']}/{deed}", {"reason": "x"} if deed == "return" else {})
    assert (answer.status_code, answer.json()["code"]) == (428, "if_match_required")


def test_of_two_decisions_the_later_one_is_shown_what_was_decided(office: Caller, claimed: Any) -> None:
    address = f"/reports/{claimed.json()['id']}"
    office("post", f"{address}/return", {"reason": "请补充。"}, seen=claimed)
    late = office("post", f"{address}/verify", seen=claimed)
    assert (late.status_code, late.json()["code"]) == (412, "outdated")
    assert (late.json()["current"]["state"], late.json()["current"]["reason"]) == ("returned", "请补充。")
    assert departures(document_of(Client()), "/reports/{id}/verify", late, method="post") == []
    assert not Change.objects.filter(action="claim.verified").exists()


def test_a_decision_that_says_nothing_is_refused_by_field(office: Caller, agency: Caller, claimed: Any) -> None:
    address = f"/reports/{claimed.json()['id']}"
    empty = office("post", f"{address}/return", {"reason": " "}, seen=claimed)
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (400, "reason")
    twice = agency("post", f"{address}/submit", seen=claimed)
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (422, "not_a_draft")


def test_who_may_not_read_finds_nothing_and_who_may_not_decide_is_refused(
    agency: Caller, claimed: Any, market: Agency, bearer: Any
) -> None:
    address, strangers = f"/reports/{claimed.json()['id']}", caller(bearer(market))
    assert strangers("get", address).status_code == 404
    assert strangers("post", f"{address}/withdraw", seen=claimed).status_code == 404
    assert agency("post", f"{address}/verify", seen=claimed).status_code == 403
    assert caller()("post", f"{address}/verify", seen=claimed).status_code == 401


def test_a_draft_is_the_agencys_own(agency: Caller, office: Caller, led: Measure) -> None:
    draft = agency("post", f"/measures/{led.pk}/reports", {"progress": "起草中。", "draft": True})
    address = f"/reports/{draft.json()['id']}"
    assert office("get", address).status_code == 404
    assert agency("get", f"/reports?state=draft&agency=me&measure={led.pk}").json()["results"] == [draft.json()]
    second = agency("post", f"/measures/{led.pk}/reports", {"progress": "另起。", "draft": True})
    assert (second.status_code, second.json()["code"]) == (409, "draft_exists")
    assert second.json()["current"]["progress"] == "起草中。"
    agency("patch", address, {"progress": "同事写的。"}, seen=draft)
    late = agency("patch", address, {"progress": "我写的。"}, seen=draft)
    assert (late.status_code, late.json()["current"]["progress"]) == (412, "同事写的。")
    assert agency("delete", address, seen=draft).status_code == 412
    assert agency("delete", address, seen=late).status_code == 204
    assert not ProgressReport.objects.exists()


def test_a_claim_goes_out_with_the_files_that_were_seen_and_no_others(
    agency: Caller, led: Measure, transport: Agency, bearer: Any
) -> None:
    draft = agency("post", f"/measures/{led.pk}/reports", {"progress": "已完成。", "claim": True, "draft": True})
    address = f"/reports/{draft.json()['id']}"
    hand_in(draft.json()["id"], bearer(transport))
    late = agency("post", f"{address}/submit", seen=draft)
    assert (late.status_code, [one["name"] for one in late.json()["current"]["evidence"]]) == (412, ["验收报告.pdf"])
    (file,) = agency("get", f"{address}/evidence").json()["results"]
    assert late["ETag"].startswith(f'"{file["report_version"]}.')
    assert agency("delete", f"/evidence/{file['id']}").status_code == 204
    assert agency("post", f"{address}/submit", seen=late).status_code == 412
    assert agency("patch", address, {"progress": "另一稿。"}, seen=late).status_code == 412
    assert agency("get", address).json()["state"] == "draft"


def test_a_report_is_corrected_and_taken_back(agency: Caller, led: Measure) -> None:
    first = agency("post", f"/measures/{led.pk}/reports", {"progress": "完成三成。"})
    second = agency("post", f"/measures/{led.pk}/reports", {"progress": "完成四成。", "replaces": first.json()["id"]})
    assert second.json()["replaces"] == first.json()["id"]
    assert agency("get", f"/reports/{first.json()['id']}").json()["state"] == "replaced"
    gone = agency("post", f"/reports/{second.json()['id']}/withdraw", seen=second)
    assert gone.json()["state"] == "withdrawn"
    nowhere = agency("post", f"/measures/{led.pk}/reports", {"progress": "x", "replaces": 99999999})
    assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "replaces")


def test_the_office_enters_what_an_agency_told_it(office: Caller, led: Measure, transport: Agency) -> None:
    address, said = f"/measures/{led.pk}/reports", {"progress": "来函称已印发。", "agency": str(transport.pk)}
    assert office("post", address, said).status_code == 403
    entered = office("post", address, said | {"source": "深交函〔2022〕8号"})
    assert (entered.status_code, entered.json()["by_office"], entered.json()["source"]) == (
        201,
        True,
        "深交函〔2022〕8号",
    )


def test_an_approver_signs_what_a_colleague_claimed(
    person: PersonMaker, led: Measure, transport: Agency, bearer: Any
) -> None:
    Agency.objects.filter(pk=transport.pk).update(signs_claims=True)
    write, sign = caller(bearer(transport)), caller(user=person(Role.APPROVER, agency=transport))
    draft = write("post", f"/measures/{led.pk}/reports", {"progress": "已完成。", "claim": True, "draft": True})
    address = f"/reports/{draft.json()['id']}"
    hand_in(draft.json()["id"], bearer(transport))
    waiting = write("post", f"{address}/submit", seen=write("get", address))
    assert waiting.json()["state"] == "awaiting_signature"
    back = sign("post", f"{address}/send-back", {"reason": "请核实。"}, seen=waiting)
    assert (back.json()["state"], back.json()["reason"]) == ("draft", "请核实。")
    again = write("post", f"{address}/submit", seen=back)
    assert sign("post", f"{address}/sign", seen=again).json()["state"] == "under_review"


def test_a_later_deadline_is_asked_for_and_granted(agency: Caller, office: Caller, led: Measure) -> None:
    asked = agency("post", f"/measures/{led.pk}/extensions", {"until": "2022-09-30", "reason": "待上级批复。"})
    assert (asked.status_code, asked.json()["state"]) == (201, "under_review")
    address = f"/extensions/{asked.json()['id']}"
    assert agency("get", f"/extensions?measure={led.pk}&state=under_review").json()["results"] == [asked.json()]
    granted = office("post", f"{address}/grant", {"remark": "同意。"}, seen=asked)
    assert (granted.json()["state"], granted.json()["granted"]) == ("granted", "2022-09-30")
    late = office("post", f"{address}/refuse", {"reason": "不同意。"}, seen=asked)
    assert (late.status_code, late.json()["current"]["state"]) == (412, "granted")
    measure = office("get", f"/measures/{led.pk}")
    assert measure.json()["deadline_in_force"] == "2022-09-30"
    moved = office(
        "post",
        f"/measures/{led.pk}/adjust-deadline",
        {"deadline": "2022-10-31", "reference": "深营商〔2022〕1号"},
        seen=measure,
    )
    assert moved.json()["deadline_in_force"] == "2022-10-31"
    stopped = office(
        "post", f"/measures/{led.pk}/dispose", {"disposition": "suspended", "reason": "政策调整。"}, seen=moved
    )
    assert stopped.json()["disposition"] == "suspended"
    assert office("post", f"/measures/{led.pk}/reopen", {"reason": "x"}, seen=measure).status_code == 412


def test_a_list_is_taken_note_of(agency: Caller, transport: Agency) -> None:
    first = agency("post", "/lists/shenzhen-2022/acknowledge")
    assert (first.status_code, first.json()["agency"]["id"], first.json()["edition"]) == (200, transport.pk, 1)
    assert agency("post", "/lists/shenzhen-2022/acknowledge").json() == first.json()


def test_the_list_of_reports_holds_just_those_that_may_be_read_one_by_one(demo: Any) -> None:
    for name in ("jtj.reporter", "jtj.viewer", "scjg.approver", "futian.reporter", "supervisor", "administrator"):
        who = acting(User.objects.get(username=name))
        found = set(ProgressReport.objects.readable_by(who).values_list("pk", flat=True))
        for report in [*ProgressReport.objects.filter(pk__in=found)[:15], *ProgressReport.objects.all()[:40]]:
            assert (report.pk in found) == _is_readable(who, report)


def _is_readable(who: Principal, report: ProgressReport) -> bool:
    """The rule once more, for one report and in plain words."""
    duties = holders(report.measure)
    if report.state in UNSENT:
        writers = agencies_for(who, Verb.REPORT) | agencies_for(who, Verb.SIGN)
        held = report.agency_id in {duty.agency_id for duty in duties}
        return held and report.agency_id in writers and not report.by_office
    readable = readable_on(who, duties)
    return readable.everything or report.agency_id in readable.agencies
