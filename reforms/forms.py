"""The forms of the pages."""

import secrets

from django import forms
from django.utils.translation import gettext_lazy as _

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
