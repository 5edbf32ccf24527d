"""红头模板: written into as it is, refused where it is not what it seems, seen before it is used, kept for what was
issued."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt, RGBColor

from agencies.models import Agency, Change
from reforms.bulletins.drafts import digest_of, draft_bulletin, issue_bulletin, submit_bulletin
from reforms.models import Bulletin, Letterhead, ReformList
from reforms.office.letterheads import add_letterhead, check_letterhead, put_away, use_letterhead
from tests.conftest import ON
from tests.reforms.bulletins.test_bulletins import text_of
from tests.reforms.people import Cast, acting
from tests.reforms.shown import get

Kind = Bulletin.Kind
NAME = "红头.docx"


def red_head(*, body: str = "【正文】", title: bool = True, foot: bool = False) -> bytes:
    """As an office has one: letterhead, number and red line, a foot of its own."""
    document = Document()
    section = document.sections[0]
    section.left_margin = section.right_margin = Mm(30)
    section.footer.paragraphs[0].text = "某某办公室　第【期号】期"
    head = document.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = head.add_run("某某市督查通报")
    run.font.size, run.font.color.rgb = Pt(40), RGBColor(0xC0, 0, 0)
    # As Word cuts it where somebody has corrected it.
    number = document.add_paragraph("文号：【文")
    number.add_run("号】　签发人：【签发人】")
    if title:
        document.add_paragraph("【标题】").runs[0].font.size = Pt(22)
    document.add_paragraph(body)
    if foot:
        document.add_table(rows=1, cols=1).cell(0, 0).text = "抄送：【抄送】　【印发日期】印发"
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def altered(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """With a part of it changed, or with one more."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
        if part not in old.namelist():
            new.writestr(part, change(b""))
    return made.getvalue()


@pytest.fixture
def office(cast: Cast) -> Any:
    return {"who": acting(cast.supervisor), "on": ON}


@pytest.fixture
def signed_in(cast: Cast, client: Client) -> Client:
    client.force_login(cast.supervisor, backend="agencies.people.sign_in.PasswordBackend")
    return client


def used(office: Any, data: bytes, kind: str = Kind.BULLETIN) -> Letterhead:
    made = add_letterhead(kind, data, NAME, **office)
    Letterhead.objects.filter(pk=made.pk).update(looked_at=True)
    return use_letterhead(made.pk, **office)


def issued(draft: Bulletin, office: Any) -> Bulletin:
    submit_bulletin(draft.pk, seen=None, **office)
    return issue_bulletin(draft.pk, number="督〔2022〕3号", signed_by="王秘书长", issued_on=ON, seen=None, **office)


def fetched(client: Client, bulletin: Bulletin) -> Any:
    return Document(io.BytesIO(b"".join(client.get(f"{bulletin.get_absolute_url()}docx/").streaming_content)))


# Written into ------------------------------------------------------------------------------------


def test_what_is_issued_is_written_into_it_and_its_own_stays(demo: ReformList, office: Any, signed_in: Client) -> None:
    used(office, red_head())
    bulletin = issued(draft_bulletin(demo, ON, **office), office)
    document = fetched(signed_in, bulletin)
    said = [paragraph.text for paragraph in document.paragraphs]
    assert said[:4] == [
        "某某市督查通报",
        "文号：督〔2022〕3号　签发人：王秘书长",
        bulletin.title,
        "（截至2022年6月15日）",
    ]
    assert said.count(bulletin.title) == 1, "not again in the text"
    assert "督查通报" not in said, "our own masthead is not there"
    assert "一、总体情况" in said
    assert document.paragraphs[0].runs[0].font.color.rgb == RGBColor(0xC0, 0, 0)
    assert document.paragraphs[2].runs[0].font.size == Pt(22)
    section = document.sections[0]
    assert round(section.left_margin.mm) == 30
    assert section.footer.paragraphs[0].text == "某某办公室　第1期"
    assert not [text for text in said if "【" in text]
    # Its tables fit its page, that is narrower than ours.
    wide = max(sum(cell.width.mm for cell in table.rows[0].cells) for table in document.tables)
    assert wide <= 210 - 2 * 30 + 7, "the page of python-docx is 216 mm wide"


