"""Files by way of LibreOffice: a process of its own with a profile of its own, and bounds on all it may use.

It opens the file without macros and without a network, works in a folder that is removed afterwards, and is
stopped, with everything it has started, when its time is up.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from agencies.lib.untrusted.limits import MEGABYTE

# What it makes, by ending.
FILTERS = {
    "docx": "docx:MS Word 2007 XML",
    "xlsx": "xlsx:Calc MS Excel 2007 XML",
    "pdf": "pdf",
}
PROGRAMS = ("soffice", "libreoffice")
# A proxy where nobody answers, for machines on which the network cannot be cut off.
_NOWHERE = "http://127.0.0.1:9"
# Bounds are set by the shell and not between fork and exec, where a process with threads may hang.
_WITH_BOUNDS = (
    'ulimit -v "$1" 2>/dev/null; ulimit -t "$2"; ulimit -f "$3"; ulimit -c 0; shift 3; exec "$@"'  # KiB, s, blocks
)
# POSIX counts `ulimit -f` in blocks of 512 bytes.
_BLOCK = 512
_SETTING = (
    '<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
)
_SETTINGS = (
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Office.Writer/Content/Update", "Link", "0"),
    ("Office.Calc/Content/Update", "Link", "2"),
    ("Inet/Settings", "ooInetProxyType", "2"),
    ("Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one file may cost: bytes of memory, seconds, and bytes of what is made."""

    memory: int = 3072 * MEGABYTE
    seconds: int = 60
    size: int = 20 * MEGABYTE


BOUNDS = Bounds()


class NotConverted(Exception):
    """`code`: missing (LibreOffice is not there), failed, too_long, too_large."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def program() -> str | None:
    """Where it is; None where it is not installed."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def convert(data: bytes, suffix: str, target: str, *, opened_as: str = "", bounds: Bounds = BOUNDS) -> bytes:
    """A file with this ending as another (of FILTERS); `opened_as` names the filter where the ending does not say it.
    Raises NotConverted."""
    found = program()
    if found is None:
        raise NotConverted("missing")
    with _folder() as folder:
        source = folder / f"list.{suffix}"
        source.write_bytes(data)
        _write_profile(folder / "profile")
        infilter = [f"--infilter={opened_as}"] if opened_as else []
        asked = ["--convert-to", FILTERS[target], "--outdir", str(folder / "out"), str(source)]
        options = ["--headless", "--norestore", "--nolockcheck", f"-env:UserInstallation={_uri(folder / 'profile')}"]
        _run([found, *options, *infilter, *asked], folder, bounds)
        return _result(folder / "out" / f"list.{target}", bounds)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="converting-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _uri(path: Path) -> str:
    return path.absolute().as_uri()


def _write_profile(profile: Path) -> None:
    items = "".join(_SETTING.format(path=path, name=name, value=value) for path, name, value in _SETTINGS)
    namespace = 'xmlns:oor="http://openoffice.org/2001/registry"'
    user = profile / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><oor:items {namespace}>{items}</oor:items>', encoding="utf-8"
    )


def _run(command: list[str], folder: Path, bounds: Bounds) -> None:
    said = (bounds.memory // 1024, bounds.seconds, 4 * bounds.size // _BLOCK)
    child = subprocess.Popen(
        [*_without_network(), "/bin/sh", "-c", _WITH_BOUNDS, "sh", *map(str, said), *command],
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # The program starts others; as a group they are ended together.
        start_new_session=True,
    )
    try:
        child.wait(bounds.seconds)
    except subprocess.TimeoutExpired as error:
        raise NotConverted("too_long") from error
    finally:
        _stop(child)


def _stop(child: "subprocess.Popen[bytes]") -> None:
    """End the converter and whatever it has started and left behind."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _environment(folder: Path) -> dict[str, str]:
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"), _NOWHERE)
    own = {"HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C.UTF-8", "SAL_USE_VCLPLUGIN": "svp"}
    # Nothing else of the portal's environment, which holds its key and passwords.
    return {"PATH": os.environ.get("PATH", os.defpath), **own, **proxies}


@lru_cache(maxsize=1)
def _without_network() -> tuple[str, ...]:
    """The command that cuts a program off from the network, where this machine permits it."""
    unshare = shutil.which("unshare")
    # root may make a network of its own as it is, others only with a user namespace around it.
    for command in ((unshare, "--net"), (unshare, "--user", "--net")) if unshare else ():
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
            return tuple(map(str, command))
    return ()


def _result(file: Path, bounds: Bounds) -> bytes:
    # A link could lead to any file that the portal may read.
    if not file.is_file() or file.is_symlink():
        raise NotConverted("failed")
    with file.open("rb") as opened:
        data = opened.read(bounds.size + 1)
    if len(data) > bounds.size:
        raise NotConverted("too_large")
    if not data.startswith(b"%PDF-" if file.suffix == ".pdf" else b"PK"):
        raise NotConverted("failed")
    return data
