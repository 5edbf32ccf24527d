"""Where the duties of somebody's agencies stand on their desk, as columns: of thousands a page shows some."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from django.db.models.enums import TextChoices
from django.utils.translation import gettext_lazy as _

from agencies.access import Principal, Verb, agencies_for
from reforms.catalogue.rows import Viewpoint
from reforms.columns.facts import MeasureColumns
from reforms.columns.kept import columns
from reforms.columns.reading import NO_DAY, Column, among, distinct, first_of_each, place_of
from reforms.models import DONE, Disposition, Duty, Light, ProgressReport, Status
from reforms.reports.owed import AskedLists, owing

State = ProgressReport.State


class Group(TextChoices):
    """In the order in which they stand on the desk."""

    RETURNED = "returned", _("退回修改")
    OVERDUE = "overdue", _("已逾期")
    DUE_SOON = "due_soon", _("临近到期")
    OWING = "owing", _("本期待报送")
    DRAFTS = "drafts", _("草稿")
    CLAIMED = "claimed", _("已报待核验")
    OTHERS = "others", _("其他在办")


GROUPS = list(Group)
# Of what asks for nothing: what is closed, or in place and reported.
NO_GROUP = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyOnDesk:
    """What says where one duty stands on the desk, before it is read. `asked` is how often a report is asked for where
    one is owed now; what is `returned`, `draft` and `unsigned` is the agency's own report that has not left it, or came
    back. `acts` says that a report can be written now."""

    id: int
    measure_id: int
    group: Group | None
    light: Light
    may_report: bool
    acts: bool
    asked: str = ""
    returned: ProgressReport | None = None
    draft: ProgressReport | None = None
    unsigned: bool = False


@dataclass(frozen=True, slots=True)
class _Inside:
    """What one's agencies have under way, by duty, and the agencies for which one reports."""

    reporting: frozenset[int]
    returned: dict[int | None, ProgressReport]
    drafts: dict[int | None, ProgressReport]
    unsigned: frozenset[int | None]

    @classmethod
    def of(cls, who: Principal) -> "_Inside":
        reporting, reading = agencies_for(who, Verb.REPORT), agencies_for(who, Verb.READ_REPORTS)
        returned = ProgressReport.objects.unanswered_returns().filter(duty__agency__in=reading)
        states = (State.DRAFT, State.AWAITING_SIGNATURE)
        found = list(ProgressReport.objects.filter(agency__in=reading, by_office=False, state__in=states))
        return cls(
            reporting,
            {report.duty_id: report for report in returned},
            {one.duty_id: one for one in found if one.state == State.DRAFT and one.agency_id in reporting},
            frozenset(one.duty_id for one in found if one.state == State.AWAITING_SIGNATURE),
        )


@dataclass(frozen=True, eq=False)
class _Facts:
    """Of duties, in rows of the columns: for each its group, or NO_GROUP, and what that follows from."""

    now: MeasureColumns
    asked: AskedLists
    inside: _Inside
    on: dt.date
    rows: Column
    owed: Column
    group: Column
    acts: Column

    @classmethod
    def of(cls, view: Viewpoint, now: MeasureColumns, asked: AskedLists, rows: Column) -> "_Facts":
        inside, owed = _Inside.of(view.who), owing(now, asked, rows)
        duties, at = now.duties.of, now.duties.at[rows]
        ids, status, light = duties["id"][rows], duties["status"][rows], now.light(view.on)[at]
        unsigned = _among(ids, inside.unsigned)
        done = among(status, [place_of(one) for one in DONE])
        # The first that applies.
        ways: list[tuple[Column, Group | None]] = [
            (light == place_of(Light.CLOSED), None),
            # What came back goes before its deadline: the claim is the next step.
            (_among(ids, inside.returned), Group.RETURNED),
            (~done & (light == place_of(Light.OVERDUE)), Group.OVERDUE),
            (~done & (light == place_of(Light.DUE_SOON)), Group.DUE_SOON),
            (owed, Group.OWING),
            (_among(ids, inside.drafts), Group.DRAFTS),
            # After what is owed for the period: a claim that waits inside the agency is no report yet.
            (done | unsigned | (light == place_of(Light.UNDER_REVIEW)), Group.CLAIMED),
            (light == place_of(Light.STANDING), None),
        ]
        places = [np.int8(GROUPS.index(group) if group else NO_GROUP) for _applies, group in ways]
        group = np.select([applies for applies, _group in ways], places, np.int8(GROUPS.index(Group.OTHERS)))
        reporting = among(duties["agency_id"][rows], inside.reporting)
        acts = reporting & ~unsigned & (status != place_of(Status.CLOSED))
        return cls(now, asked, inside, view.on, rows, owed, group, acts)


