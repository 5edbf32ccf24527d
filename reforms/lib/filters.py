"""Filters that refuse what they do not know, and how values of an address are read."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import django_filters as df
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import get_current_timezone, make_aware
from django.utils.translation import gettext_lazy as _

from agencies.lib.left_out import LeftOut, StruckValue, harmless
from agencies.models import Agency
from reforms.lib.words import day_text

MOST_VALUES = 100


NONE = "none"


ME = "me"


UNKNOWN_PARAMETER = "unknown_parameter"
# Whoever signs in may be able to use these.
SIGN_IN = frozenset({"not_public", "not_signed_in"})


@dataclass(frozen=True, slots=True)
class FilterProblem:
    """A parameter of the address that cannot be used: its name, a code and what to do about it. With a `value` only
    that one of several is meant."""

    field: str
    code: str
    message: str
    value: str = ""


Problems = list[FilterProblem]


class ManyWidget(forms.SelectMultiple):
    """Takes every value of a repeated parameter."""


class ManyField(forms.Field):
    """Several values of one parameter, each read by `read` (which may look them up all at once)."""

    widget = ManyWidget

    def __init__(self, *, read: Callable[[list[str]], list[Any]], **kwargs: Any) -> None:
        self.read = read
        super().__init__(**kwargs)

    def clean(self, value: Any) -> list[Any]:
        """What was given, read; ValidationError where there is too much of it or it means nothing."""
        values = [text.strip() for text in value or [] if text.strip()]
        if len(values) > MOST_VALUES:
            raise ValidationError(_("最多可给%(n)d个值。"), code="too_many", params={"n": MOST_VALUES})
        for text in values:
            # PostgreSQL refuses a NUL in a text.
            if "\x00" in text:
                raise unknown(text.replace("\x00", ""))
        return self.read(values) if values else []


class Many(df.Filter):
    """A filter whose parameter may be repeated."""

    field_class = ManyField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Rows with any of the values; all where none is given."""
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


def unknown(value: object) -> ValidationError:
    """The error for a value that means nothing here, for the caller to raise."""
    return ValidationError(_("没有“%(value)s”这个取值。"), code="unknown_value", params={"value": str(value)})


def read_numbers(values: list[str]) -> list[int]:
    """Whole numbers, as ids and numbers of items are written. Raises ValidationError."""
    for value in values:
        # Nine digits fit a 32-bit column. isdigit alone takes ² and other scripts' digits too.
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise unknown(value)
    return [int(value) for value in values]


def _existing(values: list[Any], found: Iterable[Any]) -> list[Any]:
    known = set(found)
    for value in values:
        if value not in known:
            raise unknown(value)
    return values


def read_agencies(values: list[str]) -> list[int]:
    """Ids of agencies given by id, by printed name or by another name; a second spelling is the agency itself.
    Raises ValidationError."""
    named = Agency.objects.called(value for value in values if not value.isdecimal())
    numbers = read_numbers([value for value in values if value.isdecimal()])
    numbered = {
        pk: merged_into or pk
        for pk, merged_into in Agency.objects.filter(pk__in=numbers).values_list("pk", "merged_into")
    }
    return [_agency_id(value, named, numbered) for value in values]


def read_agencies_or_me(values: list[str]) -> list[int | None]:
    """As `read_agencies`; `me` (here None) stands for the agencies of whoever asks."""
    own: list[int | None] = [None] if ME in values else []
    return own + list(read_agencies([value for value in values if value != ME]))


def me_is_nobody() -> FilterProblem:
    """agency=me of somebody who has no agency."""
    return FilterProblem("agency", "not_signed_in", str(_("agency=me 需要用某单位的身份登录或使用其令牌。")), ME)


def _agency_id(value: str, named: dict[str, Agency], numbered: dict[int, int]) -> int:
    if value.isdecimal() and int(value) in numbered:
        return numbered[int(value)]
    if value in named:
        return named[value].pk
    raise unknown(value)


