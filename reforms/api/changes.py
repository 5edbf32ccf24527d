"""The change log by API."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from agencies.access import Verb, today
from agencies.models import Change
from reforms.api.http.authentication import Verbs, principal
from reforms.api.http.base import refuse
from reforms.api.http.etags import Conditional
from reforms.api.schema import PROBLEM_SCHEMA
from reforms.api.shapes import work as work_shapes
from reforms.history.actions import sentence_of
from reforms.history.feed import BeyondHead, FeedEntry, changes_after
from reforms.history.reread import Collected, Reread
from reforms.lib.filters import ME, FilterProblem
from reforms.lib.words import local_time

SOME, MOST = 100, 1000


LARGEST_SEQUENCE = 18  # digits: every such number fits a bigint


class Gone(APIException):
    """410: read everything anew."""

    status_code = 410
    default_code = "beyond_head"

    def __init__(self) -> None:
        super().__init__(_("after 超出变更日志的末尾（数据库可能已恢复到较早的备份），请重新读取全部数据。"))


class ChangesView(Conditional, ViewSet):
    """The change log, for whoever keeps a copy."""

    told_by_log = True
    verbs: ClassVar[Verbs] = {"follow": Verb.READ}

    @extend_schema(
        responses={
            200: work_shapes.ChangesShape,
            (410, "application/problem+json"): OpenApiResponse(PROBLEM_SCHEMA, "After lies beyond the head"),
        },
        parameters=[
            OpenApiParameter("after", int, description="The sequence up to which you have read; 0 by default."),
            OpenApiParameter("agency", str, enum=[ME], description="me: of measures only those of your own agency."),
            OpenApiParameter("limit", int, description=f"1 to {MOST}, {SOME} by default."),
        ],
    )
    def follow(self, request: Request) -> Response:
        """What was done since, in commit order: none missed, none twice, withdrawals included. Read again what `reread`
        names; store `next_after` with what you made of the answer, and send it as `after` next time."""
        who, asked = principal(request), _Asked(request._request.GET)
        own = who.agencies() if asked.mine else None
        # agency=me without an agency is refused: an empty answer would look as if nothing had happened.
        refuse(asked.problems if own is None or own else [*asked.problems, _not_signed_in()])
        try:
            found = changes_after(asked.after, who, limit=asked.limit, agencies=own)
        except BeyondHead:
            raise Gone from None
        root = request.build_absolute_uri(request.path.removesuffix("changes"))
        results = [of_change(seen, root, own=asked.mine) for seen in found.changes]
        said = {"on": today(), "reach": who.reach, "results": results}
        return Response(said | {"next_after": found.next_after, "more": found.more})


class _Asked:
    """The parameters of an address, and what is wrong with them."""

    def __init__(self, data: QueryDict) -> None:
        strangers = sorted(set(data) - {"after", "agency", "limit"})
        self.problems = [FilterProblem(name, "unknown_parameter", _("没有这个参数。")) for name in strangers]
        self.after = self._number(data, "after", 0, least=0, most=10**LARGEST_SEQUENCE)
        self.limit = self._number(data, "limit", SOME, least=1, most=MOST)
        self.mine = bool(data.get("agency"))
        if data.get("agency") not in {None, "", ME}:
            self.problems.append(FilterProblem("agency", "unknown_value", _("这里只能是 agency=me。")))

    def _number(self, data: QueryDict, name: str, otherwise: int, *, least: int, most: int) -> int:
        text = data.get(name, "").strip() or str(otherwise)
        if text.isascii() and text.isdigit() and len(text) <= LARGEST_SEQUENCE and least <= int(text) <= most:
            return int(text)
        said = _("%(name)s 应为%(least)d至%(most)d的整数。") % {"name": name, "least": least, "most": most}
        self.problems.append(FilterProblem(name, "unknown_value", said))
        return otherwise


def _not_signed_in() -> FilterProblem:
    return FilterProblem("agency", "not_signed_in", _("agency=me 需要用某单位的身份登录或使用其令牌。"))


def of_change(seen: FeedEntry, root: str, *, own: bool) -> dict[str, Any]:
    """In the shape of ChangeShape. `root` is where the API's collections lie, `own` whether agency=me was asked for."""
    change = _without_words(seen.change) if not seen.told else seen.change
    as_is = ("sequence", "on", "action", "kind", "object_id", "visibility")
    return {name: getattr(change, name) for name in as_is} | {
        "before": seen.before,
        "after": seen.after,
        "reason": change.reason if seen.named else "",
        "recorded_at": local_time(change.recorded_at),
        "text": sentence_of(change),
        "agency": work_shapes.of_agency(change.agency) if change.agency else None,
        "actor": change.actor if seen.named else "",
        "reread": [_of_rule(rule, root, own=own) for rule in seen.reread],
    }


def _without_words(change: Change) -> Change:
    """What everybody is told to whom the object shows that it changed: not what was done, nor by which agency."""
    measure = change.kind == "measure"
    return Change(
        sequence=change.sequence,
        on=change.on,
        recorded_at=change.recorded_at,
        action="measure.standing_changed" if measure else "list.settings_changed",
        kind=change.kind,
        object_id=change.object_id,
        visibility=Change.Visibility.STATUS if measure else Change.Visibility.PUBLIC,
    )


def _of_rule(rule: Reread, root: str, *, own: bool) -> dict[str, Any]:
    """In the shape of RereadShape."""
    query = {"list": rule.list, "agency": rule.agency, "id": rule.measure}
    if own and rule.what == Collected.MEASURES:
        query["agency"] = ME
    asked = urlencode({name: value for name, value in query.items() if value})
    return {
        "what": str(rule.what),
        "list": rule.list or None,
        "agency": rule.agency,
        "measure": rule.measure,
        "url": None if rule.gone else f"{root}{rule.what}{'?' if asked else ''}{asked}",
    }
