"""需协调事项: raised by reports, worked through by the office."""

import re

from reforms.models import Matter, ProgressReport

State = Matter.State
# What is written where there is nothing to say: 无, 暂无。, 没有问题, 无问题、无需协调事项.
_WHAT = "(?:问题|困难|需要?协调的?(?:问题|事项)?)"
_CLAUSE = f"(?:目前|本期|现|暂时?)*(?:无|没有|未发现)(?:存在)?(?:{_WHAT}(?:[及和、，,]?{_WHAT})*)?"
_NOTHING = re.compile(f"{_CLAUSE}(?:[、，,]?{_CLAUSE})*")
_FILLERS = re.compile(r"[\s。.；;！!（）()/／—-]+")


def raised_by(report: ProgressReport) -> str:
    """What there is for the office to work through; nothing where 无 or 暂无 is written, which stays in the report."""
    said = _FILLERS.sub("", report.problems)
    return report.problems if said and not _NOTHING.fullmatch(said) else ""


def raise_matter(report: ProgressReport) -> None:
    """What a report that was sent says of problems becomes the agency's living matter; a report that
    says nothing of them drops it."""
    # Held against the office, which may be answering it at this moment.
    living = Matter.objects.select_for_update(no_key=True).living()
    matter = living.filter(measure=report.measure_id, agency=report.agency_id).first()
    raised = raised_by(report)
    if matter is None and raised:
        Matter.objects.create(
            measure_id=report.measure_id,
            agency_id=report.agency_id,
            report=report,
            text=raised,
            raised_on=report.on,
        )
    elif matter:
        _carry_on(matter, report)


def _carry_on(matter: Matter, report: ProgressReport) -> None:
    matter.report, matter.version = report, matter.version + 1
    if raised := raised_by(report):
        matter.text = raised
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
    if last and raised_by(last):
        _carry_on(matter, last)
    else:
        matter.state, matter.handled_on, matter.version = State.DROPPED, report.on, matter.version + 1
        matter.save()


def is_in_hand(report: ProgressReport) -> bool:
    """Whether the office has taken up what this report raised."""
    return Matter.objects.filter(report=report).exclude(state=State.OPEN).exclude(state=State.DROPPED).exists()
