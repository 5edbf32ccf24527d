"""Selects of names that are Chinese in both languages."""

from typing import Any

from django import forms

from agencies.lib.chinese import has_chinese


class NamesSelect(forms.Select):
    """Whatever is said in Chinese says so, in an English page too: names of agencies, lists and persons."""

    def create_option(self, name: str, value: Any, label: int | str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **kwargs)
        if has_chinese(str(label)):
            option["attrs"]["lang"] = "zh-CN"
        return option
