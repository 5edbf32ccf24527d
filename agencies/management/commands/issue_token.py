"""manage.py issue_token AGENCY: a bearer token from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from agencies.access import COMMAND_LINE, today
from agencies.models import Agency
from agencies.people.tokens import issue_token

LONGEST_NAME, MOST_DAYS = 80, 1095  # as in TokenForm of agencies.pages.forms


class Command(BaseCommand):
    help = "Issue a bearer token to an agency; the secret is printed once and kept nowhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agency", help="printed name or another name of the agency")
        parser.add_argument("--name", default="命令行签发", help="what the token is for")
        parser.add_argument("--write", action="store_true", help="may also report (default: read only)")
        parser.add_argument("--days", type=int, default=365, help="how long it lives (default: 365)")

    def handle(self, *args: Any, **options: Any) -> None:
        agency = Agency.objects.called([options["agency"]]).get(options["agency"])
        if agency is None or agency.is_collective or not agency.is_living:
            raise CommandError(
                f"没有名为“{options['agency']}”的单位（统称和已撤销的单位不能持有令牌）。可在“单位”页查看名称。"
            )
        name, days = options["name"], options["days"]
        if not 1 <= len(name) <= LONGEST_NAME or not 1 <= days <= MOST_DAYS:
            raise CommandError(f"用途为1至{LONGEST_NAME}字，有效期为1至{MOST_DAYS}天。未签发令牌。")
        with transaction.atomic():
            _token, secret = issue_token(
                agency=agency,
                name=name,
                read_only=not options["write"],
                days=days,
                who=COMMAND_LINE,
                on=today(),
            )
        self.stdout.write(secret)
