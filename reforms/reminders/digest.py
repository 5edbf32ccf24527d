"""What a digest says and to whom: the whole state of an agency on the day it is written, whatever made it due. In
Chinese, as an official notice; in English for whoever chose that."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.models import Agency, Language, Role
from reforms.duties import opening_of, with_openings
from reforms.lib.placeholders import fill
from reforms.lib.words import day_text, days_text, in_language, item_text, named_text, short_day_text
from reforms.models import Duty, DutyQuerySet, Milestone, Notice, Part, ReformList, Reminder
from reforms.reminders.asks import Ask, AskLine, part_text
from reforms.reminders.letters import Letter, PeopleOf, contacts_of, name_of, office_name, people_of, reminded_of
from reforms.reminders.owed import ToldByPlace, add_told, duties_due, steps_told, told_row
from reforms.reminders.stages import TOLD_FIRST, Rules, Stage, rules_of, step_of

NAMED = 5
NUMBERS = "一二三四五六七八九十"
STEPS_NEAR, STEPS_NAMED = dt.timedelta(days=7), 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """One measure of a digest: how it is called and how its text begins. `days` to the deadline, negative when past;
    `words` say when it is due, which part the agency has, and how far it was chased."""

    item_no: int
    place: str
    row: int
    title: str
    opening: str
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


def milestones_told(agencies: Collection[int], lists: Collection[int], on: dt.date) -> dict[int, list[Milestone]]:
    """By agency that leads the measure, the milestones not reached that are due within a week, or were: at most
    STEPS_NAMED each. A letter that goes out anyway carries them along; none goes out for them. One query."""
    near = (on - STEPS_NEAR, on + STEPS_NEAR)
    # In one call, so that the agency is that of the duty that leads.
    leads = {"measure__duties__part": Part.LEAD, "measure__duties__agency__in": list(agencies)}
    due = Milestone.objects.open().filter(measure__reform_list__in=lists, due_on__range=near, **leads)
    found: dict[int, list[Milestone]] = {pk: [] for pk in agencies}
    rows = due.annotate(lead=F("measure__duties__agency")).select_related("measure__item").order_by("due_on", "pk")
    for milestone in rows:
        found[milestone.lead].append(milestone)  # type: ignore[attr-defined]  # annotated
    return {pk: milestones[:STEPS_NAMED] for pk, milestones in found.items()}


def duties_told(agency: Agency, lists: Collection[int], on: dt.date) -> list[Duty]:
    """Of an agency, the longest overdue first."""
    return list(_told_duties(lists, on).filter(agency=agency))


def _told_duties(lists: Collection[int], on: dt.date) -> DutyQuerySet:
    found = duties_due(lists, on).select_related("measure__item", "measure__reform_list")
    found = with_openings(found)
    return found.order_by("measure__deadline_in_force", "measure__reform_list", "measure__row")


@dataclass(frozen=True, slots=True)
class Ground:
    """What the letters of many agencies are written from: their duties, the steps they were told, their people, and the
    rules of the lists; four queries, however many agencies and measures there are."""

    duties: Mapping[int, list[Duty]]
    told: ToldByPlace
    people: PeopleOf
    rules: Mapping[int, Rules]

    @classmethod
    def of(
        cls, agencies: Collection[Agency], lists: Collection[int], on: dt.date, *, rules: Mapping[int, Rules]
    ) -> "Ground":
        """As it is now, in these lists."""
        duties: dict[int, list[Duty]] = {agency.pk: [] for agency in agencies}
        for duty in _told_duties(lists, on).filter(agency__in=duties):
            duties[duty.agency_id].append(duty)
        told = steps_told(agencies, [duty for found in duties.values() for duty in found])
        return cls(duties, told, people_of(agencies, on), rules)


def compose(
    agency: Agency,
    reminders: Iterable[Reminder],
    duties: Sequence[Duty],
    on: dt.date,
    *,
    ground: Ground | None = None,
    asks: Sequence[Ask] = (),
    milestones: Sequence[Milestone] = (),
    language: str = Language.CHINESE,
) -> Digest:
    """The letter about `duties` (with item and list of their measures) and `asks` (in that language), for which these
    and `reminders`, what fell due, are the reason; `milestones` (with item) are told besides. What was told, and to
    whom it goes, is asked unless `ground` has it."""
    reminders = list(reminders)
    reasons = _reasons(reminders, asks, ground.rules if ground else None)
    # Whatever the language of the process that sends it.
    with translation.override(language):
        roles = frozenset[Role]().union(*(stage.to for stage in reasons)) or TOLD_FIRST
        addressed = reminded_of(agency, roles, ground.people if ground else people_of([agency], on))
        lines = _lines(agency, reminders, duties, on, ground.told if ground else steps_told([agency], duties))
        late, ahead = [line for line in lines if line.days < 0], [line for line in lines if line.days >= 0]
        subject = _subject(agency, late, ahead) if reminders or not asks else _asking(agency, late, asks, on)
        context = _frame(agency, duties, on, asks) | {
            "names_measures": bool(lines) or any(ask.kind == Notice.Kind.REPORT_DUE for ask in asks),
            "words": [] if agency.outside_line else _said_by_the_office(agency, reasons, late, ahead, asks),
            "groups": _groups(agency, late, ahead, asks, _steps(milestones, on)),
            "said_of_letters": addressed.said,
            "subject": subject,
        }
        return Digest(
            agency=agency,
            language=language,
            recipients=addressed.recipients,
            subject=subject,
            text=render_to_string("emails/digest.txt", context),
            html=render_to_string("emails/digest.html", context),
            lines=tuple(lines),
            rests=(*addressed.held, *addressed.said),
            asked=tuple(ask.heading for ask in asks) if reminders or len(asks) > 1 else (),
        )


def _frame(agency: Agency, duties: Sequence[Duty], on: dt.date, asks: Sequence[Ask]) -> dict[str, Any]:
    """What stands around that which is told."""
    return {
        "agency": agency,
        "salutation": in_language(agency.full_name or agency.name, agency.name_en),
        "gap": _gap(),
        "on": on,
        "contacts": contacts_of({one.pk: one for one in _lists(duties, asks)}.values()),
        "office": office_name(),
        "demo": settings.DEMO,
    }


def _lines(
    agency: Agency, reminders: Sequence[Reminder], duties: Sequence[Duty], on: dt.date, told: ToldByPlace
) -> list[DigestLine]:
    told = add_told(told, map(told_row, reminders))
    return [
        DigestLine(
            item_no=duty.measure.item.number,
            place=named_text(duty.measure.item.number, duty.measure.seq_in_item),
            row=duty.measure.row,
            title=duty.measure.title,
            opening=opening_of(duty),
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
    role = part_text(part)
    if agency.outside_line:
        return _gap().join((_("完成时限%(day)s") % {"day": day_text(deadline)}, role))
    days = (deadline - on).days
    near = ngettext("剩%(n)d天", "剩%(n)d天", days) % {"n": days} if days > 0 else days_text(days)
    due = _("%(day)s到期，%(near)s") % {"day": day_text(deadline), "near": near}
    return _gap().join((due, role, *([str(step.label)] if step else [])))


def _gap() -> str:
    """Between what is said of one measure."""
    return in_language("　", " · ")


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


def _steps(milestones: Sequence[Milestone], on: dt.date) -> list[AskLine]:
    """Milestones as lines of their measures. One that is missed is not chased, and said the same to everybody."""
    return [
        AskLine(
            place=named_text(one.measure.item.number, one.measure.seq_in_item),
            title=one.measure.title,
            words=_said_of_step(one, on) % {"step": one.title, "day": day_text(one.due_on)},
            address=settings.SITE_URL + reverse("measure", args=[one.measure_id]) + "#milestones",
        )
        for one in milestones
    ]


def _said_of_step(milestone: Milestone, on: dt.date) -> str:
    if milestone.is_missed(on):
        return _("节点“%(step)s”计划%(day)s完成，尚未报告")
    return _("节点“%(step)s”计划%(day)s完成")


def _groups(
    agency: Agency,
    late: Sequence[DigestLine],
    ahead: Sequence[DigestLine],
    asks: Sequence[Ask],
    steps: Sequence[AskLine],
) -> list[tuple[str, str, Sequence[DigestLine | AskLine]]]:
    """The parts of the letter that are there: number (where there are several), heading, lines."""
    deadlines: list[tuple[str, Sequence[DigestLine | AskLine]]] = [
        (_("已逾期（%(n)d条）") % {"n": len(late)}, late),
        (_("临近到期（%(n)d条）") % {"n": len(ahead)}, ahead),
    ]
    if agency.outside_line:
        deadlines = [("", [*late, *ahead])]
    besides = (_("阶段节点（%(n)d个）") % {"n": len(steps)}, steps)
    groups = [group for group in (*deadlines, *((ask.heading, ask.lines) for ask in asks), besides) if group[1]]
    numbered = 1 < len(groups) <= len(NUMBERS) and all(heading for heading, _lines in groups)
    return [
        (in_language(f"{NUMBERS[n]}、", f"{n + 1}. ") if numbered and heading else "", heading, lines)
        for n, (heading, lines) in enumerate(groups)
    ]


def _asking(agency: Agency, late: Sequence[DigestLine], asks: Sequence[Ask], on: dt.date) -> str:
    """What is asked for where no deadline is the reason; 【商请】 to those outside the government's line."""
    reports = [ask for ask in asks if ask.kind == Notice.Kind.REPORT_DUE]
    if not reports:
        return _asking_to_acknowledge(agency, asks)
    silent = [ask for ask in reports if ask.late]
    n = sum(len(ask.lines) for ask in silent or reports)
    named = {"agency": name_of(agency), "n": n, "day": day_text(_next_day(reports, on))}
    if agency.outside_line:
        return _requested(n, passed=all(ask.due < on for ask in reports)) % named
    if silent:
        said = ngettext(
            "【未按时报送】%(agency)s：%(n)d条举措的进展尚未报送",
            "【未按时报送】%(agency)s：%(n)d条举措的进展尚未报送",
            n,
        )
    else:
        said = ngettext(
            "【报送提醒】%(agency)s：%(n)d条举措的进展请于%(day)s前报送",
            "【报送提醒】%(agency)s：%(n)d条举措的进展请于%(day)s前报送",
            n,
        )
    besides = ngettext("，另有%(n)d条举措已逾期", "，另有%(n)d条举措已逾期", len(late)) % {"n": len(late)}
    return said % named + (besides if late else "")


