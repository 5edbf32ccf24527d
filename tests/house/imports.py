"""Which module imports which: how deep they stand on each other, and whether any go in a circle."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from graphlib import TopologicalSorter

import grimp

Imports = Mapping[str, AbstractSet[str]]


def imports_of(packages: Sequence[str]) -> Imports:
    """Each module with those it imports of the same packages. They must be importable; a folder without an
    `__init__.py` is not seen, by import-linter neither."""
    graph = grimp.build_graph(*packages, include_external_packages=False, cache_dir=None)
    ours = {module for module in graph.modules if ".migrations" not in module}
    return {module: graph.find_modules_directly_imported_by(module) & ours for module in sorted(ours)}


def circles(imports: Imports) -> list[list[str]]:
    """Sets of modules of which each reaches every other."""
    reached = {module: _reached(imports, module) for module in imports}
    found = {frozenset(other for other in reached[module] if module in reached[other]) for module in imports}
    return sorted(sorted(circle) for circle in found if circle)


def _reached(imports: Imports, start: str) -> set[str]:
    """What it imports, directly or by way of others."""
    reached: set[str] = set()
    ahead = set(imports[start])
    while ahead:
        module = ahead.pop()
        reached.add(module)
        ahead |= imports[module] - reached
    return reached


def longest_chain(imports: Imports, start: str) -> list[str]:
    """The longest way from a module down to one that imports nothing. Steps within a circle do not count."""
    within = {(a, b) for circle in circles(imports) for a in circle for b in circle}
    down = {module: {one for one in needed if (module, one) not in within} for module, needed in imports.items()}
    chains: dict[str, list[str]] = {}
    for module in TopologicalSorter(down).static_order():
        below = max((chains[one] for one in sorted(down[module])), key=len, default=[])
        chains[module] = [module, *below]
    return chains[start]
