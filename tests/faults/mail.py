"""A mail server in every mood: refusing, cutting off, dripping. What it took is counted, each copy with its mark."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

from tests.config.post import Conversation, Letter, PostOffice

Answer = tuple[int, str]
OK: Answer = (250, "ok")


class MoodyOffice(PostOffice):
    """`recipient` answers RCPT; after `cuts` more messages were taken it answers again, until then it hangs up without
    a word; while `drips` it says a byte now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.RequestHandlerClass = MoodyConversation
        self.recipient: Callable[[str], Answer] = lambda _address: OK
        self.cuts = 0
        self.drips = False
        self.is_down = False

    def well(self) -> None:
        """Nothing is wrong any more."""
        self.recipient, self.cuts, self.drips, self.is_down = (lambda _address: OK), 0, False, False

    def taken(self) -> dict[str, list[Letter]]:
        """What was taken, by Message-ID, in order."""
        found: dict[str, list[Letter]] = defaultdict(list)
        for letter in list(self.letters):
            found[letter.id].append(letter)
        return found

    def unmarked(self) -> "Counter[str]":
        """How often each Message-ID was taken without the mark of a possible second copy."""
        return Counter(letter.id for letter in list(self.letters) if letter.message["X-Possible-Duplicate"] is None)


class MoodyConversation(Conversation):
    """The same conversation, with the moods."""

    @property
    def moody(self) -> MoodyOffice:
        return cast(MoodyOffice, self.server)

    def handle(self) -> None:
        if self.moody.is_down:
            return
        if self.moody.drips:
            for _ in range(600):
                self.wfile.write(b"2")
                time.sleep(0.1)
            return
        super().handle()

    def receive_for(self, rest: str, recipients: list[str]) -> None:
        address = rest.partition("<")[2].partition(">")[0]
        answer = self.moody.recipient(address)
        if answer == OK:
            recipients.append(address)
        self.say(*answer)

    def say(self, code: int, words: str) -> None:
        if words == "taken" and self.moody.cuts > 0:
            self.moody.cuts -= 1
            raise ConnectionResetError
        super().say(code, words)


@contextmanager
def moody_office() -> Iterator[MoodyOffice]:
    """Open until the block is left."""
    with MoodyOffice() as office:
        office.handle_error = lambda *_args: None  # type: ignore[method-assign]  # clients are killed all the time
        thread = threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield office
        finally:
            office.shutdown()
