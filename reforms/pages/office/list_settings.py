"""The settings of a list: what it is called and whom it is open to, and how it is worked on."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Verb, access, acting, today
from agencies.models import Change
from reforms.history.facts import name_of, said
from reforms.models import ClaimedBy, Measure, Period, ReformList, Stale, Status
from reforms.office.list_settings import (
    DESCRIBED,
    Working,
    change_working,
    describe_list,
    description_of,
    description_version,
    would_change,
)
from reforms.pages.forms import CHINESE, DAY, LIST_HELP, LIST_WIDGETS, list_link

Facts = Mapping[str, Any]
FIELDS = ("report_every", "standing_every", "report_day", "claimed_by", "contact", "contact_phone")


class WorkingForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """`seen_…` is what was set when the form was shown."""

    seen_report_every = forms.ChoiceField(choices=Period.choices, widget=forms.HiddenInput)
    seen_standing_every = forms.ChoiceField(choices=Period.choices, widget=forms.HiddenInput)
    seen_report_day = forms.IntegerField(widget=forms.HiddenInput)
    seen_claimed_by = forms.ChoiceField(choices=ClaimedBy.choices, widget=forms.HiddenInput)
    seen_contact = forms.CharField(required=False, widget=forms.HiddenInput)
    seen_contact_phone = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = ReformList
        fields = FIELDS
        widgets = {
            "contact": forms.TextInput(attrs=CHINESE),
            "contact_phone": forms.TextInput(attrs={"inputmode": "tel"}),
        }

    @property
    def wanted(self) -> Working:
        return Working(**{name: self.cleaned_data[name] for name in FIELDS})

    @property
    def seen(self) -> Working:
        return Working(**{name: self.cleaned_data[f"seen_{name}"] for name in FIELDS})


@access(Verb.MANAGE_REMINDERS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def working(request: HttpRequest, slug: str) -> HttpResponse:
    """The settings; where another rule of claiming would move measures, how many is shown before it is done."""
    reform_list = get_object_or_404(ReformList, slug=slug)
    now = Working.of(reform_list)
    # A second row for the form, which writes on it while it checks: `reform_list` stays as it is stored.
    form = WorkingForm(request.POST or None, instance=ReformList.objects.get(pk=reform_list.pk), initial=_seen(now))
    if request.method != "POST" or not form.is_valid():
        return _page(request, reform_list, form, status=422 if form.is_bound else 200)
    if form.seen != now:
        return _stale(request, reform_list)
    if form.wanted.claimed_by != now.claimed_by and "confirmed" not in request.POST:
        context = {"reform_list": reform_list, "form": form, "moving": would_change(reform_list.pk, form.wanted)}
        return render(request, "office/list_settings_confirm.html", context)
    try:
        moved = change_working(reform_list.pk, form.wanted, seen=form.seen, **acting(request))
    except Stale:
        return _stale(request, reform_list)
    messages.success(request, _("已保存；%(n)d条举措的状态随之变化。") % {"n": len(moved)})
    return redirect("list-working", slug=slug)


def _seen(now: Working) -> dict[str, Any]:
    return {f"seen_{name}": getattr(now, name) for name in FIELDS}


def _stale(request: HttpRequest, reform_list: ReformList) -> HttpResponse:
    """What is set now, beside what was chosen."""
    fresh = ReformList.objects.get(pk=reform_list.pk)
    data = request.POST.copy()
    data.update(_seen(Working.of(fresh)))
    return _page(request, fresh, WorkingForm(data, instance=ReformList.objects.get(pk=fresh.pk)), status=409)


def _page(request: HttpRequest, reform_list: ReformList, form: WorkingForm, *, status: int) -> HttpResponse:
    context = {"reform_list": reform_list, "form": form, "stale": status == 409, "last": _last_change(reform_list)}
    return render(request, "office/list_settings.html", context, status=status)


# What others notice at once is shown once more before it is done.
GRAVE = ("open_to", "public_from", "public_until", "public_status", "public_agencies", "archived_on")


class DescriptionForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What a list is called, and whom it is open to; `seen` is the version that was looked at."""

    archived = forms.BooleanField(
        label=gettext_lazy("归档"),
        required=False,
        help_text=gettext_lazy("不再列入总览、工作台和提醒，不再接受填报；原网址仍可查看。"),
    )
    link = list_link()
    seen = forms.CharField(widget=forms.HiddenInput)

    class Meta:
        model = ReformList
        fields = tuple(name for name in DESCRIBED if name != "archived_on")
        widgets = LIST_WIDGETS | {
            "title": forms.TextInput(attrs=CHINESE),
            "public_contact": forms.TextInput(attrs=CHINESE),
            "public_from": forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
            "public_until": forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        }
        help_texts = LIST_HELP | {
            "open_to": gettext_lazy("选“各单位”或“所有人”后，各单位在工作台看到任务并可填报。"),
            "public_from": gettext_lazy("不填则即时公开。"),
            "public_until": gettext_lazy("含当日；不填则长期公开。期限以外仅登录后可见。"),
            "public_status": gettext_lazy("未登录者也能看到亮灯、状态和统计；填报内容和人名始终不公开。"),
            "public_agencies": gettext_lazy(
                "未登录者也能看到按单位比较的表（各单位牵头情况、单位页的亮灯）；不勾选则仅登录后可见。"
            ),
            "public_contact": gettext_lazy("写在公开页面上，如电话、邮箱或网址；请勿填写个人姓名。"),
        }

    def __init__(self, data: QueryDict | None, *, reform_list: ReformList) -> None:
        first = {"archived": reform_list.archived_on is not None, "seen": description_version(reform_list)}
        super().__init__(data, instance=reform_list, initial=first)

    def wanted(self, on: dt.date) -> dict[str, Any]:
        """By the names in DESCRIBED; an archived list keeps the day on which it was."""
        archived_on = (self.instance.archived_on or on) if self.cleaned_data["archived"] else None
        return {name: self.cleaned_data[name] for name in self.Meta.fields} | {"archived_on": archived_on}


