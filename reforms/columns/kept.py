"""The columns as this process keeps them: read once, then brought up to date by what the change log says since.

Of many measures they lie on disk as well, so that a process that starts reads what was logged since instead of a
million rows (docs/performance.md, “What is kept in memory”). What is searched is made by the worker alone, in blocks
(reforms.columns.texts); every process takes up what was made. Each kind is one file for each shape it can have, with
where the log stood, written aside and moved into its place. Nothing but time is lost with the files.
"""

import fcntl
import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from django.db.migrations.recorder import MigrationRecorder

from reforms.columns import duties, facts, reading, texts
from reforms.columns.altered import Altered, LogHead, altered_between
from reforms.columns.duties import DutyColumns
from reforms.columns.facts import MeasureColumns, PrintedAgencies, read_again, read_all
from reforms.columns.texts import SearchedTexts, texts_of
from reforms.models import Disposition, Part, Status

# Fewer are read in a fifth of a second, and searched in the database within 10 ms.
WORTH_STORING = 10_000
# After so many entries they are stored anew.
STALE_AFTER = 5_000
log = logging.getLogger(__name__)
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class _Kept:
    """`texts` says which of the stored texts were taken up (`stamp_of_texts`)."""

    head: LogHead
    columns: MeasureColumns
    texts: int = 0

    @property
    def are_many(self) -> bool:
        return len(self.columns) >= WORTH_STORING

    def is_now(self, head: LogHead) -> bool:
        """Whether nothing was logged since, and no other texts were stored."""
        return self.head == head and (not self.are_many or self.texts == stamp_of_texts())


_kept: list[_Kept] = []
_reading = Lock()


def columns() -> MeasureColumns:
    """The facts of all measures as they are now: one query where nothing was logged since last time."""
    return _now().columns


def forget() -> None:
    """Begin anew when next asked, as a process that starts."""
    _kept.clear()


def keep_ready() -> int:
    """For processes that start, and for searches: store the columns where much was logged since they were, and make
    the blocks of texts that are missing. How many were made. While somebody else does it, nothing is done."""
    kept = _now()
    if not kept.are_many:
        return 0
    with _told_of(), alone() as is_alone:
        return _stored_anew(kept) if is_alone else 0
    return 0


def _stored_anew(kept: _Kept) -> int:
    if kept.head.sequence - stored_up_to() >= STALE_AFTER:
        store(kept.head, kept.columns)
    last, searched = int(kept.columns.of["id"].max()), kept.columns.texts
    is_old = kept.head.sequence - stored_up_to("texts") >= STALE_AFTER
    return store_texts(kept.head, last, searched) if is_old or searched.lack(last) else 0


def store_anew() -> None:
    """Read everything and store it, whatever is there."""
    _remove_stored()
    head, read = LogHead.now(), read_all()
    if len(read) >= WORTH_STORING:
        store(head, read)
        store_texts(head, int(read.of["id"].max()), read.texts)


def differing() -> list[str]:
    """The columns in which what is stored, brought up to date, is not what is in the database; one of the two is
    wrong where there are any (`manage.py check_derived`)."""
    found = stored_columns()
    if found is None:
        return []
    kept = _followed(_Kept(*found), LogHead.now())
    searched = _texts_of(kept)
    return [*facts.differing(kept.columns, read_all()), *(["search_text"] if searched.differ() else [])]


def _now() -> _Kept:
    head = LogHead.now()
    if _kept and _kept[0].is_now(head):
        return _kept[0]
    # The head first: what is written while the facts are read is read again next time. Others wait, since reading
    # twice takes longer.
    with _reading:
        head = LogHead.now()
        _kept[:] = [_with_texts(_followed(_kept[0], head) if _kept else _started(head))]
        return _kept[0]


def _started(head: LogHead) -> _Kept:
    found = stored_columns()
    return _followed(_Kept(*found), head) if found else _read(head)


def _read(head: LogHead) -> _Kept:
    kept = _Kept(head, read_all())
    if kept.are_many:
        store(head, kept.columns)
    return kept


def _followed(kept: _Kept, head: LogHead) -> _Kept:
    """The columns with what was logged since."""
    if kept.head == head:
        return kept
    altered = altered_between(kept.head, head)
    if altered is None:
        return _read(head)
    again = read_again(kept.columns, facts.meant_by(altered, kept.columns))
    lists = kept.columns.lists if altered.measures_alone else facts.ListsAsRead()
    return replace(kept, head=head, columns=replace(again, lists=lists))


def _with_texts(kept: _Kept) -> _Kept:
    """With what was made of the texts since they were taken up."""
    stamp = stamp_of_texts() if kept.are_many else 0
    if stamp == kept.texts:
        return kept
    return replace(kept, columns=replace(kept.columns, texts=_texts_of(kept)), texts=stamp)


