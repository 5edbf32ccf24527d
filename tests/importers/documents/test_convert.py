"""Old formats, by way of LibreOffice or of a script that stands in for it."""

import io
import os
import shutil
import stat
import struct
import subprocess
import textwrap
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from agencies.lib.untrusted import libreoffice
from importers.documents.convert import libreoffice as convert
from importers.documents.convert.formats import old_format
from importers.documents.limits import LIMITS
from importers.documents.read import check_converted, read_document
from importers.documents.sandbox.process import check_in_sandbox
from importers.documents.values import ParsedList
from importers.documents.writers import write_docx, write_xlsx
from tests.conftest import FIXTURES
from tests.importers.samples import document, duty, header, kinds, package, para, run, table, wide

REAL = FIXTURES / "shenzhen-2022-first-batch.docx"
RTF = b"{\\rtf1 text}"
MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
SECTOR = 512
HAS_LIBREOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def compound(name: str, content: bytes) -> bytes:
    """A compound file with one stream: header, allocation table, directory, stream."""
    header = bytearray(SECTOR)
    header[:8] = MAGIC
    struct.pack_into("<HH", header, 30, 9, 6)
    struct.pack_into("<II", header, 44, 1, 1)
    struct.pack_into("<II", header, 68, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    table = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *range(3, 10), 0xFFFFFFFE, *[0xFFFFFFFF] * 118)
    entries = b"".join(_entry(*one) for one in (("Root Entry", 5, 0xFFFFFFFE, 0), (name, 2, 2, 4096)))
    return bytes(header) + table + entries.ljust(SECTOR, b"\0") + content.ljust(8 * SECTOR, b"\0")


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    return struct.pack("<64sHB49xII4x", text, len(text) + 2, kind, start, size)


def word(flags: int = 0) -> bytes:
    return compound("WordDocument", b"\xec\xa5" + bytes(8) + struct.pack("<H", flags))


def excel(*records: tuple[int, bytes], name: str = "Workbook") -> bytes:
    listed = ((0x0809, bytes(16)), *records)
    return compound(name, b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in listed))


def open_document(kind: str, manifest: str = "<manifest/>") -> bytes:
    """A package that begins with its type, not compressed, as these do."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("META-INF/manifest.xml", manifest)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "suffix", "target"),
    [
        (RTF, "rtf", "docx"),
        (word(), "doc", "docx"),
        (excel(), "xls", "xlsx"),
        (excel(name="Book"), "xls", "xlsx"),
        (open_document("text"), "odt", "docx"),
        (open_document("spreadsheet"), "ods", "xlsx"),
        (b"<html><body><table></table></body></html>", "html", "docx"),
        (b"\xef\xbb\xbf\n<!DOCTYPE HTML>\n<html>", "html", "docx"),
        ("<html><table>".encode("utf-16"), "html", "docx"),
        (b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table>', "html", "xlsx"),
    ],
)
def test_an_old_format_is_known_by_its_content(data, suffix, target):
    found = old_format(data)
    assert found is not None
    assert (found.suffix, found.target) == (suffix, target)


@pytest.mark.parametrize("data", [REAL.read_bytes(), b"a,b,c", open_document("graphics"), b"<w:document/>", b""])
def test_other_files_need_no_converter(data):
    assert old_format(data) is None


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (word(flags=0x0100), "encrypted"),
        (excel((0x002F, bytes(6))), "encrypted"),
        (open_document("text", "<manifest><encryption-data/></manifest>"), "encrypted"),
        (MAGIC + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (compound("PowerPoint Document", b""), "unsupported_format"),
        (MAGIC + bytes(600), "corrupt_file"),
        (word()[:1000], "corrupt_file"),
        (MAGIC, "corrupt_file"),
    ],
)
def test_a_file_that_cannot_be_converted_says_why(data, kind):
    assert rejection(read_document(data, "旧文件.doc")) == kind
    assert rejection(check_in_sandbox(data, "旧文件.doc")) == kind


def rejection(parsed: ParsedList) -> str:
    assert parsed.error is not None
    return parsed.error.kind


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Put a script in LibreOffice's place; it finds the --outdir in $out and the file to convert in $file."""

    def install(body: str) -> Path:
        programs = tmp_path / "bin"
        programs.mkdir()
        script = programs / "soffice"
        opening = '#!/bin/sh\nfor one in "$@"; do [ "$last" = --outdir ] && out=$one; last=$one; file=$one; done\n'
        script.write_text(opening + textwrap.dedent(body), encoding="utf-8")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin")
        return tmp_path

    return install


def test_without_a_converter_the_reader_is_told_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    parsed = read_document(RTF, "清单.rtf")
    assert rejection(parsed) == "converter_missing"
    assert parsed.error is not None
    assert "另存为.docx或.xlsx后上传；或请管理员安装LibreOffice" in parsed.error.message


@pytest.mark.parametrize("check", [read_document, check_in_sandbox])
def test_what_the_converter_writes_is_read(stand_in, check):
    stand_in(f'mkdir -p "$out"; cp "{REAL}" "$out/list.docx"')
    assert len(check(RTF, "清单.rtf").measures) == 216


