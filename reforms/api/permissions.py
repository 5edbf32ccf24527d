"""Holds the API to the rules: each view names a verb per action, and an action that names none is shut."""

from collections.abc import Mapping
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from agencies.access import Verb, may
from reforms.api.http.authentication import principal

Verbs = Mapping[str, Verb | tuple[Verb, ...]]


class DenyByDefault(BasePermission):
    """Several verbs for one action: any of them opens it, and the object says which one counts."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if view.action is None:  # a method this address does not have: answered with 405, nothing is run
            return True
        named = getattr(view, "verbs", {}).get(view.action, ())
        verbs = named if isinstance(named, tuple) else (named,)
        who = principal(request)
        return any(may(who, verb) for verb in verbs)
