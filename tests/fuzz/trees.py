"""Damage to one XML part: its tree, or the text it is written as. Each function is one way and gives the new bytes."""

import re
from collections.abc import Callable
from random import Random

from lxml import etree

from tests.fuzz import words

VALUES = (
    "-1", "0", "1", "2", "60", "999999999", "99999999999999999999", "1.5", "NaN", "1e400", "-1e308", "٣", "²", "",
    " 3 ", "true", "off", "restart", "continue", "rest", "cont", "x" * 5000, "A1", "ZZZ9999999", "A1:XFD1048576",
    "C3:A1", "s", "str", "inlineStr", "b", "d", "e", "n", "decimal", "chineseCounting", "FFFF", "D800", "0000",
    "begin", "separate", "end", "../a", "http://www.w3.org/XML/1998/namespace", "2022-02-30", "44926", "2958466",
    "-44926.5", '[$-804]yyyy"年"', "%1%2%9",
)  # fmt: skip
WORD_TAGS = (
    "tbl", "tr", "tc", "p", "r", "t", "tcPr", "trPr", "pPr", "rPr", "gridSpan", "vMerge", "hMerge", "gridBefore",
    "gridAfter", "ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge", "sdt", "sdtPr", "sdtContent",
    "showingPlcHdr", "vanish", "fldChar", "instrText", "br", "tab", "cr", "sym", "txbxContent", "numPr", "numId",
    "ilvl", "pStyle", "rStyle", "smartTag", "hyperlink", "fldSimple", "ruby", "rt", "body", "document", "sectPr",
    "bookmarkStart", "tblGrid", "noBreakHyphen", "style", "basedOn", "abstractNum", "num", "lvl", "lvlText", "numFmt",
    "start", "lvlOverride", "startOverride", "abstractNumId",
)  # fmt: skip
SHEET_TAGS = (
    "row", "c", "v", "f", "is", "t", "r", "si", "rPh", "mergeCell", "mergeCells", "col", "cols", "sheetData", "sheet",
    "worksheet", "dimension", "workbookPr", "numFmt", "xf", "cellXfs",
)  # fmt: skip
ATTRIBUTES = (
    "val",
    "r",
    "s",
    "t",
    "min",
    "max",
    "hidden",
    "ht",
    "width",
    "ref",
    "char",
    "font",
    "fldCharType",
    "id",
    "vMerge",
    "state",
)
NAMESPACES = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "urn:nothing",
    "",
)
_PARSER = etree.XMLParser(huge_tree=True, resolve_entities=False)


def mutated(part: bytes, random: Random) -> bytes:
    """Some damage to the tree; to its text when it is no tree any more."""
    try:
        root = etree.fromstring(part, _PARSER)
    except etree.XMLSyntaxError:
        return random.choice(IN_TEXT)(part, random)
    for _ in range(random.choice((1, 1, 2, 5, 20))):
        random.choice(IN_TREE)(root, random)
    written = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return random.choice(IN_TEXT)(written, random) if random.random() < 0.1 else written


# The tree ---------------------------------------------------------------------------------------


def _one(root: etree._Element, random: Random) -> etree._Element:
    """An element below the root, one of a table rather than any."""
    found = (
        list(root.iter("{*}tr", "{*}tc", "{*}tbl", "{*}row", "{*}c", "{*}sheet", "{*}p"))
        if random.random() < 0.6
        else []
    )
    found = found or [one for one in root.iter("*") if one is not root] or [root]
    return random.choice(found)


def _name(root: etree._Element, local: str, random: Random) -> str:
    space = etree.QName(root).namespace or ""
    space = random.choice(NAMESPACES) if random.random() < 0.05 else space
    return f"{{{space}}}{local}" if space else local


def _tag(root: etree._Element, random: Random) -> str:
    sheet = "spreadsheetml" in (etree.QName(root).namespace or "")
    return _name(root, random.choice(SHEET_TAGS if sheet else WORD_TAGS), random)


def delete(root: etree._Element, random: Random) -> None:
    one = _one(root, random)
    parent = one.getparent()
    if parent is not None:
        parent.remove(one)


def double(root: etree._Element, random: Random) -> None:
    one = _one(root, random)
    parent = one.getparent()
    if parent is not None:
        for _ in range(random.choice((1, 2, 30))):
            parent.insert(random.randrange(len(parent) + 1), _copy(one))


def _copy(one: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(one, with_tail=False), _PARSER)


def move(root: etree._Element, random: Random) -> None:
    one, place = _one(root, random), _one(root, random)
    if one is root or one is place or one in place.iterancestors():
        return
    place.insert(random.randrange(len(place) + 1), one)


def nest(root: etree._Element, random: Random) -> None:
    """Wrap an element, once or many times."""
    one = _one(root, random)
    parent = one.getparent()
    if parent is None:
        return
    at, tag = parent.index(one), _tag(root, random)
    outer = inner = etree.Element(tag)
    for _ in range(random.choice((0, 1, 3, 70, 300, 2000))):
        inner = etree.SubElement(inner, tag)
    parent.insert(at, outer)
    inner.append(one)


def retag(root: etree._Element, random: Random) -> None:
    _one(root, random).tag = _tag(root, random)


def retag_all(root: etree._Element, random: Random) -> None:
    """Every row becomes a cell, or the like."""
    new = _tag(root, random)
    for one in list(root.iter(_one(root, random).tag)):
        one.tag = new


def add(root: etree._Element, random: Random) -> None:
    one = etree.Element(_tag(root, random))
    set_attribute(one, random)
    _one(root, random).insert(random.randrange(3), one)


