"""For whoever watches over the portal."""

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from agencies.access import Verb, access
from reforms.reminders.sending.heartbeat import heartbeat


@access(Verb.READ)
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the portal answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@access(Verb.READ)
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether all of the portal works: database, sweeps (hence scheduler, queue and worker), clock, mail server.

    What is wrong beside the database is told with 200: pages are served all the same, and nobody should take the web
    processes away because the worker is restarted. For an alarm `?strict=1` answers it with 503.
    """
    beat = heartbeat()
    facts = {
        "last_sweep": beat.last and timezone.localtime(beat.last.began_at).isoformat(timespec="seconds"),
        "seconds_since": beat.age and int(beat.age.total_seconds()),
        "sweeps": "old" if beat.is_old else "ok",
        "clock": "stopped" if beat.stop else "ok",
        "mail_server": "failing" if beat.trouble else "ok",
    }
    well = not beat.needs_somebody
    status = 503 if request.GET.get("strict") == "1" and not well else 200
    return JsonResponse({"status": "ok" if well else "degraded", **facts}, status=status)
