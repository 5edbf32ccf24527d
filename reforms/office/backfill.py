"""补录: what was complete, or under way, before the portal took over is filled in at once, dated as it happened.

Part of the safe start (docs/office.md): nobody is told, no reminder is made, and every entry says that it was filled
in by the office. A completed measure gets an accepted claim of every agency that must claim it.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.write import Entry, record
from reforms.duties import claimants
from reforms.models import FILLED_IN, Disposition, Duty, Measure, ProgressReport, Status, lock_measures
from reforms.status.settle import measure_entry, settle

State = ProgressReport.State
Wrong = tuple[str, str] | None
DONE = "补录：已完成。"
LONGEST_NOTE = 5000
CLAIMED = (State.AWAITING_SIGNATURE, State.UNDER_REVIEW, State.VERIFIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillRow:
    """One measure as it stood on `on`: complete, or under way with a `note`; `row` is where it was said, and `written`
    how the day was where it named a span of time."""

    measure_id: int
    on: dt.date
    note: str = ""
    done: bool = True
    row: int = 0
    written: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row cannot be filled in: its row, its cell (measure, on or note) and what to do."""

    row: int
    cell: str
    message: str


@dataclass(frozen=True, slots=True)
class BackfillReceipt:
    """How many measures were filled in as complete and as under way."""

    done: int
    under_way: int


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the rows are checked against, loaded once."""

    measures: Mapping[int, Measure]
    must_claim: Mapping[int, frozenset[int]]
    holders: Mapping[int, frozenset[int]]
    duties: Mapping[tuple[int, int], Duty]
    claimed: frozenset[int]


class NotFilledIn(ValidationError):
    """Rows that cannot be filled in; nothing was written. `refusals` says which."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__([f"{one.row}：{one.message}" for one in refusals], code="not_filled_in")
        self.refusals = list(refusals)


def check_filling(rows: Sequence[BackfillRow], *, who: Principal, on: dt.date) -> list[Refusal]:
    """What is wrong with these rows; empty when all of them can be filled in. Seven queries, however many rows."""
    return _refusals(rows, _ground(rows), who, on)


def fill_in(rows: Sequence[BackfillRow], *, who: Principal, on: dt.date) -> BackfillReceipt:
    """Write all of them in one transaction, or none.

    Raises PermissionDenied, and NotFilledIn where a measure is closed or claimed already, is not the office's to fill
    in, or its day lies in the future or before the year of its list.
    """
    # What is filled in as complete is entered and accepted at once.
    if not (may(who, Verb.ENTER_FOR) and may(who, Verb.REVIEW)):
        raise PermissionDenied
    with transaction.atomic():
        # Held before they are checked, against claims that come in at this moment.
        lock_measures(row.measure_id for row in rows)
        ground = _ground(rows)
        refusals = _refusals(rows, ground, who, on)
        if refusals:
            raise NotFilledIn(refusals)
        reports = [report for row in rows for report in _reports(row, ground, who)]
        ProgressReport.objects.bulk_create(reports, batch_size=500)
        days = {row.measure_id: row.on for row in rows}
        # Each change holds from the day that was said: past days are read from the log by it.
        settled = [replace(entry, on=days[entry.object_id]) for entry in settle(list(days))]
        record([*map(_entry, rows), *settled], who=who, on=on)
    done = sum(row.done for row in rows)
    return BackfillReceipt(done, len(rows) - done)


def _ground(rows: Sequence[BackfillRow]) -> _Ground:
    ids = {row.measure_id for row in rows}
    measures = {one.pk: one for one in Measure.objects.filter(pk__in=ids).select_related("reform_list")}
    duties: dict[int, list[Duty]] = {}
    for duty in Duty.objects.filter(measure__in=ids):
        duties.setdefault(duty.measure_id, []).append(duty)
    claimed = ProgressReport.objects.filter(measure__in=ids, state__in=CLAIMED).order_by()
    return _Ground(
        measures=measures,
        must_claim=claimants(list(measures.values()), duties),
        holders={pk: frozenset(duty.agency_id for duty in duties.get(pk, ())) for pk in measures},
        duties={(duty.measure_id, duty.agency_id): duty for found in duties.values() for duty in found},
        claimed=frozenset(claimed.values_list("measure_id", flat=True)),
    )


