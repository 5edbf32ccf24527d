"""How much there is to read in a document, by what it holds: a file of little size may hold a very long list."""

import re
from dataclasses import replace
from io import BytesIO

from agencies.lib.untrusted.limits import MEGABYTE, FileRefused
from agencies.lib.untrusted.zips import Package
from importers.documents.convert.formats import old_format
from importers.documents.limits import LIMITS, Limits, Rejected

SMALL_ROWS = 1_000
# A list in paragraphs takes several lines for a row.
_LINES_OF_A_ROW = 6
# The lists of Word take 2 KB a row.
SMALL = replace(LIMITS, inflated_size=2 * MEGABYTE, inflation_ratio=None)
# <w:tr> and <w:tr w:rsidR="…"> of Word, <row r="1"> of a spreadsheet; not <w:trPr>.
_ROW = re.compile(rb"<(?:\w+:)?(?:row|tr)[\s/>]")


def is_small(data: bytes, most_rows: int = SMALL_ROWS, limits: Limits = SMALL) -> bool:
    """Whether somebody can wait while it is read. What is refused at its first bytes is small as well."""
    try:
        # Starting the converter alone takes seconds.
        return old_format(data) is None and _rows(data, limits) <= most_rows
    except Rejected:
        return True
    except FileRefused as refused:
        return refused.code != "bomb"


def _rows(data: bytes, limits: Limits) -> int:
    """The rows of its tables, or its lines. Raises FileRefused when there is more than `limits` allow."""
    if not data.startswith(b"PK"):
        if len(data) > limits.inflated_size:
            raise FileRefused("bomb")
        return data.count(b"\n") // _LINES_OF_A_ROW
    package = Package(BytesIO(data), limits)
    return sum(len(_ROW.findall(chunk)) for entry in package.entries for chunk in package.inflate(entry))
