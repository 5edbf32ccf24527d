"""Reporting progress on a duty: effective at once, marked as said by the agency itself.

A report that claims completion (申请销号) goes its own way from here: reforms.review.decisions.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.write import Entry, record
from reforms.models import (
    TEXTS,
    Disposition,
    Duty,
    Measure,
    ProgressReport,
    Stale,
    Status,
    carry_evidence,
    check_version,
    lock_measure,
    lock_whole_measures,
)
from reforms.notices.notify import signed_no_longer
from reforms.reports.claims import (
    CLAIMED,
    check_evidenced,
    check_may_claim,
    check_signature,
    draft_again,
    put_back_beside,
    send_claim,
)
from reforms.reports.matters import is_in_hand, raise_matter, unraise_matter
from reforms.reports.permissions import may_write
from reforms.status.settle import measure_entry, settle

State = ProgressReport.State
# Kept with the report and so Chinese in every language.
UNCHANGED = "本期无变化。"
POINTERS = frozenset(field.name for field in ProgressReport._meta.concrete_fields if field.is_relation)
TAKEN_BACK = "与之合并的申请已撤回，请就全部任务重新申请销号。"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContent:
    """What a report says. `result` is what a claim would have the public told. `form_key` makes a doubly sent form one
    report, `external_ref` a doubly sent request.

    `signed_by` and `signed_on` say that the agency's own approval was given elsewhere (已经本单位审签). `source` says
    how the office came to know what it enters on an agency's behalf (代录). `division` and `officer` replace those of
    the duty when given.
    """

    progress: str
    next_step: str = ""
    problems: str = ""
    outlook: ProgressReport.Outlook = ProgressReport.Outlook.ON_SCHEDULE
    is_claim: bool = False
    result: str = ""
    is_unchanged: bool = False
    signed_by: str = ""
    signed_on: dt.date | None = None
    source: str = ""
    division: str | None = None
    officer: str | None = None
    form_key: str = ""
    external_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one agency reports: the measure, held to the end of the transaction, its duties by agency, what the agency
    has written on it (the latest first), and the returned claim of its duty that nobody has answered."""

    measure: Measure
    duties: dict[int, Duty]
    own: tuple[ProgressReport, ...]
    returned: ProgressReport | None

    @property
    def sent(self) -> list[ProgressReport]:
        """What the agency finished, whatever became of it."""
        return [report for report in self.own if report.state != State.DRAFT]

    @property
    def drafts(self) -> list[ProgressReport]:
        """What it, and the office for it, still write on."""
        return [report for report in self.own if report.state == State.DRAFT]


