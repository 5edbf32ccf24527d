"""待办: what waits for whom, as one list, for an office system's own to-do list.

An agency's people and tokens see what waits for the agency, the office what waits for it.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

from django.conf import settings
from django.db.models import TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.access import Principal, Verb, agencies_for, may
from agencies.models import Agency
from reforms.models import Duty, Matter, Measure, ProgressReport, ReformList, RequestKind, ReviewRequest, is_in_work
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.report_days import due_by, report_due
from reforms.reports.acknowledge import waiting_to_acknowledge
from reforms.reports.owed import OwedReports
from reforms.reports.periods import asked_of, span_on
from reforms.review.queue import waiting_requests

Key = tuple[str, str]
WITH_MEASURE = ("measure__item", "measure__reform_list", "agency")


class TaskKind(TextChoices):
    """What there is to be done."""

    REPORT_DUE = "report_due", gettext_lazy("报送本期进展")
    RETURNED = "returned", gettext_lazy("修改退回的销号申请")
    TO_SIGN = "to_sign", gettext_lazy("审签")
    TO_VERIFY = "to_verify", gettext_lazy("核验销号申请")
    EXTENSION_TO_DECIDE = "extension_to_decide", gettext_lazy("批复延期申请")
    TO_ACKNOWLEDGE = "to_acknowledge", gettext_lazy("签收清单")
    MATTER = "matter", gettext_lazy("协调事项")


DECIDING = {RequestKind.CLAIM: TaskKind.TO_VERIFY, RequestKind.EXTENSION: TaskKind.EXTENSION_TO_DECIDE}


@dataclass(frozen=True, slots=True)
class TaskParty:
    """An agency, somebody of it, or the office (whose `agency_id` is None)."""

    agency_id: int | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`subject` is what it is about: duty, report, extension, edition or matter. `created` is the business date from
    which it waits, `due` the last day on time, `address` the path of the page on which it is done."""

    kind: TaskKind
    subject: str
    subject_id: int
    what: str
    sender: TaskParty
    receiver: TaskParty
    created: dt.date
    address: str
    due: dt.date | None = None
    measure_id: int | None = None
    on: dt.date = field(repr=False)

    @property
    def id(self) -> str:
        """The same for as long as it waits, by which an office system knows it again."""
        return id_of(self.kind, self.subject, self.subject_id, self.receiver.agency_id)

    @property
    def title(self) -> str:
        """Kind and subject in one line."""
        return _("%(kind)s：%(what)s") % {"kind": self.kind.label, "what": self.what}

    @property
    def is_overdue(self) -> bool:
        """Whether the last day on time has passed."""
        return self.due is not None and self.due < self.on

    @property
    def key(self) -> Key:
        """Its place in the list: what is due first comes first."""
        return key_of(self.due, self.id)


def id_of(kind: TaskKind, subject: str, subject_id: int, receiver: int | None) -> str:
    """The id of a task."""
    return f"{kind.value}.{subject}.{subject_id}.{receiver or 0}"


def key_of(due: dt.date | None, task_id: str) -> Key:
    """The place of a task in the list."""
    # What has no last day comes last; the id makes the order total.
    return ((due or dt.date.max).isoformat(), task_id)


class Tasks(Sequence[Task]):
    """Tasks, what is due first. Those to report are many: of them the keys are made, and what is shown is read."""

    def __init__(self, tasks: Iterable[Task], duties: Mapping[Key, int], on: dt.date) -> None:
        self._tasks, self._duties, self._on = {task.key: task for task in tasks}, duties, on
        self.keys = sorted([*self._tasks, *duties])

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, part: int) -> Task: ...
    @overload
    def __getitem__(self, part: slice) -> list[Task]: ...
    def __getitem__(self, part: int | slice) -> Task | list[Task]:
        found = self.read(self.keys[part] if isinstance(part, slice) else [self.keys[part]])
        return found if isinstance(part, slice) else found[0]

    def __iter__(self) -> Iterator[Task]:
        return iter(self[:])

    def read(self, keys: Sequence[Key]) -> list[Task]:
        """Those with these keys, in their order; one query where reports are among them."""
        duties = {self._duties[key] for key in keys if key in self._duties}
        read = {task.key: task for task in _reports_due(duties, self._on)} if duties else {}
        tasks = self._tasks | read
        # One may be done since the keys were made.
        return [tasks[key] for key in keys if key in tasks]

    def of_kinds(self, kinds: Collection[str]) -> "Tasks":
        """Those of these kinds."""
        tasks = [task for task in self._tasks.values() if task.kind in kinds]
        return Tasks(tasks, self._duties if TaskKind.REPORT_DUE in kinds else {}, self._on)


