"""Marking the words that changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reforms.lib.textdiff import Piece, marked

WORDS = st.text(alphabet="推进改革，试点。企业、服务", max_size=80)


def shown(old: str, new: str) -> str:
    """[gone] {come}, the rest as it is."""
    brackets = {"deleted": "[%s]", "inserted": "{%s}"}
    return "".join(brackets.get(piece.kind, "%s") % piece.text for piece in marked(old, new))


LONG = "运用人工智能、大数据等科技手段，创建知识库、问答库，推动平台指引全面数字化。"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2022年12月底", "2023年3月底", "[2022年12月底] → {2023年3月底}"),
        ("优化植物检疫程序", "进一步优化植物检疫程序", "{进一步}优化植物检疫程序"),
        (
            LONG,
            LONG.replace("大数据", "大数据、云计算"),
            "运用人工智能、大数据{、云计算}等科技手段，创建知识库、问答库，推动平台指引全面数字化。",
        ),
        (
            "将社保开户、员工社保登记、社保账户注销等环节纳入平台。",
            "将社保开户、公积金开户、员工社保登记、社保账户注销等环节纳入平台。",
            "将社保开户、{公积金开户、}员工社保登记、社保账户注销等环节纳入平台。",
        ),
        (LONG, LONG, LONG),
    ],
)
def test_it_marks_the_words_that_went_and_came(old: str, new: str, expected: str) -> None:
    assert shown(old, new) == expected


@given(old=WORDS, new=WORDS)
def test_both_texts_can_be_read_from_the_marks(old: str, new: str) -> None:
    pieces = marked(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind in ("equal", "deleted")) == old
    assert "".join(piece.text for piece in pieces if piece.kind in ("equal", "inserted")) == new


def test_a_very_long_text_is_shown_as_two() -> None:
    assert [piece.kind for piece in marked("改" * 3000, "革" * 3000)] == ["deleted", "separator", "inserted"]


def test_a_piece_knows_what_it_is() -> None:
    assert marked("优化植物检疫程序", "优化植物检疫程序") == [Piece("equal", "优化植物检疫程序")]
