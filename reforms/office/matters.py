"""What the office does about a matter to be coordinated."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.write import record
from reforms.duties.claimants import holders_of
from reforms.lib.versions import check_version
from reforms.models import Matter, Notice
from reforms.notices.notify import notify
from reforms.status.entries import measure_entry


def handle_matter(
    pk: int, *, state: Matter.State, answer: str, seen: int | None, who: Principal, on: dt.date
) -> Matter:
    """The office takes a matter up or settles it with an answer, which the agency is told.

    Raises PermissionDenied, Stale, and ValidationError where it is closed or settled without an answer.
    """
    with transaction.atomic():
        matter = Matter.objects.select_for_update(no_key=True, of=("self",)).select_related("measure").get(pk=pk)
        if not may(who, Verb.STEER, holders_of(matter.measure)):
            raise PermissionDenied
        check_version(matter, seen)
        if matter.state in (Matter.State.SETTLED, Matter.State.DROPPED):
            raise ValidationError(_("该事项已办结，不能再修改。"), code="not_open")
        if state not in (Matter.State.TAKEN, Matter.State.SETTLED) or (
            state == Matter.State.SETTLED and not answer.strip()
        ):
            raise ValidationError({"answer": ValidationError(_("请填写协调情况。"), code="required")})
        before = {"state": str(matter.state), "answer": matter.answer}
        matter.state, matter.answer, matter.version = state, answer.strip(), matter.version + 1
        matter.handled_on, matter.handled_by = on, who.label
        matter.save()
        notify(
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
