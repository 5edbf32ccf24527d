"""The forms for people, roles, codes and tokens."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, cast

from django import forms
from django.contrib.auth.forms import (
    AuthenticationForm,
    PasswordChangeForm,
    SetPasswordForm,
    SetPasswordMixin,
    UsernameField,
)
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.lib.selects import NamesSelect
from agencies.models import AccessCode, Agency, Role, Token, User
from agencies.people.accounts import CONTACT, DETAILS
from agencies.people.attempts import SignInAttempt, begin
from agencies.people.codes import find_code

CHINESE = {"lang": "zh-CN"}
WIDEST = {4: 16, 6: 48}  # the shortest prefix of a network from which a screen may be opened
# One sentence for every reason: it does not tell which usernames there are.
WRONG_CODE = _("用户名或代码不正确，或代码已用过、已过期。请核对纸条，或向系统管理员索取新的代码。")


def single_agencies() -> Any:
    """The agencies in which one can have a role."""
    return Agency.objects.living().filter(kind=Agency.Kind.SINGLE)


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    agency = forms.ModelChoiceField(single_agencies(), label=pgettext_lazy("one", "单位"), widget=NamesSelect)
    role = forms.ChoiceField(choices=Role, label=_("角色"))

    class Meta:
        model = User
        fields = ("username", "full_name", *CONTACT, "email")


class DetailsForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """What is kept of a person beside the roles; `version` is that of what the form was filled in against."""

    email = forms.EmailField(label=_("邮箱"), max_length=254, required=False)
    version = forms.CharField(max_length=16, widget=forms.HiddenInput)

    class Meta:
        model = User
        fields = DETAILS
        widgets = {name: forms.TextInput(attrs=CHINESE) for name in ("full_name", "position")}


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """How one is reached, kept by oneself; `version` as in DetailsForm."""

    version = forms.CharField(max_length=16, widget=forms.HiddenInput)

    class Meta:
        model = User
        fields = (*CONTACT, "language")
        widgets = {"position": forms.TextInput(attrs=CHINESE)}


class RoleForm(forms.Form):
    """One more role; `version` is that of the roles the form was shown beside."""

    agency = forms.ModelChoiceField(single_agencies(), label=pgettext_lazy("one", "单位"), widget=NamesSelect)
    role = forms.ChoiceField(choices=Role, label=_("角色"))
    version = forms.CharField(max_length=16, widget=forms.HiddenInput(attrs={"id": "id_roles_version"}))


class PeopleFilter(forms.Form):
    """What narrows the list of people."""

    search = forms.CharField(label=_("搜索"), max_length=100, required=False)
    role = forms.ChoiceField(label=_("角色"), required=False)
    agency = forms.ModelChoiceField(
        Agency.objects.none(),
        label=pgettext_lazy("one", "单位"),
        required=False,
        empty_label=_("全部单位"),
        widget=NamesSelect,
    )
    active = forms.ChoiceField(label=_("状态"), required=False)
    entry = forms.ChoiceField(label=_("登录情况"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["search"].widget.attrs["placeholder"] = _("姓名、用户名或单位")
        fields["role"].choices = [("", _("全部角色")), *Role.choices]
        fields["active"].choices = [("", _("全部状态")), ("yes", _("在用")), ("no", _("已停用"))]
        fields["entry"].choices = [("", _("登录情况")), ("waiting", _("尚未登录或代码未使用"))]
        fields["agency"].queryset = Agency.objects.filter(memberships__isnull=False).distinct()


class SignInForm(AuthenticationForm):
    """Username and password. What is filled in counts as a try before the password is looked at."""

    attempt: SignInAttempt | None = None

    def clean(self) -> dict[str, Any]:
        """Raises TooManyTries when there is none left."""
        if {"username", "password"} <= self.cleaned_data.keys():
            self.attempt = begin(self.request, self.cleaned_data["username"])
        return super().clean()


class CodeForm(SetPasswordMixin, forms.Form):  # type: ignore[type-arg]  # not generic at run time
    """Username and one-time code, and the password to be. Counts as a sign-in does, by the same names."""

    username = UsernameField(label=_("用户名"), max_length=150)
    code = forms.CharField(
        label=_("一次性代码"),
        max_length=60,
        help_text=_("纸条上的16位代码；大小写、空格和连字符不影响。"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )
    new_password1, new_password2 = SetPasswordMixin.create_password_fields()
    attempt: SignInAttempt | None = None
    found: AccessCode | None = None

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean(self) -> dict[str, Any]:
        """Raises TooManyTries when there is none left."""
        facts = self.cleaned_data
        if not {"username", "code"} <= facts.keys():
            return facts
        self.attempt = begin(self.request, facts["username"])
        self.found = find_code(facts["username"], facts["code"])
        if self.found is None:
            raise forms.ValidationError(WRONG_CODE, code="wrong_code")
        self.validate_passwords("new_password1", "new_password2")
        self.validate_password_for_user(self.found.user, "new_password2")
        return facts


class OnlyPasswordMixin:
    """Saves the password alone: what an administrator edits meanwhile stays."""

    cleaned_data: dict[str, Any]

    def set_password_and_save(self, user: Any, *args: Any, **kwargs: Any) -> Any:
        """As Django's forms call it."""
        user.set_password(self.cleaned_data["new_password1"])
        user.save(update_fields=["password"])
        return user


