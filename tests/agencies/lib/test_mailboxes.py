"""What is taken for the address of a mailbox."""

import pytest

from agencies.lib.mailboxes import wrong_address


@pytest.mark.parametrize("address", ["jtj@sz.gov.cn", "a.b+c@mail.sz.gov.cn"])
def test_an_address_is_taken(address: str) -> None:
    assert wrong_address(address) == ""


@pytest.mark.parametrize(
    "text",
    [
        "jtj",
        "jtj@",
        "jtj＠sz.gov.cn",
        "jtj@ｓｚ.gov.cn",
        "a@sz.gov.cn;b@sz.gov.cn",
        "a@sz.gov.cn b@sz.gov.cn",
        f"{'a' * 64}@{'b.' * 100}cn",
    ],
)
def test_anything_else_is_quoted_back(text: str) -> None:
    assert wrong_address(text) == f"“{text[:60]}”不是邮箱地址。"
