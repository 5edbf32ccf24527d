"""Selects of names, most of which are Chinese in both languages."""

from typing import Any

from django import forms

from agencies.lib.chinese import english, has_chinese


class NamesSelect(forms.Select):
    """Names of agencies, lists and persons: on English pages the English one where there is such, and whatever is said
    in Chinese says so."""

    def create_option(self, name: str, value: Any, label: int | str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if english():
            label = getattr(getattr(value, "instance", None), "name_en", "") or label
        option = super().create_option(name, value, label, *args, **kwargs)
        if has_chinese(str(label)):
            option["attrs"]["lang"] = "zh-CN"
        return option
