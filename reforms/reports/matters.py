"""需协调事项: raised by reports, worked through by the office."""

from reforms.models import Matter, ProgressReport

State = Matter.State


def raise_matter(report: ProgressReport) -> None:
    """What a report that was sent says of problems becomes the agency's living matter; a report that
    says nothing of them drops it."""
    # Held against the office, which may be answering it at this moment.
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
