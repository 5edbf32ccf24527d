"""Run as a program, with DATABASE_URL naming an empty database: tampers with a log there, tells in JSON what came."""

import argparse
import contextlib
import json
import sys
from dataclasses import fields

import django
from django.core.management import call_command


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tampering.run")
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    django.setup()
    from agencies.models import Agency
    from tests.tampering.trial import try_all, write_log
    from tests.unlocked import log_unlocked

    with contextlib.redirect_stdout(sys.stderr):
        call_command("migrate", verbosity=0)
    heads = write_log(Agency.objects.create(name="市甲局").pk)
    with log_unlocked():
        tally = try_all(heads, times=options.times, seed=options.seed)
    counts = {count.name: getattr(tally, count.name) for count in fields(tally)}
    print(json.dumps(counts | {"unnoticed": tally.unnoticed}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
