"""A post office on the loopback: a real SMTP server that can be held at a chosen moment of a chosen message."""

import socketserver
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from enum import StrEnum
from typing import cast

TIME_TO_ACCEPT = 0.01
LONGEST_HOLD = 20


class Moment(StrEnum):
    """Where a message may be when its sender dies."""

    BEGUN = "the message has begun to come in"
    TAKEN = "the message is taken, its sender has not been told so"
    TOLD = "its sender has just been told so"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as accepted: for whom, and what it says."""

    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body
        return str(body.get_content())


@dataclass(slots=True)
class Trap:
    """Waits for one moment of the next message; holds the conversation there until it is let go."""

    moment: Moment
    sprung: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)


class PostOffice(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.letters: list[Letter] = []
        self.refuses: set[str] = set()
        self.trap: Trap | None = None
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def set_trap(self, moment: Moment) -> Trap:
        self.trap = Trap(moment)
        return self.trap

    def at(self, moment: Moment) -> None:
        """A conversation has come to this moment; one of them is held when a trap waits for it."""
        with self.lock:
            trap = self.trap
            if trap is None or trap.moment != moment:
                return
            self.trap = None
        trap.sprung.set()
        if moment != Moment.TOLD:
            trap.let_go.wait(LONGEST_HOLD)

    def mailboxes(self) -> dict[str, dict[str, Letter]]:
        """What lies in each mailbox: as mailboxes do, one copy of each Message-ID."""
        boxes: dict[str, dict[str, Letter]] = defaultdict(dict)
        for letter in list(self.letters):
            for address in letter.recipients:
                boxes[address].setdefault(letter.id, letter)
        return boxes


class Conversation(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a sender needs."""

    office: PostOffice

    def handle(self) -> None:
        self.office = cast(PostOffice, self.server)
        recipients: list[str] = []
        self.say(220, "post office")
        for line in iter(self.rfile.readline, b""):
            verb, _, rest = line.decode().strip().partition(" ")
            match verb.upper():
                case "MAIL" | "RSET":
                    recipients = []
                    self.say(250, "ok")
                case "RCPT":
                    self.receive_for(rest, recipients)
                case "DATA":
                    self.take(recipients)
                case "QUIT":
                    self.say(221, "bye")
                    return
                case _:
                    self.say(250, "ok")

    def say(self, code: int, words: str) -> None:
        self.wfile.write(f"{code} {words}\r\n".encode())

    def receive_for(self, rest: str, recipients: list[str]) -> None:
        address = rest.partition("<")[2].partition(">")[0]
        if address in self.office.refuses:
            self.say(550, "no such mailbox")
            return
        recipients.append(address)
        self.say(250, "ok")

    def take(self, recipients: list[str]) -> None:
        self.say(354, "go on")
        lines = []
        for line in iter(self.rfile.readline, b".\r\n"):
            if not line:  # the sender died halfway: what has come so far is not a message
                return
            lines.append(line)
            if len(lines) == 1:
                self.office.at(Moment.BEGUN)
        time.sleep(TIME_TO_ACCEPT)
        message = cast(EmailMessage, message_from_bytes(b"".join(lines), policy=default))
        self.office.letters.append(Letter(tuple(recipients), message))
        self.office.at(Moment.TAKEN)
        self.say(250, "taken")
        self.office.at(Moment.TOLD)

    def handle_error(self) -> None: ...


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """An open post office, until the block is left."""
    with PostOffice() as office:
        thread = threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield office
        finally:
            if office.trap:
                office.trap.let_go.set()
            office.shutdown()
