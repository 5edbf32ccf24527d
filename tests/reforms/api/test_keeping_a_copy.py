"""A copy that follows the feed and its rules is what the portal gives, for everybody and whatever was done."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from agencies.access import COMMAND_LINE, PORTAL
from agencies.models import Agency, Membership, Role
from importers.documents.read import read_document
from importers.documents.values import ParsedList
from importers.editions.apply import apply_plan, revert
from importers.editions.known import plan_import
from importers.editions.new_list import list_for
from importers.editions.undo import undo_first_import
from reforms.models import Audience, Disposition, ListEdition, Measure, ReformList
from reforms.office.backfill import BackfillRow, fill_in
from reforms.office.chasing import chase
from reforms.office.list_settings import Working, change_working, describe_list, description_of
from reforms.office.steer import dispose, reassign
from reforms.organisation.directory import (
    add_agency,
    change_agency,
    load_directory,
    name_members,
    open_groups,
    set_members,
)
from reforms.organisation.handover import HandOver, hand_over
from reforms.organisation.merge import merge_agencies
from reforms.organisation.succession import NewName, rename
from reforms.reports.acknowledge import acknowledge
from reforms.reports.submit import ReportContent, submit_report, withdraw_report
from reforms.review.decisions import reopen, return_claim, sign_claim, verify_claim
from reforms.review.extensions import ExtensionTerms, adjust_deadline, ask_extension, grant_extension
from tests.conftest import ON
from tests.importers.editions.test_import_list import SOURCE, second_edition
from tests.importers.jobs.test_jobs import small
from tests.importers.samples import duty
from tests.reforms.api.copies import Copy, NamedObjectsOnly
from tests.reforms.api.test_round import caller
from tests.reforms.organisation.test_merge import make_twin
from tests.reforms.people import Cast, acting, attach
from tests.reforms.reorganisations import OFFICE, merge_into, split
from tests.turns import shared_out

LED = "101*"  # led by 市交通运输局
NOTHING_MOVES = "nobody's copy moves"
Bearer = Callable[..., dict[str, str]]
# It gives back control when copies may be begun, and after each step, when they are looked at.
Story = Iterator[str | None]


@dataclass
class Scene:
    """A portal that is worked on, and those who keep copies of it."""

    reform_list: ReformList
    transport: Agency
    market: Agency
    luohu: Agency
    districts: Agency
    cast: Cast
    settings: Any
    # Whose tokens are no good any more.
    ended: set[str] = field(default_factory=set)

    @property
    def office(self) -> Any:
        return acting(self.cast.supervisor)

    @property
    def reporter(self) -> Any:
        return acting(self.cast.reporter)

    def led(self) -> Measure:
        """One that transport leads alone and that is due on 2022-06-30."""
        found = Measure.objects.printed_for([self.transport.pk], "lead").filter(deadline=dt.date(2022, 6, 30))
        return found.order_by("row")[0]

    def report(self, measure: Measure, *, replaces: int | None = None, **said: Any) -> Any:
        content = ReportContent(**{"progress": "推进中。", **said})
        by = {"who": self.reporter, "on": ON, "replaces": replaces}
        return submit_report(measure.pk, self.transport.pk, content, **by)

    def claim(self, measure: Measure) -> Any:
        attach(measure, self.transport, self.cast.reporter)
        return self.report(measure, progress="已完成。", is_claim=True)

    def describe(self, reform_list: ReformList, **facts: Any) -> None:
        reform_list.refresh_from_db()
        describe_list(reform_list.pk, description_of(reform_list) | facts, seen=None, who=self.office, on=ON)


def keepers(scene: Scene, bearer: Bearer) -> dict[str, Copy]:
    """Whoever keeps a copy: agencies of their own measures and of all, the office, visitors."""
    return {
        "transport, own": Copy(caller(bearer(scene.transport)), own=True),
        "a district, own": Copy(caller(bearer(scene.luohu)), own=True),
        "a district, all": Copy(caller(bearer(scene.luohu))),
        "office": Copy(caller(user=scene.cast.second_supervisor)),
        "visitor": Copy(caller()),
    }


@pytest.fixture
def scene(
    public: ReformList,
    transport: Agency,
    market: Agency,
    cast: Cast,
    settings: Any,
) -> Scene:
    luohu, districts = (Agency.objects.get(name=name) for name in ("罗湖区政府", "各区政府"))
    return Scene(public, transport, market, luohu, districts, cast, settings)


def an_import_that_is_opened_step_by_step(scene: Scene) -> Story:
    yield
    made = imported(small(duty("1", lead="市交通运输局", helps="各区政府"), duty("2", lead="市低空经济局")))
    yield
    scene.describe(made, open_to=Audience.AGENCIES)
    yield
    scene.describe(made, open_to=Audience.PUBLIC)
    yield
    scene.describe(made, public_status=True)
    yield
    scene.describe(made, title="低空经济改革清单", short_title="低空")
    yield


def imported(data: bytes, reform_list: ReformList | None = None) -> ReformList:
    printed = read_document(data, "清单.docx")
    return applied(printed, reform_list or list_for(printed, slug="small", year=2022, on=ON))


def applied(printed: ParsedList, reform_list: ReformList) -> ReformList:
    apply_plan(plan_import(printed, reform_list), reform_list, SOURCE)
    return reform_list


def a_second_edition_and_taking_it_back(scene: Scene) -> Story:
    yield
    edition = (
        second_edition()
        .swapped("15", "16*")
        .with_lead(LED, "市市场监管局")
        .with_responsible("30", "各区政府")
        .with_deadline("8", "2023年3月底")
        .with_row_after("100", ("", "", "", "市低空经济局", "市交通运输局", "2022年12月底"))
    )
    applied(edition.parsed(), scene.reform_list)
    yield
    revert(ListEdition.objects.get(reform_list=scene.reform_list, is_in_force=True), who=PORTAL, on=ON)
    yield


def undoing_a_first_import(scene: Scene) -> Story:
    yield
    made = imported(small(duty("1", lead="市交通运输局"), duty("2", lead="市低空经济局")))
    yield
    undo_first_import(ListEdition.objects.get(reform_list=made), who=PORTAL, on=ON)
    yield


def a_list_that_is_closed_again(scene: Scene) -> Story:
    yield
    scene.describe(scene.reform_list, open_to=Audience.AGENCIES)
    yield
    scene.report(scene.led())
    yield
    scene.describe(scene.reform_list, open_to=Audience.OFFICE)
    yield
    scene.describe(scene.reform_list, open_to=Audience.PUBLIC, public_until=ON - dt.timedelta(days=1))
    yield
    scene.describe(scene.reform_list, public_until=None)
    yield


def a_list_that_is_archived_and_worked_on_again(scene: Scene) -> Story:
    yield
    scene.describe(scene.reform_list, archived_on=ON)
    yield
    dispose(scene.led().pk, Disposition.SUSPENDED, reason="等待", seen=None, who=scene.office, on=ON)
    yield NOTHING_MOVES
    scene.describe(scene.reform_list, archived_on=None)
    yield


def settings_of_a_list(scene: Scene) -> Story:
    yield
    scene.describe(scene.reform_list, public_status=False)
    yield
    scene.report(scene.led())
    dispose(scene.led().pk, Disposition.SUSPENDED, reason="等待", seen=None, who=scene.office, on=ON)
    yield
    scene.describe(scene.reform_list, public_status=True)
    yield
    now = Working.of(scene.reform_list)
    every_lead = replace(now, report_every="quarter", standing_every="never", claimed_by="every_lead")
    change_working(scene.reform_list.pk, every_lead, seen=None, who=scene.office, on=ON)
    yield


def a_merger(scene: Scene) -> Story:
    twin = make_twin(scene.transport)
    set_members(scene.districts, [*members(scene.districts), twin.pk], who=scene.office, on=ON)
    yield
    merge_agencies(scene.transport, twin, who=OFFICE, on=ON)
    yield


def members(group: Agency) -> list[int]:
    return list(group.members.values_list("pk", flat=True))


def an_agency_that_goes_into_another(scene: Scene) -> Story:
    yield
    scene.report(scene.led())
    yield
    merge_into(scene.market, scene.transport)
    scene.ended.add("transport, own")
    yield


def an_agency_that_is_split(scene: Scene) -> Story:
    yield
    split(scene.transport, scene.market, scene.luohu, choices={scene.led().pk: scene.luohu.pk})
    scene.ended.add("transport, own")
    yield


def members_of_a_group(scene: Scene) -> Story:
    yield
    set_members(scene.districts, set(members(scene.districts)) - {scene.luohu.pk}, who=scene.office, on=ON)
    yield
    set_members(scene.districts, [*members(scene.districts), scene.luohu.pk], who=scene.office, on=ON)
    yield
    measure = Measure.objects.filter(assignments__agency__kind="open").exclude(duties__agency=scene.market)[0]
    group = open_groups(measure)[0]
    name_members(measure, {group.pk: [scene.market.pk, scene.luohu.pk]}, who=scene.office, on=ON)
    yield
    name_members(measure, {group.pk: []}, who=scene.office, on=ON)
    yield


def a_measure_given_to_others_and_back(scene: Scene) -> Story:
    yield
    led = scene.led()
    reassign(led.pk, scene.transport.pk, scene.market.pk, reason="职能划转", seen=None, who=scene.office, on=ON)
    yield
    reassign(led.pk, scene.market.pk, scene.luohu.pk, reason="再次划转", seen=None, who=scene.office, on=ON)
    yield
    reassign(led.pk, scene.luohu.pk, scene.transport.pk, reason="退回", seen=None, who=scene.office, on=ON)
    yield


def names_of_agencies(scene: Scene) -> Story:
    yield
    change_agency(scene.transport, {"full_name": "深圳市交通运输管理局", "credit_code": ""}, [], who=OFFICE, on=ON)
    yield
    change_agency(scene.districts, {"full_name": "各区人民政府", "name_en": "Districts"}, [], who=OFFICE, on=ON)
    yield
    for agency, name in ((scene.market, "市市场监督管理局"), (scene.districts, "各区人民政府")):
        rename(agency, NewName(name=name, on=ON, full_name=f"深圳市{name}"), who=OFFICE, today=ON)
        yield
    change_agency(Agency.objects.get(name="市商务局"), {"kind": Agency.Kind.GROUP}, ["商务"], who=OFFICE, on=ON)
    yield
    add_agency(Agency(name="市低空经济局"), [], who=OFFICE, on=ON)
    yield


def a_directory_that_is_loaded(scene: Scene) -> Story:
    """Names, a kind that becomes another one, new agencies, members of a group, English titles of sections."""
    new = {"name": "市低空经济局", "full_name": "深圳市低空经济局", "other_names": ["低空局"]}
    renamed = {"name": scene.transport.name, "full_name": "深圳市交通运输管理局", "email": "jt@example.cn"}
    districts = {"name": scene.districts.name, "kind": "group", "members": [scene.market.name, "市低空经济局"]}
    was_single = {"name": "市商务局", "kind": "group", "members": ["市低空经济局"]}
    agencies = [districts, was_single, new, renamed]
    yield
    load_directory({"agencies": agencies}, who=COMMAND_LINE, on=ON)
    yield
    section = scene.reform_list.sections.order_by("number")[0]
    titles = [{"title": section.title, "title_en": "Entry and exit of the market"}]
    load_directory({"agencies": agencies, "sections": titles}, who=COMMAND_LINE, on=ON)
    yield
    load_directory({"agencies": agencies, "sections": titles}, who=COMMAND_LINE, on=ON)
    yield NOTHING_MOVES


def a_person_who_changes_sides(scene: Scene) -> Story:
    """No entry tells of roles: the feed's `reach` does."""
    yield
    scene.describe(scene.reform_list, open_to=Audience.OFFICE)
    yield
    place = Membership.objects.filter(user=scene.cast.second_supervisor)
    place.update(role=Role.REPORTER, agency=scene.transport)
    yield


