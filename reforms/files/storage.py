"""Where the bytes of evidence lie: in Django's default storage, each file once, named by its hash.

A file is stored before the transaction that names it, so that what is named is always there; what a crash leaves behind
is a file that no row names, and `sweep_evidence` takes it away. Only the Storage API is used, no path and no folder.
"""

import contextlib
import datetime as dt
import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from reforms.files.types import CHUNK
from reforms.models import StoredFile

FOLDER = "evidence"
# A file lies there before its row is committed: a young one may still be named.
LEFT_ALONE = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A file that was looked into and found fit: its hash, its size in bytes, its content type."""

    sha256: str
    size: int
    content_type: str


def store(upload: "File[bytes]", content: Content) -> str:
    """Make sure the bytes lie in the storage; the name they lie under. They may lie there already."""
    known = StoredFile.objects.filter(sha256=content.sha256).first()
    name = known.file.name if known else name_of(content.sha256)
    if name and _is_whole(name, content.sha256):
        return str(name)
    return _save(upload, content.sha256)


def name_of(sha256: str) -> str:
    """Where a new file is to lie: by its hash, in one of 256 folders."""
    return f"{FOLDER}/{sha256[:2]}/{sha256}"


def _is_whole(name: str, sha256: str) -> bool:
    """Whether a stored file is what its name says: one that was cut off, or is still being written, is not."""
    if not default_storage.exists(name):
        return False
    digest = hashlib.sha256()
    with contextlib.suppress(FileNotFoundError), default_storage.open(name) as stored:
        while piece := stored.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest() == sha256


def _save(upload: "File[bytes]", sha256: str) -> str:
    upload.seek(0)
    name = default_storage.save(name_of(sha256), File(upload.file))
    _flush(name)
    return name


def _flush(name: str) -> None:
    """On a disk, wait until the file has reached it; other storages have done so when they return."""
    with default_storage.open(name) as stored, contextlib.suppress(OSError, AttributeError, io.UnsupportedOperation):
        os.fsync(stored.fileno())


def claim_row(upload: "File[bytes]", content: Content, name: str) -> StoredFile:
    """The row for a stored file, new or not, locked until commit. A file that a sweep took away a moment ago is stored
    again."""
    stored, _created = StoredFile.objects.select_for_update().get_or_create(
        sha256=content.sha256,
        defaults={
            "size": content.size,
            "content_type": content.content_type,
            "file": name,
            "stored_at": timezone.now(),
        },
    )
    if not default_storage.exists(str(stored.file.name)):
        stored.file.name = name if default_storage.exists(name) else _save(upload, content.sha256)
        stored.save(update_fields=["file"])
    return stored


def release(stored: StoredFile) -> None:
    """Delete a locked row that no evidence uses any more; the file goes once that is committed."""
    if stored.evidence.exists():
        return
    name, sha256 = str(stored.file.name), stored.sha256
    stored.delete()
    transaction.on_commit(partial(delete_unused, name, sha256), robust=True)


def delete_unused(name: str, sha256: str) -> bool:
    """Delete a stored file unless a row names it; whether it is gone. The row for its hash is held meanwhile, so that
    nobody can take the file up while it goes."""
    if StoredFile.objects.filter(file=name).exists():
        return False
    with transaction.atomic():
        # A row for the moment where there is none: whoever hands in the same bytes waits for it.
        row, is_new = StoredFile.objects.select_for_update().get_or_create(
            sha256=sha256, defaults={"size": 1, "file": "", "stored_at": timezone.now()}
        )
        # Somebody took the file up before the row could be held.
        if row.file.name == name:
            return False
        default_storage.delete(name)
        if is_new:
            row.delete()
    return True


def orphans(now: dt.datetime) -> Iterator[str]:
    """The names of stored files that no row names and that have lain for longer than LEFT_ALONE."""
    for folder in _listed(FOLDER, folders=True):
        for one in _listed(f"{FOLDER}/{folder}"):
            name = f"{FOLDER}/{folder}/{one}"
            if not StoredFile.objects.filter(file=name).exists() and _age(name, now) > LEFT_ALONE:
                yield name


def _listed(folder: str, *, folders: bool = False) -> list[str]:
    try:
        found = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    return sorted(found[0] if folders else found[1])


def _age(name: str, now: dt.datetime) -> dt.timedelta:
    return now - default_storage.get_modified_time(name)


def without_a_file() -> Iterator[StoredFile]:
    """The rows whose file is missing from the storage."""
    rows: Any = StoredFile.objects.order_by("pk").iterator()
    for row in rows:
        if not default_storage.exists(row.file.name):
            yield row