def _refusals(rows: Sequence[BackfillRow], ground: _Ground, who: Principal, on: dt.date) -> list[Refusal]:
    # Two rows on one measure would contradict each other.
    often = Counter(row.measure_id for row in rows)
    found = []
    for row in rows:
        wrong = _wrong(row, ground, who, on, twice=often[row.measure_id] > 1)
        if wrong:
            found.append(Refusal(row.row, *wrong))
    return found


def _wrong(row: BackfillRow, ground: _Ground, who: Principal, on: dt.date, *, twice: bool) -> Wrong:
    measure = ground.measures.get(row.measure_id)
    if measure is None:
        return "measure", _("没有这条举措。")
    if twice:
        return "measure", _("这条举措在表中出现了两次，请只留一行。")
    return _wrong_measure(row, measure, ground, who) or _wrong_day(row, measure, on) or _wrong_note(row)


def _wrong_measure(row: BackfillRow, measure: Measure, ground: _Ground, who: Principal) -> Wrong:
    said = ""
    if measure.disposition != Disposition.ACTIVE:
        said = _("该举措已不在册，不能补录。")
    elif measure.status == Status.CLOSED:
        said = _("该举措已销号，不能再补录。")
    elif row.done and measure.is_standing:
        said = _("持续巩固的举措不销号，只能补录进展。")
    elif measure.pk in ground.claimed:
        said = _("已有单位申请销号，请在审核中办理。")
    elif not ground.must_claim[measure.pk]:
        said = _("这条举措还没有牵头单位，请先指定成员。")
    elif not may(who, Verb.REVIEW, ground.holders[measure.pk]):
        said = _("您所在单位承担这条举措，须由另一位督办人员补录。")
    return ("measure", said) if said else None


def _wrong_day(row: BackfillRow, measure: Measure, on: dt.date) -> Wrong:
    if row.on > on:
        return "on", _("日期不能晚于今天。")
    if row.on.year < measure.reform_list.year:
        return "on", _("日期不能早于清单年份%(year)d年。") % {"year": measure.reform_list.year}
    return None


def _wrong_note(row: BackfillRow) -> Wrong:
    if not row.done and not row.note.strip():
        return "note", _("补录推进中的举措，请写明进展。")
    if len(row.note) > LONGEST_NOTE:
        return "note", _("说明过长，最多%(n)d字。") % {"n": LONGEST_NOTE}
    return None


def _reports(row: BackfillRow, ground: _Ground, who: Principal) -> list[ProgressReport]:
    """One of each agency that must claim."""
    return [
        _report(row, ground.duties[row.measure_id, agency_id], who)
        for agency_id in sorted(ground.must_claim[row.measure_id])
    ]


def _report(row: BackfillRow, duty: Duty, who: Principal) -> ProgressReport:
    now = timezone.now()
    report = ProgressReport(
        measure_id=row.measure_id,
        duty=duty,
        agency_id=duty.agency_id,
        state=State.SUBMITTED,
        progress=row.note.strip() or DONE,
        on=row.on,
        recorded_at=now,
        updated_at=now,
        author=who.label,
        author_user_id=who.user_id,
        by_office=True,
        source=FILLED_IN,
    )
    if row.done:
        # Claimed and accepted on the day it was done: that day closes the measure.
        report.state, report.is_claim, report.claimed_on = State.VERIFIED, True, row.on
        report.decided_by, report.decided_by_user_id, report.decided_on = who.label, who.user_id, row.on
    return report


def _entry(row: BackfillRow) -> Entry:
    after = {"done": row.done, "progress": row.note.strip() or DONE, "on": row.on.isoformat(), "source": FILLED_IN}
    return measure_entry("measure.filled_in", row.measure_id, after=after, on=row.on)
