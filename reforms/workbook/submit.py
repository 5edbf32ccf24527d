"""From what was shown to reports: the preview carries the proposals, signed, and nothing else is sent."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agencies.access import Principal
from agencies.log.write import Entry, record
from reforms.models import Duty, ProgressReport, Stale
from reforms.reports.officers import Officer, write_officers
from reforms.reports.periods import texts_of
from reforms.reports.submit import Place, ReportContent, WrittenReport, places_of, write_report
from reforms.status.settle import settle
from reforms.workbook.compare import Proposal
from reforms.workbook.layout import OUTLOOKS, REPORTED

SALT = "reforms.sheet.shown"
VALID_SECONDS = 24 * 3600
LARGEST = 2 * 1024 * 1024
# Each takes some 7 ms while somebody waits; the largest agency of the real list has 73.
MOST_AT_ONCE = 200
# Rows in one transaction: others wait for their measures, on SQLite for everything, not longer than for half a second.
TOGETHER = 50
# The workbook has the words, and they come back as words.
OUTLOOK_OF = {label: value for value, label in OUTLOOKS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """One row of the preview as it comes back: the texts of a whole report, and who is to be in charge."""

    duty_id: int
    measure_id: int
    row: int
    last_id: int
    draft_seen: int
    key: str
    texts: dict[str, str] | None
    named: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookReceipt:
    """What became of one row: the report, nothing but the names, or why not; `current` is what was said meanwhile."""

    shown: PreviewRow
    duty: Duty | None
    report: ProgressReport | None = None
    problem: str = ""
    current: ProgressReport | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What the rows of one transaction leave to be settled and logged together."""

    measures: list[int] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


def shown_of(proposal: Proposal) -> PreviewRow:
    """One proposal as the preview keeps it."""
    after = {edit.name: edit.after for edit in proposal.edits}
    texts = {name: after.get(name, proposal.line.editable[name]) for name in REPORTED}
    return PreviewRow(
        duty_id=proposal.line.duty.pk,
        measure_id=proposal.line.measure_id,
        row=proposal.row,
        last_id=proposal.line.last_id,
        draft_seen=proposal.line.draft.version if proposal.line.draft else 0,
        key=proposal.key,
        texts=texts if proposal.reports else None,
        named={name: text for name, text in after.items() if name not in REPORTED},
    )


def seal(proposals: Sequence[Proposal], *, agency_id: int, who: Principal) -> str:
    """The proposals as the preview shows them, for one person and a day."""
    rows = [
        [one.duty_id, one.measure_id, one.row, one.last_id, one.draft_seen, one.key, one.texts, one.named]
        for one in map(shown_of, proposals)
    ]
    return signing.dumps({"who": who.user_id, "agency": agency_id, "rows": rows}, salt=SALT, compress=True)


def unseal(sealed: str, who: Principal) -> tuple[int, list[PreviewRow]]:
    """The agency and the rows that were shown. Raises ValidationError when they were not, or not to `who`."""
    try:
        said: dict[str, Any] = signing.loads(sealed, salt=SALT, max_age=VALID_SECONDS)
    except signing.BadSignature as error:
        raise ValidationError(_("核对已超过一天或内容不完整，请重新上传。"), code="not_shown") from error
    # The signature says that the portal wrote it, not for whom.
    if said["who"] != who.user_id:
        raise ValidationError(_("这份核对是另一人的，请自己上传后确认。"), code="not_yours")
    names = ("duty_id", "measure_id", "row", "last_id", "draft_seen", "key", "texts", "named")
    return said["agency"], [PreviewRow(**dict(zip(names, row, strict=True))) for row in said["rows"]]


def send(
    rows: Sequence[PreviewRow],
    chosen: Collection[int],
    *,
    agency_id: int,
    who: Principal,
    on: dt.date,
    source: str = "",
) -> list[WorkbookReceipt]:
    """Carry out the rows whose measure is among `chosen`, some together in a transaction: rows that cannot be taken
    take nothing back of the others."""
    wanted = [shown for shown in rows if shown.measure_id in chosen]
    together = [wanted[at : at + TOGETHER] for at in range(0, len(wanted), TOGETHER)]
    return [
        receipt
        for some in together
        for receipt in _send_together(some, agency_id=agency_id, who=who, on=on, source=source)
    ]


def _send_together(
    rows: Sequence[PreviewRow], *, agency_id: int, who: Principal, on: dt.date, source: str
) -> list[WorkbookReceipt]:
    """What many reports move is settled and logged once, which is most of the work."""
    with transaction.atomic():
        duties = Duty.objects.filter(agency=agency_id, measure__in=[shown.measure_id for shown in rows])
        known = {duty.measure_id: duty for duty in duties.select_related("measure__item", "agency")}
        # All of them held at once and by id: two workbooks would wait for each other for ever.
        places = places_of(known, agency_id)
        moved = Moved()
        receipts = [
            _send(
                shown, known.get(shown.measure_id), places.get(shown.measure_id), moved, who=who, on=on, source=source
            )
            for shown in rows
        ]
        entries = [*moved.entries, *(settle(moved.measures, agency_id=agency_id) if moved.measures else [])]
        if entries:
            record(entries, who=who, on=on)
    return receipts


def _send(
    shown: PreviewRow, duty: Duty | None, place: Place | None, moved: Moved, *, who: Principal, on: dt.date, source: str
) -> WorkbookReceipt:
    if duty is None or place is None:
        return WorkbookReceipt(shown=shown, duty=None, problem=_("本单位已不承担这条举措。"))
    written, entries = None, list[Entry]()
    try:
        # Report and names of one row hold together; that it is refused takes nothing back of other rows.
        with transaction.atomic():
            if shown.texts:
                written = _report(shown, place, agency_id=duty.agency_id, who=who, on=on, source=source)
                entries += written.entries
            if shown.named:
                named = Officer(division=shown.named.get("division"), officer=shown.named.get("officer"))
                entries += [entry for _duty, entry in write_officers([duty.pk], named, who=who, source=source)]
    except Stale as stale:
        current = stale.current if isinstance(stale.current, ProgressReport) else None
        # What moved on is told, and its text shown beside what was sent: neither is lost.
        is_draft = current is not None and current.state == ProgressReport.State.DRAFT
        said = _("核对以后同事改写了草稿，未采用。") if is_draft else _("核对以后本单位又有新的填报，未采用。")
        return WorkbookReceipt(shown=shown, duty=duty, problem=said, current=current)
    except ValidationError as error:
        return WorkbookReceipt(shown=shown, duty=duty, problem="".join(error.messages))
    except PermissionDenied:
        return WorkbookReceipt(shown=shown, duty=duty, problem=_("您不能为该单位填报这条举措。"))
    moved.entries.extend(entries)
    if written and written.moves:
        moved.measures.append(duty.measure_id)
    return WorkbookReceipt(shown=shown, duty=duty, report=written.report if written else None)


def _report(
    shown: PreviewRow, place: Place, *, agency_id: int, who: Principal, on: dt.date, source: str
) -> WrittenReport:
    texts = shown.texts or texts_of(None)
    said = ReportContent(
        progress=texts["progress"],
        next_step=texts["next_step"],
        problems=texts["problems"],
        outlook=ProgressReport.Outlook(OUTLOOK_OF.get(texts["outlook"], ProgressReport.Outlook.ON_SCHEDULE)),
        source=source,
        form_key=shown.key,
    )
    seen = {"last_seen": shown.last_id, "draft_seen": shown.draft_seen}
    return write_report(place, agency_id, said, who=who, on=on, **seen)
