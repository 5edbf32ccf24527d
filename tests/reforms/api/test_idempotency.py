"""Idempotency-Key: the same request is done once, however often it is sent."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from rest_framework.viewsets import ViewSetMixin

from agencies.models import Agency, Change
from reforms.api.http.idempotency import OncePerKey
from reforms.api.urls import urlpatterns
from reforms.models import IdempotentRequest, Measure, ProgressReport, concurrency
from tests.conftest import ON
from tests.threads import in_thread

Send = Callable[..., Any]
ENOUGH = 20.0


@pytest.fixture
def send(led: Measure, transport: Agency, bearer: Any) -> Send:
    own = bearer(transport)

    def post(address: str = "", *, key: str = "k", headers: dict[str, str] | None = None, **body: Any) -> Any:
        told = {**own, "Idempotency-Key": key, **(headers or {})}
        where = address or f"/api/v1/measures/{led.pk}/reports"
        return Client().post(where, body, content_type="application/json", headers=told)

    return post


def test_every_post_of_the_api_minds_the_key() -> None:
    views: list[Any] = [pattern.callback for pattern in urlpatterns]
    posts = [view.cls for view in views if "post" in getattr(view, "actions", {})]
    assert len(posts) >= 18
    assert [cls for cls in posts if not issubclass(cls, OncePerKey)] == []
    assert all(cls.__mro__.index(OncePerKey) < cls.__mro__.index(ViewSetMixin) for cls in posts)


def test_the_same_request_gets_the_first_answer(send: Send) -> None:
    first = send(progress="一。", draft=True)
    again = send(progress="一。", draft=True)
    assert (again.status_code, again.json(), again["ETag"]) == (201, first.json(), first["ETag"])
    assert again["Idempotency-Replayed"] == "true"
    assert send(progress="一。", draft=True, key="other").status_code == 409


def test_a_refusal_is_repeated_too(send: Send, led: Measure) -> None:
    Measure.objects.filter(pk=led.pk).update(status="closed", closed_on=ON)
    first = send(progress="一。")
    Measure.objects.filter(pk=led.pk).update(status="in_progress", closed_on=None)
    assert first.status_code == 422
    assert (send(progress="一。").status_code, send(progress="一。").json()) == (422, first.json())


def test_another_content_or_another_address_is_another_request(send: Send, led: Measure) -> None:
    assert send(progress="一。").status_code == 201
    for again in (send(progress="二。"), send(f"/api/v1/measures/{led.pk}/extensions", progress="一。")):
        assert (again.status_code, again.json()["code"]) == (422, "idempotency_key_reused")


def test_an_outdated_decision_may_come_again_with_the_same_key(send: Send) -> None:
    report = send(progress="一。", key="first")
    address = f"/api/v1/reports/{report.json()['id']}/withdraw"
    assert send(address, headers={"If-Match": '"99"'}).status_code == 412
    assert send(address, headers={"If-Match": report["ETag"]}).json()["state"] == "withdrawn"
    assert send(address, headers={"If-Match": report["ETag"]}).json()["state"] == "withdrawn"


def dead_turn() -> None:
    """As if the process had died after the deed and before its answer was kept."""
    IdempotentRequest.objects.update(status=None, body="", headers={}, leased_until=timezone.now() + concurrency.LEASE)


def test_what_is_being_worked_on_is_not_done_again(send: Send) -> None:
    send(progress="一。")
    dead_turn()
    again = send(progress="一。")
    assert (again.status_code, again.json()["code"], again["Retry-After"]) == (409, "in_progress", "1")


def test_after_a_crash_the_turn_is_taken_over_and_the_deed_not_done_twice(send: Send) -> None:
    first = send(progress="一。")
    dead_turn()
    IdempotentRequest.objects.update(leased_until=timezone.now())
    again = send(progress="一。")
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert Change.objects.filter(action="report.submitted").count() == 1
    row = IdempotentRequest.objects.get()
    assert (row.turn, row.status) == (2, 201)


def test_whose_turn_was_taken_over_keeps_nothing(db: None) -> None:
    turn = concurrency.start("t1", "k", "f")
    assert isinstance(turn, concurrency.Attempt)
    IdempotentRequest.objects.update(leased_until=timezone.now())
    taken = concurrency.start("t1", "k", "f")
    concurrency.finish(turn, concurrency.KeptAnswer(201, "late"))
    assert isinstance(taken, concurrency.Attempt)
    concurrency.finish(taken, concurrency.KeptAnswer(200, "first"))
    assert concurrency.start("t1", "k", "f") == concurrency.KeptAnswer(200, "first")


def test_a_server_error_frees_the_key(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("reforms.api.reports.submit_report", broken)
        with pytest.raises(OSError):  # noqa: PT011  # the test client raises what would be a 500
            send(progress="一。")
    assert send(progress="一。").status_code == 201


def test_keys_are_kept_for_a_day(send: Send) -> None:
    send(progress="一。", draft=True)
    assert send(progress="二。").json()["code"] == "idempotency_key_reused"
    IdempotentRequest.objects.update(created_at=timezone.now() - concurrency.KEPT)
    assert send(progress="二。").status_code == 201
    assert IdempotentRequest.objects.count() == 1


def patient_begin() -> Any:
    """SQLite waits for a file and not for a database in memory, as that of the tests is."""
    for _ in range(200):
        try:
            return concurrency.start("t1", "k", "f")
        except OperationalError:
            time.sleep(0.02)
    raise AssertionError("it was never this one's turn to write")


def begun_at_once() -> list[Any]:
    """What becomes of four that bring the same key at the same moment."""
    together, found = threading.Barrier(4), []

    def bring() -> None:
        together.wait(ENOUGH)
        try:
            found.append(patient_begin())
        except concurrency.KeyInUse as error:
            found.append(error)

    threads = [in_thread(bring) for _ in range(4)]
    for thread in threads:
        thread.join(ENOUGH)
    return found


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_has_the_turn() -> None:
    found = begun_at_once()
    assert len(found) == 4
    assert sum(isinstance(one, concurrency.Attempt) for one in found) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_constraint_several_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: whoever looks first and writes then lets several through."""
    together = threading.Barrier(4)

    def look_then_write(caller: str, key: str, fingerprint: str) -> concurrency.Attempt | concurrency.KeptAnswer:
        known = IdempotentRequest.objects.filter(caller=caller, key=concurrency.digest(key)).exists()
        together.wait(ENOUGH)
        if known:
            raise concurrency.KeyInUse
        return concurrency.Attempt(0, 1)

    monkeypatch.setattr(concurrency, "start", look_then_write)
    assert sum(isinstance(one, concurrency.Attempt) for one in begun_at_once()) > 1


def test_no_report_is_made_twice_by_one_key(send: Send) -> None:
    for _ in range(3):
        send(progress="一。")
    assert ProgressReport.objects.count() == 1
