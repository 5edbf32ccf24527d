"""The forms of the pages."""

import secrets
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Membership
from reforms.handing_over import HandOver
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
