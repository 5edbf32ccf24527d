"""The architecture page shows the rooms that there are, in the order that import-linter holds."""

import re
import tomllib

import pytest

from tests.tooling.processes import ROOT
from tests.tooling.test_names_in_docs import DOTTED, PATH, names_in

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
APPS = ("agencies", "reforms", "importers")


def layers(app: str) -> list[str]:
    """The layers of an app from the top, as in pyproject.toml."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    return next(contract["layers"] for contract in contracts if contract.get("containers") == [app])


def rooms(app: str) -> list[str]:
    return [room for layer in layers(app) for room in re.split(r"\s*\|\s*", layer)]


def drawn(app: str) -> list[str]:
    """The lines of an app in the picture."""
    picture = PAGE.split("```")[1]
    return [line for line in picture.partition(f"\n{app} ")[2].partition("  │\n")[0].splitlines() if line.strip()]


@pytest.mark.parametrize("app", APPS)
def test_every_room_has_its_line(app: str) -> None:
    named = {name.removeprefix(f"{app}/").strip("/").removesuffix(".py") for name in names_in(PAGE)}
    assert [room for room in rooms(app) if room not in named] == []


@pytest.mark.parametrize("app", APPS)
def test_the_contract_has_every_folder(app: str) -> None:
    folders = {path.parent.name for path in (ROOT / app).glob("*/__init__.py")} - {"migrations"}
    assert sorted(folders - set(rooms(app))) == []


@pytest.mark.parametrize("app", APPS)
def test_the_picture_has_the_rooms_in_their_order(app: str) -> None:
    words = re.findall(r"[a-z_]+", "\n".join(drawn(app)))
    shown = [word for word in words if word in rooms(app)]
    assert len(shown) > 5
    assert shown == [room for room in rooms(app) if room in shown]


def test_rooms_on_one_line_of_the_picture_do_not_know_each_other() -> None:
    together = [line.split("│") for app in APPS for line in drawn(app) if "│" in line]
    said = {layer.replace(" ", "") for app in APPS for layer in layers(app)}
    assert len(together) > 5
    assert ["|".join(room.strip() for room in line) for line in together if _joined(line) not in said] == []


def _joined(line: list[str]) -> str:
    return "|".join(room.strip() for room in line)


def test_the_walks_name_their_functions_in_full() -> None:
    walks = PAGE.partition("## Four walks")[2].partition("## How to add")[0]
    short = [name for name in names_in(walks) if not (DOTTED.fullmatch(name) or PATH.fullmatch(name) or "?" in name)]
    assert short == []
