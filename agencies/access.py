"""Who is asking, what they may do, and how each page says what it does.

`may` is the one place: pages, API, exports and tasks ask it, and what no rule allows is denied. The roles are those of
docs/roles.md. A rule answers for everyone holding one of `anywhere`, and for those holding one of `own` in an agency
of the object asked about. Where a rule is `apart`, nobody may do it to an object of an agency of their own. Each view
names its verb (`access`), and a view that names none is shut.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self, TypedDict, TypeVar
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.models.people import Membership, Role, User
from agencies.models.tokens import Token

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


def today() -> dt.date:
    """Today in Asia/Shanghai; PORTAL_TODAY moves it in the demonstration. Callers pass the date down."""
    moved: dt.date | None = settings.PORTAL_TODAY
    return moved or timezone.localdate()


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

    @property
    def reach(self) -> str:
        """Another text when what they may read has become another: other roles, other agencies."""
        held = sorted(f"{role.value}@{agency}" for role, agency in self.roles)
        return hashlib.sha256(" ".join(held).encode()).hexdigest()[:16]

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
            # With the 12 characters of a token as it is shown, this stays below LONGEST_LABEL.
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
COMMAND_LINE = Principal(label="命令行")


class Verb(StrEnum):
    READ = "read"
    READ_UNPUBLISHED = "read_unpublished"
    READ_STATUS = "read_status"
    READ_REPORTS = "read_reports"
    USE_DESK = "use_desk"
    REPORT = "report"
    PLAN = "plan"
    MANAGE_AGENCIES = "manage_agencies"
    NAME_MEMBERS = "name_members"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_TOKENS = "manage_tokens"
    MANAGE_LISTS = "manage_lists"
    MANAGE_REMINDERS = "manage_reminders"
    MANAGE_IMPORTS = "manage_imports"
    READ_ORIGINALS = "read_originals"
    SIGN = "sign"
    ENTER_FOR = "enter_for"
    ISSUE = "issue"
    REVIEW = "review"
    STEER = "steer"
    READ_LOG = "read_log"


LABELS: "dict[Verb, StrPromise]" = {
    Verb.READ: gettext_lazy("查看清单、举措与单位的印发内容"),
    Verb.READ_UNPUBLISHED: gettext_lazy("查看尚未公开的清单"),
    Verb.READ_STATUS: gettext_lazy("查看未公开的状态、亮灯与统计"),
    Verb.READ_REPORTS: gettext_lazy("查看进展填报与佐证"),
    Verb.USE_DESK: gettext_lazy("使用工作台，查看本表"),
    Verb.REPORT: gettext_lazy("为所承担的举措报送进展"),
    Verb.PLAN: gettext_lazy("安排和报告所牵头举措的阶段节点"),
    Verb.MANAGE_AGENCIES: gettext_lazy("管理单位、更名与机构变更"),
    Verb.NAME_MEMBERS: gettext_lazy("指定统称的成员"),
    Verb.MANAGE_PEOPLE: gettext_lazy("管理人员与角色"),
    Verb.MANAGE_TOKENS: gettext_lazy("签发和停用接口令牌"),
    Verb.MANAGE_LISTS: gettext_lazy("管理清单信息、公开和归档"),
    Verb.MANAGE_REMINDERS: gettext_lazy("开关提醒，查看发送记录"),
    Verb.MANAGE_IMPORTS: gettext_lazy("导入清单、退回上一版本"),
    Verb.READ_ORIGINALS: gettext_lazy("下载清单原文件"),
    Verb.SIGN: gettext_lazy("审签本单位的销号和延期申请（本人填写的除外）"),
    Verb.ENTER_FOR: gettext_lazy("代单位填报（本人所属单位承担的除外）"),
    Verb.ISSUE: gettext_lazy("作为督办部门的负责人，签发通报、专报、函和督办单（本人拟稿的除外）"),
    Verb.REVIEW: gettext_lazy("核验销号、批复延期、恢复督办（本人所属单位承担的除外）"),
    Verb.READ_LOG: gettext_lazy("查阅审计日志"),
    Verb.STEER: gettext_lazy("调整时限，中止、终止、改派、催办（本人所属单位承担的除外）"),
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
    # A list that is being prepared may still be wrong in every cell: agencies see it when it is given to them.
    Verb.READ_UNPUBLISHED: Rule(anywhere=frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR})),
    # Joint leads must see how far the others are (docs/adr/0004).
    Verb.READ_STATUS: Rule(any_member=True),
    Verb.READ_REPORTS: Rule(anywhere=OFFICE, own=AGENCY_STAFF),
    Verb.USE_DESK: Rule(any_member=True),
    Verb.REPORT: Rule(own=frozenset({Role.REPORTER, Role.APPROVER}), writes=True),
    # Of the agencies that lead a measure; a step says nothing of the light, so that the office may help anybody.
    Verb.PLAN: Rule(anywhere=frozenset({Role.SUPERVISOR}), own=frozenset({Role.REPORTER, Role.APPROVER}), writes=True),
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
    # Of the agency that has the supervisors (`reforms.models.signs_papers`); that nobody signs what they drafted is
    # asked of the paper itself. A supervisor enters who signed on paper, which is a step of STEER.
    Verb.ISSUE: Rule(own=frozenset({Role.HEAD}), writes=True),
    Verb.REVIEW: Rule(anywhere=frozenset({Role.SUPERVISOR}), writes=True, apart=True),
    Verb.STEER: Rule(anywhere=frozenset({Role.SUPERVISOR}), writes=True, apart=True),
    # Not whoever the log is about: it is there to be held against the office and the administrator too.
    Verb.READ_LOG: Rule(anywhere=frozenset({Role.AUDITOR})),
    Verb.MANAGE_LISTS: Rule(anywhere=frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}), writes=True),
    Verb.MANAGE_REMINDERS: Rule(anywhere=frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}), writes=True),
}


def may(who: Principal, verb: Verb, agencies: Collection[int] | None = None) -> bool:
    """Whether `who` may do `verb` to an object of `agencies` (ids); None asks whether to any object at all."""
    rule = RULES.get(verb)
    if rule is None or (rule.writes and who.read_only):
        return False
    # Asked before the roles: none of them outweighs having a role in an agency that the object concerns.
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

    @property
    def by_role(self) -> "list[tuple[StrPromise | str, Reach]]":
        """Each reach under what its role is called."""
        return list(zip(Role.labels, self.reaches, strict=True))


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


View = TypeVar("View", bound=Callable[..., Any])


def access(verb: Verb) -> Callable[[View], View]:
    """Declare what a page does, so that the rules can answer who may open it."""

    def mark(view: View) -> View:
        view.verb = verb  # type: ignore[attr-defined]  # a function carries its verb as an attribute
        return view

    return mark


def principal_of(request: HttpRequest) -> Principal:
    """Who is asking; looked up once per request."""
    known: Principal | None = getattr(request, "_principal", None)
    if known is None:
        known = Principal.of_user(request.user) if isinstance(request.user, User) else NOBODY
        request._principal = known  # type: ignore[attr-defined]  # kept on the request for its lifetime
    return known


class Acting(TypedDict):
    """What every function that writes is told: who acts, and on which business day (Asia/Shanghai)."""

    who: Principal
    on: dt.date


def acting(request: HttpRequest) -> Acting:
    """For the functions that write: `revoke_token(token, **acting(request))`."""
    return Acting(who=principal_of(request), on=today())


def require(request: HttpRequest, verb: Verb, agencies: frozenset[int]) -> Principal:
    """The principal, when they may do `verb` to an object of `agencies`. Raises PermissionDenied otherwise."""
    who = principal_of(request)
    if not may(who, verb, agencies):
        raise PermissionDenied
    return who


class AccessMiddleware:
    """Asks the rules before any page runs. API views ask through reforms.api.http.authentication instead."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        # Views of Django REST framework carry their class; DenyByDefault asks the rules for them.
        if hasattr(view, "cls"):
            return None
        verb: Verb | None = getattr(view, "verb", None)
        if verb is None:
            raise PermissionDenied
        # Whether to any object at all: a view that acts on one asks again, with its agencies (require).
        if may(principal_of(request), verb):
            return None
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        raise PermissionDenied


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Signing in leads back to the page one was on. What a form sent was not done, which is said; what was sent from
    within a page is answered with 401, so that the text stays where it was typed."""
    sent = request.method not in ("GET", "HEAD")
    within = request.headers.get("HX-Request") == "true"
    if within and sent:
        return HttpResponse(_("登录已失效，尚未报送；这里的文字还在，请先复制，再重新登录。"), status=401)
    # The address of a form or of a fragment is no page to come back to.
    back = _page_before(request) if sent or within else request.get_full_path()
    if sent:
        messages.warning(request, _("登录已失效，刚才提交的内容没有保存。请登录后重新提交。"))
    answer = redirect_to_login(back, resolve_url("sign-in"))
    # htmx would follow a redirect by itself and put the sign-in into the fragment.
    return HttpResponse(status=401, headers={"HX-Redirect": answer["Location"]}) if within else answer


def _page_before(request: HttpRequest) -> str:
    """The page of ours on which the form stood, as the browser tells it; else the address that was asked for."""
    told = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(told, {request.get_host()}, require_https=request.is_secure())
    parts = urlsplit(told if own else request.get_full_path())
    # Path and query only: from the sign-in nobody is sent to another host.
    return urlunsplit(("", "", parts.path, parts.query, ""))
