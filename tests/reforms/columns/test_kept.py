"""The columns in memory say what the database says, whatever was done: they follow the change log and nothing else."""

import datetime as dt
import random
from itertools import product
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from agencies.access import PORTAL, Principal
from agencies.models import Agency, Role
from importers.editions.apply import revert
from importers.editions.undo import undo_first_import
from reforms.columns import kept
from reforms.columns.facts import MeasureColumns, differing, read_again, read_all
from reforms.columns.kept import columns
from reforms.columns.reading import place_of
from reforms.models import (
    Assignment,
    Audience,
    Dates,
    Disposition,
    Light,
    ListEdition,
    Measure,
    PastState,
    ReformList,
    Status,
    holds_on,
    light_of,
)
from reforms.office.steer import dispose
from reforms.organisation.directory import set_members
from reforms.organisation.merge import merge_agencies
from tests.conftest import ON, SLUG, PersonMaker
from tests.importers.editions.test_import_list import second_edition
from tests.reforms.many import many_lists
from tests.reforms.people import Cast
from tests.reforms.reorganisations import merge_into
from tests.reforms.review.test_joined_duties import Joint, joint
from tests.reforms.status.test_random_deeds import Play

__all__ = ["joint"]
OFFICE = Principal(label="督办", roles=frozenset({(Role.SUPERVISOR, 0)}))


