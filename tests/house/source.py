"""What the source says of itself: lines, functions, classes and how full a folder is. Migrations are not looked at."""

import ast
import io
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LAYOUT = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.ENCODING}
# Django looks for a class of this name in every command.
PRESCRIBED = {"Command"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file of source; `name` as it is imported."""

    name: str
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def app(self) -> str:
        return self.name.partition(".")[0]

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @cached_property
    def comment_lines(self) -> int:
        """Lines with a comment, also behind code."""
        return len({token.start[0] for token in self._tokens if token.type == tokenize.COMMENT})

    @cached_property
    def docstring_lines(self) -> int:
        return len(self._docstrings)

    @cached_property
    def code_lines(self) -> int:
        """Lines with anything but layout, a comment or a docstring; every line of a string that is none."""
        code = (token for token in self._tokens if token.type not in LAYOUT | {tokenize.COMMENT})
        return len({line for token in code for line in range(token.start[0], token.end[0] + 1)} - self._docstrings)

    @property
    def function_lines(self) -> list[int]:
        """The length of each function, signature and docstring included, decorators not."""
        functions = (node for node in ast.walk(self.tree) if isinstance(node, Function))
        return [(node.end_lineno or node.lineno) - node.lineno + 1 for node in functions]

    @property
    def classes(self) -> list[str]:
        """The classes at the top of the file."""
        return [node.name for node in self.tree.body if isinstance(node, ast.ClassDef)]

    @cached_property
    def _tokens(self) -> list[tokenize.TokenInfo]:
        return list(tokenize.generate_tokens(io.StringIO(self.text).readline))

    @cached_property
    def _docstrings(self) -> set[int]:
        owners = (node for node in ast.walk(self.tree) if isinstance(node, Function | ast.ClassDef | ast.Module))
        firsts = (owner.body[0] for owner in owners if ast.get_docstring(owner, clean=False) is not None)
        return {line for first in firsts for line in range(first.lineno, (first.end_lineno or first.lineno) + 1)}


def modules_of(root: Path, packages: Sequence[str]) -> list[Module]:
    """Every module of the packages that says something; empty files are left out."""
    return [module for module in _files(root, packages) if module.text.strip()]


def _files(root: Path, packages: Sequence[str]) -> Iterator[Module]:
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            if "migrations" not in parts:
                name = ".".join(parts).removesuffix(".__init__")
                yield Module(name, path.relative_to(root), path.read_text(encoding="utf-8"))


def folder_sizes(modules: Iterable[Module]) -> Counter[str]:
    """How many modules lie in each folder itself."""
    return Counter(str(module.path.parent) for module in modules)


def repeated_classes(modules: Iterable[Module]) -> dict[str, list[str]]:
    """Class names that exist more than once, with the modules that have them."""
    places = defaultdict(list)
    for module in modules:
        for name in module.classes:
            places[name].append(module.name)
    return {name: where for name, where in sorted(places.items()) if len(where) > 1 and name not in PRESCRIBED}
