"""The robots of chat groups: how each product is addressed and signed, and what its answers mean.

As the products document them: 企业微信 (WeCom) 群机器人配置说明, 钉钉 (DingTalk) 自定义机器人发送群消息 and 安全设置,
飞书 (Feishu) 自定义机器人使用指南. All of them answer HTTP 200 also where they did not take a message: what counts is
the code inside.
"""

import base64
import datetime as dt
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote_plus, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from agencies.models import ChatRobot
from reforms.lib.webhooks import AnswerMissing, NotReached, WebhookAnswer, post_json
from reforms.models import Delivery
from reforms.reminders.letters import Letter
from reforms.reminders.sending.transport import Failure, Undelivered, second

Product = ChatRobot.Product
LONGEST_TEXT = 2000  # bytes: WeCom takes 2,048 of a text, the others 20,000 of the whole message
LONGEST_REASON = 200
PLAIN = re.compile(r"[!-~]*")  # what is printed of ASCII
BUSY_FOR = dt.timedelta(minutes=10)  # DingTalk closes a robot for so long that was asked too often
# Asked too often, or the service is busy: later.
BUSY = {
    Product.WECOM: {-1, 45009, 45033},
    Product.DINGTALK: {-1, 90030, 130101, 410100, 660026},
    Product.FEISHU: {11232, 11233, 99991400},
}
TOO_MANY, MOVED, GATEWAYS = 429, range(300, 400), range(500, 600)
UNAVAILABLE = 503


# Addresses ----------------------------------------------------------------------------------------


def wrong_robot_address(product: str, address: str) -> str:
    """Why `address` is none of a robot of this product; empty when it can be one. Any host will do, so that a WeCom of
    one's own can be spoken to; plain HTTP is for the demonstration alone, and for machines close by."""
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return _("这不是网址。")
    if not PLAIN.fullmatch(address):
        return _("网址中有空格、汉字或控制字符。")
    if not host or parts.username is not None or parts.fragment or parts.scheme not in ("https", "http"):
        return _("请填写完整的网址，以https://开头。")
    if parts.scheme != "https" and not (settings.DEMO and host in ("127.0.0.1", "localhost")):
        return _("机器人地址须以https://开头。")
    return "" if _looks_right(product, parts) else _WRONG[Product(product)]()


def _looks_right(product: str, parts: SplitResult) -> bool:
    asked = parse_qs(parts.query)
    if product == Product.WECOM:
        return parts.path.endswith("/cgi-bin/webhook/send") and "key" in asked
    if product == Product.DINGTALK:
        return parts.path.endswith("/robot/send") and "access_token" in asked
    before, _hook, token = parts.path.partition("/open-apis/bot/v2/hook/")
    return bool(token) and not before.strip("/")


_WRONG = {
    Product.WECOM: lambda: _("这不是企业微信群机器人的地址：应为“…/cgi-bin/webhook/send?key=…”。"),
    Product.DINGTALK: lambda: _("这不是钉钉机器人的地址：应为“…/robot/send?access_token=…”。"),
    Product.FEISHU: lambda: _("这不是飞书机器人的地址：应为“…/open-apis/bot/v2/hook/…”。"),
}


def name_of(robot: ChatRobot) -> str:
    """By which 发送记录 and the log of the process name it, without what opens the group."""
    return f"{robot.agency or settings.OFFICE_NAME} {robot.name}（{robot.host}）"


# What is said -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """Where a message is sent, and its bytes."""

    url: str
    data: bytes


def signed(robot: ChatRobot, text: str, at: float) -> SignedMessage:
    """A text as the product takes it, signed for the moment `at` (seconds since 1970) where there is a secret."""
    said = fitting(text)
    if robot.product != Product.FEISHU:
        body: dict[str, Any] = {"msgtype": "text", "text": {"content": said}}
        return SignedMessage(robot.address + _dingtalk_signature(robot, at), _bytes(body))
    stamp = str(int(at))
    sign = {"timestamp": stamp, "sign": _hmac(f"{stamp}\n{robot.secret}", "")} if robot.secret else {}
    return SignedMessage(robot.address, _bytes(sign | {"msg_type": "text", "content": {"text": said}}))


