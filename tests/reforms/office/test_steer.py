"""督办 of a measure: suspended and resumed, given to another agency and back, chased; and what a new edition leaves."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command

from agencies.access import PORTAL
from agencies.models import Agency, Membership, Role
from importers.editions.apply import revert
from reforms.models import Disposition, Duty, ListEdition, Measure, Notice, ProgressReport, Stale
from reforms.office.chasing import chase
from reforms.office.steer import dispose, reassign
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.extensions import adjust_deadline
from tests.conftest import ON, SLUG
from tests.importers.text_editions import TextEdition
from tests.reforms.people import Cast, acting

SUSPENDED, CANCELLED, ACTIVE = Disposition.SUSPENDED, Disposition.CANCELLED, Disposition.ACTIVE
SEPTEMBER, OCTOBER = dt.date(2022, 9, 30), dt.date(2022, 10, 31)


def holders(measure: Measure) -> set[str]:
    return set(Duty.objects.filter(measure=measure).values_list("agency__name", flat=True))


def give(measure: Measure, old: Agency, new: Agency, cast: Cast) -> None:
    reassign(measure.pk, old.pk, new.pk, reason="职责调整。", seen=None, who=acting(cast.supervisor), on=ON)


def suspend(measure: Measure, cast: Cast, disposition: Disposition = SUSPENDED) -> None:
    dispose(measure.pk, disposition, reason="上级暂缓。", seen=None, who=acting(cast.supervisor), on=ON)


def adopt(edition: TextEdition, folder: Path) -> None:
    call_command("import_list", edition.saved(folder), slug=SLUG, yes=True, verbosity=0)


def take_back() -> None:
    revert(ListEdition.objects.get(is_in_force=True), who=PORTAL, on=ON)


def printed_number(measure: Measure) -> str:
    return f"{measure.item.number}{'*' if measure.item.is_national else ''}"


@pytest.fixture
def alone(transport: Agency) -> Measure:
    """A measure of an item that has no other, led by 市交通运输局."""
    led = Measure.objects.printed_for([transport.pk], "lead").filter(is_standing=False)
    return next(measure for measure in led.order_by("row") if measure.item.measures.count() == 1)


def test_what_is_suspended_no_longer_counts_until_it_is_resumed(led: Measure, cast: Cast) -> None:
    before = Measure.objects.counted().count()
    suspend(led, cast)
    assert Measure.objects.counted().count() == before - 1
    with pytest.raises(ValidationError, match="不在册"):
        submit_report(led.pk, cast.agency.pk, ReportContent(progress="继续。"), who=acting(cast.reporter), on=ON)
    dispose(led.pk, ACTIVE, reason="已明确。", seen=None, who=acting(cast.supervisor), on=ON)
    assert Measure.objects.counted().count() == before
    told = Notice.objects.filter(kind="disposed", agency=cast.agency).order_by("pk")
    assert [notice.facts["disposition"] for notice in told] == ["suspended", "active"]


def test_suspending_needs_a_reason_a_change_and_the_version_that_was_seen(led: Measure, cast: Cast) -> None:
    who = acting(cast.supervisor)
    with pytest.raises(ValidationError, match="理由"):
        dispose(led.pk, SUSPENDED, reason=" ", seen=None, who=who, on=ON)
    with pytest.raises(ValidationError, match="已是"):
        dispose(led.pk, ACTIVE, reason="无。", seen=None, who=who, on=ON)
    with pytest.raises(Stale):
        dispose(led.pk, SUSPENDED, reason="暂缓。", seen=led.version - 1, who=who, on=ON)
    with pytest.raises(PermissionDenied):
        dispose(led.pk, SUSPENDED, reason="暂缓。", seen=None, who=acting(cast.approver), on=ON)


def test_nobody_steers_measures_of_an_agency_of_their_own(led: Measure, cast: Cast) -> None:
    Membership.objects.create(user=cast.supervisor, agency=cast.agency, role=Role.VIEWER)
    with pytest.raises(PermissionDenied):
        suspend(led, cast)
    with pytest.raises(PermissionDenied):
        chase(led.pk, who=acting(cast.supervisor), on=ON)


def test_a_measure_given_away_comes_with_its_reports_and_status(led: Measure, cast: Cast, market: Agency) -> None:
    submit_report(led.pk, cast.agency.pk, ReportContent(progress="已启动。"), who=acting(cast.reporter), on=ON)
    give(led, cast.agency, market, cast)
    assert cast.agency.name not in holders(led)
    duty = Duty.objects.get(measure=led, agency=market)
    assert (duty.status, duty.part, duty.via) == ("in_progress", "lead", cast.agency)
    assert ProgressReport.objects.get().duty == duty
    with pytest.raises(PermissionDenied):
        submit_report(led.pk, cast.agency.pk, ReportContent(progress="再报。"), who=acting(cast.reporter), on=ON)


def test_given_there_and_back_it_is_as_before(led: Measure, cast: Cast, market: Agency) -> None:
    before = holders(led)
    give(led, cast.agency, market, cast)
    give(led, market, cast.agency, cast)
    assert holders(led) == before
    assert Duty.objects.get(measure=led, agency=cast.agency).via is None


def test_a_chain_of_reassignments_ends_at_the_last_and_is_undone_by_coming_home(
    led: Measure, cast: Cast, market: Agency
) -> None:
    water = Agency.objects.get(name="市水务局")
    before = holders(led)
    give(led, cast.agency, market, cast)
    give(led, market, water, cast)
    assert holders(led) == (before - {cast.agency.name}) | {water.name}
    give(led, water, cast.agency, cast)
    assert holders(led) == before


def test_given_to_somebody_who_acts_on_it_already_it_is_one_duty(cast: Cast) -> None:
    joint = next(
        measure
        for measure in Measure.objects.printed_for([cast.agency.pk], "lead").filter(is_standing=False)
        if measure.duties.filter(via=None).count() > 1
    )
    other = joint.duties.exclude(agency=cast.agency).filter(via=None)[0].agency
    count = joint.duties.count()
    give(joint, cast.agency, other, cast)
    assert joint.duties.count() == count - 1
    assert joint.duties.get(agency=other).part == "lead"


def test_only_a_living_agency_takes_over_and_only_from_a_holder(led: Measure, cast: Cast, market: Agency) -> None:
    who = acting(cast.supervisor)
    group = Agency.objects.get(name="各区政府")
    for old, new in ((cast.agency, group), (cast.agency, cast.agency), (market, cast.agency)):
        with pytest.raises(ValidationError, match="另一个现有单位"):
            reassign(led.pk, old.pk, new.pk, reason="调整。", seen=None, who=who, on=ON)


def test_a_new_edition_keeps_who_acts_for_whom(alone: Measure, cast: Cast, market: Agency, tmp_path: Path) -> None:
    give(alone, cast.agency, market, cast)
    after = holders(alone)
    adopt(TextEdition.real().with_text(printed_number(alone), "全新的表述。"), tmp_path)
    alone.refresh_from_db()
    assert (alone.text, holders(alone)) == ("全新的表述。", after)
    take_back()
    assert holders(alone) == after


@pytest.mark.parametrize("disposition", [SUSPENDED, CANCELLED])
def test_what_is_suspended_withdrawn_and_printed_again_stays_suspended(
    alone: Measure, cast: Cast, tmp_path: Path, disposition: Disposition
) -> None:
    suspend(alone, cast, disposition)
    adopt(TextEdition.real().without(printed_number(alone)), tmp_path)
    alone.refresh_from_db()
    assert alone.disposition == Disposition.WITHDRAWN
    with pytest.raises(ValidationError, match="调出清单"):
        dispose(alone.pk, ACTIVE, reason="恢复。", seen=None, who=acting(cast.supervisor), on=ON)
    take_back()
    alone.refresh_from_db()
    assert alone.disposition == disposition


def test_what_is_suspended_stays_so_when_a_new_edition_rewords_it(alone: Measure, cast: Cast, tmp_path: Path) -> None:
    suspend(alone, cast)
    adopt(TextEdition.real().with_text(printed_number(alone), "全新的表述。"), tmp_path)
    alone.refresh_from_db()
    assert (alone.text, alone.disposition) == ("全新的表述。", SUSPENDED)


def test_an_adjusted_deadline_survives_a_new_edition_and_its_reversal(
    alone: Measure, cast: Cast, tmp_path: Path
) -> None:
    printed = alone.deadline
    adjust_deadline(alone.pk, OCTOBER, reference="深府办〔2022〕9号", seen=None, who=acting(cast.supervisor), on=ON)
    adopt(TextEdition.real().with_deadline(printed_number(alone), "2022年9月底"), tmp_path)
    alone.refresh_from_db()
    assert (alone.deadline, alone.deadline_in_force) == (SEPTEMBER, OCTOBER)
    take_back()
    alone.refresh_from_db()
    assert (alone.deadline, alone.deadline_in_force) == (printed, OCTOBER)


def test_a_deadline_adjusted_to_the_day_that_is_printed_later_survives_the_reversal(
    alone: Measure, cast: Cast, tmp_path: Path
) -> None:
    adjust_deadline(alone.pk, SEPTEMBER, reference="深府办〔2022〕9号", seen=None, who=acting(cast.supervisor), on=ON)
    adopt(TextEdition.real().with_deadline(printed_number(alone), "2022年9月底"), tmp_path)
    take_back()
    alone.refresh_from_db()
    assert alone.deadline_in_force == SEPTEMBER


def test_a_deadline_nobody_moved_follows_the_print(alone: Measure, cast: Cast, tmp_path: Path) -> None:
    adopt(TextEdition.real().with_deadline(printed_number(alone), "2022年9月底"), tmp_path)
    alone.refresh_from_db()
    assert alone.deadline_in_force == SEPTEMBER
