"""A parsed list as JSON and back without loss, for handing it from one process to another.

One line for the list and one for each measure, so that a long list never stands in memory twice.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import date
from operator import attrgetter
from typing import Any

from importers.documents.values import ParsedList, ParsedMeasure, ParsedSection, PrintedCells, Problem

_MEASURE_FIELDS = tuple(field.name for field in fields(ParsedMeasure))
_PRINTED_FIELDS = tuple(field.name for field in fields(PrintedCells))
_of_measure, _of_printed = attrgetter(*_MEASURE_FIELDS), attrgetter(*_PRINTED_FIELDS)


def dumps(parsed: ParsedList) -> bytes:
    """The whole list, printed cells and rows included."""
    return b"".join(lines_of(parsed))


def lines_of(parsed: ParsedList) -> Iterator[bytes]:
    """The same, line by line."""
    value = {
        "file_name": parsed.file_name,
        "outcome": parsed.outcome,
        "error": asdict(parsed.error) if parsed.error else None,
        "warnings": [asdict(problem) for problem in parsed.warnings],
        "title": parsed.title,
        "notes": parsed.notes,
        "sections": [asdict(section) for section in parsed.sections],
        "first_rows": parsed.first_rows,
    }
    yield _encoded(value)
    yield from (_encoded(_of_measure(measure)) for measure in parsed.measures)


def _encoded(part: object) -> bytes:
    # A document may hold half of a surrogate pair; `json.loads` takes it back the same way.
    return _ENCODER.encode(part).encode("utf-8", "surrogatepass") + b"\n"


def loads(data: bytes) -> ParsedList:
    """The list again. Raises `ValueError`, `KeyError` or `TypeError` for anything `dumps` did not write."""
    lines = io.BytesIO(data)
    value = json.loads(lines.readline())
    return ParsedList(
        file_name=value["file_name"],
        outcome=value["outcome"],
        error=Problem.of_json(value["error"]) if value["error"] else None,
        warnings=tuple(map(Problem.of_json, value["warnings"])),
        title=value["title"],
        notes=tuple(value["notes"]),
        sections=tuple(ParsedSection(**section) for section in value["sections"]),
        measures=tuple(_measures(value, lines)),
        first_rows=tuple(map(tuple, value.get("first_rows", ()))),
    )


def _measures(value: dict[str, Any], lines: io.BytesIO) -> Iterator[ParsedMeasure]:
    # What was kept before measures had lines of their own has them in one.
    kept = value.get("measures")
    seen: dict[str, str] = {}
    for values in kept if kept is not None else map(json.loads, lines):
        yield _measure_again(_with_texts_shared(values, seen))


def _with_texts_shared(values: list[Any], seen: dict[str, str]) -> list[Any]:
    """The same names, dates and titles stand in many rows, and most texts twice: as read and as printed."""
    return [
        seen.setdefault(one, one)
        if isinstance(one, str)
        else _with_texts_shared(one, seen)
        if isinstance(one, list)
        else one
        for one in values
    ]


def _plain(value: date | PrintedCells) -> Any:
    """What JSON has no form of its own for."""
    return value.isoformat() if isinstance(value, date) else _of_printed(value)


def _measure_again(values: list[Any]) -> ParsedMeasure:
    # What was kept before a field existed does not have it, and had one milestone where there are several now.
    named = dict(zip(_MEASURE_FIELDS[: len(values)], values, strict=True))
    named["lead"], named["responsible"] = tuple(named["lead"]), tuple(named["responsible"])
    named["deadline"] = date.fromisoformat(named["deadline"]) if named["deadline"] else None
    named["milestones"] = tuple(map(date.fromisoformat, _several(named["milestones"])))
    named["other"] = tuple((label, text) for label, text in named.get("other", ()))
    named["printed"] = _printed_again(named["printed"], named["other"])
    return ParsedMeasure(**named)


def _printed_again(cells: list[Any], other: tuple[tuple[str, str], ...]) -> PrintedCells:
    # What was kept before it had a field of its own was what is not read, and no more.
    named = dict(zip(_PRINTED_FIELDS, (*cells, other), strict=False))
    beside = tuple((label, text) for label, text in named["other"])
    return PrintedCells(**{**named, "merged": tuple(named["merged"]), "other": beside})


def _several(dates: list[str] | str | None) -> list[str]:
    return [dates] if isinstance(dates, str) else dates or []


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)
