"""The glossary knows every model and says where each of its words lives; what stands there is true."""

import importlib
import inspect
import re
from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

from django.apps import apps
from django.db.models import Choices, Model
from django.utils.translation import override

from tests.tooling.processes import ROOT

APPS = ("agencies", "reforms", "importers")
ROW = re.compile(r"^\| `([\w.]+)` \| (.+?) \| (.+?) \| `([\w.]+)` \|$", re.MULTILINE)


class Term(NamedTuple):
    name: str
    chinese: str
    meaning: str
    module: str

    @property
    def thing(self) -> object:
        return attrgetter(self.name)(importlib.import_module(self.module))


def terms() -> list[Term]:
    return [Term(*found) for found in ROW.findall((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))]


def models() -> Iterator[str]:
    """Every model class of ours, abstract ones as well."""
    for app in APPS:
        concrete = apps.get_app_config(app).get_models()
        yield from {cls.__name__ for model in concrete for cls in model.__mro__ if _is_ours(cls)}


def _is_ours(cls: type) -> bool:
    return issubclass(cls, Model) and cls.__module__.startswith(APPS)


def test_every_line_of_its_tables_is_read() -> None:
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    headings = sum(line.startswith("| In code |") for line in lines)
    assert len(terms()) == sum(line.startswith("|") for line in lines) - 2 * headings
    assert headings > 3


def test_it_has_every_model() -> None:
    assert sorted(set(models()) - {term.name for term in terms()}) == []


def test_every_word_lives_where_it_says() -> None:
    gone = []
    for term in terms():
        try:
            thing = term.thing
        except (ImportError, AttributeError):
            gone.append(term.name)
        else:
            if inspect.isclass(thing) and thing.__module__ != term.module:
                gone.append(term.name)
    assert gone == []


def test_choices_are_called_what_the_page_calls_them() -> None:
    with override("zh-hans"):
        choices = [(term.chinese, str(term.thing.label)) for term in terms() if isinstance(term.thing, Choices)]
    assert len(choices) > 15
    assert [(said, label) for said, label in choices if said != label] == []
