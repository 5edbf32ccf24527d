"""The demonstration: people to sign in as, and progress as of 2022-06-15. Everything made here says that it is made up.

The progress is arranged so that the seven lights show 31 / 24 / 6 / 92 / 52 / 8 / 3 (in place, closed, awaiting
verification, on track, due within 30 days, not yet reported, overdue).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from agencies.access import Principal
from agencies.log.write import Entry, record
from agencies.models import Agency, Membership, Role, User
from reforms.duties import claimants
from reforms.files.inspection import inspect
from reforms.files.storage import claim_row, store
from reforms.models import (
    Assignment,
    Audience,
    Duty,
    Evidence,
    Measure,
    Milestone,
    Part,
    ProgressReport,
    ReformList,
    StoredFile,
)
from reforms.reports.claims import claim_entry
from reforms.reports.matters import raise_matter
from reforms.reports.milestones import entry_of as milestone_entry
from reforms.reports.submit import report_entry
from reforms.review.decisions import release_result
from reforms.status.settle import settle

AS_OF = dt.date(2022, 6, 15)
BEGINS = dt.date(2022, 3, 1)  # before the first of its reports
PASSWORD = "demo-2022"  # noqa: S105  # printed for all to read; opens the door on the machine itself only
ACTOR = Principal(label="演示数据")
MARCH, JUNE, DECEMBER = dt.date(2022, 3, 31), dt.date(2022, 6, 30), dt.date(2022, 12, 31)
CLOSED_IN_MARCH, CLOSED_IN_JUNE = 14, 10
CLAIMED_IN_JUNE, CLAIMED_IN_DECEMBER, SILENT_IN_DECEMBER = 4, 2, 8
State = ProgressReport.State
DONE = "【演示】任务已全部完成，成果已投入使用，申请销号。"
PROOF, PROOF_TEXT = "演示验收材料.txt", "【演示】验收材料。内容为虚构。\n"
# What agencies propose to tell the public, by the place of the claim among those of its kind; the office released those
# of what is closed.
RESULTS = {
    0: "【演示】申请材料减少一半，办理时间由5个工作日缩短为1个工作日。",
    2: "【演示】系统已在全市各区上线，累计办理3.2万件，全程无需到窗口。",
    5: "【演示】制度文件已印发施行，惠及企业约4,800家。",
}
PROBLEM = "【演示】数据接口尚待上级部门开放，请协调。"
TEXTS = (
    "【演示】工作方案已印发，正按计划组织实施。",
    "【演示】系统功能开发完成，正在联调测试。",
    "【演示】已完成征求意见，正修改完善相关制度文件。",
    "【演示】已在部分区先行试点，运行平稳。",
)
# What agencies plan of measures due in December: title, day, and what was said of it when it was done.
STEPS = (
    ("【演示】印发实施方案", dt.date(2022, 5, 20), dt.date(2022, 5, 18), "【演示】方案已印发，任务已分解到处室。"),
    ("【演示】完成系统需求确认", dt.date(2022, 6, 10), None, ""),
    ("【演示】形成征求意见稿", dt.date(2022, 6, 24), None, ""),
    ("【演示】开展试点评估", dt.date(2022, 9, 30), None, ""),
)
PLANNED_ON = dt.date(2022, 4, 15)
PLANNING = ("市交通运输局", "市市场监管局", "市发展改革委")
NEXT = "【演示】按时间节点继续推进，下月报送阶段成果。"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to sign in as, with the one role they have."""

    username: str
    full_name: str
    agency: str
    role: Role


PEOPLE = (
    DemoPerson("jtj.reporter", "演示·林填报", "市交通运输局", Role.REPORTER),
    DemoPerson("jtj.approver", "演示·周审核", "市交通运输局", Role.APPROVER),
    DemoPerson("jtj.viewer", "演示·何查看", "市交通运输局", Role.VIEWER),
    DemoPerson("scjg.reporter", "演示·陈填报", "市市场监管局", Role.REPORTER),
    DemoPerson("futian.reporter", "演示·黄填报", "福田区政府", Role.REPORTER),
    DemoPerson("scjg.approver", "演示·孙审核", "市市场监管局", Role.APPROVER),
    DemoPerson("supervisor.2", "演示·钱督办", "", Role.SUPERVISOR),
    DemoPerson("supervisor", "演示·吴督办", "", Role.SUPERVISOR),
    DemoPerson("leader", "演示·李领导", "", Role.HEAD),
    DemoPerson("administrator", "演示·郑管理", "", Role.ADMINISTRATOR),
    DemoPerson("auditor", "演示·冯审计", "", Role.AUDITOR),
)


