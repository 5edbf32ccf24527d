"""Long editions: compared and taken back by the worker, with the page of how far it is."""

import datetime as dt
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from lxml import html

from agencies.lib.jobs.lease import Lease
from agencies.log.chain import verify
from agencies.models import Change, Membership, Role, User
from importers.editions.apply import revert
from importers.jobs import editions as jobs
from importers.models import EditionJob
from importers.pages import work
from importers.tasks import run_imports
from reforms.models import Audience, ListEdition, Measure, ReformList
from tests.conftest import ON, SLUG, PersonMaker
from tests.importers.editions.test_apply_writers import apply as apply_document
from tests.importers.jobs.test_jobs import small
from tests.importers.pages.test_import_pages import SignIn, words
from tests.importers.plans.test_declines import apply
from tests.importers.plans.test_plan import fourfold, measure
from tests.importers.samples import duty

State = EditionJob.State
BOTH = f"/lists/{SLUG}/editions/1...2/"


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[Any]:
    """Any edition is a long one here, and the worker works when the test says so."""
    calls: list[Any] = []
    settings.MEASURES_OF_AN_EDITION_AT_ONCE = 2
    monkeypatch.setattr(work, "wake", calls.append)
    return calls


@pytest.fixture
def user(person: PersonMaker) -> User:
    return person(Role.ADMINISTRATOR)


@pytest.fixture
def administrator(signed_in: SignIn, user: User) -> Client:
    return signed_in(user)


@pytest.fixture
def second(reform_list: ReformList) -> ListEdition:
    return apply(fourfold(), reform_list)


@pytest.fixture
def job(administrator: Client, second: ListEdition) -> EditionJob:
    """One that has looked what taking the second edition back would change."""
    administrator.post(f"{second.get_absolute_url()}revert/")
    run_imports()
    return EditionJob.objects.get()


def confirmed(client: Client, job: EditionJob) -> Any:
    return client.post(job.get_absolute_url(), {"key": key_on(client.get(job.get_absolute_url()))}, follow=True)


def key_on(page: Any) -> str:
    return str(html.fromstring(page.content.decode()).xpath('//input[@name="key"]/@value')[0])


def in_force() -> int:
    return ListEdition.objects.get(is_in_force=True).number


# Comparing --------------------------------------------------------------------------------------


def test_long_editions_are_compared_by_the_worker_and_shown_as_short_ones_are(
    second: ListEdition, client: Client, woken: list[Any], settings: Any
) -> None:
    assert "这两版很长" in words(client.get(BOTH))
    assert not EditionJob.objects.exists()
    assert "排队等待处理…" in words(client.post(BOTH, follow=True))
    assert woken == [run_imports]
    assert client.get(f"{BOTH}progress/").status_code == 200
    run_imports()
    assert client.get(f"{BOTH}progress/")["HX-Refresh"] == "true"
    pages = [words(client.get(f"{BOTH}{query}")) for query in ("", "?kind=item_renumbered")]
    assert "由216条举措变为216条，共6处改动。" in pages[0]
    settings.MEASURES_OF_AN_EDITION_AT_ONCE = 1_000
    assert pages == [words(client.get(f"{BOTH}{query}")) for query in ("", "?kind=item_renumbered")]


