"""Saying what the columns of a document hold, above its first rows."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from agencies.access import Verb, access, principal_of
from importers.documents.layout.given import NOT_READ, ROLES, GivenColumns, names_of
from importers.jobs import decide
from importers.jobs import run as jobs
from importers.models import ImportJob
from importers.pages import work

# As many columns as are shown of a table (`first_rows`).
_MOST = 20
_ABOUT_COLUMNS = ("columns_not_recognised", "no_table")


@dataclass(frozen=True, slots=True)
class Choice:
    """One column, and what it is taken for."""

    place: int
    role: str


@dataclass(frozen=True, slots=True)
class ColumnChoices:
    """The first rows of a table, with a choice for each column."""

    rows: list[list[str]]
    choices: list[Choice]
    roles: tuple[str, ...] = tuple(ROLES)


def choices_for(job: ImportJob) -> ColumnChoices | None:
    """What may be chosen for a document that was refused or read with doubts; None where there is nothing to ask."""
    error = job.error or {}
    rows = error.get("first_rows") or job.totals.get("first_rows") or []
    doubtful = error.get("kind") in _ABOUT_COLUMNS or bool(job.totals.get("of_the_file"))
    if not rows or not doubtful or job.state not in (ImportJob.State.REJECTED, ImportJob.State.READY):
        return None
    kept = job.columns or (job.reform_list.columns if job.reform_list else "")
    # What was said before, else what the labels seem to say.
    names = GivenColumns.of_text(kept).names if kept else names_of(rows)
    width = max(map(len, rows))
    choices = [Choice(place, names.get(place, NOT_READ)) for place in range(1, width + 1)]
    return ColumnChoices([[*row, *[""] * (width - len(row))] for row in rows], choices)


@access(Verb.MANAGE_IMPORTS)
@require_POST
def choose_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the document again, as another import, with the columns as chosen."""
    job = get_object_or_404(ImportJob.objects.defer("reading"), pk=pk)
    if job.state not in (ImportJob.State.REJECTED, ImportJob.State.READY):
        return redirect(job)
    try:
        given = GivenColumns.of_text(_typed(request.POST))
    except ValueError as error:
        messages.error(request, str(error))
        return redirect(job)
    again = jobs.start_again(job, given, principal_of(request))
    decide.cancel(job)
    work.read(again)
    return redirect(again)


def _typed(posted: QueryDict) -> str:
    chosen = ((place, posted.get(f"column-{place}", "")) for place in range(1, _MOST + 1))
    return ",".join(f"{role}={place}" for place, role in chosen if role)
