"""Visitors of a running portal: those who read its pages and those who guess passwords. Knows nothing of Django."""

import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median, quantiles
from urllib.parse import urlencode

FOR_A_PAGE = 20.0  # nobody waits longer; a page that did not come took so long
FOR_AN_ANSWER = 120.0
AT_ONCE = 400
NO_ANSWER = 0


@dataclass(frozen=True, slots=True)
class Times:
    """How long pages took, in seconds."""

    each: list[float]

    def as_told(self) -> dict[str, int]:
        """In milliseconds."""
        return {
            "median": round(median(self.each) * 1000),
            "slowest twentieth": round(quantiles(self.each, n=20)[-1] * 1000),
        }


def rhythm(work: Callable[[int], object], *, a_second: float, seconds: float) -> Iterator[object]:
    """Do something so often whether or not it has answered yet, as people come who know nothing of each other."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        started, doing = time.monotonic(), []
        for number in range(round(seconds * a_second)):
            time.sleep(max(0, started + number / a_second - time.monotonic()))
            doing.append(pool.submit(work, number))
        for one in doing:
            yield one.result()


def read_pages(port: int, paths: tuple[str, ...], *, seconds: float) -> dict[str, Times]:
    """Each of the pages once a second, in turn."""

    def read(number: int) -> tuple[str, float]:
        path = paths[number % len(paths)]
        started = time.monotonic()
        status = ask(port, "GET", path, patience=FOR_A_PAGE)
        assert status in {200, NO_ANSWER}, (path, status)
        return path, time.monotonic() - started

    found: dict[str, list[float]] = {path: [] for path in paths}
    for path, took in rhythm(read, a_second=len(paths), seconds=seconds):  # type: ignore[misc]
        found[path].append(took)
    return {path: Times(each) for path, each in found.items()}


class Guesser:
    """Somebody at one address who has opened the sign-in page once."""

    def __init__(self, port: int) -> None:
        self.port = port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=FOR_AN_ANSWER)
        connection.request("GET", "/sign-in/")
        answer = connection.getresponse()
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.read().decode())
        assert found
        self.token = found[1]
        self.cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        connection.close()

    def guess(self, username: str) -> int:
        """The status a wrong password gets."""
        form = {"username": username, "password": "wrong", "csrfmiddlewaretoken": self.token}
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        return ask(self.port, "POST", "/sign-in/", body=urlencode(form), headers=kind)

    def flood(self, *, a_second: float, seconds: float) -> "Counter[int]":
        """Names that nobody has; how many were looked at and refused."""
        answers = rhythm(lambda number: self.guess(f"guess-{number}"), a_second=a_second, seconds=seconds)
        return Counter(answers)

    def all_at_once(self, username: str, guesses: int) -> "Counter[int]":
        """So many guesses at one name at the same moment."""
        gate = threading.Barrier(guesses)

        def guess(_number: int) -> int:
            gate.wait()
            return self.guess(username)

        with ThreadPoolExecutor(guesses) as pool:
            return Counter(pool.map(guess, range(guesses)))


def ask(
    port: int,
    method: str,
    path: str,
    *,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    patience: float = FOR_AN_ANSWER,
) -> int:
    """One request on a connection of its own; its status, NO_ANSWER when none came in time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return NO_ANSWER
    finally:
        connection.close()
    return answer.status
