"""A portal started in earnest, and those who come to it: each with a browser of their own, reading one language."""

import datetime as dt
import email.policy
import io
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from functools import partial
from pathlib import Path
from signal import SIGTERM
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, override, pgettext
from openpyxl import Workbook
from playwright.sync_api import Locator, Page

from tests.browser.pictures import picture
from tests.run import clean_environment
from tests.services import end_with_parent, free_port
from tests.tooling.processes import ROOT

START_SECONDS, STOP_SECONDS = 180, 20
TRANSPORT, AIRSPACE = "市交通运输局", "市低空经济发展局"
DUE, LATER = "上线网约车监管平台", "编制低空航线规划"


@dataclass(frozen=True, slots=True)
class Started:
    """A portal of its own that `DEMO=0 make run` would start: what it said, and where it leaves its mail."""

    address: str
    said: Path
    folder: Path

    def first_link(self) -> str:
        """The one-time link as it was printed."""
        return re.findall(r"^  (http\S+)$", self.said.read_text(encoding="utf-8"), re.MULTILINE)[0]

    def letters_to(self, mailbox: str) -> list[EmailMessage]:
        files = sorted((self.folder / "mail").glob("*.eml"))
        letters = [
            BytesParser(EmailMessage, policy=email.policy.default).parsebytes(file.read_bytes()) for file in files
        ]
        return [letter for letter in letters if mailbox in letter["To"]]


@contextmanager
def started(folder: Path) -> Iterator[Started]:
    """The portal in an empty folder; its processes are gone when the block ends."""
    port, said = free_port(), folder / "said.txt"
    environment = clean_environment() | {"DEMO": "0", "DATA_DIR": str(folder), "PORT": str(port)}
    # Letters go out at whatever hour the test runs.
    environment |= {"LETTER_HOURS": "00:00-23:59:59", "DIGESTS_FROM": "00:00"}
    del environment["SECRET_KEY"]
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.serve"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=partial(end_with_parent, SIGTERM),  # noqa: PLW1509 (it calls nothing that locks)
        )
    try:
        wait_until_it_answers(process, said)
        yield Started(f"http://127.0.0.1:{port}", said, folder)
    finally:
        process.terminate()
        process.wait(timeout=STOP_SECONDS)


def wait_until_it_answers(process: subprocess.Popen[bytes], said: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while "The portal answers at" not in said.read_text(encoding="utf-8"):
        is_starting = process.poll() is None and time.monotonic() < deadline
        assert is_starting, said.read_text(encoding="utf-8")
        time.sleep(0.2)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody at a page. What they look for is named in Chinese and found in the language they read."""

    page: Page
    english: bool
    pictured: bool = False

    def words(self, chinese: str, context: str = "") -> str:
        with override("en" if self.english else "zh-hans"):
            return pgettext(context, chinese) if context else gettext(chinese)

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def picture(self, name: str) -> None:
        """Keep the page as that picture of the documentation, when pictures are wanted of what this reader sees."""
        if self.pictured:
            picture(self.page, name, today=today_in_china().isoformat(), english=self.english)

    def choose_language(self) -> None:
        if self.english:
            self.page.get_by_role("button", name="English").click()

    def open(self, menu: str, context: str = "") -> None:
        """A page by its place in the menu."""
        self.page.get_by_role("banner").get_by_role("link", name=self.words(menu, context), exact=True).click()

    def follow(self, link: str) -> None:
        self.main.get_by_role("link", name=self.words(link), exact=True).first.click()

    def press(self, button: str, context: str = "") -> None:
        self.main.get_by_role("button", name=self.words(button, context), exact=True).first.click()

    def field(self, label: str, context: str = "") -> Locator:
        return self.main.get_by_label(self.words(label, context), exact=True).last

    def is_told(self, chinese: str) -> None:
        self.main.get_by_role("status").filter(has_text=self.words(chinese)).first.wait_for()


def today_in_china() -> dt.date:
    return dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()


def a_list_due(on: dt.date) -> bytes:
    """A small list as an office would type it: one measure due on that day, one half a year later."""
    book = Workbook()
    sheet = book.active
    assert sheet
    later = on + dt.timedelta(days=180)
    rows = [
        (f"市交通领域{on.year}年改革事项清单",),
        ("序号", "改革事项", "具体举措", "牵头单位", "责任单位", "完成时限"),
        (1, DUE, "建成网约车监管平台并上线运行。", TRANSPORT, "", said(on)),
        (2, LATER, "编制低空航线规划并印发实施。", AIRSPACE, TRANSPORT, said(later)),
    ]
    for row in rows:
        sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def said(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
