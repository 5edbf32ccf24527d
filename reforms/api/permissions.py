"""Holds the API to the rules: each view names a verb per action, and an action that names none is shut."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from agencies.rules import may
from reforms.api.authentication import principal


class DenyByDefault(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        if view.action is None:  # a method this address does not have: answered with 405, nothing is run
            return True
        verb = getattr(view, "verbs", {}).get(view.action)
        return verb is not None and may(principal(request), verb)
