"""How the portal writes lights, dates and addresses."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.http import HttpRequest, QueryDict
from django.template.base import FilterExpression, Parser, Token
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agencies.access import principal_of
from agencies.lib.chinese import english
from agencies.lib.untrusted import libreoffice
from agencies.lib.untrusted.limits import MEGABYTE
from agencies.models import Agency
from reforms.catalogue.course import Due
from reforms.catalogue.layout import TableLayout, plain_layout
from reforms.catalogue.overview import Overview
from reforms.catalogue.rows import MeasureRow, Viewpoint
from reforms.desk.agency import DeskRow
from reforms.files.types import BY_CONTENT_TYPE, EXTENSIONS
from reforms.lib.words import (
    day_text,
    days_text,
    in_language,
    item_text,
    moment_text,
    month_of_year_text,
    month_text,
    named_text,
    opening_text,
    place_text,
    share,
    span_text,
)
from reforms.models import DECLARED, SHAPES, Light, Measure, ProgressReport, ReformList, StoredFile
from reforms.reports import evidence

LONGEST_ADDRESS = 300
register = template.Library()
register.filter("day_text", day_text)
register.filter("days_text", days_text)
register.filter("item_text", item_text)
register.filter("moment_text", moment_text)
register.filter("month_of_year_text", month_of_year_text)
register.filter("month_text", month_text)
register.filter("share", share)


@register.simple_tag
def can_print() -> bool:
    """Whether there is a LibreOffice that makes PDF of what is written."""
    return libreoffice.program() is not None


@register.simple_tag
def light(value: Light | str | None) -> SafeString:
    """A light: always shape, word and colour."""
    if not value:
        return SafeString("—")
    found = Light(value)
    return format_html(
        '<span class="light light-{}"><span aria-hidden="true">{}</span>{}</span>',
        found.value,
        SHAPES[found],
        found.label,
    )


@register.filter
def address_said(request: HttpRequest) -> str:
    """Where a page with a query is found again, legibly; without one its heading says it all."""
    if not request.GET:
        return ""
    address = request.build_absolute_uri()
    legible = unquote(address)
    # What is no sign to be read stays as it was asked for.
    return (legible if legible.isprintable() else address)[:LONGEST_ADDRESS]


@register.filter
def page_numbers(page: "Page[Any]") -> list[int | None]:
    """The first, the last and those around the page that is shown; None where some are left out between."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=2)
    return [number if isinstance(number, int) else None for number in numbers]


@register.filter
def said(thing: Any) -> str:
    """The name of an agency or section in the page's language; the Chinese one where there is no other."""
    chinese = getattr(thing, "name", "") or getattr(thing, "title", "")
    translated = getattr(thing, "name_en", "") or getattr(thing, "title_en", "")
    return in_language(chinese, translated)


@register.filter
def came_by(via: Agency) -> str:
    """How a duty came to an agency that is not printed itself: by a group, by succession, or given by the office."""
    names = {"name": said(via)}
    if via.is_collective:
        return _("（通过%(name)s）") % names
    return (_("（承接自%(name)s）") if via.dissolved_on else _("（由%(name)s改派）")) % names


# From the first to the last Chinese sign of what stands together.
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef](?:[^\s<>]*[\u3000-\u303f\u3400-\u9fff\uff00-\uffef])?")


@register.filter
def mark_chinese(text: str) -> SafeString:
    """A sentence of the page's language; what it quotes from a list stays Chinese, and is marked as that."""
    escaped = conditional_escape(text)
    if not english():
        return SafeString(escaped)
    return SafeString(CHINESE.sub(r'<span lang="zh-CN">\g<0></span>', escaped))


@register.filter
def cell_text(text: str, merged: bool = False) -> SafeString:  # noqa: FBT001, FBT002  # a filter's argument has no name
    """What a printed cell says; that it says nothing, or what the one above it says, is said in the page's language."""
    if text and not merged:
        return SafeString(conditional_escape(text))
    said = _("（同上，合并单元格）") if merged else _("（空）")
    return format_html('<span class="none" lang="{}">{}</span>', "en" if english() else "zh-CN", said)


@register.filter
def tongue(thing: Any) -> str:
    """The `lang` of what `said` gives."""
    has_english = getattr(thing, "name_en", "") or getattr(thing, "title_en", "")
    return "en" if english() and has_english else "zh-CN"


