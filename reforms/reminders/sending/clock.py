"""Whether the clock of this machine is to be trusted, held against what it said at the sweep before.

The wall clock decides what falls due. It may be set wrong while the portal runs; what counts the seconds since the
machine started cannot. A portal that was off, for however long, finds nothing wrong.
"""

import datetime as dt
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

from reforms.models import ClockStop, SweepRun

BACK = dt.timedelta(minutes=1)
APART = dt.timedelta(hours=1)
BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What a machine has on its clocks: the time, and the seconds since it was started (`boot` names that start; empty
    where the system does not tell)."""

    host: str
    at: dt.datetime
    boot: str
    uptime: float


def read_clocks() -> ClockReading:
    """Of this machine, now."""
    try:
        boot = BOOT.read_text(encoding="ascii").strip()
        # Goes on while the machine sleeps, as CLOCK_MONOTONIC does not.
        uptime = time.clock_gettime(time.CLOCK_BOOTTIME)
    except (OSError, AttributeError):
        boot, uptime = "", time.monotonic()
    return ClockReading(socket.gethostname()[:100], timezone.now(), boot, uptime)


def fault_of(last: SweepRun | None, now: ClockReading) -> ClockStop | None:
    """Why the clock cannot be right, unsaved; None where nothing speaks against it. `last` is of the same host."""
    if last is None:
        return None
    same_start = bool(now.boot) and now.boot == last.boot
    ran = dt.timedelta(seconds=now.uptime - last.uptime) if same_start else dt.timedelta()
    stop = ClockStop(host=now.host, before=last.host_at, expected=last.host_at + ran, after=now.at)
    if now.at < last.host_at - BACK:
        stop.kind = ClockStop.Kind.BACK
    elif same_start and abs(now.at - stop.expected) > APART:
        stop.kind = ClockStop.Kind.APART
    else:
        return None
    return stop
