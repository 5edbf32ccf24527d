"""What the 台账 says of measures beyond the catalogue: what was reported, decided and chased, up to its day."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from reforms.lib.words import day_text
from reforms.models import DeadlineAdjustment, Duty, Extension, Part, PrintedRow, ProgressReport
from reforms.office.chasing import words_by_measure

Outlook = ProgressReport.Outlook


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Of one measure. Texts of several agencies stand under their names; what may not be read is empty."""

    progress: str = ""
    problems: str = ""
    next_step: str = ""
    pace: str = ""
    leader: str = ""
    moved_by: str = ""
    chased: int = 0
    division: str = ""
    officer: str = ""


def reads_everything(who: Principal) -> bool:
    """Whether the columns that are the office's own are in their 台账."""
    return may(who, Verb.READ_REPORTS, ())


def facts_of(ids: Sequence[int], who: Principal, on: dt.date) -> dict[int, Facts]:
    """By measure, as `who` may read it on a business date: eight queries, however many measures; visitors are told
    nothing of it."""
    if not who.signed_in:
        return dict.fromkeys(ids, Facts())
    duties = _by_measure(Duty.objects.filter(measure__in=ids, part=Part.LEAD).select_related("agency"))
    reports = last_reports(ids, who, on)
    leaders, office = _leaders(ids), reads_everything(who)
    moved, chased = (_moves(ids, on), words_by_measure(ids, who, on)) if office else ({}, {})
    return {
        pk: Facts(
            **_reported(duties.get(pk, []), reports.get(pk, {})),
            leader=leaders.get(pk, ""),
            moved_by="\n".join(moved.get(pk, ())),
            chased=len(chased.get(pk, ())),
            division=_named({duty.agency.name: duty.division for duty in duties.get(pk, [])}) if office else "",
            officer=_named({duty.agency.name: duty.officer for duty in duties.get(pk, [])}) if office else "",
        )
        for pk in ids
    }


def _by_measure(duties: Iterable[Duty]) -> dict[int, list[Duty]]:
    found: dict[int, list[Duty]] = defaultdict(list)
    for duty in duties:
        found[duty.measure_id].append(duty)
    return found


def last_reports(ids: Sequence[int], who: Principal, on: dt.date) -> dict[int, dict[int, ProgressReport]]:
    """The last report that counts and that `who` may read, up to a business date, by measure and agency: one query."""
    reports = ProgressReport.objects.readable_by(who).spoken().filter(measure__in=ids, on__lte=on)
    found: dict[int, dict[int, ProgressReport]] = defaultdict(dict)
    # In order of time: of each agency the last one stays.
    for report in reports.select_related("agency").order_by("recorded_at", "pk"):
        found[report.measure_id][report.agency_id] = report
    return found


def _reported(leads: list[Duty], reports: dict[int, ProgressReport]) -> dict[str, str]:
    """What the leads said last, in their order; where none of them said anything, what the others did."""
    said = [reports[duty.agency_id] for duty in leads if duty.agency_id in reports] or list(reports.values())
    return {
        "progress": _named({one.agency.name: one.progress or _unchanged(one) for one in said}),
        "problems": _named({one.agency.name: one.problems for one in said}),
        "next_step": _named({one.agency.name: one.next_step for one in said}),
        "pace": _named({one.agency.name: str(Outlook(one.outlook).label) for one in said if one.outlook}),
    }


def _unchanged(report: ProgressReport) -> str:
    return _("本期无变化") if report.is_unchanged else ""


def _named(texts: dict[str, str]) -> str:
    """The only text; several under the names of the agencies."""
    filled = {name: text.strip() for name, text in texts.items() if text.strip()}
    if len(filled) < 2:
        return "".join(filled.values())
    return "\n".join(_("%(agency)s：%(text)s") % {"agency": name, "text": text} for name, text in filled.items())


def _leaders(ids: Sequence[int]) -> dict[int, str]:
    """牵头领导, 责任领导, 分管领导: persons whom the edition in force prints beside a measure, in other columns."""
    rows = PrintedRow.objects.filter(measure__in=ids, edition__is_in_force=True).exclude(other={})
    return {
        pk: _("、").join(text for label, text in other.items() if "领导" in label and text)
        for pk, other in rows.values_list("measure_id", "other")
    }


def _moves(ids: Sequence[int], on: dt.date) -> dict[int, list[str]]:
    """By what deadlines were moved: document numbers of adjustments, extensions that were granted."""
    found: dict[int, list[tuple[dt.date, str]]] = defaultdict(list)
    adjusted = DeadlineAdjustment.objects.filter(measure__in=ids, on__lte=on)
    for measure, day, reference in adjusted.values_list("measure_id", "on", "reference"):
        found[measure].append((day, reference))
    granted = Extension.objects.granted().filter(measure__in=ids, decided_on__lte=on)
    for one in granted:
        said = _("%(day)s批复延至%(until)s") % {"day": day_text(one.decided_on), "until": day_text(one.granted)}
        told = _("%(said)s（%(remark)s）") % {"said": said, "remark": one.decision} if one.decision else said
        found[one.measure_id].append((one.decided_on or on, told))
    return {measure: [text for _day, text in sorted(moves)] for measure, moves in found.items()}
