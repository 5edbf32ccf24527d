"""Who: agencies and their names, people, their roles and codes, tokens, and the log of who did what."""

from agencies.models.agency import Agency, AgencyName, GroupMember, Succession
from agencies.models.log import Change, ChangeHead
from agencies.models.people import AccessCode, Membership, Role, User
from agencies.models.tokens import Token

__all__ = [
    "AccessCode",
    "Agency",
    "AgencyName",
    "Change",
    "ChangeHead",
    "GroupMember",
    "Membership",
    "Role",
    "Succession",
    "Token",
    "User",
]
