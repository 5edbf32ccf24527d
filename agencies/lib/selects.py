"""Selects of names that are Chinese in both languages."""

import re
from typing import Any

from django import forms

CHINESE = re.compile(r"[\u3400-\u9fff]")


class NamesSelect(forms.Select):
    """Whatever is said in Chinese says so, in an English page too: names of agencies, lists and persons."""

    def create_option(self, name: str, value: Any, label: int | str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **kwargs)
        if CHINESE.search(str(label)):
            option["attrs"]["lang"] = "zh-CN"
        return option
