"""The duties an agency can report on, as lines of its workbook."""

from agencies.access import Principal, Verb, may
from reforms.models import Duty, ListEdition, ProgressReport, ReformList, Status
from reforms.reports.periods import last_ids, last_reports
from reforms.workbook.layout import WorkbookRow, line_of


def may_have(who: Principal, agency_id: int) -> bool:
    """Whether `who` may have the workbook of an agency, and report what comes back with it."""
    return may(who, Verb.REPORT, [agency_id]) or may(who, Verb.ENTER_FOR, [agency_id])


def lines_of(agency_id: int, *, by_office: bool = False, reform_list: ReformList | None = None) -> list[WorkbookRow]:
    """The agency's living duties, or those of one list, in list order, with its drafts or the office's for it: a fixed
    number of queries."""
    duties = (
        Duty.objects.in_work()
        .filter(agency=agency_id, measure__disposition="active")
        .exclude(measure__status=Status.CLOSED)
    )
    if reform_list:
        duties = duties.filter(measure__reform_list=reform_list)
    found = list(
        duties.select_related("measure__item", "agency", "via")
        .defer("measure__search_text")
        .order_by("measure__reform_list", "measure__row")
    )
    last, ids = last_reports(found), last_ids(found)
    kept = ProgressReport.objects.drafts().filter(agency=agency_id, by_office=by_office)
    drafts = {draft.measure_id: draft for draft in kept}
    return [line_of(duty, last.get(duty.pk), ids.get(duty.pk, 0), drafts.get(duty.measure_id)) for duty in found]


def editions_in_force() -> list[int]:
    """Their ids, in order."""
    return list(ListEdition.objects.filter(is_in_force=True).order_by("pk").values_list("pk", flat=True))
