"""Whatever a list is laid out like, each of its cells is read, or stands under what is named as not read."""

import re
from dataclasses import asdict

import pytest

from importers.documents.grammar.text import squeezed
from importers.documents.layout.columns import Columns
from importers.documents.read import read_document
from importers.documents.values import ParsedList, ParsedMeasure
from importers.documents.writers import write_docx
from tests.importers.random_lists import NAMES, RandomList, random_joined_list, random_list

SEEDS = range(240)
MADE = [random_list(seed) for seed in SEEDS] + [random_joined_list(seed) for seed in range(120)]
# What tells one text from all others; where there is none the whole text is looked for.
_OWN = re.compile("甲\\d+乙")


def lost(parsed: ParsedList, printed: tuple[str, ...]) -> list[str]:
    """The texts that are found in no field that was read and in no warning. A refused document has lost nothing."""
    if parsed.error:
        return []
    found = "\n".join((*_read(parsed), *(problem.value or "" for problem in parsed.warnings)))
    return [text for text in printed for part in _parts(text) if part not in found]


def _read(parsed: ParsedList) -> list[str]:
    """Everything that was understood; the printed rows do not count."""
    fields = [text for measure in parsed.measures for text in _fields(measure)]
    return [parsed.title, *parsed.notes, *(section.title for section in parsed.sections), *fields]


def _fields(measure: ParsedMeasure) -> list[str]:
    beside = [text for pair in measure.other for text in pair]
    names = (*measure.lead, *measure.responsible)
    return [str(measure.item_no), measure.item_title, measure.text, *names, measure.deadline_text, *beside]


def _parts(text: str) -> list[str]:
    own = _OWN.findall(text)
    names = [name for name in NAMES if name in text]
    return own + names or [text]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_printed_cell_is_read_or_named(seed):
    made = random_list(seed)
    assert lost(read_document(made.data, "清单.docx"), made.printed) == [], made.name


def not_shown(parsed: ParsedList, printed: tuple[str, ...]) -> list[str]:
    """The texts that do not stand, to the character, in what is shown as the printed source, or in a warning."""
    if parsed.error:
        return []
    shown = [parsed.title, *parsed.notes, *(section.printed for section in parsed.sections)]
    shown += [problem.value or "" for problem in parsed.warnings]
    for measure in parsed.measures:
        cells = asdict(measure.printed)
        shown += [
            *(str(cells[name]) for name in cells if name not in ("merged", "other")),
            *dict(cells["other"]).values(),
        ]
    whole = "\n".join(map(squeezed, shown))
    # Read line by line where there is no table to be read.
    return [text for text in printed if squeezed(text) not in whole and _is_lost(text, whole)]


def _is_lost(text: str, whole: str) -> bool:
    return not all(squeezed(line) in whole for line in text.split("\n"))


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.name)
def test_every_printed_character_is_shown_as_printed(made: RandomList):
    parsed = read_document(made.data, "清单.docx")
    assert not_shown(parsed, made.printed) == []
    assert lost(parsed, made.printed) == []


@pytest.mark.parametrize("seed", range(60))
def test_what_is_shown_as_printed_is_written_and_read_again(seed: int):
    made = random_joined_list(seed)
    parsed = read_document(made.data, "清单.docx")
    if parsed.error:
        return
    again = read_document(write_docx(parsed), "清单.docx", 2022)
    assert again.content_hash == parsed.content_hash, made.name
    assert [dict(one.printed.other) for one in again.measures] == [dict(one.printed.other) for one in parsed.measures]


def test_most_joined_columns_and_tasks_below_agencies_are_read():
    read = [read_document(random_joined_list(seed).data, "清单.docx") for seed in range(120)]
    assert sum(one.error is None for one in read) > 110
    assert sum(bool(measure.lead) for one in read for measure in one.measures) > 300


def test_a_reader_that_keeps_nothing_whole_is_found_out(monkeypatch):
    monkeypatch.setattr(Columns, "printed_beside", lambda _self, _row, _six, other: other)
    made = map(random_joined_list, range(60))
    assert any(not_shown(read_document(one.data, "清单.docx"), one.printed) for one in made)


def test_most_lists_made_at_random_are_read():
    """So that the test above says something."""
    read = [read_document(random_list(seed).data, "清单.docx").error is None for seed in SEEDS]
    assert sum(read) > len(read) * 0.8


def test_a_reader_that_drops_columns_is_found_out(monkeypatch):
    monkeypatch.setattr(Columns, "other_cells", lambda _self, _row: ())
    made = map(random_list, SEEDS)
    assert any(lost(read_document(one.data, "清单.docx"), one.printed) for one in made)