def test_our_foot_gives_way_to_its_own(demo: ReformList, office: Any, signed_in: Client) -> None:
    draft = draft_bulletin(demo, ON, **office)
    Bulletin.objects.filter(pk=draft.pk).update(copies_to="市委办公厅")
    used(office, red_head(foot=True))
    document = fetched(signed_in, draft)
    assert document.tables[-1].cell(0, 0).text == "抄送：市委办公厅　2022年6月15日印发"
    said = text_of(signed_in, draft)
    assert said.count("印发") == 1
    assert "（草稿）" in said, "a draft says that it is one"


def test_what_was_issued_stays_in_that_of_its_day(demo: ReformList, office: Any, signed_in: Client) -> None:
    ours = issued(draft_bulletin(demo, ON, **office), office)
    before = text_of(signed_in, ours)
    first = used(office, red_head())
    theirs = issued(draft_bulletin(demo, ON, **office), office)
    in_first = text_of(signed_in, theirs)
    assert "某某市督查通报" in in_first
    second = used(office, red_head(title=False))
    put_away(second.pk, **office)
    assert text_of(signed_in, ours) == before
    assert text_of(signed_in, theirs) == in_first
    assert "某某市督查通报" not in text_of(signed_in, draft_bulletin(demo, ON, **office))
    # Kept with its hash: another letterhead is another document.
    theirs = Bulletin.objects.get(pk=theirs.pk)
    assert digest_of(theirs) == theirs.digest
    assert theirs.letterhead == first
    theirs.letterhead = second
    assert digest_of(theirs) != theirs.digest


def test_other_kinds_keep_ours(demo: ReformList, office: Any, signed_in: Client) -> None:
    used(office, red_head(), Kind.LETTER)
    court = Agency.objects.get(name="市中级法院")
    letter = draft_bulletin(demo, ON, kind=Kind.LETTER, agency=court, **office)
    assert "某某市督查通报" in text_of(signed_in, letter)
    assert "某某市督查通报" not in text_of(signed_in, draft_bulletin(demo, ON, **office))


# Refused -----------------------------------------------------------------------------------------

RELATIONSHIP = (
    b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" '
    b'Target="%s" TargetMode="%s"/></Relationships>'
)


def linked(kind: bytes, target: bytes, mode: bytes = b"External") -> bytes:
    return altered(
        red_head(),
        "word/_rels/document.xml.rels",
        lambda data: data.replace(b"</Relationships>", RELATIONSHIP % (kind, target, mode)),
    )


def in_body(xml: bytes) -> bytes:
    return altered(red_head(), "word/document.xml", lambda data: data.replace(b"<w:sectPr", xml + b"<w:sectPr", 1))


