"""通报, 督查专报 and 函: those that there are, drafting one, and the page on which one goes from draft to issue."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import Principal, Verb, access, acting, may, principal_of, today
from agencies.lib.selects import NamesSelect
from agencies.models import Agency
from reforms.bulletins.document import annexes_of, name_of, parts_of, write_bulletin
from reforms.bulletins.drafts import (
    WRITTEN,
    back_to_draft,
    draft_bulletin,
    edit_bulletin,
    issue_bulletin,
    reword_bulletin,
    sign_bulletin,
    submit_bulletin,
)
from reforms.bulletins.sending import counts_of, read_by, void_bulletin
from reforms.lib.tables import DOCX, download
from reforms.models import Bulletin, ReformList, signs_papers
from reforms.office.drafted import is_own
from reforms.pages.acts import (
    EDITING,
    LOOKED_AT,
    SIGNING,
    Act,
    BackForm,
    SentForm,
    act_of,
    carry_out,
    forms_of,
    shown,
)
from reforms.pages.bulletins.compare import lists_of
from reforms.pages.bulletins.sending import SendForm, send, sent_context
from reforms.pages.forms import CHINESE, Day, SeenForm, Words, add_errors

PAGE_SIZE = 50
State, Kind = Bulletin.State, Bulletin.Kind
# What may be done in each state, the next step first.
OFFERED = {
    State.DRAFT: ("edit", "reword", "submit", "void"),
    State.SUBMITTED: ("issue", "sign", "back", "void"),
    State.ISSUED: ("send", "void"),
}
TEXTS = ("intro", "overall", "results", "problems", "demands")
A_LINE, LEAST, MOST = 42, 2, 24  # characters in a line of a box; lines of it


class NewBulletinForm(forms.Form):
    """Of which kind, on which list, as of which day; a 函 also to which agency."""

    kind = forms.ChoiceField(label=_("文种"), choices=Kind, initial=Kind.BULLETIN)
    reform_list = forms.ModelChoiceField(
        ReformList.objects.none(), label=_("清单"), to_field_name="slug", widget=NamesSelect
    )
    on = Day(label=_("数据截至"))
    agency = forms.ModelChoiceField(
        Agency.objects.living().filter(outside_line=True).order_by("pk"),
        label=_("发函单位"),
        required=False,
        widget=NamesSelect,
        help_text=_("只用于函：不属政府序列的单位，列出其尚未办结的举措。"),
    )

    def clean(self) -> dict[str, Any]:
        """A 函 has an agency, nothing else has."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("kind") != Kind.LETTER:
            said["agency"] = None
        elif "agency" in said and not said["agency"]:
            self.add_error("agency", ValidationError(gettext("请选择发函单位。"), code="required"))
        return said


