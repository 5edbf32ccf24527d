"""Deciding on what was seen: ETags that name a version, and If-Match."""

import datetime as dt
import hashlib
import json
import re
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.access import today

Shaped = dict[str, Any]
TAG = re.compile(r'(?:W/)?"([^"]*)"')  # "3.9f2c…" or W/"3.9f2c…"
VERSION = re.compile(r"([0-9]{1,9})(?:\.[0-9a-f]+)?")  # version and hash, or the version alone
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
    text = json.dumps([shaped, get_language(), on or today()], cls=DjangoJSONEncoder, sort_keys=True)
    hashed = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f'"{version}.{hashed}"' if version else f'"{hashed}"'


def tagged(shaped: Shaped, *, status: int = 200) -> Response:
    """An object with a version, and its ETag."""
    return Response(shaped, status=status, headers={"ETag": etag_of(shaped, shaped["version"])})


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
