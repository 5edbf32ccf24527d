"""Which parts of a package belong to a part, by the identifier it uses for them."""

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from agencies.lib.untrusted.zips import Package
from importers.documents.readers.xml import parse_part

RelatedParts = dict[str, list[str]]


class Relation(NamedTuple):
    """`kind` is the last word of the relation's type; `path` may name a part that is not there."""

    kind: str
    path: str


def relations_of(package: Package, part: str) -> dict[str, Relation]:
    """The relations of one part by identifier; those that lead out of the package are left out."""
    return dict(_listed(package, part))


def related_part(package: Package, part: str, kind: str) -> str | None:
    """The part that `part` names as its `kind` (styles, numbering …), if it is there."""
    path = next((relation.path for _, relation in _listed(package, part) if relation.kind == kind), None)
    return path if path is not None and path in package else None


def related_parts(package: Package, part: str) -> RelatedParts:
    """The parts that `part` names and that are there, by their kind."""
    found: RelatedParts = {}
    for _, relation in _listed(package, part):
        if relation.path in package:
            found.setdefault(relation.kind, []).append(relation.path)
    return found


def _listed(package: Package, part: str) -> Iterator[tuple[str, Relation]]:
    folder, name = posixpath.split(part)
    listed = posixpath.join(folder, "_rels", name + ".rels")
    if listed not in package:
        return
    for one in parse_part(package, listed):
        if one.get("TargetMode") != "External":
            # The last word is the same in transitional and in strict files; what stands before it is not.
            kind = (one.get("Type") or "").rpartition("/")[2]
            yield one.get("Id") or "", Relation(kind, _path(folder, one.get("Target") or ""))


def _path(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(folder, target))
