"""Who: agencies and their names, people, their roles and codes, tokens, robots, sign-in tries, and the log of who did
what."""

from agencies.models.agency import (
    Agency,
    AgencyName,
    AgencyQuerySet,
    GroupMember,
    Succession,
    validate_credit_code,
)
from agencies.models.attempts import SignInRecord, SignInTries
from agencies.models.log import Change, ChangeHead, LogCheck
from agencies.models.people import AccessCode, Language, LetterPause, Membership, Role, User
from agencies.models.robots import ChatRobot
from agencies.models.tokens import LEAD_IN, Screen, Token, digest_of, digest_of_screen

__all__ = [
    "LEAD_IN",
    "AccessCode",
    "Agency",
    "AgencyName",
    "AgencyQuerySet",
    "Change",
    "ChangeHead",
    "ChatRobot",
    "GroupMember",
    "Language",
    "LetterPause",
    "LogCheck",
    "Membership",
    "Role",
    "Screen",
    "SignInRecord",
    "SignInTries",
    "Succession",
    "Token",
    "User",
    "digest_of",
    "digest_of_screen",
    "validate_credit_code",
]
