"""Deadlines as an iCalendar (RFC 5545): whole days, so that each falls on its day in whatever zone it is read."""

import datetime as dt
from collections.abc import Iterable
from urllib.parse import urlsplit

import numpy as np
from django.conf import settings
from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from reforms.catalogue.export import conditions_of, scope_of
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.found import FoundMeasures
from reforms.catalogue.rows import MeasureRow, rows_with
from reforms.catalogue.seen import ordinal_of
from reforms.columns.reading import NO_DAY
from reforms.lib.words import in_language, named_text, opening_text, place_text
from reforms.models import Measure
from reforms.timeline.milestones import MilestoneRow, nearest

MOST = 360  # events, some 280 KB: of a longer list the nearest, from BEHIND days ago on
MOST_MILESTONES = 60  # some 30 KB: from BEHIND days ago on
BEHIND = 90
LONGEST = 100  # characters of a measure's text
AGAIN = dt.timedelta(hours=6)  # after which a program asks again


def calendar_of(filters: MeasureFilter) -> bytes:
    """One event for each measure with a deadline that the filters find, and for each of its milestones."""
    calendar = Calendar()
    calendar.add("prodid", "-//reform-tracker//deadlines//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("改革事项时限：%(what)s") % {"what": subject_of(filters)})
    calendar.add("x-wr-caldesc", scope_of(filters))
    calendar.add("x-wr-timezone", settings.TIME_ZONE)
    calendar.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    # Not the moment of asking: what says the same is the same, byte for byte, and need not be sent again.
    made = dt.datetime.combine(filters.view.on, dt.time(), get_current_timezone())
    for row in _rows(filters):
        if row.shown_deadline:
            calendar.add_component(_event(row, row.shown_deadline, made))
    for step in nearest(filters, behind=dt.timedelta(days=BEHIND), most=MOST_MILESTONES):
        calendar.add_component(_milestone(step, made))
    return bytes(calendar.to_ical())


def subject_of(filters: MeasureFilter) -> str:
    """What a feed is about: one measure by its name, what one's own agencies hold, else the conditions."""
    if filters.data.urlencode() == "agency=me":
        return _("本单位承担的举措")
    ids = filters.chosen("id") or ()
    found = Measure.objects.select_related("item").filter(pk__in=ids) if len(ids) == 1 else ()
    names = [f"{named_text(one.item.number, one.seq_in_item)} {opening_text(one.title)}" for one in found]
    return names[0] if names else conditions_of(filters)


def _rows(filters: MeasureFilter) -> Iterable[MeasureRow]:
    found = FoundMeasures(filters)
    dated = found.mask() & (found.deadline != NO_DAY)
    if np.count_nonzero(dated) > MOST:
        dated &= found.deadline >= ordinal_of(filters.view.on - dt.timedelta(days=BEHIND))
    return rows_with(found.first_due(dated, MOST), filters.view)


def _event(row: MeasureRow, day: dt.date, made: dt.datetime) -> Event:
    # The same for ever: a deadline that moves moves the event.
    event = _whole_day(f"measure-{row.id}", day, row.updated_at or made)
    event.add("summary", _("%(measure)s　%(title)s到期") % {"measure": _place(row), "title": row.title})
    event.add("description", "\n".join(_said(row)))
    event.add("url", settings.SITE_URL + reverse("measure", args=[row.id]))
    event.add("categories", [in_language(row.section_title, row.section_title_en)])
    event.add("transp", "TRANSPARENT")
    if row.updated_at:
        event.add("last-modified", row.updated_at)
    return event


def _milestone(step: MilestoneRow, made: dt.datetime) -> Event:
    row, one = step.measure, step.milestone
    event = _whole_day(f"milestone-{one.pk}", one.due_on, made)
    said = _("节点：%(step)s（%(measure)s）")
    if step.done_on:
        said = _("节点（已完成）：%(step)s（%(measure)s）")
    event.add("summary", said % {"step": one.title, "measure": _place(row)})
    event.add("description", row.title)
    event.add("url", settings.SITE_URL + reverse("measure", args=[row.id]) + "#milestones")
    event.add("transp", "TRANSPARENT")
    event.add("sequence", one.version)
    return event


def _whole_day(uid: str, day: dt.date, made: dt.datetime) -> Event:
    event = Event()
    event.add("uid", f"{uid}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", made)
    event.add("dtstart", day)
    # The day after the last one.
    event.add("dtend", day + dt.timedelta(days=1))
    return event


def _place(row: MeasureRow) -> str:
    return place_text(row.item_no, row.seq_in_item, several=row.several)


def _said(row: MeasureRow) -> list[str]:
    leads = _("、").join(party.said for party in row.leads)
    text = row.text if len(row.text) <= LONGEST else f"{row.text[: LONGEST - 1]}…"
    light = [_("亮灯：%(light)s") % {"light": row.light.label}] if row.light else []
    return [_("牵头单位：%(names)s") % {"names": leads}, *light, text]
