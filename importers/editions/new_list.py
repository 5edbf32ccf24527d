"""A new list for a document that belongs to none."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from pathlib import PurePath

from importers.documents.values import ParsedList
from importers.models import ImportJob
from reforms.models import ReformList

# What can be said of a new list as it comes in, beside its title; the rest is settled when it is opened to others.
ABOUT = ("short_title", "issuer", "document_number", "issued_on", "link", "licence")


def list_for(
    printed: ParsedList,
    *,
    slug: str,
    year: int | None,
    on: dt.date,
    title: str = "",
    about: Mapping[str, str] | None = None,
) -> ReformList:
    """A new list for a document. The year is that of most deadlines when nobody names one; the name that of the
    document, or of the file where that has none. `about` has values by the names in ABOUT, days as 2022-01-28."""
    year = year or year_of(printed, on)
    title = title or printed.title or PurePath(printed.file_name).stem
    said = {name: value for name, value in (about or {}).items() if value}
    return ReformList.objects.create(slug=slug or free_slug(year), title=title[:200], year=year, **said)


def free_slug(year: int) -> str:
    """An address for a new list that nobody named; no other list has it, and none that is on its way."""
    waiting = ImportJob.objects.filter(edition=None, finished_at=None)
    taken = {*ReformList.objects.values_list("slug", flat=True), *waiting.values_list("slug", flat=True)}
    candidates = (f"list-{year}-{n}" for n in range(1, len(taken) + 2))
    return next(slug for slug in candidates if slug not in taken)


def year_of(printed: ParsedList, on: dt.date) -> int:
    """The year most deadlines fall in; the current one for a list without dates."""
    years = Counter(measure.deadline.year for measure in printed.measures if measure.deadline)
    return years.most_common(1)[0][0] if years else on.year
