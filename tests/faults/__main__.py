"""Kills workers while they import and while they send letters, and guesses passwords by the hundred. This is
`make faults`.

python -m tests.faults [imports] [reminders] [signin] [--kills 200] [--reminders 1000] [--recipients 2]
    [--redis 10] [--beats 10] [--database sqlite|postgresql|both] [--seed 1]

The sign-in is measured: another program that works meanwhile spoils the times.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from tests.apart import add_database, run_apart, servers

PARTS = ("imports", "reminders", "signin")
GUESSES, FLOOD_SECONDS = 200, 15.0
MOST_LOOKED_AT, MOST_TIMES_SLOWER = 5, 2


def main(arguments: Sequence[str]) -> int:
    """0 when every database was whole after every kill, and guessing passwords got nobody anywhere."""
    options = parse(arguments)
    failed = 0
    for name, server in servers(options.database):
        if "imports" in options.parts:
            failed += kill_importers(name, server, options)
        if "reminders" in options.parts:
            failed += kill_senders(name, server, options)
        if "signin" in options.parts:
            failed += guess_passwords(name, server)
    return 1 if failed else 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", default=["imports"], metavar="|".join(PARTS), help="imports if none is named"
    )
    parser.add_argument("--kills", type=int, default=200, help="how many workers are killed while they write")
    parser.add_argument("--reminders", type=int, default=1000, help="how many are owed on the first day")
    parser.add_argument("--recipients", type=int, default=2, help="how many reporters each agency has")
    parser.add_argument("--redis", type=int, default=10, help="how often Redis is stopped, and how often emptied")
    parser.add_argument("--beats", type=int, default=10, help="how often one of two schedulers is killed")
    add_database(parser)
    parser.add_argument("--seed", type=int, default=1, help="another number, other random moments")
    options = parser.parse_args(arguments)
    if not set(options.parts) <= set(PARTS):
        parser.error(f"the parts are {', '.join(PARTS)}")
    return options


def kill_importers(name: str, server: str, options: argparse.Namespace) -> bool:
    """Whether anything was found to be wrong."""
    started = time.monotonic()
    done = run(server, kills=options.kills, seed=options.seed)
    print(f"\n== {name}: {options.kills} kills while writing, {time.monotonic() - started:.0f} s ==")
    return told(done)


def kill_senders(name: str, server: str, options: argparse.Namespace) -> bool:
    """Whether anything was found to be wrong."""
    started = time.monotonic()
    sizes = {"reminders": options.reminders, "recipients": options.recipients}
    done = run_senders(server, kills=options.kills, seed=options.seed, **sizes)
    print(f"\n== {name}: {options.kills} kills while sending, {time.monotonic() - started:.0f} s ==")
    wrong, started = told(done), time.monotonic()
    hints = run_hints(server, stops=options.redis, flushes=options.redis, beats=options.beats)
    print(f"\n== {name}: Redis stopped and flushed, schedulers killed, {time.monotonic() - started:.0f} s ==")
    return told(hints) or wrong


def told(done: "subprocess.CompletedProcess[str]") -> bool:
    """Print what came of it; whether anything was wrong."""
    if done.returncode:
        print(done.stderr)
    else:
        print("\n".join(f"{count:>5}  {what}" for what, count in sorted(json.loads(done.stdout).items())))
    return bool(done.returncode)


def run_senders(server: str = "", **sizes: int) -> "subprocess.CompletedProcess[str]":
    """Kill senders in a database of their own, against a mail server that counts."""
    options = [part for name, size in sizes.items() for part in (f"--{name}", size)]
    return run_apart("tests.faults.reminders", server, *options)


def run_hints(server: str = "", **sizes: int) -> "subprocess.CompletedProcess[str]":
    """Take the queue and the schedulers away from a worker, in a database of its own."""
    options = [part for name, size in sizes.items() for part in (f"--{name}", size)]
    return run_apart("tests.faults.hints", server, *options)


def run(
    server: str = "", *, kills: int, seed: int = 1, blocks: int | None = None
) -> "subprocess.CompletedProcess[str]":
    """Kill workers in a database of their own: a file, or one on `server`."""
    fewer = [] if blocks is None else ["--blocks", blocks]
    return run_apart("tests.faults.run", server, "--kills", kills, "--seed", seed, *fewer)


def guess_passwords(name: str, server: str) -> bool:
    """Whether too many were looked at, pages slowed down, or a control without limits found nothing."""
    started = time.monotonic()
    done = run_apart("tests.faults.signin", server, "--guesses", GUESSES, "--seconds", FLOOD_SECONDS)
    print(f"\n== {name}: {GUESSES} guesses at once and a flood of names, {time.monotonic() - started:.0f} s ==")
    if done.returncode:
        print(done.stderr)
        return True
    found = json.loads(done.stdout)
    print("\n".join(f"{what}: {told}" for what, told in found.items()), flush=True)
    return not (held_back(found) and pages_stayed_quick(found))


def held_back(found: dict[str, Any]) -> bool:
    """No more guesses were looked at than an account has tries; without limits more would have been."""
    right, control = found["guesses at once"], found["guesses at once, counted after the check"]
    return right["looked at"] <= MOST_LOOKED_AT < control["looked at"] and not right["unanswered"]


def pages_stayed_quick(found: dict[str, Any]) -> bool:
    """Within twice their time beside the flood; without limits they would not."""
    right, control = found["flood"]["ratios"], found["flood without limits"]["ratios"]
    return max(right.values()) <= MOST_TIMES_SLOWER < min(control.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
