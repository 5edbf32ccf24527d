"""The rule module, verb by verb and role by role; what the table does not allow is denied."""

import pytest

from agencies.access import NOBODY, PORTAL, RULES, Principal, Verb, agencies_for, may
from agencies.models import Role

OWN, OTHER = 1, 2
ALL = set(Role)
STAFF = {Role.VIEWER, Role.HEAD, Role.REPORTER, Role.APPROVER}
WRITERS = {Role.REPORTER, Role.APPROVER}
OFFICE = {Role.SUPERVISOR, Role.AUDITOR}
# verb: who may for an object of their own agency, who for one of another, and whether it writes
TABLE: dict[Verb, tuple[set[Role], set[Role], bool]] = {
    Verb.READ: (ALL, ALL, False),
    Verb.READ_UNPUBLISHED: (
        {Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR},
        {Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR},
        False,
    ),
    Verb.READ_STATUS: (ALL, ALL, False),
    Verb.READ_REPORTS: (STAFF | OFFICE, OFFICE, False),
    Verb.USE_DESK: (ALL, ALL, False),
    Verb.REPORT: (WRITERS, set(), True),
    Verb.PLAN: (WRITERS | {Role.SUPERVISOR}, {Role.SUPERVISOR}, True),
    Verb.MANAGE_AGENCIES: ({Role.ADMINISTRATOR}, {Role.ADMINISTRATOR}, True),
    Verb.NAME_MEMBERS: (WRITERS | {Role.SUPERVISOR, Role.ADMINISTRATOR}, {Role.SUPERVISOR, Role.ADMINISTRATOR}, True),
    Verb.MANAGE_IMPORTS: ({Role.ADMINISTRATOR}, {Role.ADMINISTRATOR}, True),
    Verb.READ_ORIGINALS: (ALL, ALL, False),
    Verb.READ_LOG: ({Role.AUDITOR}, {Role.AUDITOR}, False),
    Verb.MANAGE_PEOPLE: ({Role.ADMINISTRATOR}, {Role.ADMINISTRATOR}, True),
    Verb.MANAGE_TOKENS: ({Role.ADMINISTRATOR}, {Role.ADMINISTRATOR}, True),
    Verb.SIGN: ({Role.APPROVER}, set(), True),
    Verb.ENTER_FOR: (set(), {Role.SUPERVISOR}, True),
    Verb.ISSUE: ({Role.HEAD}, set(), True),
    Verb.REVIEW: (set(), {Role.SUPERVISOR}, True),
    Verb.STEER: (set(), {Role.SUPERVISOR}, True),
    Verb.MANAGE_LISTS: ({Role.SUPERVISOR, Role.ADMINISTRATOR}, {Role.SUPERVISOR, Role.ADMINISTRATOR}, True),
    Verb.MANAGE_REMINDERS: ({Role.SUPERVISOR, Role.ADMINISTRATOR}, {Role.SUPERVISOR, Role.ADMINISTRATOR}, True),
}
FOR_ANYONE = {Verb.READ}


def holder(role: Role, *, read_only: bool = False) -> Principal:
    return Principal(label="x", user_id=1, roles=frozenset({(role, OWN)}), read_only=read_only)


def test_the_table_holds_every_verb() -> None:
    assert set(TABLE) == set(Verb) == set(RULES)


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_table_says(verb: Verb, role: Role) -> None:
    own, other, writes = TABLE[verb]
    assert may(holder(role), verb, [OWN]) is (role in own)
    assert may(holder(role), verb, [OTHER]) is (role in other)
    assert may(holder(role), verb, [OTHER, OWN]) is (role in own)
    assert may(holder(role), verb, []) is (role in other)
    assert may(holder(role), verb) is (role in own | other)
    assert may(holder(role, read_only=True), verb, [OWN]) is (role in own and not writes)


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("who", [NOBODY, PORTAL, Principal(label="no role", user_id=1)])
def test_without_a_role_one_may_only_read_what_is_for_all(verb: Verb, who: Principal) -> None:
    assert may(who, verb, [OWN]) is may(who, verb) is (verb in FOR_ANYONE)


def test_what_is_no_verb_is_denied() -> None:
    assert not any(may(holder(role), "delete_everything") for role in Role)  # type: ignore[arg-type]


def test_one_acts_for_the_agencies_of_ones_role_only() -> None:
    both = Principal(label="x", user_id=1, roles=frozenset({(Role.REPORTER, OWN), (Role.VIEWER, OTHER)}))
    assert agencies_for(both, Verb.REPORT) == {OWN}
    assert agencies_for(both, Verb.READ_REPORTS) == {OWN, OTHER}
    assert agencies_for(both, Verb.READ) == set()
    assert agencies_for(holder(Role.REPORTER, read_only=True), Verb.REPORT) == set()
