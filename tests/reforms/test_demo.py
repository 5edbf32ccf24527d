"""The demonstration begins before what is reported in it."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Min

from importers.management.commands import first_start
from reforms.demo import BEGINS
from reforms.models import ProgressReport, ReformList, has_begun
from tests.importers.plans.test_plan import fourfold


def test_its_first_report_comes_after_its_beginning(demo: ReformList) -> None:
    first = ProgressReport.objects.aggregate(on=Min("on"))["on"]
    assert BEGINS < first < BEGINS + dt.timedelta(days=31)


@pytest.mark.parametrize("shown", [True, False])
def test_its_list_comes_in_on_that_day_and_a_real_one_today(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, shown: bool
) -> None:
    settings.DEMO = shown
    asked = dict[str, Any]()
    monkeypatch.setattr(first_start, "call_command", lambda name, *_files, **options: asked.setdefault(name, options))
    first_start.Command()._import()
    assert asked["import_list"]["on"] == (BEGINS if shown else settings.PORTAL_TODAY)


def test_what_was_imported_on_a_day_is_told_of_that_day(db: None, tmp_path: Any) -> None:
    text = tmp_path / "清单.txt"
    text.write_bytes(fourfold().content)
    call_command("import_list", str(text), slug="shown", on=BEGINS, yes=True)
    made = ReformList.objects.get(slug="shown")
    assert made.first_on == BEGINS
    counted = ReformList.objects.filter(pk=made.pk)
    assert counted.filter(has_begun(BEGINS)).exists()
    assert not counted.filter(has_begun(BEGINS - dt.timedelta(days=1))).exists()
