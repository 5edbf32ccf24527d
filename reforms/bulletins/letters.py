"""函: how a body outside the government's line is asked how far its measures are: 商请, and never 督办 or 催办."""

import datetime as dt
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from agencies.models import Agency
from reforms.catalogue.rows import VALUES
from reforms.lib.words import day_text, place_text, within_quotes
from reforms.models import Bulletin, Duty, Measure, ReformList, Status
from reforms.reminders.calendar import WorkingDays

ANSWER_WITHIN = 5  # working days
# 敬称, by how a name ends; the first that applies.
HONORIFICS = (
    *(
        ("法院", "贵院"),
        ("检察院", "贵院"),
        ("仲裁院", "贵院"),
        ("海关", "贵关"),
        ("总站", "贵总站"),
    ),
    *(("公司", "贵公司"), ("集团", "贵公司"), ("银行", "贵行"), ("支行", "贵行"), ("分行", "贵行")),
    *(("委员会", "贵委"), ("委", "贵委"), ("办公厅", "贵办"), ("办公室", "贵办"), ("办", "贵办"), ("局", "贵局")),
)
ANYBODY = "贵单位"
_ASKED_BY = re.compile(r"于\s*(\d{4})年(\d{1,2})月(\d{1,2})日前")


def honorific(agency: Agency) -> str:
    """贵院, 贵关, 贵局 and the like."""
    named = (agency.full_name or agency.name, agency.name)
    return next((said for end, said in HONORIFICS if any(name.endswith(end) for name in named)), ANYBODY)


def letter_words(reform_list: ReformList, agency: Agency, on: dt.date) -> dict[str, str]:
    """The texts of a draft, by field. Raises ValidationError naming the agency where there is nothing to ask it, or
    where it is of the government's line."""
    if not agency.outside_line:
        raise ValidationError({"agency": ValidationError(_("该单位属政府序列，请用督办单。"), code="inside")})
    measures = list(asked_of(reform_list, agency))
    if not measures:
        nothing = ValidationError(_("该单位在这份清单中没有未办结的举措。"), code="nothing")
        raise ValidationError({"agency": nothing})
    until = WorkingDays.stored().after(on, ANSWER_WITHIN)
    called, short = honorific(agency), reform_list.short_title or reform_list.title
    with translation.override("zh-hans"):
        return {
            "title": f"关于商请提供{short}进展情况的函",
            "to": f"{agency.full_name or agency.name}：",
            "intro": (
                f"为做好《{reform_list.title}》落实工作，商请{called}于{day_text(until)}前提供下列{len(measures)}条举措的进展情况。"
            ),
            "overall": "\n".join(_line(number, one) for number, one in enumerate(measures, 1)),
            "demands": "专此函达，请予支持。",
            "contact": reform_list.contact,
            "contact_phone": reform_list.contact_phone,
        }


def check_asked_by(letter: Bulletin, on: dt.date) -> None:
    """Raises ValidationError where a letter that is handed up or issued on `on` asks for an answer by a day that has
    come."""
    if letter.kind != Bulletin.Kind.LETTER:
        return
    # The day stands in the text, which is the office's to change: by 另行商定 it asks for none.
    days = [day for named in _ASKED_BY.findall(f"{letter.intro}{letter.demands}") if (day := _day(*named))]
    if passed := [day for day in days if day <= on]:
        told = _("函中商请于%(day)s前提供，届时已到或已过，请在正文中改定日期（送审稿请先退回修改）。") % {
            "day": day_text(min(passed))
        }
        raise ValidationError({"intro": ValidationError(told, code="too_late")})


def _day(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def asked_of(reform_list: ReformList, agency: Agency) -> list[Any]:
    """The measures that it must act on and has not claimed to be done, in the order of the list; `several` says that
    there are others of the same item."""
    held = Duty.objects.of([agency.pk]).exclude(status__in=(Status.UNDER_REVIEW, Status.CLOSED, Status.STANDING))
    open_ones = Measure.objects.counted().filter(reform_list=reform_list, pk__in=held.values("measure"))
    found = open_ones.exclude(status__in=(Status.CLOSED, Status.STANDING)).select_related("item")
    return list(found.annotate(several=VALUES["several"]).order_by("row", "pk"))


def _line(number: int, measure: Any) -> str:
    due = f"（时限{day_text(measure.deadline_in_force)}）" if measure.deadline_in_force else ""
    place = place_text(measure.item.number, measure.seq_in_item, several=measure.several)
    return f"{number}．{place}“{within_quotes(measure.title)}”{due}"
