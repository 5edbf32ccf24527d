"""Imports as leased jobs: what is under way, who may do it, and what is left when somebody stops it."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models.functions import Now

from agencies.access import Principal
from agencies.lib.jobs.lease import Lease, LostLease
from agencies.lib.jobs.watch import Watch
from agencies.lib.progress import Cancelled
from agencies.models import Agency, AgencyName
from importers.editions.originals import sha256_of
from importers.jobs import decide
from importers.jobs import run as jobs
from importers.jobs.decide import NEW, Entered, NotReady, Undecided
from importers.jobs.run import Upload
from importers.jobs.watch import JobStage
from importers.models import ImportJob, PlannedRow
from importers.plans.plan import Answer, Decline
from reforms.models import Measure, ReformList
from tests.conftest import REAL_LIST
from tests.importers.plans.test_plan import fourfold, measure
from tests.importers.samples import check_rows, document, duty, header, package, para, table, wide
from tests.importers.text_editions import TextEdition

WHO = Principal(label="张管理")
State = ImportJob.State


def started(edition: TextEdition | bytes, reform_list: ReformList | None = None, **facts: Any) -> ImportJob:
    data = edition.content if isinstance(edition, TextEdition) else edition
    return jobs.start(Upload(name="第二版.txt", data=data, reform_list=reform_list, **facts), WHO)


def read(edition: TextEdition | bytes, reform_list: ReformList | None = None, **facts: Any) -> ImportJob:
    job = started(edition, reform_list, **facts)
    assert jobs.run(job.pk)
    job.refresh_from_db()
    return job


def change(job: ImportJob, item_no: int) -> Decline:
    """What the change of an item is called when it is ticked."""
    return decide.decline_of(job.rows.get(item_no=item_no, kind="changed"))


def yes_to(job: ImportJob) -> None:
    """Confirm a job as it is now."""
    decide.confirm(job, WHO, decide.key_of(ImportJob.objects.get(pk=job.pk)))


def confirmed(job: ImportJob) -> ImportJob:
    yes_to(job)
    assert jobs.run(job.pk)
    job.refresh_from_db()
    return job


def small(*rows: str, title: str = "南山区改革清单（2022年）") -> bytes:
    return package(document(para(title), table(header(), wide("一、准入"), *rows)))


def test_an_upload_is_kept_and_nothing_is_read_yet(reform_list: ReformList) -> None:
    job = started(fourfold())
    assert (job.state, job.reading, job.created_by) == (State.READING, None, "张管理")
    with default_storage.open(job.original.name) as file:
        assert file.read() == fourfold().content


def test_a_file_that_was_stored_in_part_is_stored_again(reform_list: ReformList, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    data = fourfold().content
    default_storage.save(f"originals/{sha256_of(data)[:2]}/{sha256_of(data)}", ContentFile(data[:100]))
    with default_storage.open(started(data).original.name) as file:
        assert file.read() == data


def test_reading_ends_with_a_plan_that_waits_for_a_person(reform_list: ReformList) -> None:
    job = read(fourfold())
    assert (job.state, job.reform_list, job.base_edition, job.lease_until) == (State.READY, reform_list, 1, None)
    kinds = {"added": 1, "changed": 4, "withdrawn": 1, "unchanged": 211}
    assert job.totals["kinds"] == kinds
    assert job.rows.count() == 217
    assert reform_list.editions.count() == 1


def test_every_row_is_shown_beside_its_reading(reform_list: ReformList) -> None:
    row = read(fourfold()).rows.get(item_no=8, kind="changed")
    assert row.printed["deadline"] == "2023年3月底"
    assert row.understood["deadline"] == "2023-03-31"
    assert row.differences == [{"kind": "deadline_changed", "old": "2022年12月底", "new": "2023年3月底"}]
    assert row.measure_id == measure(8).pk


def test_a_confirmed_plan_is_written_with_its_receipt(reform_list: ReformList) -> None:
    job = confirmed(read(fourfold()))
    assert (job.state, job.edition.number, job.edition.imported_by) == (State.APPLIED, 2, "张管理")
    receipt = {"added": 1, "changed": 4, "withdrawn": 1, "unchanged": 211, "declined": 0, "new_agencies": []}
    assert job.totals["receipt"] == receipt
    assert job.edition.original.name == job.original.name


def test_a_new_list_takes_its_title_and_year_from_the_document(db: None) -> None:
    job = confirmed(read(small(duty("1"), duty("2", "乙事"))))
    assert (job.reform_list.title, job.reform_list.year) == ("南山区改革清单（2022年）", 2022)
    assert Measure.objects.filter(reform_list=job.reform_list).count() == 2


def test_a_document_goes_into_the_list_that_was_chosen(reform_list: ReformList) -> None:
    edition = TextEdition((f"另一个标题清单\n{fourfold().blocks[0].split(chr(10), 1)[1]}", *fourfold().blocks[1:]))
    assert read(edition, reform_list).reform_list == reform_list
    assert read(edition).reform_list is None


def test_a_wanted_address_makes_a_new_list_of_the_same_title(reform_list: ReformList) -> None:
    job = confirmed(read(TextEdition.real(), slug="shenzhen-again"))
    assert (job.reform_list.slug, job.edition.number) == ("shenzhen-again", 1)
    assert ReformList.objects.filter(title=reform_list.title).count() == 2


def test_a_file_that_cannot_be_read_says_why(db: None) -> None:
    job = read(REAL_LIST.read_bytes()[:20_000])
    assert (job.state, job.error["kind"]) == (State.REJECTED, "corrupt_file")
    assert "未写入任何数据。" in job.error["message"]


def test_declined_rows_stay_declined_when_the_plan_is_made_again(reform_list: ReformList) -> None:
    job = read(fourfold().with_deadline("11*", "力争年内见效"))
    parsed = next(one for one in job.parsed.measures if one.item_no == 11)
    answer = Answer.about(parsed, "deadline", day=dt.date(2022, 12, 20))
    decide.take_in(job, Entered(ticks={change(job, 6): True}, answers=(answer,)))
    assert jobs.run(job.pk)
    assert job.rows.get(item_no=6, kind="changed").is_declined
    assert job.rows.get(item_no=11).understood["deadline"] == "2022-12-20"
    assert job.rows.get(item_no=11).problems == []


def test_only_accepted_changes_are_written(reform_list: ReformList) -> None:
    before = measure(6).text
    job = read(fourfold())
    decide.take_in(job, Entered(whole=True))
    decide.take_in(job, Entered(ticks={change(job, 8): False}))
    job = confirmed(job)
    assert job.totals["receipt"] | {"new_agencies": None} == {
        "added": 0,
        "changed": 1,
        "withdrawn": 0,
        "unchanged": 211,
        "declined": 5,
        "new_agencies": None,
    }
    assert (measure(6).text, measure(8).deadline) == (before, dt.date(2023, 3, 31))


def test_unseen_agencies_of_a_later_edition_need_a_decision(reform_list: ReformList) -> None:
    job = read(TextEdition.real().with_lead("6*", "市低空经济局"))
    assert job.agencies == {"市低空经济局": ""}
    with pytest.raises(Undecided) as undecided:
        yes_to(job)
    assert undecided.value.what == ("agencies",)
    decide.take_in(job, Entered(agencies={"市低空经济局": NEW, "没有问过的": NEW}))
    assert confirmed(job).totals["receipt"]["new_agencies"] == ["市低空经济局"]


def test_an_unseen_name_may_be_said_to_be_another_name(reform_list: ReformList) -> None:
    job = read(TextEdition.real().with_lead("6*", "深圳市司法行政局"))
    known = Agency.objects.get(name="市司法局")
    decide.take_in(job, Entered(agencies={"深圳市司法行政局": known.pk}))
    assert confirmed(job).totals["receipt"]["changed"] == 1
    assert measure(6).assignments.get(part="lead").agency == known


def test_a_name_that_is_no_longer_known_when_it_is_written_is_asked_about(reform_list: ReformList) -> None:
    other = AgencyName.objects.create(agency=Agency.objects.get(name="市司法局"), name="深圳市司法行政局")
    job = read(TextEdition.real().with_lead("6*", "深圳市司法行政局"))
    assert job.agencies == {}
    yes_to(job)
    other.delete()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.agencies) == (State.READY, {"深圳市司法行政局": ""})
    assert not Agency.objects.filter(name="深圳市司法行政局").exists()


def test_the_names_of_a_first_edition_are_new_and_listed(db: None) -> None:
    job = read(small(duty("1", lead="市低空经济局、市财政局")))
    assert job.agencies == {"市低空经济局": NEW}
    assert confirmed(job).totals["receipt"]["new_agencies"] == ["市低空经济局"]


def test_a_row_without_a_number_cannot_be_confirmed(db: None) -> None:
    rows = (duty("", "无号之事"), duty("1"))
    assert [one.item_no for one in check_rows(*rows).measures] == [None, 1]
    job = read(small(*rows))
    with pytest.raises(Undecided) as undecided:
        yes_to(job)
    assert undecided.value.what == ("unnumbered",)


def test_the_same_document_again_has_nothing_to_confirm(reform_list: ReformList) -> None:
    job = read(REAL_LIST.read_bytes())
    assert job.totals["same_content"] is True
    with pytest.raises(Undecided) as undecided:
        yes_to(job)
    assert undecided.value.what == ("nothing",)


def test_of_two_administrators_the_second_sees_that_the_base_has_moved(reform_list: ReformList) -> None:
    first, second = read(fourfold()), read(fourfold().with_deadline("11*", "2022年9月底"))
    yes_to(second)
    confirmed(first)
    assert jobs.run(second.pk)
    second.refresh_from_db()
    assert (second.state, second.error["kind"], second.base_edition) == (State.READY, "base_moved", 2)
    assert second.totals["kinds"]["changed"] == 1
    assert reform_list.editions.count() == 2
    assert confirmed(second).edition.number == 3


def test_two_uploads_of_one_new_list_do_not_make_two_lists(db: None) -> None:
    first, second = read(small(duty("1"))), read(small(duty("1"), duty("2", "乙事")))
    yes_to(second)
    confirmed(first)
    jobs.run(second.pk)
    second.refresh_from_db()
    assert (second.state, second.error["kind"], second.reform_list) == (State.READY, "base_moved", first.reform_list)


def test_names_that_were_new_in_a_first_edition_need_a_decision_when_it_has_become_the_second(db: None) -> None:
    first, second = read(small(duty("1"))), read(small(duty("1"), duty("2", "乙事", lead="市低空经济局")))
    assert second.agencies == {"市低空经济局": NEW}
    confirmed(first)
    yes_to(second)
    jobs.run(second.pk)
    second.refresh_from_db()
    assert (second.state, second.agencies) == (State.READY, {"市低空经济局": ""})


def test_what_is_confirmed_cannot_be_decided_again(reform_list: ReformList) -> None:
    job = read(fourfold())
    yes_to(job)
    for again in (lambda: yes_to(job), lambda: decide.take_in(job, Entered(whole=True))):
        with pytest.raises(NotReady):
            again()


# Leases, progress, cancelling ----------------------------------------------------------------------


def test_a_job_that_somebody_holds_is_left_alone(reform_list: ReformList) -> None:
    job = started(fourfold())
    ImportJob.objects.filter(pk=job.pk).update(lease_until=Now() + Lease.LENGTH, holder="another")
    assert jobs.run(job.pk) is False


def test_the_job_of_a_dead_worker_is_picked_up(reform_list: ReformList) -> None:
    job = started(fourfold())
    ImportJob.objects.filter(pk=job.pk).update(lease_until=Now() - dt.timedelta(seconds=1), holder="dead")
    assert jobs.run_waiting() == 1
    job.refresh_from_db()
    assert job.state == State.READY


def test_whoever_lost_the_lease_writes_nothing(reform_list: ReformList, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker takes the job while this one is writing; its transaction is undone."""
    job = read(fourfold())
    yes_to(job)
    apply = jobs.apply_plan

    def overtaken(*args: Any, **kwargs: Any) -> Any:
        receipt = apply(*args, **kwargs)
        ImportJob.objects.filter(pk=job.pk).update(holder="another")
        return receipt

    monkeypatch.setattr(jobs, "apply_plan", overtaken)
    assert jobs.run(job.pk)
    assert reform_list.editions.count() == 1


