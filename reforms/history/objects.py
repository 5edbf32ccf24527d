"""What log entries are about: their kinds, and for each object its name and its page."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, Change, ChatRobot, Screen, Token, User
from reforms.history.facts import Words
from reforms.lib.words import day_text, named_text
from reforms.models import (
    Bulletin,
    CalendarDay,
    ClockStop,
    Letterhead,
    ListEdition,
    Measure,
    ReformList,
    SupervisionOrder,
)


@dataclass(frozen=True, slots=True)
class NamedObject:
    """An object as a reader of the log is shown it; no address where it has no page of its own."""

    name: str
    address: str = ""


Found = Mapping[int, NamedObject]


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """What a kind of object is called, and how those with some ids are found."""

    label: Words
    find: Callable[[Collection[int]], Found]


def objects_of(changes: Iterable[Change]) -> dict[tuple[str, int], NamedObject]:
    """The objects of some entries, by kind and id; one query for each kind. What is no longer there is left out."""
    wanted: dict[str, set[int]] = {}
    for change in changes:
        wanted.setdefault(change.kind, set()).add(change.object_id)
    return {
        (kind, pk): named
        for kind, ids in wanted.items()
        # An entry of a kind that this release does not know, or knows no more, is shown without a name.
        if kind in KINDS
        for pk, named in KINDS[kind].find(ids).items()
    }


def _measures(ids: Collection[int]) -> Found:
    found = Measure.objects.select_related("item").in_bulk(ids)
    return {
        pk: NamedObject(f"{named_text(one.item.number, one.seq_in_item)} {one.title}", one.get_absolute_url())
        for pk, one in found.items()
    }


def _agencies(ids: Collection[int]) -> Found:
    return {pk: NamedObject(one.name, one.get_absolute_url()) for pk, one in Agency.objects.in_bulk(ids).items()}


def _editions(ids: Collection[int]) -> Found:
    found = ListEdition.objects.select_related("reform_list").in_bulk(ids)
    said = gettext("%(list)s 第%(number)s版")
    return {
        pk: NamedObject(said % {"list": one.reform_list, "number": one.number}, one.get_absolute_url())
        for pk, one in found.items()
    }


def _lists(ids: Collection[int]) -> Found:
    return {pk: NamedObject(str(one), one.get_absolute_url()) for pk, one in ReformList.objects.in_bulk(ids).items()}


def _people(ids: Collection[int]) -> Found:
    return {pk: NamedObject(str(one)) for pk, one in User.objects.in_bulk(ids).items()}


def _tokens(ids: Collection[int]) -> Found:
    return {pk: NamedObject(f"{one.name}（{one}）") for pk, one in Token.objects.in_bulk(ids).items()}


def _screens(ids: Collection[int]) -> Found:
    return {pk: NamedObject(one.name) for pk, one in Screen.objects.in_bulk(ids).items()}


def _robots(ids: Collection[int]) -> Found:
    return {pk: NamedObject(str(one)) for pk, one in ChatRobot.objects.in_bulk(ids).items()}


def _calendar_days(ids: Collection[int]) -> Found:
    return {pk: NamedObject(day_text(one.day)) for pk, one in CalendarDay.objects.in_bulk(ids).items()}


def _orders(ids: Collection[int]) -> Found:
    found = SupervisionOrder.objects.in_bulk(ids)
    return {pk: NamedObject(one.number or one.subject, one.get_absolute_url()) for pk, one in found.items()}


def _bulletins(ids: Collection[int]) -> Found:
    found = Bulletin.objects.in_bulk(ids)
    return {pk: NamedObject(one.title, one.get_absolute_url()) for pk, one in found.items()}


def _letterheads(ids: Collection[int]) -> Found:
    # The document itself may be megabytes, and only its name is wanted.
    found = Letterhead.objects.defer("data").in_bulk(ids)
    return {pk: NamedObject(one.name, reverse("letterheads")) for pk, one in found.items()}


def _clock_stops(ids: Collection[int]) -> Found:
    return {pk: NamedObject(one.host) for pk, one in ClockStop.objects.in_bulk(ids).items()}


KINDS: dict[str, ObjectKind] = {
    "measure": ObjectKind(pgettext_lazy("one", "举措"), _measures),
    "edition": ObjectKind(pgettext_lazy("one", "版本"), _editions),
    "list": ObjectKind(pgettext_lazy("one", "清单"), _lists),
    "agency": ObjectKind(pgettext_lazy("one", "单位"), _agencies),
    "order": ObjectKind(pgettext_lazy("one", "督办单"), _orders),
    "bulletin": ObjectKind(pgettext_lazy("one", "通报"), _bulletins),
    "letterhead": ObjectKind(_("红头模板"), _letterheads),
    "clock": ObjectKind(pgettext_lazy("one", "时钟"), _clock_stops),
    "calendar_day": ObjectKind(pgettext_lazy("one", "工作日历"), _calendar_days),
    "user": ObjectKind(pgettext_lazy("one", "人员"), _people),
    "robot": ObjectKind(pgettext_lazy("one", "群机器人"), _robots),
    "screen": ObjectKind(pgettext_lazy("one", "大屏"), _screens),
    "token": ObjectKind(pgettext_lazy("one", "令牌"), _tokens),
}
