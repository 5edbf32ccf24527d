"""Whatever a list is laid out like, each of its cells is read, or stands under what is named as not read."""

import re

import pytest

from importers.documents.layout.columns import Columns
from importers.documents.read import read_document
from importers.documents.values import ParsedList, ParsedMeasure
from tests.importers.random_lists import NAMES, random_list

SEEDS = range(240)
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


def test_most_lists_made_at_random_are_read():
    """So that the test above says something."""
    read = [read_document(random_list(seed).data, "清单.docx").error is None for seed in SEEDS]
    assert sum(read) > len(read) * 0.8


def test_a_reader_that_drops_columns_is_found_out(monkeypatch):
    monkeypatch.setattr(Columns, "other_cells", lambda _self, _row: ())
    made = map(random_list, SEEDS)
    assert any(lost(read_document(one.data, "清单.docx"), one.printed) for one in made)
