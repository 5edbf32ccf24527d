"""Who may do what. The one place: pages, API, exports and tasks ask `may`; what no rule allows is denied.

The roles are those of docs/roles.md. A rule answers for everyone holding one of `anywhere`, and for those holding
one of `own` in an agency of the object asked about.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from agencies.models.people import Role
from agencies.principal import Principal


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
    READ_LOG = "read_log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    anyone: bool = False
    any_member: bool = False
    anywhere: frozenset[Role] = frozenset()
    own: frozenset[Role] = frozenset()
    writes: bool = False


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
    # Not whoever the log is about: it is there to be held against the office and the administrator too.
    Verb.READ_LOG: Rule(anywhere=frozenset({Role.AUDITOR})),
    Verb.MANAGE_REMINDERS: Rule(anywhere=frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}), writes=True),
}


def may(who: Principal, verb: Verb, agencies: Collection[int] | None = None) -> bool:
    """Whether `who` may do `verb` to an object of `agencies` (ids); None asks whether to any object at all."""
    rule = RULES.get(verb)
    if rule is None or (rule.writes and who.read_only):
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
