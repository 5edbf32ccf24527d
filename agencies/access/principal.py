"""Who is asking: a person with roles, an agency's token, the portal itself, or nobody known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from agencies.models.people import Membership, Role, User
from agencies.models.tokens import Token

LONGEST_LABEL = 120  # of every column that keeps one


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Roles are pairs (role, agency id). `label` is what the log freezes, at most LONGEST_LABEL characters."""

    label: str
    user_id: int | None = None
    token_id: int | None = None
    roles: frozenset[tuple[Role, int]] = frozenset()
    read_only: bool = False

    @property
    def signed_in(self) -> bool:
        return self.user_id is not None or self.token_id is not None

    @property
    def role(self) -> str:
        """The roles held, for the log: approver,reporter. Empty for the portal itself."""
        return ",".join(sorted({role.value for role, _ in self.roles}))

    def has(self, *roles: Role) -> bool:
        """Whether they hold any of `roles` anywhere."""
        return any(role in roles for role, _ in self.roles)

    def agencies(self, *roles: Role) -> frozenset[int]:
        """The ids of the agencies in which they hold any of `roles` (any role at all when none is given)."""
        return frozenset(agency for role, agency in self.roles if not roles or role in roles)

    @classmethod
    def of_user(cls, user: User) -> Self:
        places = list(Membership.objects.filter(user=user).select_related("agency"))
        return cls(
            label=_label_of_user(str(user), list(dict.fromkeys(place.agency.name for place in places))),
            user_id=user.pk,
            roles=frozenset((Role(place.role), place.agency_id) for place in places),
        )

    @classmethod
    def of_token(cls, token: Token) -> Self:
        return cls(
            label=f"{_short(token.agency.name, 50)}·{_short(token.name, 40)}（{token}）",
            token_id=token.pk,
            roles=frozenset({(Role.REPORTER, token.agency_id)}),
            read_only=token.read_only,
        )


def _label_of_user(name: str, agencies: Sequence[str]) -> str:
    """张三（市交通运输局、市水务局）; where that is too long, 张三（市交通运输局等17个单位）."""
    whole = f"{name}（{'、'.join(agencies)}）" if agencies else name
    if len(whole) <= LONGEST_LABEL:
        return whole
    more = f"等{len(agencies)}个单位" if len(agencies) > 1 else ""
    where = f"（{_short(agencies[0], 50)}{more}）" if agencies else ""
    return f"{_short(name, LONGEST_LABEL - len(where))}{where}"


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


NOBODY = Principal(label="")
PORTAL = Principal(label="系统")
