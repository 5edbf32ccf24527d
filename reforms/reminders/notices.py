"""What a letter of notices says and to whom. In Chinese, as an official notice; in English for whoever chose that."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.access import Principal
from agencies.models import Language
from reforms.lib.words import day_text, in_language, named_text, opening_text
from reforms.models import Bulletin, Delivery, Measure, Notice, ReformList
from reforms.notices.notify import opened_lists
from reforms.notices.wording import sentence_of
from reforms.reminders.letters import (
    Letter,
    addresses_of,
    contacts_of,
    name_of,
    office_addresses,
    office_name,
    people_of,
    with_substitutes,
)
from reforms.reminders.stages import A_WEEK, TOLD_FIRST, WITH_HEADS

LONGEST_TITLE = 60
NAMED = 200  # measures of one chase; far beyond what one agency owes in one list
KEPT = dt.timedelta(days=14)
TO_HEADS = frozenset({Notice.Kind.ORDERED, Notice.Kind.ORDER_VOID, Notice.Kind.DOCUMENT, Notice.Kind.DOCUMENT_VOID})


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """One notice. `about` is the item's number and title of its measure; empty where it is about none or several, which
    `measures` then names with their addresses, `more` saying how many are left out."""

    label: str
    about: str
    sentence: str
    on: dt.date
    address: str
    measures: tuple[tuple[str, str], ...] = ()
    more: int = 0

    @property
    def head(self) -> str:
        """【退回修改】, [Returned] ."""
        return _head(self.label)

    @property
    def day(self) -> str:
        """（2022年6月15日）, with a space before it in English."""
        day = day_text(self.on)
        return in_language(f"（{day}）", f" ({day})")


def _head(label: str) -> str:
    return in_language(f"【{label}】", f"[{label}] ")


def compose(delivery: Delivery, on: dt.date, *, language: str = Language.CHINESE) -> Letter | None:
    """The letter; None where it is pointless: to somebody shut out, or still without an address after KEPT."""
    notices = [one for one in delivery.notices.select_related("measure__item").order_by("pk") if not _is_old(one, on)]
    notices = _still_readable(notices, delivery)
    recipients = _recipients(delivery, notices, on)
    if not notices or _pointless(delivery, recipients, on):
        return None
    with translation.override(language):
        lines = [_line(notice, delivery) for notice in notices]
        subject = _subject(delivery, lines)
        context = {
            "salutation": _salutation(delivery),
            "outside_line": delivery.agency and delivery.agency.outside_line,
            "lines": lines,
            "contacts": contacts_of(_lists(delivery, notices)),
            "subject": subject,
            "demo": settings.DEMO,
        }
        return Letter(
            recipients=recipients,
            language=language,
            subject=subject,
            text=render_to_string("emails/notices.txt", context),
            html=render_to_string("emails/notices.html", context),
        )


def _recipients(delivery: Delivery, notices: Sequence[Notice], on: dt.date) -> tuple[str, ...]:
    """Whoever writes and signs in an agency, with their substitutes, its heads too where something was issued; a
    person; all supervisors but whoever did it."""
    if delivery.agency:
        ordered = any(notice.kind in TO_HEADS for notice in notices)
        roles = WITH_HEADS if ordered else TOLD_FIRST
        return with_substitutes(delivery.agency, roles, people_of([delivery.agency], on))
    if delivery.user:
        return addresses_of(delivery.user)
    # All of one letter have one `by`: that is how the office's are gathered.
    return office_addresses(but=notices[0].by_id if notices else None)


def _still_readable(notices: Sequence[Notice], delivery: Delivery) -> list[Notice]:
    """Without what somebody wanted to be told of measures that they may no longer read, or no longer at all."""
    watched = [one for one in notices if one.kind == Notice.Kind.WATCHED]
    if not watched or delivery.user is None:
        return list(notices)
    who = Principal.of_user(delivery.user)
    named = [one.measure_id for one in watched if one.measure_id]
    readable = set(Measure.objects.readable_by(who).filter(pk__in=named).values_list("pk", flat=True))
    kept = {*readable, None} if who.roles else set()
    return [one for one in notices if one.kind != Notice.Kind.WATCHED or one.measure_id in kept]


def _is_old(notice: Notice, on: dt.date) -> bool:
    """Whether a later one says it with the numbers of its own week."""
    return notice.kind == Notice.Kind.WEEK and on >= notice.on + A_WEEK


def _pointless(delivery: Delivery, recipients: tuple[str, ...], on: dt.date) -> bool:
    shut_out = delivery.user is not None and not delivery.user.is_active
    return shut_out or (not recipients and on > delivery.on + KEPT)


def _line(notice: Notice, delivery: Delivery) -> NoticeLine:
    measures = _measures(notice)
    return NoticeLine(
        label=_label(notice, delivery),
        about=_about(notice.measure) if notice.measure else "",
        sentence=str(sentence_of(notice)),
        on=notice.on,
        address=settings.SITE_URL + reverse("notice", args=[notice.pk]),
        measures=tuple(
            (_about(measure), settings.SITE_URL + measure.get_absolute_url()) for measure in measures[:NAMED]
        ),
        more=max(0, len(measures) - NAMED),
    )


def _lists(delivery: Delivery, notices: Sequence[Notice]) -> QuerySet[ReformList]:
    """Those whose contact the addressee may ask: of what it is about, else all that are written about; the office needs
    none."""
    if delivery.agency is None and delivery.user is None:
        return ReformList.objects.none()
    measures = {notice.measure_id for notice in notices if notice.measure_id} | {
        pk for one in notices for pk in one.facts.get("measures", ())
    }
    sent = {one.facts["bulletin"] for one in notices if "bulletin" in one.facts}
    of_measures = Measure.objects.filter(pk__in=measures).order_by().values("reform_list")
    of_documents = Bulletin.objects.filter(pk__in=sent).order_by().values("reform_list")
    about = ReformList.objects.filter(Q(pk__in=of_measures) | Q(pk__in=of_documents))
    return about if about.exists() else ReformList.objects.filter(pk__in=opened_lists())


def _measures(notice: Notice) -> list[Measure]:
    """Those that a chase about several asks for, of lists that may be written about."""
    if notice.measure_id or notice.kind != Notice.Kind.CHASED:
        return []
    asked = Measure.objects.filter(pk__in=notice.facts.get("measures", ()), reform_list__in=opened_lists())
    return list(asked.select_related("item").order_by("reform_list", "row"))


def _label(notice: Notice, delivery: Delivery) -> str:
    """Bodies outside the government's line are asked, not chased."""
    if notice.kind == Notice.Kind.CHASED and delivery.agency and delivery.agency.outside_line:
        return _("商请函")
    return str(Notice.Kind(notice.kind).label)


def _about(measure: Measure) -> str:
    place = named_text(measure.item.number, measure.seq_in_item)
    return f"{place} {opening_text(measure.title, LONGEST_TITLE)}"


def _subject(delivery: Delivery, lines: Sequence[NoticeLine]) -> str:
    """【退回修改】市交通运输局：第101项 … for one; several are counted, under their kind or under 【改革督办】."""
    labels = {line.label for line in lines}
    label = lines[0].label if len(labels) == 1 else _("改革督办")
    whom = name_of(delivery.agency) + _("：") if delivery.agency else ""
    several = ngettext("%(n)d条消息", "%(n)d条消息", len(lines)) % {"n": len(lines)}
    what = (lines[0].about or lines[0].sentence) if len(lines) == 1 else several
    # As much as the column of a delivery takes.
    return (_head(label) + whom + what)[:300]


def _salutation(delivery: Delivery) -> str:
    if delivery.agency:
        return in_language(delivery.agency.full_name or delivery.agency.name, delivery.agency.name_en)
    return str(delivery.user or office_name())
