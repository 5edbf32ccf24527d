"""How a list is worked on: reporting periods, and who must claim that a measure is done."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Verb, access, acting
from reforms.models import ClaimedBy, Period, ReformList, Stale
from reforms.office.list_settings import Working, change_working, would_change

FIELDS = ("report_every", "standing_every", "claimed_by")


class WorkingForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """`seen_…` is what was set when the form was shown."""

    seen_report_every = forms.ChoiceField(choices=Period.choices, widget=forms.HiddenInput)
    seen_standing_every = forms.ChoiceField(choices=Period.choices, widget=forms.HiddenInput)
    seen_claimed_by = forms.ChoiceField(choices=ClaimedBy.choices, widget=forms.HiddenInput)

    class Meta:
        model = ReformList
        fields = FIELDS

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


def _seen(now: Working) -> dict[str, str]:
    return {f"seen_{name}": getattr(now, name) for name in FIELDS}


def _stale(request: HttpRequest, reform_list: ReformList) -> HttpResponse:
    """What is set now, beside what was chosen."""
    fresh = ReformList.objects.get(pk=reform_list.pk)
    data = request.POST.copy()
    data.update(_seen(Working.of(fresh)))
    return _page(request, fresh, WorkingForm(data, instance=ReformList.objects.get(pk=fresh.pk)), status=409)


def _page(request: HttpRequest, reform_list: ReformList, form: WorkingForm, *, status: int) -> HttpResponse:
    context = {"reform_list": reform_list, "form": form, "stale": status == 409}
    return render(request, "office/list_settings.html", context, status=status)
