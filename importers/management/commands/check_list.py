"""`check_list`: read list documents and say what was understood, without a database."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from importers.documents.schema import as_dict
from importers.documents.values import ParsedList
from importers.management.files import FIRST_LEADS, check_path, given_columns, year
from importers.plans.summary import summary

WHO_LEADS = "没有写明谁牵头时，列第一位的为牵头单位？yes：是；all：所列单位共同牵头；no：均为责任单位"
COLUMNS = "各列含义，如 序号=1,事项=2,举措=4,牵头=5（从1数起；备注、不导入的列按原文保留）"

MARKS = "单位名称下的符号表示什么，如 ●=牵头,○=配合（牵头、责任、配合、不导入）；清单自己写明的以清单为准"


class Command(BaseCommand):
    """Exit code 0: all readable, 1: some rejected, 2: wrong usage."""

    help = "检查清单文件：读取并列出识别结果，不写入数据库。"
    # Works without a database, so nothing of the portal has to be in order.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="清单文件")
        parser.add_argument("--json", action="store_true", dest="as_json", help="按 reform-list/1 输出JSON")
        parser.add_argument("--out", metavar="DIR", help="每个文件写一个 DIR/<文件名>.json")
        parser.add_argument("--year", type=year, help="清单年份，用于没有写年份的时限")
        parser.add_argument("--columns", default="", help=COLUMNS)
        parser.add_argument("--first-leads", choices=FIRST_LEADS, help=WHO_LEADS)
        parser.add_argument("--marks", default="", help=MARKS)

    def handle(self, *args: Any, **options: Any) -> None:
        given = given_columns(options["columns"], options["first_leads"], options["marks"])
        print_one = self._print_json if options["as_json"] else self._print
        # What each says is written as soon as it is read, and let go of.
        outcomes = set()
        for at, name in enumerate(options["files"], 1):
            parsed = check_path(Path(name), options["year"], given)
            outcomes.add(parsed.outcome)
            if options["out"]:
                self._write(Path(options["out"]), parsed)
            print_one(parsed, at, len(options["files"]))
        if "rejected" in outcomes:
            sys.exit(1)

    def _write(self, folder: Path, parsed: ParsedList) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{parsed.file_name}.json").open("w", encoding="utf-8") as file:
            json.dump(as_dict(parsed), file, ensure_ascii=False, indent=1)
            file.write("\n")

    def _print(self, parsed: ParsedList, at: int, files: int) -> None:
        self.stdout.write(summary(parsed) + ("\n" if at < files else ""))

    def _print_json(self, parsed: ParsedList, at: int, files: int) -> None:
        """The object alone, or each of several as part of one array."""
        if files > 1:
            self.stdout.write("[" if at == 1 else ",", ending="")
        json.dump(as_dict(parsed), self.stdout, ensure_ascii=False, indent=1)
        self.stdout.write("]" if at == files > 1 else "")
