"""How much a file may cost, and the sentence for each way in which one is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from agencies.lib.untrusted import limits as untrusted
from agencies.lib.untrusted.limits import MEGABYTE, FileRefused
from importers.documents.values import NOTHING_WRITTEN, gettext_noop, problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(untrusted.ZipLimits):
    """Bounds for one file; sizes in bytes, times in seconds."""

    file_size: int = 20 * MEGABYTE
    inflated_size: int = 200 * MEGABYTE
    inflation_ratio: int | None = 100
    parts: int = 2_000
    rows: int = 50_000
    nesting: int = 60
    memory: int = 1024 * MEGABYTE
    cpu_seconds: int = 30
    wall_seconds: int = 60
    converter_memory: int = 3072 * MEGABYTE
    converter_seconds: int = 60
    converted_size: int = 20 * MEGABYTE


LIMITS = Limits()

SENTENCES = {
    "empty_file": gettext_noop("文件是空的。请确认选择了正确的文件后重新上传。"),
    "not_a_document": gettext_noop("这不是可以读取的清单文件。请上传.docx、.xlsx、.csv或纯文本文件。"),
    "unsupported_format": gettext_noop(
        "不支持这种文件格式。可以上传.docx、.xlsx、.csv、纯文本，"
        "以及.doc、.wps、.odt、.rtf、.xls、.et、.ods。请用WPS或Word打开，另存为.docx后上传。"
    ),
    "converter_missing": gettext_noop(
        "读取.doc、.wps、.odt、.rtf、.xls、.et、.ods、XML表格（2003）等格式需要"
        "LibreOffice，本机没有安装。请用WPS打开，另存为.docx或.xlsx后上传；或请管理员安装LibreOffice。"
    ),
    "encrypted": gettext_noop("文件设有密码，无法读取。请取消密码保护，另存为.docx后上传。"),
    "corrupt_file": gettext_noop("文件已损坏，无法读取。请用WPS打开，另存为.docx后上传。"),
    "zip_bomb": gettext_noop("文件解压后异常膨胀，已停止读取。请用WPS打开，另存为.docx后上传。"),
    "too_large": gettext_noop("文件过大，已停止读取。请删去图片等附件，或拆分后上传。"),
    "too_many_parts": gettext_noop("文件内部的部件过多，已停止读取。请用WPS打开，另存为.docx后上传。"),
    "too_many_rows": gettext_noop("表格行数超过5万行，已停止读取。请拆分后上传。"),
    "too_deep": gettext_noop("文件结构嵌套过深，已停止读取。请用WPS打开，另存为.docx后上传。"),
    "dtd_forbidden": gettext_noop("文件含有不允许的DTD声明，已拒绝读取。请用WPS打开，另存为.docx后上传。"),
    "formula_without_value": gettext_noop("有公式没有计算结果。请用WPS或Excel打开，重新计算并保存后上传。"),
    "no_table": gettext_noop("文件中没有表格。请上传含有清单表格的文件。"),
}


WHAT_IT_IS = {
    "pdf": gettext_noop(
        "这是PDF文件，无法读取其中的表格。请上传制作它的Word或Excel文件；如只有PDF，请用WPS转换为.docx，核对后上传。"
    ),
    "ofd": gettext_noop(
        "这是OFD版式文件，无法读取其中的表格。请上传制作它的Word或Excel文件；"
        "如只有OFD，请用阅读器转换为.docx，核对后上传。"
    ),
    "mhtml": gettext_noop("这是网页归档文件（MHTML）。请用Word或WPS打开，另存为.docx后上传。"),
    "altchunk": gettext_noop(
        "文件的正文是嵌入的网页内容（altChunk），Word打开时才转换，这里无法读取。请用Word打开，另存为.docx后上传。"
    ),
    "archive": gettext_noop("这是压缩包。请解压，上传其中的清单文件。"),
}
"""Sentences for files that are known but not read."""


class Rejected(Exception):
    """A file that cannot be read, with the problem to show.

    `importers.documents.read` and the sandbox answer it with a rejected list; whoever calls a reader has to catch it.
    """

    def __init__(self, kind: str, sentence: str = "", *, where: str | None = None, **facts: Any) -> None:
        self.problem = problem(kind, sentence or SENTENCES[kind], NOTHING_WRITTEN, cell=where, **facts)
        self.first_rows: tuple[tuple[str, ...], ...] = ()
        super().__init__(self.problem.message)


# What `agencies.lib.untrusted` calls a refusal, and the code it has here.
_KINDS = {
    "corrupt": "corrupt_file",
    "malformed": "corrupt_file",
    "locked": "encrypted",
    "bomb": "zip_bomb",
    "parts": "too_many_parts",
    "doctype": "dtd_forbidden",
    "depth": "too_deep",
}


@contextmanager
def rejecting() -> Iterator[None]:
    """Say in the words of this reader why a file is refused; also a decorator. Raises `Rejected`."""
    try:
        yield
    except FileRefused as refused:
        raise Rejected(_KINDS[refused.code], where=refused.where) from refused
