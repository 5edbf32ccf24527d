"""Every command in the README does what it says: they are run, in order, against a portal of their own."""

import re
import signal
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.run import clean_environment
from tests.services import free_port
from tests.tooling.processes import ROOT
from tests.tooling.test_serve import MARK, start

# Run by other tests (`make run` by test_serve, `make test` is what runs this one).
ELSEWHERE = {"make run", "make test", "DEMO=0 make run"}
READMES = ("README.md", "README.zh-CN.md")


def commands(name: str) -> list[str]:
    """The lines of every ```sh block of a README."""
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What `make run` serves, in a folder and on a port of its own."""
    environment = clean_environment() | {
        "DATA_DIR": str(tmp_path_factory.mktemp("demonstration")),
        "DEMO": "1",
        "PORTAL_TODAY": "2022-06-15",
        "PORT": str(free_port()),
        MARK: uuid.uuid4().hex,
    }
    portal = start(environment)
    yield environment
    portal.send_signal(signal.SIGTERM)
    portal.communicate(timeout=20)


def test_every_command_of_the_readme_works(demonstration: dict[str, str]) -> None:
    lines = [line for line in commands("README.md") if line not in ELSEWHERE]
    assert len(lines) >= 6
    script = "set -euo pipefail\n" + "\n".join(lines).replace(":8000", f":{demonstration['PORT']}")
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=demonstration, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert '"light":"overdue"' in done.stdout
    assert '"measures":216' in done.stdout
    assert "市交通运输局" in done.stdout
    assert "内容相同，未作任何改动" in done.stdout
    assert "仅预览" in done.stdout


def test_the_reminders_of_the_demonstration_go_out(demonstration: dict[str, str]) -> None:
    mail = Path(demonstration["DATA_DIR"]) / "mail"
    deadline = time.monotonic() + 30
    while not list(mail.glob("*.eml")) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert list(mail.glob("*.eml"))
    with urllib.request.urlopen(f"http://127.0.0.1:{demonstration['PORT']}/healthz", timeout=5) as answer:
        assert answer.status == 200


def test_both_readmes_give_the_same_commands() -> None:
    first, second = (commands(name) for name in READMES)
    assert first == second


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {line.split("make ")[1].split()[0] for name in READMES for line in commands(name) if "make " in line}
    assert targets == {"run", "test"}
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_every_file_that_the_documents_link_to_exists() -> None:
    pages = [*(ROOT / name for name in READMES), *ROOT.glob("docs/**/*.md")]
    links = [
        (page, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        if not link.startswith("http")
    ]
    missing = [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()]
    assert missing == []


def test_every_setting_is_in_the_operations_page() -> None:
    sources = [(ROOT / "config" / name).read_text(encoding="utf-8") for name in ("settings.py", "serve.py")]
    # Whatever reads one is given its name first; these are read of something else than the environment.
    others = {"DJANGO_SETTINGS_MODULE", "EMAIL_BACKEND", "EMAIL_USE_SSL", "EMAIL_USE_TLS", "GET"}
    names = {name for source in sources for name in re.findall(r'\b[a-z_.]+\(\s*"([A-Z][A-Z_]+)"', source)} - others
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert len(names) > 20
    assert sorted(name for name in names if f"`{name}`" not in page) == []
