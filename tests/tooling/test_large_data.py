"""The data that `make bench` measures on: lists that were brought in, and the copies that make a million of them."""

import datetime as dt
from collections import Counter

import pytest
from django.core.management import call_command

from agencies.access import PORTAL
from agencies.log.chain import verify
from agencies.log.write import Entry, record
from agencies.models import Change
from reforms.models import Duty, Measure, ProgressReport, ReformList
from tests.bench import generating
from tests.bench.generating import Size, fill

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 3, 2)


def test_copied_lists_stand_as_if_they_had_been_brought_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generating, "MOST_BROUGHT_IN", 2)
    fill(Size(lists=6, measures=120), ON)
    # The real list is there already.
    assert ReformList.objects.count() == 3 * (1 + 2)
    assert Measure.objects.count() == 3 * (216 + 40)
    for kind in (Measure, Duty, ProgressReport):
        assert not kind._default_manager.count() % 3
    titles = Counter(ReformList.objects.values_list("title", flat=True))
    assert len(titles) == 9
    # What is derived from the log, and the log itself.
    call_command("check_derived")
    assert verify().fault is None
    copy = Measure.objects.order_by("pk").last()
    assert copy is not None
    assert Change.objects.filter(kind="measure", object_id=copy.pk).exists()
    assert {duty.measure.reform_list_id for duty in copy.duties.all()} == {copy.reform_list_id}


def test_what_is_done_after_copying_is_logged_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generating, "MOST_BROUGHT_IN", 1)
    fill(Size(lists=2, measures=20), ON)
    done = Entry(action="measure.chased", kind="measure", object_id=1, visibility=Change.Visibility.INTERNAL)
    record([done], who=PORTAL, on=ON)
    ReformList.objects.create(slug="another", title="另一份清单", year=2026)
    assert verify().fault is None
