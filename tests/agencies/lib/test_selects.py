"""Selects of names: what is Chinese says so, and nothing else does."""

from django import forms

from agencies.lib.selects import NamesSelect


class NameForm(forms.Form):
    name = forms.ChoiceField(
        choices=[("", "By its title"), ("1", "市交通运输局"), ("2", "Transport Bureau")], widget=NamesSelect
    )


def test_chinese_names_are_marked_in_an_english_page() -> None:
    shown = str(NameForm()["name"])
    assert '<option value="1" lang="zh-CN">市交通运输局</option>' in shown
    assert shown.count("lang=") == 1
