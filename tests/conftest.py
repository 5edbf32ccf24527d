"""What every test may use: the real list, imported once per database, and a few named people.

Tests run as of 2022-06-15, in the list's own year; the list's status is not public and nothing is reported yet,
unless a test asks for `public` or `demo`.
"""

import datetime as dt
import functools
import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DataError, connections, models
from django.db.backends.signals import connection_created
from django.test import Client, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from agencies.models import Agency, Membership, Role, Token, User
from importers.documents.layout.given import NOT_GIVEN, GivenColumns
from importers.documents.read import check_converted, check_read
from importers.documents.sandbox import process, wire
from importers.documents.values import ParsedList
from reforms.api.measure_json import MEASURES
from reforms.columns.kept import forget
from reforms.columns.remembered import REMEMBERED
from reforms.lib.answers import ANSWERS
from reforms.models import Audience, Measure, ReformList
from tests import migrated
from tests.kept import Kept
from tests.on_servers import of_this_half
from tests.unlocked import log_unlocked

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
REAL_LIST = FIXTURES / "shenzhen-2022-first-batch.docx"
SLUG = "shenzhen-2022"
ON = dt.date(2022, 6, 15)
PASSWORD = "correct horse 2022"

# Tests that share a server, a browser or a prepared folder run in one process, so that there is one of it.
TOGETHER = (
    "tests/browser/test_newcomer.py",
    "tests/browser/",
    "tests/config/",
    "tests/tooling/test_serve.py",
    "tests/tooling/test_readme.py",
    "tests/agencies/test_guesses.py",
    "tests/importers/jobs/test_import_faults.py",
    "tests/reforms/reminders/test_faults.py",
)

# The longest of those that run alone begin first: one that begins last keeps every other process waiting.
LONGEST = (
    "tests/tooling/test_programs.py",
    "tests/test_many_lists.py",
    "tests/reforms/status/test_races.py",
    "tests/reforms/status/test_random_deeds.py",
    "tests/reforms/api/test_keeping_a_copy.py",
)

PersonMaker = Callable[..., User]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The largest of what runs together first, then the other tests one by one to whoever is free."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next(filter(nodeid.startswith, TOGETHER), nodeid)

    return Together(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept = of_this_half(items)
    left_out = set(items) - set(kept)
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = kept
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_collection_finish() -> None:
    """What has been loaded stays: to look through all of it for garbage again and again took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def with_another_end(secret: str) -> str:
    """What nobody was given, one character from `secret`; a fixed letter would be the right one now and then."""
    return secret[:-1] + ("a" if secret[-1] != "a" else "b")


def import_real_list() -> ReformList:
    """Import the real list and what is known of its agencies into an empty database."""
    call_command("import_list", str(REAL_LIST), slug=SLUG, issued=dt.date(2022, 1, 31), yes=True, verbosity=0)
    call_command("load_agencies", str(FIXTURES / "agencies-shenzhen.json"), verbosity=0)
    ReformList.objects.filter(slug=SLUG).update(open_to=Audience.PUBLIC)
    return ReformList.objects.get(slug=SLUG)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """The test database begins as a copy of the one that was migrated for this run, if there is one."""
    connection = connections["default"]
    if migrated.name():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated.name()

    def fill_the_first(connection: Any, **_signal: Any) -> None:
        if connection.vendor == "sqlite" and connection.is_in_memory_db():
            connection_created.disconnect(fill_the_first)
            migrated.fill(connection)

    connection_created.connect(fill_the_first)
    yield
    connection_created.disconnect(fill_the_first)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The real list is in the test database before the first test; each test's writes are rolled back."""
    with django_db_blocker.unblock():
        import_real_list()


@pytest.fixture(scope="session", autouse=True)
def _log_unlocked_while_a_database_is_emptied() -> Iterator[None]:
    """Tests with real transactions end by emptying every table, which the locked change log refuses."""
    empty = TransactionTestCase._fixture_teardown

    def empty_unlocked(test: TransactionTestCase) -> None:
        with log_unlocked():
            empty(test)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_unlocked)
        yield


@pytest.fixture(scope="session", autouse=True)
def _what_tests_write_is_noticed() -> Iterator[None]:
    """Tests write without the log, by which alone it is known that what is kept in memory is true no more."""

    def forget_what_was_written(execute: Any, sql: str, *rest: Any) -> Any:
        try:
            return execute(sql, *rest)
        finally:
            if not sql.lstrip().upper().startswith(("SELECT", "DECLARE", "SAVEPOINT", "RELEASE")):
                _forget_all()

    def watch(connection: Any, **_signal: Any) -> None:
        if forget_what_was_written not in connection.execute_wrappers:
            connection.execute_wrappers.append(forget_what_was_written)

    connection_created.connect(watch)
    for connection in connections.all():
        watch(connection)
    yield
    connection_created.disconnect(watch)


@pytest.fixture(scope="session", autouse=True)
def _what_is_counted_is_a_page_that_is_made() -> Iterator[None]:
    """A page that was given before asks the database for nothing but the head of the log, one that was counted before
    for less."""
    begin = CaptureQueriesContext.__enter__

    def begin_anew(context: CaptureQueriesContext) -> CaptureQueriesContext:
        ANSWERS.forget()
        REMEMBERED.forget()
        return begin(context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CaptureQueriesContext, "__enter__", begin_anew)
        yield


