"""What a digest asks for beside deadlines: the report of a period by its day (报送提醒, 未按时报送), and taking note of
an edition (签收提醒).

Each is a notice, once, that goes out with the digest of its day; what the letter says is asked when it is written.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies.models import Agency, Language
from reforms.duties import opening_of, with_openings
from reforms.lib.words import day_text, in_language, named_text, period_text
from reforms.models import IN_DIGESTS, Duty, ListEdition, Notice, Part, Period, ReformList
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.owed import Ladder, ListStart, switched_on
from reforms.reminders.report_days import due_in
from reforms.reminders.stages import DEFAULT, REPORT, Rules, Stage, falls_of, latest_step, rules_of
from reforms.reports.acknowledge import given_on, to_acknowledge
from reforms.reports.periods import LENGTHS, Span, asked_every, span_on, unreported

Kind = Notice.Kind
LOOKED_BACK = dt.timedelta(days=31)  # no step comes later after its day, the longest holiday included
LATE = REPORT[-1].name


@dataclass(frozen=True, slots=True)
class AskLine:
    """A measure to report on, by how it is called and how its text begins, or an edition to take note of."""

    title: str
    words: str
    address: str
    place: str = ""
    opening: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One part of a digest: what is asked for by `due`, of which lists, by which stage (the name of its rule). `late`
    where the day has passed, and that is said."""

    kind: Notice.Kind
    stage: str
    lists: tuple[ReformList, ...]
    due: dt.date
    late: bool
    heading: str
    lines: tuple[AskLine, ...]


def owed_asks(
    on: dt.date,
    days: WorkingDays,
    lists: Collection[ListStart] | None = None,
    *,
    rules: Mapping[int, Rules] | None = None,
) -> list[Notice]:
    """The notices that fall due on the working day `on` and are not there yet, unsaved; `lists` with their first days,
    without it those that are switched on; their rules are asked unless given. A constant number of queries."""
    rules = rules if rules is not None else rules_of(pk for pk, _first in (switched_on() if lists is None else lists))
    found = [*_reports(on, days, lists, rules), *_acknowledgements(on, days, lists, rules)]
    recent = Notice.objects.filter(kind__in=IN_DIGESTS, on__gt=on - LOOKED_BACK)
    told = set(recent.values_list("once", flat=True))
    return [notice for notice in found if notice.once not in told]


def create_asks(on: dt.date) -> int:
    """Write them; how many were new. Of two that run at once one writes each."""
    new = owed_asks(on, WorkingDays.stored())
    Notice.objects.bulk_create(new, ignore_conflicts=True, batch_size=1000)
    return len(new)


def asks_of(notices: Iterable[Notice], on: dt.date, *, language: str = Language.CHINESE) -> dict[int, list[Ask]]:
    """What is left of these on the day it is said, by agency: of each list and length of a period the latest period
    alone. A few queries for each length of a period, however many agencies there are."""
    notices = [notice for notice in notices if notice.kind in IN_DIGESTS]
    lists = ReformList.objects.in_work().in_bulk({notice.facts["list"] for notice in notices})
    held = [notice for notice in notices if notice.facts["list"] in lists]
    found: defaultdict[int, list[Ask]] = defaultdict(list)
    # Whatever the language of the process that asks.
    with translation.override(language):
        for agency_id, ask in (*_reports_left(held, lists, on), *_editions_left(held, lists, on)):
            found[agency_id].append(ask)
        return {agency_id: _by_heading(asks) for agency_id, asks in found.items()}


def _by_heading(asks: Iterable[Ask]) -> list[Ask]:
    """What several lists ask for by one day under one heading, each line with its list."""
    parts: defaultdict[tuple[Notice.Kind, dt.date, str], list[Ask]] = defaultdict(list)
    for ask in asks:
        parts[ask.kind, ask.due, ask.heading].append(ask)
    return [_joined(same) for same in parts.values()]


