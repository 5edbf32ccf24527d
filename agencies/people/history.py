"""The change log read as sentences about one person."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agencies.models import Change, Language, Role, User

SHOWN = 100
Word = str | Promise

WHAT: dict[str, Word] = {
    "person.added": _("新增账号"),
    "person.edited": _("修改资料"),
    "person.activated": _("启用账号"),
    "person.deactivated": _("停用账号"),
    "person.invited": _("生成一次性链接"),
    "person.code_issued": _("打印一次性代码"),
    "person.code_used": _("用一次性代码设置了密码"),
    "person.role_given": _("授予角色"),
    "person.role_taken": _("移除角色"),
    "person.moved": _("因机构变更转移角色"),
    "person.handed_over": _("工作移交"),
    "person.password_changed": _("修改密码"),
    "person.sessions_ended": _("退出其他登录"),
    "person.feed_made": _("生成个人订阅地址"),
    "person.feed_renewed": _("更换个人订阅地址"),
    "person.feed_ended": _("停用个人订阅地址"),
    "person.letters_paused": _("暂不收信"),
    "person.letters_resumed": _("恢复收信"),
}
DETAILS: dict[str, Word] = {
    "full_name": _("姓名"),
    "position": _("职务"),
    "phone": _("办公电话"),
    "mobile": _("手机"),
    "email": _("邮箱"),
    "language": _("信件语言"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that was done to a person: when (real time), by whom, what.

    `names` are of agencies and persons, in Chinese; each difference is (fact, old, new).
    """

    recorded_at: dt.datetime
    who: str
    what: Word
    names: str
    role: Word
    reason: str
    differences: tuple[tuple[Word, str, str], ...]


def events_of(user: User) -> list[Event]:
    """The latest things done to a person, newest first."""
    changes = Change.objects.filter(kind="user", object_id=user.pk).select_related("agency").order_by("-sequence")
    return [_event(change) for change in changes[:SHOWN]]


def _event(change: Change) -> Event:
    role = change.after.get("role") or change.before.get("role", "")
    return Event(
        recorded_at=change.recorded_at,
        who=change.actor,
        # An action that is named nowhere is shown by its code, not left out: this page is read to find out what
        # happened.
        what=WHAT.get(change.action, change.action),
        names=_names(change),
        role=dict(Role.choices).get(role, role),
        reason=change.reason,
        differences=tuple(_differences(change)) if change.action == "person.edited" else (),
    )


def _names(change: Change) -> str:
    """The agency concerned; who took over; and where a role came from and went to."""
    old, new = change.before.get("agency", ""), change.after.get("agency", "")
    if change.action == "person.moved":
        return f"{old} → {new}"
    # Names as they were written into the log; the agency itself only where the entry has none.
    own = change.agency.name if change.agency else ""
    return "：".join(filter(None, (new or old or own, change.after.get("to", ""))))


def _differences(change: Change) -> list[tuple[Word, str, str]]:
    return [
        (DETAILS.get(name, name), _said(change.before.get(name)), _said(value)) for name, value in change.after.items()
    ]


def _said(value: Any) -> str:
    return str(dict(Language.choices).get(value, value) or "—")
