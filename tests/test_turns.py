"""What takes turns leaves no way out."""

import pytest

from tests import turns
from tests.turns import all_but_on_a_server, ways_in_turn


def test_each_way_has_its_turn() -> None:
    assert [ways_in_turn("abcd", 2, turn) for turn in (6, 7, 8)] == [["a", "b"], ["c", "d"], ["a", "b"]]
    assert [ways_in_turn("ab", 1, turn) for turn in (6, 7)] == [["a"], ["b"]]


@pytest.mark.parametrize("count", [1, 4, 9, 10, 19])
def test_on_a_server_each_way_is_seen_once_within_the_days_and_each_day_as_many(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(turns, "ALL", False)
    monkeypatch.setattr(turns, "ON_A_SERVER", True)
    seen: list[int] = []
    for turn in range(7, 10):
        monkeypatch.setattr(turns, "TURN", turn)
        today = all_but_on_a_server(range(count), days=3)
        assert count // 3 <= len(today) <= -(-count // 3)
        seen += today
    assert sorted(seen) == list(range(count))


def test_without_a_server_or_when_all_are_asked_for_none_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for server, every in ((False, False), (True, True)):
        monkeypatch.setattr(turns, "ON_A_SERVER", server)
        monkeypatch.setattr(turns, "ALL", every)
        assert list(all_but_on_a_server("abcdef", days=3)) == list("abcdef")
