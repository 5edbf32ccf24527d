"""What a file may cost, and the one way in which it is refused."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipLimits:
    """Bounds for one zip container, sizes in bytes; None is no bound of its own.

    `inflated_size` is over all parts, counted while inflating; `declared_size` is what they may say that they take.
    """

    parts: int
    inflated_size: int
    declared_size: int | None = None
    directory_size: int = 2 * MEGABYTE
    inflation_ratio: int | None = None
    ratio_applies_from: int = MEGABYTE


class FileRefused(Exception):
    """A file that is not taken: `code` says why, `where` names the part at fault."""

    def __init__(self, code: str, where: str | None = None) -> None:
        self.code = code
        self.where = where
        super().__init__(code, where)
