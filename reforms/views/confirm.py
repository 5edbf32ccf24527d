"""Preview, then confirm: a page shows what would change, and carries it out only when just that was seen."""

import hashlib

from django.http import HttpRequest

SEEN = "seen"


def key_of(*facts: object) -> str:
    """A short key of what a preview shows."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def was_seen(request: HttpRequest, key: str) -> bool:
    """Whether the form comes from a preview that showed just this."""
    return request.POST.get(SEEN) == key


def sent(request: HttpRequest) -> list[tuple[str, str]]:
    """What was sent, to be sent again with the confirmation."""
    left_out = {SEEN, "csrfmiddlewaretoken"}
    return [(name, value) for name, values in request.POST.lists() if name not in left_out for value in values]
