"""Whether something is written in Chinese, and whether a page is read in English."""

import re

from django.utils.translation import get_language

_CHINESE = re.compile("[\u3400-\u9fff]")


def has_chinese(text: str) -> bool:
    """Whether any sign of it is Chinese; punctuation is of no language."""
    return bool(_CHINESE.search(text))


def english() -> bool:
    """Whether the page is in English."""
    return (get_language() or "").startswith("en")
