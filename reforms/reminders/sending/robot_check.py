"""Trying a robot: a message to its group, and in a sentence what is wrong where it did not take it."""

from collections.abc import Callable

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from agencies.models import ChatRobot
from reforms.reminders.sending.robots import Product, Robots, wrong_robot_address
from reforms.reminders.sending.transport import Failure, Undelivered


def try_robot(robot: ChatRobot, robots: Robots | None = None) -> str:
    """Say something in its group now; what is wrong where it was not taken, else empty. `robots` where several are
    tried one after the other."""
    if wrong := wrong_robot_address(robot.product, robot.address):
        return wrong
    # The group's language is that of its letters, whoever tries it.
    with override("zh-hans"):
        text = _("【测试】这是改革事项督办平台的测试消息，用来检查群机器人的设置。请点开链接，看能否打开本平台：")
    try:
        (robots or Robots()).say(robot, f"{text}{settings.SITE_URL}/")
    except Undelivered as error:
        return explained(robot, error)
    return ""


def explained(robot: ChatRobot, error: Undelivered) -> str:
    """What is to be done, and the answer as it came."""
    return f"{_advice(robot, error)}{_('（%(said)s）') % {'said': error}}"


def _advice(robot: ChatRobot, error: Undelivered) -> str:
    if error.failure == Failure.UNKNOWN:
        return _("消息已经发出，但没有收到答复，可能已在群里。请到群里看。")
    if error.failure == Failure.FOR_NOW:
        if error.wait:
            return _("机器人暂时不收消息：发得太频繁，或其服务器正忙。请过十分钟再试。")
        return _("连不上机器人的服务器。请核对地址，并检查本机能否访问它（防火墙、域名、证书）。")
    if not error.code:
        return _("答复的不是机器人。请重新从群里复制机器人的地址。")
    found = next((advice for at, advice in ADVICE[Product(robot.product)] if _fits(at, error)), None)
    return found() if found else _("机器人没有收下消息。")


def _fits(at: "int | str", error: Undelivered) -> bool:
    return error.code == at if isinstance(at, int) else at in str(error).lower()


def _sign() -> str:
    return _("签名不符。请核对加签密钥，并检查服务器的时钟是否准确。")


def _keyword() -> str:
    return _("机器人设了关键词，消息里没有。请把“改革事项”加为关键词，或改用加签。")


def _ip() -> str:
    return _("机器人只收指定IP的消息。请把本平台服务器的出口IP加入白名单。")


def _unknown() -> str:
    return _("没有这个机器人：地址不完整，或机器人已被移出群。请重新复制地址。")


Advice = tuple[tuple[int | str, Callable[[], str]], ...]
# By the code of an answer or by a word in it, the first that fits.
ADVICE: dict[Product, Advice] = {
    Product.WECOM: ((93000, _unknown), ("not allow to access from your ip", _ip)),
    Product.DINGTALK: (
        *(("keyword", _keyword), ("sign", _sign), ("timestamp", _sign), ("ip", _ip)),
        *((code, _unknown) for code in (300001, 400013, 400101, 400102, 400106)),
    ),
    Product.FEISHU: ((19021, _sign), (19022, _ip), (19024, _keyword), (19001, _unknown)),
}
