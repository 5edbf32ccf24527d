"""What a preview showed, for the person to whom it was shown to send back within a day."""

import json
from typing import Any

from django.core import signing
from django.http import HttpRequest

SECONDS_TO_CONFIRM = 24 * 60 * 60
Shown = dict[str, Any]


def sign(request: HttpRequest, shown: Shown, *, salt: str) -> str:
    """As a text for a hidden field."""
    return signing.dumps({"by": request.user.pk, "shown": shown}, salt=salt, compress=True)


def signed_of(request: HttpRequest, *, salt: str) -> Shown | None:
    """What was shown; None for what was not, not to this person, or too long ago."""
    try:
        signed = signing.loads(request.POST.get("plan", ""), salt=salt, max_age=SECONDS_TO_CONFIRM)
    except (signing.BadSignature, json.JSONDecodeError):
        return None
    shown: Shown = signed["shown"]
    return shown if signed["by"] == request.user.pk else None
