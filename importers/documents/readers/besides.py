"""What a document shows beside plain text: struck out, commented, in a box, in the margins of its pages. Each is
told, and nothing is guessed."""

import re
from collections.abc import Iterable, Iterator, Sequence

from lxml import etree

from agencies.lib.untrusted.zips import Package
from importers.documents.grammar.text import squeezed
from importers.documents.layout.headings import is_place_mark
from importers.documents.readers.relations import RelatedParts
from importers.documents.readers.xml import parse_part
from importers.documents.values import Problem, gettext_noop, problem

_STRUCK = gettext_noop(
    "文件有{count}处文字带删除线（{named}），已按没有删除线读取。请核对；如应删去，请删去后重新上传。"
)
_COMMENTS = gettext_noop("文件有{count}条批注（{named}），未读取。请核对；如应修改，请改在正文后重新上传。")
_BOXES = gettext_noop("文件有{count}处文本框（{named}），其中的文字未读取。如属清单内容，请移入表格后重新上传。")
_MARGINS = gettext_noop("页眉页脚有{count}处文字（{named}），未读取。请核对；如属清单内容，请移入正文后重新上传。")
_NAMED, _LONGEST = 5, 40
# &L, &C, &R: at the left, in the middle, at the right; && is the character.
_PLACES, _AND = re.compile("&[LCR]", re.IGNORECASE), "\0"
# &"宋体,常规", &12, &K01+000, &P: fonts, sizes, colours, and what a program works out.
_CODES = re.compile(r'&(?:"[^"&]{0,200}"|K[0-9A-F]{2}[0-9A-F+-][0-9A-F]{3}|\d{1,3}|[A-Z])', re.IGNORECASE)
_OFF = ("0", "false", "off")


def told_besides(
    struck: Sequence[str], boxes: Sequence[str], comments: Sequence[str], margins: Iterable[str]
) -> Iterator[Problem]:
    """One problem for each kind of such texts that a document has."""
    kinds = (
        ("struck_text", _STRUCK, struck),
        ("paragraph_not_read", _BOXES, boxes),
        ("paragraph_not_read", _MARGINS, [*dict.fromkeys(margins)]),
        ("comments_not_read", _COMMENTS, comments),
    )
    for kind, sentence, texts in kinds:
        if texts:
            named = "、".join(f"“{text[:_LONGEST]}”" for text in texts[:_NAMED])
            yield problem(kind, sentence, value="\n".join(texts), count=len(texts), named=named)


def comments_of(package: Package, related: RelatedParts) -> list[str]:
    """What is commented beside a part that names these others."""
    parts = related.get("comments", ())
    return [text for path in parts for text in _texts(parse_part(package, path), ("comment",))]


def boxes_of(package: Package, related: RelatedParts) -> list[str]:
    """The texts in boxes and shapes that are drawn over a sheet."""
    return [text for path in related.get("drawing", ()) for text in _texts(parse_part(package, path), ("txBody",))]


def not_in_text(margins: Iterable[str], printed: Iterable[str]) -> list[str]:
    """What the margins say that the pages do not: neither their numbers nor a title that is printed again."""
    texts = [squeezed(text) for text in printed]
    return [text for text in margins if not is_place_mark(text) and not any(squeezed(text) in one for one in texts)]


def margins_of(package: Package, related: RelatedParts) -> list[str]:
    """What is printed at the top and at the bottom of the pages of a document."""
    parts = [path for kind in ("header", "footer") for path in related.get(kind, ())]
    return [text for path in parts for text in _texts(parse_part(package, path), ("p",))]


def margins_in(codes: str) -> list[str]:
    """The same of a sheet, where positions, fonts and numbers of pages are written as codes."""
    parts = _PLACES.split(codes.replace("&&", _AND))
    texts = (" ".join(_CODES.sub(" ", part).replace(_AND, "&").split()) for part in parts)
    return [text for text in texts if text]


def footnotes_of(package: Package, related: RelatedParts) -> list[str]:
    """The footnotes and endnotes of a part that names these others, without the lines that set them off."""
    parts = [path for kind, paths in related.items() if kind in ("footnotes", "endnotes") for path in paths]
    names = ("footnote", "endnote")
    return [text for path in parts for text in _texts(parse_part(package, path), names)]


def _texts(root: etree._Element, names: tuple[str, ...]) -> Iterator[str]:
    for element in root.iter("{*}" + names[0], *("{*}" + name for name in names[1:])):
        text = "".join(one.text or "" for one in element.iter("{*}t")).strip()
        if text:
            yield text


def struck_in(element: etree._Element, run: str) -> list[str]:
    """The texts of the runs (elements called `run`) in it that are struck out."""
    found = []
    for mark in element.iter("{*}strike", "{*}dstrike"):
        owner = next(mark.iterancestors(run), None)
        is_off = any(mark.get(name) in _OFF for name in mark.attrib if str(name).rpartition("}")[2] == "val")
        text = "" if owner is None or is_off else "".join(one.text or "" for one in owner.iter("{*}t"))
        found.extend([text] if text.strip() else [])
    return found
