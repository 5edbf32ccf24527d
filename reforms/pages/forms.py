"""Fields, and forms that say what was seen, which pages of several rooms share."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.directory import LONGEST_NAME
from agencies.models import Agency
from agencies.names import suggest, tidy, unknown_name
from reforms.lib.words import named_text, quoted_text
from reforms.models import Measure

# The height of the boxes for the texts of a report, in lines.
REPORT_ROWS = {"progress": 8, "next_step": 3, "problems": 3}

CHINESE = {"lang": "zh-CN"}
DAY = {"type": "date"}
# What is said of a list, where it comes in and on its settings.
LIST_WIDGETS: dict[str, type[forms.Widget] | forms.Widget] = {
    "short_title": forms.TextInput(attrs=CHINESE),
    "issuer": forms.TextInput(attrs=CHINESE),
    "document_number": forms.TextInput(attrs=CHINESE),
    "licence": forms.TextInput(attrs=CHINESE),
    "issued_on": forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
}
LIST_HELP: dict[str, Any] = {
    "short_title": gettext_lazy("列表和邮件中使用；不填则用名称。"),
    "licence": gettext_lazy("公开数据的使用许可，如“注明来源即可使用”。"),
}


def list_link() -> forms.URLField:
    """原文链接 of a list, also as people type it: www.sz.gov.cn/…"""
    return forms.URLField(
        label=gettext_lazy("原文链接"),
        max_length=500,
        required=False,
        assume_scheme="https",
        # A browser takes no address without a scheme into a field for URLs.
        widget=forms.TextInput(attrs={"inputmode": "url"}),
        help_text=gettext_lazy("印发文件在网上的地址。"),
    )


NAMES_LIST = "agency-names"


def form_key_of(request: HttpRequest) -> str:
    """What makes a form that was sent twice one, as the column takes it: so long, and no zero character, which
    PostgreSQL refuses."""
    return request.POST.get("form_key", "").replace("\x00", "")[:40]


def measure_named(measure: Measure) -> str:
    """第51项第4条“推进区块链技术…”, for what a page answers."""
    return quoted_text(named_text(measure.item.number, measure.seq_in_item), measure.title)


def answered(measure: Measure, said: object) -> str:
    """第51项第4条“推进区块链技术…”：已撤回。 What was done is told with what it was done to."""
    return _("%(measure)s：%(said)s") % {"measure": measure_named(measure), "said": said}


def lines_of(text: str) -> list[str]:
    """The names in a text of one a line, each once."""
    return list(dict.fromkeys(name for line in text.splitlines() if (name := tidy(line))))


class NamesField(forms.CharField):
    """Names, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 4, **CHINESE}), required=False, **kwargs)

    def clean(self, value: Any) -> list[str]:
        names = lines_of(super().clean(value))
        for name in names:
            if len(name) > LONGEST_NAME:
                raise ValidationError(_("“%(name)s…”过长，名称最多120字。") % {"name": name[:20]}, code="too_long")
        return names


class AgenciesField(NamesField):
    """Agencies by name, one a line."""

    def clean(self, value: Any) -> list[Agency]:  # type: ignore[override]  # the names are looked up
        return agencies_called(super().clean(value))


class AgencyField(forms.CharField):
    """One agency by name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"list": NAMES_LIST, "autocomplete": "off", **CHINESE}), **kwargs)

    def clean(self, value: Any) -> Agency:
        return agencies_called([tidy(super().clean(value))])[0]


def agencies_called(names: list[str]) -> list[Agency]:
    """The agencies of these names. Raises ValidationError naming the first unknown one and what it may mean."""
    found = Agency.objects.called(names)
    unknown = [name for name in names if name not in found]
    if unknown:
        meant = suggest(unknown[:1])[unknown[0]]
        raise ValidationError(unknown_name(unknown[0], meant), code="unknown_agency")
    return list(dict.fromkeys(found[name] for name in names))


class Words(forms.CharField):
    """A few lines of Chinese."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"rows": 3, "lang": "zh-CN", "maxlength": kwargs["max_length"]}
        super().__init__(widget=forms.Textarea(attrs=attrs), **kwargs)


class Day(forms.DateField):
    """A day, chosen in the browser's calendar, which takes days as 2022-06-15 only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class SeenForm(forms.Form):
    """Whatever is decided on what was seen: `seen` is the version that the page showed."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class KnownForm(forms.Form):
    """A form that is filled in against what is stored: `as_of` is the last entry of the log that it knew of."""

    as_of = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)


def known_again(sent: QueryDict, as_of: int) -> QueryDict:
    """What was filled in, against what is stored now."""
    data = sent.copy()
    data["as_of"] = str(as_of)
    return data


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
