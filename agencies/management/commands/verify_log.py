"""manage.py verify_log: whether anything in the change log was altered, left out, moved, added or cut off."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from agencies.lib.arguments import whole_number
from agencies.log.chain import Fault, Verdict
from agencies.log.check import Checked, check_log, keep_result


class Command(BaseCommand):
    help = "Follow the change log row by row; exit status 1 and a sentence when anything is wrong with it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head", type=Path, help="file of exported heads (default: LOG_HEADS_FILE where it exists)"
        )
        parser.add_argument(
            "--after",
            type=whole_number(0, 2**63 - 1),
            default=0,
            help="begin behind this row, which is trusted as it is",
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="the outcome as JSON")
        parser.add_argument("--english", action="store_true", help="say it in English")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en" if options["english"] else "zh-hans"):
            checked = self._check(options["head"], options["after"])
            say = self._say_json if options["as_json"] else self._say
            say(checked.verdict, checked.faults)
        # What lies before a row that is trusted was not looked at: that is no result of the whole log.
        if not options["after"]:
            keep_result(checked)
        if checked.faults:
            sys.exit(1)  # no CommandError: what is wrong has been said

    def _check(self, file: Path | None, after: int) -> Checked:
        if file and not file.is_file():
            raise CommandError(_("没有文件%(file)s。") % {"file": file})
        return check_log(heads=file, after=after)

    def _say_json(self, verdict: Verdict, faults: list[Fault]) -> None:
        told = {
            "whole": not faults,
            "verified_to": verdict.sequence,
            "hash": verdict.hash,
            "exported_heads_found": verdict.heads,
            "first_broken": verdict.fault.sequence if verdict.fault else None,
            "faults": [asdict(fault) for fault in faults],
        }
        self.stdout.write(json.dumps(told, ensure_ascii=False))

    def _say(self, verdict: Verdict, faults: list[Fault]) -> None:
        if not faults:
            facts = {"n": verdict.sequence, "heads": verdict.heads}
            self.stdout.write(_("日志完整：已核验至第%(n)d条，与%(heads)d个导出的链头相符。") % facts)
        for fault in faults:
            self.stdout.write(fault.message)
        if verdict.fault and verdict.fault.sequence:
            said = _(
                "第%(n)d条起不可信。请停止写入，保留数据库、备份和导出的链头，从该条起与最近的备份逐条比对，"
                "并报告安全管理员；不要自行修补。"
            )
            self.stdout.write(said % {"n": verdict.fault.sequence})
