"""`make run`: what it says when it cannot start, and that it leaves no process behind."""

import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.serve import Address, CannotServe, Child, address_from, announce, number_from
from tests import migrated
from tests.run import clean_environment
from tests.services import free_port
from tests.tooling.processes import ROOT, eventually, running_with

MARK = "PORTAL_TEST_MARK"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A portal of its own: folder, port, and a mark on each of its processes."""
    return clean_environment() | {
        "DATA_DIR": str(tmp_path),
        "DEMO": "0",
        "PORT": str(free_port()),
        MARK: uuid.uuid4().hex,
    }


def serve(environment: dict[str, str], **settings: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "config.serve"],
        cwd=ROOT,
        env=environment | settings,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def start(environment: dict[str, str], *command: str) -> subprocess.Popen[str]:
    """A portal that has said where it is."""
    portal = subprocess.Popen(
        command or [sys.executable, "-m", "config.serve"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert portal.stdout
    said = []
    for line in portal.stdout:
        said.append(line)
        if "The portal answers at" in line:
            return portal
    raise AssertionError("".join(said))


def count(environment: dict[str, str]) -> int:
    """How many processes this portal has."""
    return len(running_with(MARK, environment[MARK]))


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in a portal's folder once it was started: a later start has less to make."""
    folder = tmp_path_factory.mktemp("begun")
    migrated.copy_to(folder / "portal.sqlite3")
    begin = "from config import serve; serve.default_environment(serve.address_from({})); serve.prepare()"
    environment = clean_environment() | {"DATA_DIR": str(folder), "DEMO": "0"}
    subprocess.run([sys.executable, "-c", begin], cwd=ROOT, env=environment, capture_output=True, check=True)
    return folder


@pytest.fixture
def ready(environment: dict[str, str], begun: Path) -> dict[str, str]:
    """The environment of a portal that was started before."""
    shutil.copytree(begun, environment["DATA_DIR"], dirs_exist_ok=True)
    return environment


needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def portal(ready: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = start(ready)
    yield process
    process.kill()
    process.communicate()


def test_a_taken_port_says_so_and_what_to_do(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = serve(environment, PORT=str(port))
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in done.stderr
    assert "make run PORT=" in done.stderr


@pytest.mark.parametrize("value", ["0", "65536", "-1", "http", "80.5", "８０００"])
def test_a_port_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(CannotServe, match="is not a number from 1 to 65535"):
        address_from({"PORT": value})


def test_an_empty_variable_is_the_default() -> None:
    assert address_from({"PORT": "", "HOST": ""}).url == "http://127.0.0.1:8000"
    assert number_from({}, "WORKERS", 2, 1, 64) == 2


def test_a_browser_here_reaches_every_host_under_an_address_of_its_own() -> None:
    assert address_from({"HOST": "0.0.0.0"}).url == "http://127.0.0.1:8000"
    assert address_from({"HOST": "::1"}).url == "http://[::1]:8000"


def test_a_wrong_setting_is_a_sentence_without_a_traceback(environment: dict[str, str]) -> None:
    done = serve(environment, PORTAL_TODAY="2022-06-15")
    assert done.returncode == 2
    assert done.stderr.startswith("PORTAL_TODAY moves the portal's date and is refused unless DEMO=1.")


def test_a_child_that_ends_is_started_again_after_a_pause(capsys: pytest.CaptureFixture[str]) -> None:
    child = Child("worker", [sys.executable, "-c", "raise SystemExit(3)"], signal.SIGKILL)
    child.look_after()
    assert child.process
    child.process.wait()
    child.look_after()
    assert "The worker ended unexpectedly (code 3); it is started again in 1 s." in capsys.readouterr().out
    child.look_after()
    assert child.process is None
    time.sleep(1)
    child.look_after()
    assert child.process
    child.process.wait()


def test_a_web_server_that_keeps_ending_ends_the_portal() -> None:
    child = Child("web server", [sys.executable, "-c", ""], signal.SIGKILL, give_up_after=1)
    child.start()
    assert child.process
    child.process.wait()
    with pytest.raises(CannotServe, match="The web server ended 1 times in a row"):
        child.look_after()


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_no_process_is_left(environment: dict[str, str], portal: subprocess.Popen[str], number: signal.Signals) -> None:
    assert eventually(lambda: count(environment) >= 6, seconds=10), "supervisor, web and its 2, worker, scheduler"
    portal.send_signal(number)
    assert eventually(lambda: count(environment) == 0, seconds=12), running_with(MARK, environment[MARK])


def test_a_second_one_on_the_same_folder_says_so(environment: dict[str, str], portal: subprocess.Popen[str]) -> None:
    done = serve(environment, PORT=str(free_port()))
    assert done.returncode == 1
    assert f"The portal already runs on {environment['DATA_DIR']}" in done.stderr
    assert f"process {portal.pid}" in done.stderr
    with urllib.request.urlopen(f"http://127.0.0.1:{environment['PORT']}/", timeout=10) as page:
        assert page.status == 200


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_the_make_that_started_it(ready: dict[str, str], tmp_path: Path, number: signal.Signals) -> None:
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"run:\n\t@exec {sys.executable} -m config.serve\n", encoding="utf-8")
    make = start(ready, "make", "-f", str(makefile), "run")
    make.send_signal(number)
    assert eventually(lambda: count(ready) == 0, seconds=12), running_with(MARK, ready[MARK])
    make.communicate()


@pytest.mark.parametrize("demo", [False, True])
def test_the_start_says_in_earnest_that_letters_reach_nobody(
    settings: Any, capsys: pytest.CaptureFixture[str], demo: bool
) -> None:
    settings.DEMO, settings.MAIL_GOES_OUT, settings.SITE_URL = demo, False, "http://127.0.0.1:8000"
    announce(Address("127.0.0.1", 8000), 1.0)
    said = capsys.readouterr().out
    assert ("EMAIL_URL" in said, "SITE_URL" in said) == (not demo, not demo)
