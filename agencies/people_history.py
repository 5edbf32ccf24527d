"""The change log read as sentences about one person."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agencies.models import Change, Role, User

SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that was done to a person: when (real time), by whom, what; each difference as (fact, old, new)."""

    recorded_at: dt.datetime
    who: str
    what: str
    reason: str
    differences: tuple[tuple[str, str, str], ...]


def events_of(user: User) -> list[Event]:
    """The latest things done to a person, newest first."""
    changes = Change.objects.filter(kind="user", object_id=user.pk).select_related("agency").order_by("-sequence")
    return [_event(change) for change in changes[:SHOWN]]


def _event(change: Change) -> Event:
    say = SENTENCES.get(change.action)
    return Event(
        recorded_at=change.recorded_at,
        who=change.actor,
        what=say(change) if say else change.action,
        reason=change.reason,
        differences=tuple(_differences(change)) if change.action == "person.edited" else (),
    )


def _differences(change: Change) -> list[tuple[str, str, str]]:
    names = {"full_name": _("姓名"), "email": _("邮箱")}
    return [
        (names.get(name, name), change.before.get(name) or "—", value or "—") for name, value in change.after.items()
    ]


def _place(facts: dict[str, str], agency: str = "") -> dict[str, str]:
    roles = dict(Role.choices)
    role = facts.get("role", "")
    return {"agency": facts.get("agency") or agency, "role": str(roles.get(role, role))}


def _added(change: Change) -> str:
    return _("新增账号，角色为%(agency)s · %(role)s") % _place(
        change.after, change.agency.name if change.agency else ""
    )


def _given(change: Change) -> str:
    return _("授予角色%(agency)s · %(role)s") % _place(change.after)


def _taken(change: Change) -> str:
    return _("移除角色%(agency)s · %(role)s") % _place(change.before)


def _moved(change: Change) -> str:
    places = {"old": change.before.get("agency", ""), "new": change.after.get("agency", "")}
    return _("因机构变更，角色由“%(old)s”转至“%(new)s”") % places


def _handed_over(change: Change) -> str:
    return _("工作移交给%(name)s（%(agency)s）") % {
        "name": change.after.get("to", ""),
        "agency": change.agency.name if change.agency else "",
    }


SENTENCES: dict[str, Callable[[Change], str]] = {
    "person.added": _added,
    "person.edited": lambda _change: _("修改资料"),
    "person.activated": lambda _change: _("启用账号"),
    "person.deactivated": lambda _change: _("停用账号"),
    "person.invited": lambda _change: _("生成一次性链接"),
    "person.code_issued": lambda _change: _("打印一次性代码"),
    "person.code_used": lambda _change: _("用一次性代码设置了密码"),
    "person.role_given": _given,
    "person.role_taken": _taken,
    "person.moved": _moved,
    "person.handed_over": _handed_over,
}
