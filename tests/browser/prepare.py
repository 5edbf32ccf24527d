"""Run as a program: makes the demonstration as `make run` does, and prints the addresses the tests go to, in JSON."""

import json
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse


def prepare() -> dict[str, str]:
    from agencies.models import Agency
    from config.serve import collect_static
    from reforms.models import Delivery, Measure, Status

    call_command("migrate", verbosity=0, stdout=sys.stderr)
    collect_static(Path(settings.STATIC_ROOT))
    call_command("first_start", stdout=sys.stderr)
    call_command("send_reminders", stdout=sys.stderr)
    transport = Agency.objects.get(name="市交通运输局")
    reported = Measure.objects.filter(duties__agency=transport, status=Status.IN_PROGRESS).order_by("row")
    return {
        "agency": transport.get_absolute_url(),
        "group": Agency.objects.get(name="各区政府").get_absolute_url(),
        "delivery": reverse("delivery", args=[Delivery.objects.order_by("pk")[0].pk]),
        "measure": reported[0].get_absolute_url(),
        "another_measure": reported[1].get_absolute_url(),
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps(prepare()))
