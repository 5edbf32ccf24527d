"""Exported heads: how far the log had come, written day by day where whoever rewrites the database does not reach.

A line of JSON per export in LOG_HEADS_FILE: real time, sequence, hash, the first row that could not be followed (null
when all could), and an HMAC of these under SECRET_KEY. The file proves as much as the place it is kept in.
"""

import datetime as dt
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from agencies.log.chain import Fault, KnownHead, Verdict

LONGEST_LINE = 2000  # so much of the end of the file is read for its last line


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedHead:
    """One line of the file. `sequence` is how far the log could be followed, `first_broken` where it could not."""

    at: str
    sequence: int
    hash: str
    first_broken: int | None = None

    @property
    def moment(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.at)


def heads_file() -> Path:
    """Where heads are exported to; it need not be there yet."""
    return Path(settings.LOG_HEADS_FILE)


def append_head(verdict: Verdict) -> None:
    """Append to the file how far the log could be followed; on disk when this returns."""
    broken = verdict.fault.sequence if verdict.fault else None
    at = timezone.now().isoformat(timespec="seconds")
    head = ExportedHead(at=at, sequence=verdict.sequence, hash=verdict.hash, first_broken=broken)
    with heads_file().open("a", encoding="utf-8") as output:
        output.write(_line(head))
        output.flush()
        os.fsync(output.fileno())


def known_heads(file: Path) -> tuple[list[KnownHead], list[Fault]]:
    """The heads of a file by which a log can be verified, and what is wrong with its lines."""
    heads, faults = [], []
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            head = _read(line)
            if head is None:
                said = _("%(file)s第%(line)d行不是本平台写的：被改动，或SECRET_KEY已更换。")
                message = said % {"file": file, "line": number}
                faults.append(Fault(code="forged_line", sequence=None, message=message))
            elif head.first_broken is None:
                heads.append(KnownHead(sequence=head.sequence, hash=head.hash, at=head.at))
    return heads, faults


def exports() -> int:
    """How many heads were exported from a log that was whole."""
    try:
        return len(known_heads(heads_file())[0])
    except OSError:
        return 0


def last_export() -> ExportedHead | None:
    """The last line of the file, when it can be read and is genuine."""
    try:
        with heads_file().open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LONGEST_LINE))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return None
    return _read(lines[-1]) if lines else None


def _line(head: ExportedHead) -> str:
    return json.dumps(asdict(head) | {"mac": _mac(head, settings.SECRET_KEY)}) + "\n"


def _read(line: str) -> ExportedHead | None:
    """What a line says, when it is ours."""
    try:
        facts = json.loads(line)
        mac = facts.pop("mac")
        head = ExportedHead(**facts)
        head.moment  # noqa: B018  # a time that is none is refused here
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    # Lines written before SECRET_KEY was changed stay genuine.
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return head if any(constant_time_compare(str(mac), _mac(head, key)) for key in keys) else None


def _mac(head: ExportedHead, key: str | bytes) -> str:
    facts = json.dumps(asdict(head), sort_keys=True, separators=(",", ":"))
    return salted_hmac("agencies.log_head", facts, secret=key, algorithm="sha256").hexdigest()
