"""Old formats by way of LibreOffice: a process of its own with a profile of its own, and bounds on all it may use.

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
from functools import lru_cache
from pathlib import Path

from importers.documents.convert.formats import OldFormat, old_format
from importers.documents.limits import LIMITS, Limits, Rejected
from importers.documents.sentences import gettext_noop

_FILTERS = {"docx": "docx:MS Word 2007 XML", "xlsx": "xlsx:Calc MS Excel 2007 XML"}
_PROGRAMS = ("soffice", "libreoffice")
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
_TOO_LONG = gettext_noop("用LibreOffice转换文件所需的时间超出限制，已停止。请用WPS打开，另存为.docx或.xlsx后上传。")
_FAILED = gettext_noop("LibreOffice无法转换此文件，文件可能已损坏。请用WPS打开，另存为.docx或.xlsx后上传。")


def converted(data: bytes, limits: Limits = LIMITS) -> bytes | None:
    """An old file as .docx or .xlsx; None for a file that is read as it is. Raises `Rejected`."""
    # That it is too large is said by `read_grid`, for every kind of file alike.
    if len(data) > limits.file_size:
        return None
    old = old_format(data)
    return convert(data, old, limits) if old else None


def convert(data: bytes, old: OldFormat, limits: Limits = LIMITS) -> bytes:
    """Run the converter on one file. Raises `Rejected` when it is missing, fails or takes too long."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise Rejected("converter_missing")
    with _folder() as folder:
        source = folder / f"list.{old.suffix}"
        source.write_bytes(data)
        _write_profile(folder / "profile")
        opened_as = [f"--infilter={old.opened_as}"] if old.opened_as else []
        asked = ["--convert-to", _FILTERS[old.target], "--outdir", str(folder / "out"), str(source)]
        options = ["--headless", "--norestore", "--nolockcheck", f"-env:UserInstallation={_uri(folder / 'profile')}"]
        _run([program, *options, *opened_as, *asked], folder, limits)
        return _result(folder / "out" / f"list.{old.target}", limits)


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


def _run(command: list[str], folder: Path, limits: Limits) -> None:
    bounds = (limits.converter_memory // 1024, limits.converter_seconds, 4 * limits.converted_size // _BLOCK)
    child = subprocess.Popen(
        [*_without_network(), "/bin/sh", "-c", _WITH_BOUNDS, "sh", *map(str, bounds), *command],
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # The program starts others; as a group they are ended together.
        start_new_session=True,
    )
    try:
        child.wait(limits.converter_seconds)
    except subprocess.TimeoutExpired as error:
        raise Rejected("too_large", _TOO_LONG) from error
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


def _result(file: Path, limits: Limits) -> bytes:
    # A link could lead to any file that the portal may read.
    if not file.is_file() or file.is_symlink():
        raise Rejected("corrupt_file", _FAILED)
    with file.open("rb") as opened:
        data = opened.read(limits.converted_size + 1)
    if len(data) > limits.converted_size:
        raise Rejected("too_large")
    if not data.startswith(b"PK"):
        raise Rejected("corrupt_file", _FAILED)
    return data
