"""What administrators enter while a list comes in."""

from typing import Any

from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.access import today
from agencies.lib.selects import NamesSelect
from agencies.models import Agency
from importers.documents.grammar.agencies import split_outside_brackets
from importers.documents.grammar.deadlines import EARLIEST, LATEST
from importers.documents.grammar.endings import joined_groups
from importers.documents.limits import LIMITS
from importers.editions.new_list import ABOUT, free_slug
from importers.jobs.decide import NEW, is_number
from reforms.models import ReformList
from reforms.pages.forms import LIST_HELP, LIST_WIDGETS, list_link

# For the browser's choice of files only: what a file is is decided by its content.
ACCEPTED = ".docx,.docm,.xlsx,.xlsm,.csv,.txt,.tsv,.doc,.odt,.rtf,.xls,.ods,.wps"


class UploadForm(forms.Form):
    """The document, and the list it is an edition of."""

    file = forms.FileField(
        label=gettext_lazy("清单文件"),
        max_length=255,
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
        help_text=gettext_lazy(
            "Word（.docx）、Excel（.xlsx）、CSV或纯文本，不超过20MB。上传后先核对，确认前不写入任何数据。"
        ),
    )
    target = forms.ChoiceField(label=gettext_lazy("导入到"), required=False, widget=NamesSelect)
    title = forms.CharField(
        label=gettext_lazy("新清单的名称"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"lang": "zh-CN"}),
        help_text=gettext_lazy("仅新清单填写；不填则用文件的标题，文件没有标题的用文件名。"),
    )
    slug = forms.SlugField(
        label=gettext_lazy("新清单的网址标识"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("仅新清单填写，如 shenzhen-2023；不填则自动生成。"),
    )
    year = forms.IntegerField(
        label=gettext_lazy("清单年份"),
        required=False,
        min_value=EARLIEST,
        max_value=LATEST,
        help_text=gettext_lazy("用于没有写年份的时限；不填则从标题和其他时限推断。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = fields_for_model(ReformList, set(ABOUT) - {"link"}, widgets=LIST_WIDGETS, help_texts=LIST_HELP)
        said["link"] = list_link()
        self.fields.update({name: said[name] for name in ABOUT})
        known = [(str(one.pk), str(one)) for one in ReformList.objects.all()]
        self.fields["target"].choices = [  # type: ignore[attr-defined]  # a choice field
            ("", _("按标题自动识别")),
            *known,
            (NEW, _("新清单")),
        ]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LIMITS.file_size:
            raise forms.ValidationError(_("文件超过20MB。请删去图片等附件，或拆分后上传。"))
        return file

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        slug = facts.get("slug", "")
        if facts.get("target") != NEW:
            # An address is for a new list only; one that was typed for another choice is dropped.
            facts["slug"] = ""
        elif not slug:
            facts["slug"] = free_slug(facts.get("year") or today().year)
        elif ReformList.objects.filter(slug=slug).exists():
            self.add_error("slug", _("该网址标识已被使用。"))
        return facts

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """What is asked of every document."""
        return [self[name] for name in self.fields if name not in ABOUT]

    @property
    def about_fields(self) -> list[forms.BoundField]:
        """What can be said of a new list."""
        return [self[name] for name in ABOUT]

    @property
    def has_about(self) -> bool:
        """Whether anything was said of a new list, or said wrong."""
        return any(field.errors or field.data for field in self.about_fields)

    @property
    def about(self) -> dict[str, str]:
        """What was said of a new list, by the names in ABOUT."""
        return {name: str(self.cleaned_data[name]) for name in ABOUT if self.cleaned_data[name]}

    @property
    def reform_list(self) -> ReformList | None:
        """The chosen list; None for a new one or one to be found by its title."""
        target = self.cleaned_data["target"]
        return ReformList.objects.get(pk=target) if target and target != NEW else None


class DeadlineForm(forms.Form):
    """What an unclear deadline means: a day, or 持续巩固."""

    use_required_attribute = False
    day = forms.DateField(
        label=gettext_lazy("完成时限"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    ongoing = forms.BooleanField(label=gettext_lazy("持续巩固"), required=False)

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        # Neither and both are refused alike.
        if bool(facts.get("day")) == bool(facts.get("ongoing")):
            raise forms.ValidationError(_("请填写日期或选“持续巩固”，二者选一。"))
        return facts


class NamesForm(forms.Form):
    """The agencies a cell means, separated as lists print them."""

    use_required_attribute = False
    names = forms.CharField(
        label=gettext_lazy("单位"),
        max_length=1000,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("用顿号分隔")}),
    )

    def clean_names(self) -> tuple[str, ...]:
        line = self.cleaned_data["names"].replace("(", "（").replace(")", "）")
        # Split as cells of the document are, so that 各县、区政府 stays one group.
        names = tuple(
            dict.fromkeys(joined_groups([one.strip() for one in split_outside_brackets(line) if one.strip()]))
        )
        if not names or any(len(name) > 120 for name in names):
            raise forms.ValidationError(_("请填写单位名称，每个不超过120字。"))
        return names


class AgencyChoice(forms.Form):
    """What an unseen name is: a new agency, or another name of a known one."""

    decision = forms.CharField(max_length=20)

    def clean_decision(self) -> str | int:
        decision = self.cleaned_data["decision"]
        if decision == NEW:
            return NEW
        if not is_number(decision) or not Agency.objects.filter(pk=decision).exists():
            raise forms.ValidationError(_("没有这个单位，请重新选择。"))
        return int(decision)
