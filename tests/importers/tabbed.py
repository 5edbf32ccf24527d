"""The text export rewritten with tabs between the cells of a row."""

from pathlib import Path

from importers.documents.read import read_document
from importers.documents.values import ParsedList


def as_tabbed_rows(path: Path) -> ParsedList:
    title, *blocks = path.read_text(encoding="utf-8").replace("\n\t序号", "\n\n\t序号", 1).split("\n\n")
    rows = [block.strip("\n")[1:].replace("\n\t", "\t") for block in blocks if block.startswith("\t")]
    rest = [block for block in blocks if not block.startswith("\t")]
    padded = [line + "\t" * (5 - line.count("\t")) for line in rows]
    return read_document("\n".join([title, *padded, *rest]).encode(), "表格.txt")
