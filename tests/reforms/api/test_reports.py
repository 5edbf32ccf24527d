"""Reporting by API: once, by who must act, and for nobody else's eyes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agencies.models import Agency, Change, Role, Token, User
from reforms.models import Duty, Measure, ProgressReport
from tests.conftest import ON, PersonMaker, with_another_end
from tests.reforms.api.contract import PROBLEM

Bearer = Callable[..., dict[str, str]]
SECRET_TEXT, SECRET_PROBLEM = "联调进度只对内说明", "经费缺口只对内说明"


def address_of(measure: Measure) -> str:
    return f"/api/v1/measures/{measure.pk}/reports"


@pytest.fixture
def send(client: Client, led: Measure, transport: Agency, bearer: Bearer) -> Callable[..., Any]:
    """send(progress=…) reports on the led measure as 市交通运输局, or as who `headers` says."""
    own = bearer(transport)

    def post(*, headers: dict[str, str] | None = None, key: str = "", to: Measure | None = None, **body: Any) -> Any:
        with_key = {"Idempotency-Key": key} if key else {}
        sent = body or {"progress": "已完成系统开发。"}
        told = {**(own if headers is None else headers), **with_key}
        return client.post(address_of(to or led), sent, content_type="application/json", headers=told)

    return post


def fields_of(response: Any) -> dict[str, str]:
    assert response["Content-Type"] == PROBLEM
    return {error["field"]: error["code"] for error in response.json()["errors"]}


def test_the_first_report_moves_the_measure_once(send: Callable[..., Any], led: Measure, transport: Agency) -> None:
    before = Change.objects.count()
    first = send(progress="已印发工作方案。", next_step="组织实施。", outlook="behind")
    assert first.status_code == 201
    assert first.json()["agency"] == {"id": transport.pk, "name": "市交通运输局"}
    assert (first.json()["on"], first.json()["outlook"]) == ("2022-06-15", "behind")
    send(progress="正在组织实施。")
    led.refresh_from_db()
    assert (led.status, led.first_report_on, led.last_report_on, led.version) == ("in_progress", ON, ON, 3)
    assert Duty.objects.get(measure=led, agency=transport).status == "in_progress"
    actions = list(Change.objects.order_by("sequence").values_list("action", flat=True)[before:])
    assert actions == ["report.submitted", "measure.status_changed", "report.submitted"]


def test_the_log_says_who_reported_what(send: Callable[..., Any], led: Measure, transport: Agency) -> None:
    send(progress="已印发工作方案。")
    told = Change.objects.filter(action="report.submitted").latest("sequence")
    token = Token.objects.get(agency=transport)
    assert (told.kind, told.object_id, told.agency_id, told.token_id) == ("measure", led.pk, transport.pk, token.pk)
    assert told.visibility == "internal"
    assert told.after["progress"] == "已印发工作方案。"
    assert "市交通运输局" in told.actor


@pytest.mark.parametrize("again", [{"key": "k-1"}, {"external_ref": "OA-2022-1"}, {"key": "k-1", "external_ref": "A"}])
def test_the_same_request_again_makes_no_second_report(send: Callable[..., Any], again: dict[str, str]) -> None:
    first = send(progress="已完成系统开发。", **again)
    second = send(progress="已完成系统开发。", **again)
    assert first.status_code == 201
    assert second.status_code in {200, 201}
    assert second.json() == first.json()
    assert ProgressReport.objects.count() == 1
    assert Change.objects.filter(action="report.submitted").count() == 1


@pytest.mark.parametrize("again", [{"key": "k-1"}, {"external_ref": "OA-2022-1"}])
@pytest.mark.parametrize(
    "other", [{"progress": "另一段。"}, {"next_step": "另一步。"}, {"problems": "另一个问题。"}, {"outlook": "behind"}]
)
def test_the_same_key_with_other_content_is_refused(
    send: Callable[..., Any], again: dict[str, str], other: dict[str, str]
) -> None:
    said = {"progress": "已完成系统开发。", "next_step": "上线。", "problems": "", "outlook": "on_schedule"}
    send(**said, **again)
    assert send(**said | other, **again).status_code == 422
    assert ProgressReport.objects.count() == 1


def test_long_keys_that_begin_alike_are_different_keys(send: Callable[..., Any]) -> None:
    send(progress="一。", key="a" * 40 + "1")
    assert send(progress="二。", key="a" * 40 + "2").status_code == 201


def test_two_agencies_may_choose_the_same_key(send: Callable[..., Any], led: Measure, bearer: Bearer) -> None:
    other = Agency.objects.exclude(name="市交通运输局").filter(kind="single")[0]
    Duty.objects.get_or_create(measure=led, agency=other, defaults={"part": "responsible"})
    assert send(progress="一。", key="1").status_code == 201
    assert send(progress="一。", key="1", headers=bearer(other)).status_code == 201
    assert ProgressReport.objects.count() == 2


def test_a_reference_that_was_used_on_another_measure_is_refused(
    send: Callable[..., Any], led: Measure, transport: Agency
) -> None:
    other = Measure.objects.printed_for([transport.pk], "lead").exclude(pk=led.pk).exclude(is_standing=True)[0]
    send(progress="一。", external_ref="OA-1")
    assert send(progress="一。", external_ref="OA-1", to=other).status_code == 422


@pytest.mark.parametrize(
    "standing",
    [{"status": "closed", "closed_on": ON}, {"disposition": "withdrawn"}, {"disposition": "cancelled"}],
)
def test_a_measure_that_is_closed_or_gone_takes_no_report(
    send: Callable[..., Any], led: Measure, standing: dict[str, Any]
) -> None:
    Measure.objects.filter(pk=led.pk).update(**standing)
    response = send(progress="补充。")
    assert response.status_code == 422
    assert response.json()["errors"][0]["message"]
    assert not ProgressReport.objects.exists()


UNUSABLE: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "nothing said": ({"progress": ""}, {"progress": "blank"}),
    "only spaces": ({"progress": "   "}, {"progress": "blank"}),
    "no progress": ({"next_step": "x"}, {"progress": "required"}),
    "too long": ({"progress": "长" * 5001}, {"progress": "max_length"}),
    "long problems": ({"progress": "x", "problems": "长" * 5001}, {"problems": "max_length"}),
    "an unknown field": ({"progress": "x", "colour": "red"}, {"colour": "unknown_field"}),
    "an unknown outlook": ({"progress": "x", "outlook": "fine"}, {"outlook": "invalid_choice"}),
    "not text": ({"progress": {"a": 1}}, {"progress": "invalid"}),
    "a null character": ({"progress": "x\x00"}, {"progress": "null_characters_not_allowed"}),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_report_that_cannot_be_read_is_refused_by_field(send: Callable[..., Any], case: str) -> None:
    body, fields = UNUSABLE[case]
    response = send(**body)
    assert response.status_code == 400
    assert fields_of(response) == fields


def test_an_unknown_field_is_refused_in_the_language_of_the_caller(
    client: Client, led: Measure, transport: Agency, bearer: Bearer
) -> None:
    headers = {**bearer(transport), "Accept-Language": "en"}
    body = {"progress": "x", "colour": "red"}
    response = client.post(address_of(led), body, content_type="application/json", headers=headers)
    assert response.content.decode().isascii()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [("{not json", "application/json", 400), ("[]", "application/json", 400), ("progress=x", "text/plain", 415)],
)
def test_what_is_no_json_object_is_refused(
    client: Client, led: Measure, transport: Agency, bearer: Bearer, body: str, kind: str, status: int
) -> None:
    response = client.post(address_of(led), body, content_type=kind, headers=bearer(transport))
    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM)


def test_a_token_that_only_reads_cannot_report(send: Callable[..., Any], transport: Agency, bearer: Bearer) -> None:
    response = send(headers=bearer(transport, read_only=True))
    assert (response.status_code, response["Content-Type"]) == (403, PROBLEM)
    assert not ProgressReport.objects.exists()


def test_another_agency_cannot_report(
    send: Callable[..., Any], market: Agency, transport: Agency, bearer: Bearer
) -> None:
    assert send(headers=bearer(market)).status_code == 403
    assert send(headers=bearer(market), progress="x", agency=str(transport.pk)).status_code == 403
    assert send(progress="x", agency=str(market.pk)).status_code == 403
    assert not ProgressReport.objects.exists()


def test_nobody_unsigned_can_report(send: Callable[..., Any]) -> None:
    response = send(headers={})
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert not ProgressReport.objects.exists()


def wrong_tokens(agency: Agency) -> dict[str, str]:
    token, secret = Token.issue(agency_id=agency.pk, name="x", read_only=False, days=1, by_id=None)
    expired, expired_secret = Token.issue(agency_id=agency.pk, name="x", read_only=False, days=1, by_id=None)
    revoked, revoked_secret = Token.issue(agency_id=agency.pk, name="x", read_only=False, days=1, by_id=None)
    Token.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    Token.objects.filter(pk=revoked.pk).update(revoked_at=timezone.now())
    return {
        "no secret": f"rt_{token.prefix}_",
        "another secret": with_another_end(secret),
        "the digest": f"rt_{token.prefix}_{token.digest}",
        "another kind": secret.replace("rt_", "xx_"),
        "nothing": "",
        "expired": expired_secret,
        "revoked": revoked_secret,
    }


def test_a_wrong_token_is_answered_by_401(send: Callable[..., Any], client: Client, transport: Agency) -> None:
    for case, secret in wrong_tokens(transport).items():
        for answer in (
            send(headers={"Authorization": f"Bearer {secret}"}),
            client.get("/api/v1/measures", headers={"Authorization": f"Bearer {secret}"}),
        ):
            assert (case, answer.status_code, answer.get("WWW-Authenticate")) == (case, 401, "Bearer")
            assert answer["Content-Type"] == PROBLEM
    assert not ProgressReport.objects.exists()


def test_a_person_reports_by_session_only_with_the_csrf_token(reporter: User, led: Measure) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(reporter, backend="agencies.people.sign_in.PasswordBackend")
    response = client.post(address_of(led), {"progress": "x"}, content_type="application/json")
    assert (response.status_code, response["Content-Type"]) == (403, PROBLEM)


def test_who_acts_for_two_agencies_says_for_which(
    client: Client, led: Measure, person: PersonMaker, transport: Agency
) -> None:
    other = Agency.objects.get(name="市财政局")
    Duty.objects.get_or_create(measure=led, agency=other, defaults={"part": "responsible"})
    user = person(Role.REPORTER, agency=transport)
    user.memberships.create(agency=other, role=Role.REPORTER)
    client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")
    unclear = client.post(address_of(led), {"progress": "x"}, content_type="application/json")
    assert (unclear.status_code, fields_of(unclear)) == (400, {"agency": "required"})
    clear = client.post(address_of(led), {"progress": "x", "agency": "市财政局"}, content_type="application/json")
    assert clear.json()["agency"]["name"] == "市财政局"


@pytest.fixture
def reported(send: Callable[..., Any], led: Measure) -> Measure:
    """The led measure with a report whose every word is internal."""
    assert send(progress=SECRET_TEXT, problems=SECRET_PROBLEM).status_code == 201
    return led


def test_reports_are_read_by_the_agency_and_the_office(
    client: Client, reported: Measure, transport: Agency, person: PersonMaker, bearer: Bearer
) -> None:
    answer = client.get(address_of(reported), headers=bearer(transport, read_only=True)).json()
    assert [(one["progress"], one["problems"]) for one in answer["results"]] == [(SECRET_TEXT, SECRET_PROBLEM)]
    for role in (Role.SUPERVISOR, Role.AUDITOR):
        client.force_login(person(role), backend="agencies.people.sign_in.PasswordBackend")
        assert client.get(address_of(reported)).status_code == 200


def test_reports_are_read_by_nobody_else(
    client: Client, reported: Measure, market: Agency, public: Any, bearer: Bearer
) -> None:
    assert client.get(address_of(reported)).status_code == 401
    assert client.get(address_of(reported), headers=bearer(market)).status_code == 403


def test_no_answer_to_others_holds_a_word_of_a_report(
    client: Client, reported: Measure, public: Any, market: Agency, bearer: Bearer
) -> None:
    for headers in ({}, bearer(market)):
        for address in ("", f"/{reported.pk}", f"?search={SECRET_TEXT}"):
            text = client.get(f"/api/v1/measures{address}", headers=headers).content.decode()
            assert SECRET_TEXT not in text
            assert SECRET_PROBLEM not in text


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ('{"progress": "x", "\\ud800": 1}', 400, "unknown_field"),
        ("[" * 200_000, 400, "parse_error"),
        ('{"progress": ' + "[" * 90_000 + "]" * 90_000 + "}", 400, "parse_error"),
    ],
)
def test_what_nobody_could_mean_is_a_problem_and_no_failure(
    client: Client, led: Measure, transport: Agency, bearer: Bearer, body: str, status: int, said: str
) -> None:
    client.raise_request_exception = False
    for headers in (bearer(transport), {**bearer(transport), "Idempotency-Key": "odd"}):
        answer = client.post(address_of(led), body, content_type="application/json", headers=headers)
        assert (answer.status_code, said in answer.content.decode()) == (status, True)
