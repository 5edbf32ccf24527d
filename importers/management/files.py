"""What the commands that read list documents share."""

from collections.abc import Callable
from pathlib import Path

from django.core.management.base import CommandError

from agencies.lib.arguments import whole_number
from importers.documents.grammar.deadlines import EARLIEST, LATEST
from importers.documents.grammar.roles import Unmarked
from importers.documents.layout.given import NOT_GIVEN, GivenColumns
from importers.documents.limits import LIMITS
from importers.documents.sandbox.process import check_in_sandbox
from importers.documents.values import ParsedList


def read_bytes(path: Path) -> bytes:
    """The file, as far as the limit and one byte more. Ends the command with exit code 2 when there is none."""
    try:
        with path.open("rb") as file:
            return file.read(LIMITS.file_size + 1)
    except OSError as error:
        raise CommandError(f"无法打开文件“{path}”：{error.strerror}。请检查路径和权限。", returncode=2) from error


# As many characters as a list keeps of its columns.
LONGEST_COLUMNS = 300
# The option `--year`.
year = whole_number(EARLIEST, LATEST)

# Values of `--first-leads`: whether the agency named first leads where no word says who does.
FIRST_LEADS = {"yes": Unmarked.FIRST, "all": Unmarked.ALL, "no": Unmarked.NONE}


def given_columns(text: str, first_leads: str | None = None, marks: str = "") -> GivenColumns:
    """The options `--columns`, `--first-leads` and `--marks`. Ends the command with exit code 2 when they cannot be
    understood."""
    given = _understood("--columns", GivenColumns.of_text, text)
    given = given.with_marks(dict(_understood("--marks", GivenColumns.of_marks, marks).marks))
    given = given.with_leads(FIRST_LEADS[first_leads]) if first_leads else given
    if len(given.text) > LONGEST_COLUMNS:
        raise CommandError(
            f"--columns：共{len(given.text)}字，最多{LONGEST_COLUMNS}字。不导入的列可以不写。", returncode=2
        )
    return given


def _understood(option: str, understand: Callable[[str], GivenColumns], text: str) -> GivenColumns:
    try:
        return understand(text) if text else NOT_GIVEN
    except ValueError as error:
        raise CommandError(f"{option}：{error}", returncode=2) from error


def check_path(path: Path, year: int | None = None, given: GivenColumns = NOT_GIVEN) -> ParsedList:
    """What a file says, or why it cannot be read."""
    return check_in_sandbox(read_bytes(path), path.name, year, given=given)
