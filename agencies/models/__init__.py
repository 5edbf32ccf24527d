"""Who: agencies and their names, people and their roles, tokens, and the log of who did what."""

from agencies.models.agency import Agency, AgencyName, GroupMember, Succession
from agencies.models.log import Change, ChangeHead
from agencies.models.people import Membership, Role, User
from agencies.models.tokens import Token

__all__ = [
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
