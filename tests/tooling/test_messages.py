"""The message catalogues: nothing translated is lost, nothing untranslated goes unnoticed."""

from pathlib import Path

import pytest
from babel.support import Translations

from config import messages

CODE = """
from django.utils.translation import gettext as _, ngettext, pgettext
def words(n): return _("清单"), pgettext("动词", "更新"), ngettext("%(n)d 条", "%(n)d 条", n)
"""
PAGE = """{% load i18n %}{% translate "改革事项" %}{% blocktranslate count n=2 trimmed %}
共 {{ n }} 项 {% plural %} 共 {{ n }} 项 {% endblocktranslate %}"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source tree of its own with five messages."""
    (tmp_path / "reforms").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "reforms" / "views.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "templates" / "page.html").write_text(PAGE, encoding="utf-8")
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "LOCALE", tmp_path / "locale")
    monkeypatch.setattr(messages, "ENGLISH", tmp_path / "locale" / "en" / "LC_MESSAGES" / "django.po")
    return tmp_path


def translate(msgid: str, english: str) -> None:
    """Fill in one translation, as a person would in the file."""
    text = messages.ENGLISH.read_text(encoding="utf-8")
    before = f'msgid "{msgid}"\nmsgstr '
    assert before in text
    messages.ENGLISH.write_text(text.replace(f'{before}""', f'{before}"{english}"'), encoding="utf-8")


@pytest.mark.usefixtures("project")
def test_it_names_every_message_without_english(capsys: pytest.CaptureFixture[str]) -> None:
    messages.extract()
    translate("清单", "List")
    assert messages.check() == 1
    said = capsys.readouterr().out
    assert "templates/page.html: '改革事项' has no English translation" in said
    assert "4 to translate" in said
    assert "'清单'" not in said


@pytest.mark.usefixtures("project")
def test_a_placeholder_that_was_lost_is_named() -> None:
    messages.extract()
    text = messages.ENGLISH.read_text(encoding="utf-8")
    text = text.replace('msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "one"\nmsgstr[1] "%(m)d many"')
    messages.ENGLISH.write_text(text, encoding="utf-8")
    assert any("%(n)d" in problem or "placeholder" in problem for problem in messages.untranslated())


def test_extracting_again_keeps_what_is_translated_and_changes_nothing(project: Path) -> None:
    messages.extract()
    translate("清单", "List")
    before = messages.ENGLISH.read_bytes()
    messages.extract()
    assert messages.ENGLISH.read_bytes() == before
    views = project / "reforms" / "views.py"
    views.write_text("", encoding="utf-8")
    messages.extract()
    views.write_text(CODE, encoding="utf-8")
    messages.extract()
    assert messages.ENGLISH.read_bytes() == before, "a message that came back lost its translation"


@pytest.mark.usefixtures("project")
def test_it_compiles_what_is_stale_only(capsys: pytest.CaptureFixture[str]) -> None:
    messages.extract()
    translate("清单", "List")
    messages.compile_catalogues(messages.LOCALE)
    with messages.ENGLISH.with_suffix(".mo").open("rb") as compiled:
        assert Translations(compiled).gettext("清单") == "List"
    capsys.readouterr()
    messages.compile_catalogues(messages.LOCALE)
    assert capsys.readouterr().out == ""


def test_a_tree_without_catalogues_compiles(tmp_path: Path) -> None:
    messages.compile_catalogues(tmp_path)
