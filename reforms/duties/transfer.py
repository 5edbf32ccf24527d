"""Moving duties from one agency to another, with their status and reports."""

from collections.abc import Mapping, Sequence

from reforms.models import DONE, TEXTS, UNSENT, Duty, Evidence, Extension, ProgressReport, Status, carry_evidence

BATCH = 500


def move_duties(agency_id: int, heirs: Mapping[int, int]) -> None:
    """Give the duties of an agency to the heir named for each measure. Where the heir has a duty already the two
    become one, and every report stays with it. What waits for the agency's signature waits for the heir's; a request
    that the office has not decided is the heir's too. `derive_duties` must follow: it settles part and `via`."""
    duties = list(Duty.objects.filter(agency=agency_id, measure__in=heirs))
    held = Duty.objects.filter(measure__in=heirs, agency__in=set(heirs.values()))
    by_place = {(duty.measure_id, duty.agency_id): duty for duty in held}
    pairs = [(duty, by_place.get((duty.measure_id, heirs[duty.measure_id]))) for duty in duties]
    _join([(duty, other) for duty, other in pairs if other])
    moved = [duty for duty, other in pairs if other is None]
    for duty in moved:
        duty.agency_id = heirs[duty.measure_id]
    Duty.objects.bulk_update(moved, ["agency"], batch_size=BATCH)
    unsent = ProgressReport.objects.filter(agency=agency_id, measure__in=heirs, state__in=UNSENT)
    for measure_id in set(unsent.values_list("measure_id", flat=True)):
        hand_on_drafts(measure_id, agency_id, heirs[measure_id])
    for extension in Extension.objects.waiting().filter(agency=agency_id, measure__in=heirs):
        extension.agency_id, extension.version = heirs[extension.measure_id], extension.version + 1
        extension.save(update_fields=["agency", "version"])


def hand_on_drafts(measure_id: int, agency_id: int, heir_id: int) -> None:
    """What an agency had not sent yet goes to its heir; where both were writing, one draft holds both texts."""
    unsent = ProgressReport.objects.filter(measure=measure_id, state__in=UNSENT)
    for draft in unsent.filter(agency=agency_id):
        other = unsent.filter(agency=heir_id, by_office=draft.by_office).first()
        if other is None:
            draft.agency_id, draft.external_ref, draft.form_key = heir_id, "", ""
            draft.save(update_fields=["agency", "external_ref", "form_key"])
            continue
        for name in TEXTS:
            texts = [getattr(other, name), getattr(draft, name)]
            setattr(other, name, "\n".join(dict.fromkeys(text for text in texts if text))[:5000])
        other.version += 1
        other.save(update_fields=[*TEXTS, "version"])
        carry_evidence(draft, other)
        Evidence.objects.filter(report=draft).delete()
        draft.delete()


def _join(pairs: Sequence[tuple[Duty, Duty]]) -> None:
    """Join the first duty of each pair into the second."""
    for duty, other in pairs:
        other.status = joint_status(other.status, duty.status)
        days = [day for day in (other.last_report_on, duty.last_report_on) if day]
        other.last_report_on = max(days, default=None)
    Duty.objects.bulk_update([other for _duty, other in pairs], ["status", "last_report_on"], batch_size=BATCH)
    into = {duty.pk: other for duty, other in pairs}
    reports = list(ProgressReport.objects.filter(duty__in=into))
    for report in reports:
        report.duty = into[report.duty_id] if report.duty_id else None
    ProgressReport.objects.bulk_update(reports, ["duty"], batch_size=BATCH)
    Duty.objects.filter(pk__in=into).delete()


def joint_status(one: str, other: str) -> str:
    """The status of two duties that become one: done only when both are, under way as soon as one is."""
    if one == other:
        return one
    return Status.UNDER_REVIEW if one in DONE and other in DONE else Status.IN_PROGRESS
