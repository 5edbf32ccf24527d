"""Many numbers are counted in a table and few by sorting; both say the same."""

import numpy as np
import pytest

from reforms.catalogue import seen
from reforms.columns.reading import counted, distinct, numbered

SOME = np.array([738_000, 0, 738_100, 738_000, 3, 0, 0], np.int32)


@pytest.mark.parametrize("few", [0, 100], ids=["table", "sorted"])
def test_numbers_are_counted(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "FEW", few)
    assert counted(SOME) == {0: 3, 3: 1, 738_000: 2, 738_100: 1}
    assert distinct(SOME) == 4
    numbers, which = numbered(SOME)
    assert numbers == [0, 3, 738_000, 738_100]
    assert which.tolist() == [2, 0, 3, 2, 1, 0, 0]
    none = np.zeros(0, np.int32)
    assert (counted(none), distinct(none), numbered(none)[0]) == ({}, 0, [])
