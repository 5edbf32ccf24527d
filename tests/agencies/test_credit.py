"""统一社会信用代码: the check character catches a slip of one character and of two neighbours."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import assume, given
from hypothesis import strategies as st

from agencies.models.agency import CODE_CHARACTERS, check_character, is_credit_code, validate_credit_code

VALID = ["91350100M000100Y43", "91110000600037341L", "914403001922038216"]
bodies = st.text(CODE_CHARACTERS, min_size=17, max_size=17)


@pytest.mark.parametrize("code", VALID)
def test_a_code_in_use_is_valid(code: str) -> None:
    validate_credit_code(code)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("91350100M000100Y44", "统一社会信用代码的校验位不符，请对照登记证书逐位核对。"),
        ("9135O100M000100Y43", "统一社会信用代码的校验位不符，请对照登记证书逐位核对。"),
        ("91350100M000100Y4", "统一社会信用代码应为18位，现为17位，请核对。"),
    ],
)
def test_a_wrong_code_is_refused_with_what_to_do(code: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_credit_code(code)
    assert refused.value.messages == [said]


@given(bodies, st.integers(0, 16), st.sampled_from(CODE_CHARACTERS))
def test_one_wrong_character_is_noticed(body: str, place: int, other: str) -> None:
    assume(body[place] != other)
    code = body + check_character(body)
    assert is_credit_code(code)
    assert not is_credit_code(code[:place] + other + code[place + 1 :])


@given(bodies, st.integers(0, 15))
def test_two_neighbours_swapped_are_noticed(body: str, place: int) -> None:
    assume(body[place] != body[place + 1])
    swapped = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
    assert not is_credit_code(swapped + check_character(body))
