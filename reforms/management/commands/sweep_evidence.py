"""manage.py sweep_evidence: files that nothing names any more, and names whose file is gone."""

from argparse import ArgumentParser
from pathlib import PurePosixPath
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reforms.files.storage import delete_unused, orphans, without_a_file
from reforms.models import StoredFile


class Command(BaseCommand):
    """Deletes what nothing names, and tells what is missing."""

    help = (
        "Delete stored files that no evidence names and that are older than a day (a crash leaves them behind; "
        "--dry-run only names them), and name the evidence whose file is missing; any missing makes the command fail."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="delete nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        left = list(orphans(timezone.now()))
        for name in left:
            self.stdout.write(f"无记录的文件：{name}")
            if not options["dry_run"]:
                # The name begins with the hash (64 characters); to tell two apart a storage puts something behind it.
                delete_unused(name, PurePosixPath(name).name[:64])
        done = "仅查看，未删除" if options["dry_run"] else "已删除"
        self.stdout.write(f"无记录的文件{len(left)}个（{done}）。")
        missing = [line for stored in without_a_file() for line in _lines(stored)]
        for line in missing:
            self.stdout.write(line)
        if missing:
            raise CommandError(f"缺失文件{len(missing)}个，请从备份恢复，或请填报单位重新上传。")


def _lines(stored: StoredFile) -> list[str]:
    used = stored.evidence.select_related("report")
    return [f"缺失：举措{one.report.measure_id} “{one.name}”（{stored.file.name}）" for one in used]
