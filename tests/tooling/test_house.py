"""How the house is built: what must hold of it does, and `make house` tells what is aimed at."""

import json
from pathlib import Path

import pytest

from tests.house.__main__ import Contracts, as_json, contracts, goals, table
from tests.house.figures import APPS, MOST_IN_A_FOLDER, House, measure
from tests.house.imports import circles, imports_of, longest_chain
from tests.house.source import Module, folder_sizes, modules_of, repeated_classes
from tests.tooling.processes import ROOT

CIRCLE = {"urls": {"a"}, "a": {"b"}, "b": {"c"}, "c": {"a", "ground"}, "ground": set[str]()}


@pytest.fixture(scope="module")
def house() -> House:
    return measure(ROOT)


def module(text: str, name: str = "app.one") -> Module:
    return Module(name, Path("app/one.py"), text)


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles(imports_of(APPS)) == []


def test_no_folder_has_more_modules_than_one_can_look_over() -> None:
    sizes = folder_sizes(modules_of(ROOT, APPS))
    assert sizes["reforms/models"] > 5
    assert {folder: count for folder, count in sizes.items() if count > MOST_IN_A_FOLDER} == {}


def test_the_contracts_see_every_module() -> None:
    # A folder without an __init__.py is imported all the same, and its modules would be under no contract.
    seen = imports_of(APPS)
    assert [module.name for module in modules_of(ROOT, APPS) if module.name not in seen] == []


def test_it_tells_every_figure_of_each_app(house: House) -> None:
    lines = list(table(house))
    assert [line.split()[0] for line in lines[1:]] == [*APPS, "all"]
    assert house.total.modules == sum(app.modules for app in house.apps) > 200


def test_it_tells_what_is_aimed_at(house: House) -> None:
    lines = [line for line in goals(house, Contracts(kept=6, broken=1)) if "(goal: " in line]
    assert [line.partition(":")[0] for line in lines] == [
        "Most modules in one folder",
        "Imports per module",
        "Depth from urls to the ground",
        "Circles of imports",
        "Class names that exist twice or more",
        "Lines with a comment",
        "Contracts",
    ]
    assert lines[-1] == "Contracts: 6 kept, 1 broken (goal: 0 broken)"


def test_it_tells_the_same_to_a_program(house: House) -> None:
    told = json.loads(as_json(house, Contracts(kept=6, broken=1)))
    assert [app["name"] for app in told["apps"]] == list(APPS)
    assert told["chain"][0].endswith(".urls")
    assert told["contracts"] == {"kept": 6, "broken": 1}


def test_it_counts_the_contracts_by_import_linter() -> None:
    outcome = contracts()
    assert outcome.kept > 5
    assert outcome.broken == 0


def test_it_finds_a_circle_and_measures_the_depth_beside_it() -> None:
    assert circles(CIRCLE) == [["a", "b", "c"]]
    assert longest_chain({**CIRCLE, "c": {"ground"}}, "urls") == ["urls", "a", "b", "c", "ground"]
    assert longest_chain(CIRCLE, "urls") == ["urls", "a"]


def test_a_line_is_code_or_a_docstring_and_may_have_a_comment() -> None:
    one = module('"""What it is for,\nin two lines."""\n\n# Why.\nTEXT = """not\na docstring"""  # why\n')
    assert (one.docstring_lines, one.comment_lines, one.code_lines) == (2, 2, 2)


def test_a_function_is_as_long_as_its_signature_docstring_and_body() -> None:
    assert module('@deco\ndef f(\n    a,\n):\n    """Does."""\n    return a\n').function_lines == [5]


def test_it_names_classes_that_exist_twice() -> None:
    ones = [module("class Duty: ...\nclass Command: ...", "a"), module("class Duty: ...\nclass Command: ...", "b")]
    assert repeated_classes(ones) == {"Duty": ["a", "b"]}
