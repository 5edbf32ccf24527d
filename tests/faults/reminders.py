"""Run as a program, with DATABASE_URL naming an empty database: kills senders there, tells in JSON what came of it."""

import argparse
import contextlib
import json
import os
import sys
from random import Random

import django

from tests.faults.mail import moody_office


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.reminders")
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reminders", type=int, default=200, help="how many are owed on the first day, at least")
    parser.add_argument("--recipients", type=int, default=1, help="how many reporters each agency has")
    parser.add_argument("--dose", type=int, default=0, help="1 leaves out what takes long")
    options = parser.parse_args()
    with moody_office() as office:
        # A lease and a wait that a test can wait for.
        os.environ |= {"EMAIL_URL": office.url, "DELIVERY_LEASE": "1", "RESEND_AFTER": "1", "LOG_LEVEL": "CRITICAL"}
        django.setup()
        prepare(options.reminders, options.recipients)
        from django.db import connections

        from tests.faults.ground import ground_of
        from tests.faults.letters import LetterFaults, a_dose, everything

        connections.close_all()
        faults = LetterFaults(ground_of(os.environ["DATABASE_URL"]), office, Random(options.seed))
        faults.ground.save()
        (a_dose if options.dose else everything)(faults, options.kills)
    print(json.dumps(faults.outcomes, ensure_ascii=False))
    return 0


def prepare(reminders: int, recipients: int) -> None:
    """The real list with its reminders on, made long enough, and agencies with so many reporters."""
    from agencies.models import Agency, Membership, User
    from reforms.models import Duty, Measure
    from reforms.reminders.owed import owed_on
    from tests.config.prepare import prepare as real_list
    from tests.faults.letters import FIRST_DAY
    from tests.reforms.large import repeated

    with contextlib.redirect_stdout(sys.stderr):
        owed = len(real_list())
    one = Measure.objects.order_by("row").filter(deadline=owed_on(FIRST_DAY)[0].deadline).first()
    assert one
    each = Duty.objects.filter(measure=one).count()
    if owed < reminders:
        repeated(one, -(-(reminders - owed) // max(1, each)))
    agencies = list(Agency.objects.filter(duties__isnull=False).distinct())
    users = [
        User(username=f"r-{agency.pk}-{n}", email=f"reporter-{agency.pk}-{n}@example.org", password="!")
        for agency in agencies
        for n in range(recipients)
    ]
    made = User.objects.bulk_create(users)
    places = (agency for agency in agencies for _ in range(recipients))
    Membership.objects.bulk_create(
        [Membership(user=user, agency=agency, role="reporter") for user, agency in zip(made, places, strict=True)]
    )


if __name__ == "__main__":
    sys.exit(main())
