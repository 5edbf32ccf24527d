"""Whether something is written in Chinese."""

import re

_CHINESE = re.compile("[\u3400-\u9fff]")


def has_chinese(text: str) -> bool:
    """Whether any sign of it is Chinese; punctuation is of no language."""
    return bool(_CHINESE.search(text))
