"""The demonstration: people to sign in as, and progress as of 2022-06-15. Everything made here says that it is made up.

The progress is arranged so that the seven lights show 31 / 24 / 6 / 92 / 52 / 8 / 3 (in place, closed, awaiting
verification, on track, due within 30 days, not yet reported, overdue).
"""

import datetime as dt
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from agencies.log import Entry, record
from agencies.models import Agency, Change, Membership, Role, User
from agencies.principal import Principal
from reforms.models import Assignment, Duty, Measure, Part, ProgressReport, ReformList, Status
from reforms.reporting import report_entry

AS_OF = dt.date(2022, 6, 15)
PASSWORD = "demo-2022"  # noqa: S105  # printed for all to read; opens the door on the machine itself only
ACTOR = Principal(label="演示数据")
MARCH, JUNE, DECEMBER = dt.date(2022, 3, 31), dt.date(2022, 6, 30), dt.date(2022, 12, 31)
CLOSED_IN_MARCH, CLOSED_IN_JUNE = 14, 10
CLAIMED_IN_JUNE, CLAIMED_IN_DECEMBER, SILENT_IN_DECEMBER = 4, 2, 8
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
    DemoPerson("supervisor", "演示·吴督办", "", Role.SUPERVISOR),
    DemoPerson("administrator", "演示·郑管理", "", Role.ADMINISTRATOR),
    DemoPerson("auditor", "演示·冯审计", "", Role.AUDITOR),
)


@transaction.atomic
def make_demo(reform_list: ReformList, *, office: str) -> None:
    """Fill a freshly imported list with demonstration people and progress, and switch its reminders on."""
    _people(office)
    for agency in Agency.objects.filter(kind=Agency.Kind.SINGLE, email=""):
        agency.email = f"agency-{agency.pk}@demo.invalid"
        agency.save(update_fields=["email"])
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
    report = ProgressReport.objects.create(
        measure=measure,
        duty=duty,
        agency_id=lead.agency_id,
        progress=TEXTS[place % len(TEXTS)],
        next_step=NEXT,
        on=on,
        recorded_at=timezone.now(),
        author=ACTOR.label,
        is_demo=True,
    )
    duty.status, duty.last_report_on = Status.IN_PROGRESS, on
    duty.save()
    measure.first_report_on = measure.last_report_on = on
    told = replace(report_entry(report), on=on)
    return [told, *_move(measure, Status.IN_PROGRESS, lead.agency_id, on)]


def _claim(measure: Measure, place: int) -> list[Entry]:
    measure.claimed_on = AS_OF - dt.timedelta(days=1 + place % 5)
    return _move(measure, Status.UNDER_REVIEW, None, measure.claimed_on)


def _close(measure: Measure, on: dt.date) -> list[Entry]:
    measure.first_report_on = measure.last_report_on = on - dt.timedelta(days=20)
    measure.claimed_on = measure.closed_on = on
    Duty.objects.filter(measure=measure).update(status=Status.CLOSED, last_report_on=measure.last_report_on)
    return _move(measure, Status.CLOSED, None, on)


def _move(measure: Measure, status: Status, agency_id: int | None, on: dt.date) -> list[Entry]:
    before, measure.status = measure.status, status
    measure.version += 1
    measure.updated_at = timezone.now()
    measure.save()
    changed = Entry(
        action="measure.status_changed",
        kind="measure",
        object_id=measure.pk,
        agency_id=agency_id,
        visibility=Change.Visibility.STATUS,
        before={"status": str(before)},
        after={"status": str(status)},
        on=on,
    )
    return [changed]