def test_a_job_that_kills_its_worker_again_and_again_is_given_up(reform_list: ReformList) -> None:
    job = started(fourfold())
    ImportJob.objects.filter(pk=job.pk).update(attempts=jobs.MOST_ATTEMPTS)
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error["kind"]) == (State.FAILED, "interrupted")


def test_a_job_that_waits_is_cancelled_at_once(reform_list: ReformList) -> None:
    for job in (started(fourfold()), read(fourfold())):
        decide.cancel(job, WHO)
        job.refresh_from_db()
        assert (job.state, job.cancelled_by) == (State.CANCELLED, WHO.label)
        assert jobs.run(job.pk) is False


def test_what_is_done_cannot_be_cancelled(reform_list: ReformList) -> None:
    job = confirmed(read(fourfold()))
    decide.cancel(job, WHO)
    job.refresh_from_db()
    assert job.state == State.APPLIED


@pytest.mark.parametrize("stage", list(JobStage))
def test_cancelling_stops_a_job_at_its_next_step(
    reform_list: ReformList, monkeypatch: pytest.MonkeyPatch, stage: JobStage
) -> None:
    if stage is JobStage.WRITING:
        job = read(fourfold())
        yes_to(job)
    else:
        job = started(fourfold())
    during = Watch.during

    def cancelled_at(watch: Watch, at: JobStage) -> Callable[[int, int], None]:
        if at is stage:
            watch.cancel("王管理")
        return during(watch, at)

    monkeypatch.setattr(Watch, "during", cancelled_at)
    monkeypatch.setattr(jobs, "check_in_sandbox", _told_of_progress)
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.lease_until, job.cancelled_by) == (State.CANCELLED, None, "王管理")
    assert job.finished_at is not None
    assert reform_list.editions.count() == 1
    assert Measure.objects.filter(title="全新的事项").count() == 0


