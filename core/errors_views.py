"""Answers for what went wrong: pages with dignity for people, problem+json for programs."""

import logging
import sys
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import defaults

from core import patience

log = logging.getLogger(__name__)
AGAIN_SECONDS = 5
NO_DATABASE = "Muster cannot reach its database at the moment. Send this again in a few seconds."


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without its token: mostly a page that stood open over a sign-out."""
    return render(request, "errors/csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request itself was broken."""
    return _problem(request, 400, "That cannot be read", "The request is broken.") or defaults.bad_request(
        request, exception
    )


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The role does not carry it."""
    return _problem(request, 403, "Not allowed", "Your role does not allow this.") or defaults.permission_denied(
        request, exception
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing is there, or nothing that this reader may see: the same answer."""
    return _problem(request, 404, "Not found", "There is nothing here that you may see.") or defaults.page_not_found(
        request, exception
    )


def broken(request: HttpRequest) -> HttpResponse:
    """Something in Muster failed. No word of the failure gets out; the log has it. Whatever fails, wherever it fails,
    arrives here, so here it is told apart whether only the database is away."""
    error = sys.exc_info()[1]
    if patience.is_away(error):
        return without_database(request, error)
    return _problem(
        request, 500, "Muster failed", "Something failed on our side. Nothing was changed; the log says more."
    ) or defaults.server_error(request)


def without_database(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """503: PostgreSQL is away or does not answer. One line in the log, a page that needs nothing of it, and when to
    come again. It says nothing of what was changed: where the line broke in a commit, nobody knows."""
    reason = (str(error).strip().splitlines() or [""])[0][:200]
    log.warning("No database for %s %s", request.method, request.path, extra={"error": reason})
    if not (answer := _problem(request, 503, "No database", NO_DATABASE)):
        if request.headers.get("HX-Request"):
            sentence = _("Muster cannot reach its database at the moment. Try again in a few seconds.")
            answer = HttpResponse(render_to_string("_refused.html", {"sentence": sentence}), status=503)
            answer["HX-Retarget"], answer["HX-Reswap"] = "#refusals", "innerHTML"
        else:
            answer = HttpResponse(render_to_string("503.html"), status=503)
    answer["Retry-After"], answer["Cache-Control"] = str(AGAIN_SECONDS), "no-store"
    answer._has_been_logged = True  # type: ignore[attr-defined]  # Django would add a traceback for each
    return answer


def _problem(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse | None:
    if not request.path.startswith("/api/"):
        return None
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")
