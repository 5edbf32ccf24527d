"""The worker's task, and waking it: after commit, and never at the cost of what was saved."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from agencies.lib.jobs.wake import wake
from reforms.models import Delivery, ReformList
from reforms.tasks import send_reminders

Callbacks = Callable[..., Any]


class Task:
    """Stands for a task whose broker may be gone."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.hints = 0

    def apply_async(self, **_options: object) -> None:
        if self.error:
            raise self.error
        self.hints += 1


def test_the_task_sends_what_is_owed_today(few: ReformList, mailoutbox: list[EmailMultiAlternatives]) -> None:
    send_reminders()
    assert len(mailoutbox) == 3
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_the_worker_is_woken_after_commit(db: None, django_capture_on_commit_callbacks: Callbacks) -> None:
    task = Task()
    with django_capture_on_commit_callbacks(execute=True):
        wake(task)
        assert task.hints == 0
    assert task.hints == 1


def test_what_is_rolled_back_wakes_nobody(db: None, django_capture_on_commit_callbacks: Callbacks) -> None:
    task = Task()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        wake(task)
        transaction.set_rollback(True)
    assert task.hints == 0


@pytest.mark.parametrize("error", [ConnectionError("refused"), OSError("disk full"), RuntimeError("anything")])
def test_a_dead_broker_is_logged_and_swallowed(
    db: None, django_capture_on_commit_callbacks: Callbacks, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    with caplog.at_level(logging.WARNING, "agencies.lib.jobs.wake"), django_capture_on_commit_callbacks(execute=True):
        wake(Task(error))
    assert "the queue could not be reached; the next beat will do it" in caplog.text
    assert str(error) in caplog.text, "with its cause"
