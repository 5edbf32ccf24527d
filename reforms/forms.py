"""The forms of the pages."""

import secrets

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from reforms.models import ProgressReport

ROWS = {"progress": 6, "next_step": 3, "problems": 3}


class ReportForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A progress report; `form_key` tells a form sent twice from a second report."""

    form_key = forms.CharField(max_length=40, widget=forms.HiddenInput)

    class Meta:
        model = ProgressReport
        fields = ("progress", "next_step", "problems", "outlook")

    def __init__(self, *args: object, agencies: list[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["agency"] = forms.TypedChoiceField(
            label=_("填报单位"), coerce=int, choices=agencies, initial=agencies[0][0]
        )
        self.fields["form_key"].initial = secrets.token_hex(16)
        for name, rows in ROWS.items():
            self.fields[name].widget = forms.Textarea(attrs={"rows": rows, "maxlength": 5000, "lang": "zh-CN"})


class EnterForm(ReportForm):
    """What an agency told the office by letter or telephone, and how (代录)."""

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
    """Put what a function refused beside the fields it names, or above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
