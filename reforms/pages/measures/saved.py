"""我的视图: saving the present address under a name; the list of one's own views and those that others share."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import Principal, Verb, access, principal_of, today
from reforms.catalogue.said import Speaker, sentence
from reforms.desk.saved_views import (
    MOST,
    SharedWith,
    agencies_named,
    audiences_of,
    change_view,
    filters_of,
    remove_view,
    save_view,
    star_view,
    views_of,
)
from reforms.lib.words import in_language
from reforms.models import SavedView
from reforms.pages.forms import CHINESE, add_errors
from reforms.pages.paging import PAGE_SIZE


class ViewForm(forms.Form):
    """The name of a view, with whom it is shared, and whether it stands on one's desk."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=40, widget=forms.TextInput(attrs=CHINESE))
    audience = forms.ChoiceField(
        label=gettext_lazy("共享给"),
        help_text=gettext_lazy("共享的只是条件：每个人打开时，只看到自己可以看的内容。"),
    )
    starred = forms.BooleanField(label=gettext_lazy("加星标，放在工作台上"), required=False)

    def __init__(self, *args: Any, who: Principal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.audiences = {_key(one): one for one in audiences_of(who)}
        names = agencies_named(list(self.audiences.values()))
        choices = [(key, _said(one, names)) for key, one in self.audiences.items()]
        self.fields["audience"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField's

    @property
    def facts(self) -> tuple[str, SharedWith]:
        """What was filled in: the name, and with whom it is shared."""
        return self.cleaned_data["name"], self.audiences[self.cleaned_data["audience"]]


def _key(audience: SharedWith) -> str:
    return f"{audience.sharing.value}-{audience.agency_id}" if audience.agency_id else audience.sharing.value


def _said(audience: SharedWith, names: dict[int, Any]) -> str:
    if audience.agency_id:
        agency = names[audience.agency_id]
        return in_language(agency.name, agency.name_en)
    return str(audience.sharing.label)


@access(Verb.USE_DESK)
@never_cache
@require_safe
def saved_views(request: HttpRequest) -> HttpResponse:
    """One's own, then what others share."""
    who = principal_of(request)
    found = views_of(who)
    page = Paginator(found.exclude(user=who.user_id), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"own": found.filter(user=who.user_id), "page": page, "most": MOST}
    return render(request, "measures/views.html", context)


@access(Verb.USE_DESK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest) -> HttpResponse:
    """A form for the query that stands behind its own address; sent, the query is kept."""
    who = principal_of(request)
    filters = filters_of(request.GET.urlencode(), who, today())
    form = ViewForm(request.POST or None, who=who, initial={"starred": True})
    if request.method == "POST" and form.is_valid():
        name, audience = form.facts
        try:
            made = save_view(name, filters.data.urlencode(), audience, starred=form.cleaned_data["starred"], who=who)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("已保存为“%(name)s”。") % {"name": made.name})
            return redirect(made)
    said = sentence(filters, filters.measures().count(), Speaker(filters))
    context = {"form": form, "said": said, "query": filters.data.urlencode()}
    return render(request, "measures/view.html", context, status=422 if form.is_bound else 200)


@access(Verb.USE_DESK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def saved_view(request: HttpRequest, pk: int) -> HttpResponse:
    """One of one's own: its name, with whom it is shared; and the button that removes it."""
    who = principal_of(request)
    view = get_object_or_404(views_of(who), pk=pk, user=who.user_id)
    first = {
        "name": view.name,
        "audience": _key(SharedWith(SavedView.Sharing(view.shared_with), view.agency_id)),
        "starred": view.is_starred,  # type: ignore[attr-defined]  # annotated
    }
    form = ViewForm(request.POST or None, who=who, initial=first)
    if request.method == "POST" and form.is_valid():
        name, audience = form.facts
        try:
            change_view(view, name, audience, starred=form.cleaned_data["starred"], who=who)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("已保存为“%(name)s”。") % {"name": name})
            return redirect("saved-views")
    filters = filters_of(view.query, who, today())
    said = sentence(filters, filters.measures().count(), Speaker(filters))
    context = {"form": form, "said": said, "query": view.query, "pk": pk}
    return render(request, "measures/view.html", context, status=422 if form.is_bound else 200)


@access(Verb.USE_DESK)
@require_POST
def star(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts a view on one's desk, or takes it off."""
    view = get_object_or_404(views_of(principal_of(request)), pk=pk)
    star_view(view, starred="off" not in request.POST, who=principal_of(request))
    return redirect("saved-views")


@access(Verb.USE_DESK)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Removes one of one's own."""
    who = principal_of(request)
    view = get_object_or_404(views_of(who), pk=pk, user=who.user_id)
    remove_view(view, who=who)
    messages.success(request, _("已删除视图“%(name)s”。") % {"name": view.name})
    return redirect("saved-views")
