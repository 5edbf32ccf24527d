"""manage.py export_log_head: what the scheduler does every night, by hand and without Celery."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from agencies.log.check import export_head
from agencies.log.heads import heads_file


class Command(BaseCommand):
    help = "Follow the change log to its end and append its head to LOG_HEADS_FILE."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("zh-hans"):
            checked = export_head()
        if checked.faults:
            raise CommandError(f"{checked.faults[0].message}详情见 manage.py verify_log。")
        self.stdout.write(f"日志完整，至第{checked.verdict.sequence}条；链头已追加到 {heads_file()}。")
