"""Holds real answers of the API to its own OpenAPI document."""

from typing import Any

from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker

API = "/api/v1"
PROBLEM = "application/problem+json"


def strict(schema: Any) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema: `nullable` spelt out, and no fields beyond those it names."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: strict(part) for name, part in schema.items() if name != "nullable"}
    if made.get("type") == "object" and "properties" in made:
        made.setdefault("additionalProperties", False)
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made


def document_of(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{API}/openapi.json").json()
    return found


def departures(document: dict[str, Any], path: str, response: Any, *, method: str = "get") -> list[str]:
    """Where an answer departs from what the document says of this path, method, status and content type."""
    operation = document["paths"][API + path][method]
    said = operation["responses"].get(str(response.status_code))
    if said is None:
        return [f"{response.status_code} is not documented"]
    kind = response["Content-Type"].partition(";")[0]
    content = said.get("content", {}).get(kind)
    if content is None:
        return [f"{kind} is not documented for {response.status_code}"]
    schema = {"components": strict(document["components"]), **strict(content["schema"])}
    found = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(response.json())
    return [f"{error.json_path}: {error.message[:200]}" for error in found]
