"""manage.py lock_log: put the triggers of the change log back where one is missing."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from agencies.log.locks import lock, missing_locks


class Command(BaseCommand):
    help = "Put every trigger that guards the change log in place (migrate does it; this repairs)."

    def handle(self, *args: Any, **options: Any) -> None:
        missing = missing_locks()
        with transaction.atomic():
            lock(connection)
        self.stdout.write(f"已恢复：{'、'.join(missing)}。" if missing else "触发器齐全，无需恢复。")
