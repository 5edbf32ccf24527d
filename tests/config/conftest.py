"""A prepared portal once per process, a copy of it and a post office for each test that asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.portal import Portal, Prepared, portal_in, prepared
from tests.config.post import PostOffice, post_office


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    with prepared(tmp_path_factory.mktemp("prepared")) as made:
        yield made


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as opened:
        yield opened


@pytest.fixture
def portal(tmp_path: Path, source: Prepared, office: PostOffice) -> Iterator[Portal]:
    """A portal that sends its mail through `office` and gives a dead sender up after a second."""
    folder = tmp_path / "portal"
    folder.mkdir()
    with portal_in(folder, source, EMAIL_URL=office.url, DELIVERY_LEASE="1", RESEND_AFTER="1") as made:
        yield made


@pytest.fixture
def portal_without_mail_server(tmp_path: Path, source: Prepared) -> Iterator[Portal]:
    """A portal that writes its mail into files."""
    folder = tmp_path / "portal"
    folder.mkdir()
    with portal_in(folder, source) as made:
        yield made
