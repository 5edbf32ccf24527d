"""需协调事项: the list the office works through, and one matter with the report it came from."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import Principal, Verb, access, acting, may, principal_of, require, today
from agencies.lib.left_out import LeftOut, usable_form
from agencies.models import Agency
from reforms.duties import holders_of
from reforms.lib.tables import csv_response
from reforms.models import Matter, ReformList, Stale
from reforms.office.steer import handle_matter
from reforms.pages.forms import add_errors

State = Matter.State
PAGE_SIZE = 50


class MatterForm(forms.Form):
    """What the office does about a matter; `seen` is the version it was looked at."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.CharField(
        label=gettext_lazy("协调情况"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "zh-CN"}),
        help_text=gettext_lazy("提出的单位会收到。办结时必填。"),
    )
    state = forms.ChoiceField(choices=[(State.TAKEN, State.TAKEN), (State.SETTLED, State.SETTLED)])


@access(Verb.READ_REPORTS)
@require_safe
def matters(request: HttpRequest) -> HttpResponse:
    """Those that one may read, the oldest first; by default the living ones."""
    who = principal_of(request)
    shown = shown_matters(request.GET, who)
    page = Paginator(shown.matters, PAGE_SIZE).get_page(request.GET.get("page"))
    raisers = Matter.objects.readable_by(who).order_by().values("agency")
    context = {
        "shown": shown,
        "page": page,
        "states": [(LIVING, _("未办结")), *State.choices],
        "agencies": Agency.objects.filter(pk__in=raisers),
        "lists": ReformList.objects.readable_by(who),
    }
    return render(request, "office/matters.html", context)


@access(Verb.READ_REPORTS)
@require_safe
def matters_csv(request: HttpRequest) -> HttpResponse:
    """The same, all of it."""
    shown = shown_matters(request.GET, principal_of(request))
    # A file cannot say what was left out of it; the page can.
    if shown.left_out.struck:
        return redirect(f"{reverse('matters')}?{request.GET.urlencode()}")
    headings = [
        *(_("提出日期"), _("单位"), _("清单"), _("序号"), _("改革事项"), _("需协调事项"), _("状态")),
        *(_("协调情况"), _("处理日期"), _("处理人")),
    ]
    return csv_response(_("需协调事项") + f"-{today().isoformat()}", headings, map(_line, shown.matters))


def _line(matter: Matter) -> list[object]:
    measure = matter.measure
    said = [matter.raised_on, matter.agency.name, str(measure.reform_list), measure.item.number, measure.title]
    done = [matter.get_state_display(), matter.answer, matter.handled_on or "", matter.handled_by]
    return [*said, matter.text, *done]


@access(Verb.READ_REPORTS)
@require_http_methods(["GET", "HEAD", "POST"])
def matter(request: HttpRequest, pk: int) -> HttpResponse:
    """One matter; the office takes it up or settles it with an answer."""
    who = principal_of(request)
    beside = ("agency", "report__agency", "measure__item", "measure__reform_list")
    found = get_object_or_404(Matter.objects.readable_by(who).select_related(*beside), pk=pk)
    if request.method == "POST":
        return _handle(request, found)
    form = MatterForm(initial={"seen": found.version, "answer": found.answer})
    return _page(request, found, form)


def _page(request: HttpRequest, found: Matter, form: MatterForm, *, status: int = 200) -> HttpResponse:
    holders = holders_of(found.measure)
    context = {
        "matter": found,
        "form": form,
        "may_handle": may(principal_of(request), Verb.STEER, holders),
        "is_living": found.state in (State.OPEN, State.TAKEN),
        "stale": status == 409,
    }
    return render(request, "office/matter.html", context, status=status)


def _handle(request: HttpRequest, found: Matter) -> HttpResponse:
    require(request, Verb.STEER, frozenset(holders_of(found.measure)))
    form = MatterForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    said = form.cleaned_data
    try:
        handle_matter(found.pk, state=State(said["state"]), answer=said["answer"], seen=said["seen"], **acting(request))
    except Stale as late:
        # Sent again, it is decided on the version that is shown now.
        form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        form.data["seen"] = str(late.current.version)  # type: ignore[attr-defined,index]  # as above
        found.refresh_from_db()
        return _page(request, found, form, status=409)
    except ValidationError as error:
        add_errors(form, error)
        return _page(request, found, form, status=422)
    messages.success(request, _("已保存，提出的单位会收到消息。"))
    return redirect("matter", pk=found.pk)


LIVING = "living"


class MatterFilterForm(forms.Form):
    """The filters of the address; without `state` those that live are meant, of lists that are not archived."""

    state = forms.ChoiceField(
        label=gettext_lazy("状态"), choices=[(LIVING, LIVING), *Matter.State.choices], required=False
    )
    agency = forms.ModelChoiceField(Agency.objects.known(), label=pgettext_lazy("one", "单位"), required=False)
    list = forms.ModelChoiceField(
        ReformList.objects.all(), label=gettext_lazy("清单"), to_field_name="slug", required=False
    )
    measure = forms.IntegerField(label=gettext_lazy("举措"), required=False, min_value=1, max_value=2**31 - 1)

    def __init__(self, data: QueryDict, *, who: Principal) -> None:
        super().__init__(data)
        self.fields["list"].queryset = ReformList.objects.readable_by(who)  # type: ignore[attr-defined]  # a model choice field


@dataclass(frozen=True, slots=True)
class ShownMatters:
    """The matters an address asks for, the oldest first, what it asked for, and what of it was left out."""

    matters: QuerySet[Matter]
    state: str
    agency: Agency | None
    reform_list: ReformList | None
    query: str
    left_out: LeftOut


def shown_matters(data: QueryDict, who: Principal) -> ShownMatters:
    """By what can be used of the address."""
    form, left_out = usable_form(lambda usable: MatterFilterForm(usable, who=who), data)
    said = form.cleaned_data
    state = said["state"] or LIVING
    found = Matter.objects.readable_by(who)
    if state != LIVING:
        found = found.filter(state=state)
    else:
        # Of an archived list only where that is asked for.
        found = found.living() if said["list"] or said["measure"] else found.waiting()
    if said["agency"]:
        found = found.filter(agency=said["agency"])
    if said["list"]:
        found = found.filter(measure__reform_list=said["list"])
    if said["measure"]:
        found = found.filter(measure=said["measure"])
    query = urlencode([(name, value) for name, value in form.data.items() if value and name in form.fields])
    found = found.select_related("agency", "measure__item", "measure__reform_list").order_by("raised_on", "pk")
    return ShownMatters(found, state, said["agency"], said["list"], query, left_out)
