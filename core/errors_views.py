"""Pages for what went wrong, with dignity."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without its token: mostly a page that stood open over a sign-out."""
    return render(request, "errors/csrf.html", status=403)