FIELD = b'<w:p><w:fldSimple w:instr=" INCLUDEPICTURE &quot;http://a.example/x.png&quot; "/></w:p>'
CUT_FIELD = b"<w:p><w:r><w:instrText> DDE</w:instrText></w:r><w:r><w:instrText>AUTO cmd</w:instrText></w:r></w:p>"
REFUSED = {
    "a picture elsewhere": (lambda: linked(b"image", b"http://a.example/x.png"), "外部的链接"),
    "a template elsewhere": (lambda: linked(b"attachedTemplate", b"file:///c:/x.dotm"), "外部的链接"),
    "a share without saying so": (lambda: linked(b"image", b"\\\\host\\x.png", b"Internal"), "外部的链接"),
    "a link": (lambda: linked(b"hyperlink", b"https://a.example/"), "外部的链接"),
    "macros": (lambda: altered(red_head(), "word/vbaProject.bin", lambda _old: b"x"), "含有宏"),
    "an object": (lambda: altered(red_head(), "word/embeddings/o.bin", lambda _old: b"x"), "嵌入的对象"),
    "another part": (lambda: altered(red_head(), "word/media/a.html", lambda _old: b"<a/>"), "嵌入的对象"),
    "a field that fetches": (lambda: in_body(FIELD), "读取外部内容"),
    "one cut into runs": (lambda: in_body(CUT_FIELD), "读取外部内容"),
    "a doctype": (
        lambda: altered(red_head(), "word/styles.xml", lambda old: old.replace(b"?>", b"?><!DOCTYPE a>", 1)),
        "已损坏",
    ),
    "a bomb": (lambda: altered(red_head(), "word/media/a.png", lambda _old: b"\0" * 41 * 1024 * 1024), "膨胀"),
    "no document": (lambda: b"%PDF-1.4", "须是Word文档"),
    "cut off": (lambda: red_head()[:-200], "已损坏"),
    "no place for the text": (lambda: red_head(body="此处"), "【正文】"),
    "two places": (lambda: in_body("<w:p><w:r><w:t>【正文】</w:t></w:r></w:p>".encode()), "【正文】"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_it_must_not_be_is_refused_with_a_sentence(what: str, db: None) -> None:
    make, said = REFUSED[what]
    with pytest.raises(ValidationError, match=said):
        check_letterhead(make(), NAME)


def test_one_that_is_as_it_should_be_is_taken(db: None) -> None:
    """The control."""
    check_letterhead(red_head(), NAME)
    check_letterhead(in_body(b"<w:p><w:fldSimple w:instr=' PAGE '/></w:p>"), NAME)


# Looked at, used, taken back ---------------------------------------------------------------------


def test_it_is_looked_at_before_it_is_used(demo: ReformList, signed_in: Client) -> None:
    page = get(signed_in, "/letterheads/")
    assert page.text.count("系统版式") >= 3
    answer = signed_in.post("/letterheads/", {"kind": "bulletin", "file": SimpleUploadedFile(NAME, red_head())})
    assert answer.status_code == 302
    made = Letterhead.objects.get()
    signed_in.post(f"/letterheads/{made.pk}/", {"act": "use"})
    assert "请先下载预览" in get(signed_in, "/letterheads/").text
    assert Letterhead.objects.get().state == "tried"
    preview = signed_in.get(f"/letterheads/{made.pk}/docx/")
    said = [one.text for one in Document(io.BytesIO(b"".join(preview.streaming_content))).paragraphs]
    assert said[0] == "某某市督查通报"
    assert any("样例" in one for one in said)
    signed_in.post(f"/letterheads/{made.pk}/", {"act": "use"})
    assert "使用中" in get(signed_in, "/letterheads/").text
    signed_in.post(f"/letterheads/{made.pk}/", {"act": "put-away"})
    assert Letterhead.objects.get().state == "put_away"
    assert list(Change.objects.filter(kind="letterhead").order_by("sequence").values_list("action", flat=True)) == [
        "letterhead.added",
        "letterhead.used",
        "letterhead.put_away",
    ]


def test_what_is_wrong_with_a_file_stands_at_the_field(signed_in: Client) -> None:
    answer = signed_in.post("/letterheads/", {"kind": "bulletin", "file": SimpleUploadedFile(NAME, b"%PDF-1.4")})
    assert answer.status_code == 422
    assert "须是Word文档" in answer.content.decode()
    assert not Letterhead.objects.exists()


def test_of_each_kind_one_is_in_use(office: Any) -> None:
    first, second = used(office, red_head()), used(office, red_head(foot=True))
    first.refresh_from_db()
    assert (first.state, second.state) == ("put_away", "used")


def test_agencies_have_none(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        add_letterhead(Kind.BULLETIN, red_head(), NAME, who=acting(cast.reporter), on=ON)