def test_no_request_compares_long_editions(
    second: ListEdition, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_long(*_documents: object) -> None:
        raise AssertionError("compared within the request")

    monkeypatch.setattr("importers.pages.editions.compare", too_long)
    assert client.get(BOTH).status_code == 200
    assert client.post(BOTH).status_code == 302


def test_what_is_kept_is_not_compared_again(second: ListEdition, client: Client, administrator: Client) -> None:
    client.post(BOTH)
    administrator.post(BOTH)
    run_imports()
    administrator.post(BOTH)
    assert EditionJob.objects.get().state == State.READY


def test_a_comparison_is_kept_for_thirty_days(second: ListEdition, client: Client) -> None:
    client.post(BOTH)
    run_imports()
    for days, kept in ((29, True), (31, False)):
        EditionJob.objects.update(created_at=Now() - dt.timedelta(days=days))
        jobs.run_waiting()
        assert EditionJob.objects.exists() is kept


def test_a_comparison_of_a_list_that_was_closed_is_nobody_s_any_more(second: ListEdition, client: Client) -> None:
    client.post(BOTH)
    run_imports()
    ReformList.objects.update(open_to=Audience.OFFICE)
    assert client.get(BOTH).status_code == client.get(f"{BOTH}progress/").status_code == 404
    assert client.post(BOTH).status_code == 404


def test_one_that_kills_its_workers_is_given_up_and_can_be_asked_for_again(second: ListEdition, client: Client) -> None:
    client.post(BOTH)
    EditionJob.objects.update(attempts=jobs.MOST_ATTEMPTS)
    run_imports()
    assert "比较多次中断，已停止" in words(client.get(BOTH))
    client.post(BOTH)
    run_imports()
    assert "共6处改动" in words(client.get(BOTH))


# Taking back ------------------------------------------------------------------------------------


def test_a_long_edition_is_looked_at_confirmed_and_taken_back_by_the_worker(
    administrator: Client, second: ListEdition, woken: list[Any]
) -> None:
    address = f"{second.get_absolute_url()}revert/"
    assert "先由后台核对" in words(administrator.get(address))
    page = administrator.post(address, follow=True)
    assert "排队等待处理…" in words(page)
    job = EditionJob.objects.get()
    run_imports()
    assert administrator.get(f"{job.get_absolute_url()}progress/")["HX-Refresh"] == "true"
    shown = administrator.get(address, follow=True)
    assert "5条举措将恢复为上一版的内容，1条只在本版出现的举措将标为“调出清单”" in words(shown)
    assert in_force() == 2
    assert "排队等待处理…" in words(confirmed(administrator, job))
    assert (in_force(), len(woken)) == (2, 2)
    run_imports()
    done = words(administrator.get(job.get_absolute_url()))
    assert "已撤回第2版，第1版恢复为现行版本。 恢复 5条 调出 1条 确认人" in done
    assert (in_force(), measure(8).deadline) == (1, dt.date(2022, 12, 31))
    job.refresh_from_db()
    assert Change.objects.get(action="edition.reverted").actor == job.confirmed_by != ""


def test_how_far_the_writing_is_can_be_watched(administrator: Client, job: EditionJob) -> None:
    confirmed(administrator, job)
    jobs.watch_of(job.pk).during("writing")(54, 216)
    assert "正在写入：54 / 216条记录" in words(administrator.get(job.get_absolute_url()))
    assert 'value="25"' in administrator.get(f"{job.get_absolute_url()}progress/").content.decode()


def test_two_who_confirm_at_once_take_it_back_once(
    administrator: Client, job: EditionJob, signed_in: SignIn, person: PersonMaker
) -> None:
    other = signed_in(person(Role.ADMINISTRATOR, username="other"))
    pages = [client.get(job.get_absolute_url()) for client in (administrator, other)]
    assert confirmed(administrator, job).status_code == 200
    late = other.post(job.get_absolute_url(), {"key": key_on(pages[1])}, follow=True)
    assert "该撤回已被确认、取消或正在处理" in late.content.decode()
    run_imports()
    assert Change.objects.filter(action="edition.reverted").count() == 1


def test_who_may_no_longer_does_not_take_back(administrator: Client, job: EditionJob, user: User) -> None:
    confirmed(administrator, job)
    Membership.objects.filter(user=user).update(role=Role.VIEWER)
    run_imports()
    job.refresh_from_db()
    assert (job.state, job.refusal, in_force()) == (State.REFUSED, "not_allowed", 2)


def test_neither_who_loses_the_role_while_the_worker_writes(
    administrator: Client, job: EditionJob, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed(administrator, job)
    take_back = jobs.take_back

    def and_then_lost(*asked: Any, **facts: Any) -> None:
        take_back(*asked, **facts)
        Membership.objects.filter(user=user).update(role=Role.VIEWER)

    monkeypatch.setattr(jobs, "take_back", and_then_lost)
    run_imports()
    job.refresh_from_db()
    assert (job.state, job.refusal, in_force()) == (State.REFUSED, "not_allowed", 2)
    assert verify().fault is None


def test_what_would_be_something_else_by_now_is_shown_once_more(administrator: Client, job: EditionJob) -> None:
    confirmed(administrator, job)
    # What is in force differs from the edition before in one more measure.
    Measure.objects.filter(pk=measure(10).pk).update(text="另一段文字。")
    run_imports()
    job.refresh_from_db()
    assert (job.state, job.refusal, in_force()) == (State.READY, "not_as_shown", 2)
    page = words(administrator.get(job.get_absolute_url()))
    assert "您查看期间情况有变化" in page
    assert "6条举措将恢复为上一版的内容" in page
    confirmed(administrator, job)
    run_imports()
    assert in_force() == 1


def test_one_that_is_no_longer_in_force_is_refused_in_words(administrator: Client, job: EditionJob, user: User) -> None:
    confirmed(administrator, job)
    assert job.edition is not None
    revert(job.edition, who=jobs.Principal.of_user(user), on=ON)
    run_imports()
    assert "该版本不能撤回：它不是现行版本" in words(administrator.get(job.get_absolute_url()))


def test_names_that_are_nobody_s_are_named(
    administrator: Client, job: EditionJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed(administrator, job)
    monkeypatch.setattr("importers.editions.apply.Agency.objects.called", lambda names: {})
    run_imports()
    assert "现已不是任何单位的名称" in words(administrator.get(job.get_absolute_url()))
    assert in_force() == 2


def test_one_that_is_given_up_leaves_everything_as_it_was(administrator: Client, job: EditionJob) -> None:
    confirmed(administrator, job)
    administrator.post(job.get_absolute_url(), follow=True)
    run_imports()
    assert "已取消。未作任何改动。" in words(administrator.get(job.get_absolute_url()))
    assert in_force() == 2
    # And can be begun anew.
    assert job.edition is not None
    administrator.post(f"{job.edition.get_absolute_url()}revert/")
    assert EditionJob.objects.count() == 2


def test_one_that_is_given_up_while_the_worker_writes_leaves_nothing(
    administrator: Client, job: EditionJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed(administrator, job)
    monkeypatch.setattr("agencies.lib.jobs.watch.Watch.TOLD_EVERY", 0.0)
    monkeypatch.setattr("importers.editions.write.BATCH", 2)
    put_back = "importers.editions.apply._put_back"
    monkeypatch.setattr(put_back, lambda *asked: jobs.watch_of(job.pk).cancel())
    run_imports()
    job.refresh_from_db()
    assert (job.state, in_force()) == (State.CANCELLED, 2)


def test_what_a_killed_worker_left_is_taken_up_by_the_next(administrator: Client, job: EditionJob) -> None:
    confirmed(administrator, job)
    held = EditionJob.objects.filter(pk=job.pk)
    held.update(holder="killed", lease_until=Now() + Lease.LENGTH, attempts=1)
    assert jobs.run_waiting() == 0
    held.update(lease_until=Now() - dt.timedelta(seconds=1))
    assert jobs.run_waiting() == 1
    assert in_force() == 1


def test_a_worker_that_lost_it_has_written_nothing(
    administrator: Client, job: EditionJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed(administrator, job)
    take_back = jobs.take_back

    def and_then_taken_over(*asked: Any, **facts: Any) -> None:
        take_back(*asked, **facts)
        EditionJob.objects.update(holder="another")

    monkeypatch.setattr(jobs, "take_back", and_then_taken_over)
    jobs.run(job.pk)
    assert in_force() == 2
    assert Change.objects.filter(action="edition.reverted").count() == 0


def test_a_long_first_import_is_undone_by_the_worker(administrator: Client, reform_list: ReformList) -> None:
    new = "市低空经济局"
    made = apply_document(small(*(duty(str(n), lead=new) for n in range(1, 5))), None)
    ReformList.objects.filter(pk=made.pk).update(open_to=Audience.OFFICE)
    edition = ListEdition.objects.get(reform_list=made)
    administrator.post(f"{edition.get_absolute_url()}revert/")
    run_imports()
    job = EditionJob.objects.get()
    assert "连同4条举措将被删除" in words(administrator.get(job.get_absolute_url()))
    confirmed(administrator, job)
    run_imports()
    done = words(administrator.get(job.get_absolute_url()))
    assert "已撤销导入：“南山区改革清单（2022年）”连同4条举措已删除。 删除的单位 市低空经济局" in done
    assert not ReformList.objects.filter(pk=made.pk).exists()


def test_a_first_import_that_cannot_be_undone_says_why(administrator: Client, reform_list: ReformList) -> None:
    edition = reform_list.editions.get()
    administrator.post(f"{edition.get_absolute_url()}revert/")
    run_imports()
    page = administrator.get(EditionJob.objects.get().get_absolute_url())
    assert "清单已下达或公开，不能撤销" in words(page)


def test_the_page_of_another_s_work_is_for_administrators(
    job: EditionJob, person: PersonMaker, signed_in: SignIn
) -> None:
    supervisor = signed_in(person(Role.SUPERVISOR, username="office"))
    for address in (job.get_absolute_url(), f"{job.get_absolute_url()}progress/"):
        assert supervisor.get(address).status_code == 403


def test_a_comparison_is_no_taking_back(administrator: Client, second: ListEdition) -> None:
    administrator.post(BOTH)
    assert administrator.get(EditionJob.objects.get().get_absolute_url()).status_code == 404
