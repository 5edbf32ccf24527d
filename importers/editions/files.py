"""An edition written out again, in the six columns of the list."""

from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from django.http import Http404

from agencies.lib.progress import Progress
from importers.documents.values import ParsedList
from importers.documents.writers import write_csv, write_docx, write_xlsx
from importers.models import EditionReading
from reforms.exports.makers import Made, Order
from reforms.lib.tables import DOCX, XLSX
from reforms.models import ListEdition, is_open_to

Writer = Callable[[ParsedList], bytes]
WRITERS: dict[str, tuple[Writer, str]] = {
    "docx": (write_docx, DOCX),
    "xlsx": (write_xlsx, XLSX),
    "csv": (write_csv, "text/csv; charset=utf-8"),
}
# Each row is understood once more, to see that it is read as it was: it takes as long as two of other files.
WEIGHT = 2
LONGEST_TITLE = 70


def of_an_edition(asked: Order) -> Made:
    """The edition whose list and number the query names, as `as` says. Raises Http404."""
    known = ListEdition.objects.filter(is_open_to(asked.who, "reform_list__"), reading__isnull=False)
    wanted, kind = (asked.query.get("list"), asked.query.get("number")), asked.query.get("as")
    # Compared here: the query may hold anything, and there are few.
    found = (one for one in known.select_related("reform_list") if (one.reform_list.slug, str(one.number)) == wanted)
    edition = next(found, None)
    if kind not in WRITERS or edition is None:
        raise Http404
    writer, content_type = WRITERS[kind]
    return Made(
        name=f"{_short(edition.title or edition.reform_list.title)}（第{edition.number}版）.{kind}",
        count=lambda: edition.rows.count() * WEIGHT,
        write=partial(_write, edition.pk, writer),
        content_type=content_type,
    )


def _short(title: str) -> str:
    """So much of a title as the name of a file can hold on every system: 255 bytes, and three a character."""
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"


def _write(edition_id: int, writer: Writer, file: BinaryIO, progress: Progress) -> None:
    # How long the rest takes cannot be told from rows: the file is written whole.
    progress(0, 0)
    file.write(writer(EditionReading.objects.get(pk=edition_id).parsed))
