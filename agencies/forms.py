"""The forms for people and tokens."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.models import Agency, Role, Token, User


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    agency = forms.ModelChoiceField(
        Agency.objects.living().filter(kind=Agency.Kind.SINGLE), label=pgettext_lazy("one", "单位")
    )
    role = forms.ChoiceField(choices=Role, label=_("角色"))

    class Meta:
        model = User
        fields = ("username", "full_name", "email")


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    agency = forms.ModelChoiceField(
        Agency.objects.living().filter(kind=Agency.Kind.SINGLE), label=pgettext_lazy("one", "单位")
    )
    days = forms.IntegerField(label=_("有效天数"), min_value=1, max_value=1095, initial=365)

    class Meta:
        model = Token
        fields = ("agency", "name", "read_only")