SIGNING = ("市市场监管局",)


@transaction.atomic
def make_demo(reform_list: ReformList, *, office: str) -> None:
    """Fill a freshly imported list with demonstration people and progress, and switch its reminders on."""
    _people(office)
    for agency in Agency.objects.filter(kind=Agency.Kind.SINGLE, email=""):
        agency.email = f"agency-{agency.pk}@demo.invalid"
        agency.save(update_fields=["email"])
    Agency.objects.filter(name__in=SIGNING).update(signs_claims=True)
    _progress(reform_list)
    reform_list.open_to = Audience.PUBLIC
    reform_list.public_status = reform_list.is_demo = reform_list.reminders_on = True
    reform_list.reminders_from = AS_OF
    reform_list.save()


def _people(office: str) -> None:
    english = {"name_en": "Business Environment Reform Office"}
    offices, _ = Agency.objects.get_or_create(name=office, defaults=english)
    for person in PEOPLE:
        user = User(username=person.username, full_name=person.full_name, is_demo=True)
        user.email = f"{person.username}@demo.invalid"
        user.set_password(PASSWORD)
        user.save()
        agency = Agency.objects.get(name=person.agency) if person.agency else offices
        Membership.objects.create(user=user, agency=agency, role=person.role)


def _progress(reform_list: ReformList) -> None:
    """Reports first, then claims: what stands on one measure is settled once after each."""
    # As printed: of those due in March and June the first are closed, the next of June and the first of December
    # claimed, the last of December silent, and on all others something was reported.
    march, june, december = (_due(reform_list, day) for day in (MARCH, JUNE, DECEMBER))
    last = len(december) - SILENT_IN_DECEMBER
    told = _report([*march[CLOSED_IN_MARCH:], *june[CLOSED_IN_JUNE:], *december[:last]])
    closed = [(measure, MARCH - dt.timedelta(days=place)) for place, measure in march[:CLOSED_IN_MARCH]]
    closed += [(measure, AS_OF - dt.timedelta(days=place)) for place, measure in june[:CLOSED_IN_JUNE]]
    told += _claim(closed, State.VERIFIED)
    waiting = [*june[CLOSED_IN_JUNE : CLOSED_IN_JUNE + CLAIMED_IN_JUNE], *december[:CLAIMED_IN_DECEMBER]]
    told += _claim(
        [(measure, AS_OF - dt.timedelta(days=1 + place % 5)) for place, measure in waiting], State.UNDER_REVIEW
    )
    told += _milestones(december[CLAIMED_IN_DECEMBER:last])
    record(sorted(told, key=lambda entry: entry.on or AS_OF), who=ACTOR, on=AS_OF)


def _due(reform_list: ReformList, day: dt.date) -> list[tuple[int, Measure]]:
    """The measures due on a day, numbered as printed."""
    due = Measure.objects.filter(reform_list=reform_list, deadline=day).select_related("reform_list")
    return list(enumerate(due.order_by("row")))


def _report(numbered: Sequence[tuple[int, Measure]]) -> list[Entry]:
    """A report of each first lead, some time in May or June."""
    measures = [measure.pk for _place, measure in numbered]
    leads = Assignment.objects.filter(measure__in=measures, part=Part.LEAD, order=1)
    first = dict(leads.values_list("measure", "agency"))
    duties = {(duty.measure_id, duty.agency_id): duty for duty in Duty.objects.filter(measure__in=measures)}
    told, days = [], {}
    for place, measure in numbered:
        on = days[measure.pk] = AS_OF - dt.timedelta(days=2 + place * 7 % 40)
        duty = duties[measure.pk, first[measure.pk]]
        report = _say(duty, on, progress=TEXTS[place % len(TEXTS)], next_step=NEXT, problems=_problems(place))
        raise_matter(report)
        told.append(replace(report_entry(report), on=on))
    return told + _settled(days)


