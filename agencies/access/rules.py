"""Who may do what. The one place: pages, API, exports and tasks ask `may`; what no rule allows is denied.

The roles are those of docs/roles.md. A rule answers for everyone holding one of `anywhere`, and for those holding
one of `own` in an agency of the object asked about. Where a rule is `apart`, nobody may do it to an object of an
agency of their own.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from agencies.access.principal import Principal
from agencies.models.people import Role

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class Verb(StrEnum):
    READ = "read"
    READ_STATUS = "read_status"
    READ_REPORTS = "read_reports"
    USE_DESK = "use_desk"
    REPORT = "report"
    MANAGE_AGENCIES = "manage_agencies"
    NAME_MEMBERS = "name_members"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_TOKENS = "manage_tokens"
    MANAGE_REMINDERS = "manage_reminders"
    MANAGE_IMPORTS = "manage_imports"
    READ_ORIGINALS = "read_originals"
    SIGN = "sign"
    ENTER_FOR = "enter_for"
    REVIEW = "review"
    STEER = "steer"
    READ_LOG = "read_log"


LABELS: "dict[Verb, StrPromise]" = {
    Verb.READ: _("查看清单、举措与单位的印发内容"),
    Verb.READ_STATUS: _("查看未公开的状态、亮灯与统计"),
    Verb.READ_REPORTS: _("查看进展填报与佐证"),
    Verb.USE_DESK: _("使用工作台，查看本表"),
    Verb.REPORT: _("为所承担的举措报送进展"),
    Verb.MANAGE_AGENCIES: _("管理单位、更名与机构变更"),
    Verb.NAME_MEMBERS: _("指定统称的成员"),
    Verb.MANAGE_PEOPLE: _("管理人员与角色"),
    Verb.MANAGE_TOKENS: _("签发和停用接口令牌"),
    Verb.MANAGE_REMINDERS: _("开关提醒，查看发送记录"),
    Verb.MANAGE_IMPORTS: _("导入清单、退回上一版本"),
    Verb.READ_ORIGINALS: _("下载清单原文件"),
    Verb.SIGN: _("审签本单位的销号和延期申请（本人填写的除外）"),
    Verb.ENTER_FOR: _("代单位填报（本人所属单位承担的除外）"),
    Verb.REVIEW: _("核验销号、批复延期、恢复督办（本人所属单位承担的除外）"),
    Verb.READ_LOG: _("查阅审计日志"),
    Verb.STEER: _("调整时限，中止、终止、改派、催办（本人所属单位承担的除外）"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    anyone: bool = False
    any_member: bool = False
    anywhere: frozenset[Role] = frozenset()
    own: frozenset[Role] = frozenset()
    writes: bool = False
    apart: bool = False


OFFICE = frozenset({Role.SUPERVISOR, Role.AUDITOR})
AGENCY_STAFF = frozenset({Role.VIEWER, Role.HEAD, Role.REPORTER, Role.APPROVER})
RULES: dict[Verb, Rule] = {
    Verb.READ: Rule(anyone=True),
    Verb.READ_STATUS: Rule(any_member=True),
    Verb.READ_REPORTS: Rule(anywhere=OFFICE, own=AGENCY_STAFF),
    Verb.USE_DESK: Rule(any_member=True),
    Verb.REPORT: Rule(own=frozenset({Role.REPORTER, Role.APPROVER}), writes=True),
    Verb.MANAGE_AGENCIES: Rule(anywhere=frozenset({Role.ADMINISTRATOR}), writes=True),
    Verb.NAME_MEMBERS: Rule(
        anywhere=frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
        own=frozenset({Role.REPORTER, Role.APPROVER}),
        writes=True,
    ),
    Verb.MANAGE_PEOPLE: Rule(anywhere=frozenset({Role.ADMINISTRATOR}), writes=True),
    Verb.MANAGE_TOKENS: Rule(anywhere=frozenset({Role.ADMINISTRATOR}), writes=True),
    Verb.MANAGE_IMPORTS: Rule(anywhere=frozenset({Role.ADMINISTRATOR}), writes=True),
    # The file as the office sent it may hold names and earlier wordings that the list itself does not show.
    Verb.READ_ORIGINALS: Rule(any_member=True),
    # The second pair of eyes inside the agency; that nobody signs what they wrote is asked of the report itself.
    Verb.SIGN: Rule(own=frozenset({Role.APPROVER}), writes=True),
    Verb.ENTER_FOR: Rule(anywhere=frozenset({Role.SUPERVISOR}), writes=True, apart=True),
    Verb.REVIEW: Rule(anywhere=frozenset({Role.SUPERVISOR}), writes=True, apart=True),
    Verb.STEER: Rule(anywhere=frozenset({Role.SUPERVISOR}), writes=True, apart=True),
    # Not whoever the log is about: it is there to be held against the office and the administrator too.
    Verb.READ_LOG: Rule(anywhere=frozenset({Role.AUDITOR})),
    Verb.MANAGE_REMINDERS: Rule(anywhere=frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}), writes=True),
}


def may(who: Principal, verb: Verb, agencies: Collection[int] | None = None) -> bool:
    """Whether `who` may do `verb` to an object of `agencies` (ids); None asks whether to any object at all."""
    rule = RULES.get(verb)
    if rule is None or (rule.writes and who.read_only):
        return False
    if rule.apart and agencies is not None and not who.agencies().isdisjoint(agencies):
        return False
    if rule.anyone or (rule.any_member and bool(who.roles)) or who.has(*rule.anywhere):
        return True
    own = who.agencies(*rule.own) if rule.own else frozenset()
    return bool(own) if agencies is None else not own.isdisjoint(agencies)


def agencies_for(who: Principal, verb: Verb) -> frozenset[int]:
    """The ids of the agencies for whose objects `who` may do `verb` by an own role."""
    rule = RULES[verb]
    if not rule.own or (rule.writes and who.read_only):
        return frozenset()
    return who.agencies(*rule.own)


class Reach(StrEnum):
    """For whose objects a role may do something."""

    ANYWHERE = "anywhere"
    OWN = "own"
    OTHERS = "others"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbRow:
    """A verb in words, whether it needs no signing in, whether it writes, and its reach for each role in order."""

    label: "StrPromise"
    anyone: bool
    writes: bool
    reaches: tuple[Reach, ...]


def reach_table() -> list[VerbRow]:
    """Who may do what, a row for each verb."""
    return [
        VerbRow(
            label=LABELS[verb],
            anyone=rule.anyone,
            writes=rule.writes,
            reaches=tuple(_reach(rule, role) for role in Role),
        )
        for verb, rule in RULES.items()
    ]


def _reach(rule: Rule, role: Role) -> Reach:
    if rule.anyone or rule.any_member or role in rule.anywhere:
        return Reach.OTHERS if rule.apart else Reach.ANYWHERE
    return Reach.OWN if role in rule.own else Reach.NOWHERE