def _dingtalk_signature(robot: ChatRobot, at: float) -> str:
    """Milliseconds, and the secret is the key; with Feishu seconds, and the secret is in the key."""
    if robot.product != Product.DINGTALK or not robot.secret:
        return ""
    stamp = str(int(at * 1000))
    signature = _hmac(robot.secret, f"{stamp}\n{robot.secret}")
    return f"&timestamp={stamp}&sign={quote_plus(signature)}"


def _hmac(key: str, message: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), message.encode(), hashlib.sha256)).decode()


def _bytes(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def fitting(text: str) -> str:
    """As much as every product takes, with nothing that one of them reads as calling somebody (<at …>)."""
    plain = text.replace("<", "＜").replace(">", "＞")
    if len(plain.encode()) <= LONGEST_TEXT:
        return plain
    return plain.encode()[: LONGEST_TEXT - 3].decode(errors="ignore") + "…"


# What comes back ----------------------------------------------------------------------------------


def check(product: str, answer: WebhookAnswer) -> None:
    """Nothing where the robot took the message; else raises Undelivered, with its own words."""
    code, words = _read(answer)
    said = f"{words[:LONGEST_REASON]} ({code})" if code is not None else f"HTTP {answer.status}"
    if answer.status == TOO_MANY or _is_busy(product, code, words):
        raise Undelivered(Failure.FOR_NOW, said, wait=BUSY_FOR)
    if answer.status in GATEWAYS and code is None:
        # What stands before the robot does not know either.
        raise Undelivered(Failure.FOR_NOW if answer.status == UNAVAILABLE else Failure.UNKNOWN, said)
    if code is None or answer.status in MOVED:
        raise Undelivered(Failure.REFUSED, f"HTTP {answer.status}, not the answer of a robot")
    if code:
        raise Undelivered(Failure.REFUSED, said, code=code)


def _is_busy(product: str, code: int | None, words: str) -> bool:
    # Feishu says 9499 of a message that is not in order, and of too many.
    too_many = product == Product.FEISHU and code == 9499 and "too many" in words.lower()
    return code in BUSY[Product(product)] or too_many


def _read(answer: WebhookAnswer) -> tuple[int | None, str]:
    """The code inside, None where there is none, and the words beside it."""
    try:
        found = json.loads(answer.text)
    except ValueError:
        return None, ""
    if not isinstance(found, dict):
        return None, ""
    code = next((found[name] for name in ("errcode", "code", "StatusCode") if name in found), None)
    words = next((found[name] for name in ("errmsg", "msg", "StatusMessage") if found.get(name)), "")
    return (code if isinstance(code, int) and not isinstance(code, bool) else None), str(words)


class Robots:
    """Speaks to robots during one sweep. A host that cannot be reached is asked once in it, however many groups it
    serves."""

    def __init__(self) -> None:
        self._out_of_reach: dict[str, str] = {}

    def __call__(self, delivery: Delivery, letter: Letter) -> None:
        """Raises Undelivered."""
        if delivery.robot:
            text = second(letter) + letter.text
            self.say(delivery.robot, text)

    def say(self, robot: ChatRobot, text: str) -> None:
        """One message to a group now. Raises Undelivered."""
        if why := self._out_of_reach.get(robot.host):
            raise Undelivered(Failure.FOR_NOW, why)
        message = signed(robot, text, time.time())
        try:
            answer = post_json(message.url, message.data, may_lead_here=settings.DEMO)
        except NotReached as error:
            self._out_of_reach[robot.host] = str(error)
            raise Undelivered(Failure.FOR_NOW, str(error)) from error
        except AnswerMissing as error:
            raise Undelivered(Failure.UNKNOWN, str(error)) from error
        check(robot.product, answer)
