"""Redis is down: people sign in, hand in files and import lists all the same, and guesses are counted all the same."""

from typing import Any

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agencies.models import Role, User
from config.celery import app
from importers.models import ImportJob
from tests.conftest import PASSWORD, PersonMaker
from tests.importers.plans.test_plan import fourfold

NOBODY_THERE = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _redis_down(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    down = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": NOBODY_THERE}
    settings.CACHES = {"default": down, "shared": down}
    monkeypatch.setattr(app.conf, "broker_url", NOBODY_THERE)
    with pytest.raises(Exception, match="refused"):
        caches["shared"].get("anything")


def sign_in(client: Client, password: str) -> int:
    return client.post("/sign-in/", {"username": "somebody", "password": password}).status_code


@pytest.fixture
def somebody(person: PersonMaker) -> User:
    return person(Role.ADMINISTRATOR, username="somebody")


def test_people_sign_in(client: Client, somebody: User) -> None:
    assert sign_in(client, PASSWORD) == 302


def test_guesses_are_counted(client: Client, somebody: User) -> None:
    assert [sign_in(client, "wrong") for _ in range(5)] == [422] * 5
    assert sign_in(client, PASSWORD) == 429


def test_a_list_is_read_and_confirmed_without_being_watched(client: Client, somebody: User) -> None:
    client.force_login(somebody, backend="agencies.people.sign_in.PasswordBackend")
    file = SimpleUploadedFile("清单.txt", fourfold().content)
    answer = client.post("/imports/", {"file": file, "target": ""}, follow=True)
    assert answer.status_code == 200
    assert ImportJob.objects.get().state == ImportJob.State.READY


def test_what_is_being_worked_on_cannot_be_cancelled_and_that_is_said(client: Client, somebody: User) -> None:
    client.force_login(somebody, backend="agencies.people.sign_in.PasswordBackend")
    client.post("/imports/", {"file": SimpleUploadedFile("清单.txt", fourfold().content), "target": ""})
    job = ImportJob.objects.get()
    ImportJob.objects.update(state="reading", lease_until=job.created_at)
    answer = client.post(f"/imports/{job.pk}/cancel/", follow=True)
    assert "暂时无法取消：共享缓存没有应答" in answer.content.decode()