def _joined(same: Sequence[Ask]) -> Ask:
    first, counted = same[0], _("%(heading)s（%(n)d份）")
    lines = [line for ask in same for line in ask.lines]
    heading = first.heading
    if first.kind == Kind.REPORT_DUE:
        counted = _("%(heading)s（%(n)d条）")
        if len(same) > 1:
            lines = [replace(line, words=_beside(line.words, ask.lists[0])) for ask in same for line in ask.lines]
        else:
            heading = _("《%(list)s》%(said)s") % {"list": first.lists[0], "said": heading}
    return replace(
        first,
        lists=tuple(reform_list for ask in same for reform_list in ask.lists),
        heading=counted % {"heading": heading, "n": len(lines)},
        lines=tuple(lines),
    )


def _beside(words: str, reform_list: ReformList) -> str:
    return words + in_language(f"　《{reform_list}》", f" · “{reform_list}”")


def asks_ahead(
    reform_list: ReformList, ladder: Ladder, on: dt.date, until: dt.date
) -> Iterator[tuple[dt.date, Stage, Counter[int]]]:
    """What would be asked for in this list, of which `ladder` has the rules and the first day, after `on` and up to
    `until` if nothing were reported and nothing taken note of: the day, the stage, and of how many measures (editions)
    by agency. A query for each period, however many measures."""
    rules, start, days = ladder.rules[reform_list.pk], ladder.first_days[reform_list.pk], ladder.days
    for span, due, owing in _periods_ahead(reform_list, on, until, days):
        for falls, step in falls_of(rules.report, due, days, earliest=days.next(span.first)).items():
            asked = owing.late if step.name == LATE else owing.all
            if on < falls <= until and start <= due and asked:
                yield falls, step, asked
    for _edition, agency_id, since in _not_taken_note_of({reform_list.pk: start}):
        for falls, step in falls_of(rules.acknowledge, since, days).items():
            if on < falls <= until:
                yield falls, step, Counter([agency_id])


# The period's report ------------------------------------------------------------------------------


def _reports(
    on: dt.date, days: WorkingDays, lists: Collection[ListStart] | None, rules_by_list: Mapping[int, Rules]
) -> Iterator[Notice]:
    by_step: defaultdict[tuple[Period, Span, Stage], Q] = defaultdict(Q)
    for rules, theirs in _by_rules(rules_by_list):
        for every, span, report_day in _days_near(on, lists):
            due = due_in(span, report_day, days)
            if step := latest_step(rules.report, due, on, days, earliest=days.next(span.first)):
                here = theirs & Q(measure__reform_list__report_day=report_day) & _begun(lists, due)
                by_step[every, span, step] |= here
    for (every, span, step), here in by_step.items():
        owing = unreported(span.last).filter(here, asked_every(every))
        if step.name == LATE:
            owing = owing.exclude(agency__outside_line=True)
        rows = owing.order_by("agency", "measure__reform_list").values_list(
            "agency",
            "agency__outside_line",
            "measure__reform_list",
            "measure__reform_list__title",
            "measure__reform_list__report_day",
        )
        for agency_id, outside, list_id, title, report_day, count in rows.annotate(n=Count("pk")):
            facts = {
                "list": list_id,
                "title": title,
                "every": every,
                "first": str(span.first),
                "last": str(span.last),
                "due": str(due_in(span, report_day, days)),
                "count": count,
            }
            facts |= {"late": True} if step.name == LATE else {}
            facts |= {"outside_line": True} if outside else {}
            yield _notice(Kind.REPORT_DUE, agency_id, on, step, of=f"{span.last} {every}", **facts)


@dataclass(frozen=True, slots=True)
class _Owing:
    """Of how many measures each agency owes a report; `late` without those that are never told that they were late."""

    all: Counter[int]
    late: Counter[int]


def _periods_ahead(
    reform_list: ReformList, on: dt.date, until: dt.date, days: WorkingDays
) -> Iterator[tuple[Span, dt.date, _Owing]]:
    """The periods of a list that hold one of these days, with the day of report."""
    lengths = {every for every in (reform_list.report_every, reform_list.standing_every) if every in LENGTHS}
    for every in map(Period, sorted(lengths)):
        span = span_on(on, every)
        while span and span.first <= until:
            owing = unreported(span.last, [reform_list]).filter(asked_every(every)).order_by()
            found = list(owing.values_list("agency", "agency__outside_line"))
            late = Counter(agency for agency, outside in found if not outside)
            yield span, due_in(span, reform_list.report_day, days), _Owing(Counter(pk for pk, _out in found), late)
            span = span_on(span.last + dt.timedelta(days=1), every)


