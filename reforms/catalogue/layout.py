"""How the table of measures is laid out: its columns, how close its rows stand, how many to a page, its order.

All of it stands in the address, so that a layout can be passed on. Exports hold every column whatever is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reforms.catalogue.filters import STATUS_ORDERINGS, MeasureFilter
from reforms.catalogue.rows import Viewpoint
from reforms.lib.filters import FilterProblem, Many, One, Problems, read_choice, read_choices


class ColumnName(TextChoices):
    """The columns that may be shown beside number and text, in their order."""

    LIST = "list", gettext_lazy("清单")
    SECTION = "section", gettext_lazy("任务类别")
    LEAD = "lead", gettext_lazy("牵头单位")
    RESPONSIBLE = "responsible", gettext_lazy("责任单位")
    DEADLINE = "deadline", gettext_lazy("完成时限")
    LIGHT = "light", gettext_lazy("亮灯")
    STATUS = "status", gettext_lazy("状态")
    LAST_REPORT = "last_report_on", gettext_lazy("最近填报")
    CLOSED = "closed_on", gettext_lazy("销号日期")
    UPDATED = "updated_at", gettext_lazy("最近更新")


class Density(TextChoices):
    """How close rows stand."""

    COMFORTABLE = "comfortable", gettext_lazy("宽松")
    COMPACT = "compact", gettext_lazy("紧凑")


PAGE_SIZES = ("20", "50", "100", "200")
DEFAULT_SIZE = "50"
DEFAULT = (ColumnName.LEAD, ColumnName.RESPONSIBLE, ColumnName.DEADLINE, ColumnName.LIGHT)
OF_STATUS = (ColumnName.LIGHT, ColumnName.STATUS, ColumnName.LAST_REPORT, ColumnName.CLOSED, ColumnName.UPDATED)
# One click on these shows the latest first.
LATEST_FIRST = (ColumnName.LAST_REPORT, ColumnName.CLOSED, ColumnName.UPDATED)
SORTED_BY = {*LATEST_FIRST, ColumnName.LEAD, ColumnName.DEADLINE, ColumnName.LIGHT}
# Parameters that say how measures are shown, and choose none.
LAYOUT = frozenset({"columns", "density", "page_size"})


class TableFilter(MeasureFilter):
    """The filters of the page, with how it is laid out."""

    columns = Many(method="read_elsewhere", read=read_choices(ColumnName.values), label=gettext_lazy("显示列"))
    density = One(method="read_elsewhere", read=read_choice(Density.values), label=gettext_lazy("行距"))
    page_size = One(method="read_elsewhere", read=read_choice(PAGE_SIZES), label=gettext_lazy("每页条数"))

    def problems(self) -> Problems:
        """Also columns that tell what whoever asks may not see."""
        found = super().problems()
        if self.view.sees_status:
            return found
        hidden = [name for name in self.chosen("columns") or () if name in OF_STATUS]
        why = _("该清单的进展状态未公开，请先登录。")
        return found + [FilterProblem("columns", "not_public", why, name) for name in hidden]


def without_layout(data: QueryDict) -> QueryDict:
    """What of an address chooses measures and their order: the query of an export."""
    query = data.copy()
    for name in LAYOUT:
        query.pop(name, None)
    return query


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one column; `address` sorts by it, `direction` is ascending or descending where it is sorted by."""

    name: str
    label: str
    address: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A value that a form offers."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLayout:
    """The columns that are shown (beside number and text), with their heads, and what else may be chosen. With as many
    rows as in a long page (`short`), texts are cut to what their two lines can show."""

    names: tuple[str, ...]
    heads: tuple[Head, ...]
    compact: bool = False
    short: bool = False
    columns: tuple[Option, ...] = ()
    densities: tuple[Option, ...] = ()
    sizes: tuple[Option, ...] = ()
    orders: tuple[Option, ...] = ()

    @property
    def many(self) -> bool:
        """Whether there are more columns than a common screen has room for: the table then moves within its place."""
        return len(self.names) > len(DEFAULT)


