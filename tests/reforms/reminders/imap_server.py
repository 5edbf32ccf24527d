"""A mailbox on this machine, for whoever reads one over IMAP: the few commands that it takes, and what was said."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

USER, PASSWORD = "bounces@example.org", "correct horse"  # of nobody


@dataclass(slots=True)
class Mailbox:
    """What lies in the folder, by number, and the commands that came."""

    folder: str = "INBOX"
    validity: int = 7
    mails: dict[int, bytes] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    needs_id: bool = False
    port: int = 0

    def put(self, *mails: bytes) -> None:
        """After those that are there."""
        for mail in mails:
            self.mails[max(self.mails, default=0) + 1] = mail

    @property
    def url(self) -> str:
        """As BOUNCE_URL names it."""
        user, password = USER.replace("@", "%40"), PASSWORD.replace(" ", "%20")
        return f"imap://{user}:{password}@127.0.0.1:{self.port}/{self.folder}"


class Conversation(socketserver.StreamRequestHandler):
    """One client."""

    box: Mailbox

    def handle(self) -> None:
        self.named = False
        self._say("* OK [CAPABILITY IMAP4rev1 ID] ready")
        for line in self.rfile:
            tag, _space, command = line.decode().strip().partition(" ")
            self.box.said.append(command)
            if not self._answer(tag, command):
                return

    def _answer(self, tag: str, command: str) -> bool:
        name = command.upper()
        if name.startswith("CAPABILITY"):
            self._say("* CAPABILITY IMAP4rev1 ID")
        elif name.startswith("LOGIN") and PASSWORD not in command:
            return self._say(f"{tag} NO [AUTHENTICATIONFAILED] {command} failed")
        elif name.startswith("ID"):
            self.named = True
        elif name.startswith(("EXAMINE", "SELECT")):
            if self.box.needs_id and not self.named:
                return self._say(f"{tag} NO Unsafe Login. Please contact kefu@188.com for help")
            if f'"{self.box.folder}"' not in command:
                return self._say(f"{tag} NO [NONEXISTENT] no such folder")
            self._say(f"* {len(self.box.mails)} EXISTS")
            self._say(f"* OK [UIDVALIDITY {self.box.validity}] valid")
        elif found := re.match(r"UID SEARCH UID (\d+):\*", name):
            # As servers do: of a range that begins after the last one, the last one.
            numbers = [uid for uid in sorted(self.box.mails) if uid >= int(found[1])] or sorted(self.box.mails)[-1:]
            self._say(f"* SEARCH {' '.join(map(str, numbers))}".strip())
        elif found := re.match(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", name):
            data = self.box.mails[int(found[1])][: int(found[2])]
            self.wfile.write(f"* 1 FETCH (UID {found[1]} BODY[]<0> {{{len(data)}}}\r\n".encode() + data + b")\r\n")
        elif name == "LOGOUT":
            self._say("* BYE")
        self._say(f"{tag} OK done")
        return name != "LOGOUT"

    def _say(self, line: str) -> bool:
        self.wfile.write(f"{line}\r\n".encode())
        return True


class Server(socketserver.ThreadingTCPServer):
    """Each client in a thread of its own."""

    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def running(**facts: object) -> Iterator[Mailbox]:
    """A mailbox that can be read."""
    box = Mailbox(**facts)  # type: ignore[arg-type]
    handler = type("Handler", (Conversation,), {"box": box})
    with Server(("127.0.0.1", 0), handler) as server:
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield box
        server.shutdown()