def read_choices(choices: Collection[str]) -> Callable[[list[str]], list[str]]:
    """How to read these values and no others; what it gives raises ValidationError."""
    return lambda values: _existing(values, choices)


def read_choice(choices: Collection[str]) -> Callable[[str], str]:
    """The same for one value."""
    return lambda value: _existing([value], choices)[0]


def read_days(values: list[str]) -> list[dt.date | None]:
    """Days, with None for `none`. Raises ValidationError."""
    return [None if value == NONE else read_day(value) for value in values]


FIRST_YEAR, LAST_YEAR = 1900, 2999  # a day beside them must be a day too


def read_day(value: str) -> dt.date:
    """One day, written like 2022-12-31. Raises ValidationError."""
    try:
        day = parse_date(value)
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(
            _("“%(value)s”不是日期，请写作 2022-12-31。"), code="invalid_date", params={"value": value}
        )
    return day


def read_moment(value: str) -> dt.datetime:
    """A date-time with offset, or a date or a date-time in Asia/Shanghai. Raises ValidationError."""
    try:
        moment = parse_datetime(value)
        day = None if moment else parse_date(value)
    except ValueError:
        moment = day = None
    if day:
        moment = dt.datetime.combine(day, dt.time())
    if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValidationError(
            _("“%(value)s”不是时间，请写作 2022-06-15T08:00:00+08:00。"), code="invalid_time", params={"value": value}
        )
    return moment if moment.tzinfo else make_aware(moment, get_current_timezone())


class ReadField(forms.CharField):
    """One value, read by `read`."""

    def __init__(self, *, read: Callable[[str], Any], **kwargs: Any) -> None:
        self.read = read
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        """The value as `read` gives it, None for none; ValidationError where it means nothing."""
        text = super().clean(value)
        return self.read(text) if text else None


class One(df.Filter):
    """A filter with one value, read by its field."""

    field_class = ReadField


def read_yes_or_no(value: str) -> bool:
    """true or 1, false or 0. Raises ValidationError."""
    answers = {"true": True, "1": True, "false": False, "0": False}
    if value not in answers:
        raise ValidationError(_("“%(value)s”应为 true 或 false。"), code="unknown_value", params={"value": value})
    return answers[value]


def without_empty(data: QueryDict) -> QueryDict:
    """An address without parameters that were left empty in a form."""
    said = QueryDict(mutable=True)
    for name, values in data.lists():
        if any(values):
            said.setlist(name, [value for value in values if value])
    return said


def stripped(data: QueryDict) -> QueryDict:
    """The address without white space around its values."""
    said = QueryDict(mutable=True)
    for name, values in data.lists():
        said.setlist(name, [value.strip() for value in values])
    return said


def check_not_ahead(day: dt.date, today: dt.date) -> None:
    """Raises ValidationError for a day to come, which has no numbers yet."""
    if day > today:
        raise ValidationError(
            _("%(day)s还没到，请给出今天或以前的日期。"), code="in_the_future", params={"day": day_text(day)}
        )


def is_ahead(text: str, today: dt.date) -> bool:
    """Whether a text is a day, and one that is to come."""
    try:
        return read_day(text.strip()) > today
    except ValidationError:
        return False


def tell_day_ahead(request: HttpRequest, today: dt.date) -> None:
    """Lets the page say that a day to come, which the address asks for as `on`, is not what it shows."""
    request.answers_day = not is_ahead(request.GET.get("on", ""), today)  # type: ignore[attr-defined]  # for base.html


def asked_day(request: HttpRequest, today: dt.date) -> dt.date | None:
    """The past business date a page is asked for as `on`; None for today, and for what is to come or no date, of which
    the page says by itself that it is not shown."""
    text = request.GET.get("on", "").strip()
    try:
        day = read_day(text) if text else None
    except ValidationError:
        return None
    request.answers_day = day is None or day <= today  # type: ignore[attr-defined]  # for base.html
    return day if day and day <= today else None


