"""For whoever watches over the portal."""

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from agencies.access import Verb, access


@access(Verb.READ)
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the portal answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
