"""红头模板: the office's own letterhead, into which 通报, 专报, 函 and 督办单 are written. It is a Word document from
somebody else: it is looked through before it is taken, and seen with a text in it before it is used."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from io import BytesIO
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from docx import Document
from docx.document import Document as DocumentType
from docx.oxml.ns import qn
from lxml import etree

from agencies.access import Principal, Verb, may
from agencies.lib.untrusted.limits import MEGABYTE, FileRefused, ZipLimits
from agencies.lib.untrusted.xml import parse
from agencies.lib.untrusted.zips import Package
from agencies.log.write import Entry, record
from agencies.models import Change
from reforms.files.inspection import MEANS, clean_name, refusal
from reforms.files.types import WORD, kind_of
from reforms.models import Bulletin, Letterhead, SupervisionOrder

MOST = 2 * MEGABYTE
LIMITS = ZipLimits(parts=500, declared_size=40 * MEGABYTE, inflated_size=40 * MEGABYTE)
BODY = "正文"
# For what the office may have one, each its own.
KINDS = {**dict(Bulletin.Kind.choices), SupervisionOrder.log_kind: gettext_lazy("督办单")}
# What stands in place of 【…】, wherever in the letterhead; BODY in a paragraph of its own.
MARKS = ("标题", "文号", "期号", "日期", "签发人", "编发单位", "截至日", "主送", "抄送", "印发日期")
MARK = re.compile(f"【({'|'.join((*MARKS, BODY))})】")
# Pictures and fonts are carried along; whatever else is no XML, or holds another program's data, is foreign.
CARRIED = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".odttf")
FOREIGN = re.compile(r"embeddings/|activex/|afchunk|oleobject", re.IGNORECASE)
FETCHING = re.compile(r"^\s*\\?\s*(?:INCLUDE\w*|DDE\w*|LINK|IMPORT|MACROBUTTON|DATABASE|RD)\b", re.IGNORECASE)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def letterhead_of(one: Bulletin | SupervisionOrder) -> Letterhead | None:
    """That in which it was issued, for a draft the one that is used now; None where it is the portal's own form."""
    if one.issued_on:
        return one.letterhead
    return in_use(one)


def in_use(one: Bulletin | SupervisionOrder) -> Letterhead | None:
    """That of its kind; None where it is the portal's own form."""
    kind = one.kind if isinstance(one, Bulletin) else one.log_kind
    return Letterhead.objects.filter(kind=kind, state=Letterhead.State.USED).first()


def add_letterhead(kind: str, data: bytes, name: str, *, who: Principal, on: dt.date) -> Letterhead:
    """Take one in to be looked at; one that waited to be used gives way. Raises PermissionDenied, and ValidationError
    with what is wrong with the file."""
    _allowed(who)
    name = clean_name(name)
    check_letterhead(data, name)
    with transaction.atomic():
        Letterhead.objects.filter(kind=kind, state=Letterhead.State.TRIED).update(state=Letterhead.State.PUT_AWAY)
        sha256 = hashlib.sha256(data).hexdigest()
        facts = {"name": name, "data": data, "sha256": sha256, "added_on": on, "added_by": who.label}
        made = Letterhead.objects.create(kind=kind, **facts)
        record([_entry("letterhead.added", made, after={"file": name, "sha256": sha256})], who=who, on=on)
    return made


def use_letterhead(pk: int, *, who: Principal, on: dt.date) -> Letterhead:
    """From now on documents of its kind are written into it; those that were issued stay in theirs. Raises
    PermissionDenied, and ValidationError where nobody has looked at it."""
    with transaction.atomic():
        found = _held(pk, who)
        if not found.looked_at:
            raise ValidationError(_("请先下载预览，核对无误后再启用。"), code="unseen")
        Letterhead.objects.filter(kind=found.kind, state=Letterhead.State.USED).update(state=Letterhead.State.PUT_AWAY)
        found.state = Letterhead.State.USED
        found.save()
        record([_entry("letterhead.used", found, after={"file": found.name, "sha256": found.sha256})], who=who, on=on)
    return found


def put_away(pk: int, *, who: Principal, on: dt.date) -> Letterhead:
    """Back to the portal's own, or not used after all. Raises PermissionDenied."""
    with transaction.atomic():
        found = _held(pk, who)
        if found.state != Letterhead.State.PUT_AWAY:
            found.state = Letterhead.State.PUT_AWAY
            found.save()
            record([_entry("letterhead.put_away", found, after={"file": found.name})], who=who, on=on)
    return found


def _held(pk: int, who: Principal) -> Letterhead:
    _allowed(who)
    return Letterhead.objects.select_for_update(no_key=True).get(pk=pk)


def _allowed(who: Principal) -> None:
    if not may(who, Verb.MANAGE_LISTS):
        raise PermissionDenied


def _entry(action: str, one: Letterhead, *, after: dict[str, Any]) -> Entry:
    internal = Change.Visibility.INTERNAL
    return Entry(action=action, kind="letterhead", object_id=one.pk, visibility=internal, before={}, after=after)


# Looking it through ------------------------------------------------------------------------------