def _by_rules(own: Mapping[int, Rules]) -> Iterator[tuple[Rules, Q]]:
    """Each of the rules that lists have, with whose duties are told by them."""
    yield DEFAULT, ~Q(measure__reform_list__in=list(own)) if own else Q()
    for rules in dict.fromkeys(own.values()):
        yield rules, Q(measure__reform_list__in=[pk for pk, theirs in own.items() if theirs == rules])


def _days_near(on: dt.date, lists: Collection[ListStart] | None) -> Iterator[tuple[Period, Span, int]]:
    """Each length of a period that these lists ask for with their days of report: the period that holds `on` and the
    one before it."""
    asking = (
        ReformList.objects.filter(reminders_on=True) if lists is None else ReformList.objects.filter(pk__in=dict(lists))
    )
    asked = asking.order_by().values_list("report_day", "report_every", "standing_every").distinct()
    lengths = {(Period(every), day) for day, *each in asked for every in each if every in LENGTHS}
    for every, report_day in sorted(lengths):
        spans = dict.fromkeys(span for day in (on - LOOKED_BACK, on) if (span := span_on(day, every)))
        yield from ((every, span, report_day) for span in spans)


def _begun(lists: Collection[ListStart] | None, by: dt.date) -> Q:
    """Of duties: those of these lists whose first day has come by then."""
    if lists is not None:
        return Q(measure__reform_list__in=[pk for pk, first in lists if first <= by])
    return Q(measure__reform_list__reminders_on=True, measure__reform_list__reminders_from__lte=by)


def _reports_left(notices: Sequence[Notice], lists: Mapping[int, ReformList], on: dt.date) -> Iterator[tuple[int, Ask]]:
    latest: dict[tuple[int, int, str], Notice] = {}
    for notice in sorted(notices, key=lambda one: (str(one.facts.get("last")), one.facts.get("late", False))):
        if notice.kind == Kind.REPORT_DUE and notice.agency_id:
            latest[notice.agency_id, notice.facts["list"], notice.facts["every"]] = notice
    by_period: defaultdict[tuple[Period, dt.date], list[Notice]] = defaultdict(list)
    for notice in latest.values():
        by_period[Period(notice.facts["every"]), _day(notice, "last")].append(notice)
    for (every, last), told in by_period.items():
        owing = unreported(last).filter(asked_every(every), agency__in={notice.agency_id for notice in told})
        owing = with_openings(owing.select_related("measure__item"))
        left: defaultdict[tuple[int, int], list[Duty]] = defaultdict(list)
        for duty in owing.order_by("measure__row"):
            left[duty.agency_id, duty.measure.reform_list_id].append(duty)
        for notice in told:
            agency_id = notice.agency_id or 0
            if duties := left.get((agency_id, notice.facts["list"])):
                yield agency_id, _report_ask(notice, duties, lists[notice.facts["list"]], on)


def part_text(part: str) -> str:
    """牵头 or 责任: by which part a measure is somebody's."""
    return _("牵头") if part == Part.LEAD else _("责任")


def _report_ask(notice: Notice, duties: Sequence[Duty], reform_list: ReformList, on: dt.date) -> Ask:
    first, last, due = (_day(notice, name) for name in ("first", "last", "due"))
    passed, outside = on > due, bool(notice.facts.get("outside_line"))
    if passed:
        words = _("%(period)s进展尚未收到（原商请%(day)s前提供）") if outside else _("%(period)s进展未按时报送")
    else:
        words = _("%(period)s进展请于%(day)s前报送")
    return Ask(
        kind=Kind.REPORT_DUE,
        stage=notice.facts["stage"],
        lists=(reform_list,),
        due=due,
        late=passed and not outside,
        heading=words % {"period": period_text(first, last), "day": day_text(due)},
        lines=tuple(
            AskLine(
                place=named_text(duty.measure.item.number, duty.measure.seq_in_item),
                title=duty.measure.title,
                opening=opening_of(duty),
                words=part_text(duty.part),
                address=settings.SITE_URL + reverse("measure", args=[duty.measure_id]),
            )
            for duty in duties
        ),
    )


# Taking note of an edition ------------------------------------------------------------------------


