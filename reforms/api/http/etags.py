"""Deciding on what was seen: ETags that name a version, If-Match, and answers that nobody need read again.

An ETag is `"version.body-state"`: the version only where the object has one; a hash of what is shown; and, where all
that is shown comes from the change log, a hash of where the portal stood (Conditional). An answer is not sent again
when either is the same: the state is known before anything is read, the body lets pass what was written elsewhere.
"""

import datetime as dt
import hashlib
import re
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agencies.access import today
from reforms.api.http.authentication import principal
from reforms.api.http.rendering import to_json
from reforms.columns.altered import LogHead
from reforms.lib.answers import ANSWERS, AS_SHOWN, state_of

Shaped = dict[str, Any]
TAG = re.compile(r'(?:W/)?"([^"]*)"')  # "3.9f2c…" or W/"3.9f2c…"
VERSION = re.compile(r"([0-9]{1,9})(?:\.[0-9a-f-]+)?")  # version and hashes, or the version alone
NO_VERSION = 0  # no object has it


class NeedsIfMatch(APIException):
    """428: whoever decides says what they saw."""

    status_code = 428
    default_code = "if_match_required"

    def __init__(self) -> None:
        super().__init__(_("请在 If-Match 中给出您所见版本的 ETag。"))


class BadIfMatch(APIException):
    """400: what was sent is not one ETag."""

    status_code = 400
    default_code = "bad_if_match"

    def __init__(self) -> None:
        super().__init__(_('If-Match 应为一个 ETag，照答复中的原样发回，如 "3"。'))


class DraftExists(APIException):
    """409: the agency has a draft on the measure already; `current` is it."""

    status_code = 409
    default_code = "draft_exists"

    def __init__(self, current: Any) -> None:
        self.current = current
        super().__init__(_("本单位在这条举措上已有草稿，见 current；请用 PATCH 修改它。"))


class Outdated(APIException):
    """412: the object moved on; `current` is what it is now."""

    status_code = 412
    default_code = "outdated"

    def __init__(self, current: Any) -> None:
        self.current = current
        super().__init__(_("对象已被改动，现状见 current；请按现状决定后再试。"))


def etag_of(shaped: Shaped, version: int | None = None, *, on: dt.date | None = None) -> str:
    """The version, where there is one, and a hash of what is shown, of the language and of the business date."""
    # Sorted, so that two processes that fill an object in another order name it alike.
    text = to_json([shaped, get_language(), on or today()], sorted_keys=True)
    hashed = hashlib.sha256(text).hexdigest()[:AS_SHOWN]
    return f'"{version}.{hashed}"' if version else f'"{hashed}"'


def tagged(shaped: Shaped, *, status: int = 200) -> Response:
    """An object with a version, and its ETag."""
    return Response(shaped, status=status, headers={"ETag": etag_of(shaped, shaped["version"])})


class Unchanged(APIException):
    """304, decided before anything is read; no error, but the way out of a view that has not begun."""

    status_code = 304

    def __init__(self, tag: str) -> None:
        self.tag = tag
        super().__init__()


class GivenBefore(APIException):
    """200 with what was answered before, when nothing was logged since; no error either."""

    status_code = 200

    def __init__(self, answer: HttpResponse) -> None:
        self.answer = answer
        super().__init__()


class Conditional(APIView):
    """Answers 304 where the caller's If-None-Match says that they have what would be sent.

    `told_by_log` where whatever an answer shows is written together with an entry of the change log: as long as the log
    stands where it stood, nothing needs to be read. Everywhere else, and when only something else was written, the
    answer is made and its body compared.
    """

    told_by_log: ClassVar[bool] = False
    state = ""
    head = LogHead(0, "")  # up to which the log had been written before anything was read

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises Unchanged and GivenBefore."""
        super().initial(request, *args, **kwargs)
        if self.told_by_log and request.method in {"GET", "HEAD"}:
            self.head = LogHead.now()
            self.state = _state_of(request, self.head)
            for tag in _held(request):
                # The whole ETag ends in the state of the log: whoever holds it needs no answer, and nothing is read.
                if tag[1].endswith(f"-{self.state}"):
                    raise Unchanged(tag[0])
            answer = ANSWERS.again(self.state)
            if answer:
                raise GivenBefore(answer)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Unchanged):
            # Proxies that compress weaken an ETag on its way to the caller; ours is the strong one.
            return Response(status=exc.status_code, headers={"ETag": exc.tag.removeprefix("W/")})
        if isinstance(exc, GivenBefore):
            given: Response = _compared(self.request._request, exc.answer, self.state)
            return given
        return super().handle_exception(exc)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        # One that was given before has been compared, and is rendered.
        if request.method in {"GET", "HEAD"} and answer.status_code == 200 and isinstance(answer, Response):
            # Not before: the body that is hashed and kept is known only once it is rendered.
            answer.add_post_render_callback(lambda made: self._kept(request._request, made))
        return answer

    def _kept(self, request: Any, made: Response) -> Any:
        if self.state:
            ANSWERS.keep(self.state, made)
        return _compared(request, made, self.state)


def _held(request: Any) -> "list[re.Match[str]]":
    """The ETags that a caller names as those of what they hold."""
    return list(TAG.finditer(request.headers.get("If-None-Match", "")))


def _compared(request: Any, made: Any, state: str) -> Any:
    """The answer with its whole ETag, or 304 to whoever has the same body. The ETag names the state of before the
    answer was read, so that whatever was written meanwhile makes the next one another."""
    body = made.headers.get("ETag", "").strip('"') or hashlib.sha256(made.content).hexdigest()[:AS_SHOWN]
    made.headers["ETag"] = f'"{body}-{state}"' if state else f'"{body}"'
    same = next((tag[0] for tag in _held(request) if tag[1].partition("-")[0] == body), None)
    return get_conditional_response(request, etag=same.removeprefix("W/"), response=made) if same else made


def _state_of(request: Request, head: LogHead) -> str:
    who = principal(request)
    # Whatever may alter the answer belongs here: one that was kept for somebody must not be given to another.
    rights = [who.user_id, who.token_id, who.read_only, who.reach]
    return state_of((head.sequence, head.hash), rights, [request.build_absolute_uri(), request.headers.get("Accept")])


def seen_version(request: Request) -> int:
    """The version that If-Match names; only it is compared, so that an object shown in another language or on another
    day is still the same. Proxies that compress make an ETag weak (W/): it counts all the same. Raises NeedsIfMatch and
    BadIfMatch."""
    given = request.headers.get("If-Match", "").strip()
    # * would decide on whatever is there.
    if given in {"", "*"}:
        raise NeedsIfMatch
    tag = TAG.fullmatch(given)
    if tag is None:
        raise BadIfMatch
    version = VERSION.fullmatch(tag[1])
    return int(version[1]) if version else NO_VERSION