def check_letterhead(data: bytes, name: str) -> None:
    """Raises ValidationError with a sentence where it is no plain Word document, holds macros, fetches anything from
    elsewhere, or does not say where the text goes."""
    if len(data) > MOST:
        raise ValidationError(_("“%(name)s”超过2MB。请压缩其中的图片后上传。") % {"name": name}, code="too_large")
    try:
        if kind_of(BytesIO(data)) is not WORD:
            raise ValidationError(_("红头模板须是Word文档（.docx）。请用WPS或Word另存为.docx后上传。"), code="not_word")
        wrong = _foreign(Package(BytesIO(data), LIMITS))
    except FileRefused as refused:
        raise refusal(MEANS.get(refused.code, refused.code), name) from None
    if wrong:
        raise ValidationError(wrong, code="foreign")
    try:
        document = Document(BytesIO(data))
        places = [one for one in document.element.body if one.tag == f"{W}p" and f"【{BODY}】" in _text(one)]
    except Exception:  # whatever python-docx raises on what it cannot read
        raise refusal("corrupt", name) from None
    if len(places) != 1 or sum(f"【{BODY}】" in _text(one) for one in _paragraphs(document)) != 1:
        raise ValidationError(
            _("模板中须有且仅有一段写明【正文】（不在表格或文本框中），正文和附表写在此处。"), code="no_place"
        )


def _foreign(package: Package) -> str:
    """What it holds that a letterhead must not, in a sentence; every part is inflated once within its bounds."""
    for entry in package.entries:
        data, part = b"".join(package.inflate(entry)), entry.filename
        if part.lower().endswith(CARRIED) or not data:
            continue
        if FOREIGN.search(part) or not part.lower().endswith((".xml", ".rels")):
            return _("模板中含有嵌入的对象或控件。请删去后上传。")
        root = parse(data, part)
        if part.lower().endswith(".rels") and any(_leads_out(one) for one in root.iter("{*}Relationship")):
            return _("模板中含有指向外部的链接（超链接、外部图片或外部模板）。请取消链接后上传。")
        if any(FETCHING.match(field) for field in _fields(root)):
            return _("模板中含有会读取外部内容的域。请将其转为文本后上传。")
    return ""


def _leads_out(relationship: etree._Element) -> bool:
    target = str(relationship.get("Target", ""))
    return relationship.get("TargetMode", "").lower() == "external" or "://" in target or target.startswith("\\\\")


def _fields(root: etree._Element) -> Iterator[str]:
    """Their instructions: a field's may be cut into several runs."""
    for paragraph in root.iter(f"{W}p"):
        yield "".join(one.text or "" for one in paragraph.iter(f"{W}instrText"))
    yield from (one.get(f"{W}instr", "") for one in root.iter(f"{W}fldSimple"))


# Writing into it ---------------------------------------------------------------------------------


def opened(letterhead: Letterhead) -> DocumentType:
    """As a document to be written into; it has the style of our tables."""
    document = Document(BytesIO(bytes(letterhead.data)))
    if "Table Grid" not in document.styles:
        document.styles.element.append(deepcopy(_grid()))
    return document


@cache
def _grid() -> Any:
    return Document().styles["Table Grid"].element


def marks_in(document: DocumentType) -> frozenset[str]:
    """Which marks it has, in head, foot and body."""
    return frozenset(mark for one in _paragraphs(document) for mark in MARK.findall(_text(one)))


def fill(document: DocumentType, said: Mapping[str, str], written: list[Any]) -> None:
    """Put what is `said` in place of the marks, as they are set, and what was `written` at the end where the text
    goes."""
    for paragraph in list(_paragraphs(document)):
        if f"【{BODY}】" in _text(paragraph) and paragraph.getparent() is document.element.body:
            for one in written:
                paragraph.addprevious(one)
            _take_out(paragraph)
        elif MARK.search(_text(paragraph)):
            _say(paragraph, said)


def _take_out(paragraph: Any) -> None:
    """The paragraph of the mark; one that ends a section stays, empty."""
    properties = paragraph.find(f"{W}pPr")
    if properties is not None and properties.find(f"{W}sectPr") is not None:
        for one in paragraph.findall(f"{W}r"):
            paragraph.remove(one)
    else:
        paragraph.getparent().remove(paragraph)


def _say(paragraph: Any, said: Mapping[str, str]) -> None:
    """A mark may be cut into several runs: what stands for it is set as its first character is."""
    runs = [one for one in paragraph.iter(f"{W}t") if _own(one, paragraph)]
    text = "".join(one.text or "" for one in runs)
    for found in reversed(list(MARK.finditer(text))):
        at = 0
        for run in runs:
            here = run.text or ""
            start, end = max(found.start() - at, 0), min(found.end() - at, len(here))
            if start < end:
                begins = found.start() >= at
                run.text = here[:start] + (said.get(found[1], "") if begins else "") + here[end:]
                run.set(qn("xml:space"), "preserve")
            at += len(here)


def _paragraphs(document: DocumentType) -> Iterator[Any]:
    """All of body, tables, boxes, heads and feet."""
    for part in document.part.package.iter_parts():
        if re.search(r"/(?:document|header|footer)\d*\.xml$", str(part.partname)) and hasattr(part, "element"):
            yield from part.element.iter(f"{W}p")


def _text(paragraph: Any) -> str:
    return "".join(one.text or "" for one in paragraph.iter(f"{W}t") if _own(one, paragraph))


def _own(text: Any, paragraph: Any) -> bool:
    """Whether a text is the paragraph's, and not one's of a box in it."""
    return next(text.iterancestors(f"{W}p")) is paragraph
