"""The whole portal on one machine: `make run`, or `python -m config.serve`.

Prepares the database, static files and first data, then runs the web server, one worker and one scheduler
until Ctrl-C, a signal, or the end of the `make` that started it. No process stays behind, even when this one
is killed.

Environment, beside that of the settings: PORT (8000), HOST (127.0.0.1), WORKERS (2, web processes).
"""

import ctypes
import errno
import fcntl
import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connections

from config.environment import flag
from config.start import in_one_sentence

DEMO_TODAY = "2022-06-15"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
HIGHEST_PORT = 65535
FIRST_ANSWER_SECONDS = 60
STOP_SECONDS = 5
POLL_SECONDS = 0.2
STEADY_SECONDS = 60  # what ran longer and then ended starts anew with the shortest pause
LONGEST_BACK_OFF = 30
GIVE_UP_AFTER = 3
PR_SET_PDEATHSIG = 1  # of <sys/prctl.h>
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class CannotServe(Exception):
    """The portal cannot start; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the portal listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """For a browser on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


class Ending:
    """Whether a signal has asked for the end: Ctrl-C, kill and a closed terminal all mean the same.

    Until the first child runs, a signal also interrupts what is being prepared. Later it must not: an
    exception that strikes while a process is being started is swallowed there.
    """

    def __init__(self) -> None:
        self.asked = False
        self.interrupts = True
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask)

    def ask(self, _number: int, _frame: FrameType | None) -> None:
        """The handler of those signals."""
        self.asked = True
        if self.interrupts:
            sys.exit(0)