@access(Verb.MANAGE_LISTS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def description(request: HttpRequest, slug: str) -> HttpResponse:
    """What a list is called and whom it is open to; what others notice at once is shown before it is done."""
    reform_list = get_object_or_404(ReformList, slug=slug)
    before = description_of(reform_list)
    # A second row for the form, which writes on it while it checks: `reform_list` stays as it is stored.
    row = ReformList.objects.get(pk=reform_list.pk)
    form = DescriptionForm(request.POST if request.method == "POST" else None, reform_list=row)
    if not form.is_valid():
        return _description_page(request, reform_list, form, status=422 if form.is_bound else 200)
    wanted = form.wanted(today())
    grave = [name for name in GRAVE if wanted[name] != before[name]]
    if grave and "confirmed" not in request.POST:
        return _description_confirm(request, reform_list, before, wanted, grave)
    try:
        changed = describe_list(reform_list.pk, wanted, seen=form.cleaned_data["seen"], **acting(request))
    except Stale:
        return _description_stale(request, reform_list, wanted)
    messages.success(request, _("已保存。") if changed else _("没有改动。"))
    return redirect("list", slug=slug)


def _description_page(
    request: HttpRequest, reform_list: ReformList, form: DescriptionForm, *, status: int, **more: object
) -> HttpResponse:
    context = {"reform_list": reform_list, "form": form, **more}
    return render(request, "office/list_description.html", context, status=status)


def _description_confirm(
    request: HttpRequest, reform_list: ReformList, before: Facts, wanted: Facts, grave: list[str]
) -> HttpResponse:
    """What will be different for others, and how many measures it is about."""
    counted = Measure.objects.counted().filter(reform_list=reform_list)
    context = {
        "reform_list": reform_list,
        "changes": [(name_of(name, "list"), said(name, before[name]), said(name, wanted[name])) for name in grave],
        "measures": counted.count(),
        "still_open": counted.exclude(status__in=(Status.CLOSED, Status.STANDING)).count(),
        "archiving": wanted["archived_on"] is not None and before["archived_on"] is None,
        # The page that asks has a token of its own.
        "sent": [(name, value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"],
    }
    return render(request, "office/list_description_confirm.html", context)


def _description_stale(request: HttpRequest, reform_list: ReformList, wanted: Facts) -> HttpResponse:
    """What is set now where it differs from what was entered, which stays in the form."""
    fresh = ReformList.objects.get(pk=reform_list.pk)
    now = description_of(fresh)
    data = request.POST.copy()
    data["seen"] = description_version(fresh)
    differing = [(name_of(name, "list"), said(name, now[name])) for name in DESCRIBED if now[name] != wanted[name]]
    again = DescriptionForm(data, reform_list=ReformList.objects.get(pk=fresh.pk))
    return _description_page(request, fresh, again, status=409, stale=differing, last=_last_change(fresh))


def _last_change(reform_list: ReformList) -> Change | None:
    """By whom and when its settings were changed last, for whoever comes second."""
    changed = Change.objects.filter(kind="list", object_id=reform_list.pk, action="list.settings_changed")
    return changed.order_by("-sequence").first()
