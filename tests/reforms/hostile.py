"""A thousand texts that are meant to break a file or to be calculated."""

from agencies.lib.long_sheets import NOT_IN_XML

STARTS = (
    "",
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "\t",
    "\r",
    "\n",
    " =",
    "　=",
    "\ufeff=",
    "\x0b",
    "\u2028",
    "'=",
)
BODIES = (
    *("1+1", "cmd|'/C calc'!A0", 'HYPERLINK("http://a","点此")', 'DDE("a";"b")', "<w:t>&amp;</w:t>", "]]><!--"),
    *("😀👨\u200d👩\u200d👧", "\x01\x08\x1f\x7f\x85", "\u202egnp", "\ufffe\uffff", "_x000D_", "{{ x }}{% y %}", "%s%n"),
    *("国" * 2000, "a" * 5000, "../../etc", "第一行\r\n第二行\x0c第三行"),
)
HOSTILE = [f"{start}{body}{n}" for n in range(4) for start in STARTS for body in BODIES][:1000]


def as_lines(text: str) -> str:
    """What a Word document holds of it: what XML can, line by line."""
    return "\n".join(NOT_IN_XML.sub("", text).splitlines())


def in_a_cell(text: str) -> str:
    """What a workbook holds of it."""
    return NOT_IN_XML.sub("", text)
