"""What every API answer shares: problem+json errors, cursor lists, and a JSON reader that trusts nothing."""

import json
import logging
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DataError, IntegrityError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import BaseParser
from rest_framework.response import Response
from rest_framework.utils.serializer_helpers import ReturnDict

from core.errors import Refused

if TYPE_CHECKING:
    from rest_framework.routers import SimpleRouter

log = logging.getLogger(__name__)
DEEPEST = 64


def router() -> "SimpleRouter":
    """A router that answers every address with and without the slash at its end: a POST must never be redirected."""
    from rest_framework.routers import SimpleRouter  # rest_framework reads this module while it is itself being read

    found = SimpleRouter()
    found.trailing_slash = "/?"
    return found


class NewestFirst(CursorPagination):
    """Lists answer {"next", "previous", "results"}, newest first; ?page_size= up to 200."""

    ordering: str | tuple[str, ...] = "-pk"
    page_size_query_param = "page_size"
    max_page_size = 200

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (exceptions.NotFound, ValueError, ModelValidationError, DataError):
            sentence = "This is not a cursor of this list. Follow “next” and “previous” as they are."
            raise exceptions.ValidationError({"cursor": [sentence]}) from None

    def get_page_size(self, request: Any) -> int | None:
        asked = request.query_params.get(self.page_size_query_param)
        if asked is not None and not (asked.isascii() and asked.isdigit() and 0 < int(asked[:9]) <= self.max_page_size):
            sentence = f"It must be a whole number from 1 to {self.max_page_size}."
            raise exceptions.ValidationError({self.page_size_query_param: [sentence]})
        return super().get_page_size(request)


class StrictJSONParser(BaseParser):
    """Reads a JSON body. NaN, lone surrogates, NUL and absurd depth are refused with a sentence, never a 500."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        raw = stream.read() if stream is not None else b""
        try:
            found = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
        except RecursionError:
            raise exceptions.ParseError("The JSON is nested too deeply.") from None
        except ValueError as error:
            raise exceptions.ParseError(f"The body is not JSON: {str(error)[:200]}") from None
        trouble = _unstorable(found, 0)
        if trouble:
            raise exceptions.ParseError(trouble)
        return found


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _unstorable(value: Any, depth: int) -> str:
    """Why PostgreSQL could not keep this value; empty if it can."""
    if depth > DEEPEST:
        return f"The JSON is nested more than {DEEPEST} deep."
    if isinstance(value, str):
        if "\x00" in value:
            return "Text must not contain the NUL character."
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            return "Text must not contain lone surrogates."
    elif (isinstance(value, float) and (value in (float("inf"), float("-inf")))) or (
        isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**63 - 1
    ):
        return "A number is too large."
    elif isinstance(value, list):
        return next((trouble for item in value if (trouble := _unstorable(item, depth + 1))), "")
    elif isinstance(value, dict):
        return next(
            (trouble for pair in value.items() for part in pair if (trouble := _unstorable(part, depth + 1))), ""
        )
    return ""


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """RFC 9457 problem+json for every refusal the API knows; None (a 500) for what nobody foresaw."""
    if isinstance(error, Refused):
        return _answer(error.status, error.sentence, code=error.code)
    if isinstance(error, Http404):
        return _answer(404, "There is nothing here that you may see.", code="not_found")
    if isinstance(error, PermissionDenied):
        return _answer(403, str(error) or "Your role does not allow this.", code="not_allowed")
    if isinstance(error, IntegrityError):
        log.warning("The database declined a change", extra={"error": str(error)[:300]})
        return _answer(
            409,
            "Something else changed at the same moment, or this stands already. Nothing was changed.",
            code="conflict",
        )
    if isinstance(error, exceptions.ValidationError):
        fields = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
        return _answer(400, _first_sentence(fields), code="invalid", errors=fields)
    if isinstance(error, exceptions.APIException):
        answer = _answer(error.status_code, str(error.detail), code=str(error.default_code))
        if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
            answer["WWW-Authenticate"] = 'Bearer realm="Muster"'
        if isinstance(error, exceptions.Throttled) and (wait := getattr(error, "wait", None)):
            answer["Retry-After"] = str(int(wait) + 1)
        return answer
    return None


def _first_sentence(fields: Any, name: str = "") -> str:
    if isinstance(fields, dict | ReturnDict):
        for key, value in fields.items():
            found = _first_sentence(value, "" if key == "non_field_errors" else f"{name}{key}: ")
            if found:
                return found
        return ""
    if isinstance(fields, list | tuple):
        return next((found for value in fields if (found := _first_sentence(value, name))), "")
    return f"{name}{fields}"


TITLES = {
    400: "That cannot be done as asked",
    401: "Who is asking?",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Refused",
    413: "Too large",
    415: "Unsupported media type",
    429: "Too many requests",
}


def _answer(code_number: int, detail: str, **more: Any) -> Response:
    title = TITLES.get(code_number, "Refused")
    body = {"type": "about:blank", "title": title, "status": code_number, "detail": detail, **more}
    return Response(body, status=code_number or status.HTTP_400_BAD_REQUEST, content_type="application/problem+json")
