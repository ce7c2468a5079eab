"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def muster(request: HttpRequest) -> dict[str, Any]:
    """The reader's theme, and whether this is a debugging server."""
    user = getattr(request, "user", None)
    return {"theme": getattr(user, "theme", "auto"), "debug_pages": settings.DEBUG}
