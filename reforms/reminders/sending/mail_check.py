"""Whether letters can leave this portal and lead back to it: what is wrong with EMAIL_URL, MAIL_FROM and SITE_URL."""

from collections.abc import Iterator
from email.utils import parseaddr
from ipaddress import ip_address
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
    host = urlsplit(settings.SITE_URL).hostname or ""
    if leads_nowhere(host):
        yield _("网址（SITE_URL）是%(site)s，信中的链接在别的电脑上打不开。请改为各单位访问本平台的网址。") % {
            "site": settings.SITE_URL
        }


def leads_nowhere(host: str) -> bool:
    """Whether no other machine finds this host."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(NOWHERE)
    return address.is_loopback or address.is_unspecified


def send_test(to: str) -> str:
    """Send one letter to this address; what the mail server answered when it did not take it, else empty."""
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
        return reason_of(error)
    return ""
