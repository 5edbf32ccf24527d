"""Reorganisations and duplicates, for administrators: first what would change, then doing it."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Verb, access, acting, principal_of, today
from agencies.lib.requests import is_number
from agencies.models import Agency, Succession
from agencies.names import suggest
from reforms.organisation.merge import belongings, check_pair, merge_agencies
from reforms.organisation.succession import NewName, Reorganisation, check, plan, rename, reorganise
from reforms.pages.agencies.forms import SUCCESSION_FORMS, DuplicateForm, WhenForm
from reforms.pages.confirm import key_of, to_confirm, was_seen

Kind = Succession.Kind


@access(Verb.MANAGE_AGENCIES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def succession(request: HttpRequest, pk: int) -> HttpResponse:
    """Renamed, merged into another, or split: each with its form; what would change is shown before it is done."""
    agency = get_object_or_404(Agency.objects.living(), pk=pk)
    kind = _kind(agency, request.POST.get("kind") or request.GET.get("kind", ""))
    initial = {"on": today()}
    form = SUCCESSION_FORMS[kind](request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            done = _rename(request, agency, form) if kind == Kind.RENAMED else _reorganise(request, agency, kind, form)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return done
    context = {
        "form": form,
        "agency": agency,
        "kind": kind,
        "kinds": [(value, label) for value, label in Kind.choices if _kind(agency, value) == value],
        "names": _names(),
    }
    return render(request, "agencies/succession.html", context, status=422 if form.is_bound else 200)


def _kind(agency: Agency, wanted: str) -> Succession.Kind:
    """A collective name can be renamed and nothing else."""
    known = wanted in Kind.values and (not agency.is_collective or wanted == Kind.RENAMED)
    return Kind(wanted) if known else Kind.RENAMED


def _names() -> list[str]:
    singles = Agency.objects.living().filter(kind=Agency.Kind.SINGLE)
    return list(singles.order_by("name").values_list("name", flat=True))


def _rename(request: HttpRequest, agency: Agency, form: WhenForm) -> HttpResponse:
    """A new name takes nothing from anybody: done at once."""
    rename(agency, NewName(**form.cleaned_data), who=principal_of(request), today=today())
    messages.success(request, _("已更名，原名称已记为别名。"))
    return redirect(agency)


def _reorganise(request: HttpRequest, agency: Agency, kind: Succession.Kind, form: WhenForm) -> HttpResponse:
    # Without what is chosen on the preview: the key must be the same before and after choosing.
    asked = _asked(agency, kind, form, request.POST)
    check(asked, today())
    found = plan(asked)
    key = key_of(asked.predecessors, asked.successors, asked.on, asked.reference, found)
    if not was_seen(request, key):
        context = {"agency": agency, "asked": asked, "plan": found}
        context |= to_confirm(request, key, ["kind", *form.fields])
        return render(request, "agencies/succession_preview.html", context)
    with_choices = _asked(agency, kind, form, request.POST, confirmed=True)
    reorganise(with_choices, who=principal_of(request), today=today())
    messages.success(request, _("机构变更已登记，任务分工已转移。"))
    return redirect(asked.heir)


def _asked(
    agency: Agency, kind: Succession.Kind, form: WhenForm, data: QueryDict, *, confirmed: bool = False
) -> Reorganisation:
    """What the form says; with what was chosen on the preview once that is confirmed."""
    facts = form.cleaned_data
    predecessors = tuple(dict.fromkeys((agency, *facts.get("also", ()))))
    return Reorganisation(
        kind=kind,
        predecessors=predecessors,
        successors=cast(Any, form).successors,
        on=facts["on"],
        reference=facts["reference"],
        choices=_choices(data) if confirmed else {},
        people=frozenset(_numbers(data.getlist("people"))) if confirmed else frozenset(),
    )


def _choices(data: QueryDict) -> dict[int, int]:
    """Successor by measure, from the fields measure-<id> of the preview."""
    fields = {name.removeprefix("measure-"): value for name, value in data.items() if name.startswith("measure-")}
    return {int(name): int(str(value)) for name, value in fields.items() if is_number(name) and is_number(str(value))}


def _numbers(values: list[str]) -> list[int]:
    return [int(value) for value in values if is_number(value)]


@access(Verb.MANAGE_AGENCIES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """The same body taken in twice: its second row is merged into this one."""
    agency = get_object_or_404(Agency.objects.living(), pk=pk)
    initial = {"duplicate": request.GET.get("duplicate", "")}
    form = DuplicateForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return _merge(request, agency, form.cleaned_data["duplicate"])
        except ValidationError as error:
            form.add_error("duplicate", error)
    alike = suggest([agency.name], Agency.objects.exclude(pk=pk).living())[agency.name]
    context = {"form": form, "agency": agency, "alike": alike, "names": _names()}
    return render(request, "agencies/merge.html", context, status=422 if form.is_bound else 200)


def _side_by_side(kept: Agency, duplicate: Agency) -> list[tuple[str, int, int]]:
    """What each of the two has, by label."""
    labels = {
        "assignments": _("印出处数"),
        "duties": _("任务分工"),
        "reports": _("进展填报"),
        "other_names": _("别名"),
        "groups": _("统称中的席位"),
        "named": _("举措中指定的席位"),
        "people": _("人员角色"),
        "tokens": _("接口令牌"),
        "deliveries": _("发送记录"),
        "reminders": _("提醒"),
    }
    one, other = belongings(kept), belongings(duplicate)
    return [(label, getattr(one, name), getattr(other, name)) for name, label in labels.items()]


def _merge(request: HttpRequest, kept: Agency, duplicate: Agency) -> HttpResponse:
    check_pair(kept, duplicate)
    rows = _side_by_side(kept, duplicate)
    # The numbers alone: labels are in the language of the page.
    key = key_of(kept.pk, duplicate.pk, [row[1:] for row in rows])
    if not was_seen(request, key):
        context = {"agency": kept, "duplicate": duplicate, "rows": rows}
        context |= to_confirm(request, key, ["duplicate"])
        return render(request, "agencies/merge_preview.html", context)
    merge_agencies(kept, duplicate, **acting(request))
    messages.success(request, _("已合并，原网址将转到本单位。"))
    return redirect(kept)
