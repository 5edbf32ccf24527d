"""What a document shows beside plain text: struck out, commented, in a box. Each is told, and nothing is guessed."""

from collections.abc import Iterator, Sequence

from lxml import etree

from agencies.lib.untrusted.zips import Package
from importers.documents.readers.relations import RelatedParts
from importers.documents.readers.xml import parse_part
from importers.documents.sentences import gettext_noop, problem
from importers.documents.values import Problem

_STRUCK = gettext_noop(
    "文件有{count}处文字带删除线（{named}），已按没有删除线读取。请核对；如应删去，请删去后重新上传。"
)
_COMMENTS = gettext_noop("文件有{count}条批注（{named}），未读取。请核对；如应修改，请改在正文后重新上传。")
_BOXES = gettext_noop("文件有{count}处文本框（{named}），其中的文字未读取。如属清单内容，请移入表格后重新上传。")
_NAMED, _LONGEST = 5, 40
_OFF = ("0", "false", "off")


def told_besides(struck: Sequence[str], boxes: Sequence[str], comments: Sequence[str]) -> Iterator[Problem]:
    """One problem for each kind of such texts that a document has."""
    kinds = (("struck_text", _STRUCK, struck), ("paragraph_not_read", _BOXES, boxes))
    for kind, sentence, texts in (*kinds, ("comments_not_read", _COMMENTS, comments)):
        if texts:
            named = "、".join(f"“{text[:_LONGEST]}”" for text in texts[:_NAMED])
            yield problem(kind, sentence, value="\n".join(texts), count=len(texts), named=named)


def comments_of(package: Package, related: RelatedParts) -> list[str]:
    """What is commented beside a part that names these others."""
    parts = related.get("comments", ())
    return [text for path in parts for text in _texts(parse_part(package, path), ("comment",))]


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