def _told_of_progress(data: bytes, name: str, *_year: Any, progress: Callable[[int, int], None], **_given: Any) -> Any:
    progress(0, 0)
    return fourfold().parsed(name)


def test_progress_is_told_in_rows_and_gone_when_the_job_is_done(reform_list: ReformList) -> None:
    watch = Watch("import", 1)
    assert watch.reached() is None
    watch.during(JobStage.WRITING)(300, 1200)
    reached = watch.reached()
    assert reached is not None
    assert (reached.stage, reached.done, reached.total, reached.percent) == (JobStage.WRITING, 300, 1200, 25)
    watch.forget()
    assert watch.reached() is None


def test_a_stage_without_a_known_end_has_no_percentage() -> None:
    watch = Watch("import", 2)
    watch.during(JobStage.READING)(500, 0)
    reached = watch.reached()
    assert reached is not None
    assert reached.percent is None


def test_a_cancelled_watch_stops_whoever_reports_to_it() -> None:
    watch = Watch("import", 3)
    watch.cancel()
    with pytest.raises(Cancelled):
        watch.during(JobStage.READING)(1, 0)


def test_the_rows_of_a_plan_know_their_place(reform_list: ReformList) -> None:
    job = read(fourfold())
    places = list(PlannedRow.objects.filter(job=job).values_list("place", flat=True))
    assert places == list(range(1, 218))
    assert job.rows.get(kind="withdrawn").place == 217


