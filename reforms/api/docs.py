"""The OpenAPI document, and our own page over it (which needs no script and no other host)."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from agencies.access import Verb, access


@cache
def document(language: str = settings.LANGUAGE_CODE) -> dict[str, Any]:
    """The OpenAPI document of this process, the same for everyone; what filters are called is said in the language."""
    with translation.override(language):
        return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call, no-any-return]


@access(Verb.READ)
@require_safe
def openapi(request: HttpRequest) -> JsonResponse:
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


@dataclass(frozen=True, slots=True)
class DescribedField:
    """A parameter, or a field of what is sent or answered: of which `kind`, whether it `repeats`."""

    name: str
    text: str
    kind: str = ""
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address, as the page shows it."""

    method: str
    path: str
    text: str
    parameters: list[DescribedField]
    body: list[DescribedField]
    answer: list[DescribedField]


@access(Verb.READ)
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """接口: a first request to paste, then every operation."""
    operations = _operations(translation.get_language() or settings.LANGUAGE_CODE)
    context = {"operations": operations, "base": f"{settings.SITE_URL}/api/v1"}
    return render(request, "api/docs.html", context)


def _operations(language: str) -> list[Operation]:
    whole = document(language)
    schemas = whole["components"]["schemas"]
    return [
        Operation(
            method=method.upper(),
            path=path,
            text=_said(operation),
            parameters=[
                DescribedField(p["name"], _said(p), repeats=p["schema"].get("type") == "array")
                for p in operation.get("parameters", [])
                if p["in"] != "path"
            ],
            body=_fields(_sent(operation), schemas),
            answer=_fields(_answer(operation), schemas),
        )
        for path, methods in whole["paths"].items()
        for method, operation in methods.items()
    ]


def _said(described: dict[str, Any]) -> str:
    """Its description in the language of the page; the document's own are English."""
    text = described.get("description", "")
    # An empty message would be the head of the catalogue.
    return translation.gettext(text) if text else ""


def _sent(operation: dict[str, Any]) -> dict[str, Any]:
    """What a request holds; it has one content type."""
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    return next(iter(content.values()), {})


def _answer(operation: dict[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = next((a for status, a in operation["responses"].items() if status.startswith("2")), {})
    content: dict[str, Any] = good.get("content", {}).get("application/json", {})
    return content


def _fields(content: dict[str, Any], schemas: dict[str, Any]) -> list[DescribedField]:
    """The fields of the object that a body or an answer (or a list of them) refers to."""

    def resolved(schema: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
        return found

    found = resolved(content.get("schema", {}))
    # A page of a list is shown as the objects in it.
    results = found.get("properties", {}).get("results", {}).get("items")
    properties = (resolved(results) if results else found).get("properties", {})
    return [DescribedField(name, _said(schema), kind=schema.get("type", "")) for name, schema in properties.items()]
