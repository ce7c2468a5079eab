"""Answers for what went wrong: pages with dignity for people, problem+json for programs."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults


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
    """Something in Muster failed. No word of the failure gets out; the log has it."""
    return _problem(
        request, 500, "Muster failed", "Something failed on our side. Nothing was changed; the log says more."
    ) or defaults.server_error(request)


def _problem(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse | None:
    if not request.path.startswith("/api/"):
        return None
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")
