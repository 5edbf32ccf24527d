"""Merging agencies while one of them reports. These tests empty the database, and make what they need."""

import threading
from typing import Any

import pytest
from django.db import connection  # noqa: F401  # the condition below names it

from agencies.access import Principal
from agencies.models import Agency, Role
from reforms.models import Measure, ProgressReport
from reforms.organisation import merge as merging
from reforms.reports import submit as reporting
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON
from tests.importers.editions.test_apply_writers import apply
from tests.importers.jobs.test_jobs import small
from tests.importers.samples import duty
from tests.threads import in_thread, on_postgresql

ENOUGH = 20.0
pytestmark = pytest.mark.django_db(transaction=True)


@on_postgresql
def test_a_report_and_a_merger_at_the_same_moment_do_not_stand_in_each_other_s_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reform_list = apply(small(duty("1", lead="市甲局"), duty("2", "乙事", lead="市乙局")), None)
    measure = Measure.objects.get(reform_list=reform_list, seq_in_item=1, item__number=1)
    kept, duplicate = Agency.objects.get(name="市甲局"), Agency.objects.get(name="市乙局")
    reporter = Principal(label="李填报", roles=frozenset({(Role.REPORTER, kept.pk)}))
    writing, merging_now = threading.Event(), threading.Event()
    write, lock_measures = reporting._write, merging.lock_measures

    def write_later(*args: Any, **kwargs: Any) -> Any:
        writing.set()
        merging_now.wait(ENOUGH)
        return write(*args, **kwargs)

    def lock_now(*args: Any) -> Any:
        merging_now.set()
        return lock_measures(*args)

    monkeypatch.setattr(reporting, "_write", write_later)
    monkeypatch.setattr(merging, "lock_measures", lock_now)
    said = ReportContent(progress="已完成方案。")
    thread = in_thread(lambda: submit_report(measure.pk, kept.pk, said, who=reporter, on=ON) and None)
    assert writing.wait(ENOUGH)
    merging.merge_agencies(kept, duplicate, who=reporter, on=ON)
    thread.join(ENOUGH)
    assert ProgressReport.objects.get(measure=measure).agency == kept
