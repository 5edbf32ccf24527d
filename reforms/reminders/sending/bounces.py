"""Letters that came back (退信): read from the mailbox that BOUNCE_URL names, and held against the copies that went
out.

What lies in that mailbox anybody may have written. A mail counts only where it holds the Message-ID of a copy, which
has the recipient's mark made with the portal's key: who got a letter can at most say of their own copy that it did not
arrive. Nothing in the mailbox is changed, and its mails stay unread.
"""

import datetime as dt
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db.models.functions import Now

from reforms.lib.imap import Folder, MailboxAddress, MailboxUnreadable, opened
from reforms.models import BounceMailbox, DeliveryCopy
from reforms.reminders.sending import copies
from reforms.reminders.sending.transport import copy_id

log = logging.getLogger(__name__)
State = DeliveryCopy.State
AT_MOST = 100  # mails in one run
LARGEST = 256 * 1024  # bytes of a mail that are read; reports name what they are about at their beginning
LOOKED_BACK = dt.timedelta(days=14)  # no server tries for longer
LONGEST_WORDS = 300
COPY_ID = re.compile(rb"<([0-9a-f]{32})\.([0-9a-f]{8})@reform-tracker\.invalid>")
# 550 5.1.1, 5.1.1, 550: no part of an address like 10.5.1.1.
CODE = re.compile(r"(?<![\d.])(?:([45])\d\d[ \-#]{1,2})?([45])\.\d{1,3}\.\d{1,3}(?!\.?\d)|(?<![\d.])([45])\d\d[ \-]")
WORDS = ("text/plain", "text/html")
POSTMASTERS = re.compile(r"mailer-?daemon|post-?master|mail-?daemon|microsoftexchange", re.IGNORECASE)
GONE = re.compile(
    r"退信|退回|无法送达|投递失败|undeliver|delivery (?:\w+ )?fail|returned mail|failure notice", re.IGNORECASE
)
LATER = re.compile(r"delay|warning|still (?:being )?(?:re)?tr|延迟|暂时|稍后|继续尝试|重试", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail says became of the copies it names (their Message-IDs). `state` is None where they are only delayed;
    `recipient` is whom the report names, which may be one that the copy's address leads to."""

    message_ids: tuple[str, ...]
    recipient: str
    state: DeliveryCopy.State | None
    words: str


@dataclass(slots=True)
class BounceRun:
    """What one look into the mailbox found; `trouble` is why it ended early."""

    read: int = 0
    refused: int = 0
    delayed: int = 0
    trouble: str = ""


# Reading ------------------------------------------------------------------------------------------


def read_bounces(on: dt.date, address: MailboxAddress | None = None) -> BounceRun | None:
    """Take what is new in the mailbox; None where none is set."""
    address = address or configured()
    if address is None:
        return None
    known, _new = BounceMailbox.objects.get_or_create(name=str(address)[:300])
    done = BounceRun()
    try:
        with opened(address) as folder:
            _read_new(folder, known, on, done)
    except MailboxUnreadable as error:
        done.trouble = str(error)[:LONGEST_WORDS]
        log.warning("the mailbox of bounces could not be read: %s", done.trouble)
    BounceMailbox.objects.filter(pk=known.pk).update(read_at=Now(), trouble=done.trouble)
    return done


def configured() -> MailboxAddress | None:
    """As BOUNCE_URL has it."""
    return MailboxAddress(**settings.BOUNCES) if settings.BOUNCES else None


def last_reading() -> BounceMailbox | None:
    """How it went last; None where no mailbox is set, or it was not read yet."""
    address = configured()
    return BounceMailbox.objects.filter(name=str(address)[:300]).first() if address else None


def try_mailbox() -> str:
    """Why the mailbox of bounces cannot be read; empty where it can, or none is set."""
    address = configured()
    if address is None:
        return ""
    try:
        with opened(address) as folder:
            folder.since(0, dt.date.today())  # noqa: DTZ011  # any day will do
    except MailboxUnreadable as error:
        return str(error)[:LONGEST_WORDS]
    return ""


def _read_new(folder: Folder, known: BounceMailbox, on: dt.date, done: BounceRun) -> None:
    last = known.last_uid if known.validity == folder.validity else 0
    for uid in folder.since(last, on - LOOKED_BACK)[:AT_MOST]:
        data = folder.read(uid, LARGEST).data
        done.read += 1
        try:
            _take(data, done)
        except Exception:  # whatever it is, one mail must not hold up the others
            log.exception("mail %s in the mailbox of bounces could not be understood", uid)
        BounceMailbox.objects.filter(pk=known.pk).update(last_uid=uid, validity=folder.validity)


def _take(data: bytes, done: BounceRun) -> None:
    bounce = bounce_of(data)
    if bounce is None:
        return
    for copy in copies_of(bounce):
        other = f"（{bounce.recipient}）" if bounce.recipient not in ("", copy.address.lower()) else ""
        if bounce.state is None:
            done.delayed += copies.note(copy, f"暂未送达{other}：{bounce.words}")
        else:
            done.refused += copies.end_returned(copy, bounce.state, f"退信{other}：{bounce.words}")


def copies_of(bounce: Bounce) -> Iterator[DeliveryCopy]:
    """The copies that went out under these ids that a report names; none where an id is not one of ours."""
    for said in bounce.message_ids:
        found = COPY_ID.fullmatch(said.encode())
        letter = f"<{found[1].decode()}@reform-tracker.invalid>" if found else ""
        for copy in DeliveryCopy.objects.filter(delivery__message_id=letter).select_related("delivery"):
            if copy_id(copy.delivery.message_id, [copy.address]) == said:
                yield copy


# What a mail says ---------------------------------------------------------------------------------


def bounce_of(data: bytes) -> Bounce | None:
    """What a mail reports of letters of ours; None where it is no such report: an answer of somebody who is away, a
    letter of a person, advertising."""
    mail = message_from_bytes(data)
    parts = list(mail.walk())
    report = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    ids = _ids_in(parts)
    if not ids:
        return None
    found = _of_report(report) if report else _of_postmaster(mail, parts)
    return Bounce(ids, *found) if found else None


Found = tuple[str, DeliveryCopy.State | None, str]


def _ids_in(parts: list[Message]) -> tuple[str, ...]:
    """The Message-IDs of ours that are quoted in it: of the letter that comes with it, else anywhere. Not those of its
    own headers: whoever answers a letter has them there."""
    originals = [said for part in parts if (said := _head_of_original(part)) is not None]
    quoted = originals[:1] or [_bytes(part) for part in parts]
    return tuple(dict.fromkeys(one[0].decode() for said in quoted for one in COPY_ID.finditer(said)))


def _head_of_original(part: Message) -> bytes | None:
    """The Message-ID that stands in the letter, or in its headers, that is attached; None where the part is neither."""
    if part.get_content_type() == "text/rfc822-headers":
        return str(message_from_bytes(_bytes(part).lstrip()).get("Message-ID", "")).encode()
    inner: Any = part.get_payload() if part.get_content_type() == "message/rfc822" else None
    return str(inner[0].get("Message-ID", "")).encode() if isinstance(inner, list) and inner else None


def _bytes(part: Message) -> bytes:
    return b"" if part.is_multipart() else bytes(part.get_payload(decode=True) or b"")


def _of_report(report: Message) -> Found | None:
    """Of a report after RFC 3464: failed for good, given up after many tries, or delayed."""
    groups: Any = report.get_payload()
    told = [group for group in groups if isinstance(group, Message) and group.get("Action")]
    failed = [group for group in told if _word(group, "Action") == "failed"]
    delayed = [group for group in told if _word(group, "Action") == "delayed"]
    if not (failed or delayed):
        return None
    said = (failed or delayed)[0]
    state = (State.DEAD if _field(said, "Status").startswith("4") else State.REFUSED) if failed else None
    return _recipient(said), state, _clean(_diagnosis(said))


def _word(group: Message, name: str) -> str:
    return _field(group, name).split(" ")[0].lower()


def _field(group: Message, name: str) -> str:
    return " ".join(str(group.get(name, "")).split())


def _diagnosis(group: Message) -> str:
    said = _field(group, "Diagnostic-Code")
    return said.partition(";")[2].strip() or said or _field(group, "Status")


def _recipient(group: Message) -> str:
    said = _field(group, "Original-Recipient") or _field(group, "Final-Recipient")
    return said.partition(";")[2].strip(" <>").lower()


def _of_postmaster(mail: Message, parts: list[Message]) -> Found | None:
    """Of what a mail server wrote in words of its own, as some in China do."""
    sender = parseaddr(str(mail.get("From", "")))
    # Somebody who is away answers by their own name.
    if not POSTMASTERS.search(" ".join(sender)):
        return None
    said = "\n".join([_subject(mail), *(_text(part) for part in parts if part.get_content_type() in WORDS)])
    code = CODE.search(said)
    words = _clean(said[code.start() :].split("\n")[0] if code else _subject(mail))
    for_now = code is not None and "4" in (code[2], code[3])
    if for_now and LATER.search(said):
        return "", None, words
    if code or GONE.search(said):
        return "", State.DEAD if for_now else State.REFUSED, words
    return None


def _subject(mail: Message) -> str:
    try:
        return str(make_header(decode_header(str(mail.get("Subject", "")))))
    except (LookupError, ValueError):
        return str(mail.get("Subject", ""))


def _text(part: Message) -> str:
    """Of a part, by what it says of itself, or as most in China would mean it; without markup."""
    data = _bytes(part)
    for charset in (part.get_content_charset() or "utf-8", "gb18030"):
        try:
            return re.sub(r"<[^<>]{0,2000}>", "\n", data.decode(charset))
        except (LookupError, ValueError):
            continue
    return data.decode("ascii", "replace")


def _clean(words: str) -> str:
    """In one line, without what a terminal or a page would take for more than text."""
    plain = "".join(sign if sign.isprintable() else " " for sign in words)
    return " ".join(plain.split())[:LONGEST_WORDS]
