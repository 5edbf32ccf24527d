"""The forms of the pages."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, Membership
from reforms.models import ProgressReport
from reforms.organisation.handover import HandOver
from reforms.pages.reports.worksheet import Worksheet
from reforms.reports.drafts import WRITTEN, Pen
from reforms.reports.submit import Said

ROWS = {"progress": 8, "next_step": 3, "problems": 3}
HAND = ("form_key", "last_seen", "draft_seen", "replaces")
CLAIM = ("is_claim", "signed_by", "signed_on")


class ReportForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A progress report, or its draft, of one agency.

    `form_key` tells a form sent twice from a second report; `last_seen` and `draft_seen` say what of the agency's own
    it was written on, `replaces` which report it corrects. What an agency cannot claim it is not asked.
    """

    division = forms.CharField(label=_("责任处室"), max_length=80, required=False)
    officer = forms.CharField(label=_("经办人"), max_length=80, required=False)
    form_key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    last_seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    draft_seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    replaces = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = ProgressReport
        fields = ("progress", "next_step", "problems", "outlook", "is_claim", "signed_by", "signed_on")

    def __init__(self, data: QueryDict | None, *, sheet: Worksheet) -> None:
        self.sent = data if data is not None else QueryDict()
        super().__init__(data, initial=sheet.initial | {"form_key": secrets.token_hex(16)})
        for name, rows in ROWS.items():
            self.fields[name].widget = forms.Textarea(attrs={"rows": rows, "maxlength": 5000, "lang": "zh-CN"})
        for name in ("division", "officer", "signed_by"):
            self.fields[name].widget.attrs["lang"] = "zh-CN"
        self.fields["signed_on"].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        for name in self._not_asked(sheet):
            del self.fields[name]

    def _not_asked(self, sheet: Worksheet) -> tuple[str, ...]:
        """A claim that is sent all the same is left for the rules to refuse."""
        if sheet.claim_refusal and "is_claim" not in self.sent:
            return CLAIM
        return () if sheet.agency.signs_claims else CLAIM[1:]

    def said(self) -> Said:
        """What the form says, once it is valid."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in HAND}
        if not given.get("is_claim"):
            given |= {"signed_by": "", "signed_on": None}
        return Said(**given, form_key=self.cleaned_data["form_key"])

    def written(self) -> Mapping[str, object]:
        """What a draft keeps of it."""
        return {name: self.cleaned_data[name] for name in WRITTEN if name in self.cleaned_data}

    def pen(self) -> Pen:
        given = self.cleaned_data
        named = {name: given[name] for name in ("form_key", "last_seen", "replaces", "division", "officer")}
        return Pen(**named)

    def again(self, sheet: Worksheet, **seen: object) -> Self:
        """The same text under a key of its own, for whoever has now seen what it was not written on."""
        data = self.sent.copy()
        data["form_key"] = secrets.token_hex(16)
        for name, value in seen.items():
            data[name] = "" if value is None else str(value)
        return type(self)(data, sheet=sheet)

    def complaints(self) -> Iterable[str]:
        """Every error with the name of its field."""
        for name, errors in self.errors.items():
            label: Any = self.fields[name].label if name in self.fields else ""
            yield from (f"{label}：{error}" if label else str(error) for error in errors)


class HandOverForm(forms.Form):
    """Who takes over in which agency, and what becomes of roles and account."""

    to = forms.ChoiceField(
        label=_("移交给"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("该同事已不能接手，请重新选择。")},
    )
    reason = forms.CharField(label=_("原因"), max_length=200, widget=forms.TextInput(attrs={"lang": "zh-CN"}))
    roles = forms.BooleanField(label=_("把此人在该单位的角色一并授予同事"), required=False)
    deactivate = forms.BooleanField(label=_("移交后停用此人的账号"), required=False)

    def __init__(self, *args: Any, places: Iterable[Membership], may_deactivate: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Somebody with two roles in an agency is one choice.
        self._places = {f"{place.agency_id}-{place.user_id}": place for place in places}
        fields: Any = self.fields
        fields["to"].choices = [
            (key, f"{place.user}（{place.user.username}） · {place.agency}") for key, place in self._places.items()
        ]
        if not may_deactivate:
            del self.fields["deactivate"]

    @property
    def has_colleagues(self) -> bool:
        return bool(self._places)

    @property
    def place(self) -> Membership:
        """The place chosen: a colleague and the agency."""
        return self._places[self.cleaned_data["to"]]

    @property
    def asked(self) -> HandOver:
        facts = self.cleaned_data
        return HandOver(
            agency=self.place.agency,
            roles=facts["roles"],
            deactivate=facts.get("deactivate", False),
            reason=facts["reason"],
        )


class EnterForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What an agency told the office by letter or telephone, and how (代录)."""

    form_key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    progress = forms.CharField(label=_("工作进展"), max_length=5000)
    source = forms.CharField(
        label=_("代录依据"),
        max_length=200,
        widget=forms.TextInput(attrs={"lang": "zh-CN", "autocomplete": "off"}),
        help_text=_("来函文号，或来电人、日期。"),
    )
    is_claim = forms.BooleanField(
        label=_("单位申请销号"), required=False, help_text=_("须由另一位督办人员核验。持续巩固的举措不需申请。")
    )
    field_order = ("agency", "source", "progress", "next_step", "problems", "outlook", "is_claim")

    class Meta:
        model = ProgressReport
        fields = ("progress", "next_step", "problems", "outlook")

    def __init__(self, *args: Any, agencies: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Which agency it is is chosen before: the texts that the form begins with are that agency's.
        self.fields["agency"] = forms.TypedChoiceField(
            label=_("填报单位"), coerce=int, choices=agencies, initial=agencies[0][0], widget=forms.HiddenInput
        )
        self.fields["form_key"].initial = secrets.token_hex(16)
        for name, rows in ROWS.items():
            self.fields[name].widget = forms.Textarea(attrs={"rows": rows, "maxlength": 5000, "lang": "zh-CN"})
        self.order_fields(self.field_order)


class TickAgencies(forms.Form):
    """Agencies that were ticked (their ids), and what to tell them."""

    agency = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": _("请先勾选要催办的单位。"), "invalid_choice": _("没有这个单位。")}
    )
    words = forms.CharField(label=_("催办内容"), max_length=500, required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        known = Agency.objects.known().values_list("pk", "name")
        self.fields["agency"].choices = list(known)  # type: ignore[attr-defined]  # a choice field


def short_words(form: forms.BaseForm) -> str:
    """The first thing that is wrong with a form."""
    return str(next(error for errors in form.errors.values() for error in errors))


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Put what a function refused beside the fields it names; what names none, or none of this form, above them."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
