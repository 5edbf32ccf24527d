"""How dates and lengths of time are said, in the page's language."""

import datetime as dt
from collections.abc import Iterable

from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.lib.chinese import english

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def one_after_another(sentences: Iterable[str]) -> str:
    """Sentences of the page's language, which English keeps apart."""
    # Chinese sentences end in a full stop that has its own room.
    return (" " if english() else "").join(sentences)


def in_language(chinese: str, translated: str) -> str:
    """The English name on English pages where there is one, else the Chinese."""
    return translated if translated and english() else chinese


def day_text(day: dt.date | None) -> str:
    """2022年12月31日 in Chinese, 31 December 2022 in English; a dash for none."""
    if day is None:
        return "—"
    if english():
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def moment_text(moment: dt.datetime | None) -> str:
    """2022年6月15日 09:30, 15 June 2022 09:30: a moment by the clock on the wall; empty for none."""
    if not moment:  # a template gives an empty text for what is not there
        return ""
    here = localtime(moment)
    return f"{day_text(here.date())} {here:%H:%M}"


def short_day_text(day: dt.date) -> str:
    """6月30日, 30 June: a day of a year that goes without saying."""
    return f"{day.day} {MONTHS[day.month - 1]}" if english() else f"{day.month}月{day.day}日"


def month_of_year_text(day: dt.date) -> str:
    """The month of a day: 2022年6月, June 2022."""
    return f"{MONTHS[day.month - 1]} {day.year}" if english() else f"{day.year}年{day.month}月"


def month_text(day: dt.date) -> str:
    """The month of a day where there is little room: 6月, Jun."""
    return MONTHS[day.month - 1][:3] if english() else f"{day.month}月"


def span_text(first: dt.date, last: dt.date) -> str:
    """A day, a month of a year or a year: 2022年6月30日, 2022年6月, 2022年."""
    if first == last:
        return day_text(first)
    if first.month == last.month:
        return month_of_year_text(first)
    return f"{first.year}" if english() else f"{first.year}年"


def item_text(number: int) -> str:
    """第101项, as items are called."""
    return _("第%(no)s项") % {"no": number}


def place_text(number: int, place: int, *, several: bool) -> str:
    """第68项第2条: a measure by its item, and where that has several by its place in it."""
    if not several:
        return item_text(number)
    return _("第%(no)s项第%(place)s条") % {"no": number, "place": place}


def named_text(number: int, place: int) -> str:
    """The same where it is not known whether the item has other measures: the first of it goes by its number alone."""
    return place_text(number, place, several=place > 1)


def quoted_text(place: str, title: str) -> str:
    """第68项第2条“推进智能网联汽车…”: which measure a sentence is about. `place` is that of place_text."""
    return _("%(place)s“%(title)s”") % {"place": place, "title": Truncator(within_quotes(title)).chars(30)}


def within_quotes(title: str) -> str:
    """A title between quotation marks has its own turned into single ones."""
    return title.replace("“", "‘").replace("”", "’")


OPENING = 80


def opening_text(text: str, most: int = OPENING) -> str:
    """How the text of a measure begins, on one line: what tells those of one item apart."""
    return Truncator(" ".join(text.split())).chars(most)


def days_text(days: int | None) -> str:
    """还有15天 / 今天到期 / 已逾期3天; empty for none."""
    if days is None:
        return ""
    if days == 0:
        return _("今天到期")
    if days > 0:
        return ngettext("还有%(n)d天", "还有%(n)d天", days) % {"n": days}
    return ngettext("已逾期%(n)d天", "已逾期%(n)d天", -days) % {"n": -days}


def period_text(first: dt.date, last: dt.date) -> str:
    """The name of a calendar period: 6月, 第2季度, 上半年."""
    # Periods are those of reforms.reports.periods: they lie within a year, and are 1, 3 or 6 months long.
    months = last.month - first.month + 1
    if months == 1:
        return MONTHS[first.month - 1] if english() else f"{first.month}月"
    if months == 3:
        return _("第%(n)d季度") % {"n": last.month // 3}
    return _("上半年") if first.month == 1 else _("下半年")


def local_time(moment: dt.datetime | None) -> str | None:
    """A moment for a program: ISO 8601 with the offset of Asia/Shanghai."""
    return localtime(moment).isoformat() if moment else None


def share(part: int, whole: int) -> str:
    """A percentage with one decimal; a dash of nothing."""
    return f"{100 * part / whole:.1f}%" if whole else "—"
