"""What a digest says and to whom. Always Chinese: it is an official notice."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from agencies.models import Agency
from reforms.models import Duty, Part, Reminder
from reforms.reminders.letters import Letter, recipients_of
from reforms.reminders.stages import BY_NAME

NAMED = 5
LEVELS = ("", "一级", "二级", "三级")


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """One measure of a digest. `days` to the deadline, negative when past."""

    item_no: int
    row: int
    title: str
    deadline: dt.date
    days: int
    leads: bool
    level: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest(Letter):
    """One agency's reminders of one day."""

    agency: Agency
    lines: tuple[DigestLine, ...]


def compose(agency: Agency, reminders: Iterable[Reminder], on: dt.date) -> Digest:
    """The digest for these reminders (with `measure__item` loaded) as of `on`."""
    reminders = list(reminders)
    lines = _lines(agency, reminders, on)
    late, ahead = [line for line in lines if line.days < 0], [line for line in lines if line.days >= 0]
    # Whatever the language of the process that sends it.
    with translation.override("zh-hans"):
        subject = _subject(agency, late, ahead)
        context = {
            "agency": agency,
            "late": late,
            "ahead": ahead,
            "on": on,
            "subject": subject,
            "demo": settings.DEMO,
        }
        return Digest(
            agency=agency,
            recipients=recipients_of(agency, _level(reminders)),
            subject=subject,
            text=render_to_string("emails/digest.txt", context),
            html=render_to_string("emails/digest.html", context),
            lines=tuple(lines),
        )


def _level(reminders: Iterable[Reminder]) -> int:
    return max((BY_NAME[reminder.stage].level for reminder in reminders), default=1)


def _lines(agency: Agency, reminders: list[Reminder], on: dt.date) -> list[DigestLine]:
    parts = dict(
        Duty.objects.filter(agency=agency, measure__in=[r.measure_id for r in reminders]).values_list(
            "measure_id", "part"
        )
    )
    lines = [
        DigestLine(
            item_no=reminder.measure.item.number,
            row=reminder.measure.row,
            title=reminder.measure.title,
            deadline=reminder.deadline,
            days=(reminder.deadline - on).days,
            leads=parts.get(reminder.measure_id) == Part.LEAD,
            level=LEVELS[BY_NAME[reminder.stage].level] if reminder.deadline < on else "",
            address=settings.SITE_URL + reverse("report", args=[reminder.measure_id]),
        )
        for reminder in reminders
    ]
    return sorted(lines, key=lambda line: (line.deadline, line.row))


def _subject(agency: Agency, late: list[DigestLine], ahead: list[DigestLine]) -> str:
    """【逾期催办】 when anything is late, else 【到期提醒】; 【商请函】 to those outside the government's line."""
    # Bodies that the city does not command (courts, customs …) are asked and never chased.
    if agency.outside_line:
        numbers = list(dict.fromkeys(f"第{line.item_no}项" for line in [*late, *ahead]))
        named = "、".join(numbers[:NAMED]) + ("等" if len(numbers) > NAMED else "")
        return f"【商请函】商请{agency.name}提供{named}进展情况"
    if late:
        rest = f"，另有{len(ahead)}条临近到期" if ahead else ""
        # Lines stand by deadline, so that the first is the longest overdue.
        return f"【逾期催办】{agency.name}：{len(late)}条举措已逾期，最长{-late[0].days}天{rest}"
    return f"【到期提醒】{agency.name}：{len(ahead)}条举措{_when(ahead)}到期（{_parts(ahead)}）"


def _when(lines: list[DigestLine]) -> str:
    days = sorted({line.deadline for line in lines})
    first = f"{days[0].month}月{days[0].day}日"
    return first if len(days) == 1 else f"{first}至{days[-1].month}月{days[-1].day}日"


def _parts(lines: list[DigestLine]) -> str:
    lead = sum(line.leads for line in lines)
    counted = (("牵头", lead), ("责任", len(lines) - lead))
    return "、".join(f"{name}{count}条" for name, count in counted if count)
