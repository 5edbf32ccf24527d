"""manage.py send_reminders: what the scheduler does, by hand and without Celery."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from agencies.access import today
from agencies.lib.arguments import day
from reforms.desk.watching import tell_watchers
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.preview import preview
from reforms.reminders.sending.heartbeat import watched_sweep

CLOCK_STOPPED = "The clock of this machine cannot be right; look at it, then confirm the time on the page 提醒 → 巡检."
NOTHING_DONE = "仅预览，未写入、未发送。"


class Command(BaseCommand):
    """Sends what is owed, or shows it."""

    help = "Send the reminders owed by today (or --on DATE); --dry-run shows who would receive what."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", type=day, help="business date, e.g. 2022-06-15 (default: today)")
        parser.add_argument("--dry-run", action="store_true", help="write and send nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        on, dry_run, days = options["on"] or today(), options["dry_run"], WorkingDays.stored()
        if on != today() and not dry_run and not settings.DEMO:
            raise CommandError(
                f"{on} is not today. Letters go out on their own day alone; add --dry-run to see what would go out."
            )
        if not days.works(on):
            self.stdout.write(f"{on}：休息日，不发送；下一个工作日是{days.next(on)}。{NOTHING_DONE if dry_run else ''}")
        elif dry_run:
            self._show(on)
        else:
            self._send(on)

    def _send(self, on: dt.date) -> None:
        tell_watchers(on)
        done = watched_sweep(on)
        if done is None:
            raise CommandError(CLOCK_STOPPED)
        self.stdout.write(
            f"{on}：新增提醒{done.created}条，发出{done.sent}封，推迟{done.postponed}封，"
            f"被拒收{done.refused}封，多次未成已停止{done.dead}封，已无需发送{done.dropped}封。"
        )
        if done.trouble:
            self.stdout.write(f"邮件服务器：{done.trouble}。其余的信下次再发。")

    def _show(self, on: dt.date) -> None:
        digests = preview(on)
        for digest in digests:
            to = "、".join(digest.recipients) or "（没有收件邮箱）"
            self.stdout.write(f"{digest.subject}\n  → {to}")
            for line in digest.lines:
                self.stdout.write(f"  第{line.item_no}项 {line.title}（{line.deadline}）")
        self.stdout.write(f"{on}：共{len(digests)}封。{NOTHING_DONE}")
