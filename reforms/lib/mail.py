"""Mail as files, for a portal without a mail server."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class FolderBackend(BaseEmailBackend):
    """Writes each message to MAIL_DIR under its Message-ID, whole or not at all; the same id again is one file."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """How many were written: all of them, or an OSError is raised."""
        for message in messages:
            data = message.message()
            # Without the angle brackets, and without anything that could lead out of the folder.
            name = re.sub(r"[^A-Za-z0-9.@_-]", "", data["Message-ID"])
            _write(Path(settings.MAIL_DIR) / f"{name}.eml", data.as_bytes())
        return len(messages)


def _write(path: Path, data: bytes) -> None:
    # Named by the process: two that write the same message do not write into one file.
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    # The new name outlasts a power cut only once the folder is on the disk as well.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
