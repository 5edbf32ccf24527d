"""工作日历: the days of a year that differ from an ordinary week, and the office's own."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Verb, access, acting, today
from agencies.log.since import ChangedSince
from reforms.history.audit import in_words
from reforms.models import CalendarDay
from reforms.office.calendar import days_between, enter_days, forget_day, known_up_to
from reforms.pages.forms import DAY, KnownForm, known_again
from reforms.reminders.calendar import WorkingDays

FIRST_YEAR, LAST_YEAR = 2000, 2099
A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on end that are alike: all work or none does, as it was announced or as the office entered it."""

    first: dt.date
    last: dt.date
    works: bool
    entered: CalendarDay | None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


class DaysForm(KnownForm):
    """Days to enter; one alone where `last` is empty."""

    first = forms.DateField(label=gettext_lazy("自"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    last = forms.DateField(
        label=gettext_lazy("至"),
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=gettext_lazy("只有一天的可不填。"),
    )
    works = forms.TypedChoiceField(
        label=gettext_lazy("安排"),
        choices=[("0", gettext_lazy("休息")), ("1", gettext_lazy("上班"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("说明"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"lang": "zh-CN"}),
        help_text=gettext_lazy("如“国庆节”、“调休”、“防汛值班”。"),
    )

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if facts.get("first"):
            facts["days"] = days_between(facts["first"], facts.get("last") or facts["first"])
        return facts


@access(Verb.MANAGE_REMINDERS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """One year; a form to enter days, and to take one back."""
    if "forget" in request.POST:
        return _forget(request)
    form = DaysForm(request.POST or None, initial={"as_of": known_up_to()})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        asked = {"works": said["works"], "note": said["note"], "as_of": said["as_of"]}
        try:
            enter_days(said["days"], **asked, **acting(request))
        except ChangedSince as since:
            again = DaysForm(known_again(request.POST, since.changes[-1].sequence))
            return _page(request, again, status=409, meanwhile=in_words(since.changes))
        messages.success(request, _("已保存。"))
        return redirect(_address(said["first"].year))
    return _page(request, form)


def _forget(request: HttpRequest) -> HttpResponse:
    try:
        day = dt.date.fromisoformat(request.POST["forget"])
    except ValueError:
        return _page(request, DaysForm(initial={"as_of": known_up_to()}))
    if forget_day(day, **acting(request)):
        messages.success(request, _("已恢复官方安排。"))
    return redirect(_address(day.year))


def _address(year: int) -> str:
    return f"{reverse('calendar')}?year={year}"


def _page(request: HttpRequest, form: DaysForm, *, status: int = 0, **more: object) -> HttpResponse:
    year, days = _year(request.GET.get("year", "")), WorkingDays.stored()
    entered = {one.day: one for one in CalendarDay.objects.filter(day__year=year)}
    special = sorted({*days.special(year), *entered})
    alike = [(day, days.works(day), entered.get(day)) for day in special]
    context = {
        "form": form,
        "year": year,
        "years": [one for one in (year - 1, year + 1) if FIRST_YEAR <= one <= LAST_YEAR],
        "is_known": days.is_known(year),
        "stretches": _stretches(alike),
        **more,
    }
    return render(request, "office/calendar.html", context, status=status or (422 if form.is_bound else 200))


def _stretches(days: Sequence[tuple[dt.date, bool, CalendarDay | None]]) -> list[Stretch]:
    """What the office entered can be taken back day by day, and stands by itself."""
    found: list[Stretch] = []
    for day, works, entered in days:
        before = found[-1] if found else None
        if before and not entered and not before.entered and (before.works, before.last + A_DAY) == (works, day):
            found[-1] = replace(before, last=day)
        else:
            found.append(Stretch(day, day, works, entered))
    return found


def _year(text: str) -> int:
    """The year of the address where it is one, else the present."""
    wanted = int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else today().year
    return wanted if FIRST_YEAR <= wanted <= LAST_YEAR else today().year
