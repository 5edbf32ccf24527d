"""Reading a file in a process of its own, so that a hostile one costs an error message and nothing else.

The child gets the bytes on its standard input, bounds its own memory and time before it looks at them, and
answers with JSON on its standard output. An old format is converted before, by a process with bounds of its own.
"""

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from importers import wire
from importers.check import check_converted, check_read
from importers.convert import converted
from importers.limits import LIMITS, Limits, Rejected
from importers.parsed import ParsedList, rejected

_ROOT = Path(__file__).resolve().parent.parent
_DIED = "读取文件时程序意外终止，文件可能已损坏。请用WPS打开，另存为.docx后上传。"
_TOOK_TOO_LONG = "读取文件所需的时间或内存超出限制，已停止读取。请删去无关内容，或拆分后上传。"
_RAN_OUT = 3


def check_in_sandbox(data: bytes, name: str, year: int | None = None, *, limits: Limits = LIMITS) -> ParsedList:
    """As `check_bytes`, but whatever the file does to the reader stays in the child process."""
    if len(data) > limits.file_size:
        return rejected(name, Rejected("too_large").problem)
    try:
        new = converted(data, limits)
    except Rejected as rejection:
        return rejected(name, rejection.problem)
    order = {"name": name, "year": year, "memory": limits.memory, "cpu": limits.cpu_seconds}
    return _in_child(data if new is None else new, {**order, "converted": new is not None}, limits)


def _in_child(data: bytes, order: dict[str, Any], limits: Limits) -> ParsedList:
    name = order["name"]
    command = [sys.executable, "-m", "importers.sandbox"]
    try:
        child = subprocess.run(
            command,
            input=json.dumps(order).encode() + b"\n" + data,
            capture_output=True,
            cwd=_ROOT,
            env={"PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8"},
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return rejected(name, Rejected("too_large", _TOOK_TOO_LONG).problem)
    return _answer(child, name)


def _answer(child: "subprocess.CompletedProcess[bytes]", name: str) -> ParsedList:
    if child.returncode == 0:
        try:
            return wire.loads(child.stdout)
        except (ValueError, KeyError, TypeError):
            return rejected(name, Rejected("corrupt_file", _DIED).problem)
    # SIGXCPU and SIGKILL end a child that used up its time.
    if child.returncode in (_RAN_OUT, -9, -24):
        return rejected(name, Rejected("too_large", _TOOK_TOO_LONG).problem)
    return rejected(name, Rejected("corrupt_file", _DIED).problem)


def _main() -> int:
    order = json.loads(sys.stdin.buffer.readline())
    resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (order["cpu"], order["cpu"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        check = check_converted if order["converted"] else check_read
        parsed = check(sys.stdin.buffer.read(), order["name"], order["year"])
        sys.stdout.buffer.write(wire.dumps(parsed))
    except MemoryError:
        return _RAN_OUT
    return 0


if __name__ == "__main__":
    sys.exit(_main())
