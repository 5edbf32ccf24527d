"""需协调事项: raised by reports, worked through by the office."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agencies.access.principal import Principal
from agencies.access.rules import Verb, may
from agencies.log.write import record
from reforms.duties.claimants import holders_of
from reforms.lib.versions import check_version
from reforms.models import Matter, Notice, ProgressReport
from reforms.notices.notify import tell
from reforms.status.entries import measure_entry

State = Matter.State


def raise_matter(report: ProgressReport) -> None:
    """What a report that was sent says of problems becomes the agency's living matter; silence drops it."""
    living = Matter.objects.select_for_update(no_key=True).living()
    matter = living.filter(measure=report.measure_id, agency=report.agency_id).first()
    if matter is None and report.problems:
        Matter.objects.create(
            measure_id=report.measure_id,
            agency_id=report.agency_id,
            report=report,
            text=report.problems,
            raised_on=report.on,
        )
    elif matter:
        _carry_on(matter, report)


def _carry_on(matter: Matter, report: ProgressReport) -> None:
    matter.report, matter.version = report, matter.version + 1
    if report.problems:
        matter.text = report.problems
    else:
        matter.state, matter.handled_on = State.DROPPED, report.on
    matter.save()


def unraise_matter(report: ProgressReport) -> None:
    """What a withdrawn report raised is dropped, or is again what the agency said before."""
    matter = Matter.objects.select_for_update(no_key=True).living().filter(report=report).first()
    if matter is None:
        return
    spoken = ProgressReport.objects.spoken().filter(measure=report.measure_id, agency=report.agency_id)
    last = spoken.exclude(pk=report.pk).first()
    if last and last.problems:
        _carry_on(matter, last)
    else:
        matter.state, matter.handled_on, matter.version = State.DROPPED, report.on, matter.version + 1
        matter.save()


def is_in_hand(report: ProgressReport) -> bool:
    """Whether the office has taken up what this report raised."""
    return Matter.objects.filter(report=report).exclude(state=State.OPEN).exclude(state=State.DROPPED).exists()


def handle_matter(pk: int, *, state: State, answer: str, seen: int | None, who: Principal, on: dt.date) -> Matter:
    """The office takes a matter up or settles it with an answer, which the agency is told.

    Raises PermissionDenied, Stale, and ValidationError where it is closed or settled without an answer.
    """
    with transaction.atomic():
        matter = Matter.objects.select_for_update(no_key=True, of=("self",)).select_related("measure").get(pk=pk)
        if not may(who, Verb.STEER, holders_of(matter.measure)):
            raise PermissionDenied
        check_version(matter, seen)
        if matter.state in (State.SETTLED, State.DROPPED):
            raise ValidationError(_("该事项已办结，不能再修改。"), code="not_open")
        if state not in (State.TAKEN, State.SETTLED) or (state == State.SETTLED and not answer.strip()):
            raise ValidationError({"answer": ValidationError(_("请填写协调情况。"), code="required")})
        before = {"state": str(matter.state), "answer": matter.answer}
        matter.state, matter.answer, matter.version = state, answer.strip(), matter.version + 1
        matter.handled_on, matter.handled_by = on, who.label
        matter.save()
        tell(
            Notice.Kind.MATTER_ANSWERED,
            on=on,
            agencies=[matter.agency_id],
            measure=matter.measure,
            facts={"text": matter.answer},
        )
        after = {"matter": matter.pk, "state": str(state), "answer": matter.answer}
        entry = measure_entry(
            "matter.handled", matter.measure_id, agency_id=matter.agency_id, before=before, after=after
        )
        record([entry], actor=who, on=on)
    return matter
