"""The demonstration: people to sign in as, and progress as of 2022-06-15. Everything made here says that it is made up.

The progress is arranged so that the seven lights show 31 / 24 / 6 / 92 / 52 / 8 / 3 (in place, closed, awaiting
verification, on track, due within 30 days, not yet reported, overdue).
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from agencies.log import Entry, record
from agencies.models import Agency, Membership, Role, User
from agencies.principal import Principal
from reforms.intake import inspect
from reforms.keeping import keep, take_up
from reforms.life.claimants import claimants_of
from reforms.life.claims import claim_entry
from reforms.life.matters import raise_matter
from reforms.life.reporting import report_entry
from reforms.life.settling import settle
from reforms.models import Assignment, Duty, Evidence, Measure, Part, ProgressReport, ReformList

AS_OF = dt.date(2022, 6, 15)
PASSWORD = "demo-2022"  # noqa: S105  # printed for all to read; opens the door on the machine itself only
ACTOR = Principal(label="演示数据")
MARCH, JUNE, DECEMBER = dt.date(2022, 3, 31), dt.date(2022, 6, 30), dt.date(2022, 12, 31)
CLOSED_IN_MARCH, CLOSED_IN_JUNE = 14, 10
CLAIMED_IN_JUNE, CLAIMED_IN_DECEMBER, SILENT_IN_DECEMBER = 4, 2, 8
State = ProgressReport.State
DONE = "【演示】任务已全部完成，成果已投入使用，申请销号。"
PROOF, PROOF_TEXT = "演示验收材料.txt", "【演示】验收材料。内容为虚构。\n"
PROBLEM = "【演示】数据接口尚待上级部门开放，请协调。"
TEXTS = (
    "【演示】工作方案已印发，正按计划组织实施。",
    "【演示】系统功能开发完成，正在联调测试。",
    "【演示】已完成征求意见，正修改完善相关制度文件。",
    "【演示】已在部分区先行试点，运行平稳。",
)
NEXT = "【演示】按时间节点继续推进，下月报送阶段成果。"


@dataclass(frozen=True, slots=True)
class DemoPerson:
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
    entries: list[Entry] = []
    march, june, december = (_due(reform_list, day) for day in (MARCH, JUNE, DECEMBER))
    for place, measure in enumerate(march):
        entries += (
            _close(measure, MARCH - dt.timedelta(days=place)) if place < CLOSED_IN_MARCH else _report(measure, place)
        )
    for place, measure in enumerate(june):
        entries += _june(measure, place)
    for place, measure in enumerate(december):
        entries += _december(measure, place, silent=place >= len(december) - SILENT_IN_DECEMBER)
    dated = sorted(entries, key=lambda entry: entry.on or AS_OF)
    record(dated, actor=ACTOR, on=AS_OF)


def _june(measure: Measure, place: int) -> list[Entry]:
    if place < CLOSED_IN_JUNE:
        return _close(measure, AS_OF - dt.timedelta(days=place))
    return _report(measure, place) + (_claim(measure, place) if place < CLOSED_IN_JUNE + CLAIMED_IN_JUNE else [])


def _december(measure: Measure, place: int, *, silent: bool) -> list[Entry]:
    if silent:
        return []
    return _report(measure, place) + (_claim(measure, place) if place < CLAIMED_IN_DECEMBER else [])


def _due(reform_list: ReformList, day: dt.date) -> list[Measure]:
    return list(Measure.objects.filter(reform_list=reform_list, deadline=day).order_by("row"))


def _report(measure: Measure, place: int) -> list[Entry]:
    """A report of the first lead, some time in May or June."""
    on = AS_OF - dt.timedelta(days=2 + place * 7 % 40)
    lead = Assignment.objects.get(measure=measure, part=Part.LEAD, order=1)
    duty = Duty.objects.get(measure=measure, agency=lead.agency_id)
    report = _say(duty, on, progress=TEXTS[place % len(TEXTS)], next_step=NEXT, problems=_problems(place))
    raise_matter(report)
    return [replace(report_entry(report), on=on), *_stand(measure, on)]


def _problems(place: int) -> str:
    return PROBLEM if place % 25 == 7 else ""


def _claim(measure: Measure, place: int) -> list[Entry]:
    on = AS_OF - dt.timedelta(days=1 + place % 5)
    claims = _claims(measure, State.UNDER_REVIEW, on)
    return [*(replace(claim_entry("claim.submitted", claim), on=on) for claim in claims), *_stand(measure, on)]


def _close(measure: Measure, on: dt.date) -> list[Entry]:
    claims = _claims(measure, State.VERIFIED, on)
    told = [claim_entry(action, claim) for claim in claims for action in ("claim.submitted", "claim.verified")]
    return [*(replace(entry, on=on) for entry in told), *_stand(measure, on)]


def _claims(measure: Measure, state: ProgressReport.State, on: dt.date) -> list[ProgressReport]:
    """One of each agency that must claim, on one day."""
    duties = Duty.objects.filter(measure=measure, agency__in=claimants_of(measure))
    decided = {"decided_by": ACTOR.label, "decided_on": on} if state == State.VERIFIED else {}
    facts = {"state": state, "is_claim": True, "claimed_on": on, "progress": DONE, **decided}
    claims = [_say(duty, on, **facts) for duty in duties.order_by("pk")]
    for claim in claims:
        _bear_out(claim)
    return claims


def _bear_out(claim: ProgressReport) -> None:
    """With the same made-up file for every claim, which is kept once."""
    upload = SimpleUploadedFile(PROOF, PROOF_TEXT.encode())
    content = inspect(upload, PROOF)
    stored = take_up(upload, content, keep(upload, content))
    Evidence.objects.create(report=claim, stored=stored, name=PROOF, added_at=timezone.now(), added_by=ACTOR.label)


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


def _stand(measure: Measure, on: dt.date) -> list[Entry]:
    """Where its reports bring it, as of the day of the last of them."""
    return [replace(entry, on=on) for entry in settle([measure.pk])]
