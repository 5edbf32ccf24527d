"""A year of the real list, day by day: who is written to when, and that nobody is forgotten.

Nobody reports in it, so that the ladder is climbed to its end; the table below can be read and is checked.
"""

import datetime as dt
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from agencies.models import Agency
from reforms.models import Duty, Notice, ReformList
from reforms.reminders.asks import create_asks
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.digest import compose, duties_told
from reforms.reminders.owed import Ladder
from tests.conftest import ON

LAST = dt.date(2023, 6, 14)
# Agencies asked for their reports in each month: three working days before the day of report, on it, and told on the
# working day after it that they did not. The last leaves out those outside the government's line.
REPORTS = """
2022-06  21: 72  24: 72  27: 40
2022-07  20: 71  25: 71  26: 40
2022-08  22: 71  25: 71  26: 40
2022-09  20: 71  23: 71  26: 40
2022-10  20: 71  25: 71  26: 40
2022-11  22: 71  25: 71  28: 40
2022-12  20: 72  23: 72  26: 40
2023-01  17: 71  20: 71  28: 40
2023-02  21: 71  24: 71  27: 40
2023-03  21: 71  24: 71  27: 40
2023-04  21: 71  25: 71  26: 40
2023-05  22: 71  25: 71  26: 40
"""
# Letters in each month, and the days on which they went out.
GOLDEN = """
2022-06  15: 54  20: 27  23: 54  24: 27  30: 54
2022-07  01: 54  04: 27  07: 54  11: 27  18: 57  25: 57
2022-08  01: 57  08: 57  15: 57  22: 57  29: 57
2022-09  05: 57  13: 57  19: 57  26: 57
2022-10  08: 57  17: 57  24: 57  31: 57
2022-11  07: 57  14: 57  21: 57  28: 57
2022-12  01: 63  05: 57  12: 57  16: 63  19: 57  23: 63  26: 57  30: 63
2023-01  03: 71  09: 71  16: 71  28: 71
2023-02  06: 71  13: 71  20: 71  27: 71
2023-03  06: 71  13: 71  20: 71  27: 71
2023-04  03: 71  10: 71  17: 71  24: 71
2023-05  04: 71  08: 71  15: 71  22: 71  29: 71
2023-06  05: 71  12: 71
"""


def table(letters: dict[dt.date, dict[int, list[str]]]) -> str:
    """A line for each month: the days with letters, and how many on each."""
    months: dict[str, list[str]] = defaultdict(list)
    for day, agencies in letters.items():
        months[f"{day:%Y-%m}"].append(f"{day:%d}: {len(agencies)}")
    return "\n" + "".join(f"{month}  {'  '.join(days)}\n" for month, days in months.items())


def test_a_year_in_which_nobody_reports(switched_on: ReformList) -> None:
    ladder, letters = Ladder.of(ON, until=LAST), dict[dt.date, dict[int, list[str]]]()
    for day in (ON + dt.timedelta(days=ahead) for ahead in range((LAST - ON).days + 1)):
        owed = ladder.owed(day)
        ladder.tell(owed)
        for one in owed:
            letters.setdefault(day, defaultdict(list))[one.agency_id].append(one.stage)
    assert table(letters) == GOLDEN
    assert not [day for day in letters if not WorkingDays().works(day)]

    # Nobody is left in silence while something is late: the longest is the October or the New Year's holiday.
    late: dict[int, dt.date] = {}
    for agency, deadline in Duty.objects.open().values_list("agency_id", "measure__deadline_in_force"):
        if deadline < LAST:
            late[agency] = min(deadline, late.get(agency, deadline))
    assert len(late) > 50
    for agency, since in late.items():
        told = [day for day, agencies in letters.items() if agency in agencies and day > since]
        silences = [(later - day).days for day, later in pairwise([max(since, ON), *told, LAST])]
        assert max(silences) <= 14

    # Heads hear of the second step, once, and of nothing else.
    steps = Counter(stage for agencies in letters.values() for stages in agencies.values() for stage in stages)
    assert steps["first_chase"] == steps["second_chase"] == Duty.objects.open().count()


def test_a_year_in_which_nobody_reports_by_days_of_report(switched_on: ReformList) -> None:
    days = WorkingDays()
    for day in (ON + dt.timedelta(days=ahead) for ahead in range((LAST - ON).days + 1)):
        if days.works(day):
            create_asks(day)
    asked: dict[dt.date, dict[int, list[str]]] = {}
    for agency, on in Notice.objects.order_by("on").values_list("agency", "on"):
        asked.setdefault(on, defaultdict(list))[agency].append("")
    assert table(asked) == REPORTS


@pytest.mark.parametrize("day", [dt.date(2022, 7, 18), dt.date(2022, 12, 30), dt.date(2023, 1, 30)])
def test_the_numbers_of_a_letter_are_those_of_the_state(
    switched_on: ReformList, transport: Agency, day: dt.date
) -> None:
    duties = duties_told(transport, [switched_on.pk], day)
    letter = compose(transport, [], duties, day)
    open_now = Duty.objects.open().filter(agency=transport)
    late = open_now.filter(measure__deadline_in_force__lt=day)
    longest = (day - min(late.values_list("measure__deadline_in_force", flat=True))).days
    near = open_now.filter(measure__deadline_in_force__range=(day, day + dt.timedelta(days=30))).count()
    rest = f"，另有{near}条临近到期" if near else ""
    assert letter.subject == f"【逾期催办】市交通运输局：{late.count()}条举措已逾期，最长{longest}天{rest}"
