"""The columns of many measures on disk, so that a process that starts reads what was written since instead of a million
rows (docs/performance.md, “What is kept in memory”).

One file for each shape the columns can have, written aside and moved into its place. Nothing but time is lost with it.
"""

import hashlib
import logging
import os
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder

from reforms.columns import facts
from reforms.columns.altered import LogHead
from reforms.columns.facts import MeasureColumns, PrintedAgencies
from reforms.models import Disposition, Part, Status

# Fewer are read in less than a second.
WORTH_STORING = 50_000
# After so many entries the file is written anew.
STALE_AFTER = 5_000
log = logging.getLogger(__name__)


def stored() -> tuple[LogHead, MeasureColumns] | None:
    """What was stored last, and where the log stood then; None where there is none that can be read."""
    try:
        with np.load(path(), allow_pickle=False) as found:
            head = LogHead(int(found["sequence"]), str(found["hash"]))
            of = {name: found[f"of-{name}"] for name in facts.READ}
            beside = {part: PrintedAgencies(found[f"at-{part}"], found[f"agency-{part}"]) for part in Part}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        log.warning("The stored columns cannot be read and are made anew: %s", error)
        return None
    return head, MeasureColumns(of, beside)


def store(head: LogHead, columns: MeasureColumns) -> None:
    """Keep them for processes that start later, where they are many. A disk that takes nothing is told of in the log
    of the program, and stops nobody."""
    if len(columns) < WORTH_STORING:
        return
    arrays = {f"of-{name}": column for name, column in columns.of.items()}
    for part, one in columns.beside.items():
        arrays |= {f"at-{part}": one.at, f"agency-{part}": one.agency}
    try:
        _write(path(), {"sequence": np.int64(head.sequence), "hash": np.str_(head.hash), **arrays})
    except OSError as error:
        log.warning("The columns could not be stored: %s", error)


def _write(to: Path, arrays: dict[str, Any]) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    # Named by the process: two that store at once do not write into one file.
    part = to.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.savez(file, **arrays)
    part.replace(to)
    for old in to.parent.glob("*.npz"):
        if old != to:
            old.unlink(missing_ok=True)


@cache
def path() -> Path:
    """Named for all that the columns follow from beside what is logged: how they are read, the choices that the
    numbers stand for, and the migrations, which may alter facts and log nothing."""
    applied = MigrationRecorder.Migration.objects.order_by("pk").values_list("app", "name", "applied")
    choices = [list(kind) for kind in (Status, Disposition, Part)]
    made_of = repr((Path(facts.__file__).read_bytes(), choices, list(applied)))
    return Path(settings.DATA_DIR) / "columns" / f"{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.npz"