@register.filter
def measure_text(measure: Measure | MeasureRow) -> str:
    """第68项第2条, as one measure is called. Of one that is no row of a table it is not known whether its item has
    others: the first of an item goes by that alone."""
    if isinstance(measure, MeasureRow):
        return place_text(measure.item_no, measure.seq_in_item, several=measure.several)
    return named_text(measure.item.number, measure.seq_in_item)


@register.simple_tag
def opening(measure: Measure | MeasureRow | DeskRow) -> SafeString:
    """How a measure begins, below where it is named in a list: those of one item share all else."""
    words = measure.opening if isinstance(measure, DeskRow) else opening_text(measure.text)
    return format_html('<span class="note opening" lang="zh-CN">{}</span>', words) if words else SafeString("")


@register.filter
def measure_number(measure: Measure) -> str:
    """The same in a column of numbers: 68-2."""
    number, place = measure.item.number, measure.seq_in_item
    return f"{number}-{place}" if place > 1 else str(number)


@register.simple_tag(takes_context=True)
def with_query(context: dict[str, Any], **changes: Any) -> str:
    """The page's own address with some parameters changed; None takes one away."""
    request: HttpRequest = context["request"]
    query: QueryDict = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return "?" + query.urlencode()


@register.simple_tag(takes_context=True)
def shown_layout(context: dict[str, Any]) -> TableLayout:
    """The layout of the page's table of measures; the usual one where the page has none to choose."""
    return context.get("layout") or plain_layout(context["view"])


@register.simple_tag(takes_context=True)
def page_address(context: dict[str, Any], number: int, param: str = "") -> str:
    """The same address with another page of a table, whose number is `param` (page, where the table is alone)."""
    return with_query(context, **{param or "page": number})


@register.simple_tag(takes_context=True)
def may_change_evidence(context: dict[str, Any], report: ProgressReport) -> bool:
    """Whether the reader may add evidence to a report and remove it."""
    return evidence.may_change_evidence(principal_of(context["request"]), report)


@register.simple_tag
def evidence_limits() -> dict[str, Any]:
    """What a form for evidence says and lets choose."""
    return {
        "megabytes": settings.EVIDENCE_MAX_MB,
        "bytes": settings.EVIDENCE_MAX_MB * MEGABYTE,
        "files": settings.EVIDENCE_MAX_FILES,
        "accept": ",".join(f".{extension}" for extension in EXTENSIONS),
    }


@register.filter
def kind_text(stored: StoredFile) -> str:
    """What pages call the kind of a file."""
    kind = BY_CONTENT_TYPE.get(stored.content_type)
    return str(kind.label) if kind else stored.content_type


@register.filter
def can_be_shown(stored: StoredFile) -> bool:
    """Whether a browser may show the file instead of saving it."""
    kind = BY_CONTENT_TYPE.get(stored.content_type)
    return kind is not None and kind.shown


@register.filter
def declared(outlook: str) -> str:
    """进度滞后 or 待上级批复, where an agency declares it; empty where it is on schedule or says nothing."""
    return str(ProgressReport.Outlook(outlook).label) if outlook in DECLARED else ""


@register.filter
def shape(value: Light) -> str:
    """That of a light, by which it is known without its colour."""
    return SHAPES[value]


@register.filter("span_text")
def text_of_span(due: Due) -> str:
    """The days of a deadline, or of several that are counted together."""
    return span_text(due.first, due.last)


SHADES = 4