def reports_and_claims(scene: Scene) -> Story:
    yield
    led = scene.led()
    scene.report(led)
    yield
    last = scene.report(led, progress="同日再报。", outlook="behind")
    yield
    withdraw_report(last.pk, seen=None, who=scene.reporter, on=ON)
    yield
    claim = scene.claim(led)
    yield
    return_claim(claim.pk, reason="请补充。", seen=None, who=scene.office, on=ON)
    yield
    verify_claim(scene.claim(led).pk, remark="", seen=None, who=scene.office, on=ON)
    yield
    reopen(led.pk, reason="复查未通过。", seen=None, who=scene.office, on=ON)
    yield


def claims_that_are_signed(scene: Scene) -> Story:
    change_agency(scene.transport, {"signs_claims": True}, [], who=OFFICE, on=ON)
    yield
    led, approver = scene.led(), acting(scene.cast.approver)
    claim = scene.claim(led)
    yield NOTHING_MOVES
    sign_claim(claim.pk, seen=None, who=approver, on=ON)
    yield
    corrected = scene.report(led, progress="更正。", is_claim=True, replaces=claim.pk)
    yield
    sign_claim(corrected.pk, seen=None, who=approver, on=ON)
    yield


def what_the_office_decides(scene: Scene) -> Story:
    yield
    led = scene.led()
    for disposition in (Disposition.SUSPENDED, Disposition.ACTIVE):
        dispose(led.pk, disposition, reason="方案", seen=None, who=scene.office, on=ON)
        yield
    wanted = ExtensionTerms(until=dt.date(2022, 9, 30), reason="协调")
    asked = ask_extension(led.pk, scene.transport.pk, wanted, who=scene.reporter, on=ON)
    grant_extension(asked.pk, until=wanted.until, seen=None, who=scene.office, on=ON)
    yield
    adjust_deadline(led.pk, dt.date(2022, 7, 1), reference="〔2022〕1号", seen=None, who=scene.office, on=ON)
    yield
    fill_in([BackfillRow(measure_id=led.pk, on=dt.date(2022, 3, 1))], who=scene.office, on=ON)
    yield


