"""The OpenAPI document, and our own page over it (which needs no script and no other host)."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from agencies.access import Verb, access


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of this process; the same for everyone."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call, no-any-return]


@access(Verb.READ)
@require_safe
def openapi(request: HttpRequest) -> JsonResponse:
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address, as the page shows it."""

    method: str
    path: str
    text: str
    parameters: list[dict[str, Any]]
    body: list[tuple[str, dict[str, Any]]]
    answer: list[tuple[str, dict[str, Any]]]


@access(Verb.READ)
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """接口: a first request to paste, then every operation."""
    context = {"operations": _operations(), "base": f"{settings.SITE_URL}/api/v1"}
    return render(request, "api/docs.html", context)


def _operations() -> list[Operation]:
    return [
        Operation(
            method=method.upper(),
            path=path,
            text=operation.get("description", ""),
            parameters=[p for p in operation.get("parameters", []) if p["in"] != "path"],
            body=_fields(_sent(operation)),
            answer=_fields(_answer(operation)),
        )
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]


def _sent(operation: dict[str, Any]) -> dict[str, Any]:
    """What a request holds; it has one content type."""
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    return next(iter(content.values()), {})


def _answer(operation: dict[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = next((a for status, a in operation["responses"].items() if status.startswith("2")), {})
    content: dict[str, Any] = good.get("content", {}).get("application/json", {})
    return content


def _fields(content: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The fields of the object that a body or an answer (or a list of them) refers to."""
    found = _resolved(content.get("schema", {}))
    # A page of a list is shown as the objects in it.
    results = found.get("properties", {}).get("results", {}).get("items")
    return list((_resolved(results) if results else found).get("properties", {}).items())


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document()["components"]["schemas"].get(name, schema)
    return found
