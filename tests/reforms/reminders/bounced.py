"""Mails that tell of a letter that did not arrive, as the mail servers in use write them."""

from base64 import b64encode
from email.header import Header


def _head(sender: str, subject: str, kind: str) -> str:
    return (
        f"Return-Path: <>\r\nFrom: {sender}\r\nTo: bounces@example.org\r\nSubject: {subject}\r\n"
        f"Date: Wed, 15 Jun 2022 09:02:11 +0800\r\nMessage-ID: <20220615.1@mx.example.cn>\r\n"
        f"Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n"
    )


def _report(sender: str, subject: str, status: str, original: str, words: str) -> bytes:
    head = _head(sender, subject, 'multipart/report; report-type=delivery-status; boundary="=_b1"')
    body = (
        f"--=_b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n\r\n"
        f"--=_b1\r\nContent-Type: message/delivery-status\r\n\r\n{status}\r\n\r\n{original}\r\n--=_b1--\r\n"
    )
    return (head + body).encode()


def _original(message_id: str, *, kind: str = "message/rfc822") -> str:
    return (
        f"--=_b1\r\nContent-Type: {kind}\r\n\r\nFrom: portal@example.org\r\nTo: lin@example.org\r\n"
        f"Message-ID: {message_id}\r\nSubject: =?utf-8?b?5YKs5Yqe?=\r\n"
        "List-Id: <reform-tracker.portal>\r\n\r\n"
    )


def postfix(message_id: str, to: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """Postfix: RFC 3464 to the letter, with the whole original."""
    said = f"{status[0]}50 {status} <{to}>: Recipient address rejected: User unknown in virtual mailbox table"
    report = (
        "Reporting-MTA: dns; mx.example.cn\r\nX-Postfix-Queue-ID: 4LNc5b\r\n"
        "Arrival-Date: Wed, 15 Jun 2022 09:02:10 +0800\r\n\r\n"
        f"Final-Recipient: rfc822; {to}\r\nOriginal-Recipient: rfc822;{to}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Remote-MTA: dns; mail.example.cn\r\nDiagnostic-Code: smtp; {said}\r\n"
    )
    words = "This is the mail system at host mx.example.cn.\r\nI'm sorry to have to inform you …"
    subject = "Undelivered Mail Returned to Sender" if action == "failed" else "Delayed Mail (still being retried)"
    return _report("MAILER-DAEMON@mx.example.cn (Mail Delivery System)", subject, report, _original(message_id), words)


def exchange(message_id: str, to: str) -> bytes:
    """Exchange Online: no Original-Recipient, a name for the status, the headers of the original as a message."""
    report = (
        "Reporting-MTA: dns;BJXPR01MB0855.CHNPR01.prod.partner.outlook.cn\r\nReceived-From-MTA: dns;mail.example.cn\r\n"
        "Arrival-Date: Wed, 15 Jun 2022 01:02:10 +0000\r\n\r\n"
        f"Final-Recipient: rfc822;{to}\r\nAction: failed\r\nStatus: 5.1.10\r\n"
        "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; "
        "Recipient not found by SMTP address lookup\r\n"
        f"X-Display-Name: {to}\r\n"
    )
    sender = "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@partner.outlook.cn>"
    return _report(
        sender, "Undeliverable: letter", report, _original(message_id), f"Your message to {to} couldn't be delivered."
    )


def coremail(message_id: str, to: str) -> bytes:
    """Coremail: a report whose original is its headers alone."""
    report = (
        "Reporting-MTA: dns; mail.sz.gov.cn\r\n\r\n"
        f"Final-Recipient: RFC822; <{to}>\r\nAction: failed\r\nStatus: 5.2.2\r\n"
        "Diagnostic-Code: smtp; 552 5.2.2 Mailbox full,EEMAIL_FULL\r\n"
    )
    subject = Header("系统退信", "gbk").encode()
    return _report(
        "Postmaster@sz.gov.cn",
        subject,
        report,
        _original(message_id, kind="text/rfc822-headers"),
        "抱歉，您的邮件被退回来了……",
    )


def netease(message_id: str, to: str) -> bytes:
    """163.com: a page in GBK and the headers of the original, no report."""
    page = (
        f"<html><body><p>抱歉，您的邮件被退回来了……</p><table><tr><td>收件人</td><td>{to}</td></tr><tr><td>退信原因</td>"
        "<td>SMTP error, RCPT TO: 550 User not found: lin@163.com</td></tr></table></body></html>"
    )
    head = _head("Postmaster@163.com", Header("系统退信", "gb18030").encode(), 'multipart/mixed; boundary="=_b1"')
    body = (
        "--=_b1\r\nContent-Type: text/html; charset=gbk\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{b64encode(page.encode('gbk')).decode()}\r\n"
        f"{_original(message_id, kind='text/rfc822-headers')}\r\n--=_b1--\r\n"
    )
    return (head + body).encode()


def qq(message_id: str, to: str) -> bytes:
    """qq.com: a text in words of its own, the original as an attachment that says nothing of itself."""
    text = (
        f"很抱歉，您的邮件被退回至您的收件箱。\n收件人：{to}\n退信原因：收件人邮件地址不存在，邮件无法送达。\n"
        "host mx3.qq.com[183.3.226.35] said: 550 Mailbox not found. http://service.mail.qq.com/detail/122"
    )
    letter = f"Received: from mail.example.cn\r\nMessage-ID: {message_id}\r\nSubject: letter\r\n\r\n…"
    head = _head("PostMaster@qq.com", Header("来自qq.com的退信", "utf-8").encode(), 'multipart/mixed; boundary="=_b1"')
    body = (
        "--=_b1\r\nContent-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{b64encode(text.encode('gb18030')).decode()}\r\n--=_b1\r\nContent-Type: application/octet-stream\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{b64encode(letter.encode()).decode()}\r\n--=_b1--\r\n"
    )
    return (head + body).encode()


def out_of_office(message_id: str, to: str) -> bytes:
    """An answer of somebody who is away: it has the Message-ID of the letter, and is no bounce."""
    return (
        f"Return-Path: <>\r\nFrom: Lin <{to}>\r\nTo: bounces@example.org\r\nSubject: Automatic reply: letter\r\n"
        f"In-Reply-To: {message_id}\r\nReferences: {message_id}\r\nAuto-Submitted: auto-replied\r\n\r\n"
        f"I am away until 5.10.2022; the letter {message_id} could not be delivered to me. 550 5.1.1\r\n"
    ).encode()


def advertising(message_id: str, _to: str) -> bytes:
    """What else lies in a mailbox."""
    return (
        f"From: shop@example.com\r\nSubject: 550 offers\r\nReferences: {message_id}\r\n\r\nBuy 5.1.1 now\r\n".encode()
    )
