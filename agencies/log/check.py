"""Verifying the change log as a whole: its chain, the heads exported from it, and the triggers that guard it.

Every night the scheduler does, and `manage.py verify_log` at any time; what was found is kept (LogCheck), so that
administrators and auditors are told when it was last done and what came out.
"""

import datetime as dt
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.log.chain import Fault, Verdict, verify
from agencies.log.heads import ExportedHead, append_head, exports, heads_file, known_heads, last_export
from agencies.log.locks import missing_locks
from agencies.models import Change, ChangeHead, LogCheck

log = logging.getLogger(__name__)
# It is done every night: two that were missed are no accident.
TOO_LONG = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Checked:
    """How far the chain was followed, and all that is wrong, the chain's own fault first."""

    verdict: Verdict
    faults: list[Fault]


def check_log(*, heads: Path | None = None, after: int = 0) -> Checked:
    """Verify the log behind the row `after` against a file of exported heads (LOG_HEADS_FILE where there is none
    given). Writes nothing."""
    file = heads or heads_file()
    known, forged = known_heads(file) if file.is_file() else ([], [])
    verdict = verify(after=after, heads=known)
    return Checked(verdict, [*([verdict.fault] if verdict.fault else []), *forged, *_unlocked()])


def _unlocked() -> list[Fault]:
    missing = missing_locks()
    if not missing:
        return []
    said = _("数据库不再阻止改动日志，缺少触发器：%(names)s。请运行 manage.py lock_log 恢复，并查明原因。")
    return [Fault(code="unlocked", sequence=None, message=said % {"names": _("、").join(missing)})]


def keep_result(checked: Checked) -> None:
    """Keep what came out of verifying the whole log. A database that takes no writes, as a copy under examination may
    be, is verified all the same."""
    try:
        with transaction.atomic():
            LogCheck.objects.create(
                checked_at=timezone.now(),
                sequence=checked.verdict.sequence,
                heads=checked.verdict.heads,
                faults=[asdict(fault) for fault in checked.faults],
            )
    except DatabaseError:
        log.warning("what came out of verifying the change log could not be kept", exc_info=True)


def export_head() -> Checked:
    """Verify the whole log, append how far it goes to LOG_HEADS_FILE, and keep what came out."""
    checked = check_log()
    append_head(checked.verdict)
    keep_result(checked)
    return checked


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """What is known of the log: when it was last verified and with what result, how often and when its head was
    exported, how many entries it has now, and which triggers are missing at this moment."""

    check: LogCheck | None
    exports: int
    export: ExportedHead | None
    last: int
    unlocked: list[str]
    is_due: bool

    @property
    def needs_somebody(self) -> bool:
        """Whether something is wrong with it, or nobody has looked for too long."""
        return self.is_due or bool(self.unlocked) or (self.check is not None and not self.check.is_whole)


def log_state() -> LogState:
    """The state at this moment, from a few rows and the file of heads."""
    check, head = LogCheck.objects.first(), ChangeHead.objects.first()
    return LogState(
        check=check,
        exports=exports(),
        export=last_export(),
        last=head.sequence if head else 0,
        unlocked=missing_locks(),
        is_due=_is_due(check),
    )


def _is_due(check: LogCheck | None) -> bool:
    """Whether the log was last verified too long ago; a log that is younger than that need not have been."""
    first = Change.objects.order_by("sequence").first()
    begun = check.checked_at if check else first.recorded_at if first else None
    return begun is not None and timezone.now() - begun > TOO_LONG
