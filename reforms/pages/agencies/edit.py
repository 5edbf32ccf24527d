"""Keeping the directory: adding an agency by hand, and changing what is known of one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Verb, access, principal_of
from agencies.clock import today
from agencies.lib.likeness import Suggestion
from agencies.models import Agency
from reforms.organisation.directory import add_agency, change_agency
from reforms.pages.agencies.forms import AgencyForm, NewAgencyForm


@access(Verb.MANAGE_AGENCIES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new agency; one that resembles a known one is added only after somebody has looked at those."""
    form = NewAgencyForm(request.POST or None, initial={"name": request.GET.get("name", "")})
    alike: list[Suggestion] = []
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        alike = Agency.objects.suggest([name])[name]
        if not alike or request.POST.get("confirmed") == name:
            names = form.cleaned_data["other_names"]
            added = add_agency(form.save(commit=False), names, actor=principal_of(request), on=today())
            messages.success(request, _("已新增。"))
            return redirect(added)
    context = {"form": form, "alike": alike, "name": form.cleaned_data.get("name", "") if form.is_bound else ""}
    return render(request, "agencies/new.html", context, status=422 if form.is_bound else 200)


@access(Verb.MANAGE_AGENCIES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Names, code, e-mail and kind of an agency."""
    agency = get_object_or_404(Agency.objects.known(), pk=pk)
    names = list(agency.other_names.values_list("name", flat=True))
    form = AgencyForm(request.POST or None, instance=agency, initial={"other_names": "\n".join(names)})
    if request.method == "POST" and form.is_valid():
        facts = {name: value for name, value in form.cleaned_data.items() if name != "other_names"}
        others = form.cleaned_data["other_names"]
        change_agency(agency, facts, others, actor=principal_of(request), on=today())
        messages.success(request, _("已保存。"))
        return redirect(agency)
    saved = Agency.objects.get(pk=pk) if form.is_bound else agency
    context = {"form": form, "agency": saved}
    return render(request, "agencies/edit.html", context, status=422 if form.is_bound else 200)
