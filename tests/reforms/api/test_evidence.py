"""Evidence by API: handed in once, listed, downloaded and taken off by who may, and hidden from all others."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from agencies.access import Principal
from agencies.models import Agency, Role
from reforms.models import Duty, Evidence, Measure, ProgressReport
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, PersonMaker
from tests.reforms.api.contract import API, PROBLEM, departures, document_of
from tests.reforms.documents import IN_MEMORY, PDF, pdf, upload

Bearer = Callable[..., dict[str, str]]
LIST, ONE = "/reports/{id}/evidence", "/evidence/{id}"


@pytest.fixture(autouse=True)
def _in_memory(settings: Any) -> None:
    settings.STORAGES = settings.STORAGES | {"default": IN_MEMORY}


def reported(measure: Measure, agency: Agency) -> ProgressReport:
    who = Principal(label="林填报", roles=frozenset({(Role.REPORTER, agency.pk)}))
    return submit_report(measure.pk, agency.pk, ReportContent(progress="已完成。"), who=who, on=ON)


@pytest.fixture
def report(led: Measure, transport: Agency) -> ProgressReport:
    return reported(led, transport)


@pytest.fixture
def send(client: Client, report: ProgressReport, transport: Agency, bearer: Bearer) -> Callable[..., Any]:
    """send("批复.pdf", PDF) hands a file in with the report as 市交通运输局, or as who `headers` says."""
    own = bearer(transport)

    def post(
        name: str = "批复.pdf", data: bytes = PDF, *, headers: dict[str, str] | None = None, key: str = "", **more: Any
    ) -> Any:
        told = (own if headers is None else headers) | ({"Idempotency-Key": key} if key else {})
        body = {"file": upload(name, data), **more}
        return client.post(f"{API}/reports/{report.pk}/evidence", body, headers=told)

    return post


def codes(response: Any) -> dict[str, str]:
    assert response["Content-Type"] == PROBLEM
    return {error["field"]: error["code"] for error in response.json()["errors"]}


def test_a_file_is_made_once(send: Callable[..., Any], client: Client, report: ProgressReport) -> None:
    first, again = send(), send("另一个名字.pdf")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    made = first.json()
    assert (made["report"], made["name"], made["size"]) == (report.pk, "批复.pdf", len(PDF))
    assert (made["content_type"], made["sha256"]) == ("application/pdf", hashlib.sha256(PDF).hexdigest())
    for response in (first, again):
        assert departures(document_of(client), LIST, response, method="post") == []


def test_the_files_of_a_report_come_in_order_and_in_pages(
    send: Callable[..., Any], client: Client, report: ProgressReport, transport: Agency, bearer: Bearer
) -> None:
    names = [f"附件{number}.pdf" for number in range(3)]
    for name in names:
        send(name, pdf(name))
    headers, address = bearer(transport, read_only=True), f"{API}/reports/{report.pk}/evidence"
    response = client.get(address, headers=headers)
    assert [one["name"] for one in response.json()["results"]] == names
    assert departures(document_of(client), LIST, response) == []
    first = client.get(f"{address}?page_size=2&count=true", headers=headers).json()
    assert (first["count"], len(first["results"])) == (3, 2)
    second = client.get(first["next"], headers=headers).json()
    assert [one["name"] for one in second["results"]] == names[2:]
    assert codes(client.get(f"{address}?colour=red", headers=headers)) == {"colour": "unknown_parameter"}


def test_a_file_is_downloaded_as_what_it_is(
    send: Callable[..., Any], client: Client, transport: Agency, bearer: Bearer
) -> None:
    made, headers = send().json(), bearer(transport, read_only=True)
    assert made["url"].endswith(f"{API}/evidence/{made['id']}")
    for accept in ("*/*", "application/pdf"):
        response = client.get(f"{API}/evidence/{made['id']}", headers=headers | {"Accept": accept})
        assert (response.status_code, b"".join(response.streaming_content)) == (200, PDF)
        assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
        assert response["Content-Disposition"].startswith("attachment")
        assert response["Cache-Control"] == "private, no-store"


def test_a_file_is_taken_off(send: Callable[..., Any], client: Client, transport: Agency, bearer: Bearer) -> None:
    address, headers = f"{API}/evidence/{send().json()['id']}", bearer(transport)
    assert client.delete(address, headers=headers).status_code == 204
    assert not Evidence.objects.exists()
    gone = client.delete(address, headers=headers)
    assert gone.status_code == 404
    assert departures(document_of(client), ONE, gone, method="delete") == []


def test_a_refusal_names_the_field_and_the_file(send: Callable[..., Any], client: Client, settings: Any) -> None:
    refused = send("安装.pdf", b"MZ\x90\x00")
    assert (refused.status_code, codes(refused)) == (422, {"file": "program"})
    assert "“安装.pdf”" in refused.json()["errors"][0]["message"]
    assert departures(document_of(client), LIST, refused, method="post") == []
    assert codes(send("空.pdf", b"")) == {"file": "empty"}
    settings.EVIDENCE_MAX_FILES = 0
    assert codes(send()) == {"file": "too_many"}


def test_of_two_files_at_once_none_is_taken(send: Callable[..., Any], report: ProgressReport) -> None:
    for more in (
        {"file": [upload("甲.pdf", PDF), upload("乙.pdf", PDF + b"%")]},
        {"second": upload("乙.pdf", PDF + b"%")},
    ):
        answer = send(**more)
        assert (answer.status_code, codes(answer)) == (422, {"file": "one_file"})
        assert answer.json()["errors"][0]["message"] == "一次只接受一个文件，请逐个上传。"
    assert not report.evidence.exists()


def test_a_refusal_is_in_the_language_of_the_caller(
    send: Callable[..., Any], transport: Agency, bearer: Bearer
) -> None:
    refused = send("setup.pdf", b"MZ\x90\x00", headers={**bearer(transport), "Accept-Language": "en"})
    assert refused.json()["errors"][0]["message"].replace("“", "").replace("”", "").isascii()


def test_a_request_without_one_file_is_refused(
    send: Callable[..., Any], client: Client, report: ProgressReport, transport: Agency, bearer: Bearer
) -> None:
    address, headers = f"{API}/reports/{report.pk}/evidence", bearer(transport)
    empty = client.post(address, {}, headers=headers)
    assert (empty.status_code, codes(empty)) == (400, {"file": "required"})
    assert codes(send(colour="red")) == {"colour": "unknown_field"}
    in_json = client.post(address, {"file": "x"}, content_type="application/json", headers=headers)
    assert (in_json.status_code, in_json["Content-Type"]) == (415, PROBLEM)
    broken = client.post(address, b"--x", content_type="multipart/form-data; boundary=\x01", headers=headers)
    assert broken.status_code == 400
    assert not Evidence.objects.exists()


def test_a_key_belongs_to_one_file(send: Callable[..., Any]) -> None:
    assert [send(key="k-1").status_code, send(key="k-1").status_code] == [201, 201]
    assert Evidence.objects.count() == 1
    other = send("另一份.pdf", pdf("2"), key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert send("另一份.pdf", pdf("2"), key="k-2").status_code == 201


def test_nobody_else_gets_at_it(
    send: Callable[..., Any],
    client: Client,
    report: ProgressReport,
    market: Agency,
    transport: Agency,
    person: PersonMaker,
    bearer: Bearer,
) -> None:
    one, listed = f"{API}/evidence/{send().json()['id']}", f"{API}/reports/{report.pk}/evidence"
    for address in (one, listed):
        assert client.get(address).status_code == 401
        assert client.get(address, headers=bearer(market)).status_code == 404
    assert (client.delete(one).status_code, client.delete(one, headers=bearer(market)).status_code) == (401, 404)
    assert client.delete(one, headers=bearer(transport, read_only=True)).status_code == 403
    assert send(headers={}).status_code == 401
    assert send(headers=bearer(market)).status_code == 404
    assert send(headers=bearer(transport, read_only=True)).status_code == 403
    client.force_login(person(Role.VIEWER, agency=transport), backend="agencies.people.sign_in.PasswordBackend")
    assert client.get(one).status_code == 200
    assert client.delete(one).status_code == 403
    assert Evidence.objects.count() == 1


def test_a_lead_reads_what_others_handed_in_and_takes_nothing_off(
    led: Measure, client: Client, market: Agency, transport: Agency, bearer: Bearer
) -> None:
    Duty.objects.get_or_create(measure=led, agency=market, defaults={"part": "responsible"})
    address = f"{API}/reports/{reported(led, market).pk}/evidence"
    made = client.post(address, {"file": upload("批复.pdf", PDF)}, headers=bearer(market)).json()
    lead = bearer(transport)
    assert client.get(address, headers=lead).json()["results"] == [made]
    assert client.delete(f"{API}/evidence/{made['id']}", headers=lead).status_code == 403
    assert client.post(address, {"file": upload("x.pdf", pdf("2"))}, headers=lead).status_code == 403
