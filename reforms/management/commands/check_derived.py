"""manage.py check_derived: whether what is kept ready beside the data is what follows from it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from reforms.models import Measure
from reforms.search.text import mend, wrong_texts


class Command(BaseCommand):
    """Compares, and makes it anew where asked to."""

    help = (
        "Compare the texts that are kept to be searched with what is printed; any that differ make the command fail. "
        "--rebuild makes them anew."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="make what differs anew")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rebuild"]:
            with transaction.atomic():
                self.stdout.write(f"已重建搜索文本{mend(wrong_texts(Measure.objects.all()))}条。")
            return
        wrong = [pk for some in wrong_texts(Measure.objects.all()) for pk, _text in some]
        if wrong:
            named = "、".join(map(str, wrong[:10]))
            raise CommandError(f"搜索文本有{len(wrong)}条不符（举措{named}…），请运行 check_derived --rebuild。")
        self.stdout.write("搜索文本与印发内容一致。")
