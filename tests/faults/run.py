"""Run as a program, with DATABASE_URL naming an empty database: kills workers there, tells in JSON what came of it."""

import argparse
import contextlib
import json
import os
import sys
from pathlib import Path
from random import Random

import django
from django.core.management import call_command


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.run")
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--blocks", type=int, default=None, help="only so much of the lists")
    options = parser.parse_args()
    django.setup()
    from django.conf import settings
    from django.db import connections

    from tests.faults.ground import ground_of
    from tests.faults.scenarios import FIRST, SECOND, Faults, beginning, every_kill, everything_else
    from tests.faults.taken_back import taking_back

    first = Path(settings.DATA_DIR, FIRST.name)
    first.write_bytes(beginning(FIRST, options.blocks))
    with contextlib.redirect_stdout(sys.stderr):
        call_command("migrate", verbosity=0)
        call_command("import_list", str(first), yes=True, verbosity=0)
    connections.close_all()
    faults = Faults(ground_of(os.environ["DATABASE_URL"]), Random(options.seed), beginning(SECOND, options.blocks))
    faults.begin()
    every_kill(faults, options.kills)
    everything_else(faults, options.kills)
    taking_back(faults, options.kills)
    print(json.dumps(faults.outcomes, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
