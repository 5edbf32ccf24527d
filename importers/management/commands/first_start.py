"""manage.py first_start: what a new portal needs before its first page. Running it again changes nothing."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from agencies.access import PORTAL, today
from agencies.lib.jobs.wake import wake
from agencies.models import Change, User
from agencies.people.accounts import ensure_first_administrator
from agencies.people.links import one_time_link
from reforms.demo import BEGINS, PASSWORD, PEOPLE, make_demo
from reforms.models import ReformList
from reforms.tasks import send_reminders

SLUG = "shenzhen-2022"
SHORT_TITLE = "深圳营商环境首批改革事项清单（2022）"


class Command(BaseCommand):
    help = "Import the real list where there never was one, fill the demonstration (DEMO=1), and say how to sign in."

    def handle(self, *args: Any, **options: Any) -> None:
        # A list that was undone does not come back with the next start.
        if not ReformList.objects.exists() and not Change.objects.filter(action="edition.applied").exists():
            self._import()
        if settings.DEMO:
            self._demo()
        else:
            self._first_administrator()

    def _import(self) -> None:
        fixtures = Path(settings.BASE_DIR) / "fixtures"
        call_command(
            "import_list",
            str(fixtures / "shenzhen-2022-first-batch.docx"),
            slug=SLUG,
            yes=True,
            on=BEGINS if settings.DEMO else today(),
            stdout=self.stdout,
        )
        call_command("load_agencies", str(fixtures / "agencies-shenzhen.json"), stdout=self.stdout)
        ReformList.objects.filter(slug=SLUG).update(short_title=SHORT_TITLE)

    def _demo(self) -> None:
        if not User.objects.filter(is_demo=True).exists():
            make_demo(ReformList.objects.get(slug=SLUG), office=settings.OFFICE_NAME)
            wake(send_reminders)
        self.stdout.write(f"演示账号（密码均为 {PASSWORD}，仅限本机登录） / demo sign-ins, password {PASSWORD}:")
        for person in PEOPLE:
            self.stdout.write(f"  {person.username:<16} {person.agency or settings.OFFICE_NAME} · {person.role.label}")

    def _first_administrator(self) -> None:
        administrator = ensure_first_administrator(who=PORTAL, on=today())
        if administrator:
            link = one_time_link(administrator)
            self.stdout.write(
                f"请用此一次性链接为首位系统管理员 {administrator.username} 设置密码 / choose a password:\n  {link}"
            )
