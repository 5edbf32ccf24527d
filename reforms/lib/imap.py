"""Reading a mailbox over IMAP without changing anything in it: the mails that came since one that is known."""

import datetime as dt
import imaplib
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

TIMEOUT = 20.0  # seconds for one step of the conversation
# Whatever the language of the machine.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class MailboxUnreadable(Exception):
    """The mailbox could not be read; in the words of the server, without user or password."""


@dataclass(frozen=True, slots=True)
class MailboxAddress:
    """Where a mailbox is; `secure` where TLS comes first."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    secure: bool

    def __str__(self) -> str:
        """Without what opens it."""
        return f"{self.user}@{self.host}/{self.folder}"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail by its number in the folder: its bytes, at most as many as were asked for."""

    uid: int
    data: bytes


class Folder:
    """A folder that is open for reading alone. `validity` is another one where its numbers no longer mean the same."""

    def __init__(self, line: imaplib.IMAP4, validity: int) -> None:
        self._line = line
        self.validity = validity

    def since(self, uid: int, day: dt.date) -> list[int]:
        """The numbers of the mails after this one that came since a day, in order."""
        # Of a range whose end is before its beginning a server gives the last mail all the same.
        asked = f"{day.day}-{MONTHS[day.month - 1]}-{day.year}"
        found = _ok(self._line.uid("SEARCH", "UID", f"{uid + 1}:*", "SINCE", asked))
        return sorted(number for number in map(int, (found[0] or b"").split()) if number > uid)

    def read(self, uid: int, most: int) -> Mail:
        """The first `most` bytes of a mail, which stays unread."""
        found = _ok(self._line.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{most}>)"))
        return Mail(uid, next((part[1] for part in found if isinstance(part, tuple)), b"")[:most])


@contextmanager
def opened(address: MailboxAddress) -> Iterator[Folder]:
    """Signed in, with the folder open. Raises MailboxUnreadable."""
    try:
        line = _connect(address)
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxUnreadable(f"{type(error).__name__}: {error}") from error
    try:
        yield _folder(line, address)
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxUnreadable(_said(error).replace(address.password, "…")) from error
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            line.logout()


def _connect(address: MailboxAddress) -> imaplib.IMAP4:
    kind: Any = imaplib.IMAP4_SSL if address.secure else imaplib.IMAP4
    line: imaplib.IMAP4 = kind(address.host, address.port, timeout=TIMEOUT)
    return line


def _folder(line: imaplib.IMAP4, address: MailboxAddress) -> Folder:
    line.login(address.user, address.password)
    if "ID" in line.capabilities or address.host.endswith((".163.com", ".126.com", ".yeah.net")):
        # Netease opens no folder to a program that does not say what it is.
        line.xatom("ID", '("name" "reform-tracker" "version" "1")')
    _ok(line.select(f'"{modified_utf7(address.folder)}"', readonly=True))
    [validity] = line.response("UIDVALIDITY")[1]
    return Folder(line, int(validity or 0))


def _ok(answer: tuple[str, list[Any]]) -> list[Any]:
    status, found = answer
    if status != "OK":
        raise imaplib.IMAP4.error(_text(found[0] if found else b""))
    return found


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return f"{type(error).__name__}: {_text(said)}"


def _text(said: Any) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def modified_utf7(name: str) -> str:
    """The name of a folder as IMAP writes it (RFC 3501, 5.1.3): 退信 is &kABP4Q-."""

    def shifted(found: re.Match[str]) -> str:
        return "&" + b64encode(found[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"

    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&-")
    return re.sub(r"[^\x20-\x7e]+", shifted, escaped)
