"""Old formats by way of LibreOffice (agencies.lib.untrusted.libreoffice)."""

from agencies.lib.untrusted import libreoffice
from agencies.lib.untrusted.libreoffice import Bounds, NotConverted
from importers.documents.convert.formats import OldFormat, old_format
from importers.documents.limits import LIMITS, Limits, Rejected
from importers.documents.values import gettext_noop

_TOO_LONG = gettext_noop("用LibreOffice转换文件所需的时间超出限制，已停止。请用WPS打开，另存为.docx或.xlsx后上传。")
_FAILED = gettext_noop("LibreOffice无法转换此文件，文件可能已损坏。请用WPS打开，另存为.docx或.xlsx后上传。")
_REJECTED = {
    "missing": ("converter_missing", ""),
    "too_long": ("too_large", _TOO_LONG),
    "too_large": ("too_large", ""),
    "failed": ("corrupt_file", _FAILED),
}


def converted(data: bytes, limits: Limits = LIMITS) -> bytes | None:
    """An old file as .docx or .xlsx; None for a file that is read as it is. Raises `Rejected`."""
    # That it is too large is said by `read_grid`, for every kind of file alike.
    if len(data) > limits.file_size:
        return None
    old = old_format(data)
    return convert(data, old, limits) if old else None


def convert(data: bytes, old: OldFormat, limits: Limits = LIMITS) -> bytes:
    """Run the converter on one file. Raises `Rejected` when it is missing, fails or takes too long."""
    bounds = Bounds(memory=limits.converter_memory, seconds=limits.converter_seconds, size=limits.converted_size)
    try:
        return libreoffice.convert(data, old.suffix, old.target, opened_as=old.opened_as, bounds=bounds)
    except NotConverted as error:
        raise Rejected(*_REJECTED[error.code]) from error
