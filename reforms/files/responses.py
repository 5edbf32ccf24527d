"""Handing out evidence so that nothing in it can act on the portal's pages."""

import logging

from django.http import FileResponse, Http404

from reforms.files.types import BY_CONTENT_TYPE
from reforms.models import Evidence

log = logging.getLogger(__name__)
# Opened in a browser after all, a file runs no script, loads nothing, and is not of the portal's origin.
SHUT_IN = "sandbox; default-src 'none'"
# A browser puts a shown image on a page of its own making, which has a style in it.
SHUT_IN_AND_SHOWN = f"{SHUT_IN}; style-src 'unsafe-inline'"


def file_response(evidence: Evidence, *, shown: bool = False) -> FileResponse:
    """The file under its owner's name (RFC 5987), to be saved; with `shown`, those kinds that a browser can show safely
    are shown. The content type is what was found in the file, and the browser may not guess another. Raises Http404
    where the file is missing."""
    stored = evidence.stored
    kind = BY_CONTENT_TYPE.get(stored.content_type)
    shown = shown and kind is not None and kind.shown
    try:
        opened = stored.file.open("rb")
    except FileNotFoundError:
        log.error("The file of evidence %s is missing: %s", evidence.pk, stored.file.name)  # noqa: TRY400
        raise Http404 from None
    response = FileResponse(
        opened,
        as_attachment=not shown,
        filename=evidence.name,
        content_type=stored.content_type,
    )
    response["Content-Length"] = str(stored.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SHUT_IN_AND_SHOWN if shown else SHUT_IN
    response["Cache-Control"] = "private, no-store"
    return response
