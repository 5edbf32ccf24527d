"""Saying what the columns of a document hold, above its first rows."""

from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agencies.access import Verb, access, principal_of
from importers.documents.layout.given import NOT_READ, ROLES, GivenColumns, NotColumns, names_of
from importers.jobs import decide
from importers.jobs import run as jobs
from importers.models import ImportJob
from importers.pages import work
from importers.pages.problems import in_words

# As many columns as are shown of a table (`first_rows`).
_MOST = 20
_ABOUT_COLUMNS = ("columns_not_recognised", "no_table")


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One column, and what it is taken for."""

    place: int
    role: str

    @property
    def label(self) -> str:
        """What the choice is called."""
        return _("第%(place)d列") % {"place": self.place}


@dataclass(frozen=True, slots=True)
class ColumnChoices:
    """The first rows of a table, with a choice for each column."""

    rows: list[list[str]]
    choices: list[ColumnChoice]

    @property
    def roles(self) -> list[tuple[str, str]]:
        """What a column may be said to hold, and how that is shown."""
        return [(name, _(name)) for name in ROLES]


def choices_for(job: ImportJob) -> ColumnChoices | None:
    """What may be chosen for a document that was refused or read with doubts; None where there is nothing to ask."""
    error = job.error or {}
    rows = error.get("first_rows") or job.totals.get("first_rows") or []
    doubtful = error.get("kind") in _ABOUT_COLUMNS or bool(job.totals.get("of_the_file"))
    if not rows or not doubtful or job.state not in (ImportJob.State.REJECTED, ImportJob.State.READY):
        return None
    # What was said before, else what the labels seem to say.
    names = decide.columns_of(job).names or names_of(rows)
    width = max(map(len, rows))
    choices = [ColumnChoice(place, names.get(place, NOT_READ)) for place in range(1, width + 1)]
    return ColumnChoices([[*row, *[""] * (width - len(row))] for row in rows], choices)


@access(Verb.MANAGE_IMPORTS)
@require_POST
def choose_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the document again, as another import, with the columns as chosen."""
    job = get_object_or_404(ImportJob.objects.defer("reading"), pk=pk)
    if job.state not in (ImportJob.State.REJECTED, ImportJob.State.READY):
        return redirect(job)
    try:
        given = replace(GivenColumns.of_text(_typed(request.POST)), unmarked=decide.columns_of(job).unmarked)
    except NotColumns as error:
        messages.error(request, in_words(error.problem))
        return redirect(job)
    again = jobs.start_again(job, given, principal_of(request))
    decide.cancel(job, principal_of(request))
    work.read(again)
    return redirect(again)


def _typed(posted: QueryDict) -> str:
    chosen = ((place, posted.get(f"column-{place}", "")) for place in range(1, _MOST + 1))
    return ",".join(f"{role}={place}" for place, role in chosen if role)
