"""What paragraph and character styles contribute to a list: hidden text, contents and automatic numbers."""

from dataclasses import dataclass

from lxml import etree

from importers.documents.readers.word.names import Names

_OFF = ("0", "false", "off")


@dataclass(frozen=True, slots=True)
class NumberReference:
    """Which numbering a paragraph takes part in, and on which level."""

    num_id: str
    level: int


@dataclass(frozen=True, slots=True)
class Styles:
    """`hiding`: ids of styles whose text is hidden; `contents`: of those of a table of contents;
    `numbered`: style id → its numbering.
    """

    hiding: frozenset[str] = frozenset()
    contents: frozenset[str] = frozenset()
    numbered: tuple[tuple[str, NumberReference], ...] = ()


def read_styles(root: etree._Element, names: Names) -> Styles:
    """The facts of every style, with what it inherits."""
    styles = {style.get(names["styleId"]) or "": style for style in root.iter(names["style"])}
    hiding, contents, numbered = set(), set(), []
    for style_id, style in styles.items():
        name = style.find(names["name"])
        if name is not None and (name.get(names["val"]) or "").lower().startswith("toc "):
            contents.add(style_id)
        chain = _with_ancestors(style_id, styles, names)
        if _hides(chain, names):
            hiding.add(style_id)
        reference = _numbering(chain, names)
        if reference:
            numbered.append((style_id, reference))
    return Styles(frozenset(hiding), frozenset(contents), tuple(numbered))


def _with_ancestors(style_id: str, styles: dict[str, etree._Element], names: Names) -> list[etree._Element]:
    chain: list[etree._Element] = []
    seen: set[str] = set()
    # A damaged file may have styles based on each other.
    while style_id in styles and style_id not in seen:
        seen.add(style_id)
        chain.append(styles[style_id])
        based_on = styles[style_id].find(names["basedOn"])
        style_id = (based_on.get(names["val"]) or "") if based_on is not None else ""
    return chain


def _hides(chain: list[etree._Element], names: Names) -> bool:
    for style in chain:
        vanish = style.find(f"{names['rPr']}/{names['vanish']}")
        if vanish is not None:
            return vanish.get(names["val"]) not in _OFF
    return False


def _numbering(chain: list[etree._Element], names: Names) -> NumberReference | None:
    for style in chain:
        properties = style.find(f"{names['pPr']}/{names['numPr']}")
        if properties is not None:
            return number_reference(properties, names)
    return None


def number_reference(properties: etree._Element, names: Names) -> NumberReference | None:
    """A `w:numPr`; numId 0 switches numbering off."""
    num_id, level = properties.find(names["numId"]), properties.find(names["ilvl"])
    value = num_id.get(names["val"]) if num_id is not None else None
    if not value or value == "0":
        return None
    return NumberReference(value, _small_int(level.get(names["val"]) if level is not None else None, 0))


def _small_int(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 6 else default
