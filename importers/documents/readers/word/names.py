"""The element names of WordprocessingML, in its transitional and its strict namespace."""

from dataclasses import dataclass
from functools import lru_cache

TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
MATHS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}t",
    "{http://purl.oclc.org/ooxml/officeDocument/math}t",
)
CHOICE, FALLBACK = COMPATIBILITY + "Choice", COMPATIBILITY + "Fallback"
ALTERNATE = COMPATIBILITY + "AlternateContent"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

_OLD_FORMATTING = ("rPrChange", "pPrChange", "tcPrChange", "trPrChange", "tblPrExChange", "numberingChange")
_UNUSUAL = ("ins", "del", "moveFrom", "moveTo", "vanish", "specVanish", "cellIns", "cellDel", "cellMerge")
_MORE_UNUSUAL = (
    "hidden",
    "txbxContent",
    "rt",
    "showingPlcHdr",
    "fldChar",
    "rStyle",
    "pStyle",
    "strike",
    "dstrike",
    *_OLD_FORMATTING,
)
# Shown as they stand, but they nest, and nesting is bounded.
_CONTAINERS = (
    "sdt",
    "smartTag",
    "customXml",
    "hyperlink",
    "fldSimple",
    "dir",
    "bdo",
    "drawing",
    "pict",
    "object",
)


@dataclass(frozen=True)
class Names:
    """Qualified names of one namespace: `names["tbl"]`, what is text, what is not shown as it stands."""

    prefix: str
    text: tuple[str, ...]
    unusual: tuple[str, ...]

    def __getitem__(self, local: str) -> str:
        return self.prefix + local


@lru_cache(maxsize=2)
def names_of(namespace: str) -> Names:
    """The names in one of the two namespaces."""
    prefix = f"{{{namespace}}}"
    text = ("t", "p", "tab", "ptab", "br", "cr", "noBreakHyphen", "sym")
    unusual = tuple(prefix + local for local in _UNUSUAL + _MORE_UNUSUAL + _CONTAINERS)
    return Names(prefix, tuple(prefix + local for local in text) + MATHS, (*unusual, ALTERNATE))


def in_both(*locals_: str) -> list[str]:
    """The names in both namespaces, for a parser that has not yet seen which one it is."""
    return [f"{{{namespace}}}{local}" for namespace in (TRANSITIONAL, STRICT) for local in locals_]