@pytest.fixture
def by_the_log(reform_list: ReformList, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the portal: what is written without the log is not noticed."""
    monkeypatch.setattr("tests.conftest._forget_all", lambda: None)
    columns()


def test_what_is_written_without_the_log_would_not_be_noticed(by_the_log: None) -> None:
    """The control: these tests see what follows from the log."""
    Measure.objects.filter(item__number=3).update(disposition=Disposition.SUSPENDED)
    assert differing(columns(), read_all()) == ["disposition"]


@pytest.mark.parametrize("seed", range(3))
def test_they_follow_whatever_is_done(joint: Joint, person: PersonMaker, by_the_log: None, seed: int) -> None:
    other = Cast(person, Agency.objects.create(name="市丙局"), prefix="c")
    measure = Measure.objects.select_related("reform_list").get(pk=joint.measure.pk)
    kept.forget()
    play = Play(measure, [joint.first, joint.second, other], random.Random(seed))  # chosen by chance
    moved = lit = 0
    for _ in range(40):
        before, shown = columns(), columns().light(ON)
        play.go_on()
        now, read = columns(), read_all()
        moved += now is not before
        assert differing(now, read) == []
        assert now.light(ON).tolist() == read.light(ON).tolist()
        assert now.row_by_id.tolist() == read.row_by_id.tolist()
        lit += now.light(ON).tolist() != shown.tolist()
        day = ON - dt.timedelta(days=play.chance.randint(-60, 200))
        assert stood(columns(), day) == stood_by_the_table(day)
    assert moved > 5
    assert lit > 0


def stood(found: MeasureColumns, day: dt.date) -> dict[int, tuple[int, int, int]]:
    """Status, deadline and claim of each measure that was there on a day."""
    of, there = found.as_of(day).of, found.as_of(day).there
    names = ("id", "status", "deadline_in_force", "claimed_on")
    return {pk: tuple(facts) for pk, *facts in zip(*(of[name][there].tolist() for name in names), strict=True)}


def stood_by_the_table(day: dt.date) -> dict[int, tuple[int, int, int]]:
    rows = PastState.objects.filter(holds_on(day))
    names = ("measure_id", "status", "deadline_in_force", "claimed_on")
    return {
        pk: (place_of(Status(status)), *(one.toordinal() if one else 0 for one in days))
        for pk, status, *days in rows.values_list(*names)
    }


def test_they_follow_editions_and_lists_that_come_and_go(
    by_the_log: None, reform_list: ReformList, tmp_path: Path
) -> None:
    call_command("import_list", second_edition().saved(tmp_path), slug=SLUG, yes=True, verbosity=0)
    assert len(columns()) == 217
    assert differing(columns(), read_all()) == []
    revert(reform_list.editions.get(is_in_force=True), who=PORTAL, on=ON)
    assert differing(columns(), read_all()) == []
    call_command("import_list", second_edition().saved(tmp_path), slug="another", yes=True, verbosity=0)
    assert len(columns()) == 217 + 216
    assert differing(columns(), read_all()) == []
    undo_first_import(ListEdition.objects.get(reform_list__slug="another"), who=PORTAL, on=ON)
    assert len(columns()) == 217
    assert differing(columns(), read_all()) == []


def test_what_was_searched_is_not_searched_again_and_follows_what_is_done(
    by_the_log: None, reform_list: ReformList, tmp_path: Path
) -> None:
    def differs() -> list[str]:
        now, words = columns(), ("企业", "下放律师事务所", "没有这个词")
        found = {word: set(now.of["id"][now.with_word(word)].tolist()) for word in words}
        return [word for word in words if found[word] != holders(word)]

    def holders(word: str) -> set[int]:
        return {pk for pk, text in Measure.objects.values_list("pk", "search_text") if word in text}

    assert differs() == []
    before = holders("下放律师事务所")
    call_command("import_list", second_edition().saved(tmp_path), slug=SLUG, yes=True, verbosity=0)
    assert holders("下放律师事务所") != before
    assert differs() == []
    dispose(Measure.objects.get(item__number=3).pk, Disposition.SUSPENDED, reason="缓。", seen=None, who=OFFICE, on=ON)
    assert differs() == []
    columns()
    with CaptureQueriesContext(connection) as queries:
        columns().with_word("企业")
    assert all("changehead" in query["sql"] for query in queries)
    revert(reform_list.editions.get(is_in_force=True), who=PORTAL, on=ON)
    assert holders("下放律师事务所") == before
    assert differs() == []


def test_they_follow_two_agencies_that_become_one(by_the_log: None) -> None:
    kept_one, duplicate = Agency.objects.get(name="市市场监管局"), Agency.objects.get(name="市交通运输局")
    merge_agencies(kept_one, duplicate, who=PORTAL, on=ON)
    assert not Assignment.objects.filter(agency=duplicate).exists()
    assert differing(columns(), read_all()) == []


def test_they_follow_who_must_act_by_groups_and_heirs(by_the_log: None) -> None:
    group = Agency.objects.filter(kind=Agency.Kind.GROUP, assignments__isnull=False).first()
    assert group is not None
    new = Agency.objects.create(name="深汕合作区管委会")
    before = len(columns().duties)
    set_members(group, [*group.members.values_list("pk", flat=True), new.pk], who=PORTAL, on=ON)
    assert len(columns().duties) > before
    assert differing(columns(), read_all()) == []
    merge_into(new, Agency.objects.get(name="市交通运输局"))
    assert differing(columns(), read_all()) == []
    set_members(group, [], who=PORTAL, on=ON)
    assert differing(columns(), read_all()) == []


def test_what_was_never_committed_is_forgotten(by_the_log: None, reform_list: ReformList) -> None:
    measure = Measure.objects.get(item__number=3)
    with transaction.atomic():
        dispose(measure.pk, Disposition.SUSPENDED, reason="缓。", seen=None, who=OFFICE, on=ON)
        assert differing(columns(), read_all()) == []
        transaction.set_rollback(True)
    # The log went on from the same place, with something else.
    dispose(Measure.objects.get(item__number=4).pk, Disposition.SUSPENDED, reason="缓。", seen=None, who=OFFICE, on=ON)
    assert differing(columns(), read_all()) == []


def test_nothing_is_read_while_nothing_is_logged(by_the_log: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        before = columns()
        assert columns() is before
    assert len(queries) == 2
    assert all("changehead" in query["sql"] for query in queries)


def test_some_read_again_are_as_all_read_again(db: None) -> None:
    """Also where they stand among others, and in an order of their own."""
    many_lists(ReformList.objects.get(), 3)
    old = read_all()
    chance = random.Random(5)  # chosen by chance
    for measure in chance.sample(list(Measure.objects.all()), 12):
        Measure.objects.filter(pk=measure.pk).update(row=chance.randint(1, 300), deadline=None)
        Assignment.objects.filter(measure=measure).delete()
        changed = Measure.objects.filter(row=measure.row).values_list("pk", flat=True)
        new = read_again(old, {measure.pk, *changed})
        assert differing(new, read_all()) == []
        old = new


def test_their_lights_are_those_of_the_rule(db: None) -> None:
    days = [None, ON - dt.timedelta(days=1), ON, ON + dt.timedelta(days=30), ON + dt.timedelta(days=31)]
    ids = list(Measure.objects.values_list("pk", flat=True))
    every = list(product(days, days, days, days[:3]))
    wrong = []
    for at in range(0, len(every), len(ids)):
        some = every[at : at + len(ids)]
        read = read_all()
        of = {name: column.copy() for name, column in read.of.items()}
        for place, (deadline, claimed, first, closed) in enumerate(some):
            facts = {"deadline_in_force": deadline, "claimed_on": claimed, "first_report_on": first}
            for name, day in {**facts, "closed_on": closed}.items():
                of[name][place] = day.toordinal() if day else 0
        found = MeasureColumns(of, read.beside, read.duties).light(ON).tolist()
        standing = of["is_standing"].tolist()
        for place, (deadline, claimed, first, closed) in enumerate(some):
            dates = Dates(standing[place], deadline, first, claimed, closed)
            if list(Light)[found[place]] != light_of(dates, ON):
                wrong.append((dates, found[place]))
    assert len(every) == 375
    assert wrong == []
    assert place_of(Light.OVERDUE) == 0


def test_a_portal_without_lists_has_none(by_the_log: None) -> None:
    ReformList.objects.update(open_to=Audience.OFFICE)
    undo_first_import(ListEdition.objects.get(), who=PORTAL, on=ON)
    assert len(columns()) == 0
    assert columns().light(ON).tolist() == []
