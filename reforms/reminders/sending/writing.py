"""What goes out is written when it is sent, from the state of that day: digests, letters of notices, and messages to
chat groups."""

import datetime as dt
from dataclasses import replace

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from agencies.models import Language
from reforms.lib.words import day_text
from reforms.models import BulletinAddressee, Delivery, Notice
from reforms.notices.wording import sentence_of
from reforms.reminders import notices
from reforms.reminders.asks import asks_of
from reforms.reminders.digest import Digest, compose, duties_told, milestones_told
from reforms.reminders.letters import Letter, readers_of_english
from reforms.reminders.owed import still_owed, switched_on
from reforms.reminders.sending.robots import name_of
from reforms.reminders.stages import A_WEEK


def letter_of(delivery: Delivery, on: dt.date) -> Letter | None:
    """What it says today and to whom, each in their language; None when it has become pointless."""
    if delivery.kind == Delivery.Kind.GROUP:
        return _group_message(delivery, on)
    letter = _in(Language.CHINESE, delivery, on)
    readers = readers_of_english(letter.recipients, delivery.agency) if letter else []
    translated = _in(Language.ENGLISH, delivery, on) if readers else None
    if letter is None or translated is None:
        return letter
    # What is kept of a letter is what everybody got, and in Chinese where somebody got that.
    if set(readers) == set(letter.recipients):
        return replace(translated, recipients=letter.recipients)
    return replace(letter, in_english=dict.fromkeys(readers, translated))


def _in(language: str, delivery: Delivery, on: dt.date) -> Letter | None:
    if delivery.kind == Delivery.Kind.NOTICES:
        return notices.compose(delivery, on, language=language)
    return _digest(delivery, on, language)


def _digest(delivery: Delivery, on: dt.date, language: str = Language.CHINESE) -> Digest | None:
    if delivery.agency is None:
        return None
    reminders = still_owed(list(delivery.reminders.select_related("measure__item")))
    asks = asks_of(delivery.notices.all(), on, language=language).get(delivery.agency.pk, [])
    if not reminders and not asks:
        return None
    lists = {pk for pk, _first in switched_on()}
    duties = duties_told(delivery.agency, lists, on)
    if not duties and not asks:
        return None
    steps = milestones_told([delivery.agency.pk], lists, on)[delivery.agency.pk]
    return compose(delivery.agency, reminders, duties, on, asks=asks, milestones=steps, language=language)


def _group_message(delivery: Delivery, on: dt.date) -> Letter | None:
    """What the agency's digest says and which documents it has not opened, the office's week, in a few lines that name
    nobody."""
    robot = delivery.robot
    if robot is None or robot.removed:
        return None
    if robot.agency is None:
        lines = _of_the_week(delivery, on)
    else:
        lines = _of_the_digest(delivery, on) + _of_documents(delivery, on)
    if not lines:
        return None
    demo = "（演示环境，内容均为虚构。）" if settings.DEMO else ""
    said = [*lines, f"登录查看：{settings.SITE_URL}{reverse('desk')}"]
    said.append(f"数据截至{day_text(on)}。{settings.OFFICE_NAME}通过改革事项督办平台发出。{demo}")
    return Letter(recipients=(name_of(robot),), subject=lines[0], text="\n".join(said), html="")


def _of_the_digest(delivery: Delivery, on: dt.date) -> list[str]:
    """Of the agency's latest, as it would be written now."""
    digests = Delivery.objects.filter(kind=Delivery.Kind.REMINDERS, agency=delivery.agency, on__gte=delivery.on)
    latest = digests.exclude(state=Delivery.State.DROPPED).select_related("agency").order_by("-pk").first()
    digest = _digest(latest, on) if latest else None
    return [digest.subject, *digest.asked] if digest else []


def _of_documents(delivery: Delivery, on: dt.date) -> list[str]:
    """Those that the agency was sent of late, that nobody there has opened."""
    unread = BulletinAddressee.objects.filter(agency=delivery.agency, readings=None, bulletin__state="issued")
    lately = unread.filter(on__gt=on - A_WEEK, on__lte=on, notice__by_mail=True).select_related("notice").order_by("pk")
    with translation.override("zh-hans"):
        return [f"【{Notice.Kind.DOCUMENT.label}】{sentence_of(one.notice)}" for one in lately if one.notice]


def _of_the_week(delivery: Delivery, on: dt.date) -> list[str]:
    written = Notice.objects.filter(kind=Notice.Kind.WEEK, on=delivery.on, agency=None, user=None).first()
    if written is None or on >= written.on + A_WEEK:
        return []
    with translation.override("zh-hans"):
        return [f"【{Notice.Kind.WEEK.label}】{sentence_of(written)}"]
