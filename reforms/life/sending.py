"""Writing on a draft, sending it and throwing it away, by its own id and as it was seen."""

import datetime as dt
from collections.abc import Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agencies.access.principal import Principal
from agencies.access.rules import Verb, may
from reforms.lib.versions import check_version
from reforms.models import ProgressReport
from reforms.models.locks import lock_measure
from reforms.reports.drafts import discard_draft, save_draft
from reforms.reports.submit import Said, submit_report

State = ProgressReport.State


def submit_draft(
    report_id: int,
    *,
    seen: int | None,
    who: Principal,
    on: dt.date,
    signed_by: str = "",
    signed_on: dt.date | None = None,
    division: str | None = None,
    officer: str | None = None,
    external_ref: str = "",
) -> ProgressReport:
    """Send the agency's draft just as it is; it becomes the report. What was approved on the draft stays approved.

    Raises PermissionDenied, Stale, and ValidationError where it is no draft or cannot be sent.
    """
    with transaction.atomic():
        draft = held_draft(report_id, seen=seen, who=who)
        said = Said(
            progress=draft.progress,
            next_step=draft.next_step,
            problems=draft.problems,
            outlook=ProgressReport.Outlook(draft.outlook),
            is_claim=draft.is_claim,
            signed_by=signed_by or draft.signed_by,
            signed_on=signed_on or draft.signed_on,
            division=division,
            officer=officer,
            external_ref=external_ref or draft.external_ref,
        )
        return submit_report(draft.measure_id, draft.agency_id, said, who=who, on=on, replaces=_replaced(draft))


def _replaced(draft: ProgressReport) -> int | None:
    """What the draft corrects, unless it has taken its place already (sent, and taken back to be mended)."""
    if draft.replaces_id is None:
        return None
    standing = ProgressReport.objects.filter(pk=draft.replaces_id).exclude(state=State.REPLACED)
    return draft.replaces_id if standing.exists() else None


def change_draft(
    report_id: int, written: Mapping[str, object], *, seen: int | None, who: Principal, on: dt.date
) -> ProgressReport:
    """Write on the agency's draft (reforms.reports.drafts.WRITTEN). Raises as `submit_draft` does."""
    with transaction.atomic():
        draft = held_draft(report_id, seen=seen, who=who)
        return save_draft(draft.measure_id, draft.agency_id, written, seen=seen, who=who, on=on)


def throw_away(report_id: int, *, seen: int | None, who: Principal) -> None:
    """Throw the agency's draft away, and its evidence. Raises as `submit_draft` does."""
    with transaction.atomic():
        draft = held_draft(report_id, seen=seen, who=who)
        discard_draft(draft.measure_id, draft.agency_id, seen=seen, who=who)


def held_draft(report_id: int, *, seen: int | None, who: Principal) -> ProgressReport:
    """The draft and its measure, held; only those who write for the agency. Must be called inside a transaction."""
    lock_measure(ProgressReport.objects.values_list("measure_id", flat=True).get(pk=report_id))
    draft = ProgressReport.objects.get(pk=report_id)
    if draft.by_office or not may(who, Verb.REPORT, [draft.agency_id]):
        raise PermissionDenied
    check_version(draft, seen)
    if draft.state != State.DRAFT:
        raise ValidationError(
            _("该填报现为“%(state)s”，不是草稿。") % {"state": draft.get_state_display()}, code="not_a_draft"
        )
    return draft