def _acknowledgements(
    on: dt.date, days: WorkingDays, lists: Collection[ListStart] | None, rules: Mapping[int, Rules]
) -> Iterator[Notice]:
    outside = set(Agency.objects.filter(outside_line=True).values_list("pk", flat=True))
    for edition, agency_id, since in _not_taken_note_of(dict(switched_on() if lists is None else lists)):
        steps = rules[edition.reform_list_id].acknowledge
        if step := latest_step(steps, since, on, days):
            due = days.after(since, steps[0].days)
            facts: dict[str, Any] = {
                "list": edition.reform_list_id,
                "title": edition.reform_list.title,
                "edition": edition.pk,
                "number": edition.number,
                "due": str(due),
            }
            facts |= {"late": True} if on > due else {}
            facts |= {"outside_line": True} if agency_id in outside else {}
            yield _notice(Kind.ACKNOWLEDGE_DUE, agency_id, on, step, of=edition.number, **facts)


def _not_taken_note_of(first_days: Mapping[int, dt.date]) -> Iterator[tuple[ListEdition, int, dt.date]]:
    """The editions in force of these lists, with their first days, which agencies were given and have not taken note
    of: the edition, the agency, and the day since when."""
    waiting = to_acknowledge(lists=first_days)
    given = given_on({edition for edition, _agency in waiting})
    assigned: defaultdict[int, list[dt.date]] = defaultdict(list)
    told = Notice.objects.filter(kind=Kind.ASSIGNED, on__gte=min(given.values(), default=dt.date.max))
    for agency_id, day in told.exclude(agency=None).order_by("on").values_list("agency", "on"):
        assigned[agency_id].append(day)
    for edition, agency_id in waiting:
        if edition.pk in given:
            since = max(given[edition.pk], first_days[edition.reform_list_id])
            # Who came to it later, by a group or a reorganisation, was told so.
            yield edition, agency_id, next((day for day in assigned[agency_id] if day >= since), since)


def _editions_left(
    notices: Sequence[Notice], lists: Mapping[int, ReformList], on: dt.date
) -> Iterator[tuple[int, Ask]]:
    # A newer edition is told of anew.
    asked = {(one.agency_id or 0, one.facts["edition"]): one for one in notices if one.kind == Kind.ACKNOWLEDGE_DUE}
    if not asked:
        return
    for edition, agency_id in to_acknowledge({pk for pk, _edition in asked}, lists=lists):
        if notice := asked.get((agency_id, edition.pk)):
            yield agency_id, _acknowledgement_ask(notice, edition, on)


def _acknowledgement_ask(notice: Notice, edition: ListEdition, on: dt.date) -> Ask:
    due, reform_list = _day(notice, "due"), edition.reform_list
    return Ask(
        kind=Kind.ACKNOWLEDGE_DUE,
        stage=notice.facts["stage"],
        lists=(reform_list,),
        due=due,
        late=on > due,
        heading=_("待签收的清单"),
        lines=(
            AskLine(
                title=_("《%(list)s》（第%(edition)s版）") % {"list": reform_list, "edition": edition.number},
                words=_to_acknowledge_by(due, on, outside=bool(notice.facts.get("outside_line"))),
                address=settings.SITE_URL + reverse("desk"),
            ),
        ),
    )


def _to_acknowledge_by(due: dt.date, on: dt.date, *, outside: bool) -> str:
    if on > due:
        words = _("尚未签收，商请予以签收（原商请%(day)s前签收）") if outside else _("尚未签收")
    else:
        words = _("商请于%(day)s前签收") if outside else _("请于%(day)s前签收")
    return words % {"day": day_text(due)}


def _notice(kind: Notice.Kind, agency_id: int, on: dt.date, stage: Stage, *, of: object, **facts: Any) -> Notice:
    """`of` is the period or edition it is about."""
    return Notice(
        kind=kind,
        agency_id=agency_id,
        on=on,
        created_at=timezone.now(),
        facts=facts | {"stage": stage.name},
        by_mail=True,
        once=f"{kind} {facts['list']} {agency_id} {of} {stage.name}",
    )


def _day(notice: Notice, name: str) -> dt.date:
    return dt.date.fromisoformat(notice.facts[name])
