"""The JSON of measures that is kept in memory is what would be made anew, whatever was done and whoever asks."""

import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.access import NOBODY, PORTAL, Principal
from agencies.models import Agency, Role
from importers.editions.apply import revert
from reforms.api import measure_json
from reforms.api.http.rendering import to_json
from reforms.api.measure_json import MEASURES, KeptMeasures
from reforms.catalogue.rows import Viewpoint, measure_rows, of_measure, viewpoint
from reforms.columns.altered import LogHead
from reforms.models import Disposition, Measure, ReformList
from reforms.office.list_settings import describe_list, description_of
from reforms.office.steer import dispose
from reforms.organisation.directory import change_agency
from reforms.organisation.merge import merge_agencies
from tests.conftest import ON, SLUG, PersonMaker
from tests.importers.editions.test_import_list import second_edition
from tests.reforms.columns.test_kept import OFFICE, by_the_log
from tests.reforms.people import Cast
from tests.reforms.review.test_joined_duties import Joint, joint
from tests.reforms.status.test_random_deeds import Play

__all__ = ["by_the_log", "joint"]
ADMINISTRATOR = Principal(label="管理员", roles=frozenset({(Role.ADMINISTRATOR, 0)}))


def told(ids: list[int], view: Viewpoint) -> dict[int, Any]:
    """As they are kept, or made where they are not."""
    return json.loads(to_json({str(pk): one for pk, one in MEASURES.of(ids, view, LogHead.now()).items()}))


def lights(ids: list[int], view: Viewpoint) -> list[str]:
    return [one["light"] for one in told(ids, view).values()]


def differing(*callers: Principal, on: dt.date = ON) -> list[int]:
    """The measures that are told otherwise than they are, to whoever asks."""
    wrong: list[int] = []
    for who in callers or (NOBODY, OFFICE):
        view = viewpoint(who, on)
        ids = list(Measure.objects.values_list("pk", flat=True))
        kept = told(ids, view)
        rows = measure_rows(Measure.objects.all(), view)
        wrong += [row.id for row in rows if kept[str(row.id)] != json.loads(to_json(of_measure(row)))]
    return wrong


def test_what_is_written_without_the_log_would_not_be_noticed(by_the_log: None) -> None:
    """The control: what is compared here is kept."""
    assert differing() == []
    measure = Measure.objects.get(item__number=3, seq_in_item=1)
    Measure.objects.filter(pk=measure.pk).update(text="另一句。")
    assert differing(OFFICE) == [measure.pk]


@pytest.mark.parametrize("seed", range(2))
def test_they_follow_whatever_is_done(
    joint: Joint, person: PersonMaker, public: ReformList, by_the_log: None, seed: int
) -> None:
    other = Cast(person, Agency.objects.create(name="市丙局"), prefix="c")
    measure = Measure.objects.select_related("reform_list").get(pk=joint.measure.pk)
    MEASURES.forget()
    play = Play(measure, [joint.first, joint.second, other], random.Random(seed))  # chosen by chance
    versions = set()
    for _ in range(30):
        play.go_on()
        assert differing() == []
        versions.add(Measure.objects.get(pk=measure.pk).version)
    assert len(versions) > 5


def test_they_follow_editions_agencies_and_settings(by_the_log: None, reform_list: ReformList, tmp_path: Path) -> None:
    assert differing() == []
    call_command("import_list", second_edition().saved(tmp_path), slug=SLUG, yes=True, verbosity=0)
    assert differing() == []
    revert(reform_list.editions.get(is_in_force=True), who=PORTAL, on=ON)
    assert differing() == []
    merge_agencies(Agency.objects.get(name="市市场监管局"), Agency.objects.get(name="市交通运输局"), who=PORTAL, on=ON)
    assert differing() == []
    agency = Agency.objects.get(name="市发展改革委")
    change_agency(agency, {"full_name": "深圳市发展和改革委员会（新）"}, [], who=ADMINISTRATOR, on=ON)
    assert differing() == []
    change_agency(agency, {"kind": Agency.Kind.GROUP}, [], who=ADMINISTRATOR, on=ON)
    assert differing() == []
    facts = description_of(reform_list) | {"title": "另一个名字", "public_status": True}
    describe_list(reform_list.pk, facts, seen=None, who=ADMINISTRATOR, on=ON)
    assert differing() == []


def test_lights_turn_with_the_day_and_a_past_day_is_told_as_it_was(by_the_log: None, public: ReformList) -> None:
    assert differing() == []
    late = ON + dt.timedelta(days=300)
    assert differing(on=late) == []
    ids = list(Measure.objects.values_list("pk", flat=True))
    now, then = viewpoint(NOBODY, late), viewpoint(NOBODY, ON, today=late)
    assert lights(ids, then) == lights(ids, viewpoint(NOBODY, ON)) != lights(ids, now)


def test_what_is_read_while_something_is_written_is_not_kept(
    by_the_log: None, public: ReformList, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else has told the measure as it is by now before the older reading comes to be kept."""
    measure, kept, view = Measure.objects.get(item__number=4), KeptMeasures(2**20), viewpoint(OFFICE, ON)
    read = measure_json.measure_rows

    def overtaken(*asked: Any) -> Any:
        rows = read(*asked)
        monkeypatch.setattr(measure_json, "measure_rows", read)
        dispose(measure.pk, Disposition.SUSPENDED, reason="缓。", seen=None, who=OFFICE, on=ON)
        kept.of([measure.pk], view, LogHead.now())
        return rows

    monkeypatch.setattr(measure_json, "measure_rows", overtaken)
    kept.of([measure.pk], view, LogHead.now())
    now = kept.of([measure.pk], view, LogHead.now())
    assert json.loads(to_json(now[measure.pk]))["disposition"] == Disposition.SUSPENDED


def test_a_page_asked_for_again_after_a_deed_elsewhere_reads_no_measure(
    by_the_log: None, client: Client, public: ReformList
) -> None:
    client.get("/api/v1/measures")
    dispose(Measure.objects.get(item__number=4).pk, Disposition.SUSPENDED, reason="缓。", seen=None, who=OFFICE, on=ON)
    with CaptureQueriesContext(connection) as queries:
        found = client.get("/api/v1/measures").json()
    assert [one["item"]["number"] for one in found["results"]][:4] == [1, 2, 3, 5]
    texts = [query["sql"] for query in queries if '"reforms_measure"."text"' in query["sql"]]
    # The one that has come onto the page in place of what was stopped.
    assert len(texts) == 1
    assert str(found["results"][-1]["id"]) in texts[0]
