"""What a digest says and to whom: the whole state of an agency on the day it is written, whatever made it due. Always
Chinese: it is an official notice."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from agencies.models import Agency, Role
from reforms.lib.words import day_text, days_text
from reforms.models import Duty, DutyQuerySet, Notice, Part, ReformList, Reminder
from reforms.reminders.asks import Ask, AskLine
from reforms.reminders.letters import Letter, PeopleOf, contacts_of, people_of, reminded_of
from reforms.reminders.owed import ToldByPlace, add_told, chaseable, steps_told, told_row
from reforms.reminders.rules import fill, rules_of
from reforms.reminders.stages import TOLD_FIRST, Rules, Stage, step_of

NAMED = 5
NUMBERS = "一二三四五六七八九十"
NEAR = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """One measure of a digest. `days` to the deadline, negative when past; `words` say when it is due, which part the
    agency has, and how far it was chased."""

    item_no: int
    row: int
    title: str
    deadline: dt.date
    days: int
    leads: bool
    words: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest(Letter):
    """One agency's letter of one day; `asked` are the headings of what is asked for that the subject does not say,
    `rests` whom it does not reach meanwhile, and who gets it in their place."""

    agency: Agency
    lines: tuple[DigestLine, ...]
    asked: tuple[str, ...] = ()
    rests: tuple[str, ...] = ()


def duties_due(lists: Collection[int], on: dt.date) -> DutyQuerySet:
    """All that is late or due within 30 days in these lists, whoever holds it."""
    return chaseable().filter(measure__reform_list__in=lists, measure__deadline_in_force__lte=on + NEAR)


def duties_told(agency: Agency, lists: Collection[int], on: dt.date) -> list[Duty]:
    """Of an agency, the longest overdue first."""
    return list(_told_duties(lists, on).filter(agency=agency))


def _told_duties(lists: Collection[int], on: dt.date) -> DutyQuerySet:
    found = duties_due(lists, on).select_related("measure__item", "measure__reform_list")
    # Without the long texts, which no letter shows.
    found = found.defer("measure__text", "measure__search_text")
    return found.order_by("measure__deadline_in_force", "measure__reform_list", "measure__row")


@dataclass(frozen=True, slots=True)
class Ground:
    """What the letters of many agencies are written from: their duties, the steps they were told, their people, and the
    rules of the lists; five queries, however many agencies and measures there are."""

    duties: Mapping[int, list[Duty]]
    told: ToldByPlace
    people: PeopleOf
    rules: Mapping[int, Rules]

    @classmethod
    def of(cls, agencies: Collection[Agency], lists: Collection[int], on: dt.date) -> "Ground":
        """As it is now, in these lists."""
        duties: dict[int, list[Duty]] = {agency.pk: [] for agency in agencies}
        for duty in _told_duties(lists, on).filter(agency__in=duties):
            duties[duty.agency_id].append(duty)
        told = steps_told(agencies, [duty for found in duties.values() for duty in found])
        return cls(duties, told, people_of(agencies, on), rules_of(lists))


def compose(
    agency: Agency,
    reminders: Iterable[Reminder],
    duties: Sequence[Duty],
    on: dt.date,
    *,
    ground: Ground | None = None,
    asks: Sequence[Ask] = (),
) -> Digest:
    """The letter about `duties` (with item and list of their measures) and `asks`, for which these and `reminders`,
    what fell due, are the reason. What was told and to whom it goes is asked unless `ground` has it."""
    reminders = list(reminders)
    reasons = _reasons(reminders, asks, ground.rules if ground else None)
    # Whatever the language of the process that sends it.
    with translation.override("zh-hans"):
        roles = frozenset[Role]().union(*(stage.to for stage in reasons)) or TOLD_FIRST
        addressed = reminded_of(agency, roles, ground.people if ground else people_of([agency], on))
        lines = _lines(agency, reminders, duties, on, ground.told if ground else steps_told([agency], duties))
        late, ahead = [line for line in lines if line.days < 0], [line for line in lines if line.days >= 0]
        subject = _subject(agency, late, ahead) if reminders or not asks else _asking(agency, late, asks)
        context = {
            "agency": agency,
            "names_measures": bool(lines) or any(ask.kind == Notice.Kind.REPORT_DUE for ask in asks),
            "words": [] if agency.outside_line else _said_by_the_office(agency, reasons, late, ahead, asks),
            "groups": _groups(agency, late, ahead, asks),
            "on": on,
            "said_of_letters": addressed.said,
            "contacts": contacts_of({one.pk: one for one in _lists(duties, asks)}.values()),
            "subject": subject,
            "office": settings.OFFICE_NAME,
            "demo": settings.DEMO,
        }
        return Digest(
            agency=agency,
            recipients=addressed.recipients,
            subject=subject,
            text=render_to_string("emails/digest.txt", context),
            html=render_to_string("emails/digest.html", context),
            lines=tuple(lines),
            rests=(*addressed.held, *addressed.said),
            asked=tuple(ask.heading for ask in asks) if reminders or len(asks) > 1 else (),
        )


def _lines(
    agency: Agency, reminders: Sequence[Reminder], duties: Sequence[Duty], on: dt.date, told: ToldByPlace
) -> list[DigestLine]:
    told = add_told(told, map(told_row, reminders))
    return [
        DigestLine(
            item_no=duty.measure.item.number,
            row=duty.measure.row,
            title=duty.measure.title,
            deadline=deadline,
            days=(deadline - on).days,
            leads=duty.part == Part.LEAD,
            words=_words(agency, duty.part, deadline, on, step),
            address=settings.SITE_URL + reverse("measure", args=[duty.measure_id]),
        )
        for duty in duties
        if (deadline := duty.measure.deadline_in_force)
        for step in [step_of(told.get((duty.measure_id, agency.pk, deadline), ()))]
    ]


def _words(agency: Agency, part: str, deadline: dt.date, on: dt.date, step: Stage | None) -> str:
    """2022年6月30日到期，剩15天　牵头; bodies outside the government's line are told the day and no more."""
    role = "牵头" if part == Part.LEAD else "责任"
    if agency.outside_line:
        return f"完成时限{day_text(deadline)}　{role}"
    days = (deadline - on).days
    near = f"剩{days}天" if days > 0 else days_text(days)
    return f"{day_text(deadline)}到期，{near}　{role}" + (f"　{step.label}" if step else "")