def _next_day(asks: Sequence[Ask], on: dt.date) -> dt.date:
    """The first day that is still to come, else the first of all."""
    days = [ask.due for ask in asks]
    return min([day for day in days if day >= on] or days)


def _requested(n: int, *, passed: bool) -> str:
    if passed:
        # A day that is over cannot be kept any more: what was asked for is asked for again.
        return ngettext(
            "【商请】商请%(agency)s提供%(n)d条举措的进展情况（原商请%(day)s前提供）",
            "【商请】商请%(agency)s提供%(n)d条举措的进展情况（原商请%(day)s前提供）",
            n,
        )
    return ngettext(
        "【商请】商请%(agency)s于%(day)s前提供%(n)d条举措的进展情况",
        "【商请】商请%(agency)s于%(day)s前提供%(n)d条举措的进展情况",
        n,
    )


def _asking_to_acknowledge(agency: Agency, asks: Sequence[Ask]) -> str:
    lists = asks[0].lines[0].title
    several = len(asks) + len(asks[0].lines) > 2
    named = {"agency": name_of(agency), "list": _("%(named)s等") % {"named": lists} if several else lists}
    if agency.outside_line:
        return _("【商请】商请%(agency)s签收%(list)s") % named
    return _("【签收提醒】%(agency)s：请签收%(list)s") % named


