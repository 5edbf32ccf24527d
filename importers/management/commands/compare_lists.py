"""`compare_lists`: what changed between two list documents, without a database."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from importers.documents.values import ParsedList
from importers.management.files import check_path, year
from importers.plans.compare import as_dict, compare
from importers.plans.summary import comparison, summary


class Command(BaseCommand):
    """Exit code 0: compared, whatever was found; 1: one of the two cannot be read; 2: wrong usage."""

    help = "比较两份清单文件：列出新增、调出、序号调整和改动之处，不写入数据库。"
    # Works without a database, so nothing of the portal has to be in order.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("old", type=Path, metavar="OLD", help="旧版清单文件")
        parser.add_argument("new", type=Path, metavar="NEW", help="新版清单文件")
        parser.add_argument("--json", action="store_true", dest="as_json", help="按 reform-list-diff/1 输出JSON")
        parser.add_argument("--year", type=year, help="清单年份，用于没有写年份的时限")

    def handle(self, *args: Any, **options: Any) -> None:
        old, new = (check_path(options[which], options["year"]) for which in ("old", "new"))
        rejected = [parsed for parsed in (old, new) if parsed.error]
        if rejected:
            self._refuse(rejected)
        found = compare(old, new)
        if options["as_json"]:
            self.stdout.write(json.dumps(as_dict(found), ensure_ascii=False, indent=1))
        else:
            self.stdout.write(comparison(found))

    def _refuse(self, rejected: list[ParsedList]) -> None:
        for parsed in rejected:
            self.stderr.write(summary(parsed))
        sys.exit(1)
