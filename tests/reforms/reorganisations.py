"""Helpers for tests of agencies: somebody who acts, reports, and what is there to count."""

import datetime as dt
from typing import Any

from agencies.access import COMMAND_LINE, Principal
from agencies.models import Agency, Change, Role, Succession
from reforms.models import Duty, Measure
from reforms.organisation.succession import Reorganisation, reorganise
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON

OFFICE = Principal(label="系统管理员", user_id=None, roles=frozenset({(Role.ADMINISTRATOR, 0)}))
MAY_DAY = dt.date(2022, 5, 1)
REFERENCE = "深编〔2022〕5号"


def merge_into(heir: Agency, *dissolved: Agency, **facts: Any) -> Succession:
    """`dissolved` were merged into `heir` on 2022-05-01."""
    asked = Reorganisation(
        kind=Succession.Kind.MERGED,
        predecessors=dissolved,
        successors=(heir,),
        on=MAY_DAY,
        reference=REFERENCE,
        **facts,
    )
    return reorganise(asked, who=OFFICE, today=ON)


def split(agency: Agency, *heirs: Agency, choices: dict[int, int] | None = None) -> Succession:
    asked = Reorganisation(
        kind=Succession.Kind.SPLIT, predecessors=(agency,), successors=heirs, on=MAY_DAY, choices=choices or {}
    )
    return reorganise(asked, who=OFFICE, today=ON)


def report(agency: Agency, measure: Measure, progress: str = "已完成方案。", on: dt.date = ON) -> None:
    who = Principal(label="填报人", user_id=None, roles=frozenset({(Role.REPORTER, agency.pk)}))
    submit_report(measure.pk, agency.pk, ReportContent(progress=progress), who=who, on=on)


def held(agency: Agency) -> dict[int, tuple[str, str]]:
    """Part and status of each of its duties, by measure."""
    duties = Duty.objects.of([agency.pk]).values_list("measure_id", "part", "status")
    return {measure: (part, status) for measure, part, status in duties}


def logged(action: str) -> list[Change]:
    """Without what was loaded as the portal was set up."""
    return list(Change.objects.filter(action=action).exclude(actor=COMMAND_LINE.label).order_by("sequence"))