@pytest.fixture(autouse=True)
def _nothing_kept_from_the_test_before() -> None:
    # What the test before wrote was rolled back.
    _forget_all()


def _forget_all() -> None:
    forget()
    ANSWERS.forget()
    MEASURES.forget()


@pytest.fixture(autouse=True)
def _portal_of_2022(settings: Any, tmp_path: Path) -> None:
    settings.PORTAL_TODAY = ON
    translation.activate(settings.LANGUAGE_CODE)  # a page that was asked for in English leaves its thread in English
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    # Every client looks through the folder of static files that a portal has collected.
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    in_memory = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = settings.CACHES | {"shared": {"BACKEND": in_memory, "LOCATION": str(tmp_path)}}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MAIL_GOES_OUT = True  # into a list of Django's, which stands for a mail server
    settings.MAIL_DIR = tmp_path / "mail"
    settings.MAIL_DIR.mkdir()
    settings.LOG_HEADS_FILE = tmp_path / "log-heads.jsonl"


@pytest.fixture(autouse=True, scope="session")
def _lengths_hold_on_every_database() -> Iterator[None]:
    """SQLite takes any length where PostgreSQL refuses; here both refuse."""
    prepare = models.CharField.get_db_prep_save

    def held(field: Any, value: Any, connection: Any) -> Any:
        if isinstance(value, str) and field.max_length and len(value) > field.max_length:
            raise DataError(f"{field}: {len(value)} characters, {field.max_length} are the most")
        return prepare(field, value, connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models.CharField, "get_db_prep_save", held)
        yield


@pytest.fixture(autouse=True)
def _documents_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document is read without a process of its own, and the same one once; tests/importers/documents has them."""

    def read_here(data: bytes, order: dict[str, Any], *_: object) -> ParsedList:
        asked = (order["name"], order["year"], order["columns"])
        return wire.loads(_read_before(data, *asked, converted=order["converted"]))

    monkeypatch.setattr(process, "_in_child", read_here)


@functools.lru_cache(maxsize=100)
def _read_before(data: bytes, name: str, year: int | None, columns: str, *, converted: bool) -> bytes:
    check = check_converted if converted else check_read
    return wire.dumps(check(data, name, year, GivenColumns.of_text(columns) if columns else NOT_GIVEN))


@pytest.fixture
def reform_list(db: None) -> ReformList:
    return ReformList.objects.get(slug=SLUG)


@pytest.fixture
def public(reform_list: ReformList) -> ReformList:
    """The list, with its status shown to everyone."""
    reform_list.public_status = True
    reform_list.save()
    return reform_list


@pytest.fixture(scope="session")
def kept_demo() -> Kept:
    return Kept()


@pytest.fixture(autouse=True)
def _demo_first(request: pytest.FixtureRequest, _portal_of_2022: None) -> None:
    """What is kept of the demonstration fits into a database in which nothing was written yet."""
    if "demo" in request.fixturenames:
        request.getfixturevalue("demo")


@pytest.fixture
def demo(reform_list: ReformList, settings: Any, kept_demo: Kept) -> ReformList:
    """The list with the demonstration's people and progress: lights 31 / 24 / 6 / 92 / 52 / 8 / 3."""
    from reforms.demo import make_demo

    kept_demo.put(lambda: make_demo(reform_list, office=settings.OFFICE_NAME))
    reform_list.refresh_from_db()
    return reform_list


@pytest.fixture
def transport(db: None) -> Agency:
    """市交通运输局: leads 7 measures, is responsible for 9."""
    return Agency.objects.get(name="市交通运输局")


@pytest.fixture
def market(db: None) -> Agency:
    """市市场监管局: leads 60 measures, is responsible for 13."""
    return Agency.objects.get(name="市市场监管局")


@pytest.fixture
def person(db: None) -> PersonMaker:
    """Make a person: person(Role.REPORTER, agency). Several roles may be given."""

    def make(*roles: Role, agency: Agency | None = None, username: str = "") -> User:
        name = username or "-".join([*roles, str(agency.pk if agency else 0)]) or "nobody"
        user = User.objects.create_user(name, email=f"{name}@example.org", password=PASSWORD)
        office = agency or Agency.objects.get_or_create(name="市营商环境改革专班办公室")[0]
        for role in roles:
            Membership.objects.create(user=user, agency=office, role=role)
        return user

    return make


@pytest.fixture
def reporter(person: PersonMaker, transport: Agency) -> User:
    """The reporter of 市交通运输局."""
    return person(Role.REPORTER, agency=transport)


@pytest.fixture
def signed_in(client: Client) -> Callable[[User], Client]:
    """signed_in(user) gives the test client signed in as that user."""

    def sign_in(user: User) -> Client:
        client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")
        return client

    return sign_in


@pytest.fixture
def bearer(db: None) -> Callable[..., dict[str, str]]:
    """bearer(agency, read_only=False) gives the headers of a request with a new token of that agency."""

    def headers(agency: Agency, *, read_only: bool = False) -> dict[str, str]:
        _token, secret = Token.issue(agency_id=agency.pk, name="测试", read_only=read_only, days=1, by_id=None)
        return {"Authorization": f"Bearer {secret}"}

    return headers


@pytest.fixture
def led(transport: Agency) -> Measure:
    """The first measure that 市交通运输局 leads and that is due on 2022-06-30."""
    return Measure.objects.printed_for([transport.pk], "lead").filter(deadline=dt.date(2022, 6, 30)).order_by("row")[0]
