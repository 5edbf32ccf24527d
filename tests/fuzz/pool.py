"""Processes that read documents, many each; one that hangs or dies is replaced, and the document is named."""

import json
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from tests.services import ROOT, end_with_parent

FILES_PER_PROCESS = 400
LONGEST_WAIT = 120.0


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one document; `fault` '' when it got a proper answer."""

    asked: str
    label: str
    outcome: str
    fault: str
    seconds: float = 0.0
    memory: int = 0


def results(asked: Sequence[str], *, seed: int, jobs: int) -> Iterator[Result]:
    """In the order in which they are done."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for one in asked:
        waiting.put(one)
    done: queue.SimpleQueue[Result] = queue.SimpleQueue()
    for _ in range(jobs):
        threading.Thread(target=_work, args=(waiting, done, seed), daemon=True).start()
    for _ in asked:
        yield done.get()


def _work(waiting: "queue.SimpleQueue[str]", done: "queue.SimpleQueue[Result]", seed: int) -> None:
    """Hand out documents to one process after the other until none is left."""
    while True:
        with _reader(seed) as reader:
            for _ in range(FILES_PER_PROCESS):
                try:
                    asked = waiting.get_nowait()
                except queue.Empty:
                    _stop(reader)
                    return
                result = _ask(reader, asked)
                done.put(result)
                if reader.poll() is not None:
                    break
            _stop(reader)


def _reader(seed: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.fuzz.worker", str(seed)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(end_with_parent, signal.SIGKILL),  # noqa: PLW1509  # it takes no lock
    )


def _ask(reader: "subprocess.Popen[str]", asked: str) -> Result:
    watchdog = threading.Timer(LONGEST_WAIT, reader.kill)
    watchdog.start()
    try:
        reader.stdin.write(asked + "\n")  # type: ignore[union-attr]  # all three are pipes
        reader.stdin.flush()  # type: ignore[union-attr]
        line = reader.stdout.readline()  # type: ignore[union-attr]
    except OSError:
        line = ""
    finally:
        watchdog.cancel()
    if line:
        return Result(**json.loads(line))
    code = reader.wait()
    said = reader.stderr.read().strip().splitlines()[-1:]  # type: ignore[union-attr]
    how = "it took too long" if code in (-signal.SIGPROF, -signal.SIGKILL) else f"the process ended with {code} {said}"
    return Result(asked, "", "died", how)


def _stop(reader: "subprocess.Popen[str]") -> None:
    reader.stdin.close()  # type: ignore[union-attr]
    reader.kill()
    reader.wait()
