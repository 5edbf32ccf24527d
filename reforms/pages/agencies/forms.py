"""The forms that keep agencies. Agencies are given by any name they are known by; an unknown name is refused with what
it may have meant."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.directory import LONGEST_NAME, spellings_kept, strangers_called
from agencies.lib.requests import is_number
from agencies.models import Agency, Membership, Succession, validate_credit_code
from agencies.names import tidy
from reforms.organisation.directory import acts_itself, has_members
from reforms.organisation.handover import HandOver
from reforms.pages.forms import CHINESE, AgenciesField, AgencyField, KnownForm, NamesField

UNCHANGED = gettext_lazy("不填则保持不变。")


class CreditCodeField(forms.CharField):
    """统一社会信用代码, in capitals and without spaces or hyphens."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=gettext_lazy("统一社会信用代码"), required=False, max_length=40, **kwargs)

    def clean(self, value: Any) -> str:
        code = unicodedata.normalize("NFKC", super().clean(value)).upper()
        code = "".join(code.replace("-", "").split())
        if code:
            validate_credit_code(code)
        return code


class AgencyForm(KnownForm, forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What is known of an agency beside its name, which changes by succession only."""

    credit_code = CreditCodeField()
    other_names = NamesField(
        label=gettext_lazy("别名"), help_text=gettext_lazy("每行一个；导入清单时，这些名称都认作本单位。")
    )

    class Meta:
        model = Agency
        fields: tuple[str, ...] = (
            "full_name",
            "name_en",
            "other_names",
            "credit_code",
            "email",
            "kind",
            "outside_line",
            "signs_claims",
        )
        widgets = {"full_name": forms.TextInput(attrs=CHINESE), "name_en": forms.TextInput(attrs={"lang": "en"})}

    def clean_full_name(self) -> str:
        return tidy(self.cleaned_data["full_name"])

    def clean_credit_code(self) -> str:
        code: str = self.cleaned_data["credit_code"]
        other = Agency.objects.known().exclude(pk=self.instance.pk).filter(credit_code=code).first() if code else None
        if other:
            said = _("该代码已属于“%(name)s”；如为同一单位，请用“合并重复单位”。")
            raise ValidationError(said % {"name": other.name}, code="taken")
        return code

    def clean_kind(self) -> str:
        kind: str = self.cleaned_data["kind"]
        if not self.instance.pk or kind == self.initial["kind"]:
            return kind
        if kind != Agency.Kind.SINGLE and acts_itself(self.instance):
            raise ValidationError(_("该单位已有人员、令牌、填报或统称中的席位，不能改为统称。"), code="acts_itself")
        if kind == Agency.Kind.SINGLE and has_members(self.instance):
            raise ValidationError(_("该统称还有成员，请先移除成员。"), code="has_members")
        return kind

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        self._refuse_names_of_others("full_name", [facts.get("full_name", "")])
        self._refuse_names_of_others("other_names", facts.get("other_names", []))
        # Documents may still print the name of a row that was merged into this one.
        missing = self._spellings() - set(facts.get("other_names", []))
        if missing and "other_names" in facts:
            said = _("“%(name)s”是已并入本单位的名称，文件中可能印有，不能删除。")
            self.add_error("other_names", said % {"name": min(missing)})
        return facts

    def _spellings(self) -> set[str]:
        return spellings_kept(self.instance) if self.instance.pk else set()

    def _refuse_names_of_others(self, field: str, names: Iterable[str]) -> None:
        own = self.instance if self.instance.pk else None
        for name, other in strangers_called([name for name in names if name], own).items():
            said = _("“%(name)s”已是“%(other)s”的名称；如为同一单位，请用“合并重复单位”。")
            self.add_error(field, said % {"name": name, "other": other.name})


class NewAgencyForm(AgencyForm):
    """A new agency. `confirmed` holds the name for which somebody has looked at the agencies it resembles."""

    field_order = ("name",)

    class Meta(AgencyForm.Meta):
        fields: tuple[str, ...] = ("name", *AgencyForm.Meta.fields)
        widgets = AgencyForm.Meta.widgets | {"name": forms.TextInput(attrs=CHINESE)}

    def clean_name(self) -> str:
        return tidy(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        facts = super().clean()
        self._refuse_names_of_others("name", [facts.get("name", "")])
        return facts


class AgenciesChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Ticks beside agencies; those chosen already come first."""

    def __init__(self, *, chosen: Iterable[int], label: str = "") -> None:
        self.first = set(chosen)
        # One that was dissolved since stays ticked: saving must not take it out unasked.
        singles = Agency.objects.living().filter(kind=Agency.Kind.SINGLE) | Agency.objects.filter(pk__in=self.first)
        first = Case(When(pk__in=self.first, then=0), default=1)
        super().__init__(
            singles.order_by(first, "pk"),
            required=False,
            label=label,
            initial=sorted(self.first),
            widget=forms.CheckboxSelectMultiple,
        )

    def clean(self, value: Any) -> Any:
        for said in value or ():
            if not is_number(said):
                raise ValidationError(self.error_messages["invalid_pk_value"], code="invalid", params={"pk": said[:20]})
        return super().clean(value)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class MembersForm(KnownForm):
    """The members of a group."""

    def __init__(self, *args: Any, chosen: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"] = AgenciesChoice(chosen=chosen, label=_("成员"))


class NamedMembersForm(KnownForm):
    """Whom each open group printed beside a measure means there."""

    def __init__(self, *args: Any, groups: list[Agency], chosen: dict[int, list[int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for group in groups:
            self.fields[f"group-{group.pk}"] = AgenciesChoice(chosen=chosen.get(group.pk, ()), label=group.name)

    @property
    def members(self) -> dict[int, list[int]]:
        """The ids chosen, by group."""
        return {
            int(name.removeprefix("group-")): sorted(agency.pk for agency in agencies)
            for name, agencies in self.cleaned_data.items()
            if name.startswith("group-")
        }


class WhenForm(forms.Form):
    """When a reorganisation took effect, and by which document."""

    on = forms.DateField(
        label=gettext_lazy("变更日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reference = forms.CharField(
        label=gettext_lazy("依据文号"), max_length=120, required=False, widget=forms.TextInput(attrs=CHINESE)
    )


class RenameForm(WhenForm):
    name = forms.CharField(label=gettext_lazy("新名称"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs=CHINESE))
    full_name = forms.CharField(
        label=gettext_lazy("新全称"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs=CHINESE),
        help_text=UNCHANGED,
    )
    name_en = forms.CharField(
        label=gettext_lazy("新英文名称"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"lang": "en"}),
        help_text=UNCHANGED,
    )
    field_order = ("name", "full_name", "name_en")

    def clean_name(self) -> str:
        return tidy(self.cleaned_data["name"])

    def clean_full_name(self) -> str:
        return tidy(self.cleaned_data["full_name"])


class MergerForm(WhenForm):
    successor = AgencyField(label=gettext_lazy("承接单位"))
    also = AgenciesField(
        label=gettext_lazy("同时撤销、一并由其承接的其他单位"), help_text=gettext_lazy("没有则不填；每行一个。")
    )
    field_order = ("successor", "also")

    @property
    def successors(self) -> tuple[Agency, ...]:
        return (self.cleaned_data["successor"],)


class SplitForm(WhenForm):
    successors_named = AgenciesField(
        label=gettext_lazy("承接单位"),
        help_text=gettext_lazy("每行一个，至少两个；第一个承接未另行指定的举措，下一步可逐条指定。"),
    )
    field_order = ("successors_named",)

    @property
    def successors(self) -> tuple[Agency, ...]:
        return tuple(self.cleaned_data["successors_named"])


SUCCESSION_FORMS: dict[str, type[WhenForm]] = {
    Succession.Kind.RENAMED: RenameForm,
    Succession.Kind.MERGED: MergerForm,
    Succession.Kind.SPLIT: SplitForm,
}


class DuplicateForm(forms.Form):
    duplicate = AgencyField(label=gettext_lazy("并入本单位的重复单位"))


class HandOverForm(forms.Form):
    """Who takes over in which agency, and what becomes of roles and account."""

    to = forms.ChoiceField(
        label=gettext_lazy("移交给"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("该同事已不能接手，请重新选择。")},
    )
    reason = forms.CharField(
        label=gettext_lazy("原因"), max_length=200, widget=forms.TextInput(attrs={"lang": "zh-CN"})
    )
    roles = forms.BooleanField(label=gettext_lazy("把此人在该单位的角色一并授予同事"), required=False)
    deactivate = forms.BooleanField(label=gettext_lazy("移交后停用此人的账号"), required=False)

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
