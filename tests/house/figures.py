"""The figures of the house, for each app and in all, and the goals they are read by."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.house.imports import Imports, circles, imports_of, longest_chain
from tests.house.source import Module, folder_sizes, modules_of, repeated_classes

APPS = ("config", "importers", "reforms", "agencies")
MOST_IN_A_FOLDER = 16
MOST_IMPORTS = 4.0
DEEPEST = 18


@dataclass(frozen=True, slots=True)
class Spread:
    """How long things are, in lines."""

    median: int
    p90: int
    longest: int

    @classmethod
    def of(cls, lengths: Sequence[int]) -> "Spread":
        ranked = sorted(lengths) or [0]
        return cls(statistics.median_high(ranked), ranked[(len(ranked) * 9 - 1) // 10], ranked[-1])

    def __str__(self) -> str:
        return f"{self.median} / {self.p90} / {self.longest}"


@dataclass(frozen=True, slots=True)
class AppFigures:
    """One app, or all of them. Empty modules are not counted anywhere."""

    name: str
    modules: int
    code: int
    comments: int
    docstrings: int
    files: Spread
    functions: Spread
    fullest_folder: str
    modules_in_it: int
    imports_per_module: float

    @property
    def comment_share(self) -> float:
        """Of all lines that are not blank, in per cent."""
        return 100 * self.comments / ((self.code + self.comments + self.docstrings) or 1)


@dataclass(frozen=True, slots=True)
class House:
    """Everything `make house` tells but the contracts, which import-linter counts itself."""

    apps: list[AppFigures]
    total: AppFigures
    chain: list[str]  # the longest of those that begin at a `urls` module
    circles: list[list[str]]
    repeated_classes: dict[str, list[str]]


def measure(root: Path, packages: Sequence[str] = APPS) -> House:
    """Look at the packages under a folder, which is on the path for imports."""
    modules, imports = modules_of(root, packages), imports_of(packages)
    chains = [longest_chain(imports, name) for name in imports if name.endswith(".urls")]
    return House(
        apps=[app_figures(name, [module for module in modules if module.app == name], imports) for name in packages],
        total=app_figures("all", modules, imports),
        chain=max(chains, key=len, default=[]),
        circles=circles(imports),
        repeated_classes=repeated_classes(modules),
    )


def app_figures(name: str, modules: Sequence[Module], imports: Imports) -> AppFigures:
    ((fullest, count),) = folder_sizes(modules).most_common(1)
    return AppFigures(
        name=name,
        modules=len(modules),
        code=sum(module.code_lines for module in modules),
        comments=sum(module.comment_lines for module in modules),
        docstrings=sum(module.docstring_lines for module in modules),
        files=Spread.of([module.lines for module in modules]),
        functions=Spread.of([lines for module in modules for lines in module.function_lines]),
        fullest_folder=fullest,
        modules_in_it=count,
        imports_per_module=statistics.mean(len(imports[module.name]) for module in modules),
    )