def _reasons(reminders: Sequence[Reminder], asks: Sequence[Ask], rules: Mapping[int, Rules] | None) -> list[Stage]:
    """The stages, as their lists have them now, that the letter is written for; each once."""
    told = [(one.measure.reform_list_id, one.stage) for one in reminders]
    told += [(one.pk, ask.stage) for ask in asks for one in ask.lists]
    rules = rules if rules is not None else rules_of(pk for pk, _name in told)
    return list(dict.fromkeys(rules[pk].stage(name) for pk, name in told))


def _said_by_the_office(
    agency: Agency,
    reasons: Sequence[Stage],
    late: Sequence[DigestLine],
    ahead: Sequence[DigestLine],
    asks: Sequence[Ask],
) -> list[str]:
    """What the office adds to letters of these stages, each once."""
    facts = {
        "单位": agency.name,
        "逾期条数": len(late),
        "最长逾期天数": -late[0].days if late else 0,
        "临近条数": len(ahead),
        "未报送条数": sum(len(ask.lines) for ask in asks if ask.kind == Notice.Kind.REPORT_DUE),
    }
    return list(dict.fromkeys(fill(stage.words, facts) for stage in reasons if stage.words))


def _lists(duties: Sequence[Duty], asks: Sequence[Ask]) -> list[ReformList]:
    return [duty.measure.reform_list for duty in duties] + [one for ask in asks for one in ask.lists]


def _groups(
    agency: Agency, late: Sequence[DigestLine], ahead: Sequence[DigestLine], asks: Sequence[Ask]
) -> list[tuple[str, str, Sequence[DigestLine | AskLine]]]:
    """The parts of the letter that are there: number (where there are several), heading, lines."""
    deadlines: list[tuple[str, Sequence[DigestLine | AskLine]]] = [
        (f"已逾期（{len(late)}条）", late),
        (f"临近到期（{len(ahead)}条）", ahead),
    ]
    if agency.outside_line:
        deadlines = [("", [*late, *ahead])]
    groups = [group for group in (*deadlines, *((ask.heading, ask.lines) for ask in asks)) if group[1]]
    numbers = NUMBERS if 1 < len(groups) <= len(NUMBERS) else ""
    return [
        (f"{numbers[n]}、" if numbers and heading else "", heading, lines) for n, (heading, lines) in enumerate(groups)
    ]


def _asking(agency: Agency, late: Sequence[DigestLine], asks: Sequence[Ask]) -> str:
    """What is asked for where no deadline is the reason; 【商请】 to those outside the government's line."""
    reports = [ask for ask in asks if ask.kind == Notice.Kind.REPORT_DUE]
    if not reports:
        named = asks[0].lines[0].title + ("等" if len(asks) + len(asks[0].lines) > 2 else "")
        return (
            f"【商请】商请{agency.name}签收{named}"
            if agency.outside_line
            else f"【签收提醒】{agency.name}：请签收{named}"
        )
    silent = [ask for ask in reports if ask.late]
    due = f"{day_text(min(ask.due for ask in reports))}前"
    count = sum(len(ask.lines) for ask in silent or reports)
    if agency.outside_line:
        return f"【商请】商请{agency.name}于{due}提供{count}条举措的进展情况"
    rest = f"，另有{len(late)}条举措已逾期" if late else ""
    if silent:
        return f"【未按时报送】{agency.name}：{count}条举措的进展尚未报送{rest}"
    return f"【报送提醒】{agency.name}：{count}条举措的进展请于{due}报送{rest}"


def _subject(agency: Agency, late: list[DigestLine], ahead: list[DigestLine]) -> str:
    """【逾期催办】 when anything is late, else 【到期提醒】; 【商请】 to those outside the government's line."""
    # Bodies that the city does not command (courts, customs …) are asked and never chased.
    if agency.outside_line:
        numbers = list(dict.fromkeys(f"第{line.item_no}项" for line in [*late, *ahead]))
        named = "、".join(numbers[:NAMED]) + ("等" if len(numbers) > NAMED else "")
        return f"【商请】商请{agency.name}提供{named}进展情况"
    if late:
        rest = f"，另有{len(ahead)}条临近到期" if ahead else ""
        # Lines stand by deadline, so that the first is the longest overdue.
        return f"【逾期催办】{agency.name}：{len(late)}条举措已逾期，最长{-late[0].days}天{rest}"
    return f"【到期提醒】{agency.name}：{len(ahead)}条举措{_when(ahead)}到期（{_parts(ahead)}）"


def _when(lines: list[DigestLine]) -> str:
    days = sorted({line.deadline for line in lines})
    first = f"{days[0].month}月{days[0].day}日"
    return first if len(days) == 1 else f"{first}至{days[-1].month}月{days[-1].day}日"


def _parts(lines: list[DigestLine]) -> str:
    lead = sum(line.leads for line in lines)
    counted = (("牵头", lead), ("责任", len(lines) - lead))
    return "、".join(f"{name}{count}条" for name, count in counted if count)
