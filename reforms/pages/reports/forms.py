"""The forms of the pages."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Self

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from reforms.models import ProgressReport
from reforms.pages.reports.worksheet import Worksheet
from reforms.reports.drafts import WRITTEN, Pen
from reforms.reports.submit import ReportContent

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

    def said(self) -> ReportContent:
        """What the form says, once it is valid."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in HAND}
        if not given.get("is_claim"):
            given |= {"signed_by": "", "signed_on": None}
        return ReportContent(**given, form_key=self.cleaned_data["form_key"])

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
