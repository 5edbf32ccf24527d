"""The access matrix once more, for people and tokens of an agency that acts beside the one in question, and of one that
has no part in it: every address and method. What differs from the leading agency stands here; all else must not."""

from typing import Any

import pytest

from agencies.models import Agency, Role
from reforms.models import Duty, Measure, Part
from tests.test_access_matrix import (
    API_NAMES,
    LIVING_TOKENS,
    TABLE,
    cookie_of,
    expected,
    objects,
    outcomes,
    secret_of,
    user_called,
)

__all__ = ["objects"]

STAFF = (Role.VIEWER, Role.HEAD, Role.REPORTER, Role.APPROVER)
Differing = dict[tuple[str, str], str]


@pytest.fixture
def beside(led: Measure, market: Agency) -> Agency:
    """An agency that acts on the measures in question without leading them."""
    for measure in Measure.objects.printed_for([Agency.objects.get(name="市交通运输局").pk], Part.LEAD):
        Duty.objects.get_or_create(measure=measure, agency=market, defaults={"part": Part.RESPONSIBLE})
    return market


@pytest.fixture
def stranger(led: Measure) -> Agency:
    return Agency.objects.filter(kind=Agency.Kind.SINGLE).exclude(duties__measure=led).order_by("-pk")[0]


def differing(options: dict[str, Any], who: str, names: list[str], things: dict[str, int]) -> Differing:
    """What is answered otherwise than somebody of the leading agency would be."""
    found, usual = outcomes(options, names, things), expected(who, names)
    return {place: found[place] for place in usual if found[place] != usual[place]}


@pytest.mark.parametrize("who", STAFF)
@pytest.mark.parametrize("kin", ["beside", "stranger"])
def test_people(who: str, kin: str, objects: dict[str, int], request: pytest.FixtureRequest) -> None:
    agency = request.getfixturevalue(kin)
    options = {"cookie": cookie_of(user_called(who, agency))}
    assert differing(options, who, list(TABLE), objects) == {}


@pytest.mark.parametrize("who", LIVING_TOKENS)
@pytest.mark.parametrize("kin", ["beside", "stranger"])
def test_tokens(who: str, kin: str, objects: dict[str, int], request: pytest.FixtureRequest) -> None:
    agency = request.getfixturevalue(kin)
    options = {"headers": {"Authorization": f"Bearer {secret_of(who, agency)}"}}
    assert differing(options, who, API_NAMES, objects) == {}
