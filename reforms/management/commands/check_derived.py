"""manage.py check_derived: whether the past days and the trend of the lights are what the change log says."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation
from django.utils.translation import gettext as _

from reforms.status.derived import Differing, check, mend

NAMED = 20


class Command(BaseCommand):
    help = "Compare past days and the lights by month with the change log; exit status 1 where they differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mend", action="store_true", help="write what differs anew from the log")
        parser.add_argument("--english", action="store_true", help="say it in English")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en" if options["english"] else "zh-hans"):
            found = check()
            self._say(found)
            if found and options["mend"]:
                mend(found)
                self.stdout.write(_("已按日志重新写入。"))
        if found and not options["mend"]:
            sys.exit(1)  # no CommandError: what differs has been said

    def _say(self, found: Differing) -> None:
        if not found:
            self.stdout.write(_("各举措的历史状态和各月亮灯数与日志一致。"))
        if found.measures:
            said = _("%(n)d条举措的历史状态与日志不符（编号：%(ids)s）。")
            self.stdout.write(said % {"n": len(found.measures), "ids": _named(found.measures)})
        if found.lists:
            said = _("%(n)d份清单的各月亮灯数与历史状态不符（编号：%(ids)s）。")
            self.stdout.write(said % {"n": len(found.lists), "ids": _named(found.lists)})


def _named(ids: list[int]) -> str:
    return ", ".join([*map(str, ids[:NAMED]), *(["…"] if len(ids) > NAMED else [])])
