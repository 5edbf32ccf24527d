"""Merging duplicates: the same body taken in twice under two spellings becomes one again, and nothing is lost."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Model, Q
from django.utils.translation import gettext as _

from agencies.access import Principal
from agencies.directory import INTERNAL, Facts, changes, entry_of, facts_of, own_names, set_other_names
from agencies.log.write import Entry, record
from agencies.models import Agency, AgencyName, ChatRobot, GroupMember, LetterPause, Membership, Succession
from reforms.duties import derive_duties, hand_on_drafts, move_duties
from reforms.models import (
    UNSENT,
    Acknowledgement,
    Assignment,
    BulletinAddressee,
    Delivery,
    Duty,
    Extension,
    Matter,
    Measure,
    Milestone,
    NamedMember,
    Notice,
    ProgressReport,
    Reminder,
    SupervisionOrder,
    Takeover,
    lock_measures,
)
from reforms.search.text import mend, wrong_texts
from reforms.status.settle import settle_reported

REFERENCE_LENGTH = 80
State = ProgressReport.State
FILLED_IN = ("full_name", "name_en", "credit_code", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """How much points to an agency."""

    assignments: int
    duties: int
    reports: int
    other_names: int
    groups: int
    named: int
    people: int
    tokens: int
    deliveries: int
    reminders: int


def belongings(agency: Agency) -> Belongings:
    """What points to an agency, for whoever decides and for the log."""
    return Belongings(
        assignments=agency.assignments.count(),
        duties=agency.duties.count(),
        reports=agency.reports.count(),
        other_names=agency.other_names.count(),
        groups=agency.group_places.count() + agency.member_places.count(),
        named=NamedMember.objects.filter(member=agency).count(),
        people=agency.memberships.count(),
        tokens=agency.tokens.count(),
        deliveries=agency.deliveries.count(),
        reminders=agency.reminders.count(),
    )


def check_pair(kept: Agency, duplicate: Agency) -> None:
    """Raises ValidationError with the sentence for whoever asks."""
    if kept == duplicate:
        raise ValidationError(_("不能与自己合并，请填写另一个单位。"), code="itself")
    for agency in (kept, duplicate):
        if not agency.is_living:
            raise ValidationError(
                _("“%(name)s”已撤销或已并入其他单位，不能再合并。") % {"name": agency.name}, code="dissolved"
            )
    if kept.kind != duplicate.kind:
        raise ValidationError(_("两者类别不同，请先核对并改为同一类别。"), code="kinds_differ")


def merge_agencies(kept: Agency, duplicate: Agency, *, who: Principal, on: dt.date) -> Agency:
    """Everything that points to the duplicate points to the kept one; the duplicate's row stays, out of sight, so that
    old addresses and log entries can be read. Where both have the same thing (a place in a group, a role of one
    person, a cell of a printed row) it is there once afterwards. Raises ValidationError."""
    with transaction.atomic():
        locked = (
            # By id: two who merge the same pair the other way round do not wait for ever.
            Agency.objects.select_for_update(no_key=True)
            .filter(pk__in=(kept.pk, duplicate.pk))
            .order_by("pk")
            .in_bulk()
        )
        # As they are now: what the caller holds was read before anybody waited for the lock.
        kept, duplicate = locked[kept.pk], locked[duplicate.pk]
        check_pair(kept, duplicate)
        # Before anything moves: afterwards nothing is left to count.
        counts, before = belongings(duplicate), facts_of(kept)
        measures = lock_measures(_measures_of(duplicate) | _measures_of(kept))
        twice = _move_printed(kept, duplicate)
        move_duties(duplicate.pk, dict.fromkeys(Duty.objects.measures_of(duplicate.pk), kept.pk))
        _move_places(kept, duplicate)
        _move_reports(kept, duplicate)
        _move_working(kept, duplicate)
        _move_reminders(kept, duplicate)
        _move_people_and_tokens(kept, duplicate)
        _move_succession(kept, duplicate)
        _move_names(kept, duplicate)
        # Once everything has moved from which duties follow.
        derive_duties(measures)
        mend(wrong_texts(Measure.objects.filter(pk__in=[row["measure"] for row in twice])))
        Measure.objects.filter(pk__in=measures).touch()
        entries = _entries(kept, duplicate, before=before, counts=counts, twice=twice) + settle_reported(measures)
        record(entries, who=who, on=on)
    return kept


def _measures_of(agency: Agency) -> set[int]:
    """Where it acts, or may: printed itself, by a group, or named."""
    groups = agency.groups.order_by().values("pk")
    printed = Assignment.objects.filter(Q(agency=agency) | Q(agency__in=groups))
    places = (printed, Duty.objects.filter(agency=agency), NamedMember.objects.filter(member=agency))
    return {pk for rows in places for pk in rows.order_by().values_list("measure_id", flat=True)}


def _repoint(model: type[Model], column: str, kept: Agency, duplicate: Agency, *, key: Sequence[str]) -> list[Any]:
    """Point the duplicate's rows to the kept agency; those it has already, by the other columns of their `key`, are
    deleted and given back."""
    rows = model._default_manager.filter(**{column: duplicate})
    taken = set(model._default_manager.filter(**{column: kept}).values_list(*key))
    twice = [row for row in rows if tuple(getattr(row, name) for name in key) in taken]
    rows.filter(pk__in=[row.pk for row in twice]).delete()
    rows.update(**{column: kept})
    return twice


def _move_printed(kept: Agency, duplicate: Agency) -> list[Facts]:
    """Both printed in one cell is printed once; what the cell says is kept in the printed row, and in the log."""
    # The printed name goes with the row that is deleted, so that the log is where it can still be found.
    twice = _repoint(Assignment, "agency", kept, duplicate, key=("measure_id", "part"))
    return [{"measure": row.measure_id, "part": row.part, "printed_name": row.printed_name} for row in twice]


def _move_places(kept: Agency, duplicate: Agency) -> None:
    # Where one is a member of the other it would become its own.
    for one, other in ((kept, duplicate), (duplicate, kept)):
        GroupMember.objects.filter(group=one, member=other).delete()
        NamedMember.objects.filter(group=one, member=other).delete()
    _repoint(GroupMember, "member", kept, duplicate, key=("group_id",))
    _repoint(GroupMember, "group", kept, duplicate, key=("member_id",))
    _repoint(NamedMember, "member", kept, duplicate, key=("measure_id", "group_id"))
    _repoint(NamedMember, "group", kept, duplicate, key=("measure_id", "member_id"))


def _move_reports(kept: Agency, duplicate: Agency) -> None:
    """A reference that both gave away is told apart by the duplicate's number; a form's key has done its work."""
    unsent = duplicate.reports.filter(state__in=UNSENT).order_by()
    for measure_id in set(unsent.values_list("measure_id", flat=True)):
        # First: an agency has one draft on a measure, and two would meet below.
        hand_on_drafts(measure_id, duplicate.pk, kept.pk)
    refs = set(kept.reports.exclude(external_ref="").values_list("external_ref", flat=True))
    keys = set(kept.reports.exclude(form_key="").values_list("measure_id", "form_key"))
    # An agency has one claim under review on a measure (one_claim_under_review): that of the kept one.
    claimed = kept.reports.filter(state=State.UNDER_REVIEW).values("measure")
    duplicate.reports.filter(state=State.UNDER_REVIEW, measure__in=claimed).update(state=State.REPLACED)
    for report in duplicate.reports.all():
        if report.external_ref in refs:
            mark = f"#{duplicate.pk}"
            report.external_ref = report.external_ref[: REFERENCE_LENGTH - len(mark)] + mark
        if (report.measure_id, report.form_key) in keys:
            report.form_key = ""
        report.agency = kept
        report.save(update_fields=["agency", "external_ref", "form_key"])


def _move_working(kept: Agency, duplicate: Agency) -> None:
    """What is under way around the reports. Of two matters on one measure the duplicate's is dropped: its report
    stays and still says it."""
    _repoint(Acknowledgement, "agency", kept, duplicate, key=("edition_id",))
    _repoint(BulletinAddressee, "agency", kept, duplicate, key=("bulletin_id",))
    raised = Matter.objects.living().filter(agency=kept).values("measure")
    Matter.objects.living().filter(agency=duplicate, measure__in=raised).update(state=Matter.State.DROPPED)
    for model in (Matter, Milestone, Extension, Notice, SupervisionOrder):
        model._default_manager.filter(agency=duplicate).update(agency=kept)


def _move_reminders(kept: Agency, duplicate: Agency) -> None:
    """What the kept agency is told anyway is not told twice; what both were told stays in the digests they got."""
    key = ("measure_id", "deadline", "stage")
    told = set(kept.reminders.values_list(*key))
    both = [row for row in duplicate.reminders.all() if tuple(getattr(row, name) for name in key) in told]
    Reminder.objects.filter(pk__in=[row.pk for row in both if row.delivery_id is None]).delete()
    duplicate.reminders.exclude(pk__in=[row.pk for row in both]).update(agency=kept)
    Delivery.objects.filter(agency=duplicate).update(agency=kept)
    names = set(ChatRobot.objects.in_use().filter(agency=kept).values_list("name", flat=True))
    for robot in duplicate.robots.all():
        # A group's name is one's own within an agency.
        robot.agency, robot.name = kept, f"{robot.name[:50]} #{robot.pk}" if robot.name in names else robot.name
        robot.save(update_fields=["agency", "name"])


def _move_people_and_tokens(kept: Agency, duplicate: Agency) -> None:
    _repoint(Membership, "agency", kept, duplicate, key=("user_id", "role"))
    duplicate.tokens.update(agency=kept)
    _repoint(LetterPause, "agency", kept, duplicate, key=("user_id",))


def _move_succession(kept: Agency, duplicate: Agency) -> None:
    for succession in Succession.objects.filter(predecessors=duplicate):
        succession.predecessors.add(kept)
        succession.predecessors.remove(duplicate)
    for succession in Succession.objects.filter(successors=duplicate):
        succession.successors.add(kept)
        succession.successors.remove(duplicate)
    _repoint(Takeover, "predecessor", kept, duplicate, key=("measure_id",))
    Takeover.objects.filter(successor=duplicate).update(successor=kept)
    # What one of the two took over from the other has not changed hands after all.
    Takeover.objects.filter(predecessor=F("successor")).delete()
    # Those that the duplicate had succeeded, and those merged into it before: no chain leads through a row out of
    # sight.
    duplicate.heir_of.update(successor=kept)
    duplicate.spellings.update(merged_into=kept)


def _move_names(kept: Agency, duplicate: Agency) -> None:
    """Every name of the duplicate becomes another name of the kept one; what the kept one lacks is filled in."""
    names = set(AgencyName.objects.filter(agency__in=(kept, duplicate)).values_list("name", flat=True))
    # A name belongs to one agency: they are let go before the kept one takes them.
    duplicate.other_names.all().delete()
    duplicate.merged_into = kept
    duplicate.save(update_fields=["merged_into"])
    for fact in FILLED_IN:
        setattr(kept, fact, getattr(kept, fact) or getattr(duplicate, fact))
    kept.save(update_fields=list(FILLED_IN))
    set_other_names(kept, own_names(kept, names | {duplicate.name, duplicate.full_name}))


def _entries(kept: Agency, duplicate: Agency, *, before: Facts, counts: Belongings, twice: list[Facts]) -> list[Entry]:
    """One on each of the two, so that either's history tells of it; what moved is internal."""
    one, other = ({"id": agency.pk, "name": agency.name} for agency in (kept, duplicate))
    moved = asdict(counts) | {"printed_twice": twice}
    return [
        entry_of(kept, "agency.merged", after={"duplicate": other}),
        entry_of(duplicate, "agency.merged_into", after={"kept": one}),
        entry_of(kept, "agency.merged_rows", after={"duplicate": other} | moved, visibility=INTERNAL),
        *changes(kept, before),
    ]