def set_attribute(root: etree._Element, random: Random) -> None:
    one = _one(root, random)
    names = [str(name) for name in one.attrib]
    name = random.choice(names) if names and random.random() < 0.5 else _name(one, random.choice(ATTRIBUTES), random)
    one.set(name if random.random() < 0.8 else random.choice(ATTRIBUTES), random.choice(VALUES))


def set_attribute_everywhere(root: etree._Element, random: Random) -> None:
    tag, value = _one(root, random).tag, random.choice(VALUES)
    name = _name(root, random.choice(ATTRIBUTES), random)
    for one in root.iter(tag):
        one.set(name, value)


def span(root: etree._Element, random: Random) -> None:
    """What a cell says about its shape, or a paragraph about its number, gone wrong."""
    tag, place = random.choice(
        (
            ("tcPr", "gridSpan"),
            ("tcPr", "vMerge"),
            ("tcPr", "hMerge"),
            ("trPr", "gridBefore"),
            ("numPr", "numId"),
            ("numPr", "ilvl"),
        )
    )
    owners = list(root.iter("{*}tc" if tag == "tcPr" else "{*}tr" if tag == "trPr" else "{*}p"))
    for owner in random.sample(owners, min(len(owners), random.choice((1, 5, 5000)))):
        properties = etree.SubElement(owner, _name(root, tag, random))
        owner.insert(0, properties)
        etree.SubElement(properties, _name(root, place, random)).set(_name(root, "val", random), random.choice(VALUES))


def say(root: etree._Element, random: Random) -> None:
    """Another text in one or many places."""
    texts = [one for one in root.iter("{*}t", "{*}v", "{*}f") if one.text]
    for one in random.sample(texts, min(len(texts), random.choice((1, 1, 3, 200)))):
        one.text = _allowed(words.hostile(random))


def _allowed(text: str) -> str:
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "?", text)


IN_TREE: tuple[Callable[[etree._Element, Random], None], ...] = (
    delete, double, move, nest, retag, retag_all, add, set_attribute, set_attribute, set_attribute_everywhere, span,
    span, say, say, say, say,
)  # fmt: skip

# The text ---------------------------------------------------------------------------------------

DOCTYPES = (
    b"<!DOCTYPE a>",
    b'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY c "&b;&b;">]>',
    b'<!DOCTYPE a SYSTEM "file:///etc/passwd">',
    b'<!doctype a [<!ENTITY % b SYSTEM "http://127.0.0.1:9/">%b;]>',
    b"<!DOCTYPE\na\n[<!ATTLIST a b CDATA 'c'>]>",
)
ENCODINGS = (
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-7",
    "gb18030",
    "big5",
    "utf-8-sig",
    "iso2022_jp",
    "cp037",
)
PIECES = (
    b"&#0;", b"&#xD800;", b"&#x1F;", b"&#xFFFF;", b"&#x10FFFF;", b"&a;", b"&lt;&lt;&lt;", b"<![CDATA[", b"]]>",
    b"<!--", b"-->", b"<?php ?>", b"<?xml version='1.0'?>", b"\0", b"\xff", b"\xed\xa0\x80", b"\x1b", b"<w:t>",
    b"</w:tr>", b"<w:tbl><w:tr><w:tc>", b"<a b='" + b"c" * 20_000 + b"'>", b"<a xmlns:w='urn:x'>", b"x" * 100_000,
    b"<!DOCTYPE a>",
)  # fmt: skip


def with_doctype(part: bytes, random: Random) -> bytes:
    doctype = random.choice(DOCTYPES)
    at = part.find(b"?>") + 2 if part.startswith(b"<?xml") else 0
    if random.random() < 0.3:
        doctype = b"<!--" + b"x" * random.choice((10, 70_000)) + b"-->" + doctype
    changed = part[:at] + doctype + part[at:]
    return in_another_encoding(changed, random) if random.random() < 0.3 else changed


def in_another_encoding(part: bytes, random: Random) -> bytes:
    """Written in one encoding; the declaration may say another."""
    encoding = random.choice(ENCODINGS)
    said = random.choice((encoding, random.choice(ENCODINGS), "nothing", "UTF-8"))
    text = re.sub(r"(<\?xml[^>]*encoding=)['\"][^'\"]*['\"]", rf"\1'{said}'", part.decode("utf-8", "replace"), count=1)
    return text.encode(encoding, "replace")


def with_piece(part: bytes, random: Random) -> bytes:
    damaged = part
    for _ in range(random.choice((1, 1, 5))):
        at = random.choice(
            (random.randrange(len(damaged) + 1), damaged.find(b">", random.randrange(len(damaged) + 1)) + 1)
        )
        damaged = damaged[:at] + random.choice(PIECES) + damaged[at:]
    return damaged


def cut(part: bytes, random: Random) -> bytes:
    return part[: random.randrange(len(part) + 1)]


def with_flips(part: bytes, random: Random) -> bytes:
    damaged = bytearray(part)
    for _ in range(random.choice((1, 3, 30))):
        if damaged:
            damaged[random.randrange(len(damaged))] = random.randrange(256)
    return bytes(damaged)


def in_other_namespace(part: bytes, random: Random) -> bytes:
    return part.replace(random.choice(NAMESPACES[:5]).encode(), random.choice(NAMESPACES).encode())


IN_TEXT: tuple[Callable[[bytes, Random], bytes], ...] = (
    with_doctype, in_another_encoding, with_piece, with_piece, cut, with_flips, in_other_namespace,
)  # fmt: skip
