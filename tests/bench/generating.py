"""Realistic large data: lists of many cities and years, brought in as an import brings them in.

Each is made of the rows of the real list, so that sections, lengths of texts and the share of each agency are true: the
one that leads most there leads most here. Older lists are mostly closed, the latest are under way. The same sizes and
the same day make the same data.

Run as a program, it fills the empty database that DATABASE_URL names:
python -m tests.bench.generating --lists 463 --measures 100008
"""

import argparse
import contextlib
import datetime as dt
import random
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import django
from django.core.management import call_command

from importers.documents.read import read_document
from importers.documents.values import ParsedList, ParsedMeasure
from tests.bench.copying import copy_lists
from tests.bench.documents import REAL_LIST

# 100,008 measures where they are as long as the real one: minutes (SQLite 5, PostgreSQL 9).
MOST_BROUGHT_IN = 463
YEARS = 20
CITIES = (
    *("深圳市", "广州市", "珠海市", "汕头市", "佛山市", "韶关市", "河源市", "梅州市", "惠州市", "汕尾市", "东莞市"),
    *("中山市", "江门市", "阳江市", "湛江市", "茂名市", "肇庆市", "清远市", "潮州市", "揭阳市", "云浮市"),
)
BATCHES = ("首批", "第二批", "第三批")
# Every tenth list keeps its status to itself, every tenth is for agencies only.
WITHOUT_STATUS, FOR_AGENCIES = 3, 7
PROGRESS = "工作方案已印发，正按计划组织实施；已在部分区先行试点，运行平稳。"
DONE = "任务已全部完成，成果已投入使用，申请销号。"


@dataclass(frozen=True, slots=True)
class Size:
    """How much to make."""

    lists: int
    measures: int

    def of_list(self, number: int) -> int:
        """How many measures the list of that number has: the rest is spread over the first ones."""
        each, rest = divmod(self.measures, self.lists)
        return each + (number < rest)


