"""Servers of chat robots on this machine, one for each product, as their documentation has them: they check address,
signature and the time in it, and answer HTTP 200 with a code inside."""

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from agencies.models import Agency, ChatRobot

SECRET = "SEC9d3f-测试"
HOUR = 3600


@dataclass
class RobotServer:
    """What it took (`said`), how often it was spoken to (`asked`), and what it is to do next: `answers` are given in
    turn before it checks anything; "cut" hangs up once the message
    is there, "drip" answers a byte at a time."""

    product: str
    port: int = 0
    said: list[str] = field(default_factory=list)
    asked: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    answers: list[Any] = field(default_factory=list)

    @property
    def path(self) -> str:
        return {
            "wecom": "/cgi-bin/webhook/send?key=693a91f6-7xxx",
            "dingtalk": "/robot/send?access_token=566cc69da782ec",
            "feishu": "/open-apis/bot/v2/hook/0b3e-77",
        }[self.product]

    def robot(self, agency: Agency | None, *, name: str = "工作群", secret: str | None = None) -> ChatRobot:
        """One of its robots, stored."""
        signs = "" if self.product == "wecom" else SECRET
        return ChatRobot.objects.create(
            agency=agency,
            product=self.product,
            name=name,
            address=f"http://127.0.0.1:{self.port}{self.path}",
            secret=signs if secret is None else secret,
        )

    def take(self, url: str, data: bytes) -> dict[str, Any]:
        """The answer to a message."""
        asked, body = parse_qs(urlsplit(url).query), json.loads(data)
        return {"wecom": self._wecom, "dingtalk": self._dingtalk, "feishu": self._feishu}[self.product](asked, body)

    def _wecom(self, asked: dict[str, list[str]], body: dict[str, Any]) -> dict[str, Any]:
        if asked.get("key") != ["693a91f6-7xxx"]:
            return {"errcode": 93000, "errmsg": "invalid webhook url, hint: [17]"}
        text = body["text"]["content"]
        if body["msgtype"] != "text" or len(text.encode()) > 2048:
            return {"errcode": 40058, "errmsg": "content exceed max length 2048"}
        self.said.append(text)
        return {"errcode": 0, "errmsg": "ok"}

    def _dingtalk(self, asked: dict[str, list[str]], body: dict[str, Any]) -> dict[str, Any]:
        if asked.get("access_token") != ["566cc69da782ec"]:
            return {"errcode": 300001, "errmsg": "token is not exist"}
        (stamp,), (sign,) = asked.get("timestamp", [""]), asked.get("sign", [""])
        right = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
        if base64.b64encode(right).decode() != sign:
            return {"errcode": 310000, "errmsg": "description:机器人发送签名不匹配;solution:sign not match"}
        if abs(int(stamp) / 1000 - time.time()) > HOUR:
            return {"errcode": 310000, "errmsg": "invalid timestamp"}
        self.said.append(body["text"]["content"])
        return {"errcode": 0, "errmsg": "ok"}

    def _feishu(self, asked: dict[str, list[str]], body: dict[str, Any]) -> dict[str, Any]:
        stamp = str(body.get("timestamp", ""))
        right = hmac.new(f"{stamp}\n{SECRET}".encode(), b"", hashlib.sha256).digest()
        fresh = stamp.isdecimal() and abs(int(stamp) - time.time()) <= HOUR
        if not fresh or base64.b64encode(right).decode() != body.get("sign"):
            said = "sign match fail or timestamp is not within one hour from current time"
            return {"code": 19021, "data": {}, "msg": said}
        self.said.append(body["content"]["text"])
        return {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}


def _handler(server: RobotServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            server.asked += 1
            server.headers = dict(self.headers)
            answer = server.answers.pop(0) if server.answers else server.take(self.path, data)
            if answer == "cut":
                server.take(self.path, data)
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if answer == "drip":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                with suppress(OSError):
                    for _ in range(100):
                        self.wfile.write(b" ")
                        time.sleep(0.05)
                return
            status, answer = answer if isinstance(answer, tuple) else (200, answer)
            told = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            if status in range(300, 400):
                self.send_header("Location", f"http://127.0.0.1:{server.port}{server.path}")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def running(product: str) -> Iterator[RobotServer]:
    """Such a server, until the end."""
    server = RobotServer(product)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(server)) as http:
        server.port = http.server_address[1]
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        http.shutdown()
        thread.join()
