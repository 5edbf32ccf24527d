"""Handing a letter to the mail server, and what its answer means."""

import datetime as dt
import logging
from collections.abc import Collection
from enum import Enum, auto
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.crypto import salted_hmac

from agencies.models import Language
from reforms.lib.mail import EndUnknown
from reforms.models import Delivery
from reforms.reminders.letters import Letter, headers, reply_to

log = logging.getLogger(__name__)
SECOND = {Language.CHINESE: "【可能重复】", Language.ENGLISH: "[Possible duplicate] "}
COPY = "reforms.reminders.sending.transport.copy_id"
CLOSING = 421  # the service closes the connection, whatever was asked (RFC 5321, 3.8)


class Failure(Enum):
    """What a letter that did not go out means: the recipient is refused for good; this one failed for now; nobody knows
    whether it arrived; or no letter would go out at the moment."""

    REFUSED = auto()
    FOR_NOW = auto()
    UNKNOWN = auto()
    SERVER = auto()


class Undelivered(Exception):
    """A message did not go out, for a reason that whoever sent it knows: `wait` at least before the next try, `code`
    of the server's answer."""

    def __init__(self, failure: Failure, why: str, *, wait: dt.timedelta = dt.timedelta(), code: int = 0) -> None:
        super().__init__(why)
        self.failure, self.wait, self.code = failure, wait, code


def failure_of(error: Exception) -> Failure:
    """A refused sender concerns all letters and is a matter of settings: the server's, and tried again."""
    if isinstance(error, Undelivered):
        return error.failure
    if isinstance(error, EndUnknown):
        return Failure.UNKNOWN
    codes = _codes(error)
    if CLOSING in codes:
        return Failure.SERVER
    if codes:
        return Failure.REFUSED if all(500 <= code < 600 for code in codes) else Failure.FOR_NOW
    return Failure.SERVER if isinstance(error, OSError) else Failure.FOR_NOW


def _codes(error: Exception) -> list[int]:
    """With which the server answered to a recipient or to the message."""
    if isinstance(error, SMTPRecipientsRefused):
        return [code for code, _said in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, SMTPDataError) else []


def reason_of(error: Exception) -> str:
    """The mail server's words where it answered, else the kind of fault and what it says."""
    if isinstance(error, Undelivered):
        return str(error)
    if isinstance(error, SMTPRecipientsRefused):
        replies = [f"{code} {text(said)}" for code, said in error.recipients.values()]
        return "; ".join(dict.fromkeys(replies))
    if isinstance(error, SMTPResponseException):
        return f"{error.smtp_code} {text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def text(said: bytes | str) -> str:
    """A mail server's reply, which need not be ASCII."""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


class Mailer:
    """Sends letters over one connection, kept open between them."""

    def __init__(self) -> None:
        self._connection = get_connection()

    def __call__(self, delivery: Delivery, letter: Letter) -> None:
        """Raises what the mail server answers, see `failure_of`."""
        message = message_of(delivery, letter)
        message.connection = self._connection
        # False: it was open. A server may have closed it since, which says nothing of the next one.
        was_open = self._connection.open() is False
        try:
            message.send()
        except Exception as error:
            failure = failure_of(error)
            if failure in (Failure.SERVER, Failure.UNKNOWN):
                self.close()
            if not (was_open and failure == Failure.SERVER):
                raise
            self._connection.open()
            message.send()

    def close(self) -> None:
        """Whatever the server makes of it."""
        try:
            self._connection.close()
        except (OSError, SMTPException):
            log.info("the connection to the mail server ended badly", exc_info=True)


def message_of(delivery: Delivery, letter: Letter) -> EmailMultiAlternatives:
    """As it is sent; each recipient's copy keeps an id of its own over all tries, and one of which another may have
    arrived says so."""
    named = headers() | {
        "Message-ID": copy_id(delivery.message_id, letter.recipients),
        "Content-Language": letter.language,
        "From": settings.DEFAULT_FROM_EMAIL,
    }
    if letter.may_be_second:
        named["X-Possible-Duplicate"] = "yes"
    message = EmailMultiAlternatives(
        # Whom a server tells of what did not arrive; readers see MAIL_FROM.
        from_email=settings.BOUNCE_ADDRESS or settings.DEFAULT_FROM_EMAIL,
        subject=second(letter) + letter.subject,
        body=letter.text,
        to=list(letter.recipients),
        reply_to=reply_to(),
        headers=named,
    )
    message.attach_alternative(letter.html, "text/html")
    return message


def second(letter: Letter) -> str:
    """What stands before a copy of which another may have arrived, in its language; else nothing."""
    return SECOND[Language(letter.language)] if letter.may_be_second else ""


def copy_id(message_id: str, recipients: Collection[str]) -> str:
    """The Message-ID of the copy that goes to these recipients, without naming them."""
    name, _at, host = message_id.strip("<>").partition("@")
    # With the portal's key: who has a copy of their own cannot name another's (reforms.reminders.sending.bounces). As
    # long as a line of a mail has room for, since not everybody puts a folded one together again.
    mark = salted_hmac(COPY, f"{message_id} {','.join(recipients)}").hexdigest()[:8]
    return f"<{name}.{mark}@{host}>"