def main() -> int:
    """Run until told to stop; the exit code."""
    started, parent, ending = time.monotonic(), os.getppid(), Ending()
    if "MAKELEVEL" in os.environ:
        die_with_parent(signal.SIGTERM)
    try:
        address, web_processes = address_from(os.environ), number_from(os.environ, "WORKERS", 2, 1, 64)
        default_environment(address)
        with in_one_sentence(), only_one(settings.DATA_DIR, address), listening(address) as listener:
            prepare()
            children = portal_processes(listener.fileno(), web_processes)
            ending.interrupts = False
            with looked_after(children):
                wait_for_answer(children[0], address, ending)
                if not ending.asked:
                    announce(address, time.monotonic() - started)
                look_after(children, parent, ending)
    except (CannotServe, ImproperlyConfigured, CommandError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


# What was asked for -----------------------------------------------------------------------------


def number_from(environment: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    """A whole number from the environment; anything else is refused."""
    value = environment.get(name, "").strip() or str(default)
    if not value.isascii() or not value.isdigit() or not lowest <= int(value) <= highest:
        raise CannotServe(f"{name}={value} is not a number from {lowest} to {highest}.")
    return int(value)


def address_from(environment: Mapping[str, str]) -> Address:
    """HOST and PORT."""
    host = environment.get("HOST", "").strip() or "127.0.0.1"
    return Address(host, number_from(environment, "PORT", 8000, 1, HIGHEST_PORT))


def default_environment(address: Address) -> None:
    """What settings and children get when nobody said: our address, and the demonstration's date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("SITE_URL", address.url)
    if flag("DEMO", default=False) and not os.environ.get("PORTAL_TODAY", "").strip():
        os.environ["PORTAL_TODAY"] = DEMO_TODAY


@contextmanager
def only_one(folder: Path, address: Address) -> Iterator[None]:
    """Hold the folder: two schedulers would spoil each other's file. The lock of a dead holder is gone."""
    with (folder / "serve.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise CannotServe(
                f"The portal already runs on {folder} ({lock.read().strip() or 'starting'}). "
                "Stop it first, or name another folder: DATA_DIR=/path make run PORT=8001"
            ) from None
        lock.truncate(0)
        lock.write(f"{address.url}, process {os.getpid()}")
        lock.flush()
        yield


@contextmanager
def listening(address: Address) -> Iterator[socket.socket]:
    """The socket the web processes will accept on; ours from the start, so that nobody takes it meanwhile."""
    try:
        family = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((address.host, address.port), family=family, backlog=512)
    except PermissionError:
        raise CannotServe(f"Port {address.port} needs root; take one above 1023: make run PORT=8000") from None
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise CannotServe(f"HOST={address.host} PORT={address.port} cannot be used: {error}") from None
        another = address.port + 1 if address.port < HIGHEST_PORT else 8000
        taken = f"Port {address.port} on {address.host} is taken by another program."
        raise CannotServe(f"{taken} Take another: make run PORT={another}") from None
    with listener:
        yield listener


# Getting ready ----------------------------------------------------------------------------------


def prepare() -> None:
    """Database, static files and first data, in this process: one start of Django instead of three."""
    (Path(settings.QUEUE_DIR) / "messages").mkdir(exist_ok=True)
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    collect_static(Path(settings.STATIC_ROOT))
    call_command("first_start")
    connections.close_all()


def collect_static(target: Path) -> None:
    """Django's collectstatic, which hashes and compresses every file, only when a file has changed.

    One portal at a time: several, each with its own DATA_DIR, may share the folder of one checkout.
    """
    target.mkdir(parents=True, exist_ok=True)
    with locked(target):
        stamp, now = target / "sources.sha256", fingerprint_of_sources()
        if stamp.exists() and stamp.read_text(encoding="utf-8") == now:
            return
        stamp.unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(now, encoding="utf-8")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder, after waiting for whoever holds it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def fingerprint_of_sources() -> str:
    """Changes when a static file is added, removed, touched or resized."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list(None), key=lambda found: found[0]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{storage.path(name)}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


# The processes ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Child:
    """One process of the portal, started again with growing pauses when it ends by itself."""

    name: str
    command: list[str]
    # What the kernel sends it when this process is killed. The web server needs to end its own processes; the
    # others may be waiting for a task, and every job survives a kill.
    orphaned: signal.Signals
    give_up_after: int | None = None
    passed_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    start_at: float = 0
    failures: int = field(default=0)

    def start(self) -> None:
        """Start it, out of reach of the terminal's Ctrl-C: ending it is this process's task."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            pass_fds=self.passed_fds,
            process_group=0,
            preexec_fn=die_with_this_process(self.orphaned),  # noqa: PLW1509 (there are no threads)
        )

    def look_after(self) -> None:
        """Start it when its time has come; plan the next start when it has ended."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.process = None
        self.failures = 1 if now - self.started_at > STEADY_SECONDS else self.failures + 1
        if self.give_up_after and self.failures >= self.give_up_after:
            raise CannotServe(f"The {self.name} ended {self.failures} times in a row; see the messages above.")
        pause = min(2 ** (self.failures - 1), LONGEST_BACK_OFF)
        self.start_at = now + pause
        say(f"The {self.name} ended unexpectedly (code {code}); it is started again in {pause} s.")


def web_server(listener: int, web_processes: int, application: str = "config.wsgi:application") -> list[str]:
    """The command that serves the pages on a socket that is open already."""
    # Workers of gunicorn touch a file to show that they live; on a slow disk that would hold them up.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(settings.DATA_DIR)  # noqa: S108
    web = [sys.executable, "-m", "gunicorn", application, "--bind", f"fd://{listener}"]
    web += ["--workers", str(web_processes), "--threads", "4", "--preload", "--log-level", "warning"]
    return [*web, "--worker-tmp-dir", memory, "--graceful-timeout", "3", "--no-control-socket"]


def portal_processes(listener: int, web_processes: int) -> list[Child]:
    """The web server first: the others wait until it answers."""
    web = web_server(listener, web_processes)
    # Said once by announce(), in fewer lines.
    no_root_warning = "ignore:You're running the worker with superuser privileges"
    celery = [sys.executable, "-W", no_root_warning, "-m", "celery", "--quiet", "-A", "config.celery:app"]
    # There is one worker: nobody to exchange anything with.
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    worker = [*celery, "worker", "--pool", "threads", "--concurrency", "2", *quiet]
    schedule = str(Path(settings.QUEUE_DIR) / "beat-schedule")
    beat = [*celery, "beat", "--schedule", schedule, "--loglevel", "WARNING"]
    return [
        Child("web server", web, signal.SIGTERM, give_up_after=GIVE_UP_AFTER, passed_fds=(listener,)),
        Child("worker", worker, signal.SIGKILL),
        Child("scheduler", beat, signal.SIGKILL),
    ]


@contextmanager
def looked_after(children: list[Child]) -> Iterator[None]:
    """The first child started; all of them ended afterwards, whatever happens."""
    try:
        children[0].start()
        yield
    finally:
        stop(children)


def look_after(children: list[Child], parent: int, ending: Ending) -> None:
    """Start what is not running, until a signal or the end of the make that started this process."""
    follows_parent = "MAKELEVEL" in os.environ
    while not ending.asked and not (follows_parent and os.getppid() != parent):
        for child in children:
            child.look_after()
        time.sleep(POLL_SECONDS)


def wait_for_answer(web: Child, address: Address, ending: Ending) -> None:
    """Until the first page has been answered, which also makes it quick for the first visitor."""
    deadline = time.monotonic() + FIRST_ANSWER_SECONDS
    while not ending.asked:
        if web.process is None or web.process.poll() is not None:
            raise CannotServe("The web server ended while starting; see the messages above.")
        if time.monotonic() > deadline:
            raise CannotServe(f"The web server did not answer within {FIRST_ANSWER_SECONDS} s.")
        try:
            ask(address)
        except (OSError, http.client.HTTPException):
            time.sleep(POLL_SECONDS)
        else:
            return


def ask(address: Address) -> None:
    """Fetch the first page from this machine, whatever it answers."""
    host, _, port = address.url.removeprefix("http://").rpartition(":")
    connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=5)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    finally:
        connection.close()


def announce(address: Address, seconds: float) -> None:
    """Where to go, and how to end it."""
    say(f"\nThe portal answers at {address.url}/ (ready in {seconds:.1f} s). Ctrl-C ends it.")
    if os.geteuid() == 0:
        say("It runs as root; an ordinary user is enough.")
    if address.host not in LOOPBACK:
        say("Other machines reach it under the names in ALLOWED_HOSTS only; see docs/operations.md.")
    for warning in run_checks(tags=["mail"], include_deployment_checks=True):
        say(warning.msg)


def stop(children: list[Child]) -> None:
    """Ask every process to end, and after a few seconds make it, with what it started."""
    running = [child.process for child in children if child.process and child.process.poll() is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


# Signals ----------------------------------------------------------------------------------------


def die_with_parent(number: signal.Signals) -> None:
    """Have the kernel send `number` to this process when its parent is gone (Linux; elsewhere polled)."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, int(number))


def die_with_this_process(number: signal.Signals) -> Callable[[], None]:
    """For the child to run before its program: as above, at once if this process is gone already."""
    parent = os.getpid()

    def prepare_child() -> None:
        die_with_parent(number)
        if os.getppid() != parent:
            os._exit(1)

    return prepare_child


if __name__ == "__main__":
    sys.exit(main())
