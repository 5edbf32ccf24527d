"""What must be true of every answer, whatever the document was."""

import json
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from importers.documents.limits import NOTHING_WRITTEN
from importers.documents.read import read_document
from importers.documents.sandbox import wire
from importers.documents.schema import as_dict
from importers.documents.values import ParsedList

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schemas" / "reform-list-1.json"
MEGABYTE = 1024 * 1024
MOST_SECONDS = 10.0
MOST_MEMORY = 512 * MEGABYTE
# These are found in one place of the file, and so must say in which.
HAVE_A_PLACE = frozenset({"columns_not_recognised", "formula_without_value", "too_deep", "dtd_forbidden"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one document: the outcome (with the code of a rejection), what is wrong with the answer ('' for
    nothing), processor seconds for one reading, bytes of memory over what the process had."""

    outcome: str
    fault: str
    seconds: float
    memory: int


def judge(data: bytes, name: str) -> Verdict:
    """Read a document twice and look at the answer."""
    started = time.process_time()
    with _bounded() as memory:
        try:
            parsed = read_document(data, name)
            fault = ""
        except BaseException as error:  # any exception is a finding
            parsed, fault = None, _told(error)
    seconds = time.process_time() - started
    if parsed is None:
        return Verdict("exception", fault, seconds, memory())
    try:
        fault = next(_faults(parsed, data, name), "")
    except Exception as error:
        fault = f"in what follows: {_told(error)}"
    outcome = parsed.error.kind if parsed.error else parsed.outcome
    return Verdict(outcome, fault, seconds, memory())


def _told(error: BaseException) -> str:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    at = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else "?"
    return f"{type(error).__name__} at {at}: {str(error)[:200]!r}"


def _faults(parsed: ParsedList, data: bytes, name: str) -> Iterator[str]:
    if parsed.error:
        if not parsed.error.message.strip(NOTHING_WRITTEN) or not parsed.error.message.endswith(NOTHING_WRITTEN):
            yield f"message: {parsed.error.message!r}"
        if parsed.error.kind in HAVE_A_PLACE and not parsed.error.cell:
            yield f"{parsed.error.kind} does not say where"
    yield from _faults_of_json(parsed)
    if wire.loads(wire.dumps(parsed)) != parsed:
        yield "not the same after the way between two processes"
    if len(parsed.content_hash) != 64:
        yield "no hash"
    if read_document(data, name) != parsed:
        yield "another answer the second time"


def _faults_of_json(parsed: ParsedList) -> Iterator[str]:
    written = json.dumps(as_dict(parsed), ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError as error:
        yield f"not UTF-8: {error}"
    if "\\u0000" in written:
        yield "a NUL, which no database takes"
    wrong = next(_validator().iter_errors(json.loads(written)), None)
    if wrong is not None:
        yield f"schema: {'/'.join(map(str, wrong.absolute_path))}: {wrong.message[:200]}"


@lru_cache(maxsize=1)
def _validator() -> Any:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


@contextmanager
def _bounded() -> Iterator[Any]:
    """Reading within the limits; gives how much memory was used over what there was before (Linux, else 0).

    Too much memory is a MemoryError. Too much processor time ends the process: the kernel sends SIGPROF.
    """
    before = _status("VmRSS")
    _forget_peak()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_status("VmSize") + MOST_MEMORY, hard) if before else (soft, hard))
    peak = 0
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield lambda: peak
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        peak = max(0, _status("VmHWM") - before)


def _status(name: str) -> int:
    """Bytes, from the kernel's account of this process."""
    file = Path("/proc/self/status")
    if not file.exists():
        return 0
    line = next(line for line in file.read_text().splitlines() if line.startswith(name + ":"))
    return int(line.split()[1]) * 1024


def _forget_peak() -> None:
    file = Path("/proc/self/clear_refs")
    if file.exists():
        file.write_text("5")
