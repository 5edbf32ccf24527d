"""Tables by number in place of sorting: the same is found, whatever the sizes."""

import numpy as np
import pytest

from reforms.columns import reading
from reforms.columns.reading import different, first_of_each, looked_up, united, within


@pytest.mark.parametrize("few", [0, 10**6], ids=["by-table", "sorted"])
@pytest.mark.parametrize("longest", [0, 16], ids=["few-in-a-long-one", "many-in-a-short-one"])
def test_numbers_their_counts_and_first_places(monkeypatch: pytest.MonkeyPatch, few: int, longest: int) -> None:
    monkeypatch.setattr(reading, "FEW", few)
    monkeypatch.setattr(reading, "LONGEST_TABLE", longest)
    values = np.array([7, 3, 7, 0, 3, 7, 12])
    numbers, counts = different(values)
    assert numbers.tolist() == [0, 3, 7, 12]
    assert counts.tolist() == [1, 2, 3, 1]
    numbers, first = first_of_each(values)
    assert numbers.tolist() == [0, 3, 7, 12]
    assert first.tolist() == [3, 1, 0, 6]


def test_rows_that_any_has_stand_once_and_in_order() -> None:
    assert united([np.array([4, 1]), np.array([], int), np.array([1, 0])], 6).tolist() == [0, 1, 4]
    assert united([], 6).tolist() == []


def test_places_in_a_column_that_never_falls_are_those_of_its_values() -> None:
    chance = np.random.default_rng(3)
    for length in (0, 1, 7, 300):
        column = np.sort(chance.integers(0, 60, length))
        for count in (0, 1, 5, 40):
            values = np.unique(chance.integers(0, 70, count))
            assert within(column, values).tolist() == np.flatnonzero(np.isin(column, values)).tolist()
            beyond = looked_up(column, values)
            assert beyond.tolist() == [column[at] if at < length else -1 for at in values.tolist()]
