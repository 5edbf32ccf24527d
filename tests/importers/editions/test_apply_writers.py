"""Applying an edition while agencies report. These tests empty the database, and make what they need."""

import threading

import pytest
from django.db import connection, transaction  # noqa: F401  # the condition below names it

import importers.editions.write
from agencies.access import Principal
from agencies.models import Agency, Role
from importers.documents.read import read_document
from importers.editions.apply import apply_plan
from importers.editions.known import plan_import
from importers.editions.new_list import list_for
from reforms.models import Audience, Measure, ReformList, Status
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON
from tests.importers.editions.test_import_list import SOURCE
from tests.importers.jobs.test_jobs import small
from tests.importers.samples import duty
from tests.threads import in_thread, on_postgresql

ENOUGH, A_MOMENT = 20.0, 0.3
pytestmark = pytest.mark.django_db(transaction=True)


def apply(data: bytes, reform_list: ReformList | None) -> ReformList:
    printed = read_document(data, "清单.docx")
    reform_list = reform_list or list_for(printed, slug="nanshan", year=2022, on=ON)
    ReformList.objects.filter(pk=reform_list.pk).update(open_to=Audience.AGENCIES)
    apply_plan(plan_import(printed, reform_list), reform_list, SOURCE)
    return reform_list


@on_postgresql
def test_an_agency_that_another_list_is_bringing_in_at_the_same_moment_is_there_once() -> None:
    created, never = threading.Event(), threading.Event()

    def create_slowly() -> None:
        with transaction.atomic():
            Agency.objects.create(name="市低空经济局（市无人机办）")
            created.set()
            never.wait(A_MOMENT)

    thread = in_thread(create_slowly)
    assert created.wait(ENOUGH)
    reform_list = apply(small(duty("1", lead="市低空经济局（市无人机办）")), None)
    thread.join(ENOUGH)
    agency = Agency.objects.get(name="市低空经济局（市无人机办）")
    assert Measure.objects.get(reform_list=reform_list).assignments.get().agency == agency


@on_postgresql
def test_a_report_made_while_an_edition_is_written_is_not_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    reform_list = apply(small(duty("1", lead="市财政局", due="2022年6月底")), None)
    measure, agency = Measure.objects.get(reform_list=reform_list), Agency.objects.get(name="市财政局")
    reporter = Principal(label="李填报", roles=frozenset({(Role.REPORTER, agency.pk)}))
    reported = threading.Event()
    search_text, threads = importers.editions.write.search_text, list[threading.Thread]()

    def report() -> None:
        submit_report(measure.pk, agency.pk, ReportContent(progress="已完成方案。"), who=reporter, on=ON)
        reported.set()

    def meanwhile(filled: Measure, names: list[str]) -> str:
        """Called for each measure between reading and writing it."""
        threads.append(in_thread(report))
        reported.wait(A_MOMENT)
        return search_text(filled, names)

    monkeypatch.setattr(importers.editions.write, "search_text", meanwhile)
    apply(small(duty("1", lead="市财政局", due="2022年9月底")), reform_list)
    threads[0].join(ENOUGH)
    measure.refresh_from_db()
    assert (measure.status, measure.first_report_on, measure.deadline_text) == (Status.IN_PROGRESS, ON, "2022年9月底")
