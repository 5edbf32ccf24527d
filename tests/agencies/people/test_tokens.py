"""Tokens: shown once, kept as a keyed hash, dead when expired or revoked."""

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agencies.models import Agency, Change, Role, Token, User, digest_of
from tests.conftest import PersonMaker


@pytest.fixture
def administrator(client: Client, person: PersonMaker) -> Client:
    client.force_login(person(Role.ADMINISTRATOR), backend="agencies.people.sign_in.PasswordBackend")
    return client


def issue(administrator: Client, agency: Agency, **changes: Any) -> str:
    """Issue a token by the page; the secret that the page shows."""
    form = {"agency": agency.pk, "name": "办公系统", "days": 30, **changes}
    secret: str = administrator.post("/tokens/", form).context["secret"]
    return secret


def test_the_secret_is_shown_once_and_kept_nowhere(administrator: Client, transport: Agency) -> None:
    secret = issue(administrator, transport)
    token = Token.objects.get()
    _lead_in, prefix, hidden = secret.split("_", 2)
    assert token.prefix == prefix
    kept = [*Token.objects.values().get().values(), *Change.objects.values().latest("sequence").values()]
    assert hidden not in " ".join(map(str, kept))
    page = administrator.get("/tokens/").content.decode()
    assert f"rt_{prefix}…" in page
    assert hidden not in page


def test_the_hash_needs_the_key_of_the_portal(transport: Agency, settings: Any) -> None:
    token, secret = Token.issue(agency_id=transport.pk, name="x", read_only=True, days=1, by_id=None)
    hidden = secret.split("_", 2)[2]
    assert token.digest == digest_of(hidden)
    assert token.digest != hashlib.sha256(hidden.encode()).hexdigest()
    settings.SECRET_KEY = "another"
    assert token.digest != digest_of(hidden)


def test_secrets_are_long_and_never_the_same(transport: Agency) -> None:
    secrets = {Token.issue(agency_id=transport.pk, name="x", read_only=True, days=1, by_id=None)[1] for _ in range(20)}
    assert len(secrets) == 20
    assert min(len(secret.split("_", 2)[2]) for secret in secrets) >= 43


def test_the_living_are_neither_expired_nor_revoked(transport: Agency) -> None:
    now = timezone.now()

    def made(**facts: Any) -> Token:
        token, _ = Token.issue(agency_id=transport.pk, name="x", read_only=True, days=1, by_id=None)
        Token.objects.filter(pk=token.pk).update(**facts)
        return Token.objects.get(pk=token.pk)

    living = [made(), made(expires_at=None), made(expires_at=now + dt.timedelta(minutes=5))]
    dead = [made(expires_at=now), made(revoked_at=now), made(expires_at=None, revoked_at=now)]
    assert set(Token.objects.living(now)) == set(living)
    assert [token.is_living for token in living + dead] == [True] * 3 + [False] * 3


def test_a_revoked_token_stops_at_once(administrator: Client, transport: Agency) -> None:
    headers = {"Authorization": f"Bearer {issue(administrator, transport)}"}
    asker = Client()
    assert asker.get("/api/v1/me", headers=headers).status_code == 200
    administrator.post(f"/tokens/{Token.objects.get().pk}/revoke/")
    assert asker.get("/api/v1/me", headers=headers).status_code == 401
    actions = Change.objects.order_by("-sequence").values_list("action", flat=True)[:2]
    assert list(actions) == ["token.revoked", "token.issued"]


def test_the_last_use_is_noted_to_the_minute(
    client: Client, transport: Agency, bearer: Callable[..., dict[str, str]]
) -> None:
    headers = bearer(transport)
    client.get("/api/v1/me", headers=headers)
    first = Token.objects.get().last_used_at
    client.get("/api/v1/me", headers=headers)
    assert first is not None
    assert Token.objects.get().last_used_at == first


@pytest.mark.parametrize("days", ["0", "1096", "", "x"])
def test_a_token_always_ends(administrator: Client, transport: Agency, days: str) -> None:
    response = administrator.post("/tokens/", {"agency": transport.pk, "name": "x", "days": days})
    assert response.status_code == 422
    assert not Token.objects.exists()


def test_a_group_gets_no_token(administrator: Client, db: None) -> None:
    group = Agency.objects.get(name="各区政府")
    assert administrator.post("/tokens/", {"agency": group.pk, "name": "x", "days": 1}).status_code == 422


def test_the_page_says_what_became_of_each(administrator: Client, transport: Agency, reporter: User) -> None:
    Token.issue(agency_id=transport.pk, name="在用", read_only=True, days=1, by_id=reporter.pk)
    Token.issue(agency_id=transport.pk, name="停用", read_only=True, days=1, by_id=reporter.pk)
    Token.objects.filter(name="停用").update(revoked_at=timezone.now())
    page = administrator.get("/tokens/").content.decode()
    assert page.count("已停用") == 1
