"""What the OpenAPI document says of every operation: its parameters come from the filters, its errors are problems."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.pagination import BasePagination

from agencies.access import Verb
from reforms.api.http.cursors import CONTROLS, LARGEST_PAGE
from reforms.lib.filters import Many, StrictFilter

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "instance", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
    },
}
CONTROL_TEXTS: dict[str, tuple[Any, str]] = {
    "cursor": (str, "Where the page begins; taken from `next` or `previous`."),
    "page_size": (int, f"1 to {LARGEST_PAGE}, 50 by default."),
    "count": (bool, "Also count all rows."),
    "fields": (str, "Only these fields, separated by commas."),
}


CURRENT = {"type": "object", "additionalProperties": True, "description": "The object as it is now."}
WITH_CURRENT = {**PROBLEM_SCHEMA, "properties": {**PROBLEM_SCHEMA["properties"], "current": CURRENT}}
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Sent again within 24 h with the same content, it is done once and answered the same.",
)
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag of the object as you saw it."
)


class CursorPages(BasePagination):
    """Tells drf-spectacular what a page looks like; reforms.api.http.cursors makes them."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": link,
                "previous": link,
                "count": {"type": "integer", "description": "With count=true."},
                "results": schema,
            },
        }


class SequencedPages(CursorPages):
    """The first page names where the change log stood, and the day it was read for."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        text = "On the first page: `changes?after=` goes on from here."
        page["properties"]["sequence"] = {"type": "integer", "description": text}
        day = "On the first page: the business date in Asia/Shanghai as of which lights are shown."
        page["properties"]["on"] = {"type": "string", "format": "date", "description": day}
        return page


class PortalSchema(AutoSchema):
    """Adds the filters' parameters and the errors to what drf-spectacular finds out by itself."""

    def get_override_parameters(self) -> list[Any]:
        action = getattr(self.view, "action", "")
        if self.method != "GET":
            return [*([KEY] if self.method == "POST" else []), *([IF_MATCH] if self._is_matched() else [])]
        if action not in {"list", "reports"}:
            return []
        filters: type[StrictFilter] | None = getattr(self.view, "filters", None) if action == "list" else None
        declared = [_of_filter(name, found) for name, found in filters.base_filters.items()] if filters else []
        return declared + [_of_control(name) for name in sorted(CONTROLS)]

    def _is_matched(self) -> bool:
        return getattr(self.view, "action", "") in getattr(self.view, "if_match", ())

    def _is_for_anyone(self) -> bool:
        return getattr(self.view, "verbs", {}).get(getattr(self.view, "action", "")) == Verb.READ

    def get_filter_backends(self) -> list[Any]:
        return []

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)  # type: ignore[no-untyped-call]
        matched = {"412": "Changed meanwhile", "428": "If-Match is missing"} if self._is_matched() else {}
        refused = {} if self._is_for_anyone() else {"403": "Not allowed"}
        for status, text in {**_errors(self.method, self.path), **refused, **matched}.items():
            schema = WITH_CURRENT if status in {"409", "412"} else PROBLEM_SCHEMA
            content = {"application/problem+json": {"schema": schema}}
            responses.setdefault(status, {"description": text, "content": content})
        return responses


def _of_filter(name: str, found: Any) -> OpenApiParameter:
    many = isinstance(found, Many)
    return OpenApiParameter(name=name, type=str, many=many, explode=many or None, description=str(found.label))


def _of_control(name: str) -> OpenApiParameter:
    kind, text = CONTROL_TEXTS[name]
    return OpenApiParameter(name=name, type=kind, description=text)


def _errors(method: str, path: str) -> dict[str, str]:
    errors = {"400": "Bad request", "401": "No valid token or session"}
    if "{" in path:
        errors |= {"403": "Not allowed", "404": "Not found"}  # the object may be another agency's
    if method != "GET":
        errors |= {"415": "Not the content type named above", "422": "Cannot be done"}
    if method == "POST":
        errors |= {"409": "The same key is being worked on, or there is such an object already"}
    return errors
