"""联络员名册, for those who see to it that letters reach somebody."""

from django.http import FileResponse, HttpRequest
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agencies.access import Verb, access, today
from reforms.lib.tables import download
from reforms.organisation.roster import TITLE, write_roster


@access(Verb.MANAGE_REMINDERS)
@never_cache
@require_safe
def roster(request: HttpRequest) -> FileResponse:
    """As a workbook: names, positions, telephone numbers and addresses."""
    return download(f"{TITLE}-{today().isoformat()}.xlsx", lambda file: write_roster(file, today()))