def what_moves_no_measure(scene: Scene) -> Story:
    led = scene.led()
    scene.report(led)
    yield
    chase(led.pk, words="请尽快", seen=None, who=scene.office, on=ON)
    edition = ListEdition.objects.get(reform_list=scene.reform_list, is_in_force=True)
    acknowledge(edition.pk, scene.transport.pk, who=scene.reporter, on=ON)
    asked = HandOver(agency=scene.transport, roles=True, deactivate=False)
    hand_over(scene.cast.reporter, scene.cast.approver, asked, who=OFFICE, on=ON)
    yield NOTHING_MOVES


def the_day_turns(scene: Scene) -> Story:
    yield
    scene.describe(scene.reform_list, public_until=dt.date(2022, 6, 30))
    yield NOTHING_MOVES
    scene.settings.PORTAL_TODAY = dt.date(2022, 7, 1)
    yield


DEEDS = [
    an_import_that_is_opened_step_by_step,
    a_second_edition_and_taking_it_back,
    undoing_a_first_import,
    a_list_that_is_closed_again,
    a_list_that_is_archived_and_worked_on_again,
    settings_of_a_list,
    a_merger,
    an_agency_that_goes_into_another,
    an_agency_that_is_split,
    members_of_a_group,
    a_measure_given_to_others_and_back,
    names_of_agencies,
    a_directory_that_is_loaded,
    a_person_who_changes_sides,
    reports_and_claims,
    claims_that_are_signed,
    what_the_office_decides,
    what_moves_no_measure,
    the_day_turns,
]


