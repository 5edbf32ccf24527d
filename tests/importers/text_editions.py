"""Later editions of the real list: its text export with rows reworded, moved, dropped and added."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from importers.documents.read import read_document
from importers.documents.values import ParsedList
from tests.conftest import FIXTURES

TEXT_LIST = FIXTURES / "shenzhen-2022-first-batch.txt"
Cells = tuple[str, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class TextEdition:
    """The blocks of a text export: headings and notes as they are, rows as blocks of six cells."""

    blocks: tuple[str, ...]

    @classmethod
    def real(cls) -> Self:
        return cls(tuple(TEXT_LIST.read_text(encoding="utf-8").split("\n\n")))

    def cells(self, number: str) -> Cells:
        return _cells(self.blocks[self._place(number)])

    def edited(self, number: str, edit: Callable[[Cells], Cells]) -> Self:
        """The first row of item `number` (as printed: 7*) changed."""
        place = self._place(number)
        block = _block(edit(_cells(self.blocks[place])))
        return replace(self, blocks=(*self.blocks[:place], block, *self.blocks[place + 1 :]))

    def with_text(self, number: str, text: str) -> Self:
        return self.edited(number, lambda c: (c[0], c[1], text, c[3], c[4], c[5]))

    def with_lead(self, number: str, lead: str) -> Self:
        return self.edited(number, lambda c: (c[0], c[1], c[2], lead, c[4], c[5]))

    def with_responsible(self, number: str, names: str) -> Self:
        return self.edited(number, lambda c: (c[0], c[1], c[2], c[3], names, c[5]))

    def with_deadline(self, number: str, deadline: str) -> Self:
        return self.edited(number, lambda c: (c[0], c[1], c[2], c[3], c[4], deadline))

    def swapped(self, one: str, other: str) -> Self:
        """Two items that trade places: what each says moves, the numbers stay in order."""
        first, second = self.cells(one), self.cells(other)
        star_one, star_other = one.endswith("*"), other.endswith("*")
        number_one = one.rstrip("*") + ("*" if star_other else "")
        number_other = other.rstrip("*") + ("*" if star_one else "")
        moved = self.edited(one, lambda _c: (number_one, *second[1:]))
        return moved.edited(other, lambda _c: (number_other, *first[1:]))

    def without(self, number: str) -> Self:
        place = self._place(number)
        return replace(self, blocks=(*self.blocks[:place], *self.blocks[place + 1 :]))

    def with_row_after(self, number: str, cells: Cells) -> Self:
        place = self._place(number) + 1
        return replace(self, blocks=(*self.blocks[:place], _block(cells), *self.blocks[place:]))

    @property
    def content(self) -> bytes:
        return "\n\n".join(self.blocks).encode()

    def parsed(self, name: str = "第二版.txt") -> ParsedList:
        found = read_document(self.content, name)
        assert found.error is None
        return found

    def saved(self, folder: Path, name: str = "第二版.txt") -> str:
        file = folder / name
        file.write_bytes(self.content)
        return str(file)

    def _place(self, number: str) -> int:
        """Where the row of item `number` stands."""
        return next(i for i, block in enumerate(self.blocks) if block.strip("\n").startswith(f"\t{number}\n"))


def _cells(block: str) -> Cells:
    number, title, text, lead, responsible, deadline = block.strip("\n").removeprefix("\t").split("\n\t")
    return number, title, text, lead, responsible, deadline


def _block(cells: Cells) -> str:
    return "\t" + "\n\t".join(cells)