def _subject(agency: Agency, late: list[DigestLine], ahead: list[DigestLine]) -> str:
    """【逾期催办】 when anything is late, else 【到期提醒】; 【商请】 to those outside the government's line."""
    # Bodies that the city does not command (courts, customs …) are asked and never chased.
    if agency.outside_line:
        numbers = list(dict.fromkeys(item_text(line.item_no) for line in [*late, *ahead]))
        items = _("、").join(numbers[:NAMED])
        items = _("%(named)s等") % {"named": items} if len(numbers) > NAMED else items
        return _("【商请】商请%(agency)s提供%(items)s进展情况") % {"agency": name_of(agency), "items": items}
    if late:
        # Lines stand by deadline, so that the first is the longest overdue.
        longest = -late[0].days
        named = {
            "agency": name_of(agency),
            "n": len(late),
            "longest": ngettext("%(n)d天", "%(n)d天", longest) % {"n": longest},
        }
        said = ngettext(
            "【逾期催办】%(agency)s：%(n)d条举措已逾期，最长%(longest)s",
            "【逾期催办】%(agency)s：%(n)d条举措已逾期，最长%(longest)s",
            len(late),
        )
        more = ngettext("，另有%(n)s条临近到期", "，另有%(n)s条临近到期", len(ahead)) % {"n": len(ahead)}
        return said % named + (more if ahead else "")
    said = ngettext(
        "【到期提醒】%(agency)s：%(n)d条举措%(when)s到期（%(parts)s）",
        "【到期提醒】%(agency)s：%(n)d条举措%(when)s到期（%(parts)s）",
        len(ahead),
    )
    return said % {"agency": name_of(agency), "n": len(ahead), "when": _when(ahead), "parts": _parts(ahead)}


def _when(lines: list[DigestLine]) -> str:
    days = sorted({line.deadline for line in lines})
    first, last = short_day_text(days[0]), short_day_text(days[-1])
    return first if len(days) == 1 else _("%(first)s至%(last)s") % {"first": first, "last": last}


def _parts(lines: list[DigestLine]) -> str:
    lead = sum(line.leads for line in lines)
    counted = ((_("牵头%(n)d条"), lead), (_("责任%(n)d条"), len(lines) - lead))
    return _("、").join(words % {"n": count} for words, count in counted if count)
