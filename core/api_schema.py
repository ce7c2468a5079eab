"""What the API's description says of every call: how an error looks."""

from typing import Any

PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457): `detail` is a sentence, `code` a stable word, `errors` are by field.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": True},
    },
    "required": ["type", "title", "status", "detail"],
}
ANSWER = {
    "description": "Not done, and why.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
METHODS = {"get", "post", "put", "patch", "delete"}


def tell_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """The description, with the one shape of errors as every call's default answer."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for methods in result.get("paths", {}).values():
        for method in METHODS & methods.keys():
            methods[method].setdefault("responses", {}).setdefault("default", ANSWER)
    return result