def places_of(measure_ids: Collection[int], agency_id: int) -> dict[int, Place]:
    """Where an agency reports on these measures, by measure, each of them held: a fixed number of queries."""
    measures = lock_whole_measures(measure_ids)
    duties, own = defaultdict[int, dict[int, Duty]](dict), defaultdict[int, list[ProgressReport]](list)
    for duty in Duty.objects.filter(measure__in=measure_ids).select_related("agency"):
        duties[duty.measure_id][duty.agency_id] = duty
    for report in ProgressReport.objects.filter(measure__in=measure_ids, agency=agency_id):
        own[report.measure_id].append(report)
    returned = ProgressReport.objects.unanswered_returns().filter(duty__measure__in=measure_ids, duty__agency=agency_id)
    # In order of time: of each duty the last one stays.
    latest = {claim.measure_id: claim for claim in returned.reverse()}
    return {
        one.pk: Place(measure=one, duties=duties[one.pk], own=tuple(own[one.pk]), returned=latest.get(one.pk))
        for one in measures
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReport:
    """A report as it is written: what of it is to be logged, and whether its measure is to be settled (neither, where
    the same form had made it before)."""

    report: ProgressReport
    entries: tuple[Entry, ...] = ()
    moves: bool = False


def submit_report(
    measure_id: int,
    agency_id: int,
    said: ReportContent,
    *,
    who: Principal,
    on: dt.date,
    last_seen: int | None = None,
    draft_seen: int | None = None,
    replaces: int | None = None,
) -> ProgressReport:
    """Record a report of `agency_id` on a measure and carry the standing forward; one transaction.

    The agency's draft on the measure, if there is one, becomes the report with its evidence. The same form or external
    reference again gives the report it made the first time. `last_seen` is the id of the agency's last report that the
    writer knew of (0 for none), `draft_seen` the version of the draft (0 for none): another report or draft text since
    raises Stale. `replaces` corrects an own report on which nobody has acted. Raises PermissionDenied where the rules
    say no, ValidationError where the measure takes no reports or nothing is said.
    """
    check_may_report(who, agency_id, said)
    with transaction.atomic():
        place = places_of([measure_id], agency_id)[measure_id]
        seen = {"last_seen": last_seen, "draft_seen": draft_seen, "replaces": replaces}
        written = write_report(place, agency_id, said, who=who, on=on, **seen)
        settled = settle([measure_id], agency_id=agency_id) if written.moves else []
        if written.entries:
            record([*written.entries, *settled], who=who, on=on)
    return written.report


def write_report(
    place: Place,
    agency_id: int,
    said: ReportContent,
    *,
    who: Principal,
    on: dt.date,
    last_seen: int | None = None,
    draft_seen: int | None = None,
    replaces: int | None = None,
) -> WrittenReport:
    """As `submit_report`, within the transaction of a caller who settles and records what many reports moved."""
    check_may_report(who, agency_id, said)
    measure, duty = place.measure, _duty(place, agency_id, who, said)
    # Before anything is refused: a form sent twice gets its report, also where the measure takes none any more.
    earlier = _earlier(place, agency_id, said)
    if earlier:
        return WrittenReport(report=earlier)
    check_takes_reports(measure)
    check_last(next(iter(place.sent), None), last_seen)
    draft = next((one for one in place.drafts if one.by_office == bool(said.source)), None)
    _check_draft(draft, said, draft_seen)
    # Before its correction is written: an agency has one claim under review (one_claim_under_review).
    replaced = take_back(replaces, measure, duty, who, into=State.REPLACED) if replaces else None
    beside = put_back_beside(replaced, reason=TAKEN_BACK, who=who, on=on) if replaced else []
    _check_not_at_signature(place, replaced, by_office=bool(said.source))
    report = _write(measure, duty, said, draft, who=who, on=on, replaced=replaced)
    # The returned claim that this one mends, where no draft has taken up its evidence yet.
    mended = None if place.drafts else place.returned
    for source in filter(None, (replaced, mended)):
        carry_evidence(source, report)
    entries = _send(report, measure, duty, on=on)
    # What waits for the agency's own signature moves nothing yet, and nobody else learns of it by another version.
    moves = report.state != State.AWAITING_SIGNATURE or replaced is not None
    return WrittenReport(report=report, entries=(*beside, *entries), moves=moves)


def _send(report: ProgressReport, measure: Measure, duty: Duty, *, on: dt.date) -> list[Entry]:
    """A claim goes on to be signed or verified; any other report holds at once. The entries to log."""
    if report.is_claim:
        check_may_claim(report, measure)
        check_evidenced(report)
        return send_claim(report, duty, on=on)
    raise_matter(report)
    return [report_entry(report)]


def report_unchanged(
    measure_id: int, agency_id: int, *, who: Principal, on: dt.date, form_key: str, last_seen: int | None = None
) -> ProgressReport:
    """本期无变化: the last report said again, marked as unchanged. `last_seen` as for `submit_report`. Raises Stale
    where somebody has begun a draft, ValidationError while a claim is under way."""
    if is_claim_under_way(measure_id, agency_id):
        raise ValidationError(_("本单位的销号申请正在办理，无需另行报送。"), code="claimed")
    last = ProgressReport.objects.spoken().filter(measure=measure_id, duty__agency=agency_id).first()
    said = ReportContent(progress=UNCHANGED, is_unchanged=True, form_key=form_key)
    if last:
        texts = {name: getattr(last, name) for name in TEXTS}
        said = replace(said, **texts, outlook=ProgressReport.Outlook(last.outlook))
    return submit_report(measure_id, agency_id, said, who=who, on=on, last_seen=last_seen, draft_seen=0)


def is_claim_under_way(measure_id: int, agency_id: int) -> bool:
    """Whether the agency that holds a duty has claimed it, and the claim is being signed, reviewed or was verified."""
    own = ProgressReport.objects.filter(measure=measure_id, duty__agency=agency_id, is_claim=True)
    return own.filter(state__in=(*CLAIMED, State.AWAITING_SIGNATURE)).exists()


def withdraw_report(report_id: int, *, seen: int | None, who: Principal, on: dt.date) -> ProgressReport:
    """Take back an own report on which nobody has acted. A claim that still waits for the agency's own signature
    becomes a draft again; of one that had reached the office a draft is begun. Raises PermissionDenied, Stale,
    ValidationError."""
    with transaction.atomic():
        report = ProgressReport.objects.get(pk=report_id)
        measure = lock_measure(report.measure_id)
        # Read again now that the measure is held: somebody may have decided on it while this waited.
        report = ProgressReport.objects.select_related("duty").get(pk=report_id)
        if report.duty is None:
            raise ValidationError(_("该单位已不承担这条举措，填报不能撤回。"), code="no_duty")
        check_version(report, seen)
        waiting = report.state == State.AWAITING_SIGNATURE
        into = State.DRAFT if waiting else State.WITHDRAWN
        report = take_back(report_id, measure, report.duty, who, into=into)
        entries = [_entry("report.withdrawn", report, {"report": report.pk})]
        if not waiting:
            unraise_matter(report)
            entries += put_back_beside(report, reason=TAKEN_BACK, who=who, on=on)
            if report.is_claim:
                draft_again(report, who=who, on=on)
        record([*entries, *settle([measure.pk], agency_id=report.agency_id)], who=who, on=on)
    return report


def take_back(report_id: int, measure: Measure, duty: Duty, who: Principal, *, into: State) -> ProgressReport:
    """Move an own report out of what counts, if nobody has acted on it. Raises PermissionDenied, ValidationError."""
    report = ProgressReport.objects.filter(pk=report_id, measure=measure, duty=duty).first()
    if report is None:
        raise ValidationError(_("只能更正本单位在这条举措上的填报。"), code="not_yours")
    if not may_write(who, report):
        raise PermissionDenied
    if not may_be_taken_back(report):
        raise ValidationError(_("该填报已被处理或已有新的填报，不能再更正或撤回。"), code="acted_on")
    if measure.status == Status.CLOSED:
        raise ValidationError(_("该举措已销号，如需更正请联系督办人员恢复督办。"), code="closed")
    if report.state == State.AWAITING_SIGNATURE:
        signed_no_longer(report)
    report.state, report.version, report.updated_at = into, report.version + 1, timezone.now()
    if into != State.REPLACED:  # sent again it is another one
        report.form_key = report.external_ref = ""
    report.save(update_fields=["state", "version", "updated_at", "form_key", "external_ref"])
    return report


def may_be_taken_back(report: ProgressReport) -> bool:
    """Whether nobody has acted on it: undecided, not taken up by the office, and the last its agency sent."""
    if report.state == State.AWAITING_SIGNATURE:
        return True
    if report.state not in (State.SUBMITTED, State.UNDER_REVIEW) or is_in_hand(report):
        return False
    sent = ProgressReport.objects.spoken().filter(measure=report.measure_id, agency=report.agency_id)
    return not sent.filter(recorded_at__gt=report.recorded_at).exists()


def check_may_report(who: Principal, agency_id: int, said: ReportContent) -> None:
    """Own agency's reporters; the office on an agency's behalf, when it says how it knows.
    Raises PermissionDenied, and ValidationError where the office does not say so."""
    if may(who, Verb.REPORT, [agency_id]) and not said.source:
        return
    if not may(who, Verb.ENTER_FOR, [agency_id]):
        raise PermissionDenied
    if not said.source.strip():
        raise ValidationError({"source": ValidationError(_("代录须写明依据，如来函文号或来电人。"), code="required")})


def _duty(place: Place, agency_id: int, who: Principal, said: ReportContent) -> Duty:
    duty = place.duties.get(agency_id)
    # Nobody of the office enters anything where an agency of their own acts.
    if duty is None or (said.source and not may(who, Verb.ENTER_FOR, list(place.duties))):
        raise PermissionDenied
    return duty


def _earlier(place: Place, agency_id: int, said: ReportContent) -> ProgressReport | None:
    """The report that the same form, key or reference made before; it must have said the same."""
    sent = ProgressReport.objects.filter(agency=agency_id).exclude(state=State.DRAFT)
    earlier = sent.filter(external_ref=said.external_ref).first() if said.external_ref else None
    if earlier is None and said.form_key:
        earlier = next((report for report in place.sent if report.form_key == said.form_key), None)
    if earlier and not _same(earlier, place.measure, said):
        raise ValidationError(_("该编号已用于另一份填报，请换一个编号。"), code="reference_taken")
    return earlier


def _same(report: ProgressReport, measure: Measure, said: ReportContent) -> bool:
    """Whether a report says just this of this measure."""
    texts = all(getattr(report, name) == getattr(said, name).strip() for name in TEXTS)
    flags = report.outlook == said.outlook and report.is_claim == said.is_claim
    return texts and flags and report.result == _result(said) and report.measure_id == measure.pk


def last_sent(measure_id: int, agency_id: int) -> ProgressReport | None:
    """The last report that an agency finished on a measure, whatever became of it: what a form says it knew of."""
    return ProgressReport.objects.exclude(state=State.DRAFT).filter(measure=measure_id, agency=agency_id).first()


def check_last(last: ProgressReport | None, last_seen: int | None) -> None:
    """Raises Stale where the agency has finished another report than the last one the writer knew of."""
    if last and last_seen not in (None, last.pk):
        raise Stale(last)


def _check_draft(draft: ProgressReport | None, said: ReportContent, draft_seen: int | None) -> None:
    """A draft that others have written on since would be lost in this report."""
    if draft and not wrote_last(draft, said.form_key):
        check_version(draft, draft_seen)


def wrote_last(draft: ProgressReport, form_key: str) -> bool:
    """Whether the same form wrote the draft last, perhaps without hearing that it was kept."""
    return bool(form_key) and draft.form_key == form_key


def check_takes_reports(measure: Measure) -> None:
    """Raises ValidationError where nobody reports any more, or not yet."""
    if not measure.reform_list.is_in_work:
        raise ValidationError(_("这份清单已归档或尚未下达各单位，不接受填报。"), code="not_in_work")
    if measure.disposition != Disposition.ACTIVE:
        raise ValidationError(_("该举措已不在册，不再接受填报。"), code="not_active")
    if measure.status == Status.CLOSED:
        raise ValidationError(_("该举措已销号，如需补充请联系督办人员恢复督办。"), code="closed")


def _write(
    measure: Measure,
    duty: Duty,
    said: ReportContent,
    draft: ProgressReport | None,
    *,
    who: Principal,
    on: dt.date,
    replaced: ProgressReport | None,
) -> ProgressReport:
    if not said.progress.strip():
        raise ValidationError({"progress": ValidationError(_("请填写工作进展。"), code="required")})
    report = _draft_or_new(draft, measure, duty)
    for name in TEXTS:
        setattr(report, name, getattr(said, name).strip())
    report.state = State.SUBMITTED
    report.is_claim, report.is_unchanged, report.outlook = said.is_claim, said.is_unchanged, said.outlook
    report.result = _result(said)
    report.signed_by, report.signed_on = said.signed_by.strip(), said.signed_on
    report.by_office, report.source = bool(said.source), said.source.strip()
    report.form_key, report.external_ref = said.form_key, said.external_ref
    report.on, report.recorded_at, report.updated_at = on, timezone.now(), timezone.now()
    report.author, report.author_user_id, report.author_token_id = who.label, who.user_id, who.token_id
    report.replaces = replaced
    # What it points at was read from the database in this transaction.
    report.full_clean(exclude=POINTERS, validate_unique=False, validate_constraints=False)
    check_signature(said, on)
    report.save()
    name_officer(duty, division=said.division, officer=said.officer)
    return report


def _result(said: ReportContent) -> str:
    """What a claim would have the public told, on one line; nothing else has a result."""
    return " ".join(said.result.split()) if said.is_claim else ""


def _draft_or_new(draft: ProgressReport | None, measure: Measure, duty: Duty) -> ProgressReport:
    if draft is None:
        return ProgressReport(measure=measure, duty=duty, agency_id=duty.agency_id)
    draft.version += 1
    draft.duty, draft.reason, draft.decided_by, draft.decided_on = duty, "", "", None
    return draft


def check_not_at_signature(measure: Measure, agency_id: int) -> None:
    """Raises ValidationError while a claim of this agency waits for the agency's own signature."""
    own = ProgressReport.objects.filter(measure=measure, agency=agency_id, by_office=False)
    if own.filter(state=State.AWAITING_SIGNATURE).exists():
        raise _at_signature()


def _check_not_at_signature(place: Place, replaced: ProgressReport | None, *, by_office: bool) -> None:
    waiting = (one for one in place.sent if one.state == State.AWAITING_SIGNATURE and one.by_office == by_office)
    if any(one != replaced for one in waiting):
        raise _at_signature()


def _at_signature() -> ValidationError:
    said = _("本单位的销号申请正待审签，请先撤回或等审签完成再填报。")
    return ValidationError(said, code="awaiting_signature")


def name_officer(duty: Duty, *, division: str | None, officer: str | None) -> None:
    """Whom the agency names for its duty (责任处室, 经办人); None leaves it as it is."""
    named = {"division": division, "officer": officer}
    changed = {name: value.strip() for name, value in named.items() if value is not None}
    changed = {name: value for name, value in changed.items() if value != getattr(duty, name)}
    if changed:
        Duty.objects.filter(pk=duty.pk).update(**changed)


def report_entry(report: ProgressReport) -> Entry:
    """What the log keeps of a report."""
    said = {name: getattr(report, name) for name in TEXTS}
    facts = {"report": report.pk, "outlook": str(report.outlook), **said}
    if report.is_unchanged:
        facts["unchanged"] = True
    if report.replaces_id:
        facts["replaces"] = report.replaces_id
    if report.by_office:
        facts["source"] = report.source
    return _entry("report.entered" if report.by_office else "report.submitted", report, facts)


def _entry(action: str, report: ProgressReport, facts: dict[str, object]) -> Entry:
    return measure_entry(action, report.measure_id, agency_id=report.agency_id, after=facts)
