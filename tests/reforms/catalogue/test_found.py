"""What is counted in memory is what the database counts, under any filters, for anybody, in any order."""

import random
from typing import Any
from urllib.parse import urlencode

import pytest

from agencies.access import Principal
from agencies.models import Agency, Role
from reforms.catalogue import found
from reforms.catalogue.facets import LABELS, OF_AGENCIES_BY_PART
from reforms.catalogue.filters import STATUS_ORDERINGS, MeasureFilter
from reforms.catalogue.found import IN_ORDER, OF_STATUS, Tally, searched_first
from reforms.models import Audience, Disposition, Light, Measure, PastState, ReformList, Status
from tests.conftest import ON
from tests.reforms.catalogue.stored import Stored
from tests.reforms.many import many_lists
from tests.reforms.shown import NOBODY, asked

OFFICE = Principal(label="督办", roles=frozenset({(Role.SUPERVISOR, 1)}))
NAMES = [name for name in LABELS if name not in OF_AGENCIES_BY_PART]
ORDERS = [sign + name for name in IN_ORDER for sign in ("", "-")]


@pytest.fixture
def mixed(demo: ReformList) -> ReformList:
    """The demonstration, some of it stopped or withdrawn, beside lists that tell nothing, are the agencies' or gone."""
    lists = many_lists(demo, 6)
    ReformList.objects.filter(pk=lists[0].pk).update(open_to=Audience.AGENCIES)
    ReformList.objects.filter(pk=lists[2].pk).update(archived_on=ON)
    chance = random.Random(7)  # chosen by chance
    for measure in chance.sample(list(Measure.objects.all()), 40):
        stopped = chance.choice([Disposition.SUSPENDED, Disposition.CANCELLED, Disposition.WITHDRAWN])
        alter(measure, disposition=stopped)
    for measure in Measure.objects.filter(deadline_in_force__isnull=False)[::9]:
        alter(measure, deadline_in_force=ON)
    return demo


def alter(measure: Measure, **facts: Any) -> None:
    """As it stands since its last change."""
    Measure.objects.filter(pk=measure.pk).update(**facts)
    PastState.objects.filter(measure=measure, until=None).update(**facts)


def some_filters(chance: random.Random) -> dict[str, Any]:
    """Up to three of them; where more is chosen nothing is found."""
    agencies = list(Agency.objects.filter(assignments__isnull=False).distinct().values_list("pk", flat=True))
    every: dict[str, Any] = {
        "list": lambda: chance.sample([one.slug for one in ReformList.objects.filter(open_to="public")], 2),
        "section": lambda: chance.sample(range(1, 13), 3),
        "item": lambda: chance.sample(range(1, 201), 60),
        "lead": lambda: chance.sample(agencies, 3),
        "responsible": lambda: chance.sample(agencies, 3),
        "agency": lambda: chance.sample(agencies, 2),
        "deadline": lambda: chance.sample(["2022-12-31", "2022-06-15", "none", "2023-06-30"], 2),
        "deadline_after": lambda: "2022-06-15",
        "deadline_before": lambda: "2022-12-31",
        "light": lambda: chance.sample(Light.values, 3),
        "status": lambda: chance.sample(Status.values, 2),
        "disposition": lambda: chance.sample(Disposition.values, 2),
        "national": lambda: chance.choice(["true", "false"]),
        "standing": lambda: chance.choice(["true", "false"]),
        "extended": lambda: "false",
        "search": lambda: chance.choice(["企业", "市场 2022", "服务 市市场监管局", "市中院", "市", "51-2", "第3项"]),
        "id": lambda: list(Measure.objects.values_list("pk", flat=True)[:90]),
    }
    chosen = {name: every[name]() for name in chance.sample(sorted(every), chance.randint(0, 3))}
    # One in three asks for a past day.
    return (
        chosen | {"on": chance.choice(["2022-01-15", "2022-03-31", "2022-06-01"])} if chance.random() < 0.3 else chosen
    )


def told(tally: Tally | Stored) -> dict[str, Any]:
    """All numbers of one."""
    names = [name for name in NAMES if tally.view.sees_status or name not in OF_STATUS]
    agencies = {name: tally.of_agencies(name, part) for name, part in OF_AGENCIES_BY_PART.items()}
    return {"total": tally.total, **{name: tally.of(name) for name in names}, **agencies}


@pytest.mark.parametrize("who", [NOBODY, OFFICE], ids=["visitor", "office"])
def test_memory_and_database_count_alike(mixed: ReformList, who: Principal) -> None:
    chance, found = random.Random(11), 0  # chosen by chance
    for _ in range(60):
        address = f"?{urlencode(some_filters(chance), doseq=True)}"
        filters = asked(address, who=who)
        assert told(Tally(filters)) == told(Stored(filters)), address
        found += Tally(filters).total > 0
    assert found > 25


@pytest.mark.parametrize("who", [NOBODY, OFFICE], ids=["visitor", "office"])
def test_memory_and_database_have_the_same_order(
    mixed: ReformList, who: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As of a long list, of which only the first are sorted.
    monkeypatch.setattr("reforms.catalogue.seen.FEW", 20)
    for order in ORDERS:
        for chosen in ("", "&section=1&section=2&section=5", "&light=overdue&on=2022-06-01", "&list=many-2"):
            if who is NOBODY and order in STATUS_ORDERINGS and not chosen.startswith("&list"):
                continue
            filters: MeasureFilter = asked(f"?ordering={order}{chosen}", who=who)
            kept, stored = Tally(filters).keys(), list(Stored(filters).keys())
            for start in (0, 5, 40, len(stored) - 3):
                part = slice(max(start, 0), max(start, 0) + 7)
                assert list(kept[part]) == stored[part], (order, chosen, start)
            assert len(kept) == len(stored)


@pytest.mark.parametrize("query", ["", "search=企业", "search=区块链&lead=市交通运输局", "search=51-2"])
def test_where_few_are_searched_the_database_looks_at_those_alone(
    mixed: ReformList, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found, "WORTH_STORING", 1)
    filters = asked(f"?{query}")
    every = list(filters.sortable().values_list("pk", flat=True))
    few = searched_first(filters.sortable(), filters)
    assert list(few.values_list("pk", flat=True)) == every
    assert every
    assert (str(few.query) == str(filters.sortable().query)) == (not query)
    monkeypatch.setattr(found, "MOST_BY_ID", -1)
    assert str(searched_first(filters.sortable(), filters).query) == str(filters.sortable().query)