class DutiesOnDesk(Sequence[DutyOnDesk]):
    """Some of these duties, in their order, of which a page reads some. `at` are their places among the facts."""

    def __init__(self, facts: _Facts, at: Column) -> None:
        self._facts, self._at = facts, at

    @classmethod
    def of(cls, view: Viewpoint, *, mine: bool = False, only: Collection[int] | None = None) -> "DutiesOnDesk":
        """The duties of one's agencies on measures that count, by deadline, with `mine` those of which one is the
        officer; or those with the ids `only`, whatever became of them."""
        now = columns()
        asked = AskedLists.holding(view.on, now)
        duties = now.duties.of
        rows = np.flatnonzero(among(duties["agency_id"], view.who.agencies()))
        rows = rows[among(now.of["reform_list_id"][now.duties.at[rows]], asked.ids)]
        if only is not None:
            rows = rows[among(duties["id"][rows], only)]
        else:
            rows = rows[now.of["disposition"][now.duties.at[rows]] == place_of(Disposition.ACTIVE)]
        if mine and only is None:
            rows = rows[among(duties["id"][rows], _of_officer(view.who))]
        facts = _Facts.of(view, now, asked, rows)
        return cls(facts, _by_deadline(now, rows))

    def __len__(self) -> int:
        return len(self._at)

    @overload
    def __getitem__(self, part: int) -> DutyOnDesk: ...
    @overload
    def __getitem__(self, part: slice) -> list[DutyOnDesk]: ...
    def __getitem__(self, part: int | slice) -> DutyOnDesk | list[DutyOnDesk]:
        if isinstance(part, slice):
            return [self._one(int(at)) for at in self._at[part]]
        return self._one(int(self._at[part]))

    def groups(self) -> dict[Group, "DutiesOnDesk"]:
        """Those of each group that has any."""
        of = self._facts.group[self._at]
        found = {group: self._where(of == place) for place, group in enumerate(GROUPS)}
        if claimed := found.get(Group.CLAIMED):
            # The one just sent first: whoever sent it looks for it here.
            days = self._of_measure("claimed_on")[claimed._at]
            found[Group.CLAIMED] = DutiesOnDesk(self._facts, claimed._at[np.argsort(-days, kind="stable")])
        return {group: duties for group, duties in found.items() if duties}

    def to_enter(self, agency: int, *, owed: bool = False) -> "DutiesOnDesk":
        """Those that ask for something, of one agency, on which a report can be written now; only of those where one is
        owed."""
        facts = self._facts
        wanted = facts.acts & (facts.group != NO_GROUP) & (facts.now.duties.of["agency_id"][facts.rows] == agency)
        return self._where((wanted & facts.owed if owed else wanted)[self._at])

    def without(self, ids: Collection[int]) -> "DutiesOnDesk":
        """All but these."""
        return self._where(~among(self._facts.now.duties.of["id"][self._facts.rows[self._at]], ids))

    def asked_for(self) -> list[str]:
        """How often reports are asked for, of those that are owed, each once."""
        lists, standing = self._of_measure("reform_list_id"), self._of_measure("is_standing")
        of_each = lists[self._at].astype(np.int64) * 2 + standing[self._at]
        numbers, first = first_of_each(of_each)
        every = [self._every(*divmod(int(number), 2)) for number in numbers[np.argsort(first)]]
        return list(dict.fromkeys(every))

    def measures(self) -> int:
        """How many measures they are: each once, also where several of one's agencies act on it."""
        return distinct(self._measure_at)

    def settled(self) -> int:
        """How many of those are done or in place."""
        closed = self._of_measure("closed_on")
        done = (closed != NO_DAY) & (closed <= self._facts.on.toordinal())
        return self._where((done | self._of_measure("is_standing"))[self._at]).measures()

    def _where(self, mask: Column) -> "DutiesOnDesk":
        return DutiesOnDesk(self._facts, self._at[mask])

    @property
    def _measure_at(self) -> Column:
        return self._facts.now.duties.at[self._facts.rows[self._at]]

    def _of_measure(self, name: str) -> Column:
        """A column of the measures of all duties, also of those that are not among these."""
        found: Column = self._facts.now.of[name][self._facts.now.duties.at[self._facts.rows]]
        return found

    def _every(self, list_id: int, standing: int) -> str:
        found = self._facts.asked.by_id[list_id]
        return found.standing_every if standing else found.report_every

    def _one(self, at: int) -> DutyOnDesk:
        facts, row = self._facts, int(self._facts.rows[at])
        of, measure = facts.now.duties.of, int(facts.now.duties.at[row])
        pk, group = int(of["id"][row]), int(facts.group[at])
        list_id, standing = int(facts.now.of["reform_list_id"][measure]), bool(facts.now.of["is_standing"][measure])
        return DutyOnDesk(
            id=pk,
            measure_id=int(of["measure_id"][row]),
            group=None if group == NO_GROUP else GROUPS[group],
            light=list(Light)[int(facts.now.light(facts.on)[measure])],
            may_report=int(of["agency_id"][row]) in facts.inside.reporting,
            acts=bool(facts.acts[at]),
            asked=self._every(list_id, standing) if facts.owed[at] else "",
            returned=facts.inside.returned.get(pk),
            draft=facts.inside.drafts.get(pk),
            unsigned=pk in facts.inside.unsigned,
        )


def _by_deadline(now: MeasureColumns, rows: Column) -> Column:
    at = now.duties.at[rows]
    deadline = now.of["deadline_in_force"][at]
    last = np.where(deadline == NO_DAY, np.iinfo(np.int32).max, deadline)
    # What has none comes last.
    return np.lexsort([now.duties.of["id"][rows], now.of["row"][at], now.of["reform_list_id"][at], last])


def _of_officer(who: Principal) -> list[int]:
    # 0 is nobody's id; for a token, which is no person, None would find all duties without an officer.
    own = Duty.objects.of(who.agencies()).filter(officer_user=who.user_id or 0)
    return list(own.order_by().values_list("pk", flat=True))


def _among(ids: Column, wanted: Collection[int | None]) -> Column:
    return among(ids, [pk for pk in wanted if pk])
