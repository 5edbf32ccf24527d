"""manage.py check_derived: whether what is kept ready beside the data is what follows from it."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from reforms.columns import kept
from reforms.models import Measure
from reforms.search import text
from reforms.status import derived

NAMED = 20


class Command(BaseCommand):
    help = (
        "Compare past days and the lights by month with the change log, the texts that are searched with what is "
        "printed, and the columns stored on disk with the measures; exit status 1 where they differ."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="write what differs anew")
        parser.add_argument("--english", action="store_true", help="say it in English")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en" if options["english"] else "zh-hans"):
            found = derived.check()
            texts = [pk for some in text.wrong_texts(Measure.objects.all()) for pk, _text in some]
            columns = kept.differing()
            self._say(found, texts, columns)
            differs = bool(found or texts or columns)
            if differs and options["rebuild"]:
                derived.mend(found)
                with transaction.atomic():
                    text.mend(text.wrong_texts(Measure.objects.filter(pk__in=texts)))
                if columns or texts:
                    kept.store_anew()
                self.stdout.write(_("已重新写入。"))
        if differs and not options["rebuild"]:
            sys.exit(1)  # no CommandError: what differs has been said

    def _say(self, found: derived.Differing, texts: list[int], columns: list[str]) -> None:
        if not found and not texts and not columns:
            self.stdout.write(_("各举措的历史状态、各月亮灯数与日志一致，搜索文本与印发内容一致。"))
        if found.measures:
            said = _("%(n)d条举措的历史状态与日志不符（编号：%(ids)s）。")
            self.stdout.write(said % {"n": len(found.measures), "ids": _named(found.measures)})
        if found.lists:
            said = _("%(n)d份清单的各月亮灯数与历史状态不符（编号：%(ids)s）。")
            self.stdout.write(said % {"n": len(found.lists), "ids": _named(found.lists)})
        if texts:
            said = _("%(n)d条举措的搜索文本与印发内容不符（编号：%(ids)s）。")
            self.stdout.write(said % {"n": len(texts), "ids": _named(texts)})
        if columns:
            said = _("存盘的举措数据与数据库不符（%(names)s）。")
            self.stdout.write(said % {"names": ", ".join(columns)})


def _named(ids: list[int]) -> str:
    return ", ".join([*map(str, ids[:NAMED]), *(["…"] if len(ids) > NAMED else [])])