def test_a_lease_that_somebody_else_holds_is_not_finished(reform_list: ReformList) -> None:
    job = started(fourfold())
    with pytest.raises(LostLease):
        jobs._finish(job, "not the holder", State.CANCELLED)


def test_of_what_is_over_only_the_receipt_and_the_declined_rows_are_kept(reform_list: ReformList) -> None:
    job = read(fourfold())
    decide.take_in(job, Entered(ticks={change(job, 6): True}))
    job = confirmed(job)
    assert (job.reading, [row.item_no for row in job.rows.all()]) == (None, [6])
    cancelled = read(fourfold())
    decide.cancel(cancelled, WHO)
    cancelled.refresh_from_db()
    assert (cancelled.reading, cancelled.rows.count()) == (None, 0)


def test_a_job_that_fails_does_not_keep_the_others_waiting(
    reform_list: ReformList, monkeypatch: pytest.MonkeyPatch
) -> None:
    last, first = started(fourfold()), started(fourfold())
    read_file = jobs._read_file

    def failing(job: ImportJob, watch: Watch) -> Any:
        if job.pk == first.pk:
            raise OSError("the disk is gone")
        return read_file(job, watch)

    monkeypatch.setattr(jobs, "_read_file", failing)
    assert jobs.run_waiting() == 1
    for job, state, attempts in ((first, State.READING, 1), (last, State.READY, 0)):
        job.refresh_from_db()
        assert (job.state, job.attempts) == (state, attempts)