def fill(size: Size, on: dt.date) -> None:
    """Bring `size.lists` lists into a database that has its tables, as if they had come in one by one up to `on`. Of
    more than MOST_BROUGHT_IN the others are copies of the first, as near to the size as that allows."""
    times = -(-size.lists // MOST_BROUGHT_IN)
    first = Size(size.lists // times, size.measures // times)
    for number in range(first.lists):
        _bring_in(number, first.of_list(number), on)
    if times > 1:
        copy_lists(times)


def _bring_in(number: int, measures: int, on: dt.date) -> None:
    from agencies.access import PORTAL
    from importers.editions.apply import Source, apply_plan
    from importers.editions.known import plan_import
    from importers.editions.new_list import list_for
    from reforms.models import Audience, ReformList

    printed, year = printed_list(number, measures, on)
    reform_list = list_for(printed, slug=slug_of(number), year=year, on=on)
    source = Source(file_name="list.docx", file_sha256="0" * 64, who=PORTAL, on=on)
    apply_plan(plan_import(printed, reform_list), reform_list, source)
    ReformList.objects.filter(pk=reform_list.pk).update(
        short_title=printed.title.removesuffix("改革事项清单"),
        issued_on=dt.date(year, 1, 31) if year < on.year else min(dt.date(year, 1, 31), on),
        open_to=Audience.AGENCIES if number % 10 == FOR_AGENCIES else Audience.PUBLIC,
        public_status=number % 10 != WITHOUT_STATUS,
    )
    _make_progress(reform_list.pk, year, on)


def slug_of(number: int) -> str:
    return f"bench-{number}"


def printed_list(number: int, measures: int, on: dt.date) -> tuple[ParsedList, int]:
    """What the document of the list of that number says, and its year: the latest first, city by city."""
    place, batch = divmod(number, len(CITIES) * YEARS)[::-1]
    year, city = on.year - place % YEARS, CITIES[place // YEARS % len(CITIES)]
    said = f"{city}{year}年{BATCHES[batch % len(BATCHES)]}"
    real = _real_list()
    rows = tuple(_row(real, number * measures + at, at + 1, said, year) for at in range(measures))
    used = {row.section_no for row in rows}
    sections = tuple(section for section in real.sections if section.no in used)
    return replace(real, title=f"{said}改革事项清单", sections=sections, measures=rows), year


@cache
def _real_list() -> ParsedList:
    return read_document(REAL_LIST.read_bytes(), REAL_LIST.name)


def _row(real: ParsedList, place: int, row: int, said: str, year: int) -> ParsedMeasure:
    """A row of the real list in another one: its own words, in its year; a list longer than the real one goes on
    counting."""
    copy, at = divmod(row - 1, len(real.measures))
    found = real.measures[place % len(real.measures)]
    deadline = found.deadline
    return replace(
        found,
        row=row,
        item_no=(found.item_no or 0) + 200 * copy,
        item_title=f"{found.item_title}（{said}）" if copy == 0 else f"{found.item_title}（{said}，续{copy}）",
        text=f"{found.text}（{said}第{at + 1}条）",
        deadline=_in_year(deadline, deadline.year - 2022 + year) if deadline else None,
    )


def _in_year(day: dt.date, year: int) -> dt.date:
    return day.replace(year=year, day=min(day.day, 28)) if day.month == 2 else day.replace(year=year)


def _make_progress(list_id: int, year: int, on: dt.date) -> None:
    """Reports of those who lead, claims of those who must, by the age of the list; each measure is settled once."""
    from django.db import transaction

    from agencies.access import PORTAL
    from agencies.log.write import record
    from reforms.models import Measure, ProgressReport
    from reforms.reports.submit import report_entry
    from reforms.status.settle import settle

    chance = random.Random(list_id)  # the same data each time
    measures = list(Measure.objects.filter(reform_list=list_id).select_related("reform_list").order_by("pk"))
    with transaction.atomic():
        reports = ProgressReport.objects.bulk_create(_reports(measures, year, on, chance), batch_size=500)
        told = [replace(report_entry(one), on=one.on) for one in reports]
        days = {one.measure_id: one.on for one in reports}
        settled = [replace(entry, on=days[entry.object_id]) for entry in settle(list(days))] if days else []
        record(sorted([*told, *settled], key=lambda entry: entry.on or on), who=PORTAL, on=on)


def _reports(measures: Collection[Any], year: int, on: dt.date, chance: random.Random) -> Iterator[Any]:
    from reforms.duties import claimants
    from reforms.models import Duty, Part

    held: dict[int, list[Any]] = defaultdict(list)
    for duty in Duty.objects.filter(measure__in=[one.pk for one in measures]).order_by("pk"):
        held[duty.measure_id].append(duty)
    must = claimants(measures, held)
    for measure in measures:
        leads = [duty for duty in held[measure.pk] if duty.part == Part.LEAD]
        fate = chance.random() if leads else 1.0
        closed, claimed, reported = _shares(on.year - year)
        day = min(dt.date(year, 1, 31) + dt.timedelta(days=chance.randrange(320)), on)
        if fate < closed + claimed and not measure.is_standing:
            state = "verified" if fate < closed else "under_review"
            claiming = [duty for duty in held[measure.pk] if duty.agency_id in must[measure.pk]]
            yield from (
                _said(duty, day, state=state, is_claim=True, claimed_on=day, progress=DONE) for duty in claiming
            )
        elif fate < reported:
            problems = "数据接口尚待上级部门开放，请协调。" if chance.random() < 0.03 else ""
            yield _said(leads[0], day, progress=PROGRESS, problems=problems)


def _shares(age: int) -> tuple[float, float, float]:
    """Of a list that old: which part is closed, which is claimed beside, and up to which anything was reported."""
    if age == 0:
        return 0.15, 0.04, 0.8
    return (0.7, 0.02, 0.95) if age == 1 else (0.92, 0.0, 0.98)


def _said(duty: Any, on: dt.date, **facts: Any) -> Any:
    from django.utils import timezone

    from agencies.access import PORTAL
    from reforms.models import ProgressReport

    decided = {"decided_by": PORTAL.label, "decided_on": on} if facts.get("state") == "verified" else {}
    return ProgressReport(
        measure_id=duty.measure_id,
        duty=duty,
        agency_id=duty.agency_id,
        on=on,
        recorded_at=timezone.now(),
        author=PORTAL.label,
        **decided,
        **facts,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.generating", description=__doc__)
    parser.add_argument("--lists", type=int, default=10)
    parser.add_argument("--measures", type=int, default=2160)
    options = parser.parse_args()
    django.setup()
    from agencies.access import today

    with contextlib.redirect_stdout(sys.stderr):
        call_command("migrate", verbosity=0)
    fill(Size(options.lists, options.measures), today())
    return 0


if __name__ == "__main__":
    sys.exit(main())
