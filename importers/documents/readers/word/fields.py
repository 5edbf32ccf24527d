"""Fields of a Word document that show a date of their own accord."""

import re

from agencies.lib.untrusted.zips import Package
from importers.documents.readers.word.names import in_both
from importers.documents.readers.xml import stream_part

_MAIN_PART = "word/document.xml"
_DATE = re.compile(r"^\s*(?:DATE|TIME|SAVEDATE|PRINTDATE|CREATEDATE)\b", re.IGNORECASE)


def has_date_fields(package: Package) -> bool:
    """Whether any field of the text is one that a program may set to the day on which it opens the file."""
    if _MAIN_PART not in package:
        return False
    simple = in_both("fldSimple")
    codes: list[str] = []
    for event, element in stream_part(package, _MAIN_PART, [*simple, *in_both("instrText", "fldChar")]):
        if event == "start" and element.tag in simple:
            codes.append(f"\n{element.get(str(element.tag).replace('fldSimple', 'instr'))}\n")
        elif event == "end" and element.tag not in simple:
            # A code may be split over several runs; what begins or ends a field has no text and divides the codes.
            codes.append(element.text or "\n")
    return any(map(_DATE.match, "".join(codes).split("\n")))