def test_the_converter_works_apart_and_leaves_nothing_behind(stand_in):
    folder = stand_in(f"""
        kept={"$(dirname $(dirname $0))"}/seen
        echo "$HOME" > $kept; echo "$http_proxy" >> $kept; pwd >> $kept; ulimit -t >> $kept
        grep -c DisableMacrosExecution "$HOME/profile/user/registrymodifications.xcu" >> $kept
        mkdir -p "$out"; cp "{REAL}" "$out/list.docx"
    """)
    read_document(RTF, "清单.rtf")
    home, proxy, place, seconds, macros_off = (folder / "seen").read_text().split("\n")[:5]
    assert proxy == "http://127.0.0.1:9"
    assert place == home
    assert seconds == str(LIMITS.converter_seconds)
    assert macros_off == "1"
    assert not Path(home).exists()


@pytest.mark.parametrize("body", ["exit 1", "kill -SEGV $$", "exit 0", 'mkdir -p "$out"; echo x > "$out/list.docx"'])
def test_a_conversion_that_fails_means_a_corrupt_file(stand_in, body):
    stand_in(body)
    parsed = read_document(RTF, "清单.rtf")
    assert rejection(parsed) == "corrupt_file"


def test_a_converter_that_hangs_is_stopped_with_all_it_started(stand_in):
    folder = stand_in('sleep 300 & echo $! > "$(dirname $(dirname $0))/child"; sleep 300')
    assert convert_with(replace(LIMITS, converter_seconds=1)) == "too_large"
    assert _ends(int((folder / "child").read_text()))


def convert_with(limits) -> str:
    with pytest.raises(convert.Rejected) as caught:
        convert.converted(RTF, limits)
    return caught.value.problem.kind


def _ends(process: int) -> bool:
    """Whether a process that has been told to stop does."""
    for _ in range(100):
        if not _is_running(process):
            return True
        time.sleep(0.05)
    return False


def _is_running(process: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


def test_a_result_beyond_the_limit_is_not_read(stand_in):
    stand_in(f'mkdir -p "$out"; cp "{REAL}" "$out/list.docx"')
    assert convert_with(replace(LIMITS, converted_size=20_480)) == "too_large"


CODE = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DATE \\@ "yyyy"</w:instrText></w:r>'
FIELDS = [
    '<w:fldSimple w:instr=" DATE \\@ &quot;yyyy年M月&quot;"><w:r><w:t>2022年6月</w:t></w:r></w:fldSimple>',
    CODE + '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + run("2022年6月"),
    '<w:fldSimple w:instr="SAVEDATE"/>',
]


@pytest.mark.parametrize("field", FIELDS)
def test_date_fields_are_doubted_after_a_conversion_only(field):
    data = package(document(para("2022年清单"), table(header(), wide("一、准入"), duty("1")), f"<w:p>{field}</w:p>"))
    parsed = check_converted(data, "清单.doc")
    assert kinds(parsed) == ["deadline_inferred"]
    assert "日期域" in parsed.warnings[0].message
    assert read_document(data, "清单.docx").outcome == "ok"


def test_other_fields_are_not_doubted():
    field = '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    data = package(document(para("2022年清单"), table(header(), wide("一、准入"), duty("1")), f"<w:p>{field}</w:p>"))
    assert check_converted(data, "清单.doc").outcome == "ok"


needs_libreoffice = pytest.mark.skipif(
    not HAS_LIBREOFFICE, reason="needs LibreOffice: install libreoffice-writer-nogui and libreoffice-calc-nogui"
)


@needs_libreoffice
@pytest.mark.parametrize(("suffix", "write"), [("doc", write_docx), ("odt", write_docx), ("xls", write_xlsx)])
def test_libreoffice_reads_the_real_list(suffix, write, tmp_path):
    real = read_document(REAL.read_bytes(), "清单.docx")
    (tmp_path / "list").write_bytes(write(real))
    converted = check_in_sandbox(_made_by_libreoffice(tmp_path / "list", suffix), f"清单.{suffix}")
    assert converted.content_hash == real.content_hash


def _made_by_libreoffice(file: Path, suffix: str) -> bytes:
    """A file in an old format."""
    command = [str(HAS_LIBREOFFICE), f"-env:UserInstallation={(file.parent / 'profile').as_uri()}", "--headless"]
    asked = ["--convert-to", suffix, "--outdir", str(file.parent), str(file)]
    subprocess.run([*command, *asked], capture_output=True, timeout=120, check=True)
    return file.with_suffix(f".{suffix}").read_bytes()


@pytest.mark.parametrize(
    ("namespace", "target", "opened_as"),
    [
        ("urn:schemas-microsoft-com:office:spreadsheet", "xlsx", "MS Excel 2003 XML"),
        ("http://schemas.microsoft.com/office/word/2003/wordml", "docx", "MS Word 2003 XML"),
    ],
)
def test_the_xml_of_office_2003_is_converted(namespace, target, opened_as, monkeypatch):
    data = f'<?xml version="1.0"?><Workbook xmlns="{namespace}"/>'.encode()
    old = old_format(data)
    assert (old.target, old.opened_as) == (target, opened_as)
    monkeypatch.setattr(libreoffice, "PROGRAMS", ("no-such-program",))
    error = read_document(data, "清单.xls").error
    assert error.kind == "converter_missing"
    assert "可以上传" not in error.message
