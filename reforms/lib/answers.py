"""Answers that this process has given, to be given again for as long as nothing was logged since.

For what is told by the log: whatever such an answer shows is written together with an entry of the change log, so that
the head of the log, the day, the language, the address and the rights of who asks decide what it says.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

from cachetools import LRUCache
from django.conf import settings
from django.http import HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from agencies.access import today

AS_SHOWN = 16  # characters of a hash: nobody is harmed who makes two alike


def state_of(head: tuple[int, str], rights: Any, asked: Any) -> str:
    """All that an answer depends on, as a short text: the head of the log, the day, the language and the code beside
    these."""
    text = json.dumps([head, rights, [*asked, get_language(), today().isoformat()], _code()])
    # Keyed: with another SECRET_KEY cursors are others.
    return salted_hmac("reforms.api.state", text, algorithm="sha256").hexdigest()[:AS_SHOWN]


@cache
def _code() -> str:
    """Another text when another release of the portal runs: it may say the same things differently."""
    own = (settings.BASE_DIR / name for name in ("agencies", "config", "importers", "reforms", "templates"))
    suffixes = {".py", ".mo", ".html"}
    files = sorted(path for folder in own for path in folder.rglob("*") if path.suffix in suffixes)
    told = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr(told).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Answer:
    content: bytes
    headers: dict[str, str]


class KeptAnswers:
    """The answers that were asked for last, up to so many bytes together."""

    def __init__(self, most: int) -> None:
        self._answers: LRUCache[str, _Answer] = LRUCache(most, lambda answer: len(answer.content))
        self._lock = Lock()

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return int(self._answers.currsize)

    def again(self, state: str) -> HttpResponse | None:
        """The answer that was kept for a state, or None."""
        with self._lock:
            found = self._answers.get(state)
        if found is None:
            return None
        return HttpResponse(found.content, headers=found.headers)

    def keep(self, state: str, response: HttpResponse) -> None:
        """Keep it, unless it is more than a page, or sets a cookie, which is one visitor's alone."""
        # Where templates are being written, a page is to show them.
        if settings.DEBUG:
            return
        if response.status_code != 200 or response.cookies or len(response.content) > self._answers.maxsize // 20:
            return
        with self._lock:
            self._answers[state] = _Answer(response.content, dict(response.headers))

    def forget(self) -> None:
        """Make all of them anew."""
        with self._lock:
            self._answers.clear()


ANSWERS = KeptAnswers(16 * 2**20)
