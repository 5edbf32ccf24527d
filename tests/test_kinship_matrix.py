"""The access matrix once more, for people and tokens of an agency that acts beside the one in question, and of one that
has no part in it: every address and method. What differs from the leading agency stands here; all else must not."""

from itertools import product
from typing import Any

import pytest

from agencies.models import Agency, Role
from reforms.models import Duty, Measure, Part
from tests.test_access_matrix import (
    API_NAMES,
    LIVING_TOKENS,
    NOT_TAKEN,
    NOT_THERE,
    REFUSED,
    TABLE,
    cookie_of,
    expected,
    objects,
    outcomes,
    secret_of,
    user_called,
)
from tests.turns import shared_out

__all__ = ["objects"]

STAFF = (Role.VIEWER, Role.HEAD, Role.REPORTER, Role.APPROVER)
WRITERS = (Role.REPORTER, Role.APPROVER, "write token")
Differing = dict[tuple[str, str], str]


def all_to(outcome: str, *places: tuple[str, str]) -> Differing:
    return dict.fromkeys(places, outcome)


# What another agency's reports, requests, matters, orders and notices are to whoever reads, writes and signs elsewhere.
READING = all_to(
    NOT_THERE,
    *(("evidence", "get"), ("matter", "get"), ("matter", "post"), ("notice", "get"), ("see-notice", "post")),
    *(("star-view", "post"), ("watch-view", "post")),
    *(("withdraw-report", "post"), ("order", "get"), ("order", "post"), ("order-docx", "get")),
    *(("bulletin", "get"), ("bulletin", "post"), ("bulletin-docx", "get")),
    *((f"api-{name}", "get") for name in ("report", "report-evidence", "evidence", "extension")),
)
WRITING = all_to(
    NOT_THERE,
    *((name, "post") for name in ("add-evidence", "remove-evidence", "api-report-evidence", "api-extension-withdraw")),
    ("withdraw-extension", "post"),
    *((f"api-report-{deed}", "post") for deed in ("submit", "withdraw")),
    *(("api-report", "patch"), ("api-report", "delete"), ("api-evidence", "delete")),
) | all_to(
    REFUSED,
    *((name, "post") for name in ("acknowledge", "measure-members")),
    ("measure-members", "get"),
    *((name, method) for name in ("plan-milestone", "milestone") for method in ("get", "post")),
)
SIGNING = all_to(
    NOT_THERE,
    *((f"api-{thing}-{deed}", "post") for thing in ("report", "extension") for deed in ("sign", "send-back")),
    *((f"sign-{thing}", method) for thing in ("claim", "extension") for method in ("get", "post")),
)
# Who acts beside the lead reports, drafts and reads its own, but does not ask for more time: that is the lead's.
BESIDE = all_to(NOT_TAKEN, ("api-ask-extension", "post"))
# Who has no part in a measure does nothing there.
STRANGE = all_to(
    REFUSED,
    *((name, method) for name in ("report", "ask-extension", "desk-report", "duty") for method in ("get", "post")),
    *(("discard-draft", "get"), ("discard-draft", "post"), ("save-draft", "post"), ("report-unchanged", "post")),
    *(("api-reports", "post"), ("api-ask-extension", "post")),
)
STRANGE_READING = all_to(REFUSED, ("api-reports", "get"))


def differing_for(who: str, kin: str) -> Differing:
    """What the rules say of somebody of another agency."""
    differs = READING | (STRANGE_READING if kin == "stranger" else {})
    if who in WRITERS:
        differs |= WRITING | (STRANGE if kin == "stranger" else BESIDE)
    if who == Role.APPROVER:
        differs |= SIGNING
    if who in (Role.HEAD, Role.REPORTER, Role.APPROVER):
        differs |= all_to(NOT_THERE, ("letters", "post"))
    if who in LIVING_TOKENS:
        differs = {place: outcome for place, outcome in differs.items() if place[0] in API_NAMES}
    return differs


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


@pytest.mark.parametrize(("kin", "who"), shared_out([*product(("beside", "stranger"), STAFF)], days=3))
def test_people(who: str, kin: str, objects: dict[str, int], request: pytest.FixtureRequest) -> None:
    agency = request.getfixturevalue(kin)
    options = {"cookie": cookie_of(user_called(who, agency))}
    assert differing(options, who, list(TABLE), objects) == differing_for(who, kin)


@pytest.mark.parametrize("who", LIVING_TOKENS)
@pytest.mark.parametrize("kin", ["beside", "stranger"])
def test_tokens(who: str, kin: str, objects: dict[str, int], request: pytest.FixtureRequest) -> None:
    agency = request.getfixturevalue(kin)
    options = {"headers": {"Authorization": f"Bearer {secret_of(who, agency)}"}}
    assert differing(options, who, API_NAMES, objects) == differing_for(who, kin)
