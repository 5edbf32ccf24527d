"""Idempotency-Key on every POST of the API: the one place where it is read."""

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from reforms.api.http.authentication import principal
from reforms.api.http.rendering import to_json
from reforms.models import concurrency

TRY_AGAIN = frozenset({409, 412, 428, 429})  # nothing was decided: the same request may come again
BELONGING = ("ETag", "Location")
Handler = Callable[..., Response]


class KeyReused(APIException):
    """422: this key was sent before with something else."""

    status_code = 422
    default_code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(_("这个 Idempotency-Key 已用于另一个请求，请换一个。"))


class InProgress(APIException):
    """409: the same request is being worked on."""

    status_code = 409
    default_code = "in_progress"
    wait = 1

    def __init__(self) -> None:
        super().__init__(_("同一个请求正在办理，请稍后用同一个 Idempotency-Key 再试。"))


class OncePerKey:
    """For views: with an Idempotency-Key a POST is done once, and answered the same whenever it is sent again.

    Every answer below 500 is kept, but for those that ask to try again.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]  # of the view that this is mixed into
        # By now it is known who calls and that they may: keys are kept for each caller.
        key = request.headers.get("Idempotency-Key", "")
        if request.method == "POST" and key and hasattr(self, "post"):
            self.post: Handler = partial(self._once, key, self.post)

    def _once(self, key: str, handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Response:
        turn = _begin(request, key)
        if isinstance(turn, concurrency.KeptAnswer):
            return _replayed(turn)
        try:
            response = self._answer(handler, request, *args, **kwargs)
        except Exception:
            concurrency.abandon(turn)
            raise
        if response.status_code in TRY_AGAIN:
            concurrency.abandon(turn)
        else:
            concurrency.finish(turn, _kept(response))
        return response

    def _answer(self, handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What the view answers, refusals included; raises what would be a 500."""
        try:
            return handler(request, *args, **kwargs)
        except Exception as error:
            response: Response = self.handle_exception(error)  # type: ignore[attr-defined]  # of the view
            return response


def _begin(request: Request, key: str) -> concurrency.Attempt | concurrency.KeptAnswer:
    try:
        return concurrency.start(caller_of(request), key, fingerprint_of(request))
    except concurrency.KeyTaken:
        raise KeyReused from None
    except concurrency.KeyInUse:
        raise InProgress from None


def caller_of(request: Request) -> str:
    """Whose keys these are."""
    who = principal(request)
    return f"t{who.token_id}" if who.token_id else f"u{who.user_id}"


def fingerprint_of(request: Request) -> str:
    """A hash of address and content. JSON counts by what it says, a form by its fields and files: their boundary is
    another each time it is sent."""
    content = request.data
    parts = _parts(content) if isinstance(content, QueryDict) else [json.dumps(content, sort_keys=True)]
    return concurrency.digest("\n".join([request.get_full_path(), *parts]))


def _parts(content: QueryDict) -> Iterator[str]:
    for name, values in sorted(content.lists()):
        for value in values:
            said = _file(value) if isinstance(value, UploadedFile) else json.dumps(value)
            yield f"{json.dumps(name)}: {said}"


def _file(upload: "UploadedFile[bytes]") -> str:
    content = hashlib.sha256()
    for chunk in upload.chunks():
        content.update(chunk)
    upload.seek(0)  # the view reads it again
    return f"{json.dumps(upload.name)} {content.hexdigest()}"


def _kept(response: Response) -> concurrency.KeptAnswer:
    body = to_json(response.data).decode()
    headers = {name: response[name] for name in BELONGING if response.has_header(name)}
    if response.content_type:
        headers["Content-Type"] = response.content_type
    return concurrency.KeptAnswer(response.status_code, body, headers)


def _replayed(answer: concurrency.KeptAnswer) -> Response:
    headers = {**answer.headers, "Idempotency-Replayed": "true"}
    kind = headers.pop("Content-Type", None)
    data = json.loads(answer.body) if answer.body else None
    return Response(data, answer.status, headers=headers, content_type=kind)
