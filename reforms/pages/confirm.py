"""Preview, then confirm: a page shows what would change, and carries it out only when just that was seen."""

import hashlib
from typing import Any

from django.http import HttpRequest

SEEN = "seen"


def key_of(*facts: object) -> str:
    """A short key of what a preview shows."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def was_seen(request: HttpRequest, key: str) -> bool:
    """Whether the form comes from a preview that showed just this."""
    return request.POST.get(SEEN) == key


def to_confirm(request: HttpRequest, key: str, fields: "list[str]") -> dict[str, Any]:
    """What parts/confirm.html needs: these fields of the form, to be sent again with the confirmation; and whether
    something changed since an earlier preview."""
    # Every value of a field, since one of many ticks is sent as often as it is ticked.
    sent = [(name, value) for name in fields for value in request.POST.getlist(name)]
    return {"seen": key, "sent": sent, "changed": SEEN in request.POST}
