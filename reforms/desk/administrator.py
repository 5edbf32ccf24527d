"""The administrator's desk: the way to a portal that works, and what is left to do, each number with its rows."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext, pgettext

from agencies.access import Principal, Verb, may
from agencies.log.check import LogState, log_state
from agencies.models import User
from agencies.people.search import people_found
from reforms.catalogue.filters import MeasureFilter
from reforms.models import ReformList
from reforms.notices.notify import opened_lists
from reforms.reminders.letters import out_of_reach
from reforms.reminders.start import SafeStart, safe_starts

# A claimed or closed measure needs no date any more, one in place never did.
WITHOUT_DEADLINE = "deadline=none&standing=false&status=not_reported&status=in_progress"
WITHOUT_MEMBERS = "without_members=true"
STARTS_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something that is left to do: how many, in words, and the address of just these."""

    code: str
    title: str
    count: int
    unit: str
    said: str
    address: str


Chores = Callable[[], Iterable[Chore]]
# Imports run down only: what waits in an app above is asked through what that app leaves here when it starts.
_FROM_ABOVE: list[Chores] = []


def ask_also(chores: Chores) -> None:
    """Have an app above this one tell of what waits in it."""
    _FROM_ABOVE.append(chores)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstHourStep:
    """One step of the first hour; `state` says how far it is, no address before the steps on which it builds."""

    title: str
    said: str
    address: str
    state: str
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministratorDesk:
    """`path` is there until the reminders of a list were switched on for the first time; it holds what `starts` says of
    lists whose reminders are off, of which there are `off` and the latest are shown."""

    path: Sequence[FirstHourStep]
    chores: Sequence[Chore]
    starts: Sequence[SafeStart]
    off: int
    log: LogState

    @property
    def is_clear(self) -> bool:
        """Whether nothing is left to do."""
        return not (self.path or self.chores or self.starts or self.log.needs_somebody)


def administrator_desk(who: Principal, on: dt.date) -> AdministratorDesk | None:
    """The desk of somebody who keeps people and lists; None for others. A constant number of queries."""
    if not may(who, Verb.MANAGE_PEOPLE):
        return None
    off = ReformList.objects.filter(archived_on=None, reminders_on=False)
    # A portal that has archived a list has been through its first hour, whatever its reminders are now.
    is_new = not opened_lists() and not ReformList.objects.exclude(archived_on=None).exists()
    own = [chore for chore in (*_of_who(), *_of_measures(who, on)) if chore.count]
    above = [chore for chores in _FROM_ABOVE for chore in chores() if chore.count]
    return AdministratorDesk(
        path=_first_hour() if is_new else (),
        chores=[*own, *above],
        # In the first hour the path leads there already.
        starts=[] if is_new else safe_starts(list(off[:STARTS_SHOWN])),
        off=0 if is_new else off.count(),
        log=log_state(),
    )


def _of_who() -> Iterator[Chore]:
    waiting = people_found({"entry": "waiting"}).count()
    yield Chore(
        code="people",
        title=_("尚未登录的人员"),
        count=waiting,
        unit=pgettext("unit", "人"),
        said=_("从未登录，或一次性代码没有使用。请勾选后打印一次性代码，或在人员页重新生成一次性链接。"),
        address=f"{reverse('people')}?entry=waiting",
    )
    unreached = out_of_reach().count()
    yield Chore(
        code="mailboxes",
        title=_("没有收件邮箱的单位"),
        count=unreached,
        unit=npgettext("unit", "个", "个", unreached),
        said=_("承担任务，但提醒和消息无处可发：单位没有提醒邮箱，填报人和审核人也都没有邮箱。"),
        address=f"{reverse('agencies')}?mailbox=none",
    )


def _of_measures(who: Principal, on: dt.date) -> Iterator[Chore]:
    without_members, undated = (_measures(query, who, on) for query in (WITHOUT_MEMBERS, WITHOUT_DEADLINE))
    yield Chore(
        code="groups",
        title=_("统称尚无成员的举措"),
        count=without_members,
        unit=npgettext("unit", "条", "条", without_members),
        said=_(
            "旁边印有的统称（如各有关单位）还没有成员，这一部分没有人办理。请在举措页指定成员，或在单位页设置成员。"
        ),
        address=f"{reverse('measures')}?{WITHOUT_MEMBERS}",
    )
    yield Chore(
        code="deadlines",
        title=_("待确定时限的举措"),
        count=undated,
        unit=npgettext("unit", "条", "条", undated),
        said=_("印发的时限未能识别或没有时限，因此不计逾期、不发提醒。请由督办人员调整时限，或再次导入并填写日期。"),
        address=f"{reverse('measures')}?{WITHOUT_DEADLINE}",
    )


def _measures(query: str, who: Principal, on: dt.date) -> int:
    """How many the page of that address shows them."""
    return MeasureFilter.read(QueryDict(query), who=who, today=on).measures().count()


def _first_hour() -> list[FirstHourStep]:
    """People, list, whom it is open to, how it is worked on, reminders; the later ones lead to the newest list."""
    lists = ReformList.objects.filter(archived_on=None)
    newest, count = lists.first(), lists.count()
    people = User.objects.filter(is_active=True).count()
    given = lists.in_work().first()
    return [
        FirstHourStep(
            title=pgettext("step", "添加人员"),
            said=_(
                "先添加督办人员；各单位的填报人等清单导入、有了单位之后添加，可逐个添加，也可从表格导入。把一次性链接交给本人。"
            ),
            address=reverse("people"),
            state=ngettext("%(n)d人", "%(n)d人", people) % {"n": people},
            # The first is the administrator who reads this.
            is_done=people > 1,
        ),
        FirstHourStep(
            title=_("导入清单"),
            said=_("上传印发的文件，核对识别结果后确认；确认前不写入任何数据，首次导入可以撤销。"),
            address=reverse("imports"),
            state=ngettext("%(n)d份", "%(n)d份", count) % {"n": count} if count else _("未导入"),
            is_done=newest is not None,
        ),
        FirstHourStep(
            title=_("填写清单信息，下达到各单位"),
            said=_("名称、印发机关、文号，以及谁可以看。下达前只有督办部门和管理员能看到。"),
            address=reverse("list-settings", args=[newest.slug]) if newest else "",
            state=given.get_open_to_display() if given else _("未下达"),
            is_done=given is not None,
        ),
        FirstHourStep(
            title=_("确定报送期"),
            said=_("多久报送一次，由谁申请销号。不改即按默认办理。"),
            address=reverse("list-working", args=[newest.slug]) if newest else "",
            # Never done: the default is a choice as well, and nothing tells that somebody made it.
            state=newest.get_report_every_display() if newest else "—",
            is_done=False,
        ),
        FirstHourStep(
            title=_("核对后开启提醒"),
            said=_("填写起算日期，由督办人员补录已完成的举措，核对谁将收到什么，然后开启。开启前不发送任何邮件。"),
            address=reverse("reminder-settings", args=[newest.slug]) if newest else "",
            state=_("未开启"),
            is_done=False,
        ),
    ]