class ChoosePasswordForm(OnlyPasswordMixin, SetPasswordForm):  # type: ignore[type-arg]  # not generic at run time
    """The password to be, twice."""


class OwnPasswordForm(OnlyPasswordMixin, PasswordChangeForm):  # type: ignore[type-arg]  # not generic at run time
    """The password that is, and twice the one to be. The old one counts as a try at signing in."""

    attempt: SignInAttempt | None = None

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(cast("User", request.user), *args, **kwargs)
        self.request = request
        self.fields["old_password"].widget.attrs.pop("autofocus", None)

    def clean_old_password(self) -> str:
        """Raises TooManyTries when there is none left."""
        self.attempt = begin(self.request, self.user.get_username())
        old: str = super().clean_old_password()
        self.attempt.succeeded()
        return old


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    agency = forms.ModelChoiceField(single_agencies(), label=pgettext_lazy("one", "单位"), widget=NamesSelect)
    days = forms.IntegerField(label=_("有效天数"), min_value=1, max_value=1095, initial=365)

    class Meta:
        model = Token
        fields = ("agency", "name", "read_only")


class ScreenForm(forms.Form):
    """A screen on a wall: whose it is, where it hangs, and from which addresses it may be opened."""

    agency = forms.ModelChoiceField(single_agencies(), label=pgettext_lazy("one", "单位"), widget=NamesSelect)
    name = forms.CharField(label=_("位置"), max_length=80, widget=forms.TextInput(attrs=CHINESE))
    networks = forms.CharField(
        label=_("允许打开的地址"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("每行一个IP地址或网段，如 10.20.3.15 或 10.20.3.0/24；从别的地址打不开。"),
    )

    def clean_networks(self) -> str:
        """One a line, as they are compared."""
        lines = str(self.cleaned_data["networks"]).split()
        return "\n".join(str(self._network(line)) for line in lines)

    def _network(self, line: str) -> IPv4Network | IPv6Network:
        try:
            network = ip_network(line)
        except ValueError as error:
            text = _("“%(line)s”不是IP地址或网段；网段的主机位须为0，如 10.20.3.0/24。")
            raise forms.ValidationError(text, code="no_network", params={"line": line}) from error
        if network.prefixlen < WIDEST[network.version]:
            text = _("“%(line)s”范围过大；请填写这块屏所在的网段。")
            raise forms.ValidationError(text, code="too_wide", params={"line": line})
        return network


class PeopleFileForm(forms.Form):
    """A workbook of people."""

    file = forms.FileField(
        label=_("人员表（.xlsx）"),
        max_length=255,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        help_text=_("不超过2MB、2000行。上传后先核对，确认前不写入任何数据。"),
    )
