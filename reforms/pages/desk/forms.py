"""The smaller forms of the desk: who is in charge of a duty, the agency of a table or a workbook."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import User
from reforms.reports.officers import Officer

CHINESE = {"lang": "zh-CN", "maxlength": 80}
KEEP = ""  # empty is None: whoever is named stays
NOBODY = "0"  # no id: nobody is named any longer


class OfficerForm(forms.Form):
    """责任处室 and 经办人 of one duty, as they are to be."""

    division = forms.CharField(
        label=_("责任处室"), max_length=80, required=False, widget=forms.TextInput(attrs=CHINESE)
    )
    officer = forms.CharField(label=_("经办人"), max_length=80, required=False, widget=forms.TextInput(attrs=CHINESE))
    officer_user = forms.TypedChoiceField(
        label=_("经办人账号"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("选了账号，此人可在工作台上只看自己经办的举措。"),
    )

    def __init__(self, *args: Any, colleagues: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(user.pk), str(user)) for user in colleagues]
        self.fields["officer_user"].choices = [*self.first_choices(), *people]  # type: ignore[attr-defined]  # a choice field
        self.fields["officer_user"].widget.attrs["lang"] = "zh-CN"

    def first_choices(self) -> list[tuple[str, Any]]:
        return [(NOBODY, _("（不指定）"))]

    @property
    def named(self) -> Officer:
        said = self.cleaned_data
        return Officer(division=said["division"], officer=said["officer"], officer_user=said["officer_user"])


class OfficersForm(OfficerForm):
    """The same for many duties: what is left empty stays as it is."""

    def first_choices(self) -> list[tuple[str, Any]]:
        return [(KEEP, _("（不变）")), (NOBODY, _("（不指定）"))]

    @property
    def named(self) -> Officer:
        said = self.cleaned_data
        return Officer(
            division=said["division"] or None, officer=said["officer"] or None, officer_user=said["officer_user"]
        )


class WorkbookForm(forms.Form):
    """A workbook that comes back."""

    file = forms.FileField(label=_("填好的填报表（.xlsx）"), widget=forms.FileInput(attrs={"accept": ".xlsx"}))


class SourceForm(forms.Form):
    """How the office knows what it enters on an agency's behalf."""

    source = forms.CharField(
        label=_("代录依据"),
        max_length=200,
        help_text=_("如来函文号或来电人。"),
        widget=forms.TextInput(attrs={"lang": "zh-CN"}),
    )
