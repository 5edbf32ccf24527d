"""What each answer of the feed says is to be read again, and to whom nothing else is said."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agencies.access import NOBODY, PORTAL, Principal
from agencies.models import Change, Role
from importers.editions.undo import undo_first_import
from reforms.history.actions import ACTIONS
from reforms.history.reread import TOLD_BEFORE, WITHOUT, Collected
from reforms.models import Audience, ListEdition, ReformList, was_open_to
from reforms.office.list_settings import Working, change_working
from reforms.office.steer import reassign
from reforms.organisation.directory import set_members
from reforms.reports.drafts import save_draft
from tests.conftest import ON, PersonMaker
from tests.importers.samples import duty
from tests.reforms.api.copies import Copy
from tests.reforms.api.test_keeping_a_copy import LED, Bearer, Scene, applied, imported, scene, second_edition, small
from tests.reforms.api.test_round import Caller, caller

__all__ = ["scene"]
DOCS = Path(__file__).resolve().parents[3] / "docs"
Row = dict[str, Any]


def since(call: Caller, start: int, query: str = "") -> list[Row]:
    found: list[Row] = call("get", f"/changes?after={start}&limit=1000{query}").json()["results"]
    return found


def head() -> int:
    return Change.objects.latest("sequence").sequence


def rules(change: Row) -> set[tuple[str, str | None]]:
    """What is to be read again, and where."""
    return {(one["what"], one["url"] and one["url"].partition("/api/v1")[2]) for one in change["reread"]}


def test_a_measure_that_is_yours_no_longer_is_an_entry_for_you(scene: Scene, bearer: Bearer) -> None:
    call, led, start = caller(bearer(scene.transport)), scene.led(), head()
    assert [one["id"] for one in call("get", f"/measures?id={led.pk}&agency=me").json()["results"]] == [led.pk]
    reassign(led.pk, scene.transport.pk, scene.market.pk, reason="职能划转", seen=None, who=scene.office, on=ON)
    told = since(call, start, "&agency=me")
    assert ("measure.reassigned", led.pk) in [(one["action"], one["object_id"]) for one in told]
    assert rules(told[0]) == {("measures", f"/measures?agency=me&id={led.pk}")}
    assert call("get", f"/measures?id={led.pk}&agency=me").json()["results"] == []


def test_the_members_of_a_group_are_one_entry_with_a_rule_for_all(scene: Scene, bearer: Bearer) -> None:
    start, group = head(), scene.districts
    kept = [pk for pk in group.members.values_list("pk", flat=True) if pk != scene.luohu.pk]
    set_members(group, kept, who=scene.office, on=ON)
    (own,) = since(caller(bearer(scene.luohu)), start, "&agency=me")
    assert (own["action"], own["object_id"]) == ("agency.members_changed", group.pk)
    assert rules(own) == {("agencies", "/agencies"), ("measures", "/measures?agency=me")}
    (everybodys,) = since(caller(), start)
    assert rules(everybodys) == {("agencies", "/agencies"), ("measures", f"/measures?agency={group.pk}")}


@pytest.mark.parametrize("own", [False, True], ids=["all", "own"])
def test_an_edition_is_a_few_requests_however_many_measures_it_names(
    scene: Scene,
    bearer: Bearer,
    own: bool,  # pytest gives it by name
) -> None:
    call, start, of_list = caller(bearer(scene.transport)), head(), f"list={scene.reform_list.slug}"
    applied(second_edition().with_lead(LED, scene.market.name).parsed(), scene.reform_list)
    told = since(call, start, "&agency=me" if own else "")
    actions = [one["action"] for one in told]
    assert (actions.count("edition.applied"), "measure.reprinted" in actions) == (1, True)
    measures = {("lists", "/lists"), ("measures", f"/measures?{of_list}{'&agency=me' if own else ''}")}
    counted = {("sections", f"/sections?{of_list}"), ("items", f"/items?{of_list}"), ("agencies", "/agencies")}
    assert {rule for one in told for rule in rules(one)} == measures | (set() if own else counted)


def test_a_list_that_is_closed_is_told_to_those_who_lost_it_and_without_a_word(scene: Scene, bearer: Bearer) -> None:
    callers = {
        "visitor": caller(),
        "agency": caller(bearer(scene.market)),
        "office": caller(user=scene.cast.supervisor),
    }
    start, slug = head(), scene.reform_list.slug
    scene.describe(scene.reform_list, open_to=Audience.AGENCIES, title="秘密的新名称")
    scene.report(scene.led())
    scene.describe(scene.reform_list, open_to=Audience.OFFICE)
    told = {name: since(call, start) for name, call in callers.items()}
    for name in ("visitor", "agency"):
        (closed,) = told[name]
        gone = [one for one in closed["reread"] if one["list"]]
        assert {(one["what"], one["list"], one["url"]) for one in gone} == {
            (what, slug, None) for what in ("measures", "sections", "items")
        }
        said = [closed[fact] for fact in ("before", "after", "reason", "actor", "agency")]
        assert (closed["kind"], said) == ("list", [{}, {}, "", "", None]), name
    # Each when they lost it: visitors when it was the agencies' alone.
    assert told["visitor"][0]["sequence"] < told["agency"][0]["sequence"]
    assert [one["after"].get("open_to") for one in told["office"] if one["kind"] == "list"] == ["agencies", "office"]


def test_of_a_list_that_was_never_theirs_visitors_and_agencies_hear_nothing(scene: Scene, bearer: Bearer) -> None:
    start = head()
    made = imported(small(duty("1", lead="市交通运输局")))
    scene.describe(made, open_to=Audience.PUBLIC, public_from=dt.date(2022, 7, 1))
    scene.describe(made, open_to=Audience.OFFICE)
    assert since(caller(), start) == []
    (closed,) = since(caller(bearer(scene.market)), start)
    assert closed["before"] == closed["after"] == {}


def test_administrators_who_see_a_list_that_is_being_prepared_are_told_that_it_was_undone(
    scene: Scene, person: PersonMaker, bearer: Bearer
) -> None:
    made = imported(small(duty("1", lead="市低空经济局")))
    copy = Copy(caller(user=person(Role.ADMINISTRATOR)))
    start = head()
    undo_first_import(ListEdition.objects.get(reform_list=made), who=PORTAL, on=ON)
    copy.follow()
    assert copy.departures() == {}
    assert [one["action"] for one in copy.told] == ["list.undone", "agency.removed"]
    # To agencies the list was never open; that there is one agency less they see.
    assert [one["action"] for one in since(caller(bearer(scene.market)), start)] == ["agency.removed"]


OPENINGS = [
    {"open_to": open_to, "public_from": first, "public_until": last}
    for open_to in Audience.values
    for first in (None, ON, ON + dt.timedelta(days=1))
    for last in (None, ON, ON - dt.timedelta(days=1))
    if not (first and last) or first <= last
]


@pytest.mark.parametrize("facts", OPENINGS, ids=str)
def test_what_was_open_is_told_by_the_same_rule_as_what_is(reform_list: ReformList, facts: Row) -> None:
    callers = {
        "visitor": NOBODY,
        "agency": Principal(label="", user_id=1, roles=frozenset({(Role.VIEWER, 1)})),
        "office": Principal(label="", user_id=1, roles=frozenset({(Role.SUPERVISOR, 1)})),
    }
    ReformList.objects.filter(pk=reform_list.pk).update(**facts)
    for name, who in callers.items():
        is_open = ReformList.objects.readable_by(who).filter(pk=reform_list.pk).exists()
        assert was_open_to(who, facts, ON) is is_open, name


def test_what_is_internal_and_moves_a_measure_is_told_without_a_word_to_those_who_see_its_status(
    scene: Scene, bearer: Bearer
) -> None:
    led = scene.led()
    scene.report(led)
    start = head()
    scene.report(led, progress="只对内的进展。")
    for call in (caller(), caller(bearer(scene.market))):
        (told,) = since(call, start)
        assert (told["action"], told["object_id"]) == ("measure.standing_changed", led.pk)
        assert [told[fact] for fact in ("before", "after", "reason", "actor", "agency")] == [{}, {}, "", "", None]
        assert rules(told) == {("measures", f"/measures?id={led.pk}")}
    (own,) = since(caller(bearer(scene.transport)), start)
    assert (own["action"], own["after"]["progress"]) == ("report.submitted", "只对内的进展。")
    ReformList.objects.update(public_status=False)
    assert since(caller(), start) == []


def test_what_others_write_of_their_measures_is_not_among_mine_because_it_names_me(
    scene: Scene, bearer: Bearer
) -> None:
    led, start = scene.led(), head()
    assert not led.duties.filter(agency=scene.market).exists()
    scene.report(led, progress=scene.market.name)
    assert since(caller(bearer(scene.market)), start, "&agency=me") == []


def test_drafts_are_told_to_nobody_else(scene: Scene, bearer: Bearer) -> None:
    start = head()
    save_draft(scene.led().pk, scene.transport.pk, {"progress": "草稿"}, seen=None, who=scene.reporter, on=ON)
    assert since(caller(bearer(scene.market)), start) == []


def test_the_day_is_in_every_answer_from_which_a_copy_begins_or_goes_on(scene: Scene, bearer: Bearer) -> None:
    call = caller(bearer(scene.transport))
    for address in ("/me", "/measures?page_size=1", f"/changes?after={head()}"):
        assert call("get", address).json()["on"] == "2022-06-15"
    scene.settings.PORTAL_TODAY = dt.date(2022, 6, 16)
    assert call("get", f"/changes?after={head()}").json()["on"] == "2022-06-16"


def test_a_change_of_who_must_claim_is_told_to_those_who_see_the_status(scene: Scene, bearer: Bearer) -> None:
    """Its entry is the office's; that every open measure has another version by it everybody sees."""
    start = head()
    scene.report(scene.led())
    working = replace(Working.of(scene.reform_list), claimed_by="every_lead")
    change_working(scene.reform_list.pk, working, seen=None, who=scene.office, on=ON)
    for call in (caller(), caller(bearer(scene.market))):
        (told,) = [one for one in since(call, start) if one["kind"] == "list"]
        assert (told["before"], told["after"]) == ({}, {})
        assert rules(told) == {("measures", f"/measures?list={scene.reform_list.slug}")}


def test_the_rules_are_in_the_manual() -> None:
    manual = (DOCS / "keeping-a-copy.md").read_text(encoding="utf-8")
    assert [what for what in Collected if f"`{what}`" not in manual] == []
    assert set(ACTIONS) >= WITHOUT | TOLD_BEFORE
