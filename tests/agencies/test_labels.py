"""What the log and every signed row keep of who did it fits, however many agencies and however long the names."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from agencies.access import LONGEST_LABEL, Principal
from agencies.models import Agency, Membership, Role, Token, User
from agencies.people.tokens import issue_token
from reforms.models import Measure, ProgressReport
from tests.conftest import ON, REAL_LIST, PersonMaker


@pytest.fixture
def everywhere(person: PersonMaker, transport: Agency) -> User:
    """The reporter of 市交通运输局, and of sixteen other agencies."""
    user = person(Role.REPORTER, agency=transport, username="everywhere")
    others = Agency.objects.filter(kind=Agency.Kind.SINGLE).exclude(pk=transport.pk)[:16]
    for agency in others:
        Membership.objects.create(user=user, agency=agency, role=Role.REPORTER)
    return user


def test_it_names_one_agency_and_counts_the_others(everywhere: User) -> None:
    assert Principal.of_user(everywhere).label == "everywhere（市交通运输局等17个单位）"


def test_few_agencies_are_all_named(person: PersonMaker, transport: Agency, market: Agency) -> None:
    user = person(Role.REPORTER, agency=transport, username="two")
    Membership.objects.create(user=user, agency=market, role=Role.REPORTER)
    assert Principal.of_user(user).label == "two（市交通运输局、市市场监管局）"


def test_whoever_works_for_seventeen_agencies_can_report(everywhere: User, led: Measure, client: Client) -> None:
    client.force_login(everywhere, backend="agencies.people.sign_in.PasswordBackend")
    said = {"progress": "已印发方案。", "form_key": "seventeen", "outlook": "on_schedule"}
    duty = led.duties.get(agency__name="市交通运输局")
    answer = client.post(f"/measures/{led.pk}/report/", said | {"agency": str(duty.agency_id)})
    assert answer.status_code == 302
    assert ProgressReport.objects.get(measure=led).author == "everywhere（市交通运输局等17个单位）"


def test_the_longest_names_fit(transport: Agency, person: PersonMaker) -> None:
    transport.name = "局" * 120
    transport.save()
    user = person(Role.REPORTER, agency=transport, username="名" * 150)
    token, _secret = issue_token(
        agency=transport, name="用" * 80, read_only=True, days=1, who=Principal.of_user(user), on=ON
    )
    assert len(Principal.of_user(user).label) <= LONGEST_LABEL
    assert len(Principal.of_token(token).label) <= LONGEST_LABEL


def test_a_token_for_too_long_a_purpose_is_refused_in_words(transport: Agency) -> None:
    with pytest.raises(CommandError, match="用途为1至80字"):
        call_command("issue_token", transport.name, name="用" * 81)
    assert not Token.objects.exists()


def test_a_list_under_too_long_an_address_is_refused_in_words(db: None) -> None:
    with pytest.raises(CommandError, match="--list=a"):
        call_command("import_list", str(REAL_LIST), slug="a" * 81, yes=True)


def test_a_directory_with_too_long_a_name_is_refused_in_words(db: None, tmp_path: Path) -> None:
    directory = tmp_path / "agencies.json"
    directory.write_text(json.dumps({"agencies": [{"name": "市新设局", "full_name": "局" * 201}]}))
    with pytest.raises(CommandError, match="单位“市新设局”"):
        call_command("load_agencies", str(directory))
    assert not Agency.objects.filter(name="市新设局").exists()