def tasks_of(who: Principal, on: dt.date, agencies: frozenset[int] | None = None) -> Tasks:
    """What waits for `who` on `on`, what is due first: for the agencies of which they read the reports (only for
    `agencies` when given), and for the office where they review. The number of queries does not grow with it."""
    own = agencies_for(who, Verb.READ_REPORTS)
    own = own if agencies is None else own & agencies
    found = list(_of_agencies(own, on))
    # What waits for the office has no agency: it is left out where other agencies than its own are asked for.
    if may(who, Verb.REVIEW) and (agencies is None or not who.agencies().isdisjoint(agencies)):
        found += _of_office(on)
    return Tasks(found, _keys_of_reports(own, on), on)


def _keys_of_reports(own: frozenset[int], on: dt.date) -> dict[Key, int]:
    """The duties that owe a report, by the keys of their tasks."""
    if not own:
        return {}
    owed = OwedReports.on(on, agencies=own)
    ordinals = owed.due(due_by(WorkingDays.stored()))
    days = [dt.date.fromordinal(day) if day else None for day in ordinals.tolist()]
    return {
        key_of(due, id_of(TaskKind.REPORT_DUE, "duty", duty, agency)): duty
        for due, duty, agency in zip(days, owed.ids, owed.agencies.tolist(), strict=True)
    }


def _of_agencies(own: frozenset[int], on: dt.date) -> Iterator[Task]:
    if not own:
        return
    open_ones = is_in_work("measure__reform_list__")
    returned = ProgressReport.objects.unanswered_returns().filter(open_ones, duty__agency__in=own)
    for report in returned.select_related(*WITH_MEASURE, "duty__agency"):
        yield _returned(report, on)
    for request in waiting_requests("awaiting_signature", agencies=own):
        # Inside the agency one person gives it to another.
        author, since = TaskParty(request.agency_id, request.author), request.waiting_since
        yield _task(request, request.noun, TaskKind.TO_SIGN, on, sender=author, created=since)
    yield from _to_acknowledge(own, on)


def _returned(report: ProgressReport, on: dt.date) -> Task:
    """For whoever holds the duty now."""
    return _task(
        report,
        report.noun,
        TaskKind.RETURNED,
        on,
        sender=_office(),
        receiver=_agency(report.duty.agency if report.duty else report.agency),
        created=report.decided_on or report.waiting_since,
        due=report.measure.deadline_in_force,
    )


def _of_office(on: dt.date) -> Iterator[Task]:
    for request in waiting_requests("under_review"):
        kind, sender, since = DECIDING[request.kind], _agency(request.agency), request.waiting_since
        yield _task(request, request.noun, kind, on, sender=sender, receiver=_office(), created=since)
    for matter in Matter.objects.waiting().select_related(*WITH_MEASURE):
        sender = _agency(matter.agency)
        yield _task(matter, "matter", TaskKind.MATTER, on, sender=sender, receiver=_office(), created=matter.raised_on)


def _reports_due(duties: Collection[int], on: dt.date) -> Iterator[Task]:
    days = WorkingDays.stored()
    for duty in Duty.objects.filter(pk__in=duties).order_by().select_related(*WITH_MEASURE):
        span, due = span_on(on, asked_of(duty.measure)), report_due(duty.measure, on, days)
        if span:
            yield _task(duty, "duty", TaskKind.REPORT_DUE, on, sender=_office(), created=span.first, due=due)


def _to_acknowledge(own: frozenset[int], on: dt.date) -> Iterator[Task]:
    pairs = waiting_to_acknowledge(own)
    lists = ReformList.objects.in_bulk({edition.reform_list_id for edition, _agency in pairs})
    agencies = Agency.objects.in_bulk({agency for _edition, agency in pairs})
    for edition, agency_id in pairs:
        reform_list = lists[edition.reform_list_id]
        yield Task(
            kind=TaskKind.TO_ACKNOWLEDGE,
            subject="edition",
            subject_id=edition.pk,
            what=reform_list.title,
            sender=_office(),
            receiver=TaskParty(agency_id, agencies[agency_id].name),
            created=timezone.localdate(edition.imported_at),
            address=reform_list.get_absolute_url(),
            on=on,
        )


def _task(
    subject: Duty | ReviewRequest | Matter,
    noun: str,
    kind: TaskKind,
    on: dt.date,
    *,
    sender: TaskParty,
    receiver: TaskParty | None = None,
    created: dt.date,
    due: dt.date | None = None,
) -> Task:
    return Task(
        kind=kind,
        subject=noun,
        subject_id=subject.pk,
        what=_named(subject.measure),
        sender=sender,
        receiver=receiver or _agency(subject.agency),
        created=created,
        due=due,
        address=reverse("measure", args=[subject.measure_id]),
        measure_id=subject.measure_id,
        on=on,
    )


def _agency(agency: Agency) -> TaskParty:
    return TaskParty(agency.pk, agency.name)


def _office() -> TaskParty:
    return TaskParty(None, settings.OFFICE_NAME)


def _named(measure: Measure) -> str:
    return f"{measure.item.number} {measure.title}"
