"""谁可以做什么: the table says what the rules say."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils.translation import override

from agencies.access import LABELS, NOBODY, RULES, Principal, Reach, Verb, may, reach_table
from agencies.models import Agency, Role, User
from tests.conftest import PersonMaker

OWN, OTHER = 1, 2


def test_every_verb_has_words_of_its_own() -> None:
    assert set(LABELS) == set(Verb)
    with override("zh-hans"):
        assert len({str(label) for label in LABELS.values()}) == len(Verb)


@pytest.mark.parametrize("role", Role)
def test_the_table_says_what_the_rules_answer(role: Role) -> None:
    who = Principal(label="x", user_id=1, roles=frozenset({(role, OWN)}))
    for verb, row in zip(RULES, reach_table(), strict=True):
        reach = row.reaches[list(Role).index(role)]
        assert may(who, verb, [OWN]) is (reach in {Reach.ANYWHERE, Reach.OWN})
        assert may(who, verb, [OTHER]) is (reach in {Reach.ANYWHERE, Reach.OTHERS})
        assert may(NOBODY, verb) is row.anyone


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
def test_every_member_can_read_it(
    client: Client, signed_in: Callable[[User], Client], person: PersonMaker, transport: Agency, role: Role
) -> None:
    page = signed_in(person(role, agency=transport)).get("/people/roles/").content.decode()
    assert page.count("<tr>") == len(Verb) + 1
    assert "管理人员与角色" in page
    assert 'href="/people/roles/"' in client.get("/desk/").content.decode()