def page_size(filters: TableFilter) -> int:
    """How many rows stand on a page."""
    return int(filters.chosen("page_size") or DEFAULT_SIZE)


def layout_of(filters: TableFilter, *, several_lists: bool) -> TableLayout:
    """The layout an address asks for."""
    offered = _offered(filters.view, several_lists=several_lists)
    chosen = filters.chosen("columns") or DEFAULT
    names = tuple(name for name in offered if name in chosen)
    size = page_size(filters)
    density = filters.chosen("density") or Density.COMFORTABLE.value
    return TableLayout(
        names=names,
        heads=_heads(filters, names),
        compact=density == Density.COMPACT,
        short=size > int(DEFAULT_SIZE),
        columns=tuple(Option(name, str(ColumnName(name).label), name in names) for name in offered),
        densities=tuple(Option(one.value, str(one.label), one == density) for one in Density),
        sizes=tuple(Option(text, text, int(text) == size) for text in PAGE_SIZES),
        orders=_orders(filters),
    )


def plain_layout(view: Viewpoint) -> TableLayout:
    """The usual columns, for tables that are not sorted."""
    names = tuple(name for name in _offered(view, several_lists=False) if name in DEFAULT)
    return TableLayout(names=names, heads=tuple(Head(name, label) for name, label in _labels(names)))


def _offered(view: Viewpoint, *, several_lists: bool) -> list[str]:
    left_out = set() if view.sees_status else set(OF_STATUS)
    left_out |= set() if several_lists else {ColumnName.LIST}
    return [name.value for name in ColumnName if name not in left_out]


def _labels(names: Sequence[str]) -> list[tuple[str, str]]:
    fixed = [("number", _("序号")), ("what", _("改革事项与具体举措"))]
    return fixed + [(name, str(ColumnName(name).label)) for name in names]


def _heads(filters: MeasureFilter, names: Sequence[str]) -> tuple[Head, ...]:
    current = filters.chosen("ordering") or "number"
    return tuple(_head(filters, name, label, current) for name, label in _labels(names))


def _head(filters: MeasureFilter, name: str, label: str, current: str) -> Head:
    if not _may_sort(filters.view, name):
        return Head(name, label)
    up, down = name, f"-{name}"
    first, second = (down, up) if name in LATEST_FIRST else (up, down)
    address = _sorted_by(filters.data, second if current == first else first)
    return Head(name, label, address, {up: "ascending", down: "descending"}.get(current, ""))


def _may_sort(view: Viewpoint, name: str) -> bool:
    if name == "number":
        return True
    return name in SORTED_BY and (view.sees_every_status or name not in STATUS_ORDERINGS)


def _sorted_by(data: QueryDict, ordering: str) -> str:
    """The address in that order, from its first page; the printed one needs no parameter."""
    query = data.copy()
    query.pop("page", None)
    query.pop("ordering", None)
    if ordering != "number":
        query["ordering"] = ordering
    return "?" + query.urlencode()


def _orders(filters: MeasureFilter) -> tuple[Option, ...]:
    """The orders of the list beside the search, which is there where no heads are: on a phone."""
    orders: list[tuple[str, Any]] = [
        ("number", _("按清单顺序")),
        ("deadline", _("时限最近在前")),
        ("-deadline", _("时限最远在前")),
        ("lead", _("按牵头单位")),
        ("light", _("按亮灯，逾期在前")),
        ("-last_report_on", _("最近填报在前")),
        ("-closed_on", _("最近销号在前")),
        ("-updated_at", _("最近更新在前")),
        ("updated_at", _("最早更新在前")),
    ]
    current = filters.chosen("ordering") or "number"
    told = [one for one in orders if filters.view.sees_every_status or one[0] not in STATUS_ORDERINGS]
    # What a head sorts by the other way round stands in the list as long as it is in force.
    others = [] if current in dict(told) else [(current, _("按所选列"))]
    return tuple(Option("" if name == "number" else name, label, name == current) for name, label in told + others)
