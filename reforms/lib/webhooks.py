"""Saying something to an address that an administrator entered: JSON by POST to one checked machine, once, with bounds
on time and length. No redirect is followed, and no proxy asked."""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

CONNECT = 5.0  # seconds for one step of the conversation
AT_MOST = 20.0  # seconds for all of it
LONGEST_ANSWER = 64 * 1024
MOST_PLACES = 3
METADATA = ip_address("100.100.100.200")  # of Alibaba's cloud; that of others is link-local
Places = Sequence[tuple[str, int]]


class NotReached(OSError):
    """Nothing was said: the machine was not found, not allowed, or did not take the connection."""


class AnswerMissing(OSError):
    """It was said, or may have been, and no whole answer came: it may have been heard."""


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What came back, as far as LONGEST_ANSWER."""

    status: int
    text: str


def leads_here(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is this machine itself, or what hands out the secrets of machines in a cloud: no other
    machine is meant by it. Machines of an intranet are others."""
    meant = getattr(address, "ipv4_mapped", None) or address
    nobody = meant.is_unspecified or meant.is_multicast
    return nobody or meant.is_loopback or meant.is_link_local or meant == METADATA


def post_json(url: str, data: bytes, *, may_lead_here: bool = False) -> WebhookAnswer:
    """Raises NotReached before anything was said, AnswerMissing afterwards."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    try:
        where = _resolve(host, parts.port or (443 if secure else 80), may_lead_here=may_lead_here)
        line = _Line(host, where, secure=secure)
        line.connect()
    except (OSError, ValueError) as error:
        raise NotReached(_said(error)) from error
    try:
        return _talk(line, parts.path + (f"?{parts.query}" if parts.query else ""), data)
    except (ValueError, http.client.InvalidURL) as error:
        # Not with its words, which may hold what opens the address.
        raise NotReached(type(error).__name__) from None
    except (OSError, http.client.HTTPException) as error:
        raise AnswerMissing(_said(error)) from error
    finally:
        line.close()


def _resolve(host: str, port: int, *, may_lead_here: bool) -> Places:
    """Where the machine that is meant can be reached, looked up once: what was checked is what is spoken to."""
    found = dict.fromkeys(str(at[4][0]) for at in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    others = [ip for ip in found if may_lead_here or not leads_here(ip_address(ip.partition("%")[0]))]
    if not others:
        raise ValueError(f"{host} is {', '.join(found)}, which is this machine itself")
    return [(ip, port) for ip in others[:MOST_PLACES]]


class _Line(http.client.HTTPConnection):
    """A connection to a machine that is known, under the name by which it was asked for."""

    def __init__(self, host: str, where: Places, *, secure: bool) -> None:
        super().__init__(host, where[0][1], timeout=CONNECT)
        self._where = where
        self._open: Any = None
        self._tls = ssl.create_default_context() if secure else None
        if secure:
            self.default_port = 443

    def connect(self) -> None:
        line = self._first_that_answers()
        try:
            self.sock = self._tls.wrap_socket(line, server_hostname=self.host) if self._tls else line
        except OSError:
            line.close()
            raise
        # The base lets go of it while the answer is still being read.
        self._open = self.sock

    def _first_that_answers(self) -> Any:
        *others, last = self._where
        for where in others:
            with contextlib.suppress(OSError):
                return socket.create_connection(where, CONNECT)
        return socket.create_connection(last, CONNECT)

    def hang_up(self) -> None:
        """Whoever reads is woken with an end of the connection."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._open, socket.SHUT_RDWR)


def _talk(line: _Line, path: str, data: bytes) -> WebhookAnswer:
    # The time limit of the socket alone begins again with every byte.
    timer = threading.Timer(AT_MOST, line.hang_up)
    timer.daemon = True
    timer.start()
    try:
        line.request("POST", path, data, {"Content-Type": "application/json; charset=utf-8", "Connection": "close"})
        answer = line.getresponse()
        read = answer.read(LONGEST_ANSWER)
        if answer.length and len(read) < LONGEST_ANSWER:
            raise http.client.IncompleteRead(read, answer.length)
        return WebhookAnswer(answer.status, read.decode("utf-8", "replace"))
    finally:
        timer.cancel()


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
