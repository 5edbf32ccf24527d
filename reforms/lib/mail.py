"""Mail to a server that may hang or be cut off, and mail as files, for a portal without one."""

import contextlib
import os
import re
import smtplib
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

AT_MOST = 60.0  # seconds that opening a connection, or one message, takes
GO_ON = 354


class EndUnknown(smtplib.SMTPException):
    """The message was given to the mail server, which did not say whether it took it: it may have arrived."""


class Bounded(smtplib.SMTP):
    """A conversation in which a server that says a byte now and then is hung up on after AT_MOST."""

    until = 0.0
    begun = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.start_anew()
        super().__init__(*args, **kwargs)

    def start_anew(self) -> None:
        """The time begins again, for the next message."""
        self.until = time.monotonic() + AT_MOST

    def getreply(self) -> tuple[int, bytes]:
        """As the base; the time limit of the socket alone begins again with every byte."""
        timer = threading.Timer(max(self.until - time.monotonic(), 0.01), self._hang_up)
        timer.daemon = True
        timer.start()
        try:
            code, said = super().getreply()
        finally:
            timer.cancel()
        # The answer to DATA and to nothing else: from here on the server may have the message.
        self.begun = self.begun or code == GO_ON
        return code, said

    def data(self, msg: Any) -> tuple[int, bytes]:
        """As the base; EndUnknown where the answer to the message itself is missing."""
        self.begun = False
        try:
            return super().data(msg)
        except smtplib.SMTPResponseException:
            raise
        except OSError as error:
            if self.begun:
                raise EndUnknown(f"{type(error).__name__}: {error}") from error
            raise

    def _hang_up(self) -> None:
        if self.sock:
            with contextlib.suppress(OSError):
                # Of the socket below TLS: whoever reads is woken with an end of the connection.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class BoundedTls(Bounded, smtplib.SMTP_SSL):
    """The same where TLS comes first."""


class SmtpBackend(EmailBackend):
    """Django's, which knows how a message ended, and never waits longer than AT_MOST for one."""

    @property
    def connection_class(self) -> type[Bounded]:  # type: ignore[override]  # what it makes is what the base makes
        return BoundedTls if self.use_ssl else Bounded

    def _send(self, email_message: EmailMessage) -> bool:
        self.connection.start_anew()  # type: ignore[union-attr]  # of connection_class
        return bool(super()._send(email_message))  # type: ignore[misc]  # not in the stubs


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