@register.simple_tag
def heat(count: int, most: int) -> int:
    """How deep a cell is shaded: 0 for nothing up to SHADES for the largest count."""
    return -(-SHADES * count // most) if most else 0


@register.filter
def unlocalised(number: float) -> str:
    """A number for SVG and addresses: without separators, with a full stop, whatever the language."""
    # Not of ids: from a million on this would be written 1e+06.
    return str(number) if isinstance(number, int) else f"{number:g}"


@register.filter
def has(collection: Collection[Any] | None, value: Any) -> bool:
    """Whether a value is in a collection, which need not be there."""
    return bool(collection and value in collection)


def _link(number: int, query: str) -> SafeString:
    return format_html('<a class="n" href="{}?{}">{}</a>', reverse("measures"), query, number)


def _to(reform_list: ReformList, number: int) -> SafeString:
    return format_html('<a class="n" href="{}">{}</a>', reform_list.get_absolute_url(), number)


@register.simple_tag
def overview_sentence(numbers: Overview, view: Viewpoint, scope: str, alone: ReformList | None) -> SafeString:
    """The first sentence of the overview, of one list `alone` or of several, every number of it a link to its rows."""
    totals = numbers.totals
    values: dict[str, str | int] = {
        "day": day_text(view.on),
        # Items have no page over several lists; that of the one list shows them.
        "items": _to(alone, totals.items) if alone else totals.items,
        "measures": _link(totals.measures, scope.rstrip("&")),
        # Any early day finds all that have a deadline: 1900 is the first year that filters take.
        "dated": _link(totals.dated, f"{scope}deadline_after=1900-01-01"),
        "standing": _link(totals.standing, f"{scope}standing=true"),
    }
    if not view.sees_status:
        return _filled(
            _(
                "清单共%(items)s项改革事项、%(measures)s条具体举措，其中%(dated)s条印有完成时限，%(standing)s条已落地、持续巩固提升。进展状态未公开。"
            ),
            values,
        )
    values |= {
        counted.light.value: _link(counted.count, f"{scope}light={counted.light.value}") for counted in totals.lights
    }
    values["settled"] = _link(totals.settled, f"{scope}light=closed&light=standing")
    values["share"] = share(totals.settled, totals.measures)
    return _filled(
        _(
            "截至%(day)s，清单共%(items)s项改革事项、%(measures)s条具体举措：持续巩固%(standing)s条，已销号%(closed)s条，"
            "待核验%(under_review)s条，正常推进%(on_track)s条，临近到期%(due_soon)s条，待报送%(awaiting_report)s条，"
            "逾期%(overdue)s条。持续巩固和已销号合计%(settled)s条，占%(share)s。"
        ),
        values,
    )


@register.simple_tag
def course_sentence(numbers: Overview, view: Viewpoint, scope: str) -> SafeString:
    """How far completion has come beside what was due, each number a link to its rows."""
    course, on = numbers.course, view.on.isoformat()
    values: dict[str, str | int] = {
        "day": day_text(view.on),
        "due": _link(course.due, f"{scope}deadline_before={on}"),
    }
    if not view.sees_status:
        return _filled(_("时限不晚于%(day)s的举措%(due)s条。"), values)
    values |= {
        "claimed": _link(course.claimed, f"{scope}status=under_review&status=closed"),
        "verified": _link(course.verified, f"{scope}light=closed"),
    }
    return _filled(
        _("时限不晚于%(day)s的举措%(due)s条；截至当日自报完成%(claimed)s条，其中经核验销号%(verified)s条。"), values
    )


def _filled(text: str, values: Mapping[str, str | int]) -> SafeString:
    """A translated text with %(name)s places, filled with escaped values."""
    escaped = {name: conditional_escape(str(value)) for name, value in values.items()}
    # Links in the values were escaped as they were made and come through as they are.
    return mark_safe(conditional_escape(text) % escaped)  # noqa: S308  # every part is escaped


class Remembered(template.Node):
    """What stands between the tags, made once for each set of values it is made of, and of each language."""

    # Some megabytes in each process: the pages that people look at in a day.
    MOST = 4_000

    def __init__(self, content: template.NodeList, values: Sequence[FilterExpression]) -> None:
        self.content, self.values = content, values
        self.made: dict[tuple[Any, ...], SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        """Raises TypeError for a value that may change, by which nothing can be remembered."""
        key = (get_language(), *(value.resolve(context, ignore_failures=True) for value in self.values))
        found = self.made.get(key)
        if found is None:
            found = self.content.render(context)
            if len(self.made) >= self.MOST:
                self.made.clear()
            self.made[key] = found
        return found


@register.tag
def remembered(parser: Parser, token: Token) -> Remembered:
    """{% remembered row shown.names %} … {% endremembered %}: the content must depend on nothing but these values, none
    of which can change (frozen dataclasses, tuples, texts, numbers)."""
    values = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    content = parser.parse(("endremembered",))
    parser.delete_first_token()
    return Remembered(content, values)
