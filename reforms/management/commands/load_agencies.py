"""manage.py load_agencies FILE: what is known of agencies beyond their printed names."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from agencies.access import COMMAND_LINE, today
from reforms.organisation.directory import load_directory


class Command(BaseCommand):
    """Loads a directory, whole or not at all."""

    help = "Load a directory (JSON): names of agencies, members of groups, English titles of sections."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            directory = json.loads(options["file"].read_text(encoding="utf-8"))
            count = load_directory(directory, who=COMMAND_LINE, on=today())
        except ValidationError as error:
            raise CommandError(f"{''.join(error.messages)}未写入任何数据。") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{options['file']}：不是单位目录（{error}）。未写入任何数据。") from None
        self.stdout.write(f"单位目录已载入：{count}个单位。")