@pytest.mark.parametrize("deed", shared_out(DEEDS, days=3), ids=lambda deed: deed.__name__)
def test_every_copy_is_what_the_portal_gives_after(
    deed: Callable[[Scene], Story], scene: Scene, bearer: Bearer
) -> None:
    story = deed(scene)
    next(story)
    copies = keepers(scene, bearer)
    for step, expected in enumerate(story, start=1):
        moved = False
        for name in sorted(copies.keys() - scene.ended):
            before = dict(copies[name].rows)
            copies[name].follow()
            assert copies[name].departures() == {}, (step, name)
            moved = moved or copies[name].rows != before
        assert moved is (expected != NOTHING_MOVES), step


def test_whoever_fetches_only_what_changes_name_drifts(scene: Scene, bearer: Bearer) -> None:
    """The control: without the rules an edition leaves a copy wrong, and so the stories above can fail."""
    story = a_second_edition_and_taking_it_back(scene)
    next(story)
    obeying, ignoring = Copy(caller(bearer(scene.transport))), NamedObjectsOnly(caller(bearer(scene.transport)))
    next(story)
    for copy in (obeying, ignoring):
        copy.follow()
    assert obeying.departures() == {}
    wrong = ignoring.departures()["measures"]
    named = {one["object_id"] for one in ignoring.told if one["kind"] == "measure"}
    # Measures that only moved: nothing but their place in the new edition is another one, and no entry names them.
    moved = [pk for pk in wrong if pk not in named]
    assert len(moved) > 100
    assert {name for pk in moved for name in wrong[pk]} == {"source"}


def test_what_is_written_behind_the_log_is_found_here(scene: Scene) -> None:
    """The control of Copy.get: an answer that need not be read again is held against one that was."""
    copy = Copy(caller())
    spared = copy.spared
    copy.everything()
    assert copy.spared == spared + len(copy.collections), "nothing was written"
    Measure.objects.filter(pk=scene.led().pk).update(title="别的")
    with pytest.raises(AssertionError, match="/measures"):
        copy.everything()
