"""Whether a file can be evidence: its name, its size, what is in it. A refusal names the file and says what to do."""

import hashlib
import re
import unicodedata
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _

from agencies.lib.untrusted.limits import MEGABYTE, FileRefused
from reforms.files.storage import Content
from reforms.files.types import FileKind, kind_of

LONGEST_NAME, LONGEST_EXTENSION = 200, 10
MEANS = {"parts": "bomb", "doctype": "corrupt", "depth": "corrupt", "malformed": "corrupt"}


def clean_name(given: str) -> str:
    """The last part of a path, without what cannot be seen, in at most LONGEST_NAME characters; the extension stays."""
    # Some programs send the whole path, with either slash.
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", given)[-1])
    seen = "".join(" " if letter.isspace() else letter for letter in name if _is_seen(letter))
    stem, dot, extension = " ".join(seen.split()).strip(" .").rpartition(".")
    stem, extension = stem.strip(), extension.strip()
    if not dot or len(extension) > LONGEST_EXTENSION:
        return f"{stem}{dot}{extension}"[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(extension) - 1]}.{extension}"


def _is_seen(letter: str) -> bool:
    """No control characters, and no marks that turn the direction of writing."""
    # Category C has U+202E, by which “验收\u202efdp.exe” would be shown as “验收exe.pdf”.
    return letter.isspace() or not unicodedata.category(letter).startswith("C")


def inspect(upload: "File[bytes]", name: str) -> Content:
    """Read a file once in pieces, and look what it is. Raises ValidationError when it cannot be evidence."""
    most = settings.EVIDENCE_MAX_MB * MEGABYTE
    digest, size = hashlib.sha256(), 0
    # Counted as it is read: no announced size is believed.
    for piece in upload.chunks():
        digest.update(piece)
        size += len(piece)
        if size > most:
            raise refusal("too_large", name)
    kind = _kind(upload, name)
    return Content(sha256=digest.hexdigest(), size=size, content_type=kind.content_type)


def _kind(upload: "File[bytes]", name: str) -> FileKind:
    """The kind found in the content, which the extension must be one of."""
    try:
        kind = kind_of(upload)
    except FileRefused as refused:
        raise refusal(MEANS.get(refused.code, refused.code), name) from None
    extension = name.rpartition(".")[2].lower()
    if extension not in kind.extensions:
        raise refusal("other_extension", name, kind=kind.label, extension=f".{kind.extensions[0]}")
    return kind


def refusal(code: str, name: str, **facts: Any) -> ValidationError:
    """The sentence for a file that is not taken."""
    limits = {"mb": settings.EVIDENCE_MAX_MB, "files": settings.EVIDENCE_MAX_FILES}
    return ValidationError(_sentences()[code] % {"name": name, **limits, **facts}, code=code)


def _sentences() -> dict[str, str]:
    return {
        "empty": _("“%(name)s”是空文件。请确认选对了文件，重新上传。"),
        "too_large": _("“%(name)s”超过%(mb)sMB。请压缩图片或拆分后上传。"),
        "too_many": _("每份填报最多附%(files)s个文件，“%(name)s”未保存。请先删去不需要的，或合并成一个文件。"),
        "unknown": _(
            "“%(name)s”的格式不能作为佐证材料。请转为PDF、OFD、Office或WPS文档、PNG或JPEG图片、TXT或CSV后上传。"
        ),
        "archive": _("“%(name)s”是压缩包。请解压后逐个上传其中的文件。"),
        "program": _("“%(name)s”是网页、脚本或程序，不能作为佐证材料。请导出为PDF后上传。"),
        "macros": _("“%(name)s”含有宏。请另存为不含宏的文档，或导出为PDF后上传。"),
        "locked": _("“%(name)s”设有密码，他人无法查看。请取消密码后上传。"),
        "corrupt": _("“%(name)s”已损坏或不完整。请用WPS打开并另存后上传。"),
        "bomb": _("“%(name)s”解压后异常膨胀，未保存。请用WPS打开并另存后上传。"),
        "other_extension": _("“%(name)s”的内容是%(kind)s，与扩展名不符。请改用扩展名%(extension)s后上传。"),
    }