class EditBulletinForm(SeenForm, forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What a draft says."""

    class Meta:
        model = Bulletin
        fields = WRITTEN
        widgets = {
            **{name: forms.Textarea(attrs=CHINESE) for name in TEXTS},
            **{name: forms.TextInput(attrs=CHINESE) for name in ("title", "to", "contact", "copies_to")},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = self.data if self.is_bound else self.initial
        for name in TEXTS:
            self.fields[name].widget.attrs["rows"] = _lines_of(str(said.get(name) or ""))

    def validate_unique(self) -> None:
        """By whoever saves it: the form's instance is not what is saved."""

    def validate_constraints(self) -> None:
        """As above."""


def _lines_of(text: str) -> int:
    """Of the box that holds it, with one more to write on."""
    lines = sum(1 + len(one) // A_LINE for one in text.splitlines())
    return min(max(lines + 1, LEAST), MOST)


class IssueBulletinForm(SeenForm):
    number = forms.CharField(
        label=_("文号"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs=CHINESE),
        help_text=_("没有文号的可不填。"),
    )
    signed_by = forms.CharField(
        label=_("签发人"),
        max_length=60,
        widget=forms.TextInput(attrs=CHINESE),
        help_text=_("批准签发的负责同志，不能是拟稿人本人。"),
    )
    issued_on = Day(label=_("签发日期"))


class SignBulletinForm(SeenForm):
    """By the office's head, in their own name."""

    number = IssueBulletinForm.declared_fields["number"]


class VoidBulletinForm(SeenForm):
    reason = Words(label=_("作废的理由"), max_length=500)


@access(Verb.READ_STATUS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def bulletins(request: HttpRequest) -> HttpResponse:
    """Those that one may read, the latest first; for the office also the form to draft one."""
    who = principal_of(request)
    drafts = may(who, Verb.STEER)
    if request.method == "POST" and not drafts:
        raise PermissionDenied
    form = _new_form(request) if drafts else None
    if request.method == "POST" and form is not None and form.is_valid():
        said = form.cleaned_data
        try:
            named = {"kind": said["kind"], "agency": said["agency"]}
            found = draft_bulletin(said["reform_list"], said["on"], **named, **acting(request))
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, str(_("已拟制草稿，可修改后送审。")))
            return redirect(found)
    found_all = Bulletin.objects.readable_by(who).select_related("reform_list", "agency")
    page = Paginator(found_all, PAGE_SIZE).get_page(request.GET.get("page"))
    counts = counts_of([one.pk for one in page]) if may(who, Verb.READ_REPORTS, ()) else {}
    rows = [(one, counts.get(one.pk)) for one in page]
    context: dict[str, Any] = {"page": page, "rows": rows, "counts": counts, "form": form}
    context["worded"] = lists_of(who).first() if may(who, Verb.MANAGE_LISTS) else None
    return render(request, "bulletins/bulletins.html", context, status=422 if form and form.is_bound else 200)


def _new_form(request: HttpRequest) -> NewBulletinForm:
    lists = ReformList.objects.readable_by(principal_of(request)).filter(archived_on=None)
    first = lists.order_by("-year", "pk").first()
    form = NewBulletinForm(
        request.POST if request.method == "POST" else None,
        initial={"on": today(), "reform_list": first.slug if first else None},
    )
    form.fields["reform_list"].queryset = lists.order_by("-year", "pk")  # type: ignore[attr-defined]  # a model choice
    return form


@access(Verb.READ_STATUS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def bulletin(request: HttpRequest, pk: int) -> HttpResponse:
    """One 通报, and what may be done to it now. Whoever it was sent to has read it then."""
    found = _readable(request, pk)
    if request.method == "GET":
        read_by(found, principal_of(request))
    if request.method != "POST":
        return _page(request, found)
    act = act_of(request, ACTS)
    if act not in _offered_to(principal_of(request)):
        raise PermissionDenied
    return carry_out(request, act, ACTS, found, fresh=lambda: _readable(request, pk), page=_page)


@access(Verb.READ_STATUS)
@require_safe
def docx(request: HttpRequest, pk: int) -> HttpResponseBase:
    """As a Word document."""
    found = _readable(request, pk)
    read_by(found, principal_of(request))
    return download(f"{name_of(found)}.docx", lambda file: write_bulletin(found, file), DOCX)


def _readable(request: HttpRequest, pk: int) -> Bulletin:
    beside = ("reform_list", "agency", "drafted_by_user")
    readable = Bulletin.objects.readable_by(principal_of(request)).select_related(*beside)
    return get_object_or_404(readable, pk=pk)


def _page(request: HttpRequest, found: Bulletin, sent: SentForm = LOOKED_AT) -> HttpResponse:
    who = principal_of(request)
    mine = _offered_to(who)
    offered = [act for act in OFFERED.get(State(found.state), ()) if act in mine]
    context: dict[str, Any] = {"bulletin": found, "annexes": annexes_of(found), "parts": parts_of(found)}
    acts = forms_of(found, offered, ACTS, sent, _first)
    for form in (acts[name] for name in EDITING if name in acts):
        _fit(form, Kind(found.kind))
    context |= sent_context(request, found, acts, who)
    return shown(request, "bulletins/bulletin.html", context, sent, acts, is_own=is_own(found, who))


def _offered_to(who: Principal) -> Collection[str]:
    """The acts of the office, and of its head who does not work there besides."""
    if may(who, Verb.STEER):
        return ACTS.keys() - {"sign"}
    return SIGNING if signs_papers(who) else ()


def _fit(form: Any, kind: Bulletin.Kind) -> None:
    """Show of a form what a document of that kind has, called as there."""
    if kind == Kind.BULLETIN:
        return
    if kind == Kind.BRIEF:
        form.fields["demands"].label = _("下一步工作建议")
        return
    for name in ("issue", "results", "problems"):
        form.fields[name].widget = forms.HiddenInput()
    form.fields["overall"].label, form.fields["demands"].label = _("商请提供进展的举措"), _("结语")


def _first(act: str) -> dict[str, Any]:
    """What stands in the form of an act at first."""
    return {"issued_on": today()} if act == "issue" else {}


def _edit(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    return edit_bulletin(pk, said, seen=said["seen"], **acting(request))


def _reword(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    """With what was typed beside the texts and not saved."""
    with transaction.atomic():
        edited = edit_bulletin(pk, said, seen=said["seen"], **acting(request))
        return reword_bulletin(pk, seen=edited.version, **acting(request))


def _submit(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    """With what was typed and not saved."""
    with transaction.atomic():
        edited = edit_bulletin(pk, said, seen=said["seen"], **acting(request))
        return submit_bulletin(pk, seen=edited.version, **acting(request))


def _back(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    return back_to_draft(pk, **said, **acting(request))


def _issue(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    return issue_bulletin(pk, **said, **acting(request))


def _sign(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    return sign_bulletin(pk, **said, **acting(request))


def _void(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    return void_bulletin(pk, reason=said["reason"], seen=said["seen"], **acting(request))


ACTS = {
    "edit": Act(EditBulletinForm, _edit, _("已保存。")),
    "reword": Act(EditBulletinForm, _reword, _("已按最新数据重拟正文。")),
    "submit": Act(EditBulletinForm, _submit, _("已送审。")),
    "back": Act(BackForm, _back, _("已退回修改。")),
    "issue": Act(IssueBulletinForm, _issue, _("已签发，内容不再变化。")),
    "sign": Act(SignBulletinForm, _sign, _("已签发，内容不再变化。")),
    "send": Act(SendForm, send, _("已发送，收件方会收到消息。")),
    "void": Act(VoidBulletinForm, _void, _("已作废。")),
}
