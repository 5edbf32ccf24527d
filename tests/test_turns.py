"""What takes turns leaves no way out."""

import pytest

from tests import turns
from tests.turns import shared_out, ways_in_turn


def test_each_way_has_its_turn() -> None:
    assert [ways_in_turn("abcd", 2, turn) for turn in (6, 7, 8)] == [["a", "b"], ["c", "d"], ["a", "b"]]
    assert [ways_in_turn("ab", 1, turn) for turn in (6, 7)] == [["a"], ["b"]]


@pytest.mark.parametrize("days", [2, 3])
@pytest.mark.parametrize("count", [1, 4, 9, 10, 19])
def test_each_way_is_seen_every_day_on_one_half_and_on_each_within_the_days(
    monkeypatch: pytest.MonkeyPatch, count: int, days: int
) -> None:
    monkeypatch.setattr(turns, "ALL", False)
    seen: dict[str, list[int]] = {"sqlite": [], "server": []}
    for turn in range(7, 7 + days):
        monkeypatch.setattr(turns, "TURN", turn)
        today = {}
        for half in seen:
            monkeypatch.setattr(turns, "HALF", half)
            today[half] = list(shared_out(range(count), days))
            seen[half] += today[half]
        assert sorted(today["sqlite"] + today["server"]) == list(range(count))
        assert count // days <= len(today["server"]) <= -(-count // days)
    assert sorted(seen["server"]) == list(range(count))
    assert set(seen["sqlite"]) == set(range(count))


@pytest.mark.parametrize(("half", "every"), [("", False), ("server", True), ("sqlite", True)])
def test_alone_or_when_all_are_asked_for_none_waits(monkeypatch: pytest.MonkeyPatch, half: str, every: bool) -> None:
    monkeypatch.setattr(turns, "HALF", half)
    monkeypatch.setattr(turns, "ALL", every)
    assert list(shared_out("abcdef", days=3)) == list("abcdef")
