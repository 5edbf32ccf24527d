"""One-time codes on paper: printed once, good for one password, dead after use, replacement, time or shutting out."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agencies.access import PORTAL
from agencies.models import AccessCode, Change, Role, User
from agencies.people.accounts import set_active
from agencies.people.attempts import PAUSE, TRIES
from agencies.people.codes import ALPHABET, CodeIsGone, find_code, issue_codes, use_code
from agencies.people.links import one_time_link
from tests.conftest import ON, PersonMaker

NEW = "a new passphrase 7"


@pytest.fixture
def office(person: PersonMaker) -> Client:
    """The browser of an administrator."""
    client = Client()
    client.force_login(person(Role.ADMINISTRATOR), backend="agencies.people.sign_in.PasswordBackend")
    return client


def code_for(user: User) -> str:
    return issue_codes([user.pk], who=PORTAL, on=ON)[0].code


def enter(username: str, code: str, password: str = NEW, client: Client | None = None) -> Any:
    form = {"username": username, "code": code, "new_password1": password, "new_password2": password}
    return (client or Client()).post("/code/", form)


def can_sign_in(user: User, password: str) -> bool:
    return Client().post("/sign-in/", {"username": user.username, "password": password}).status_code == 302


def test_a_slip_says_where_who_and_what(office: Client, reporter: User) -> None:
    page = office.post("/people/codes/", {"people": [reporter.pk]}).content.decode()
    (code,) = re.findall(rf"(?:[{ALPHABET}]{{4}}-){{3}}[{ALPHABET}]{{4}}", page)
    assert reporter.username in page
    assert "http://127.0.0.1:8000/code/" in page
    assert len(ALPHABET) ** len(code.replace("-", "")) >= 2**60
    assert enter(reporter.username, code).status_code == 302


def test_a_code_is_kept_nowhere(office: Client, reporter: User) -> None:
    slip = office.post("/people/codes/", {"people": [reporter.pk]}).context["slips"][0]
    plain = slip.code.replace("-", "")
    kept = " ".join(str(row) for row in [*AccessCode.objects.values(), *Change.objects.values()])
    assert slip.code not in kept
    assert plain not in kept
    assert Change.objects.latest("sequence").action == "person.code_issued"


def test_several_people_get_a_slip_each(office: Client, person: PersonMaker, reporter: User) -> None:
    gone = person(Role.HEAD)
    set_active(gone, active=False, who=PORTAL, on=ON)
    people = [reporter, person(Role.VIEWER), gone]
    response = office.post("/people/codes/", {"people": [user.pk for user in people]})
    assert [slip.user for slip in response.context["slips"]] == people[:2]
    assert response.content.decode().count('<li class="slip">') == 2
    assert "有1人已停用" in response.content.decode()


@pytest.mark.parametrize("ticked", [[], ["x"], ["²"], ["9" * 30]])
def test_without_anybody_ticked_it_says_what_to_do(office: Client, ticked: list[str]) -> None:
    page = office.post("/people/codes/", {"people": ticked}, follow=True).content.decode()
    assert "请先勾选人员" in page


def test_a_code_sets_a_password_and_signs_in(client: Client, reporter: User) -> None:
    assert enter(reporter.username, code_for(reporter), client=client)["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200
    assert can_sign_in(reporter, NEW)
    used = Change.objects.latest("sequence")
    assert (used.action, used.user_id) == ("person.code_used", reporter.pk)


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: code.lower(),
        lambda code: code.replace("-", " "),
        lambda code: f" {code.replace('-', '')} ",
        lambda code: "".join(chr(ord(sign) + 0xFEE0) for sign in code),  # full-width, as Chinese keyboards give it
    ],
)
def test_how_a_code_is_typed_does_not_matter(reporter: User, typed: Callable[[str], str]) -> None:
    assert enter(reporter.username, typed(code_for(reporter))).status_code == 302


def test_the_name_may_be_typed_in_full_width_letters_as_at_the_sign_in(reporter: User) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in reporter.username)
    assert enter(f" {wide}", code_for(reporter)).status_code == 302


def test_a_code_works_once(reporter: User) -> None:
    code = code_for(reporter)
    enter(reporter.username, code)
    assert enter(reporter.username, code, "an intruder 99 wants in").status_code == 422
    assert not can_sign_in(reporter, "an intruder 99 wants in")


def test_of_two_who_use_a_code_at_once_one_gets_in(reporter: User) -> None:
    code = code_for(reporter)
    first, second = find_code(reporter.username, code), find_code(reporter.username, code)
    assert first
    assert second
    use_code(first, NEW, on=ON)
    with pytest.raises(CodeIsGone):
        use_code(second, "an intruder 99 wants in", on=ON)
    assert can_sign_in(reporter, NEW)


def test_a_new_code_ends_the_earlier_one(reporter: User) -> None:
    earlier, later = code_for(reporter), code_for(reporter)
    assert enter(reporter.username, earlier).status_code == 422
    assert enter(reporter.username, later).status_code == 302


def test_shutting_out_ends_a_code(reporter: User) -> None:
    code = code_for(reporter)
    set_active(reporter, active=False, who=PORTAL, on=ON)
    assert enter(reporter.username, code).status_code == 422
    set_active(reporter, active=True, who=PORTAL, on=ON)
    assert enter(reporter.username, code).status_code == 422


def test_a_password_chosen_by_link_ends_a_code(client: Client, reporter: User) -> None:
    code = code_for(reporter)
    where = client.get("/" + one_time_link(reporter).split("/", 3)[3]).headers["Location"]
    client.post(where, {"new_password1": NEW, "new_password2": NEW})
    assert can_sign_in(reporter, NEW)
    assert enter(reporter.username, code, "an intruder 99 wants in").status_code == 422


def test_a_code_is_good_for_seven_days(reporter: User) -> None:
    code = code_for(reporter)
    kept = AccessCode.objects.get()
    assert dt.timedelta(days=6, hours=23) < kept.expires_at - timezone.now() <= dt.timedelta(days=7)
    AccessCode.objects.update(expires_at=timezone.now())
    assert enter(reporter.username, code).status_code == 422


def test_the_code_of_one_lets_no_other_in(reporter: User, person: PersonMaker) -> None:
    other = person(Role.VIEWER)
    assert enter(other.username, code_for(reporter)).status_code == 422


def test_a_weak_password_does_not_use_the_code_up(reporter: User) -> None:
    code = code_for(reporter)
    assert enter(reporter.username, code, "12345678").status_code == 422
    assert enter(reporter.username, code).status_code == 302


def test_a_wrong_code_tells_nothing_of_the_name(reporter: User) -> None:
    code_for(reporter)
    pages = {str(enter(name, "A" * 16, "12345678").context["form"].errors) for name in (reporter.username, "nobody")}
    assert len(pages) == 1


def test_five_wrong_codes_pause_the_name_also_at_the_sign_in(reporter: User) -> None:
    code = code_for(reporter)
    for _ in range(TRIES):
        assert enter(reporter.username, "A" * 16).status_code == 422
    paused = enter(reporter.username, code)
    assert paused.status_code == 429
    assert PAUSE - 30 < int(paused["Retry-After"]) <= PAUSE
    assert Client().post("/sign-in/", {"username": reporter.username, "password": "x"}).status_code == 429


def test_a_form_that_is_not_filled_in_counts_as_no_guess(reporter: User) -> None:
    code = code_for(reporter)
    for _ in range(TRIES):
        assert enter(reporter.username, "").status_code == 422
        assert enter(reporter.username, code, "12345678").status_code == 422
    assert enter(reporter.username, code).status_code == 302


def test_the_sign_in_page_leads_there(client: Client, db: None) -> None:
    assert 'href="/code/"' in client.get("/sign-in/").content.decode()
