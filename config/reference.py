"""The API reference: a page made from the OpenAPI description, without any script."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

from accounts.access import needs

METHODS = ("get", "post", "put", "patch", "delete")
FAMILIES = {"get": "blue", "post": "green", "put": "amber", "patch": "amber", "delete": "red"}


@dataclass(frozen=True)
class Value:
    """One parameter or one field of a body."""

    name: str
    kind: str
    text: str
    is_required: bool
    is_read_only: bool = False


@dataclass(frozen=True)
class Call:
    """One call: what to send, what comes back."""

    method: str
    path: str
    text: str
    family: str
    identity: str
    parameters: list[Value] = field(default_factory=list)
    body: list[Value] = field(default_factory=list)
    answers: list[tuple[str, str, list[Value]]] = field(default_factory=list)


@needs()
def show(request: HttpRequest) -> HttpResponse:
    """Every call, by noun."""
    context = {"sections": sections(), "base": settings.PUBLIC_URL}
    return render(request, "core/api_reference.html", context)


@lru_cache(maxsize=1)
def sections() -> list[tuple[str, list[Call]]]:
    """Nouns and their calls, read once a process from the description."""
    description = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return read(description)


def read(description: dict[str, Any]) -> list[tuple[str, list[Call]]]:
    """Nouns in alphabetical order, each with its calls in the order of their addresses."""
    known = description.get("components", {}).get("schemas", {})
    found: dict[str, list[Call]] = {}
    for path, methods in description.get("paths", {}).items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                noun = (operation.get("tags") or ["other"])[0]
                found.setdefault(noun, []).append(_call(method, path, operation, known))
    return sorted(found.items())


def _call(method: str, path: str, operation: dict[str, Any], known: dict[str, Any]) -> Call:
    return Call(
        method=method.upper(),
        path=path,
        text=operation.get("description", "") or operation.get("summary", ""),
        family=FAMILIES[method],
        identity=operation.get("operationId", f"{method}{path}"),
        parameters=[
            Value(
                name=given["name"],
                kind=_kind(given.get("schema", {}), known),
                text=given.get("description", "") or given.get("schema", {}).get("description", ""),
                is_required=bool(given.get("required")),
            )
            for given in operation.get("parameters", [])
        ],
        body=[value for value in _fields(_content(operation.get("requestBody", {})), known) if not value.is_read_only],
        answers=[
            (code, answer.get("description", ""), _fields(_content(answer), known))
            for code, answer in operation.get("responses", {}).items()
            if code != "default"
        ],
    )


def _content(holder: dict[str, Any]) -> dict[str, Any]:
    for media in holder.get("content", {}).values():
        schema: dict[str, Any] = media.get("schema", {})
        return schema
    return {}


def _resolved(schema: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return _resolved(known.get(schema["$ref"].rpartition("/")[2], {}), known)
    if len(schema.get("allOf", [])) == 1:
        return {**_resolved(schema["allOf"][0], known), **{key: schema[key] for key in schema if key != "allOf"}}
    return schema


def _fields(schema: dict[str, Any], known: dict[str, Any]) -> list[Value]:
    whole = _resolved(schema, known)
    if whole.get("type") == "array":
        whole = _resolved(whole.get("items", {}), known)
    required = set(whole.get("required", []))
    return [
        Value(
            name=name,
            kind=_kind(part, known),
            text=part.get("description", ""),
            is_required=name in required,
            is_read_only=bool(part.get("readOnly")),
        )
        for name, part in whole.get("properties", {}).items()
    ]


def _kind(schema: dict[str, Any], known: dict[str, Any]) -> str:
    """What a value may be, in a few words: "string (date-time)", "one of: high, low", "list of integer"."""
    part = _resolved(schema, known)
    for either in ("oneOf", "anyOf"):
        if either in part:
            kinds = dict.fromkeys(_kind(option, known) for option in part[either])
            return " or ".join(kind for kind in kinds if kind)
    if "enum" in part:
        return "one of: " + ", ".join(str(word) for word in part["enum"] if word not in {None, ""})
    kind = part.get("type", "")
    if isinstance(kind, list):
        kind = " or ".join(kind)
    if kind == "array":
        return f"list of {_kind(part.get('items', {}), known) or 'anything'}"
    return f"{kind} ({part['format']})" if part.get("format") else str(kind or "object")
