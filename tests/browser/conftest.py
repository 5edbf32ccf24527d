"""A portal with the demonstration, served as in production, and a Chromium to look at it with.

One of each per test process. What a test writes stays in the portal, so a test that reports has a measure of its own.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

from tests import migrated
from tests.browser.pages import NOBODY, PASSWORD, Places, Portal, Watch
from tests.config.portal import base_environment
from tests.run import HOW_TO_GET_A_BROWSER, find_browser
from tests.services import end_with_parent, free_port
from tests.tooling.processes import ROOT

DESKTOP = (1366, 768)
PHONE = (390, 844)
FIRST_ANSWER_SECONDS = 30
MOST_KEPT = 6
# Milliseconds, for what a test expects: only a test that fails waits so long, and a busy machine may need it.
LONGEST_WAIT = 15_000
expect.set_options(timeout=LONGEST_WAIT)
GUNICORN = ("config.wsgi:application", "--threads", "4", "--log-level", "warning", "--no-control-socket")

ContextMaker = Callable[..., BrowserContext]


@dataclass(frozen=True, slots=True)
class Made:
    """A demonstration that was made, to be copied and served, and where its pages are."""

    folder: Path
    places: Places


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    migrated.copy_to(folder / "portal.sqlite3")
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.prepare"],
        cwd=ROOT,
        env=environment_in(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Made(folder, Places(**json.loads(done.stdout)))


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory, made: Made) -> Iterator[Portal]:
    """The address of the portal, and of the pages in it that have no fixed one."""
    with demonstration(tmp_path_factory.mktemp("portal"), made) as shown:
        yield shown


@contextmanager
def demonstration(folder: Path, made: Made, **environment: str) -> Iterator[Portal]:
    """A portal with a copy of the demonstration in this folder; it is gone when the block ends."""
    shutil.copytree(made.folder, folder, dirs_exist_ok=True)
    address = f"127.0.0.1:{free_port()}"
    with served(address, environment_in(folder) | {"SITE_URL": f"http://{address}"} | environment, folder / "said.txt"):
        yield Portal(f"http://{address}", made.places)


def environment_in(folder: Path) -> dict[str, str]:
    return base_environment(folder) | {
        "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        "LOG_LEVEL": "WARNING",
    }


class served:  # noqa: N801 (used as a function)
    """gunicorn with the portal, which answers when the block begins and is gone when it ends."""

    def __init__(self, address: str, environment: dict[str, str], said: Path) -> None:
        self.address, self.said = address, said
        with said.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *GUNICORN, "--bind", address],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=partial(end_with_parent, signal.SIGTERM),  # noqa: PLW1509 (it calls nothing that locks)
            )

    def __enter__(self) -> None:
        deadline = time.monotonic() + FIRST_ANSWER_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"http://{self.address}/healthz", timeout=5).read()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(self.said.read_text(encoding="utf-8"))
                time.sleep(0.1)
            else:
                return

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=40)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for each test process. Playwright leaves an event loop on the thread, in which Django would refuse queries of
    the tests that follow. Nothing runs in it while they do."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        arguments = ["--disable-gpu", "--disable-background-networking"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        program = find_browser()
        assert program, f"There is no Chromium: {HOW_TO_GET_A_BROWSER}."
        chromium = playwright.chromium.launch(executable_path=program, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def sessions() -> dict[str, StorageState]:
    """The cookies of those who have signed in so far."""
    return {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks of a context; contexts of which the same was asked are alike."""

    address: str
    person: str
    english: bool
    javascript: bool
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class OpenContext:
    """A context, and the page of the portal that stays open in it."""

    wanted: Wanted
    context: BrowserContext
    page: Page


class Contexts:
    """The last contexts that were used, to be given out again as if they were new.

    The first page of a new context costs a second of work in Chromium, a further one beside another a third of it.
    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.free: list[OpenContext] = []
        self.used: list[OpenContext] = []

    def take(self, wanted: Wanted, state: StorageState | None) -> BrowserContext:
        kept = next((one for one in self.free if one.wanted == wanted), None)
        if kept:
            self.free.remove(kept)
        else:
            kept = self._new(wanted)
        self.used.append(kept)
        cookies: list[Any] = [*(state or {}).get("cookies", [])]
        if wanted.english:
            cookies.append({"name": "django_language", "value": "en", "url": wanted.address})
        kept.context.add_cookies(cookies)
        return kept.context

    def put_back(self) -> None:
        """Nothing of what was done in them is left: no page, no cookie, nothing that pages keep in the browser."""
        while self.used:
            kept = self.used.pop()
            for page in kept.context.pages:
                if page != kept.page:
                    page.close()
            kept.context.clear_cookies()
            if kept.wanted.javascript:
                kept.page.evaluate("window.localStorage.clear()")
            self.free.append(kept)
        while len(self.free) > MOST_KEPT:
            self.free.pop(0).context.close()

    def _new(self, wanted: Wanted) -> OpenContext:
        context = self.browser.new_context(
            base_url=wanted.address,
            java_script_enabled=wanted.javascript,
            viewport={"width": wanted.size[0], "height": wanted.size[1]},
            locale="zh-CN",
        )
        context.set_default_timeout(LONGEST_WAIT)
        page = context.new_page()
        page.goto("/healthz")
        return OpenContext(wanted, context, page)


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Contexts:
    return Contexts(browser)


@pytest.fixture
def watch(portal: Portal) -> Iterator[Watch]:
    """Whatever a test does, no page of it may report an error or ask another host for anything."""
    seen = Watch(portal.address.removeprefix("http://"))
    yield seen
    assert not seen.errors
    assert not seen.elsewhere


@pytest.fixture
def opened(
    contexts: Contexts, portal: Portal, sessions: dict[str, StorageState], watch: Watch
) -> Iterator[ContextMaker]:
    """opened(REPORTER, english=True, javascript=False, size=PHONE) gives a watched context of that person."""

    def new(
        person: str = NOBODY,
        *,
        english: bool = False,
        javascript: bool = True,
        size: tuple[int, int] = DESKTOP,
    ) -> BrowserContext:
        if person and person not in sessions:
            sessions[person] = signed_in(contexts.browser, portal, person)
        context = contexts.take(Wanted(portal.address, person, english, javascript, size), sessions.get(person))
        watch.over(context)
        return context

    yield new
    contexts.put_back()
    watch.end()


@pytest.fixture
def page(opened: ContextMaker) -> Page:
    """A page of somebody who has not signed in."""
    return opened().new_page()


def signed_in(browser: Browser, portal: Portal, person: str) -> StorageState:
    """Sign in by the form; what the browser keeps afterwards."""
    context = browser.new_context(base_url=portal.address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("用户名").fill(person)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").click()
    expect(page).to_have_url(f"{portal.address}/desk/")
    kept = context.storage_state()
    context.close()
    return kept
