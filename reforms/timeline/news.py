"""What happened to measures as an Atom feed (RFC 4287): what its reader may read of the change log, newest first."""

import datetime as dt
from collections.abc import Iterator
from itertools import chain, islice
from operator import attrgetter
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agencies.lib.long_sheets import NOT_IN_XML
from agencies.models import Change, ChangeHead
from reforms.catalogue.export import scope_of
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.found import FoundMeasures
from reforms.columns.reading import Column, counted, row_of
from reforms.history.actions import ACTIONS
from reforms.history.measure import HistoryEntry, in_history
from reforms.history.readable import readable_changes
from reforms.lib.words import day_text, named_text, opening_text
from reforms.models import ListEdition, Measure
from reforms.timeline.feed import subject_of

MOST = 100  # entries, some 150 KB
LONGEST = 400  # characters of a summary
FEW = 1_000  # measures that are looked for in the log one by one
NEAR = 400  # entries of the log that are looked through first
LONGEST_TITLE = 60
ATOM = "http://www.w3.org/2005/Atom"
# Of a whole list they stand in the entry of its edition.
ADDED = "measure.added"
OF_EDITIONS = ("edition.applied", "edition.reverted")


def news_of(filters: MeasureFilter, *, name: str, own: str, page: str) -> bytes:
    """The newest MOST things that happened to the measures that the filters find. `name` is that of the feed and does
    not change, `own` the address at which it is read, `page` the one that shows the measures."""
    changes = _changes(filters)
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": "en" if get_language() == "en" else "zh-CN"})
    _put(root, "id", name)
    _put(root, "title", _("改革事项动态：%(what)s") % {"what": subject_of(filters)})
    _put(root, "subtitle", scope_of(filters))
    _put(root, "updated", _moment(changes[0].recorded_at if changes else _start_of(filters.view.on)))
    _put(ET.SubElement(root, "author"), "name", _("改革事项督办平台"))
    ET.SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": own})
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": page})
    for change, happening, about in _told(changes):
        _entry(ET.SubElement(root, "entry"), change, happening, about)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _changes(filters: MeasureFilter) -> list[Any]:
    """Also of measures that were stopped or struck off: that, too, happened to them."""
    found = FoundMeasures(filters)
    mask = found.mask(every_disposition=True)
    measures = found.of["id"][mask]
    changes = readable_changes(filters.view.who).select_related("agency").order_by("-sequence")
    if filters.view.past:
        changes = changes.filter(on__lte=filters.view.on)
    of_measures, of_editions = Q(kind="measure"), Q(pk__in=())
    if not filters.chosen("id"):
        of_measures &= ~Q(action=ADDED)
        editions = ListEdition.objects.filter(reform_list__in=list(counted(found.of["reform_list_id"][mask])))
        of_editions = Q(kind="edition", action__in=OF_EDITIONS, object_id__in=editions.values("pk"))
    if len(measures) <= FEW:
        parts = changes.filter(of_measures, object_id__in=measures.tolist())[:MOST], changes.filter(of_editions)[:MOST]
        return sorted(chain(*parts), key=attrgetter("sequence"), reverse=True)[:MOST]
    is_asked = row_of(measures, measures) >= 0
    newest = _newest_first(changes.filter(of_measures | of_editions))
    return list(islice((one for one in newest if one.kind != "measure" or _holds(is_asked, one.object_id)), MOST))


def _newest_first(changes: "QuerySet[Change]") -> Iterator[Any]:
    """Of a log of millions the last few hundred mostly hold enough, and reading stops there."""
    last, span = ChangeHead.reached()[0], NEAR
    while last > 0:
        yield from changes.filter(sequence__gt=last - span, sequence__lte=last).iterator(chunk_size=MOST)
        last, span = last - span, span * 8


def _holds(is_asked: Column, pk: int) -> bool:
    # Columns may be read before a measure comes that the log already names.
    return pk < len(is_asked) and bool(is_asked[pk])


def _told(changes: list[Any]) -> Iterator[tuple[Change, HistoryEntry, Measure | ListEdition | None]]:
    by_kind = {kind: {one.object_id for one in changes if one.kind == kind} for kind in ("measure", "edition")}
    measures = Measure.objects.select_related("item").in_bulk(by_kind["measure"])
    editions = ListEdition.objects.select_related("reform_list").in_bulk(by_kind["edition"])
    for change, happening in zip(changes, in_history(changes), strict=True):
        about = measures if change.kind == "measure" else editions
        yield change, happening, about.get(change.object_id)


def _entry(entry: ET.Element, change: Change, happening: HistoryEntry, about: Measure | ListEdition | None) -> None:
    _put(entry, "id", f"tag:{urlsplit(settings.SITE_URL).hostname},2022:change:{change.sequence}")
    _put(entry, "title", f"{_about(about)}{_('：')}{happening.what}")
    _put(entry, "updated", _moment(change.recorded_at))
    _put(entry, "published", _moment(change.recorded_at))
    if happening.who:
        _put(ET.SubElement(entry, "author"), "name", happening.who)
    action = ACTIONS.get(change.action)
    label = str(action.label) if action else change.action
    ET.SubElement(entry, "category", {"term": change.action, "label": label})
    where = about.get_absolute_url() if about else reverse("overview")
    ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": settings.SITE_URL + where})
    _put(entry, "summary", Truncator(_summary(happening)).chars(LONGEST))


def _about(about: Measure | ListEdition | None) -> str:
    """第7项 拓展开办企业… for a measure, the list's name for an edition."""
    if isinstance(about, Measure):
        place = named_text(about.item.number, about.seq_in_item)
        return f"{place} {opening_text(about.title, LONGEST_TITLE)}"
    return str(about.reform_list) if about else ""


def _summary(happening: HistoryEntry) -> str:
    """2022年6月15日　报送进展：…; a reprint says what was and what is."""
    said = happening.what + (_("：") + happening.detail if happening.detail else _("。"))
    moved = [_("原为：%(text)s") % {"text": happening.before}] if happening.before else []
    moved += [_("现为：%(text)s") % {"text": happening.after}] if happening.after else []
    return "\n".join([f"{day_text(happening.on)}　{said}", *moved])


def _put(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = NOT_IN_XML.sub("", text)


def _start_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), get_current_timezone())


def _moment(moment: dt.datetime) -> str:
    """As RFC 3339 writes it, in whole seconds."""
    return moment.astimezone(get_current_timezone()).isoformat(timespec="seconds")
