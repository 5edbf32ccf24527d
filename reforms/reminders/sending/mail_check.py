"""Whether letters can leave this portal and lead back to it: what is wrong with EMAIL_URL, MAIL_FROM and SITE_URL."""

import socket
from collections.abc import Iterator
from email.utils import parseaddr
from ipaddress import ip_address
from smtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from ssl import SSLError
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _

from reforms.reminders.sending.gathering import new_message_id
from reforms.reminders.sending.transport import reason_of

NOWHERE = (".invalid", ".localhost", ".local", ".example", ".test")


def faults() -> list[str]:
    """In words, each with the setting that mends it; empty when nothing speaks against them. Sends nothing."""
    return [*_of_mail(), *_of_sender(), *_of_site()]


def _of_mail() -> Iterator[str]:
    if not settings.MAIL_GOES_OUT:
        yield _("没有设置邮件服务器（EMAIL_URL）：信件只写成文件或显示在屏幕上，没有人收到。")


def _of_sender() -> Iterator[str]:
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    if leads_nowhere(address.rpartition("@")[2]):
        yield _("发件人（MAIL_FROM）是%(address)s，别处的邮件服务器多半拒收。请改为本单位的邮箱。") % {
            "address": address
        }


def _of_site() -> Iterator[str]:
    parts = urlsplit(settings.SITE_URL)
    if leads_nowhere(parts.hostname or ""):
        yield _("网址（SITE_URL）是%(site)s，信中的链接在别的电脑上打不开。请改为各单位访问本平台的网址。") % {
            "site": settings.SITE_URL
        }
    if settings.HTTPS and parts.scheme != "https":
        yield _("网址（SITE_URL）是%(site)s，而本平台只用https访问（HTTPS=1）。请改为以https://开头的网址。") % {
            "site": settings.SITE_URL
        }


def seen_otherwise(opened: str) -> str:
    """That the page was opened by another address, `opened` (https://host), than the one that links in letters have;
    empty where it is the same."""
    parts = urlsplit(settings.SITE_URL)
    if opened == f"{parts.scheme}://{parts.netloc}":
        return ""
    said = _("您现在用的网址以%(opened)s开头，信中的链接以%(site)s开头。各单位若打不开后者，请改正SITE_URL。")
    return said % {"opened": opened, "site": settings.SITE_URL}


def unknown_site() -> str:
    """That this machine knows no address for the name in SITE_URL; empty where it does. Asks the network."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return _("本机找不到网址（SITE_URL）中的主机%(host)s，信中的链接可能打不开。请核对域名。") % {"host": host}
    return ""


def leads_nowhere(host: str) -> bool:
    """Whether no other machine finds this host."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(NOWHERE)
    return address.is_loopback or address.is_unspecified


def send_test(to: str) -> str:
    """Send one letter to this address; what the mail server answered when it did not take it, and what is to be done,
    else empty."""
    message = EmailMessage(
        subject=_("【测试】改革事项督办平台的邮件设置"),
        body="\n\n".join(
            [
                _("这封信由管理员在改革事项督办平台上发给自己，用来检查邮件设置。收到它，说明邮件能够发出。"),
                _("请点开下面的链接：能打开本平台，说明网址设置正确。"),
                settings.SITE_URL + "/",
            ]
        ),
        to=[to],
        headers={"Message-ID": new_message_id(), "Auto-Submitted": "auto-generated"},
        connection=get_connection(),
    )
    try:
        message.send()
    except Exception as error:  # whatever it is, it is what the administrator asked for
        return reason_of(error) + _advice(error)
    return ""


def _advice(error: Exception) -> str:
    """What to look at, by the kind of fault; empty where nothing is known of it. The first that fits."""
    refused = _("（邮件服务器不接受收件地址，请核对您的邮箱。）")
    encryption = _("（加密方式不对：EMAIL_URL中端口465用smtp+ssl，587用smtp+tls，25用smtp。）")
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (SMTPAuthenticationError, _("（EMAIL_URL中的用户名或密码不对。）")),
        (SMTPSenderRefused, _("（邮件服务器不接受发件人，请核对MAIL_FROM。）")),
        (SMTPRecipientsRefused, refused),
        (SSLError, encryption),
        (SMTPNotSupportedError, encryption),
        (SMTPServerDisconnected, encryption),
        (OSError, _("（连不上邮件服务器，请核对EMAIL_URL中的主机和端口，以及防火墙。）")),
    )
    return next((said for kind, said in kinds if isinstance(error, kind) and not _has_a_code(error, kind)), "")


def _has_a_code(error: Exception, kind: type[Exception]) -> bool:
    # Every SMTPException is an OSError: what the server answered is no fault of the line.
    return kind is OSError and isinstance(error, SMTPException)
