"""Drafts of reports: kept as they are typed, shared with colleagues, and never lost to one another."""

from collections.abc import Callable

import pytest
from django.test import Client
from lxml import html

from agencies.models import Agency, Change, Role, User
from reforms.models import Measure, ProgressReport
from tests.conftest import ON, PersonMaker
from tests.reforms.documents import PDF, upload
from tests.reforms.sheets import address_of, fields_of, keep, opened, send
from tests.reforms.shown import plain

SignIn = Callable[[User], Client]


def as_person(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")
    return client


@pytest.fixture
def mine(reporter: User) -> Client:
    return as_person(reporter)


@pytest.fixture
def theirs(person: PersonMaker, transport: Agency) -> Client:
    """The browser of a colleague."""
    return as_person(person(Role.REPORTER, agency=transport, username="second.reporter"))


def test_what_is_typed_is_there_again_on_another_machine(mine: Client, theirs: Client, led: Measure) -> None:
    answer = keep(mine, led, opened(mine, led) | {"progress": "写到一半", "outlook": "behind", "is_claim": "on"})
    assert answer.status_code == 200
    assert "草稿已保存" in answer.content.decode()
    form = opened(theirs, led)
    assert (form["progress"], form["outlook"], form["is_claim"]) == ("写到一半", "behind", "on")


def test_a_draft_may_still_be_empty_and_is_nobodys_word(mine: Client, led: Measure) -> None:
    before = Change.objects.count()
    assert keep(mine, led, opened(mine, led) | {"progress": "", "problems": "先记一笔"}).status_code == 200
    led.refresh_from_db()
    assert led.status == "not_reported"
    assert Change.objects.count() == before
    assert "先记一笔" not in mine.get(f"/measures/{led.pk}/").content.decode()


def test_the_button_does_the_same_without_javascript(mine: Client, led: Measure) -> None:
    answer = keep(mine, led, opened(mine, led) | {"progress": "按按钮保存"}, typing=False)
    assert answer.status_code == 302
    shown = mine.get(answer["Location"]).content.decode()
    assert "草稿已保存" in shown
    assert fields_of(shown)["progress"] == "按按钮保存"


def test_typing_on_takes_the_version_it_was_told(mine: Client, led: Measure) -> None:
    form = opened(mine, led)
    assert form["draft_seen"] == "0"
    for n in (1, 2, 3):
        answer = keep(mine, led, form | {"progress": f"第{n}稿", "draft_seen": str(n - 1)})
        assert f'data-version="{n}"' in answer.content.decode()
    assert ProgressReport.objects.get().progress == "第3稿"


def test_a_page_that_did_not_hear_the_answer_is_no_colleague(mine: Client, led: Measure) -> None:
    """The network fails after the text arrived: the same form sends on with the version it knew."""
    form = opened(mine, led)
    keep(mine, led, form | {"progress": "第一稿"})
    assert keep(mine, led, form | {"progress": "第二稿"}).status_code == 200
    assert ProgressReport.objects.get().progress == "第二稿"


@pytest.mark.parametrize("typing", [True, False], ids=["typing", "button"])
def test_two_who_write_at_once_see_both_texts(mine: Client, theirs: Client, led: Measure, *, typing: bool) -> None:
    form = opened(mine, led)
    keep(theirs, led, opened(theirs, led) | {"progress": "同事的稿子"})
    answer = keep(mine, led, form | {"progress": "我的稿子"}, typing=typing)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert [text for text in ("同事的稿子", "我的稿子", "用我的", "用对方的") if text not in shown] == []
    assert shown.count("不同") == 1
    assert shown.lstrip().startswith("<section") is typing
    assert ProgressReport.objects.get().progress == "同事的稿子"


def test_whoever_has_seen_both_may_keep_their_own(mine: Client, theirs: Client, led: Measure) -> None:
    form = opened(mine, led)
    keep(theirs, led, opened(theirs, led) | {"progress": "同事的稿子"})
    shown = keep(mine, led, form | {"progress": "我的稿子"}, typing=False).content.decode()
    assert keep(mine, led, fields_of(shown), typing=False).status_code == 302
    assert ProgressReport.objects.get().progress == "我的稿子"


def test_a_report_does_not_swallow_what_a_colleague_wrote(mine: Client, theirs: Client, led: Measure) -> None:
    form = opened(mine, led) | {"progress": "我要报送"}
    keep(theirs, led, opened(theirs, led) | {"progress": "同事的稿子"})
    answer = send(mine, led, form)
    assert answer.status_code == 409
    assert "同事的稿子" in answer.content.decode()
    assert send(mine, led, fields_of(answer.content.decode())).status_code == 302
    assert ProgressReport.objects.get().progress == "我要报送"


def seen_in(fragment: str) -> str:
    """The version that htmx puts into the form beside the files."""
    return str(html.fromstring(fragment).xpath('//input[@id="id_draft_seen" and @hx-swap-oob]/@value')[0])


@pytest.mark.parametrize("typing", [True, False], ids=["typing", "button"])
def test_a_report_does_not_go_out_with_files_its_writer_has_not_seen(
    mine: Client, theirs: Client, led: Measure, *, typing: bool
) -> None:
    keep(mine, led, opened(mine, led) | {"progress": "我要报送"}, typing=typing)
    form = opened(mine, led)
    draft = ProgressReport.objects.get()
    theirs.post(f"/reports/{draft.pk}/evidence/", {"files": upload("同事的材料.pdf", PDF)})
    answer = send(mine, led, form)
    assert answer.status_code == 409
    assert "草稿现有的佐证材料： 同事的材料.pdf" in plain(answer.content.decode())
    assert ProgressReport.objects.get().state == "draft"
    theirs.post(f"/evidence/{draft.evidence.get().pk}/remove/")
    assert send(mine, led, fields_of(answer.content.decode())).status_code == 409
    assert send(mine, led, opened(mine, led)).status_code == 302


def test_the_form_beside_the_files_knows_of_those_it_added_itself(mine: Client, theirs: Client, led: Measure) -> None:
    keep(mine, led, opened(mine, led) | {"progress": "我要报送"})
    form, draft = opened(mine, led), ProgressReport.objects.get()
    within = {"HX-Request": "true"}
    address, beside = f"/reports/{draft.pk}/evidence/", {name: form[name] for name in ("form_key", "draft_seen")}
    answer = mine.post(address, {"files": upload("我的材料.pdf", PDF), **beside}, headers=within)
    form |= {"draft_seen": seen_in(answer.content.decode())}
    assert keep(mine, led, form | {"progress": "接着写"}).status_code == 200
    keep(theirs, led, opened(theirs, led) | {"progress": "同事接着写"})
    answer = mine.post(address, {"files": upload("又一份.pdf", PDF + b"1"), **beside}, headers=within)
    form |= {"draft_seen": seen_in(answer.content.decode())}
    assert "同事接着写" in keep(mine, led, form | {"progress": "我没有看到"}).content.decode()


def test_the_draft_becomes_the_report(mine: Client, led: Measure) -> None:
    keep(mine, led, opened(mine, led) | {"progress": "写好了"})
    draft = ProgressReport.objects.get()
    send(mine, led, opened(mine, led))
    assert ProgressReport.objects.get().pk == draft.pk
    assert not ProgressReport.objects.drafts().exists()
    assert "草稿已保存" not in mine.get(address_of(led)).content.decode()


def test_what_arrives_after_the_report_begins_no_new_draft(mine: Client, led: Measure) -> None:
    form = opened(mine, led) | {"progress": "写好了"}
    send(mine, led, form)
    assert keep(mine, led, form).status_code == 409
    assert not ProgressReport.objects.drafts().exists()


def test_a_text_too_long_to_keep_is_said(mine: Client, led: Measure) -> None:
    answer = keep(mine, led, opened(mine, led) | {"progress": "长" * 5001})
    assert answer.status_code == 422
    assert "尚未保存：工作进展：" in answer.content.decode()
    assert not ProgressReport.objects.exists()


def test_a_measure_that_was_closed_meanwhile_keeps_no_draft_and_says_so(mine: Client, led: Measure) -> None:
    form = opened(mine, led) | {"progress": "晚了一步"}
    Measure.objects.filter(pk=led.pk).update(status="closed", closed_on=ON)
    for typing in (True, False):
        answer = keep(mine, led, form, typing=typing)
        assert answer.status_code == 422
        assert "该举措已销号" in answer.content.decode()


def test_a_draft_is_thrown_away_once_it_was_shown(mine: Client, theirs: Client, led: Measure) -> None:
    keep(mine, led, opened(mine, led) | {"progress": "不要了"})
    address = f"/measures/{led.pk}/draft/discard/"
    assert "不要了" in mine.get(address).content.decode()
    keep(theirs, led, opened(theirs, led) | {"progress": "同事还要"})
    answer = mine.post(address, {"seen": "1"})
    assert answer.status_code == 409
    assert "同事还要" in answer.content.decode()
    assert mine.post(address, {"seen": "2"}).status_code == 302
    assert not ProgressReport.objects.exists()


def test_drafts_are_for_the_agency_alone(
    mine: Client, led: Measure, person: PersonMaker, market: Agency, transport: Agency
) -> None:
    keep(mine, led, opened(mine, led) | {"progress": "还没想好"})
    stranger = as_person(person(Role.REPORTER, agency=market))
    form = {"agency": transport.pk, "progress": "x", "form_key": "k", "outlook": "on_schedule"}
    assert keep(stranger, led, form).status_code == 403
    assert stranger.get(f"/measures/{led.pk}/draft/discard/").status_code == 403
    for reader in (as_person(person(Role.SUPERVISOR)), as_person(person(Role.VIEWER, agency=transport))):
        assert "还没想好" not in reader.get(f"/measures/{led.pk}/").content.decode()
