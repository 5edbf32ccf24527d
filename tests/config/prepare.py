"""Run as a program: makes a portal from nothing, as an administrator would, and prints who is owed what.

The real list with its reminders on from 2022-06-15, without what was due before; every agency has an address. Prints
JSON: pairs of an agency's address and the path of a measure it must be reminded of on that day.
"""

import json
import sys
from pathlib import Path

import django
from django.core.management import call_command

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def prepare() -> list[tuple[str, str]]:
    from agencies.access import today
    from agencies.models import Agency
    from reforms.models import Measure, ReformList
    from reforms.reminders.owed import owed_on

    call_command("migrate", verbosity=0)
    real_list = str(FIXTURES / "shenzhen-2022-first-batch.docx")
    call_command("import_list", real_list, slug="shenzhen-2022", yes=True, verbosity=0, stdout=sys.stderr)
    call_command("load_agencies", str(FIXTURES / "agencies-shenzhen.json"), verbosity=0, stdout=sys.stderr)
    for agency in Agency.objects.all():
        agency.email = f"agency-{agency.pk}@example.org"
        agency.save()
    # A letter tells the whole state: without what is late, that is just what falls due.
    Measure.objects.filter(deadline__lt=today()).update(disposition="withdrawn")
    ReformList.objects.update(open_to="agencies", reminders_on=True, reminders_from=today())
    return [(f"agency-{owed.agency_id}@example.org", f"/measures/{owed.measure_id}/") for owed in owed_on(today())]


if __name__ == "__main__":
    django.setup()
    print(json.dumps(prepare()))
