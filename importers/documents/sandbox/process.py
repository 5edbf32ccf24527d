"""Reading a file in a process of its own, so that a hostile one costs an error message and nothing else.

The child gets the bytes on its standard input, bounds its own memory and time before it looks at them, and
answers with JSON on its standard output. It ends when the process that asked does. An old format is converted before,
by a process with bounds of its own.
"""

import ctypes
import json
import os
import queue
import resource
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from agencies.lib.progress import Progress, unwatched
from importers.documents import pace
from importers.documents.convert.libreoffice import converted
from importers.documents.layout.given import NOT_GIVEN, GivenColumns
from importers.documents.limits import LIMITS, Limits, Rejected
from importers.documents.read import check_converted, check_read
from importers.documents.sandbox import wire
from importers.documents.values import ParsedList, gettext_noop, rejected

_ROOT = Path(__file__).resolve().parents[3]
_DIED = gettext_noop("读取文件时程序意外终止，文件可能已损坏。请用WPS打开，另存为.docx后上传。")
_TOOK_TOO_LONG = gettext_noop("读取文件所需的时间或内存超出限制，已停止读取。请删去无关内容，或拆分后上传。")
_RAN_OUT = 3
_ROWS = b"rows "
_TOLD_EVERY = 0.5
_PR_SET_PDEATHSIG = 1


def check_in_sandbox(
    data: bytes,
    name: str,
    year: int | None = None,
    *,
    given: GivenColumns = NOT_GIVEN,
    limits: Limits = LIMITS,
    progress: Progress = unwatched,
) -> ParsedList:
    """As `read_document`, but whatever the file does to the reader stays in the child process.

    `progress` hears of the rows that have been read; when it raises, the child is ended.
    """
    if len(data) > limits.file_size:
        return rejected(name, Rejected("too_large").problem)
    try:
        new = converted(data, limits)
    except Rejected as rejection:
        return rejected(name, rejection.problem)
    order = {
        "name": name,
        "year": year,
        "columns": given.text,
        "memory": limits.memory,
        "cpu": limits.cpu_seconds,
        "parent": os.getpid(),
    }
    return _in_child(data if new is None else new, {**order, "converted": new is not None}, limits, progress)


def _in_child(data: bytes, order: dict[str, Any], limits: Limits, progress: Progress) -> ParsedList:
    name = order["name"]
    with _Child(json.dumps(order).encode() + b"\n" + data) as child:
        try:
            child.watch(limits.wall_seconds, progress)
        except TimeoutError:
            return rejected(name, Rejected("too_large", _TOOK_TOO_LONG).problem)
        return _answer(child.code, child.output, name)


class _Child:
    """The process that reads. It is fed, heard and drained at once, so that neither side waits for the other."""

    def __init__(self, order: bytes) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "importers.documents.sandbox.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=_ROOT,
            # Nothing of the portal's environment: a reader that a file has taken over finds no key in it.
            env={"PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8"},
        )
        self._said: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._chunks: list[bytes] = []
        self._threads = [
            threading.Thread(target=work, args=arguments, daemon=True)
            for work, arguments in ((self._feed, (order,)), (self._drain, ()), (self._hear, ()))
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]  # all three are pipes

    def _feed(self, order: bytes) -> None:
        with suppress(OSError):  # a child that died reads no further
            self._process.stdin.write(order)  # type: ignore[union-attr]
            self._process.stdin.close()  # type: ignore[union-attr]

    def _drain(self) -> None:
        self._chunks.append(self._process.stdout.read())  # type: ignore[union-attr]

    def _hear(self) -> None:
        for line in self._process.stderr:  # type: ignore[union-attr]
            self._said.put(line)
        self._said.put(None)

    def watch(self, seconds: float, progress: Progress) -> None:
        """Wait for the end, telling `progress` twice a second. Raises TimeoutError, and what `progress` raises."""
        end, rows = time.monotonic() + seconds, 0
        while (left := end - time.monotonic()) > 0:
            try:
                line = self._said.get(timeout=min(left, _TOLD_EVERY))
            except queue.Empty:
                progress(rows, 0)
                continue
            if line is None:
                self._process.wait(timeout=max(0.1, left))
                return
            if line.startswith(_ROWS):
                rows = int(line.removeprefix(_ROWS))
                progress(rows, 0)
        raise TimeoutError

    @property
    def code(self) -> int:
        return self._process.returncode

    @property
    def output(self) -> bytes:
        self._threads[1].join()
        return b"".join(self._chunks)


def _answer(code: int, output: bytes, name: str) -> ParsedList:
    if code == 0:
        try:
            return wire.loads(output)
        except (ValueError, KeyError, TypeError):
            return rejected(name, Rejected("corrupt_file", _DIED).problem)
    # SIGXCPU and SIGKILL end a child that used up its time.
    if code in (_RAN_OUT, -9, -24):
        return rejected(name, Rejected("too_large", _TOOK_TOO_LONG).problem)
    return rejected(name, Rejected("corrupt_file", _DIED).problem)


def _tell(rows: int) -> None:
    sys.stderr.buffer.write(b"%s%d\n" % (_ROWS, rows))
    sys.stderr.buffer.flush()


def _end_with(parent: int) -> None:
    """Have the kernel end this process with the one that waits for its answer (Linux), if it is not gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        sys.exit("nobody waits for the answer")


def _main() -> int:
    order = json.loads(sys.stdin.buffer.readline())
    _end_with(order["parent"])
    resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    # SIGXCPU at the first bound, SIGKILL a second later.
    resource.setrlimit(resource.RLIMIT_CPU, (order["cpu"], order["cpu"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pace.listener = _tell
    try:
        check = check_converted if order["converted"] else check_read
        given = GivenColumns.of_text(order["columns"]) if order["columns"] else NOT_GIVEN
        parsed = check(sys.stdin.buffer.read(), order["name"], order["year"], given)
        sys.stdout.buffer.writelines(wire.lines_of(parsed))
    except MemoryError:
        return _RAN_OUT
    return 0


if __name__ == "__main__":
    sys.exit(_main())
