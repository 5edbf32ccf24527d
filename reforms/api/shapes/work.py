"""What the API's objects of the working life look like: reports, evidence, extensions, tasks and changes."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers as s

from agencies.models import Agency, Change
from reforms.api.shapes.lists import AgencyRef, Shape
from reforms.desk.tasks import TaskKind
from reforms.history.reread import Collected
from reforms.lib.words import local_time
from reforms.models import DONE, Acknowledgement, Evidence, Extension, Milestone, ProgressReport


class FileRef(Shape):
    """A file handed in with a report."""

    id = s.IntegerField()
    name = s.CharField()
    content_type = s.CharField(help_text="As found in the file.")
    size = s.IntegerField(help_text="In bytes.")
    url = s.URLField(help_text="Where this API gives the file itself.")


class EvidenceShape(FileRef):
    report = s.IntegerField()
    report_version = s.IntegerField(help_text="Of the report with its files as they are now; for If-Match.")
    sha256 = s.CharField(help_text="Of the content, in hexadecimal.")
    added_at = s.DateTimeField()
    added_by = s.CharField()


class ReportShape(Shape):
    """A report of one agency on one measure."""

    id = s.IntegerField()
    measure = s.IntegerField()
    agency = AgencyRef()
    state = s.ChoiceField(choices=ProgressReport.State.choices)
    is_claim = s.BooleanField(help_text="It claims that the agency's part is done (申请销号).")
    is_unchanged = s.BooleanField(help_text="Nothing changed in this period.")
    progress = s.CharField()
    next_step = s.CharField()
    problems = s.CharField()
    outlook = s.ChoiceField(choices=ProgressReport.Outlook.choices)
    result = s.CharField(help_text="What a claim would have the public told; the office releases it; or empty.")
    on = s.DateField(help_text="Business date in Asia/Shanghai.")
    recorded_at = s.DateTimeField()
    updated_at = s.DateTimeField(allow_null=True)
    author = s.CharField()
    by_office = s.BooleanField(help_text="Entered by the office on the agency's behalf.")
    source = s.CharField(help_text="How the office came to know it; or empty.")  # type: ignore[assignment]  # a Field has an attribute of this name
    signed_by = s.CharField(help_text="Who approved it inside the agency; or empty.")
    signed_on = s.DateField(allow_null=True)
    claimed_on = s.DateField(allow_null=True, help_text="The day the claim reached the office.")
    decided_on = s.DateField(allow_null=True)
    reason = s.CharField(help_text="What was said when it was sent back, returned or verified; or empty.")
    replaces = s.IntegerField(allow_null=True, help_text="Id of the report that it corrects.")
    external_ref = s.CharField()
    evidence = FileRef(many=True)
    version = s.IntegerField(help_text="Counts every change; the ETag begins with it.")
    url = s.URLField(help_text="The measure's page.")


class MilestoneShape(Shape):
    """A dated step of a measure (阶段节点); it never changes the light."""

    id = s.IntegerField()
    measure = s.IntegerField()
    source = s.ChoiceField(choices=Milestone.Source.choices)  # type: ignore[assignment]  # a Field has an attribute of this name
    agency = AgencyRef(allow_null=True, help_text="The lead that planned it; null for the office and the list.")
    title = s.CharField()
    due_on = s.DateField(help_text="The last day on time, in Asia/Shanghai.")
    done_on = s.DateField(allow_null=True, help_text="When it was reached.")
    is_missed = s.BooleanField(help_text="Its day is past, nobody reported it, and the measure is worked on.")
    note = s.CharField(allow_null=True, help_text="For the office and the agencies that act on the measure.")
    done_words = s.CharField(allow_null=True, help_text="What was said when it was reported; read as the note.")
    version = s.IntegerField()
    url = s.URLField(help_text="The measure's page.")


class ExtensionShape(Shape):
    """A request for a later deadline (延期申请)."""

    id = s.IntegerField()
    measure = s.IntegerField()
    agency = AgencyRef()
    state = s.ChoiceField(choices=Extension.State.choices)
    former = s.DateField(help_text="The deadline in force when it was asked for.")
    until = s.DateField(help_text="What is asked for.")
    granted = s.DateField(allow_null=True, help_text="What was given.")
    reason = s.CharField()
    on = s.DateField(help_text="Business date in Asia/Shanghai.")
    recorded_at = s.DateTimeField()
    author = s.CharField()
    signed_by = s.CharField()
    signed_on = s.DateField(allow_null=True)
    decided_on = s.DateField(allow_null=True)
    decision = s.CharField(help_text="What was said when it was decided; or empty.")
    version = s.IntegerField()
    url = s.URLField(help_text="The measure's page.")


class AcknowledgementShape(Shape):
    list = s.CharField(help_text="Slug of the list.")
    edition = s.IntegerField(help_text="Number of the edition that was taken note of.")
    agency = AgencyRef()
    on = s.DateField()
    author = s.CharField()


class PartyRef(Shape):
    """An agency, a person of it, or the office (whose `agency` is null)."""

    agency = s.IntegerField(allow_null=True)
    name = s.CharField()


class SubjectRef(Shape):
    kind = s.ChoiceField(choices=[(one, one) for one in ("duty", "report", "extension", "edition", "matter")])
    id = s.IntegerField()


class TaskShape(Shape):
    """Something that waits for an agency or for the office; gone once it is done."""

    id = s.CharField(help_text="Stays the same for as long as it waits.")
    kind = s.ChoiceField(choices=TaskKind.choices)
    title = s.CharField()
    sender = PartyRef()
    receiver = PartyRef()
    created = s.DateField(help_text="Business date from which it waits.")
    due = s.DateField(allow_null=True, help_text="The last day on time.")
    address = s.URLField(help_text="The page on which it is done.")
    state = s.ChoiceField(choices=[(one, one) for one in ("open", "overdue")])
    measure = s.IntegerField(allow_null=True)
    subject = SubjectRef()


class RereadShape(Shape):
    """A part of a collection that is another one now: throw away what you keep of it, and keep what `url` gives."""

    what = s.ChoiceField(choices=[(one.value, one.value) for one in Collected], help_text="The collection.")
    list = s.CharField(allow_null=True, help_text="Only of the list of this slug; null: of all.")
    agency = s.IntegerField(
        allow_null=True, help_text="Only measures beside which this agency is printed (lead or responsible); null: all."
    )
    measure = s.IntegerField(allow_null=True, help_text="Only this measure; null: all.")
    url = s.URLField(
        allow_null=True,
        help_text="Read it, all pages. What it does not give is gone. Null: nothing of it is left, or open to you.",
    )


class ChangeShape(Shape):
    """One thing that was done to one object."""

    sequence = s.IntegerField()
    recorded_at = s.DateTimeField()
    on = s.DateField(help_text="Business date in Asia/Shanghai.")
    action = s.CharField()
    text = s.CharField(help_text="What was done, as a sentence in the caller's language.")
    kind = s.ChoiceField(choices=[(one, one) for one in ("measure", "edition", "list", "agency")])
    object_id = s.IntegerField(help_text="Id of the measure, edition, list or agency.")
    agency = AgencyRef(allow_null=True)
    actor = s.CharField(help_text="Who did it; empty where names may not be seen.")
    visibility = s.ChoiceField(choices=Change.Visibility.choices)
    before = s.JSONField()
    after = s.JSONField()
    reason = s.CharField()
    reread = RereadShape(many=True, help_text="What to read again; empty where no collection shows the change.")


class ChangesShape(Shape):
    on = s.DateField(
        help_text="Business date in Asia/Shanghai. When it is another than last time, read everything again: lights "
        "turn with the date."
    )
    results = ChangeShape(many=True)
    reach = s.CharField(help_text="Another one when your roles or agencies are: a copy begins anew.")
    next_after = s.IntegerField(help_text="Send it as `after` next time.")
    more = s.BooleanField(help_text="There may be more already: ask again at once.")


def of_agency(agency: Agency) -> dict[str, Any]:
    return {"id": agency.pk, "name": agency.name}


def of_file(evidence: Evidence) -> dict[str, Any]:
    """Evidence with `stored` loaded, in the shape of FileRef."""
    return {
        "id": evidence.pk,
        "name": evidence.name,
        "content_type": evidence.stored.content_type,
        "size": evidence.stored.size,
        "url": settings.SITE_URL + reverse("api-evidence", args=[evidence.pk]),
    }


def of_evidence(evidence: Evidence) -> dict[str, Any]:
    """Evidence with `stored` and `report` loaded, in the shape of EvidenceShape."""
    return of_file(evidence) | {
        "report": evidence.report_id,
        "report_version": evidence.report.version,
        "sha256": evidence.stored.sha256,
        "added_at": local_time(evidence.added_at),
        "added_by": evidence.added_by,
    }


REPORT_AS_IS = [
    "state",
    "is_claim",
    "is_unchanged",
    "progress",
    "next_step",
    "problems",
    "outlook",
    "result",
    "on",
    "author",
    "by_office",
    "source",
    "signed_by",
    "signed_on",
    "claimed_on",
    "decided_on",
    "reason",
    "external_ref",
    "version",
]
EXTENSION_AS_IS = [
    "state",
    "former",
    "granted",
    "reason",
    "on",
    "author",
    "signed_by",
    "signed_on",
    "decided_on",
    "decision",
    "version",
]


def of_report(report: ProgressReport) -> dict[str, Any]:
    """A report with agency and evidence loaded (`with_evidence`), in the shape of ReportShape."""
    return {
        "id": report.pk,
        "measure": report.measure_id,
        "agency": of_agency(report.agency),
        **{name: getattr(report, name) for name in REPORT_AS_IS},
        "recorded_at": local_time(report.recorded_at),
        "updated_at": local_time(report.updated_at),
        "replaces": report.replaces_id,
        "evidence": [of_file(one) for one in report.evidence.all()],
        "url": _page_of(report.measure_id),
    }


def of_extension(extension: Extension) -> dict[str, Any]:
    """An extension with its agency loaded, in the shape of ExtensionShape."""
    return {
        "id": extension.pk,
        "measure": extension.measure_id,
        "agency": of_agency(extension.agency),
        **{name: getattr(extension, name) for name in EXTENSION_AS_IS},
        "until": extension.proposed,
        "recorded_at": local_time(extension.recorded_at),
        "url": _page_of(extension.measure_id),
    }


def of_milestone(milestone: Milestone, on: dt.date, *, inner: bool) -> dict[str, Any]:
    """A milestone with its agency and measure loaded, in the shape of MilestoneShape; what was written where it is
    `inner` alone."""
    asked_for = milestone.measure.status not in DONE
    return {
        "id": milestone.pk,
        "measure": milestone.measure_id,
        "source": milestone.source,
        "agency": of_agency(milestone.agency) if milestone.agency else None,
        **{name: getattr(milestone, name) for name in ("title", "due_on", "done_on", "version")},
        "is_missed": asked_for and milestone.is_missed(on),
        "note": milestone.note if inner else None,
        "done_words": milestone.done_words if inner else None,
        "url": _page_of(milestone.measure_id),
    }


def of_acknowledgement(made: Acknowledgement) -> dict[str, Any]:
    """With agency, edition and list loaded."""
    return {
        "list": made.edition.reform_list.slug,
        "edition": made.edition.number,
        "agency": of_agency(made.agency),
        "on": made.on,
        "author": made.author,
    }


def _page_of(measure_id: int) -> str:
    address: str = settings.SITE_URL + reverse("measure", args=[measure_id])
    return address
