"""Run as a program, with DATABASE_URL naming an empty database: races on the real list there, tells in JSON."""

import argparse
import contextlib
import json
import sys

import django
from django.core.management import call_command


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.races.run")
    parser.add_argument("--writers", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    django.setup()
    from agencies.log.chain import first_broken
    from agencies.models import Change
    from tests.conftest import import_real_list
    from tests.races.rounds import make_scene, race

    with contextlib.redirect_stdout(sys.stderr):
        call_command("migrate", verbosity=0)
        import_real_list()
    scene = make_scene()
    guarded = race(scene, writers=options.writers, rounds=options.rounds)
    control = race(scene, writers=options.writers, rounds=4, guarded=False)
    broken = first_broken(Change.objects.order_by("sequence").iterator())
    found = {"won": guarded.won, "told": guarded.told, "lost": guarded.lost, "wrong": guarded.wrong[:20]}
    print(json.dumps(found | {"lost_without_versions": control.lost, "log_broken_at": broken}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