def _milestones(numbered: Sequence[tuple[int, Measure]]) -> list[Entry]:
    """Steps of some measures of each of a few leads: one done, one missed, and those ahead."""
    measures = [measure.pk for _place, measure in numbered]
    leads = Assignment.objects.filter(measure__in=measures, part=Part.LEAD, order=1, agency__name__in=PLANNING)
    planned: dict[int, list[int]] = defaultdict(list)
    for measure_id, agency_id in leads.order_by("measure__row").values_list("measure", "agency"):
        planned[agency_id].append(measure_id)
    told = []
    for agency_id, measures in planned.items():
        for place, measure_id in enumerate(measures[: len(STEPS)]):
            # So that no two measures look the same: the first has all steps, the next one fewer.
            for step in STEPS[place:]:
                told += _step(measure_id, agency_id, step)
    return told


def _step(measure_id: int, agency_id: int, step: tuple[str, dt.date, dt.date | None, str]) -> list[Entry]:
    title, due_on, done_on, words = step
    done = {"done_on": done_on, "done_words": words, "done_by": ACTOR.label, "reported_on": done_on} if done_on else {}
    planned = {"title": title, "due_on": due_on, "planned_by": ACTOR.label, "planned_on": PLANNED_ON}
    milestone = Milestone.objects.create(measure_id=measure_id, agency_id=agency_id, **planned, **done)
    entries = [replace(milestone_entry("milestone.planned", milestone), on=PLANNED_ON)]
    if done_on:
        said = milestone_entry("milestone.done", milestone, done_on=done_on, reason=words)
        entries.append(replace(said, on=done_on))
    return entries


def _problems(place: int) -> str:
    return PROBLEM if place % 25 == 7 else ""


def _claim(dated: Sequence[tuple[Measure, dt.date]], state: ProgressReport.State) -> list[Entry]:
    """One claim of each agency that must, on one day, borne out by the same made-up file, which is kept once."""
    duties: dict[int, list[Duty]] = defaultdict(list)
    for duty in Duty.objects.filter(measure__in=[measure.pk for measure, _on in dated]).order_by("pk"):
        duties[duty.measure_id].append(duty)
    must = claimants([measure for measure, _on in dated], duties)
    proof = _proof()
    told, days = [], {}
    for place, (measure, on) in enumerate(dated):
        days[measure.pk] = on
        result = RESULTS.get(place, "")
        for duty in (duty for duty in duties[measure.pk] if duty.agency_id in must[measure.pk]):
            said = {"progress": DONE, "result": result, **_decided(state, on)}
            claim = _say(duty, on, state=state, is_claim=True, claimed_on=on, **said)
            Evidence.objects.create(
                report=claim, stored=proof, name=PROOF, added_at=timezone.now(), added_by=ACTOR.label
            )
            steps = ["claim.submitted", "claim.verified"] if state == State.VERIFIED else ["claim.submitted"]
            told += [replace(claim_entry(step, claim), on=on) for step in steps]
        if state == State.VERIFIED and result:
            told += [replace(entry, on=on) for entry in release_result(measure.pk, result)]
    return told + _settled(days)


def _decided(state: ProgressReport.State, on: dt.date) -> dict[str, Any]:
    return {"decided_by": ACTOR.label, "decided_on": on} if state == State.VERIFIED else {}


def _proof() -> StoredFile:
    upload = SimpleUploadedFile(PROOF, PROOF_TEXT.encode())
    content = inspect(upload, PROOF)
    return claim_row(upload, content, store(upload, content))


def _say(duty: Duty, on: dt.date, **facts: Any) -> ProgressReport:
    return ProgressReport.objects.create(
        measure_id=duty.measure_id,
        duty=duty,
        agency_id=duty.agency_id,
        on=on,
        recorded_at=timezone.now(),
        author=ACTOR.label,
        is_demo=True,
        **facts,
    )


def _settled(days: Mapping[int, dt.date]) -> list[Entry]:
    """Where their reports bring the measures, each as of its day."""
    return [replace(entry, on=days[entry.object_id]) for entry in settle(days)]
