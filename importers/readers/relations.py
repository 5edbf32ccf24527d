"""Which parts of a package belong to a part, by the identifier it uses for them."""

import posixpath
from typing import NamedTuple

from importers.readers.package import Package
from importers.readers.xml import parse_part


class Relation(NamedTuple):
    """`kind` is the last word of the relation's type; `path` may name a part that is not there."""

    kind: str
    path: str


def relations_of(package: Package, part: str) -> dict[str, Relation]:
    """The relations of one part by identifier; those that lead out of the package are left out."""
    folder, name = posixpath.split(part)
    listed = posixpath.join(folder, "_rels", name + ".rels")
    if listed not in package:
        return {}
    found = {}
    for one in parse_part(package, listed):
        if one.get("TargetMode") != "External":
            kind = (one.get("Type") or "").rpartition("/")[2]
            found[one.get("Id") or ""] = Relation(kind, _path(folder, one.get("Target") or ""))
    return found


def _path(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(folder, target))
