"""manage.py load_agencies FILE: what is known of agencies beyond their printed names."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from agencies.models import Agency, AgencyName, GroupMember
from reforms.duties import derive_duties_of_group
from reforms.models import Section

TOLD = ("full_name", "name_en", "kind", "outside_line", "credit_code", "email")


class Command(BaseCommand):
    """Loads a directory, whole or not at all."""

    help = "Load a directory (JSON): names of agencies, members of groups, English titles of sections."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            directory = json.loads(options["file"].read_text(encoding="utf-8"))
            entries = directory["agencies"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{options['file']}：不是单位目录（{error}）。未写入任何数据。") from None
        with transaction.atomic():
            for entry in entries:
                _load(entry)
            # Members come last: a group may stand in the file before those that belong to it.
            for entry in entries:
                _load_members(entry)
            for section in directory.get("sections", []):
                Section.objects.filter(title=section["title"]).update(title_en=section["title_en"])
        self.stdout.write(f"单位目录已载入：{len(entries)}个单位。")


def _load(entry: dict[str, Any]) -> None:
    """What is told of one agency. One that carries the name no longer (renamed, or a second spelling) is left as it
    is: the directory of this portal knows it better than the file."""
    told = {name: entry[name] for name in TOLD if name in entry}
    known = Agency.objects.called([entry["name"]]).get(entry["name"])
    if known and known.name != entry["name"]:
        return
    _check(Agency(name=entry["name"], **told))
    for name in entry.get("other_names", []):
        _check(AgencyName(name=name))
    agency, _ = Agency.objects.update_or_create(name=entry["name"], defaults=told)
    for name in entry.get("other_names", []):
        AgencyName.objects.update_or_create(name=name, defaults={"agency": agency})


def _check(row: Agency | AgencyName) -> None:
    """What the columns can hold, said before a database says it in its own words."""
    try:
        row.clean_fields(exclude=["agency"])
    except ValidationError as error:
        raise CommandError(f"单位“{row.name[:40]}”：{''.join(error.messages)}未写入任何数据。") from None


def _load_members(entry: dict[str, Any]) -> None:
    group = Agency.objects.called([entry["name"]])[entry["name"]]
    for member in Agency.objects.called(entry.get("members", [])).values():
        GroupMember.objects.get_or_create(group=group, member=member)
    if group.is_collective:
        derive_duties_of_group(group)