def _texts_of(kept: _Kept) -> SearchedTexts:
    """What was made of the texts, as they are now; nothing where it cannot be told what was altered since."""
    found = stored_texts()
    if found is None:
        return SearchedTexts()
    as_of, searched = found
    altered = altered_between(as_of, kept.head) if as_of != kept.head else Altered()
    if altered is None:
        return SearchedTexts()
    ids = sorted(facts.meant_by(altered, kept.columns))
    return searched.followed(ids, texts_of(ids)) if ids else searched


def stored_columns() -> tuple[LogHead, MeasureColumns] | None:
    """What was stored last, without the texts, and where the log stood then; None where there is none that can be
    read."""
    return _loaded(path(), _columns_of)


def stored_texts() -> tuple[LogHead, SearchedTexts] | None:
    """The same of what is searched; the texts that are not those of the blocks are read as they are now."""
    return _loaded(
        path("texts"), lambda found: SearchedTexts.mapped(found["blocks"].tolist(), found["altered"].tolist())
    )


def stored_up_to(kind: str = "columns") -> int:
    """Where the log stood when they were stored; -1 where they are not."""
    found = _loaded(path(kind), lambda _found: None)
    return found[0].sequence if found else -1


def stamp_of_texts() -> int:
    """Which they are: another number after they were stored anew, 0 where they are not."""
    try:
        return path("texts").stat().st_mtime_ns
    except OSError:
        return 0


def _loaded(of: Path, made: Callable[[Any], Found]) -> tuple[LogHead, Found] | None:
    try:
        with np.load(of, allow_pickle=False) as found:
            return LogHead(int(found["sequence"]), str(found["hash"])), made(found)
    except FileNotFoundError:
        return None
    except texts.UNREADABLE as error:
        log.warning("The stored columns cannot be read and are made anew: %s", error)
        return None


def _columns_of(found: Any) -> MeasureColumns:
    of = {name: found[f"of-{name}"] for name in facts.READ}
    held = DutyColumns({name: found[f"duty-{name}"] for name in duties.READ}, found["duty-at"])
    beside = {part: PrintedAgencies(found[f"at-{part}"], found[f"agency-{part}"]) for part in Part}
    return MeasureColumns(of, beside, held)


def store(head: LogHead, columns: MeasureColumns) -> None:
    """Keep them for processes that start later. A disk that takes nothing is told of in the log of the program, and
    stops nobody."""
    arrays = {f"of-{name}": column for name, column in columns.of.items()}
    for part, one in columns.beside.items():
        arrays |= {f"at-{part}": one.at, f"agency-{part}": one.agency}
    arrays |= {f"duty-{name}": column for name, column in columns.duties.of.items()} | {"duty-at": columns.duties.at}
    with _told_of():
        _write(path(), head, arrays)


def store_texts(head: LogHead, last: int, searched: SearchedTexts) -> int:
    """Make the blocks that are missing up to the measure with the id `last`, and of which many texts are altered; each
    is there for everybody as soon as it is made. `head` is where the log stood when `searched` was right. How many
    were made."""
    made = 0
    with _told_of():
        while (more := searched.with_another(last)) is not None:
            searched, made = more, made + 1
            _write_texts(head, searched)
        if not made:
            _write_texts(head, searched)
        for file in texts.folder().glob("*.npy"):
            if file.stem not in searched.names:
                file.unlink(missing_ok=True)
    return made


def _write_texts(head: LogHead, searched: SearchedTexts) -> None:
    altered = np.array(list(searched.altered), np.int32)
    _write(path("texts"), head, {"altered": altered, "blocks": np.array(searched.names, str)})


def _write(to: Path, head: LogHead, arrays: dict[str, Any]) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    # Named by the process: two that store at once do not write into one file.
    part = to.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.savez(file, sequence=np.int64(head.sequence), hash=np.str_(head.hash), **arrays)
    part.replace(to)
    for old in to.parent.glob("*.npz"):
        # Of this kind, or of a release that knew one kind alone.
        if old != to and _kind_of(old) in ("", _kind_of(to)):
            old.unlink(missing_ok=True)


def _kind_of(file: Path) -> str:
    return file.stem.rpartition("-")[0]


@contextmanager
def _told_of() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        log.warning("The columns could not be stored: %s", error)


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nobody else on this machine is in here: a lock that the system lets go with the process."""
    texts.folder().mkdir(parents=True, exist_ok=True)
    with (texts.folder() / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _remove_stored() -> None:
    """Take all of it away."""
    for old in texts.folder().glob("*.np[yz]"):
        old.unlink()


@cache
def path(kind: str = "columns") -> Path:
    """Named for all that they follow from beside what is logged: how they are read, the choices that the numbers stand
    for, and the migrations, which may alter facts and log nothing."""
    applied = MigrationRecorder.Migration.objects.order_by("pk").values_list("app", "name", "applied")
    choices = [list(one) for one in (Status, Disposition, Part)]
    read_by = [Path(str(one.__file__)).read_bytes() for one in (duties, facts, reading, texts)]
    made_of = repr((read_by, choices, list(applied)))
    return texts.folder() / f"{kind}-{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.npz"
