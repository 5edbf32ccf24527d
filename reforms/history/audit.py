"""The change log for the auditor: its filters, its pages by keyset, and its rows in words."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import django_filters as df
from django.core.exceptions import ValidationError
from django.db.models import F, Max, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.models import Agency, Change, Role
from reforms.history.actions import ACTIONS, sentence_of
from reforms.history.facts import FactChange, differences
from reforms.history.objects import KINDS, NamedObject, objects_of
from reforms.history.weighty import WEIGHTY, actions_of
from reforms.lib.filters import (
    FilterProblem,
    Many,
    One,
    Problems,
    StrictFilter,
    read_agencies,
    read_choices,
    read_day,
    read_moment,
    stripped,
    unknown,
    without_empty,
)

PAGE_SIZE = 50
CHUNK = 1000
PLACES = frozenset({"before", "after"})
# The largest number that a column of ids takes.
LARGEST = 2**63 - 1


def read_number(value: str) -> int:
    """One whole number that a column of ids can hold. Raises ValidationError."""
    if not (value.isascii() and value.isdigit() and int(value) <= LARGEST):
        raise unknown(value)
    return int(value)


def read_end(value: str) -> dt.datetime:
    """The last moment that a time or a whole day includes."""
    moment = read_moment(value)
    # Ten characters are a day without a time.
    return moment + dt.timedelta(days=1, microseconds=-1) if len(value) == len("2022-06-15") else moment


def read_request(value: str) -> str:
    """The id of a request, no longer than one can be. Raises ValidationError."""
    if len(value) > Change._meta.get_field("request_id").max_length:  # type: ignore[operator]  # it has one
        raise ValidationError(_("没有“%(value)s”这个取值。"), code="unknown_value", params={"value": value[:80]})
    return value


class AuditFilter(StrictFilter):
    """The filters on the log. Bounds are inclusive; a repeated parameter means any of its values."""

    who = df.CharFilter(field_name="actor", lookup_expr="icontains", label=_("操作人"), max_length=100)
    action = Many(read=read_choices(ACTIONS), label=_("动作"))
    weighty = Many(method="by_weight", read=read_choices(WEIGHTY), label=_("须过目的操作"))
    kind = Many(read=read_choices(KINDS), label=_("对象类别"))
    object = One(field_name="object_id", read=read_number, label=_("对象编号"))
    agency = Many(method="by_agency", read=read_agencies, label=pgettext_lazy("one", "单位"))
    on_after = One(field_name="on", lookup_expr="gte", read=read_day, label=_("业务日期不早于"))
    on_before = One(field_name="on", lookup_expr="lte", read=read_day, label=_("业务日期不晚于"))
    recorded_after = One(field_name="recorded_at", lookup_expr="gte", read=read_moment, label=_("记录时间不早于"))
    recorded_before = One(field_name="recorded_at", lookup_expr="lte", read=read_end, label=_("记录时间不晚于"))
    request = One(field_name="request_id", read=read_request, label=_("请求编号"))
    reason = df.CharFilter(field_name="reason", lookup_expr="icontains", label=_("理由包含"), max_length=100)
    before = One(method="read_elsewhere", read=read_number)
    after = One(method="read_elsewhere", read=read_number)

    class Meta:
        model = Change
        fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, data: QueryDict) -> "AuditFilter":
        """The filters of an address, without parameters that were left empty in a form."""
        return cls(without_empty(stripped(data)), queryset=Change.objects.all())

    def problems(self) -> Problems:
        """Also parameters that need another one, or exclude it."""
        found = super().problems()
        if self.chosen("object") is not None and not self.chosen("kind"):
            found.append(FilterProblem("object", "needs_kind", str(_("请同时选择对象类别。"))))
        if len(PLACES & set(self.data)) > 1:
            found.append(FilterProblem("after", "needs_one", str(_("before 和 after 不能同时给出。"))))
        return found

    def changes(self) -> QuerySet[Change]:
        """Everything asked for, unordered, whatever the page."""
        found: QuerySet[Change] = self.filter_queryset(self.queryset)
        return found.filter(**self._bounds())

    def _bounds(self) -> dict[str, int]:
        """The highest number up to a day long ago, from the index by day: so that looking for the newest of that time
        need not pass all that came since. (The + 0 keeps PostgreSQL from doing just that to find the highest.)"""
        last = [
            Change.objects.filter(**{f"{name}__lte": until}).aggregate(last=Max(F("sequence") + 0))["last"] or 0
            for name, until in (("on", self.chosen("on_before")), ("recorded_at", self.chosen("recorded_before")))
            if until
        ]
        return {"sequence__lte": min(last)} if last else {}

    def by_agency(self, qs: QuerySet[Change], name: str, value: Sequence[int]) -> QuerySet[Change]:
        """Second spellings keep the entries they have."""
        if not value:
            return qs
        ids = Agency.objects.filter(Q(pk__in=value) | Q(merged_into__in=value)).order_by().values_list("pk", flat=True)
        return qs.filter(agency__in=list(ids))

    def by_weight(self, qs: QuerySet[Change], name: str, value: Sequence[str]) -> QuerySet[Change]:
        """Acts of any of these kinds."""
        return qs.filter(action__in=actions_of(value)) if value else qs

    def read_elsewhere(self, qs: QuerySet[Change], name: str, value: Any) -> QuerySet[Change]:
        """The place of the page filters nothing itself."""
        return qs

    def same_but(self, **changes: int | None) -> str:
        """The address with another place in the log, or none."""
        query = self.data.copy()
        for name in PLACES:
            query.pop(name, None)
        for name, value in changes.items():
            query[name] = str(value)
        return str(query.urlencode())


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One entry in words. `change` has the bare values."""

    change: Change
    sentence: str
    roles: str
    kind: str
    object: NamedObject
    differences: list[FactChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Newest first; the addresses of the pages beside it, empty where there is none."""

    rows: list[AuditRow]
    newer: str
    older: str

    @property
    def oldest(self) -> int | None:
        """The number of the last entry of the page; None where it is empty."""
        return self.rows[-1].change.sequence if self.rows else None


def audit_page(filters: AuditFilter) -> AuditPage:
    """One page by keyset: as quick at the far end of the log as at its head."""
    # One entry more than is shown tells whether there is a page beyond.
    after, before = filters.chosen("after"), filters.chosen("before")
    if after is not None:
        found = _some(filters.changes().filter(sequence__gt=after), "sequence", PAGE_SIZE + 1)
        more, shown = len(found) > PAGE_SIZE, found[:PAGE_SIZE][::-1]
        newer, older = more, bool(shown)
    else:
        changes = filters.changes() if before is None else filters.changes().filter(sequence__lt=before)
        found = _some(changes, "-sequence", PAGE_SIZE + 1)
        shown = found[:PAGE_SIZE]
        newer, older = before is not None and bool(shown), len(found) > PAGE_SIZE
    return AuditPage(
        rows=in_words(shown),
        newer=filters.same_but(after=shown[0].sequence) if newer else "",
        older=filters.same_but(before=shown[-1].sequence) if older else "",
    )


def _some(changes: QuerySet[Change], order: str, count: int) -> list[Change]:
    """The first `count` entries in that order. Only their numbers are looked for and sorted, in an index where one
    has what is asked for; the rows themselves, which may be long, are read for these alone."""
    numbers = list(changes.order_by(order).values_list("sequence", flat=True)[:count])
    return list(Change.objects.filter(sequence__in=numbers).select_related("agency").order_by(order))


def all_rows(filters: AuditFilter) -> Iterator[AuditRow]:
    """Every entry asked for, newest first, some at a time: memory does not grow with the log."""
    changes = filters.changes().select_related("agency").order_by("-sequence")
    some = list(changes[:CHUNK])
    while some:
        yield from in_words(some)
        some = list(changes.filter(sequence__lt=some[-1].sequence)[:CHUNK])


def in_words(changes: Sequence[Change]) -> list[AuditRow]:
    """These entries as a reader is shown them: one query for each kind of object."""
    objects = objects_of(changes)
    return [
        AuditRow(
            change=change,
            sentence=sentence_of(change),
            roles=roles_said(change.role),
            kind=str(KINDS[change.kind].label) if change.kind in KINDS else change.kind,
            object=objects.get((change.kind, change.object_id), NamedObject(str(change.object_id))),
            differences=differences(change),
        )
        for change in changes
    ]


def roles_said(text: str) -> str:
    """填报人、单位审核人 for reporter,approver."""
    labels = dict(Role.choices)
    return str(_("、")).join(str(labels.get(role, role)) for role in text.split(",") if role)