def day_of_file(request: HttpRequest, today: dt.date) -> dt.date | None:
    """The same for a file, which cannot say that a day is not shown. Raises Http404 for what is no date."""
    text = request.GET.get("on", "").strip()
    try:
        read_day(text or today.isoformat())
    except ValidationError:
        raise Http404 from None
    return asked_day(request, today)


class StrictFilter(df.FilterSet):
    """Filters that refuse what they do not know. `filters` has those that the address names."""

    base_filters: dict[str, df.Filter]

    def __init__(
        self,
        data: QueryDict,
        *,
        queryset: QuerySet[Any],
        controls: frozenset[str] = frozenset(),
        view: Any = None,
    ) -> None:
        """`controls` are the parameters of the address that are not filters (pages, formats), `view` is from where the
        rows are looked at, for filters to which it matters."""
        self.controls, self.view = controls, view
        # django-filter copies every filter and its field: of thirty that took a quarter of the time of an answer.
        self.base_filters = {name: found for name, found in self.base_filters.items() if name in data}
        super().__init__(data, queryset=queryset)

    def problems(self) -> Problems:
        """Everything in the address that cannot be used; empty when all of it can."""
        strangers = sorted(set(self.data) - set(self.filters) - self.controls)
        found = [FilterProblem(name, UNKNOWN_PARAMETER, str(_("没有这个参数。"))) for name in strangers]
        for name, errors in self.form.errors.get_json_data().items():
            found += [FilterProblem(name, error["code"] or "invalid", error["message"]) for error in errors]
        return found

    def chosen(self, name: str) -> Any:
        """The cleaned value of one parameter; None or an empty list when it is not given or wrong."""
        self.form.is_valid()
        return self.form.cleaned_data.get(name)

    def usable(self, name: str) -> list[str]:
        """Those values of a parameter that can be used, though not all of them can."""
        if not isinstance(self.filters[name], Many):
            return []
        return _usable(self.filters[name].field.clean, self.data.getlist(name)[:MOST_VALUES])


def _usable(clean: Callable[[list[str]], Any], values: list[str]) -> list[str]:
    """By halves: a field names the first value only that it cannot use, and looks up all of them at once."""
    try:
        clean(values)
    except ValidationError:
        half = len(values) // 2
        return _usable(clean, values[:half]) + _usable(clean, values[half:]) if half else []
    return values


Filters = TypeVar("Filters", bound=StrictFilter)


def usable_filters(read: Callable[[QueryDict], Filters], data: QueryDict) -> tuple[Filters, LeftOut]:
    """The filters of a page's address, by `read`, of what can be used of it, and what was left out."""
    filters, left = read(data), LeftOut()
    # Without one value another may make no sense any more. Each round leaves something out.
    while problems := filters.problems():
        rest = filters.data.copy()
        for problem in problems:
            left += _leave_out(problem, filters, rest)
        filters = read(rest)
    return filters, left


def _leave_out(problem: FilterProblem, filters: StrictFilter, rest: QueryDict) -> LeftOut:
    """Takes out of `rest` what the problem is about; what that was."""
    name, given = problem.field, rest.getlist(problem.field)
    if problem.value:
        kept = [value for value in given if value != problem.value]
    else:
        kept = filters.usable(name) if name in filters.form.errors else []
    rest.setlist(name, kept if len(kept) < len(given) else [])
    if not rest.getlist(name):
        rest.pop(name, None)
    if problem.code == UNKNOWN_PARAMETER:
        return LeftOut(unknown=(name,))
    label, sign_in = str(filters.filters[name].label or name), problem.code in SIGN_IN
    gone = dict.fromkeys(value for value in given if value not in rest.getlist(name))
    return LeftOut(struck=tuple(StruckValue(name, label, harmless(value), problem.message, sign_in) for value in gone))
